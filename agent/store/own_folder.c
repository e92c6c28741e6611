/* SPDX-License-Identifier: Apache-2.0 */
#include "store/own_folder.h"

#include "base/fs.h"
#include "pki/ossl.h"
#include "proto/buf.h"
#include "store/content.h"
#include "store/mend.h"
#include "store/sources.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define DIR_MODE  0755
#define FILE_MODE 0644
#define LOCK_MODE 0600

/* -- failures ---------------------------------------------------------------------------------- */

static int fail_at(struct own_folder *folder, const char *dir, const char *name, int error)
{
        bool is_root = strcmp(dir, ".") == 0;
        char *path = NULL, *copy = is_root ? NULL : strdup(dir);

        if (fs_is_about_us(error) || (!is_root && !copy) ||
            asprintf(&path, "%s%s%s%s%s", folder->path, is_root ? "" : "/", is_root ? "" : dir,
                     name ? "/" : "", name ? name : "") < 0) {
                free(copy);
                return fs_is_about_us(error) ? -error : -ENOMEM;
        }

        free(folder->failed);
        free(folder->failed_dir);
        folder->failed = path;
        folder->failed_dir = copy;
        folder->error = error;
        return OWN_FOLDER_E_FAILED;
}

int own_folder_fail(struct own_folder *folder, size_t dir, const char *name, int error)
{
        return fail_at(folder, folder->dirs.items[dir].path, name, error);
}

/* For what permissions are not at fault for. */
static void add_advice(const struct own_folder *folder, struct buf *out)
{
        if (folder->error == EROFS)
                buf_printf(out,
                           "; mend it with: mount -o remount,rw \"$(findmnt -no TARGET -T %s)\"",
                           folder->path);
        if (folder->error == ENOSPC || folder->error == EDQUOT)
                buf_printf(out, "; see: df -h %s", folder->path);
}

int own_folder_describe(const struct own_folder *folder, const char *user, char **out)
{
        struct mend mend = { folder->source, folder->failed_dir, user };
        CLEANUP(buf_deinit) struct buf text = BUF_NULL;
        char says[MEND_TEXT_MAX];

        mend_describe(&mend, MEND_WRITE_DIRECTORY, NULL, folder->error, says);
        buf_printf(&text, "%s: %s", folder->failed ? folder->failed : folder->path, says);
        add_advice(folder, &text);
        return buf_take_text(&text, out);
}

/* -- directories ------------------------------------------------------------------------------- */

/* 0: the kernel does not tell. */
static uint64_t find_mount(int fd)
{
        struct statx stat;

        if (statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &stat) < 0 ||
            !(stat.stx_mask & STATX_MNT_ID))
                return 0;
        return stat.stx_mnt_id;
}

static bool is_near(const struct own_folder *folder, const struct scan_dir *scan)
{
        const struct scan_dir *root = folder->dirs.n > 0 ? &folder->dirs.items[0].scan : scan;
        uint64_t mount = find_mount(root->fd);

        return mount != 0 && mount == find_mount(scan->fd) && root->dev == scan->dev;
}

static int add_dir(struct own_folder *folder, const char *path, struct scan_dir *scan)
{
        struct own_folder_dir dir = { .path = strdup(path),
                                      .scan = *scan,
                                      .is_near = is_near(folder, scan) };
        int r = dir.path ? VEC_PUSH(&folder->dirs, dir) : -ENOMEM;

        if (r < 0) {
                free(dir.path);
                scan_close_dir(scan);
        }
        return r;
}

static int open_dir(struct own_folder *folder, int root_fd, const char *opened, const char *path)
{
        struct scan_dir scan;
        int r;

        r = scan_open_dir(root_fd, opened, &scan);
        if (r < 0)
                return r;
        if (scan.fd < 0)
                return scan.error == ENOENT ? OWN_FOLDER_E_ABSENT
                                            : fail_at(folder, path, NULL, scan.error);

        return add_dir(folder, path, &scan);
}

int own_folder_open(const struct store_source *source, struct own_folder *folder)
{
        folder->source = source;
        folder->path = source->path;
        return open_dir(folder, AT_FDCWD, source->path, ".");
}

