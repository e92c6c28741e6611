/* SPDX-License-Identifier: Apache-2.0 */
#include "own/folder.h"

#include "base/clock.h"
#include "own/complain.h"
#include "own/verb.h"
#include "store/layout.h"
#include "store/picture.h"
#include "store/sources.h"
#include "trust/change.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool has_any_dir(const char *path, const struct layout *layout)
{
        for (size_t i = 0; i < layout->n_dirs; i++) {
                CLEANUP(freep) char *dir = NULL;

                if (asprintf(&dir, "%s/%s", path, layout->dirs[i].path) < 0)
                        dir = NULL;
                if (dir && access(dir, F_OK) == 0)
                        return true;
        }
        return false;
}

static int refresh(struct folder *folder, const struct layout *layout, struct settings *settings)
{
        const struct store_source source = {
                .name = "folder",
                .path = folder->path,
                .layout = layout,
        };
        const struct store_hints everything = { .is_all = true };
        const struct store_now now = { clock_realtime_ns(), clock_monotonic_ns() };
        struct store_config config = { .settings = settings };
        int r;

        r = sources_new(&folder->sources);
        if (!r)
                r = sources_add(folder->sources, &source);
        if (r)
                return r;

        config.sources = folder->sources->list.items;
        config.n_sources = folder->sources->list.n;
        return store_refresh(&config, NULL, &everything, &now, &folder->result);
}

int folder_read(const char *path, const struct layout *layout, struct settings *settings,
                struct folder *out)
{
        struct stat st;
        int r;

        out->path = realpath(path, NULL);
        if (!out->path || stat(out->path, &st) < 0)
                return complain(VERB_EXIT_NO_INPUT, "%s: %s", path, strerror(errno));
        if (!S_ISDIR(st.st_mode))
                return complain(VERB_EXIT_NO_INPUT, "%s: %s", path, strerror(ENOTDIR));
        if (access(out->path, R_OK | X_OK) < 0)
                return complain(VERB_EXIT_NO_INPUT, "%s: %s", path, strerror(errno));
        if (!has_any_dir(out->path, layout))
                return complain(VERB_EXIT_NO_INPUT,
                                "%s: it has none of the folders of the layout %s", path,
                                layout->name);

        r = refresh(out, layout, settings);
        if (r)
                return complain(VERB_EXIT_SYSTEM, "%s: %s", path, strerror(-r));
        if (out->result.not_ready)
                return complain(VERB_EXIT_NO_INPUT, "%s", out->result.not_ready);

        out->snap = picture_get_snapshot(out->result.picture);
        return VERB_EXIT_OK;
}

void folder_deinit(struct folder *folder)
{
        store_result_deinit(&folder->result);
        sources_unref(folder->sources);
        free(folder->path);
        *folder = (struct folder)FOLDER_NULL;
}
