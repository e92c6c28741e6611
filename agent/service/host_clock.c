/* SPDX-License-Identifier: Apache-2.0 */
#include "service/host_clock.h"

int64_t host_clock_later_s(const struct host_clock *clock)
{
        int64_t now_s = clock->now_s();

        return now_s > clock->at_least_s ? now_s : clock->at_least_s;
}

bool host_clock_is_plausible(const struct host_clock *clock)
{
        return clock->now_s() >= clock->at_least_s;
}

void host_clock_learn(struct host_clock *clock, int64_t at_least_s)
{
        if (at_least_s > clock->at_least_s)
                clock->at_least_s = at_least_s;
}
