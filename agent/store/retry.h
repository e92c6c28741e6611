/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Retry - when to try again what could not be read for a reason that may pass without any sign: a
 * bad moment of a disk or a server (EIO, ESTALE), a call that was interrupted, a permission given
 * back where the kernel tells of nothing. Soon, then less often, and in the end with the sweeps
 * alone: what is wrong for a minute is not over in a moment.
 */

#include <stdbool.h>
#include <stdint.h>

#define RETRY_FIRST_NS   (INT64_C(500) * 1000 * 1000)
#define RETRY_LONGEST_NS (INT64_C(2000) * 1000 * 1000)
#define RETRY_TIMES_MAX  30

struct retry {
        unsigned int n_failed; /* in a row; 0: nothing is wrong */
        int64_t due_ns;        /* monotonic; INT64_MAX: with the next sweep */
};

#define RETRY_NULL                                                                                 \
        {                                                                                          \
                0, INT64_MAX                                                                       \
        }

/**
 * retry_may_pass() - may it be over soon?
 * @error: a positive errno about a file or directory. What a name leads to (ENOENT, ELOOP, ...)
 *         changes with an event only
 */
bool retry_may_pass(int error);

/**
 * retry_after() - it failed once more
 * @before: as it was; a failure before that is due does not count
 */
struct retry retry_after(const struct retry *before, int64_t now_ns);

static inline bool retry_is_due(const struct retry *retry, int64_t now_ns)
{
        return retry->n_failed > 0 && retry->due_ns <= now_ns;
}
