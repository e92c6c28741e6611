/* SPDX-License-Identifier: Apache-2.0 */
#include "own/place.h"

#include "base/vec.h"
#include "own/complain.h"
#include "own/identity.h"
#include "own/match.h"
#include "own/owner.h"
#include "own/swap.h"
#include "own/verb.h"
#include "store/layout.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEFAULT_CERT_ENDING ".der"

static int out_of_memory(void)
{
        return complain(VERB_EXIT_SYSTEM, "out of memory");
}

static void close_fd(int *fd)
{
        if (*fd >= 0)
                close(*fd);
        *fd = -1;
}

void place_deinit(struct place *place)
{
        close_fd(&place->folder_fd);
        close_fd(&place->certs_fd);
        close_fd(&place->keys_fd); /* and with it goes the lock */
        free(place->certs);
        free(place->keys);
        free(place->name);
        free(place->cert_name);
        free(place->key_name);
        *place = (struct place)PLACE_NULL;
}

/* -- the two directories ------------------------------------------------------------------------- */

static int open_dir(int at, const char *path)
{
        return openat(at, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* Return: a descriptor, or -1 with errno. */
static int make_dir(int at, const char *path, mode_t mode)
{
        int fd;

        if (mkdirat(at, path, mode)) {
                if (errno != EEXIST)
                        return -1;
                return open_dir(at, path);
        }

        fd = open_dir(at, path);
        if (fd >= 0 && fchmod(fd, mode))
                close_fd(&fd);
        return fd;
}

/* Those on the way, too. Return: as above. */
static int make_dirs(int at, const char *path, mode_t mode)
{
        CLEANUP(freep) char *part = strdup(path);
        char *slash = part;
        int fd;

        if (!part) {
                errno = ENOMEM;
                return -1;
        }

        while ((slash = strchr(slash, '/'))) {
                *slash = '\0';
                fd = make_dir(at, part, 0755);
                if (fd < 0)
                        return -1;
                close(fd);
                *slash++ = '/';
        }
        return make_dir(at, path, mode);
}

static int open_one(int folder_fd, const char *path, const char *whole, mode_t mode,
                    enum place_access access, int *out)
{
        int fd =
                access == PLACE_MAKE ? make_dirs(folder_fd, path, mode) : open_dir(folder_fd, path);

        if (fd < 0 && !(access == PLACE_READ && errno == ENOENT))
                return complain_file(whole, errno);

        *out = fd;
        return 0;
}

/* "own/certs" gives "own/private". */
static char *sibling(const char *certs)
{
        const char *slash = strrchr(certs, '/');
        char *out;

        return asprintf(&out, "%.*s/private", slash ? (int)(slash - certs) : 0, certs) < 0 ? NULL
                                                                                           : out;
}

static int find_layout(const char *name, struct place *place, const char **out_certs)
{
        if (!name)
                name = faccessat(place->folder_fd, "ApplCerts", F_OK, 0) ? "default" : "open62541";
        place->layout = layout_find(name, LAYOUT_APPLICATION);
        if (!place->layout)
                return complain(VERB_EXIT_USAGE, "--layout: \"%s\" is no layout", name);

        *out_certs = layout_find_target(place->layout, ROLE_OWN, false);
        if (!*out_certs)
                return complain(VERB_EXIT_USAGE,
                                "--layout: \"%s\" has no place for own certificates", name);
        return 0;
}

static int open_dirs(const struct place_options *options, enum place_access access,
                     struct place *place)
{
        CLEANUP(freep) char *keys = NULL;
        const char *certs;
        int r = find_layout(options->layout, place, &certs);

        if (r)
                return r;

        keys = sibling(certs);
        if (!keys || asprintf(&place->certs, "%s/%s", options->directory, certs) < 0 ||
            asprintf(&place->keys, "%s/%s", options->directory, keys) < 0)
                return out_of_memory();

        r = open_one(place->folder_fd, certs, place->certs, 0755, access, &place->certs_fd);
        return r ? r : open_one(place->folder_fd, keys, place->keys, 0700, access, &place->keys_fd);
}

static int lock(struct place *place)
{
        int r;

        if (flock(place->keys_fd, LOCK_EX | LOCK_NB))
                return complain(VERB_EXIT_TRY_AGAIN, "%s: %s", place->keys,
                                errno == EWOULDBLOCK ? "another process works there"
                                                     : strerror(errno));

        place->was_interrupted = swap_is_interrupted(place->certs_fd, place->keys_fd);
        r = swap_recover(place->certs_fd, place->keys_fd);
        return r ? complain_file(place->keys, -r) : 0;
}

/* -- which pair ---------------------------------------------------------------------------------- */

struct listing {
        VEC(char *) names; /* of files with one of the endings */
};

static void listing_deinit(struct listing *listing)
{
        for (size_t i = 0; i < listing->names.n; i++)
                free(listing->names.items[i]);
        VEC_FREE(&listing->names);
}

static int add_name(struct listing *listing, const char *name)
{
        char *copy = strdup(name);
        int r = copy ? VEC_PUSH(&listing->names, copy) : -ENOMEM;

        if (r)
                free(copy);
        return r;
}

static int read_names(DIR *dir, bool (*is_listed)(const char *name), struct listing *out)
{
        const struct dirent *entry;
        int r = 0;

        while (!r && (entry = readdir(dir))) {
                if (is_listed(entry->d_name))
                        r = out->names.n < PLACE_NAMES_MAX ? add_name(out, entry->d_name) : -E2BIG;
        }
        return r;
}

static int list(int dir_fd, const char *path, bool (*is_listed)(const char *name),
                struct listing *out)
{
        int fd = dir_fd < 0 ? -1 : open_dir(dir_fd, "."), r;
        DIR *dir = fd < 0 ? NULL : fdopendir(fd);

        if (dir_fd < 0)
                return 0;
        if (!dir) {
                r = complain_file(path, errno);
                close_fd(&fd);
                return r;
        }

        r = read_names(dir, is_listed, out);
        closedir(dir);
        if (r == -E2BIG)
                return complain(VERB_EXIT_DATA, "%s: holds more than %d certificates or keys", path,
                                PLACE_NAMES_MAX);
        return r ? out_of_memory() : 0;
}

static int set_names(struct place *place, const struct match *match)
{
        const char *first = match->cert ? match->cert : match->key;

        place->has_cert = match->cert;
        place->has_key = match->key;
        if (!place->name)
                place->name = strndup(first, match->n_root);
        if (!place->name)
                return out_of_memory();

        if (match->cert)
                place->cert_name = strdup(match->cert);
        else if (asprintf(&place->cert_name, "%s" DEFAULT_CERT_ENDING, place->name) < 0)
                place->cert_name = NULL;
        place->key_name = match->key ? strdup(match->key) : NULL;
        return place->cert_name && (!match->key || place->key_name) ? 0 : out_of_memory();
}

static int choose(struct place *place, const struct match_names *names, const char *root)
{
        struct match match;

        if (match_choose(names, root, &match))
                return complain(VERB_EXIT_USAGE,
                                "%s: it is not clear which pair is meant; give --file-name",
                                place->certs);
        if (root) {
                place->name = strdup(root);
                if (!place->name)
                        return out_of_memory();
        }
        return match.cert || match.key ? set_names(place, &match) : 0;
}

static int find_pair(struct place *place, const char *root)
{
        CLEANUP(listing_deinit) struct listing certs = { VEC_NULL };
        CLEANUP(listing_deinit) struct listing keys = { VEC_NULL };
        struct match_names names;
        int r = list(place->certs_fd, place->certs, match_is_cert, &certs);

        if (!r)
                r = list(place->keys_fd, place->keys, match_is_key, &keys);
        if (r)
                return r;

        names = (struct match_names){ certs.names.items, certs.names.n, keys.names.items,
                                      keys.names.n };
        return choose(place, &names, root);
}

/* A link would be replaced in place of what it points to. */
static int check_regular(int dir_fd, const char *dir, const char *name)
{
        struct stat file;

        if (!name || fstatat(dir_fd, name, &file, AT_SYMLINK_NOFOLLOW))
                return 0;
        return S_ISREG(file.st_mode)
                       ? 0
                       : complain(VERB_EXIT_DATA, "%s/%s: is no regular file", dir, name);
}

static int open_in(const struct place_options *options, enum place_access access,
                   struct place *place)
{
        int r = owner_become(place->folder_fd, options->directory);

        if (!r)
                r = open_dirs(options, access, place);
        if (!r && access != PLACE_READ)
                r = lock(place);
        if (!r)
                r = find_pair(place, options->name);
        if (!r)
                r = check_regular(place->certs_fd, place->certs, place->cert_name);
        return r ? r : check_regular(place->keys_fd, place->keys, place->key_name);
}

/* Where the folder above is another user's, so is the new one. */
static int make_folder(const char *directory, int *out)
{
        CLEANUP(freep) char *copy = strdup(directory);
        int fd = copy ? open_dir(AT_FDCWD, dirname(copy)) : -1, r;

        if (fd < 0)
                return complain_file(directory, errno);

        r = owner_become(fd, directory);
        close(fd);
        if (r)
                return r;

        *out = make_dir(AT_FDCWD, directory, 0755);
        return *out < 0 ? complain_file(directory, errno) : 0;
}

int place_open(const struct place_options *options, enum place_access access, struct place *out)
{
        struct place place = PLACE_NULL;
        int r;

        if (options->name && !identity_is_file_name(options->name))
                return complain(VERB_EXIT_USAGE, "--file-name: \"%s\" cannot be one",
                                options->name);

        place.folder_fd = open_dir(AT_FDCWD, options->directory);
        if (place.folder_fd < 0 && errno == ENOENT && access == PLACE_MAKE) {
                r = make_folder(options->directory, &place.folder_fd);
                if (r)
                        return r;
        }
        if (place.folder_fd < 0)
                return complain_file(options->directory, errno);

        r = open_in(options, access, &place);
        if (r)
                place_deinit(&place);
        else
                *out = place;
        return r;
}

/* -- names --------------------------------------------------------------------------------------- */

int place_name(struct place *place, const char *name, bool is_pfx)
{
        char root[65];

        if (!place->name) {
                identity_make_file_name(name, root);
                place->name = strdup(root);
        }
        if (!place->cert_name && place->name &&
            asprintf(&place->cert_name, "%s" DEFAULT_CERT_ENDING, place->name) < 0)
                place->cert_name = NULL;
        if (!place->key_name && place->name &&
            asprintf(&place->key_name, "%s%s", place->name, is_pfx ? ".pfx" : ".pem") < 0)
                place->key_name = NULL;
        return place->name && place->cert_name && place->key_name ? 0 : out_of_memory();
}

static char *join(const char *directory, const char *name)
{
        char *out;

        return asprintf(&out, "%s/%s", directory, name) < 0 ? NULL : out;
}

char *place_cert_path(const struct place *place)
{
        return join(place->certs, place->cert_name ? place->cert_name : "");
}

char *place_key_path(const struct place *place)
{
        return join(place->keys, place->key_name ? place->key_name : "");
}

char *place_path(const struct place *place, const char *file_name)
{
        return join(place->keys, file_name);
}
