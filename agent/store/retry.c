/* SPDX-License-Identifier: Apache-2.0 */
#include "store/retry.h"

#include <errno.h>

bool retry_may_pass(int error)
{
        switch (error) {
        case 0:
        case E2BIG:
        case ELOOP:
        case ENAMETOOLONG:
        case ENOENT:
        case ENOTDIR:
        case EXDEV:
                return false;
        default:
                return true;
        }
}

struct retry retry_after(const struct retry *before, int64_t now_ns)
{
        struct retry retry = *before;
        int64_t delay_ns = RETRY_FIRST_NS;

        if (retry.n_failed > 0 && now_ns < retry.due_ns && retry.due_ns < INT64_MAX)
                return retry;
        if (retry.n_failed > RETRY_TIMES_MAX)
                return retry;

        for (unsigned int i = 0; i < retry.n_failed && delay_ns < RETRY_LONGEST_NS; i++)
                delay_ns *= 2;
        retry.n_failed++;
        retry.due_ns = retry.n_failed > RETRY_TIMES_MAX ? INT64_MAX : now_ns + delay_ns;
        return retry;
}
