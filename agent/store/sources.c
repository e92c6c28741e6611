/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sources.h"

#include "store/layout.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void free_layout(struct layout *layout)
{
        if (!layout)
                return;

        for (size_t i = 0; i < layout->n_dirs; i++) {
                free((void *)layout->dirs[i].path);
                free((void *)layout->dirs[i].unless);
        }
        free((void *)layout->dirs);
        free((void *)layout->name);
        free(layout);
}

static void free_layoutp(struct layout **layout)
{
        free_layout(*layout);
}

static int copy_text(const char *text, const char **out)
{
        *out = text ? strdup(text) : NULL;
        return text && !*out ? -ENOMEM : 0;
}

static int copy_layout(const struct layout *from, struct layout **out)
{
        CLEANUP(free_layoutp) struct layout *layout = calloc(1, sizeof(*layout));
        struct layout_dir *dirs;
        int r;

        if (!layout)
                return -ENOMEM;

        dirs = calloc(from->n_dirs + 1, sizeof(*dirs));
        layout->dirs = dirs;
        layout->is_written = from->is_written;
        layout->is_named = from->is_named;
        r = dirs ? copy_text(from->name, &layout->name) : -ENOMEM;
        for (size_t i = 0; !r && i < from->n_dirs; i++) {
                const struct layout_dir *dir = &from->dirs[i];
                struct layout_dir *copy = &dirs[layout->n_dirs++];

                copy->role = dir->role;
                r = copy_text(dir->path, &copy->path);
                if (!r)
                        r = copy_text(dir->unless, &copy->unless);
        }
        if (r < 0)
                return r;

        *out = TAKE(layout);
        return 0;
}

static void deinit_source(struct store_source *source)
{
        free((void *)source->name);
        free((void *)source->path);
        free_layout((struct layout *)source->layout);
}

int sources_new(struct sources **out)
{
        struct sources *sources = calloc(1, sizeof(*sources));

        if (!sources)
                return -ENOMEM;

        sources->ref = (struct ref)REF_INIT;
        *out = sources;
        return 0;
}

int sources_add(struct sources *sources, const struct store_source *source)
{
        struct store_source copy = { .settle_ms = source->settle_ms };
        struct layout *layout;
        int r;

        r = copy_text(source->name, &copy.name);
        if (!r)
                r = copy_text(source->path, &copy.path);
        if (!r)
                r = copy_layout(source->layout, &layout);
        if (!r) {
                copy.layout = layout;
                r = VEC_PUSH(&sources->list, copy);
        }
        if (r < 0)
                deinit_source(&copy);
        return r;
}

size_t sources_write_dir(const struct store_source *source, const char *dir, char *text,
                         size_t n_text)
{
        int n = dir[0] == '/' ? snprintf(text, n_text, "%s", dir)
                              : snprintf(text, n_text, "%s/%s", source->path, dir);

        return n > 0 ? (size_t)n : 0;
}

/* How many folders a source has for people; their paths go to @text one after another. */
static size_t write_folders(const struct store_source *source, char *text, size_t n_text,
                            size_t *out_n_used)
{
        const struct layout *layout = source->layout;
        size_t n = layout->is_named ? layout->n_dirs : 1, n_used = 0;

        for (size_t i = 0; i < n; i++) {
                const char *path = layout->is_named ? layout->dirs[i].path : source->path;
                size_t n_room = n_used < n_text ? n_text - n_used : 0;

                n_used +=
                        sources_write_dir(source, path, n_room ? text + n_used : NULL, n_room) + 1;
        }

        *out_n_used = n_used;
        return n;
}

int sources_list_folders(const struct sources *sources, const char ***out)
{
        size_t n = 0, n_text = 0, n_used;
        const char **list;
        char *text;

        for (size_t i = 0; i < sources->list.n; i++) {
                n += write_folders(&sources->list.items[i], NULL, 0, &n_used);
                n_text += n_used;
        }

        list = malloc((n + 1) * sizeof(*list) + n_text);
        if (!list)
                return -ENOMEM;

        text = (char *)(list + n + 1);
        for (size_t i = 0; i < sources->list.n; i++) {
                write_folders(&sources->list.items[i], text, n_text, &n_used);
                text += n_used;
                n_text -= n_used;
        }

        text = (char *)(list + n + 1);
        for (size_t i = 0; i < n; i++) {
                list[i] = text;
                text += strlen(text) + 1;
        }
        list[n] = NULL;
        *out = list;
        return 0;
}

static bool is_same_text(const char *a, const char *b)
{
        return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool is_same_layout(const struct layout *a, const struct layout *b)
{
        if (a->n_dirs != b->n_dirs || a->is_named != b->is_named)
                return false;

        for (size_t i = 0; i < a->n_dirs; i++) {
                if (a->dirs[i].role != b->dirs[i].role ||
                    strcmp(a->dirs[i].path, b->dirs[i].path) != 0 ||
                    !is_same_text(a->dirs[i].unless, b->dirs[i].unless))
                        return false;
        }
        return true;
}

bool sources_are_equal(const struct sources *a, const struct sources *b)
{
        if (a->list.n != b->list.n)
                return false;

        for (size_t i = 0; i < a->list.n; i++) {
                const struct store_source *x = &a->list.items[i], *y = &b->list.items[i];

                if (strcmp(x->name, y->name) != 0 || strcmp(x->path, y->path) != 0 ||
                    x->settle_ms != y->settle_ms || !is_same_layout(x->layout, y->layout))
                        return false;
        }
        return true;
}

struct sources *sources_ref(const struct sources *sources)
{
        struct sources *counted = (struct sources *)sources;

        ref_get(&counted->ref);
        return counted;
}

struct sources *sources_unref(struct sources *sources)
{
        if (!sources || !ref_put(&sources->ref))
                return NULL;

        for (size_t i = 0; i < sources->list.n; i++)
                deinit_source(&sources->list.items[i]);
        VEC_FREE(&sources->list);
        free(sources);
        return NULL;
}
