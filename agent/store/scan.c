/* SPDX-License-Identifier: Apache-2.0 */
#include "store/scan.h"

#include "base/fs.h"
#include "store/layout.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

struct scan_stamp scan_stamp_of(const struct stat *st)
{
        return (struct scan_stamp){
                .dev = st->st_dev,
                .ino = st->st_ino,
                .size = st->st_size,
                .mtime_ns = st->st_mtim.tv_sec * INT64_C(1000000000) + st->st_mtim.tv_nsec,
                .ctime_ns = st->st_ctim.tv_sec * INT64_C(1000000000) + st->st_ctim.tv_nsec,
        };
}

bool scan_stamp_equal(const struct scan_stamp *a, const struct scan_stamp *b)
{
        return a->dev == b->dev && a->ino == b->ino && a->size == b->size &&
               a->mtime_ns == b->mtime_ns && a->ctime_ns == b->ctime_ns;
}

int scan_open_dir(int root_fd, const char *path, struct scan_dir *out)
{
        struct scan_dir dir = SCAN_DIR_NULL;
        struct stat st;

        dir.fd = openat(root_fd, path, O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC);
        if (dir.fd < 0 || fstat(dir.fd, &st) < 0) {
                dir.error = errno;
                scan_close_dir(&dir);
                if (fs_is_about_us(dir.error))
                        return -dir.error;
        } else {
                dir.dev = st.st_dev;
                dir.ino = st.st_ino;
                dir.is_local = fs_is_local(dir.fd);
                dir.folds_names = fs_folds_names(dir.fd);
        }

        *out = dir;
        return 0;
}

void scan_close_dir(struct scan_dir *dir)
{
        if (dir->fd >= 0)
                close(dir->fd);
        dir->fd = -1;
}

int scan_open(const struct scan_dir *dir, const char *name, int flags, int *out_fd, int *out_error)
{
        struct open_how how = {
                .flags = (uint64_t)(flags | O_CLOEXEC),
                .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
        };
        long fd;
        unsigned int n_tries = 0;

        do {
                fd = syscall(SYS_openat2, dir->fd, name, &how, sizeof(how));
        } while (fd < 0 && (errno == EAGAIN || errno == EINTR) && ++n_tries < SCAN_TRIES_MAX);

        if (fd < 0 && fs_is_about_us(errno))
                return -errno;

        *out_error = fd < 0 ? errno : 0;
        *out_fd = (int)fd;
        return 0;
}

static void set_kind(struct scan_row *row, const struct stat *st)
{
        if (S_ISDIR(st->st_mode)) {
                row->kind = SCAN_NOTHING;
        } else if (S_ISREG(st->st_mode)) {
                row->kind = SCAN_FILE;
                row->stamp = scan_stamp_of(st);
                if (st->st_nlink > 1)
                        row->is_alias = true;
        } else {
                row->kind = SCAN_SPECIAL;
        }
}

static void set_error(struct scan_row *row, int error)
{
        row->kind = error == EAGAIN || error == EINTR ? SCAN_BUSY : SCAN_UNREADABLE;
        row->error = error;
}

/* What a link leads to, without opening it for reading. */
static int look_through(const struct scan_dir *dir, struct scan_row *row)
{
        struct stat st;
        int fd, error, r;

        row->is_alias = true;
        r = scan_open(dir, row->name, O_PATH, &fd, &error);
        if (r < 0)
                return r;

        if (fd < 0) {
                set_error(row, error);
                return 0;
        }

        if (fstat(fd, &st) < 0)
                set_error(row, errno);
        else
                set_kind(row, &st);

        close(fd);
        return 0;
}

/* A file that is mounted by itself is written to where it lies, and this directory hears nothing. */
static bool is_mounted(const struct scan_dir *dir, const char *name)
{
        struct statx found;

        return statx(dir->fd, name, AT_SYMLINK_NOFOLLOW, STATX_TYPE, &found) == 0 &&
               found.stx_attributes & STATX_ATTR_MOUNT_ROOT;
}

