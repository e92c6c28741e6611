/* SPDX-License-Identifier: Apache-2.0 */
#include "app/config_rows.h"

#include "app/config_file.h"
#include "proto/compiler.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_same_text(const char *a, const char *b)
{
        return a && b ? !strcmp(a, b) : a == b;
}

static bool is_same_key(const struct config_entry *a, const struct config_entry *b)
{
        return !strcmp(a->section, b->section) && is_same_text(a->key, b->key);
}

/* A key of a later file takes the place of the same key of an earlier one. */
static int add_row(struct config_rows *rows, const struct config_file *file,
                   const struct config_entry *entry)
{
        struct config_row row = { file, entry };

        for (size_t i = 0; i < rows->list.n; i++)
                if (is_same_key(rows->list.items[i].entry, entry)) {
                        rows->list.items[i] = row;
                        return 0;
                }

        return VEC_PUSH(&rows->list, row);
}

static int add_file(struct config_rows *rows, const char *path, bool may_lack, char **out_fault)
{
        struct config_file *file;
        int r;

        r = config_file_read(path, &file, out_fault);
        if (r == CONFIG_FILE_E_ABSENT && may_lack)
                return 0;
        if (r == CONFIG_FILE_E_ABSENT)
                return asprintf(out_fault, "%s: there is no such file", path) < 0
                               ? -ENOMEM
                               : CONFIG_ROWS_E_INVALID;
        if (r)
                return r < 0 ? r : CONFIG_ROWS_E_INVALID;

        r = VEC_PUSH(&rows->files, file);
        if (r) {
                config_file_free(file);
                return r;
        }

        for (size_t i = 0; i < file->n_entries && !r; i++)
                r = add_row(rows, file, &file->entries[i]);
        return r;
}

static int is_drop_in(const struct dirent *entry)
{
        size_t n = strlen(entry->d_name);

        return entry->d_name[0] != '.' && n > 5 && !strcmp(entry->d_name + n - 5, ".conf");
}

static int add_drop_in(struct config_rows *rows, const char *folder, const char *name,
                       char **out_fault)
{
        CLEANUP(freep) char *path = NULL;

        if (asprintf(&path, "%s/%s", folder, name) < 0) {
                path = NULL;
                return -ENOMEM;
        }

        return add_file(rows, path, false, out_fault);
}

static int compare_names(const struct dirent **a, const struct dirent **b)
{
        return strcmp((*a)->d_name, (*b)->d_name);
}

static int add_drop_ins(struct config_rows *rows, const char *path, char **out_fault)
{
        CLEANUP(freep) char *folder = NULL;
        struct dirent **entries;
        int n, r = 0;

        if (asprintf(&folder, "%s.d", path) < 0) {
                folder = NULL;
                return -ENOMEM;
        }

        n = scandir(folder, &entries, is_drop_in, compare_names);
        if (n < 0 && errno == ENOENT)
                return 0;
        if (n < 0 && errno == ENOMEM)
                return -ENOMEM;
        if (n < 0)
                return asprintf(out_fault, "%s: %s", folder, strerror(errno)) < 0
                               ? -ENOMEM
                               : CONFIG_ROWS_E_INVALID;

        for (int i = 0; i < n; i++) {
                if (!r)
                        r = add_drop_in(rows, folder, entries[i]->d_name, out_fault);
                free(entries[i]);
        }
        free(entries);
        return r;
}

int config_rows_read(struct config_rows *rows, const char *path, bool may_lack, char **out_fault)
{
        int r = add_file(rows, path, may_lack, out_fault);

        return r ? r : add_drop_ins(rows, path, out_fault);
}

const struct config_row *config_rows_find(const struct config_rows *rows, const char *section,
                                          const char *key)
{
        for (size_t i = 0; i < rows->list.n; i++) {
                const struct config_row *row = &rows->list.items[i];

                if (!strcmp(row->entry->section, section) && is_same_text(row->entry->key, key))
                        return row;
        }

        return NULL;
}

const char *config_row_name(const struct config_row *row, const char *kind)
{
        const char *section = row->entry->section;
        size_t n = strlen(kind);

        return !strncmp(section, kind, n) && section[n] == ' ' ? section + n + 1 : NULL;
}

void config_rows_deinit(struct config_rows *rows)
{
        for (size_t i = 0; i < rows->files.n; i++)
                config_file_free(rows->files.items[i]);
        VEC_FREE(&rows->files);
        VEC_FREE(&rows->list);
}
