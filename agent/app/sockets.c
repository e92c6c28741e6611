/* SPDX-License-Identifier: Apache-2.0 */
#include "app/sockets.h"

#include "app/options.h"
#include "front/socket.h"
#include "proto/names.h"
#include "service/catalog.h"

#include <systemd/sd-daemon.h>

#include <errno.h>
#include <grp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define ADMIN_GROUP "uatrust-admin"

static const char *text_of(int r)
{
        switch (r) {
        case SOCKET_E_IN_USE:
                return "another agent listens there";
        case SOCKET_E_NO_SOCKET:
                return "there is a file that is no socket";
        case SOCKET_E_BAD_PATH:
                return "the path of a socket has 1 to 107 bytes, and its folder's a few less";
        case SOCKET_E_NOT_LISTENING:
                return "it is no listening Unix stream socket";
        default:
                return strerror(-r);
        }
}

static int fail(const struct log *log, const char *path, int r)
{
        catalog_tell(log, CATALOG_CANNOT_LISTEN,
                     &(struct catalog_about){ .file = path, .reason = text_of(r) },
                     "cannot listen at %s: %s", path, text_of(r));
        return r < 0 ? r : -EADDRINUSE;
}

static bool has_door(const struct sockets *sockets, enum caller_door door)
{
        for (size_t i = 0; i < sockets->items.n; i++)
                if (sockets->items.items[i].door == door)
                        return true;

        return false;
}

static int set_page_path(struct sockets *sockets, const char *socket_path)
{
        const char *slash = strrchr(socket_path, '/');
        int n_folder = slash ? (int)(slash - socket_path) + 1 : 0;

        if (sockets->page_path)
                return 0;
        if (asprintf(&sockets->page_path, "%.*s" NAMES_PAGE, n_folder, socket_path) < 0) {
                sockets->page_path = NULL;
                return -ENOMEM;
        }

        return 0;
}

/* -- handed over ------------------------------------------------------------------------------ */

static int add_inherited(struct sockets *sockets, int fd, const char *name, const struct log *log)
{
        struct sockets_item item = { .fd = fd };
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        socklen_t n = sizeof(address) - 1;
        int r;

        item.door = !strcmp(name, "admin") ? CALLER_DOOR_ADMIN : CALLER_DOOR_CLIENT;
        r = VEC_PUSH(&sockets->items, item);
        if (!r)
                r = socket_adopt(fd);
        if (r)
                return fail(log, name, r);

        if (item.door == CALLER_DOOR_CLIENT &&
            getsockname(fd, (struct sockaddr *)&address, &n) == 0 && address.sun_path[0])
                r = set_page_path(sockets, address.sun_path);
        return r;
}

static int inherit(struct sockets *sockets, const struct log *log)
{
        char **names = NULL;
        int n, r = 0;

        n = sd_listen_fds_with_names(true, &names);
        if (n < 0)
                return n;

        for (int i = 0; i < n; i++) {
                if (!r)
                        r = add_inherited(sockets, SD_LISTEN_FDS_START + i, names[i], log);
                free(names[i]);
        }
        free(names);
        return r;
}

/*
 * -- our own ------------------------------------------------------------------------------------
 */

static int add_own(struct sockets *sockets, enum caller_door door, const char *path,
                   const struct log *log)
{
        bool is_admin = door == CALLER_DOOR_ADMIN;
        struct group *group = is_admin && geteuid() == 0 ? getgrnam(ADMIN_GROUP) : NULL;
        mode_t mode = !is_admin ? 0666 : group ? 0660 : 0600;
        struct sockets_item item = { .door = door };
        int r;

        r = socket_listen(path, mode, group ? group->gr_gid : (gid_t)-1, &item.fd);
        if (r)
                return fail(log, path, r);

        item.path = strdup(path);
        r = item.path ? VEC_PUSH(&sockets->items, item) : -ENOMEM;
        if (r) {
                socket_remove(path);
                close(item.fd);
                free(item.path);
                return r;
        }

        return is_admin ? 0 : set_page_path(sockets, path);
}

/* The default place, its folders made: @path is below the run directory. */
static int add_default(struct sockets *sockets, enum caller_door door, const char *path,
                       const struct log *log)
{
        const char *base = geteuid() == 0 ? "/run" : getenv("XDG_RUNTIME_DIR");
        char text[256];
        size_t n_base;
        int n;

        if (!base || base[0] != '/') {
                catalog_tell(log, CATALOG_CANNOT_LISTEN, NULL,
                             "XDG_RUNTIME_DIR is not set: say where to listen by --socket");
                return -ENOENT;
        }

        n_base = strlen(base);
        n = snprintf(text, sizeof(text), "%s/uatrust/%s", base, path);
        if (n < 0 || (size_t)n >= sizeof(text))
                return fail(log, base, SOCKET_E_BAD_PATH);

        for (char *slash = text + n_base; (slash = strchr(slash + 1, '/'));) {
                *slash = '\0';
                if (mkdir(text, door == CALLER_DOOR_ADMIN && strchr(slash + 1, '/') == NULL
                                        ? 0750
                                        : 0755) < 0 &&
                    errno != EEXIST)
                        return fail(log, text, -errno);
                *slash = '/';
        }

        return add_own(sockets, door, text, log);
}

static int open_all(struct sockets *sockets, const struct options *options, const struct log *log)
{
        bool is_default;
        int r;

        r = inherit(sockets, log);
        is_default = sockets->items.n == 0 && !options->socket;
        if (!r && options->socket)
                r = add_own(sockets, CALLER_DOOR_CLIENT, options->socket, log);
        else if (!r && is_default)
                r = add_default(sockets, CALLER_DOOR_CLIENT, NAMES_CLIENT_SOCKET, log);

        if (!r && options->admin_socket)
                r = add_own(sockets, CALLER_DOOR_ADMIN, options->admin_socket, log);
        else if (!r && is_default && !has_door(sockets, CALLER_DOOR_ADMIN))
                r = add_default(sockets, CALLER_DOOR_ADMIN, NAMES_ADMIN_SOCKET, log);
        return r;
}

int sockets_open(const struct options *options, const struct log *log, struct sockets **out)
{
        CLEANUP(sockets_closep) struct sockets *sockets = calloc(1, sizeof(*sockets));
        int r;

        if (!sockets)
                return -ENOMEM;

        r = open_all(sockets, options, log);
        if (r)
                return r;

        *out = TAKE(sockets);
        return 0;
}

void sockets_remove_files(struct sockets *sockets)
{
        for (size_t i = 0; i < sockets->items.n; i++)
                if (sockets->items.items[i].path)
                        socket_remove(sockets->items.items[i].path);
}

struct sockets *sockets_close(struct sockets *sockets)
{
        if (!sockets)
                return NULL;

        sockets_remove_files(sockets);
        for (size_t i = 0; i < sockets->items.n; i++) {
                if (sockets->items.items[i].fd >= 0)
                        close(sockets->items.items[i].fd);
                free(sockets->items.items[i].path);
        }
        VEC_FREE(&sockets->items);
        free(sockets->page_path);
        free(sockets);
        return NULL;
}
