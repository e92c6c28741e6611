/* SPDX-License-Identifier: Apache-2.0 */
#include "store/journal.h"

#include "pki/ossl.h"
#include "proto/buf.h"
#include "store/content.h"
#include "store/journal_text.h"
#include "store/layout.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define STAGE_PREFIX ".uatrust-stage-"
#define STAGE_MAX    (sizeof(STAGE_PREFIX) + 20)
#define NEW_NAME     STAGE_PREFIX "journal"
#define FOLDER       0 /* the number of the folder itself */

void journal_texts_deinit(struct journal_texts *texts)
{
        for (size_t i = 0; i < texts->list.n; i++)
                free(texts->list.items[i]);
        VEC_FREE(&texts->list);
}

static void name_stage(size_t i, char out[STAGE_MAX])
{
        snprintf(out, STAGE_MAX, STAGE_PREFIX "%zu", i);
}

/* -- before it is in force --------------------------------------------------------------------- */

int journal_stage(struct journal *journal, struct own_folder *folder, const struct journal_op *op,
                  struct bytes content, const struct own_folder_file *like)
{
        struct journal_op copy = *op;
        char stage[STAGE_MAX];
        size_t dir;
        int r;

        name_stage(journal->ops.n, stage);
        copy.dir = strdup(op->dir);
        copy.name = strdup(op->name);
        r = op->has_after ? ossl_sha256(content, copy.after) : 0;
        if (r < 0) {
                journal_op_deinit(&copy);
                return r;
        }

        r = journal_add(journal, &copy);
        if (!r)
                r = own_folder_find_dir(folder, op->dir, op->has_after, &dir);
        if (r == OWN_FOLDER_E_ABSENT) /* it is to be removed, and so is its directory */
                return 0;
        if (!r && op->has_after)
                r = own_folder_write(folder, own_folder_stage_dir(folder, dir), stage, content,
                                     like);
        return r;
}

enum state {
        STATE_BEFORE,
        STATE_AFTER,
        STATE_FOREIGN,
};

static bool is_same(const struct own_folder_file *file, bool is_there, const uint8_t sha256[32])
{
        if (!file->is_there || !is_there)
                return file->is_there == is_there;
        return file->has_sha256 && memcmp(file->sha256, sha256, 32) == 0;
}

/* What a file is now; its directory may be gone. */
static int look(const struct journal_op *op, struct own_folder *folder, size_t *out_dir,
                enum state *out)
{
        struct own_folder_file file = { .is_there = false };
        int r;

        r = own_folder_find_dir(folder, op->dir, op->has_after, out_dir);
        if (!r)
                r = own_folder_look(folder, *out_dir, op->name, &file);
        if (r && r != OWN_FOLDER_E_ABSENT)
                return r;

        *out = is_same(&file, op->has_after, op->after)     ? STATE_AFTER
               : is_same(&file, op->has_before, op->before) ? STATE_BEFORE
                                                            : STATE_FOREIGN;
        return 0;
}

int journal_check(const struct journal *journal, struct own_folder *folder, size_t *out_at)
{
        for (size_t i = 0; i < journal->ops.n; i++) {
                enum state state;
                size_t dir;
                int r = look(&journal->ops.items[i], folder, &dir, &state);

                if (r)
                        return r;
                if (state == STATE_FOREIGN) {
                        *out_at = i;
                        return JOURNAL_E_CONFLICT;
                }
        }
        return 0;
}

/* Where it was staged may no longer be what own_folder_stage_dir() says: mounts come and go. */
static int remove_stage(struct own_folder *folder, size_t dir, const char *stage)
{
        int r = own_folder_remove(folder, FOLDER, stage);

        return r ? r : own_folder_remove(folder, dir, stage);
}

int journal_drop(const struct journal *journal, struct own_folder *folder)
{
        char stage[STAGE_MAX];
        size_t dir;
        int r;

        r = own_folder_remove(folder, FOLDER, JOURNAL_NAME);
        if (!r)
                r = own_folder_sync(folder);
        for (size_t i = 0; !r && i < journal->ops.n; i++) {
                const struct journal_op *op = &journal->ops.items[i];

                name_stage(i, stage);
                if (op->has_after && own_folder_find_dir(folder, op->dir, false, &dir) == 0)
                        remove_stage(folder, dir, stage);
        }
        return r;
}

/* -- on disk ----------------------------------------------------------------------------------- */

static int read_file(struct own_folder *folder, int fd, struct journal *out)
{
        CLEANUP(content_deinit) struct content content = CONTENT_NULL;
        struct stat st;
        int r;

        if (fstat(fd, &st) < 0)
                return own_folder_fail(folder, FOLDER, JOURNAL_NAME, errno);
        if (!S_ISREG(st.st_mode))
                return JOURNAL_E_DAMAGED;

        r = content_read(fd, st.st_size, &content);
        if (r < 0)
                return own_folder_fail(folder, FOLDER, JOURNAL_NAME, -r);
        if (!r)
                r = journal_text_read((const char *)content.data, content.n, out);
        return r > 0 ? JOURNAL_E_DAMAGED : r;
}