void own_folder_close(struct own_folder *folder)
{
        for (size_t i = 0; i < folder->dirs.n; i++) {
                scan_close_dir(&folder->dirs.items[i].scan);
                free(folder->dirs.items[i].path);
        }
        VEC_FREE(&folder->dirs);
        if (folder->lock_fd >= 0)
                close(folder->lock_fd);
        folder->lock_fd = -1;
        free(folder->failed);
        free(folder->failed_dir);
        folder->failed = folder->failed_dir = NULL;
}

static int fd_of(const struct own_folder *folder, size_t dir)
{
        return folder->dirs.items[dir].scan.fd;
}

/* Makes what is missing on the way to @path, and lets it survive a power cut. */
static int make_dirs(struct own_folder *folder, const char *path)
{
        CLEANUP(freep) char *part = strdup(path);
        char *at = part;

        if (!part)
                return -ENOMEM;

        while (at) {
                char *slash = strchr(at, '/');

                if (slash)
                        *slash = '\0';
                if (mkdirat(fd_of(folder, 0), part, DIR_MODE) < 0 && errno != EEXIST)
                        return fail_at(folder, part, NULL, errno);
                if (slash)
                        *slash = '/';
                at = slash ? slash + 1 : NULL;
        }

        return syncfs(fd_of(folder, 0)) < 0 ? fail_at(folder, path, NULL, errno) : 0;
}

int own_folder_find_dir(struct own_folder *folder, const char *path, bool is_made, size_t *out)
{
        int r;

        for (size_t i = 0; i < folder->dirs.n; i++) {
                if (strcmp(folder->dirs.items[i].path, path) == 0) {
                        *out = i;
                        return 0;
                }
        }

        r = open_dir(folder, fd_of(folder, 0), path, path);
        if (r == OWN_FOLDER_E_ABSENT && is_made) {
                r = make_dirs(folder, path);
                if (!r)
                        r = open_dir(folder, fd_of(folder, 0), path, path);
        }
        if (!r)
                *out = folder->dirs.n - 1;
        return r;
}

int own_folder_lock(struct own_folder *folder, bool is_made)
{
        int flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | (is_made ? O_CREAT : 0);

        if (folder->lock_fd < 0)
                folder->lock_fd = openat(fd_of(folder, 0), OWN_FOLDER_LOCK, flags, LOCK_MODE);
        if (folder->lock_fd < 0)
                return errno == ENOENT && !is_made
                               ? OWN_FOLDER_E_ABSENT
                               : own_folder_fail(folder, 0, OWN_FOLDER_LOCK, errno);

        if (flock(folder->lock_fd, LOCK_EX | LOCK_NB) == 0)
                return 0;
        return errno == EWOULDBLOCK ? OWN_FOLDER_E_BUSY
                                    : own_folder_fail(folder, 0, OWN_FOLDER_LOCK, errno);
}

/* -- files ------------------------------------------------------------------------------------- */

