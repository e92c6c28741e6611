/* SPDX-License-Identifier: Apache-2.0 */
#include "progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_MS 1000
#define PERIOD_MS   200

static int64_t now_ms(void)
{
        struct timespec now;

        clock_gettime(CLOCK_MONOTONIC, &now);
        return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void progress_begin(struct progress *progress, const char *what, size_t n_all)
{
        *progress = (struct progress){ .what = what, .n_all = n_all, .begin_ms = now_ms() };
}

void progress_tell(struct progress *progress, size_t n_done)
{
        int64_t now = now_ms();

        if (now < progress->begin_ms + PATIENCE_MS || now < progress->told_ms + PERIOD_MS ||
            !isatty(STDERR_FILENO))
                return;

        progress->told_ms = now;
        progress->is_told = true;
        fprintf(stderr, "\r%s: %zu of %zu\033[K", progress->what, n_done, progress->n_all);
        fflush(stderr);
}

void progress_end(struct progress *progress)
{
        if (progress->is_told)
                fputs("\r\033[K", stderr);
        progress->is_told = false;
}
