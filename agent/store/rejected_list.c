/* SPDX-License-Identifier: Apache-2.0 */
#include "store/rejected_list.h"

#include "base/fs.h"
#include "proto/hex.h"
#include "store/content.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* -- the list ---------------------------------------------------------------------------------- */

int rejected_list_new(struct rejected_list **out)
{
        struct rejected_list *list = calloc(1, sizeof(*list));

        if (!list)
                return -ENOMEM;

        list->ref = (struct ref)REF_INIT;
        *out = list;
        return 0;
}

struct rejected_list *rejected_list_ref(const struct rejected_list *list)
{
        struct rejected_list *counted = (struct rejected_list *)list;

        ref_get(&counted->ref);
        return counted;
}

struct rejected_list *rejected_list_unref(struct rejected_list *list)
{
        if (!list || !ref_put(&list->ref))
                return NULL;

        for (size_t i = 0; i < list->files.n; i++)
                rejected_record_unref(list->files.items[i].record);
        VEC_FREE(&list->files);
        free(list);
        return NULL;
}

/* Return: the place of the first that is not before @sha256 */
static size_t find_place(const struct rejected_list *list, const uint8_t sha256[32])
{
        size_t low = 0, high = list->files.n;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (memcmp(list->files.items[middle].sha256, sha256, 32) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

struct rejected_file *rejected_list_at(struct rejected_list *list, const uint8_t sha256[32])
{
        size_t i = find_place(list, sha256);

        if (i == list->files.n || memcmp(list->files.items[i].sha256, sha256, 32) != 0)
                return NULL;
        return &list->files.items[i];
}

const struct rejected_file *rejected_list_find(const struct rejected_list *list,
                                               const uint8_t sha256[32])
{
        return list ? rejected_list_at((struct rejected_list *)list, sha256) : NULL;
}

int rejected_list_add(struct rejected_list *list, const uint8_t sha256[32],
                      struct rejected_file **out)
{
        size_t i = find_place(list, sha256);
        struct rejected_file *at;
        int r = VEC_RESERVE(&list->files, 1);

        if (r)
                return r;

        at = list->files.items + i;
        memmove(at + 1, at, (list->files.n - i) * sizeof(*at));
        list->files.n++;
        *at = (struct rejected_file){ .record = NULL };
        memcpy(at->sha256, sha256, sizeof(at->sha256));
        *out = at;
        return 0;
}

void rejected_list_remove(struct rejected_list *list, struct rejected_file *file)
{
        size_t i = (size_t)(file - list->files.items);

        list->n_bytes -= file->cert.size + file->note.size;
        rejected_record_unref(file->record);
        list->files.n--;
        memmove(file, file + 1, (list->files.n - i) * sizeof(*file));
}

void rejected_list_set_cert(struct rejected_list *list, struct rejected_file *file,
                            struct scan_stamp stamp)
{
        list->n_bytes += stamp.size - file->cert.size;
        file->cert = stamp;
        file->has_cert = true;
}

void rejected_list_set_note(struct rejected_list *list, struct rejected_file *file,
                            struct scan_stamp stamp)
{
        list->n_bytes += stamp.size - file->note.size;
        file->note = stamp;
        file->has_note = true;
}

/* -- looking ----------------------------------------------------------------------------------- */

/* Is it one of our names, as we write them? */
static bool read_name(const char *name, uint8_t sha256[32], bool *out_is_note)
{
        char again[2 * 32 + 1];

        if (strlen(name) < 64 || hex_decode(name, 64, sha256) != 0)
                return false;

        hex_encode(sha256, 32, again);
        *out_is_note = strcmp(name + 64, ".json") == 0;
        return memcmp(name, again, 64) == 0 && (*out_is_note || strcmp(name + 64, ".der") == 0);
}

static int open_note(const struct scan_dir *dir, const uint8_t sha256[32], int *out_fd)
{
        char name[64 + sizeof(".json")];
        int error;

        hex_encode(sha256, 32, name);
        memcpy(name + 64, ".json", sizeof(".json"));
        return scan_open(dir, name, O_RDONLY | O_NONBLOCK | O_NOFOLLOW, out_fd, &error);
}

/* None of ours is that large. */
static bool may_be_read(int fd)
{
        struct stat st;

        return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
               st.st_size <= REJECTED_RECORD_MAX_BYTES;
}

int rejected_list_read_note(const struct scan_dir *dir, const uint8_t sha256[32],
                            struct rejected_note *out)
{
        CLEANUP(content_deinit) struct content content = CONTENT_NULL;
        int fd, r;

        r = open_note(dir, sha256, &fd);
        if (r)
                return r;
        if (fd < 0)
                return REJECTED_RECORD_E_INVALID;

        r = may_be_read(fd) ? content_read(fd, 0, &content) : REJECTED_RECORD_E_INVALID;
        close(fd);
        if (r < 0 && fs_is_about_us(-r))
                return r;
        if (r)
                return REJECTED_RECORD_E_INVALID;

        return rejected_note_read((struct bytes){ content.data, content.n }, out);
}

/* A note that does not read is as none. */
static int read_record(const struct scan_dir *dir, struct rejected_file *file)
{
        struct rejected_note note;
        struct rejected_record *record;
        int r;

        r = rejected_list_read_note(dir, file->sha256, &note);
        if (!r)
                r = rejected_record_new(&note, &record);
        if (r)
                return r < 0 ? r : 0;

        if (memcmp(record->sha256, file->sha256, sizeof(record->sha256)) == 0)
                file->record = record;
        else
                rejected_record_unref(record);
        return 0;
}

static int take_record(const struct scan_dir *dir, const struct rejected_list *before,
                       struct rejected_file *file)
{
        const struct rejected_file *known = rejected_list_find(before, file->sha256);

        if (!known || !known->record || !scan_stamp_equal(&known->note, &file->note))
                return read_record(dir, file);

        file->record = rejected_record_ref(known->record);
        return 0;
}

/* Rows come in order of name, so both files of a certificate come one after the other. */
static int add_row(const struct scan_row *row, struct rejected_list *list)
{
        struct rejected_file *file = NULL;
        uint8_t sha256[32];
        bool is_note;
        int r = 0;

        if (row->kind != SCAN_FILE || !read_name(row->name, sha256, &is_note))
                return 0;

        if (list->files.n > 0)
                file = &list->files.items[list->files.n - 1];
        if (!file || memcmp(file->sha256, sha256, sizeof(sha256)) != 0) {
                list->is_cut = list->files.n >= REJECTED_MAX_MAX;
                r = list->is_cut ? 0 : rejected_list_add(list, sha256, &file);
        }
        if (r || list->is_cut)
                return r;

        if (is_note)
                rejected_list_set_note(list, file, row->stamp);
        else
                rejected_list_set_cert(list, file, row->stamp);
        return 0;
}

int rejected_list_look(const struct scan_dir *dir, const struct rejected_list *before,
                       struct rejected_list **out, int *out_error)
{
        CLEANUP(rejected_list_unrefp) struct rejected_list *list = NULL;
        CLEANUP(scan_list_deinit) struct scan_list rows = { 0 };
        int r;

        r = scan_directory(dir, &rows);
        if (r)
                return r;
        if (rows.error && rows.error != E2BIG) {
                *out_error = rows.error;
                return 0;
        }

        r = rejected_list_new(&list);
        for (size_t i = 0; i < rows.rows.n && !r && !list->is_cut; i++)
                r = add_row(&rows.rows.items[i], list);
        for (size_t i = 0; !r && i < list->files.n; i++) {
                if (list->files.items[i].has_note)
                        r = take_record(dir, before, &list->files.items[i]);
        }
        if (r)
                return r;

        list->is_cut |= rows.error == E2BIG;
        *out = TAKE(list);
        return 0;
}