static int look_at(const struct scan_dir *dir, struct scan_row *row)
{
        struct stat st;

        if (fstatat(dir->fd, row->name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
                if (S_ISLNK(st.st_mode))
                        return look_through(dir, row);
                set_kind(row, &st);
                if (row->kind == SCAN_FILE && is_mounted(dir, row->name))
                        row->is_alias = true;
        } else if (fs_is_about_us(errno)) {
                return -errno;
        } else if (errno == ENOENT) {
                row->kind = SCAN_NOTHING;
        } else {
                set_error(row, errno);
        }
        return 0;
}

int scan_name(const struct scan_dir *dir, const char *name, struct scan_row *out)
{
        struct scan_row row = { .name = strdup(name) };
        int r;

        if (!row.name)
                return -ENOMEM;

        r = look_at(dir, &row);
        if (r < 0) {
                free(row.name);
                return r;
        }

        *out = row;
        return 0;
}

static int compare_rows(const void *left, const void *right)
{
        const struct scan_row *a = left, *b = right;

        return strcmp(a->name, b->name);
}

/*
 * A name that is removed and made again while the directory is read may be told twice. Which of the
 * two it is now is not known.
 */
static void unite_rows(struct scan_list *list)
{
        struct scan_row *rows = list->rows.items;
        size_t n = 0;

        for (size_t i = 0; i < list->rows.n; i++) {
                if (n > 0 && strcmp(rows[n - 1].name, rows[i].name) == 0) {
                        free(rows[i].name);
                        rows[n - 1].kind = SCAN_BUSY;
                } else {
                        rows[n++] = rows[i];
                }
        }
        list->rows.n = n;
}

/* One name more. Return: 0 or a negative errno that is about us. */
static int add_name(const struct scan_dir *dir, const char *name, struct scan_list *list)
{
        struct scan_row row;
        int r;

        if (layout_is_temporary(name))
                return 0;

        r = scan_name(dir, name, &row);
        if (r < 0)
                return r;

        r = row.kind == SCAN_NOTHING ? 0 : VEC_PUSH(&list->rows, row);
        if (r < 0 || row.kind == SCAN_NOTHING)
                free(row.name);

        return r;
}

/* Return: 0 with the reason to stop early in list->error, or a negative errno that is about us. */
static int read_names(const struct scan_dir *dir, DIR *names, struct scan_list *list)
{
        const struct dirent *entry;
        int r;

        while (list->rows.n <= LAYOUT_FILES_MAX) {
                errno = 0;
                entry = readdir(names);
                if (!entry) {
                        list->error = errno;
                        return 0;
                }

                r = add_name(dir, entry->d_name, list);
                if (r < 0)
                        return r;
        }

        list->error = E2BIG;
        return 0;
}

/* Reads from the start, through a second descriptor: @dir stays open. */
static int read_directory(const struct scan_dir *dir, struct scan_list *list)
{
        DIR *names = NULL;
        int fd, r;

        fd = fcntl(dir->fd, F_DUPFD_CLOEXEC, 0);
        if (fd >= 0)
                names = fdopendir(fd);

        if (!names) {
                list->error = errno;
                if (fd >= 0)
                        close(fd);
                return 0;
        }

        rewinddir(names);
        r = read_names(dir, names, list);
        closedir(names);
        return r;
}

int scan_directory(const struct scan_dir *dir, struct scan_list *out)
{
        CLEANUP(scan_list_deinit) struct scan_list list = { 0 };
        int r;

        r = read_directory(dir, &list);
        if (r < 0)
                return r;
        if (fs_is_about_us(list.error))
                return -list.error;

        if (list.rows.n > 0)
                qsort(list.rows.items, list.rows.n, sizeof(*list.rows.items), compare_rows);
        unite_rows(&list);

        *out = list;
        list = (struct scan_list){ 0 };
        return 0;
}

void scan_list_deinit(struct scan_list *list)
{
        for (size_t i = 0; i < list->rows.n; i++)
                free(list->rows.items[i].name);
        VEC_FREE(&list->rows);
}
