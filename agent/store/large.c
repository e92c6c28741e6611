/* SPDX-License-Identifier: Apache-2.0 */
#include "store/large.h"

#include "store/picture.h"
#include "store/scan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int large_new(const struct large_place *place, const char *origin, const struct picture_file *old,
              struct large **out)
{
        CLEANUP(large_freep) struct large *large = calloc(1, sizeof(*large));
        int n;

        if (!large)
                return -ENOMEM;

        large->dir = place->dir;
        large->role = place->role;
        large->has_known = old->has_sha256;
        memcpy(large->known_sha256, old->sha256, sizeof(large->known_sha256));
        large->name = strdup(place->name);
        large->origin = strdup(origin);
        n = place->path[0] == '/' ? asprintf(&large->path, "%s", place->path)
                                  : asprintf(&large->path, "%s/%s", place->folder, place->path);
        if (n < 0)
                large->path = NULL;
        if (!large->name || !large->origin || !large->path)
                return -ENOMEM;

        *out = TAKE(large);
        return 0;
}

static void drop_load(struct large *large)
{
        if (large->is_loaded)
                load_deinit(&large->load);
        large->is_loaded = false;
}

struct large *large_free(struct large *large)
{
        if (!large)
                return NULL;

        drop_load(large);
        free(large->path);
        free(large->name);
        free(large->origin);
        free(large);
        return NULL;
}

static int load_in(struct large *large, const struct scan_dir *dir)
{
        struct load_place place = { .dir = dir, .role = large->role, .origin = large->origin };
        struct scan_row row;
        int r;

        r = scan_name(dir, large->name, &row);
        if (r < 0)
                return r;

        r = load_file(&place, &row, large->has_known ? large->known_sha256 : NULL, &large->load);
        free(row.name);
        large->is_loaded = !r;
        return r;
}

int large_load(struct large *large)
{
        struct scan_dir dir = SCAN_DIR_NULL;
        int r;

        drop_load(large);
        r = scan_open_dir(AT_FDCWD, large->path, &dir);
        if (!r && dir.fd >= 0)
                r = load_in(large, &dir);
        scan_close_dir(&dir);
        return r;
}

/* Since it was ordered, other content may have come and gone. */
static bool knows_same(const struct large *large, const struct picture_file *old)
{
        return old && old->has_sha256 &&
               memcmp(old->sha256, large->known_sha256, sizeof(large->known_sha256)) == 0;
}

struct load *large_take(struct large *large, size_t dir, const struct scan_row *row,
                        const struct picture_file *old)
{
        if (!large || !large->is_loaded || large->dir != dir || strcmp(large->name, row->name) != 0)
                return NULL;
        if (large->load.outcome != LOAD_READ && large->load.outcome != LOAD_SAME)
                return NULL;
        if (large->load.was_written || large->load.is_alias != row->is_alias ||
            !scan_stamp_equal(&large->load.stamp, &row->stamp))
                return NULL;
        if (large->load.outcome == LOAD_SAME && !knows_same(large, old))
                return NULL;

        return &large->load;
}
