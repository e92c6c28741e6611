/* SPDX-License-Identifier: Apache-2.0 */
#include "own/progress.h"

#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATIENCE_MS 1000
#define PERIOD_MS   200

static int64_t now_ms(void)
{
        return clock_monotonic_ns() / 1000000;
}

static bool is_wanted(void)
{
        const char *kind = getenv("TERM");

        return isatty(STDERR_FILENO) && !(kind && strcmp(kind, "dumb") == 0);
}

void progress_begin(struct progress *progress, const char *what, size_t n_all)
{
        *progress = (struct progress){ .what = what, .n_all = n_all, .begin_ms = now_ms() };
}

void progress_tell(struct progress *progress, size_t n_done)
{
        int64_t now = now_ms();

        if (now < progress->begin_ms + PATIENCE_MS || now < progress->told_ms + PERIOD_MS ||
            !is_wanted())
                return;

        progress->told_ms = now;
        progress->is_seen = true;
        if (progress->n_all)
                fprintf(stderr, "\r%s: %zu of %zu\033[K", progress->what, n_done, progress->n_all);
        else
                fprintf(stderr, "\r%s: %d s\033[K", progress->what,
                        (int)((now - progress->begin_ms) / 1000));
        fflush(stderr);
}

void progress_end(struct progress *progress)
{
        if (progress->is_seen)
                fputs("\r\033[K", stderr);
        progress->is_seen = false;
}
