/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Storm - when to look at a store again: at once, unless looks come thick and fast. News that come
 * in a row are gathered, so that a thousand files are a few looks; looks that find nothing, because
 * others are busy in a folder above the store, are kept apart by less, so that they delay no news.
 *
 * A value without a clock; all times are monotonic.
 */

#include <stdbool.h>
#include <stdint.h>

#define STORM_BEGINS  8 /* so many in a row are none yet */
#define STORM_NEWS_NS (INT64_C(50) * 1000 * 1000)
#define STORM_IDLE_NS (INT64_C(5) * 1000 * 1000)

struct storm_row {
        int64_t last_ns;
        unsigned int n; /* looks in quick succession, but for the first */
};

struct storm {
        struct storm_row news, idle;
};

/** storm_note() - there was a look that began at @begun_ns; did it find that something was told? */
void storm_note(struct storm *storm, int64_t begun_ns, bool had_news);

/** storm_choose() - when the next look is to be, if one is wanted at @now_ns; never before that */
int64_t storm_choose(const struct storm *storm, int64_t now_ns);
