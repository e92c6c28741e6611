/* SPDX-License-Identifier: Apache-2.0 */
#include "progress.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_MS    1000
#define PERIOD_MS      200
#define LINE_WIDTH_MAX 80

struct progress {
        pthread_t thread;
        pthread_mutex_t lock; /* of all below */
        pthread_cond_t wake;
        bool is_over;
        const char *what; /* NULL: it is hidden */
        size_t n_done, n_all;
        int64_t begin_ms, what_begin_ms;
        bool is_seen; /* a line stands there */
};

static int64_t now_ms(void)
{
        struct timespec now;

        clock_gettime(CLOCK_MONOTONIC, &now);
        return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* At once, past stdio: another thread may print, or fork, meanwhile. */
static void write_text(const char *text)
{
        if (write(STDERR_FILENO, text, strlen(text)) < 0)
                return; /* nobody sees it */
}

/* What is wider than the terminal could not be taken back. */
static int line_width(void)
{
        struct winsize size;

        if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) || !size.ws_col || size.ws_col > LINE_WIDTH_MAX)
                return LINE_WIDTH_MAX;
        return size.ws_col - 1;
}

static void show(struct progress *progress, int64_t now)
{
        char text[LINE_WIDTH_MAX + 1], line[LINE_WIDTH_MAX + 16];
        int waited_s = (int)((now - progress->what_begin_ms) / 1000);

        if (progress->n_all > 1)
                snprintf(text, sizeof(text), "%s: %zu of %zu", progress->what, progress->n_done,
                         progress->n_all);
        else if (waited_s > 0)
                snprintf(text, sizeof(text), "%s: %d s", progress->what, waited_s);
        else
                snprintf(text, sizeof(text), "%s", progress->what);
        snprintf(line, sizeof(line), "\r%.*s\033[K", line_width(), text);
        write_text(line);
        progress->is_seen = true;
}

static void erase(struct progress *progress)
{
        if (progress->is_seen)
                write_text("\r\033[K");
        progress->is_seen = false;
}

static struct timespec time_in(unsigned int ms)
{
        struct timespec end;

        clock_gettime(CLOCK_MONOTONIC, &end);
        end.tv_nsec += (long)ms * 1000000;
        end.tv_sec += end.tv_nsec / 1000000000;
        end.tv_nsec %= 1000000000;
        return end;
}

static void *run(void *userdata)
{
        struct progress *progress = userdata;

        pthread_mutex_lock(&progress->lock);
        while (!progress->is_over) {
                struct timespec end = time_in(PERIOD_MS);
                int64_t now = now_ms();

                if (!progress->what) {
                        pthread_cond_wait(&progress->wake, &progress->lock);
                        continue;
                }
                if (now >= progress->begin_ms + PATIENCE_MS)
                        show(progress, now);
                pthread_cond_timedwait(&progress->wake, &progress->lock, &end);
        }
        pthread_mutex_unlock(&progress->lock);
        return NULL;
}

static bool is_wanted(void)
{
        const char *kind = getenv("TERM");

        return isatty(STDERR_FILENO) && !(kind && strcmp(kind, "dumb") == 0);
}

struct progress *progress_new(void)
{
        struct progress *progress = is_wanted() ? calloc(1, sizeof(*progress)) : NULL;
        pthread_condattr_t attributes;

        if (!progress)
                return NULL;

        progress->begin_ms = now_ms();
        pthread_mutex_init(&progress->lock, NULL);
        pthread_condattr_init(&attributes);
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
        pthread_cond_init(&progress->wake, &attributes);
        pthread_condattr_destroy(&attributes);
        if (!pthread_create(&progress->thread, NULL, run, progress))
                return progress;

        free(progress);
        return NULL;
}

struct progress *progress_free(struct progress *progress)
{
        if (!progress)
                return NULL;

        pthread_mutex_lock(&progress->lock);
        progress->is_over = true;
        pthread_cond_signal(&progress->wake);
        pthread_mutex_unlock(&progress->lock);
        pthread_join(progress->thread, NULL);

        erase(progress);
        pthread_cond_destroy(&progress->wake);
        pthread_mutex_destroy(&progress->lock);
        free(progress);
        return NULL;
}

void progress_tell(struct progress *progress, const char *what, size_t n_done, size_t n_all)
{
        if (!progress)
                return;

        pthread_mutex_lock(&progress->lock);
        if (progress->what != what)
                progress->what_begin_ms = now_ms();
        progress->what = what;
        progress->n_done = n_done;
        progress->n_all = n_all;
        pthread_cond_signal(&progress->wake);
        pthread_mutex_unlock(&progress->lock);
}

void progress_wait(struct progress *progress)
{
        progress_tell(progress, "waiting for the agent", 0, 0);
}

void progress_hide(struct progress *progress)
{
        if (!progress)
                return;

        pthread_mutex_lock(&progress->lock);
        erase(progress);
        progress->what = NULL;
        pthread_mutex_unlock(&progress->lock);
}
