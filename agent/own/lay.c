/* SPDX-License-Identifier: Apache-2.0 */
#include "own/lay.h"

#include "base/vec.h"
#include "own/complain.h"
#include "own/file_name.h"
#include "own/parcel.h"
#include "own/pem.h"
#include "own/verb.h"
#include "pki/cert.h"
#include "pki/crl.h"
#include "pki/ossl.h"
#include "proto/buf.h"
#include "proto/compiler.h"
#include "proto/hex.h"
#include "store/layout.h"
#include "store/update_request.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define VERB      "uatrust export"
#define TEMPORARY ".uatrust-export"

enum {
        LAYOUT = 256,
        GROUP,
        REPLACE,
        JSON,
        LOST,
};

static const struct option ROWS[] = {
        { "layout", required_argument, NULL, LAYOUT }, { "group", required_argument, NULL, GROUP },
        { "replace", no_argument, NULL, REPLACE },     { "json", no_argument, NULL, JSON },
        { "lost", required_argument, NULL, LOST },     { NULL, 0, NULL, 0 },
};

/* A file to be. */
struct file {
        enum update_list list;
        char *name;
        struct buf content;
};

/* A certificate that the store blocks: no SDK knows blocks, so it would be trusted. */
struct blocked {
        uint8_t sha256[32];
};

struct laying {
        const char *layout_name;
        enum layout_group group;
        const struct layout *layout;
        bool may_replace, wants_json;
        const char *path;
        VEC(struct file) files;
        VEC(struct blocked)
        blocks; /* certificates that are not written, whatever list they are in */
        int dir_fds[UPDATE_LIST_N]; /* -1: not open */
        size_t n_removed, n_blocked;
        unsigned long n_lost; /* blocks that the folder cannot say */
};

/* --- what is to be written --- */

/* Where one tree stands in the place of another, the other is what an SDK is delivered with. */
static const char *find_dir(const struct layout *layout, enum update_list list)
{
        const char *ending = update_list_is_crls(list) ? "/crl" : "/certs";
        const char *found = NULL;

        for (size_t i = 0; i < layout->n_dirs; i++) {
                const struct layout_dir *dir = &layout->dirs[i];
                size_t n = strlen(dir->path);

                if (dir->role == update_list_role(list) && n > strlen(ending) &&
                    strcmp(dir->path + n - strlen(ending), ending) == 0 && (!found || dir->unless))
                        found = dir->path;
        }
        return found;
}

static bool is_blocked(const struct laying *laying, const struct cert *cert)
{
        for (size_t i = 0; i < laying->blocks.n; i++)
                if (memcmp(laying->blocks.items[i].sha256, cert->sha256, 32) == 0)
                        return true;
        return false;
}

static int add_block(struct laying *laying, const struct parcel_item *item)
{
        struct blocked blocked;

        if (strlen(item->name) != 64 || hex_decode(item->name, 64, blocked.sha256))
                return PARCEL_E_DAMAGED;
        return VEC_PUSH(&laying->blocks, blocked);
}

/*
 * Return: 0 with @out, NULL: it is blocked; or why it is not to be written: no such object, or
 * -ENOMEM.
 */
static int name_object(const struct laying *laying, const struct parcel_item *item,
                       enum update_list list, char **out)
{
        CLEANUP(cert_unrefp) const struct cert *cert = NULL;
        CLEANUP(crl_unrefp) const struct crl *crl = NULL;
        struct bytes der = { item->data, item->n };
        struct file_name_of of = { .is_crl = update_list_is_crls(list) };
        uint8_t sha1[20];
        int r = of.is_crl ? crl_new(der, NULL, &crl) : cert_new(der, NULL, &cert);

        if (!r)
                r = ossl_sha1(der, sha1);
        if (r)
                return r;

        *out = NULL;
        if (cert && is_blocked(laying, cert))
                return 0;

        of.name = of.is_crl ? crl->issuer.der : cert->subject.der;
        of.sha256 = of.is_crl ? crl->sha256 : cert->sha256;
        of.sha1 = sha1;
        return file_name_make(laying->layout_name, &of, out);
}

static int add_file(struct laying *laying, const struct parcel_item *item)
{
        struct file file = { .content = BUF_NULL };
        int r;

        if (strcmp(item->kind, "blocked") == 0)
                return add_block(laying, item);
        if (!update_list_find(item->kind, &file.list))
                return PARCEL_E_DAMAGED;

        r = name_object(laying, item, file.list, &file.name);
        if (r)
                return r < 0 ? r : PARCEL_E_DAMAGED;
        if (!file.name) {
                laying->n_blocked++;
                return 0;
        }

        if (file_name_is_pem(laying->layout_name))
                pem_add(&file.content, update_list_is_crls(file.list) ? "X509 CRL" : "CERTIFICATE",
                        (struct bytes){ item->data, item->n });
        else
                buf_add(&file.content, item->data, item->n);
        r = buf_error(&file.content);
        if (!r)
                r = VEC_PUSH(&laying->files, file);
        if (r) {
                free(file.name);
                buf_deinit(&file.content);
        }
        return r;
}