int journal_load(struct own_folder *folder, struct journal *out)
{
        CLEANUP(journal_deinit) struct journal journal = JOURNAL_NULL;
        int fd, error, r;

        r = scan_open(&folder->dirs.items[FOLDER].scan, JOURNAL_NAME, O_RDONLY | O_NONBLOCK, &fd,
                      &error);
        if (r < 0)
                return r;
        if (fd < 0)
                return error == ENOENT ? JOURNAL_E_NONE
                                       : own_folder_fail(folder, FOLDER, JOURNAL_NAME, error);

        r = read_file(folder, fd, &journal);
        close(fd);
        if (r)
                return r;

        *out = journal;
        journal = (struct journal)JOURNAL_NULL;
        return 0;
}

/* -- in force ---------------------------------------------------------------------------------- */

int journal_commit(const struct journal *journal, struct own_folder *folder)
{
        CLEANUP(buf_deinit) struct buf text = BUF_NULL;
        int r;

        r = journal_text_write(journal, &text);
        if (!r)
                r = own_folder_write(folder, FOLDER, NEW_NAME, (struct bytes){ text.data, text.n },
                                     NULL);
        if (!r)
                r = own_folder_sync(folder);
        if (!r)
                r = own_folder_rename(
                        folder, &(struct own_folder_move){ .from = NEW_NAME, .to = JOURNAL_NAME });
        return r ? r : own_folder_sync(folder);
}

static int add_foreign(const struct journal_op *op, const struct own_folder *folder,
                       struct journal_texts *foreign)
{
        char *path;
        int r;

        if (asprintf(&path, "%s/%s/%s", folder->path, op->dir, op->name) < 0)
                return -ENOMEM;

        r = VEC_PUSH(&foreign->list, path);
        if (r < 0)
                free(path);
        return r;
}

static int put_in_place(const struct journal_op *op, struct own_folder *folder, size_t dir,
                        const char *stage)
{
        struct own_folder_move move = { FOLDER, dir, stage, op->name, !op->has_before };
        int r = own_folder_rename(folder, &move);

        if (r == OWN_FOLDER_E_ABSENT) {
                move.from_dir = dir;
                r = own_folder_rename(folder, &move);
        }
        return r == OWN_FOLDER_E_ABSENT ? own_folder_fail(folder, dir, stage, ENOENT) : r;
}

static int change(const struct journal_op *op, struct own_folder *folder, size_t dir,
                  const char *stage)
{
        return op->has_after ? put_in_place(op, folder, dir, stage)
                             : own_folder_remove(folder, dir, op->name);
}

static int carry_out_one(const struct journal *journal, size_t i, struct own_folder *folder,
                         struct journal_texts *foreign)
{
        const struct journal_op *op = &journal->ops.items[i];
        char stage[STAGE_MAX];
        enum state state;
        size_t dir;
        int r;

        name_stage(i, stage);
        r = look(op, folder, &dir, &state);
        if (!r && state == STATE_BEFORE) {
                r = change(op, folder, dir, stage);
                if (r != OWN_FOLDER_E_BUSY)
                        return r;
                state = STATE_FOREIGN; /* this very moment */
                r = 0;
        }

        if (!r && state == STATE_FOREIGN)
                r = add_foreign(op, folder, foreign);
        return !r && op->has_after ? remove_stage(folder, dir, stage) : r;
}

int journal_carry_out(const struct journal *journal, struct own_folder *folder,
                      struct journal_texts *foreign)
{
        int r = 0;

        for (size_t i = 0; !r && i < journal->ops.n; i++)
                r = carry_out_one(journal, i, folder, foreign);
        if (!r)
                r = own_folder_sync(folder);
        if (!r)
                r = own_folder_remove(folder, FOLDER, JOURNAL_NAME);
        return r ? r : own_folder_sync(folder);
}

/* -- what is left of what never was in force --------------------------------------------------- */

static int sweep_dir(struct own_folder *folder, size_t dir)
{
        int fd = fcntl(folder->dirs.items[dir].scan.fd, F_DUPFD_CLOEXEC, 0);
        DIR *names = fd >= 0 ? fdopendir(fd) : NULL;
        const struct dirent *entry;
        int r = 0;

        if (!names) {
                r = own_folder_fail(folder, dir, NULL, errno);
                if (fd >= 0)
                        close(fd);
                return r;
        }

        rewinddir(names);
        while (!r && (entry = readdir(names)))
                if (strncmp(entry->d_name, STAGE_PREFIX, strlen(STAGE_PREFIX)) == 0)
                        r = own_folder_remove(folder, dir, entry->d_name);
        closedir(names);
        return r;
}

int journal_sweep(struct own_folder *folder, const struct layout *layout)
{
        int r = sweep_dir(folder, FOLDER);

        for (size_t i = 0; !r && i < layout->n_dirs; i++) {
                size_t dir;

                r = own_folder_find_dir(folder, layout->dirs[i].path, false, &dir);
                if (r == OWN_FOLDER_E_ABSENT)
                        r = 0;
                else if (!r)
                        r = sweep_dir(folder, dir);
        }
        return r;
}
