/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Ref - the counter inside an object that is frozen and shared. Atomic: any thread may take or drop one.
 */

#include <assert.h>
#include <stdatomic.h>
#include <stdbool.h>

struct ref {
        atomic_uint n;
};

#define REF_INIT                                                                                   \
        {                                                                                          \
                1                                                                                  \
        }

/** ref_get() - one reference more; the caller must hold one already */
static inline void ref_get(struct ref *ref)
{
        unsigned int before = atomic_fetch_add_explicit(&ref->n, 1, memory_order_relaxed);

        assert(before > 0);
}

/** ref_put() - one reference less; Return: true if it was the last, so that the caller frees the object */
static inline bool ref_put(struct ref *ref)
{
        unsigned int before = atomic_fetch_sub_explicit(&ref->n, 1, memory_order_acq_rel);

        assert(before > 0);
        return before == 1;
}