static int read_parcel(struct laying *laying)
{
        int r = 0;

        while (!r) {
                struct parcel_item item = { .name = NULL };

                r = parcel_read(stdin, &item);
                if (!r)
                        r = add_file(laying, &item);
                parcel_item_deinit(&item);
        }
        if (r == PARCEL_E_END)
                return VERB_EXIT_OK;
        return complain(VERB_EXIT_SYSTEM, "%s",
                        r < 0 ? strerror(-r) : "what came from the agent is not whole");
}

/* --- writing --- */

/* All folders above it below the one that is there. */
static int make_dir(const char *path, int *out_fd)
{
        CLEANUP(freep) char *copy = strdup(path);

        if (!copy)
                return -ENOMEM;

        for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
                *slash = '\0';
                if (mkdir(copy, 0755) < 0 && errno != EEXIST)
                        return -errno;
                *slash = '/';
        }
        if (mkdir(copy, 0755) < 0 && errno != EEXIST)
                return -errno;

        *out_fd = open(copy, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        return *out_fd < 0 ? -errno : 0;
}

static int open_dirs(struct laying *laying)
{
        for (int list = 0; list < UPDATE_LIST_N; list++) {
                CLEANUP(freep) char *path = NULL;
                int r;

                if (asprintf(&path, "%s/%s", laying->path,
                             find_dir(laying->layout, (enum update_list)list)) < 0)
                        path = NULL;
                r = path ? make_dir(path, &laying->dir_fds[list]) : -ENOMEM;
                if (r)
                        return complain_file(path ? path : laying->path, -r);
        }
        return VERB_EXIT_OK;
}

static int write_all(int fd, const struct buf *content)
{
        size_t n_done = 0;

        while (n_done < content->n) {
                ssize_t n = write(fd, content->data + n_done, content->n - n_done);

                if (n < 0 && errno != EINTR)
                        return -errno;
                n_done += n > 0 ? (size_t)n : 0;
        }
        return 0;
}

