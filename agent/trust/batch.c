/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/batch.h"

#include "trust/entry.h"

#include <errno.h>
#include <stdlib.h>

int batch_new(const struct entry *const *entries, size_t n, struct batch **out)
{
        struct batch *batch = malloc(sizeof(*batch) + n * sizeof(batch->entries[0]));

        if (!batch)
                return -ENOMEM;

        batch->ref = (struct ref)REF_INIT;
        batch->n = n;
        for (size_t i = 0; i < n; i++)
                batch->entries[i] = entry_ref(entries[i]);
        *out = batch;
        return 0;
}

struct batch *batch_ref(const struct batch *batch)
{
        struct batch *counted = (struct batch *)batch;

        ref_get(&counted->ref);
        return counted;
}

struct batch *batch_unref(struct batch *batch)
{
        if (!batch || !ref_put(&batch->ref))
                return NULL;

        for (size_t i = 0; i < batch->n; i++)
                entry_unref((struct entry *)batch->entries[i]);
        free(batch);
        return NULL;
}
