/* SPDX-License-Identifier: Apache-2.0 */
#include "app/sandbox.h"

#include "app/config.h"
#include "app/landlock.h"
#include "app/sockets.h"
#include "base/log.h"
#include "base/vec.h"
#include "service/catalog.h"
#include "store/layout.h"
#include "store/sources.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What the C library reads: users and groups with their modules, time zones, and /proc. */
static const char *const SYSTEM[] = { "/etc",  "/usr", "/lib",        "/lib64",
                                      "/proc", "/run", "/var/lib/sss" };

/* A directory that was allowed, with all beneath it. */
struct place {
        dev_t device;
        ino_t inode;
        bool is_written;
};

struct sandbox {
        bool leaves_reading;
        VEC(struct place) places;
};

/* A directory that a configuration needs, which may not exist. */
struct need {
        const char *store;
        char *path;
        bool is_written;
};

struct needs {
        VEC(struct need) list;
};

/* -- what a configuration needs ----------------------------------------------------------------- */

static void needs_deinit(struct needs *needs)
{
        for (size_t i = 0; i < needs->list.n; i++)
                free(needs->list.items[i].path);
        VEC_FREE(&needs->list);
}

static int add_need(struct needs *needs, const char *store, const char *path, bool is_written)
{
        struct need need = { store, strdup(path), is_written };
        int r = need.path ? VEC_PUSH(&needs->list, need) : -ENOMEM;

        if (r)
                free(need.path);
        return r;
}

/* A role's directory has a place of its own where it is named apart, or a link leads away. */
static int add_source(struct needs *needs, const char *store, const struct store_source *source,
                      bool is_own)
{
        int r = source->layout->is_named ? 0 : add_need(needs, store, source->path, is_own);

        for (size_t i = 0; i < source->layout->n_dirs && !r; i++) {
                char path[PATH_MAX];
                size_t n =
                        sources_write_dir(source, source->layout->dirs[i].path, path, sizeof(path));

                if (n < sizeof(path))
                        r = add_need(needs, store, path, is_own);
        }
        return r;
}

static int find_needs(const struct config *config, struct needs *out)
{
        int r = 0;

        for (size_t i = 0; i < config->stores.n; i++) {
                const struct config_store *store = &config->stores.items[i];

                for (size_t k = 0; k < store->sources->list.n && !r; k++)
                        r = add_source(out, store->name, &store->sources->list.items[k], k == 0);
        }
        return r;
}

/* -- places ------------------------------------------------------------------------------------- */

static bool is_root(const char *path)
{
        return path[0] == '/' && path[1] == '\0';
}

/* Cuts the last name off an absolute path without trailing slashes. */
static void cut(char *path)
{
        char *slash = strrchr(path, '/');

        slash[slash == path] = '\0';
}

/* Where @path leads, or the nearest directory above it that is there. Return: true if it is there. */
static bool resolve(const char *path, char out[PATH_MAX])
{
        char text[PATH_MAX];
        bool is_there = true;

        snprintf(text, sizeof(text), "%s", path);
        for (size_t n = strlen(text); n > 1 && text[n - 1] == '/'; n--)
                text[n - 1] = '\0';
        while (!realpath(text, out)) {
                is_there = false;
                cut(text);
                if (is_root(text)) {
                        strcpy(out, text);
                        break;
                }
        }
        return is_there;
}

static const struct place *find_place(const struct sandbox *sandbox, const struct stat *directory)
{
        for (size_t i = 0; i < sandbox->places.n; i++) {
                const struct place *place = &sandbox->places.items[i];

                if (place->device == directory->st_dev && place->inode == directory->st_ino)
                        return place;
        }
        return NULL;
}

