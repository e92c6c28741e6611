/* SPDX-License-Identifier: Apache-2.0 */
#include "own/swap.h"

#include "proto/compiler.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* -- single steps -------------------------------------------------------------------------------- */

static int make_name(char out[NAME_MAX + 1], const char *prefix, const char *name)
{
        int n = snprintf(out, NAME_MAX + 1, "%s%s", prefix, name);

        return n > NAME_MAX ? -ENAMETOOLONG : 0;
}

/* Some file systems know no fsync of a directory. */
static int sync_dir(int dir_fd)
{
        return fsync(dir_fd) && errno != EINVAL ? -errno : 0;
}

static int write_all(int fd, struct bytes content)
{
        while (content.n) {
                ssize_t n = write(fd, content.data, content.n);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                content.data += n;
                content.n -= (size_t)n;
        }
        return 0;
}

/* What root replaces stays its owner's, who may be the one that reads it. */
static int keep_owner(int fd, const struct swap_file *file)
{
        struct stat old;

        if (geteuid() != 0 || fstatat(file->dir_fd, file->name, &old, AT_SYMLINK_NOFOLLOW))
                return 0;
        return fchown(fd, old.st_uid, old.st_gid) ? -errno : 0;
}

static int fill(int fd, const struct swap_file *file, mode_t mode)
{
        int r = keep_owner(fd, file);

        if (!r && fchmod(fd, mode)) /* whatever the umask says */
                r = -errno;
        if (!r)
                r = write_all(fd, file->content);
        if (!r && fsync(fd))
                r = -errno;
        return close(fd) && !r ? -errno : r;
}