static int write_file(int dir_fd, const struct file *file)
{
        int fd, r;

        unlinkat(dir_fd, TEMPORARY, 0);
        fd = openat(dir_fd, TEMPORARY, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
        if (fd < 0)
                return -errno;

        r = write_all(fd, &file->content);
        if (!r && fsync(fd) < 0)
                r = -errno;
        close(fd);
        if (!r && renameat(dir_fd, TEMPORARY, dir_fd, file->name) < 0)
                r = -errno;
        if (r)
                unlinkat(dir_fd, TEMPORARY, 0);
        return r;
}

static int compare_files(const void *left, const void *right)
{
        const struct file *a = left, *b = right;

        return a->list != b->list ? (a->list > b->list) - (a->list < b->list)
                                  : strcmp(a->name, b->name);
}

static bool is_ours(const struct laying *laying, int list, const char *name)
{
        const struct file wanted = { .list = (enum update_list)list, .name = (char *)name };

        return list < UPDATE_LIST_N && laying->files.n > 0 &&
               bsearch(&wanted, laying->files.items, laying->files.n, sizeof(wanted),
                       compare_files);
}

/* What else lies there would be trusted, too: files and links go, folders stay. */
static int remove_rest(struct laying *laying, int dir_fd, int list)
{
        int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        DIR *dir = fd < 0 ? NULL : fdopendir(fd);
        struct dirent *entry;
        int r = 0;

        if (!dir)
                return -errno;

        while (!r && (entry = readdir(dir))) {
                struct stat st;

                if (layout_is_temporary(entry->d_name) || is_ours(laying, list, entry->d_name) ||
                    fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 || S_ISDIR(st.st_mode))
                        continue;
                r = unlinkat(fd, entry->d_name, 0) < 0 ? -errno : 0;
                laying->n_removed += !r;
        }
        closedir(dir);
        if (!r && fsync(dir_fd) < 0)
                r = -errno;
        return r;
}

/* Which of the lists is written to this folder of the layout; UPDATE_LIST_N: none. */
static int find_list(const struct layout *layout, const char *path)
{
        int list = 0;

        while (list < UPDATE_LIST_N && strcmp(find_dir(layout, (enum update_list)list), path) != 0)
                list++;
        return list;
}

/* In every folder that the layout reads these lists from, whether it is written to or not. */
static int remove_all_rest(struct laying *laying)
{
        int r = 0;

        for (size_t i = 0; !r && i < laying->layout->n_dirs; i++) {
                const struct layout_dir *dir = &laying->layout->dirs[i];
                CLEANUP(freep) char *path = NULL;
                int fd;

                if (dir->role != ROLE_TRUSTED && dir->role != ROLE_ISSUERS)
                        continue;
                if (asprintf(&path, "%s/%s", laying->path, dir->path) < 0) {
                        path = NULL;
                        return -ENOMEM;
                }
                fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
                if (fd < 0)
                        continue;
                r = remove_rest(laying, fd, find_list(laying->layout, dir->path));
                close(fd);
        }
        return r;
}

static int write_files(struct laying *laying)
{
        int r;

        if (laying->files.n > 0)
                qsort(laying->files.items, laying->files.n, sizeof(*laying->files.items),
                      compare_files);
        for (size_t i = 0; i < laying->files.n; i++) {
                const struct file *file = &laying->files.items[i];

                r = write_file(laying->dir_fds[file->list], file);
                if (r)
                        return complain_file(file->name, -r);
        }
        r = remove_all_rest(laying);
        return r ? complain_file(laying->path, -r) : VERB_EXIT_OK;
}

/* A folder in whose presence an SDK does not read what would be written. */
static int check_displaced(const struct laying *laying)
{
        for (size_t i = 0; i < laying->layout->n_dirs; i++) {
                const char *unless = laying->layout->dirs[i].unless;
                CLEANUP(freep) char *path = NULL;

                if (!unless)
                        continue;
                if (asprintf(&path, "%s/%s", laying->path, unless) < 0) {
                        path = NULL;
                        return complain(VERB_EXIT_SYSTEM, "out of memory");
                }
                if (access(path, F_OK) == 0)
                        return complain(
                                VERB_EXIT_CREATE,
                                "%s: it is there, and read in place of what would be written",
                                path);
        }
        return VERB_EXIT_OK;
}

/* --- the verb --- */

/* Return: VERB_EXIT_CREATE where something is, which nobody allowed to be replaced. */
static int check_empty(const struct laying *laying)
{
        DIR *dir = opendir(laying->path);
        struct dirent *entry;
        bool is_empty = true;

        if (!dir)
                return errno == ENOENT ? VERB_EXIT_OK : complain_file(laying->path, errno);

        while (is_empty && (entry = readdir(dir)))
                is_empty = !strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..");
        closedir(dir);
        if (is_empty || laying->may_replace)
                return VERB_EXIT_OK;
        return complain(VERB_EXIT_CREATE,
                        "%s: it is not empty; --replace makes its lists what the store holds",
                        laying->path);
}

static int take_option(struct laying *laying, int option, const char *value)
{
        switch (option) {
        case LAYOUT:
                laying->layout_name = value;
                return VERB_EXIT_OK;
        case GROUP:
                if (layout_find_group(value, &laying->group))
                        return VERB_EXIT_OK;
                return complain_usage(VERB, "--group: \"%s\" is none of application, user, https",
                                      value);
        case REPLACE:
                laying->may_replace = true;
                return VERB_EXIT_OK;
        case JSON:
                laying->wants_json = true;
                return VERB_EXIT_OK;
        case LOST:
                laying->n_lost = strtoul(value, NULL, 10);
                return VERB_EXIT_OK;
        default: /* getopt_long() has complained */
                return VERB_EXIT_USAGE;
        }
}

static int lay(struct laying *laying)
{
        int code = check_empty(laying);

        if (!code)
                code = check_displaced(laying);
        if (!code)
                code = read_parcel(laying);
        if (!code)
                code = open_dirs(laying);
        if (!code)
                code = write_files(laying);
        if (!code)
                printf(laying->wants_json
                               ? "{\"written\":%zu,\"removed\":%zu,\"blocked\":%zu,"
                                 "\"blocksLost\":%lu}\n"
                               : "%zu files were written, %zu removed; %zu blocked certificates "
                                 "were left out, %lu blocks cannot be said\n",
                       laying->files.n, laying->n_removed, laying->n_blocked, laying->n_lost);
        return code;
}

static void deinit(struct laying *laying)
{
        for (size_t i = 0; i < laying->files.n; i++) {
                free(laying->files.items[i].name);
                buf_deinit(&laying->files.items[i].content);
        }
        VEC_FREE(&laying->files);
        VEC_FREE(&laying->blocks);
        for (int list = 0; list < UPDATE_LIST_N; list++)
                if (laying->dir_fds[list] >= 0)
                        close(laying->dir_fds[list]);
}

int lay_run(int argc, char **argv)
{
        struct laying laying = { .layout_name = "default", .dir_fds = { -1, -1, -1, -1 } };
        int option, code = VERB_EXIT_OK;

        while (!code && (option = getopt_long(argc, argv, "", ROWS, NULL)) >= 0)
                code = take_option(&laying, option, optarg);
        if (code)
                return code;
        if (optind + 1 != argc)
                return complain_usage(VERB, "DIR is missing");

        laying.path = argv[optind];
        laying.layout = layout_find(laying.layout_name, laying.group);
        if (!laying.layout || !strcmp(laying.layout_name, "auto"))
                return complain_usage(VERB, "--layout: \"%s\" is none, or has no such group",
                                      laying.layout_name);

        code = lay(&laying);
        deinit(&laying);
        return code;
}