/* Return: 0, also where it is none of ours; or a negative errno, the file's or ours. */
static int read_file(int fd, struct own_folder_file *out, struct buf *to)
{
        CLEANUP(content_deinit) struct content content = CONTENT_NULL;
        struct stat st;
        int r;

        if (fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return 0;

        r = content_read(fd, st.st_size, &content);
        if (r == CONTENT_E_PRIVATE_KEY)
                content_wipe(&content);
        if (r)
                return r < 0 ? r : 0;

        out->has_sha256 = true;
        out->mode = st.st_mode & 0777;
        out->uid = st.st_uid;
        out->gid = st.st_gid;
        r = ossl_sha256((struct bytes){ content.data, content.n }, out->sha256);
        if (!r && to)
                *to = (struct buf){ TAKE(content.data), content.n, content.n_room, 0 };
        return r;
}

int own_folder_read(struct own_folder *folder, size_t dir, const char *name,
                    struct own_folder_file *out, struct buf *content)
{
        struct own_folder_file file = { .is_there = true };
        int fd, error, r;

        r = scan_open(&folder->dirs.items[dir].scan, name, O_RDONLY | O_NONBLOCK | O_NOCTTY, &fd,
                      &error);
        if (r < 0)
                return r;

        if (fd < 0 && error != ENOENT && error != EXDEV && error != ELOOP && error != ENXIO)
                return own_folder_fail(folder, dir, name, error);
        if (fd < 0 && error == ENOENT)
                file.is_there = faccessat(fd_of(folder, dir), name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
        if (fd >= 0) {
                r = read_file(fd, &file, content);
                close(fd);
                if (r < 0)
                        return own_folder_fail(folder, dir, name, -r);
        }

        *out = file;
        return 0;
}

int own_folder_look(struct own_folder *folder, size_t dir, const char *name,
                    struct own_folder_file *out)
{
        return own_folder_read(folder, dir, name, out, NULL);
}

static int write_all(int fd, struct bytes content)
{
        while (content.n > 0) {
                ssize_t n = write(fd, content.data, content.n);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                content = (struct bytes){ content.data + n, content.n - (size_t)n };
        }
        return 0;
}

/* Owner and mode stay if we may; else the file is ours, and its former owner must read it still. */
static int complete(const struct own_folder *folder, int fd, const struct own_folder_file *like)
{
        bool is_kept = like && fchown(fd, like->uid, like->gid) == 0;

        if (fchmod(fd, is_kept ? like->mode : FILE_MODE) < 0)
                return -errno;
        return folder->is_bulk || fsync(fd) == 0 ? 0 : -errno;
}

int own_folder_write(struct own_folder *folder, size_t dir, const char *name, struct bytes content,
                     const struct own_folder_file *like)
{
        int fd, r;

        r = own_folder_remove(folder, dir, name);
        if (r)
                return r;

        fd = openat(fd_of(folder, dir), name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
                    LOCK_MODE);
        if (fd < 0)
                return own_folder_fail(folder, dir, name, errno);

        folder->dirs.items[dir].is_dirty = true;
        r = write_all(fd, content);
        if (!r)
                r = complete(folder, fd, like);
        if (close(fd) < 0 && !r)
                r = -errno;
        return r < 0 ? own_folder_fail(folder, dir, name, -r) : 0;
}

size_t own_folder_stage_dir(const struct own_folder *folder, size_t dir)
{
        return folder->dirs.items[dir].is_near ? 0 : dir;
}

int own_folder_rename(struct own_folder *folder, const struct own_folder_move *move)
{
        int from_fd = fd_of(folder, move->from_dir), to_fd = fd_of(folder, move->to_dir), r;

        r = renameat2(from_fd, move->from, to_fd, move->to, move->is_new ? RENAME_NOREPLACE : 0);
        if (r < 0 && move->is_new && errno == EINVAL) /* a file system that cannot promise that */
                r = renameat(from_fd, move->from, to_fd, move->to);
        if (r < 0 && errno == ENOENT)
                return OWN_FOLDER_E_ABSENT;
        if (r < 0 && move->is_new && errno == EEXIST)
                return OWN_FOLDER_E_BUSY;
        if (r < 0)
                return own_folder_fail(folder, move->from_dir, move->from, errno);

        folder->dirs.items[move->from_dir].is_dirty = true;
        folder->dirs.items[move->to_dir].is_dirty = true;
        return 0;
}

int own_folder_remove(struct own_folder *folder, size_t dir, const char *name)
{
        if (unlinkat(fd_of(folder, dir), name, 0) < 0)
                return errno == ENOENT ? 0 : own_folder_fail(folder, dir, name, errno);

        folder->dirs.items[dir].is_dirty = true;
        return 0;
}

int own_folder_sync(struct own_folder *folder)
{
        for (size_t i = 0; i < folder->dirs.n; i++) {
                struct own_folder_dir *dir = &folder->dirs.items[i];
                int r;

                if (!dir->is_dirty)
                        continue;
                r = folder->is_bulk ? syncfs(dir->scan.fd) : fsync(dir->scan.fd);
                if (r < 0)
                        return own_folder_fail(folder, i, NULL, errno);
                dir->is_dirty = false;
        }
        return 0;
}
