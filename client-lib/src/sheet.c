/* SPDX-License-Identifier: Apache-2.0 */
#include "sheet.h"

#include "proto/names.h"
#include "proto/page.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define NS_PER_S INT64_C(1000000000)

struct sheet {
        atomic_uint n_refs;
        struct page_reader *reader;
};

/* Whoever may write into the folder could have laid a page there that never ends. */
static int check_folder(const char *folder)
{
        struct stat found;

        if (stat(folder, &found) < 0)
                return -errno;
        return found.st_mode & S_IWOTH ? -EPERM : 0;
}

int sheet_open(const char *socket, struct sheet **out)
{
        CLEANUP(sheet_unrefp) struct sheet *sheet = calloc(1, sizeof(*sheet));
        const char *slash = strrchr(socket, '/');
        CLEANUP(freep)
        char *folder = slash ? strndup(socket, (size_t)(slash - socket) + 1) : strdup("./");
        CLEANUP(freep) char *path = NULL;
        int r;

        if (!sheet || !folder)
                return -ENOMEM;
        atomic_init(&sheet->n_refs, 1);

        r = check_folder(folder);
        if (r)
                return r;

        if (asprintf(&path, "%s" NAMES_PAGE, folder) < 0) {
                path = NULL;
                return -ENOMEM;
        }

        r = page_reader_open(path, &sheet->reader);
        if (r)
                return r;

        *out = TAKE(sheet);
        return 0;
}

struct sheet *sheet_ref(struct sheet *sheet)
{
        if (sheet)
                atomic_fetch_add_explicit(&sheet->n_refs, 1, memory_order_relaxed);
        return sheet;
}

struct sheet *sheet_unref(struct sheet *sheet)
{
        if (!sheet || atomic_fetch_sub_explicit(&sheet->n_refs, 1, memory_order_acq_rel) > 1)
                return NULL;

        page_reader_close(sheet->reader);
        free(sheet);
        return NULL;
}

bool sheet_is_held(const struct sheet *sheet)
{
        return sheet && page_reader_is_held(sheet->reader);
}

bool sheet_find(const struct sheet *sheet, const char *agent_id, const char *store, uint32_t *out)
{
        return page_reader_find(sheet->reader, agent_id, store, out);
}

/*
 * The coarse clocks lag by a tick. Of the monotonic one the agent has taken that off the lease;
 * what the other one may lag is added here, so that no verdict outlives its last second.
 */
static struct page_now get_now(void)
{
        struct timespec monotonic, realtime;

        clock_gettime(CLOCK_MONOTONIC_COARSE, &monotonic);
        clock_gettime(CLOCK_REALTIME_COARSE, &realtime);
        return (struct page_now){
                .monotonic_ns = monotonic.tv_sec * NS_PER_S + monotonic.tv_nsec,
                .realtime_s = realtime.tv_sec +
                              (realtime.tv_nsec >= NS_PER_S - PAGE_COARSE_MS * NS_PER_S / 1000),
        };
}

bool sheet_holds(const struct sheet *sheet, uint32_t slot, int64_t generation,
                 int64_t valid_until_s)
{
        struct page_look look;
        struct page_now now;

        page_look(sheet->reader, slot, &look);
        now = get_now(); /* after the look: see proto/page.h */
        return page_holds(&look, generation, valid_until_s, &now);
}
