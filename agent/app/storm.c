/* SPDX-License-Identifier: Apache-2.0 */
#include "app/storm.h"

/* Once in a storm, twice the time without any ends it. */
static void count(struct storm_row *row, int64_t begun_ns, int64_t pause_ns)
{
        int64_t gap_ns = row->n < STORM_BEGINS ? pause_ns : 2 * pause_ns;

        row->n = begun_ns - row->last_ns < gap_ns ? row->n + 1 : 0;
        row->last_ns = begun_ns;
}

void storm_note(struct storm *storm, int64_t begun_ns, bool had_news)
{
        if (had_news)
                count(&storm->news, begun_ns, STORM_NEWS_NS);
        else
                count(&storm->idle, begun_ns, STORM_IDLE_NS);
}

static int64_t choose(const struct storm_row *row, int64_t pause_ns, int64_t now_ns)
{
        int64_t later_ns = row->last_ns + pause_ns;

        return row->n < STORM_BEGINS || later_ns < now_ns ? now_ns : later_ns;
}

int64_t storm_choose(const struct storm *storm, int64_t now_ns)
{
        int64_t news_ns = choose(&storm->news, STORM_NEWS_NS, now_ns);
        int64_t idle_ns = choose(&storm->idle, STORM_IDLE_NS, now_ns);

        return news_ns > idle_ns ? news_ns : idle_ns;
}
