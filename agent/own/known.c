/* SPDX-License-Identifier: Apache-2.0 */
#include "own/known.h"

#include "own/bundle.h"
#include "own/complain.h"
#include "own/place.h"
#include "own/secret.h"
#include "own/verb.h"
#include "pki/cert.h"
#include "pki/decode.h"
#include "proto/buf.h"
#include "store/layout.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

void known_deinit(struct known *known)
{
        for (size_t i = 0; i < known->certs.n; i++)
                cert_unref(known->certs.items[i]);
        VEC_FREE(&known->certs);
}

int known_add(struct known *known, const struct cert *cert)
{
        int r;

        if (known->certs.n == KNOWN_MAX)
                return 0;

        r = VEC_PUSH(&known->certs, cert);
        if (!r)
                cert_ref(cert);
        return r;
}

static int read_regular(int fd, struct secret *out)
{
        struct stat file;

        if (fstat(fd, &file))
                return -errno;
        return S_ISREG(file.st_mode) ? secret_read_all(fd, out) : -EINVAL;
}

/* Return: how many certificates were added, or a negative errno. */
static int add_list(struct known *known, const struct decode_list *list, bool wants_all)
{
        int n = 0, r = 0;

        for (size_t i = 0; !r && i < list->items.n; i++) {
                const struct cert *cert = list->items.items[i].cert;

                if (list->items.items[i].kind != DECODE_CERT ||
                    !(wants_all || cert->basic_constraints.is_ca))
                        continue;
                r = known_add(known, cert);
                n++;
        }
        return r ? r : n;
}

/* Return: as above. */
static int add_file(struct known *known, int at, const char *name, bool wants_all)
{
        CLEANUP(decode_list_deinit) struct decode_list list = DECODE_LIST_NULL;
        CLEANUP(secret_deinit) struct secret secret = SECRET_NULL;
        CLEANUP(buf_deinit) struct buf room = BUF_NULL;
        int fd = openat(at, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        int r = fd < 0 ? -errno : read_regular(fd, &secret);
        struct bytes content = secret_bytes(&secret);

        if (fd >= 0)
                close(fd);
        if (!r)
                r = bundle_decode(&content, &room, &list);
        return r ? r : add_list(known, &list, wants_all);
}

int known_add_file(struct known *known, const char *path)
{
        int r = add_file(known, AT_FDCWD, path, true);

        if (r < 0)
                return complain_file(path, -r);
        return r ? 0 : complain(VERB_EXIT_DATA, "%s: holds no certificate", path);
}

static int add_dir(struct known *known, int folder_fd, const char *path)
{
        int fd = openat(folder_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = 0;
        DIR *dir = fd < 0 ? NULL : fdopendir(fd);
        const struct dirent *entry;

        if (!dir) {
                if (fd >= 0)
                        close(fd);
                return 0;
        }

        while (r != -ENOMEM && known->certs.n < KNOWN_MAX && (entry = readdir(dir)))
                if (!layout_is_temporary(entry->d_name))
                        r = add_file(known, fd, entry->d_name, false);
        closedir(dir);
        return r == -ENOMEM ? r : 0;
}

int known_add_folder(struct known *known, const struct place *place)
{
        int r = 0;

        for (size_t i = 0; !r && i < place->layout->n_dirs; i++) {
                const struct layout_dir *dir = &place->layout->dirs[i];

                if (dir->role == ROLE_TRUSTED || dir->role == ROLE_ISSUERS)
                        r = add_dir(known, place->folder_fd, dir->path);
        }
        return r;
}

struct bytes *known_bytes(const struct known *known)
{
        struct bytes *out = calloc(known->certs.n + 1, sizeof(*out));

        for (size_t i = 0; out && i < known->certs.n; i++)
                out[i] = (struct bytes){ known->certs.items[i]->der, known->certs.items[i]->n_der };
        return out;
}