/* As the kernel judges: by all that is above the directory that @fd is open on, and itself. */
static bool is_covered_at(const struct sandbox *sandbox, int fd, bool is_written)
{
        struct stat here, above;
        int up_fd;

        while (fd >= 0) {
                const struct place *place;

                if (fstat(fd, &here) < 0)
                        break;
                place = find_place(sandbox, &here);
                if (place && (place->is_written || !is_written)) {
                        close(fd);
                        return true;
                }
                up_fd = openat(fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
                close(fd);
                fd = up_fd;
                if (fd >= 0 && fstat(fd, &above) == 0 && above.st_dev == here.st_dev &&
                    above.st_ino == here.st_ino)
                        break; /* "/" */
        }
        if (fd >= 0)
                close(fd);
        return false;
}

static bool is_covered(const struct sandbox *sandbox, const char *path, bool is_written)
{
        return is_covered_at(sandbox, open(path, O_PATH | O_DIRECTORY | O_CLOEXEC), is_written);
}

/* What is not there needs no place. */
static int allow(struct sandbox *sandbox, const struct landlock *landlock, const char *path,
                 bool may_write)
{
        struct place place = { .is_written = may_write };
        struct stat status;
        int fd, r = 0;

        if (is_covered(sandbox, path, may_write))
                return 0;

        fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return errno == ENOMEM || errno == EMFILE || errno == ENFILE ? -errno : 0;
        if (fstat(fd, &status) < 0)
                r = -errno;
        place.device = status.st_dev;
        place.inode = status.st_ino;
        if (!r)
                r = VEC_PUSH(&sandbox->places, place);
        if (!r)
                r = landlock_allow(landlock, fd, may_write);
        close(fd);
        return r;
}

/* -- entering ----------------------------------------------------------------------------------- */

/* The directory whose right to be read lets @need be read, also when it is made anew. */
static void find_anchor(const struct need *need, char out[PATH_MAX])
{
        char real[PATH_MAX];

        if (!resolve(need->path, out))
                return;
        strcpy(real, out);
        cut(out);
        if (is_root(out))
                strcpy(out, real);
}

/* Is there one to be read right below "/" that is not there yet? It is told. */
static bool find_unanchored(const struct needs *needs, const struct log *log)
{
        bool has_any = false;

        for (size_t i = 0; i < needs->list.n; i++) {
                const struct need *need = &needs->list.items[i];
                char anchor[PATH_MAX];

                find_anchor(need, anchor);
                if (!is_root(anchor))
                        continue;
                if (!has_any)
                        catalog_tell(log, CATALOG_NOT_CONFINED,
                                     &(struct catalog_about){ .store = need->store,
                                                              .reason = "a directory is missing" },
                                     "%s is not there: what the agent reads is not confined",
                                     need->path);
                has_any = true;
        }
        return has_any;
}

static int allow_store(struct sandbox *sandbox, const struct landlock *landlock,
                       const struct need *need)
{
        char path[PATH_MAX];
        int r = 0;

        find_anchor(need, path);
        if (!is_root(path))
                r = allow(sandbox, landlock, path, false);
        if (r || !need->is_written)
                return r;

        resolve(need->path, path);
        return is_root(path) ? 0 : allow(sandbox, landlock, path, true);
}

static int allow_folder_of(struct sandbox *sandbox, const struct landlock *landlock,
                           const char *path, bool may_write)
{
        char folder[PATH_MAX];

        if (!path || path[0] != '/' ||
            (size_t)snprintf(folder, sizeof(folder), "%s", path) >= sizeof(folder))
                return 0;

        cut(folder);
        return is_root(folder) ? 0 : allow(sandbox, landlock, folder, may_write);
}

static int allow_all(struct sandbox *sandbox, const struct landlock *landlock,
                     const struct sandbox_config *config, const struct needs *needs)
{
        const struct sockets *sockets = config->sockets;
        int r = 0;

        if (config->state_directory)
                r = allow(sandbox, landlock, config->state_directory, true);
        for (size_t i = 0; i < needs->list.n && !r; i++)
                r = allow_store(sandbox, landlock, &needs->list.items[i]);
        if (!r)
                r = allow_folder_of(sandbox, landlock, sockets->page_path, true);
        for (size_t i = 0; i < sockets->items.n && !r; i++)
                r = allow_folder_of(sandbox, landlock, sockets->items.items[i].path, true);
        if (!r)
                r = allow_folder_of(sandbox, landlock, config->config_path, false);
        for (size_t i = 0; i < ARRAY_SIZE(SYSTEM) && !r; i++)
                r = allow(sandbox, landlock, SYSTEM[i], false);
        return r;
}

static int enter(struct sandbox *sandbox, int abi, const struct sandbox_config *config,
                 const struct needs *needs)
{
        struct landlock landlock;
        int r;

        sandbox->leaves_reading = find_unanchored(needs, config->log);
        r = landlock_open(abi, sandbox->leaves_reading, &landlock);
        if (r)
                return r;

        r = allow_all(sandbox, &landlock, config, needs);
        if (!r)
                r = landlock_enter(&landlock);
        landlock_close(&landlock);
        return r;
}

int sandbox_enter(const struct sandbox_config *config, struct sandbox **out)
{
        CLEANUP(sandbox_freep) struct sandbox *sandbox = calloc(1, sizeof(*sandbox));
        struct needs needs = { .list = { 0 } };
        int abi = landlock_get_abi();
        int r;

        if (!sandbox)
                return -ENOMEM;
        if (abi < LANDLOCK_ABI_MIN) {
                const char *why = abi < 0 ? strerror(-abi) : "it is too old";

                catalog_tell(config->log, CATALOG_NOT_CONFINED,
                             &(struct catalog_about){ .reason = why },
                             "the kernel's Landlock cannot confine the agent: %s", why);
                *out = NULL;
                return 0;
        }

        r = find_needs(config->config, &needs);
        if (!r)
                r = enter(sandbox, abi, config, &needs);
        needs_deinit(&needs);
        if (r)
                return r;

        *out = TAKE(sandbox);
        return 0;
}

/* -- afterwards --------------------------------------------------------------------------------- */

static bool is_outside(const struct sandbox *sandbox, const struct need *need)
{
        char path[PATH_MAX];

        resolve(need->path, path);
        return (!sandbox->leaves_reading && !is_covered(sandbox, path, false)) ||
               (need->is_written && !is_covered(sandbox, path, true));
}

int sandbox_check(const struct sandbox *sandbox, const struct config *config, char **out_fault)
{
        struct needs needs = { .list = { 0 } };
        int r;

        if (!sandbox)
                return 0;

        r = find_needs(config, &needs);
        for (size_t i = 0; i < needs.list.n && !r; i++) {
                const struct need *need = &needs.list.items[i];

                if (!is_outside(sandbox, need))
                        continue;
                r = asprintf(out_fault,
                             "store %s: %s is outside of where the agent has been confined since "
                             "its start: restart it instead (systemctl restart uatrustd)",
                             need->store, need->path) < 0
                            ? -ENOMEM
                            : SANDBOX_E_OUTSIDE;
        }
        needs_deinit(&needs);
        return r;
}

struct sandbox *sandbox_free(struct sandbox *sandbox)
{
        if (!sandbox)
                return NULL;

        VEC_FREE(&sandbox->places);
        free(sandbox);
        return NULL;
}