/* On the disk when it returns 0, and not there if not. */
static int write_file(const struct swap_file *file, const char *prefix, mode_t mode)
{
        char name[NAME_MAX + 1];
        int fd, r = make_name(name, prefix, file->name);

        if (r)
                return r;

        fd = openat(file->dir_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
        if (fd < 0)
                return -errno;

        r = fill(fd, file, mode);
        if (!r)
                r = sync_dir(file->dir_fd);
        if (r)
                unlinkat(file->dir_fd, name, 0);
        return r;
}

static int rename_file(const struct swap_file *file, const char *prefix)
{
        char name[NAME_MAX + 1];
        int r = make_name(name, prefix, file->name);

        if (!r && renameat(file->dir_fd, name, file->dir_fd, file->name))
                r = -errno;
        return r ? r : sync_dir(file->dir_fd);
}

/* Where there are no links, as on FAT, or none to a file of another user, the order alone has to do. */
static int keep_old(const struct swap_file *file)
{
        char name[NAME_MAX + 1];
        int r = make_name(name, SWAP_OLD, file->name);

        if (r)
                return r;
        if (linkat(file->dir_fd, file->name, file->dir_fd, name, 0) && errno != ENOENT &&
            errno != EPERM && errno != EOPNOTSUPP)
                return -errno;
        return sync_dir(file->dir_fd);
}

int swap_remove(int dir_fd, const char *name)
{
        if (unlinkat(dir_fd, name, 0) && errno != ENOENT)
                return -errno;
        return sync_dir(dir_fd);
}

/* -- what an interrupted run left ---------------------------------------------------------------- */

static bool begins_with(const char *name, const char *prefix)
{
        return !strncmp(name, prefix, strlen(prefix));
}

/* Return: 1 with a name of that prefix, 0: there is none, or a negative errno. */
static int find(int dir_fd, const char *prefix, char out[NAME_MAX + 1])
{
        int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r;
        DIR *dir = fd < 0 ? NULL : fdopendir(fd);
        const struct dirent *entry;

        if (!dir) {
                r = -errno;
                if (fd >= 0)
                        close(fd);
                return r;
        }

        errno = 0;
        while ((entry = readdir(dir)) && !begins_with(entry->d_name, prefix))
                errno = 0;
        r = entry ? 1 : -errno;
        if (entry)
                snprintf(out, NAME_MAX + 1, "%s", entry->d_name);
        closedir(dir);
        return r;
}

static int remove_all(int dir_fd, const char *prefix)
{
        char name[NAME_MAX + 1];
        int r;

        while ((r = find(dir_fd, prefix, name)) > 0) {
                r = swap_remove(dir_fd, name);
                if (r)
                        return r;
        }
        return r;
}

/* Step 5, of the only one that there is. */
static int put_new_cert(int certs_fd)
{
        char name[NAME_MAX + 1];
        int r;

        while ((r = find(certs_fd, SWAP_NEW, name)) > 0) {
                if (renameat(certs_fd, name, certs_fd, name + strlen(SWAP_NEW)))
                        return -errno;
                r = sync_dir(certs_fd);
                if (r)
                        return r;
        }
        return r;
}

static int recover_pair(int certs_fd, int keys_fd)
{
        char name[NAME_MAX + 1];
        int r = find(keys_fd, SWAP_NEW, name);

        if (r < 0)
                return r;
        if (!r)
                return put_new_cert(certs_fd);

        r = remove_all(certs_fd, SWAP_NEW);
        return r ? r : remove_all(keys_fd, SWAP_NEW);
}

int swap_recover(int certs_fd, int keys_fd)
{
        static const char *const prefixes[] = { SWAP_OLD, SWAP_ONE };
        int r = recover_pair(certs_fd, keys_fd);

        for (size_t i = 0; !r && i < ARRAY_SIZE(prefixes); i++) {
                r = remove_all(keys_fd, prefixes[i]);
                if (!r)
                        r = remove_all(certs_fd, prefixes[i]);
        }
        return r;
}

bool swap_is_interrupted(int certs_fd, int keys_fd)
{
        static const char *const prefixes[] = { SWAP_NEW, SWAP_OLD, SWAP_ONE };
        char name[NAME_MAX + 1];

        for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
                if ((certs_fd >= 0 && find(certs_fd, prefixes[i], name)) ||
                    (keys_fd >= 0 && find(keys_fd, prefixes[i], name)))
                        return true;
        return false;
}

/* -- the whole ----------------------------------------------------------------------------------- */

/* Steps 1 to 3. */
static int prepare(const struct swap_file *key, const struct swap_file *cert, const char **failed)
{
        int r;

        *failed = key->name;
        r = write_file(key, SWAP_NEW, SWAP_KEY_MODE);
        if (r)
                return r;

        *failed = cert->name;
        r = write_file(cert, SWAP_NEW, SWAP_CERT_MODE);
        if (!r)
                r = keep_old(cert);
        if (r)
                return r;

        *failed = key->name;
        return keep_old(key);
}

int swap_pair(const struct swap_file *key, const struct swap_file *cert, const char **failed)
{
        int r = prepare(key, cert, failed), after;

        if (!r)
                r = rename_file(key, SWAP_NEW);
        if (!r) {
                *failed = cert->name;
                r = rename_file(cert, SWAP_NEW);
        }

        /* It finishes, undoes, or tidies up: what is on the disk says which. */
        after = swap_recover(cert->dir_fd, key->dir_fd);
        return r ? r : after;
}

static int put_one(const struct swap_file *file, mode_t mode, const char **failed)
{
        char name[NAME_MAX + 1];
        int r;

        *failed = file->name;
        r = write_file(file, SWAP_ONE, mode);
        if (r)
                return r;

        r = rename_file(file, SWAP_ONE);
        if (r && !make_name(name, SWAP_ONE, file->name))
                unlinkat(file->dir_fd, name, 0);
        return r;
}

int swap_cert(const struct swap_file *cert, const char **failed)
{
        return put_one(cert, SWAP_CERT_MODE, failed);
}

int swap_key(const struct swap_file *key, bool replaces, const char **failed)
{
        *failed = key->name;
        if (!replaces && faccessat(key->dir_fd, key->name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
                return -EEXIST;
        return put_one(key, SWAP_KEY_MODE, failed);
}
