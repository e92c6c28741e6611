/* SPDX-License-Identifier: Apache-2.0 */
#include "store/read.h"

#include "base/fs.h"
#include "pki/crl.h"
#include "pki/decode.h"
#include "proto/hex.h"
#include "store/content.h"
#include "store/scan.h"
#include "store/sources.h"
#include "trust/entry.h"
#include "trust/snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where an origin leads: see store/origin. */
struct place {
        const struct store_source *source;
        char *dir;  /* below the source's folder, or absolute */
        char *name; /* of the file, as it is on disk */
};

static void place_deinit(struct place *place)
{
        free(place->dir);
        free(place->name);
}

static const struct store_source *find_source(const struct sources *sources, const char *name,
                                              size_t n)
{
        for (size_t i = 0; i < sources->list.n; i++) {
                const struct store_source *source = &sources->list.items[i];

                if (strlen(source->name) == n && memcmp(source->name, name, n) == 0)
                        return source;
        }
        return NULL;
}

/* "\xNN" becomes its byte, in place. */
static void unescape(char *name)
{
        char *to = name;

        while (*name != '\0') {
                uint8_t byte;

                if (strncmp(name, "\\x", 2) == 0 && strnlen(name, 4) == 4 &&
                    hex_decode(name + 2, 2, &byte) == 0 && byte != 0) {
                        *to++ = (char)byte;
                        name += 4;
                } else {
                        *to++ = *name++;
                }
        }
        *to = '\0';
}

/* Return: 0, READ_E_CHANGED where such a source is no more, or -ENOMEM. */
static int find_place(const struct sources *sources, const char *origin, struct place *out)
{
        const char *dir = strchr(origin, '/'), *name = strrchr(origin, '/');

        if (!dir || name == dir)
                return READ_E_CHANGED;
        out->source = find_source(sources, origin, (size_t)(dir - origin));
        if (!out->source)
                return READ_E_CHANGED;

        out->dir = strndup(dir + 1, (size_t)(name - dir - 1));
        out->name = strdup(name + 1);
        if (!out->dir || !out->name)
                return -ENOMEM;

        unescape(out->name);
        return 0;
}

/* What is not about us has changed. */
static int tell(int error)
{
        return fs_is_about_us(error) ? -error : READ_E_CHANGED;
}

static int find_in_file(int fd, const uint8_t sha256[32], uint8_t **out, size_t *out_n)
{
        CLEANUP(content_deinit) struct content content = CONTENT_NULL;
        struct stat st;
        int r;

        if (fstat(fd, &st) < 0)
                return tell(errno);
        if (!S_ISREG(st.st_mode))
                return READ_E_CHANGED;

        r = content_read(fd, st.st_size, &content);
        if (r == CONTENT_E_PRIVATE_KEY)
                content_wipe(&content);
        if (r)
                return r < 0 ? tell(-r) : READ_E_CHANGED;

        r = decode_find_crl((struct bytes){ content.data, content.n }, sha256, out, out_n);
        return r == DECODE_E_NO_SUCH_CRL ? READ_E_CHANGED : r;
}

static int find_in_dir(const struct scan_dir *dir, const char *name, const uint8_t sha256[32],
                       uint8_t **out, size_t *out_n)
{
        int fd, error, r;

        if (dir->fd < 0)
                return READ_E_CHANGED;

        r = scan_open(dir, name, O_RDONLY | O_NONBLOCK | O_NOCTTY, &fd, &error);
        if (r)
                return r;
        if (fd < 0)
                return READ_E_CHANGED;

        r = find_in_file(fd, sha256, out, out_n);
        close(fd);
        return r;
}

static int find_at(const struct place *place, const uint8_t sha256[32], uint8_t **out,
                   size_t *out_n)
{
        CLEANUP(scan_close_dir) struct scan_dir root = SCAN_DIR_NULL;
        CLEANUP(scan_close_dir) struct scan_dir dir = SCAN_DIR_NULL;
        int r;

        r = scan_open_dir(AT_FDCWD, place->source->path, &root);
        if (!r && root.fd >= 0)
                r = scan_open_dir(root.fd, place->dir, &dir);
        return r ? r : find_in_dir(&dir, place->name, sha256, out, out_n);
}

int read_crl(const struct sources *sources, const struct snapshot_crl *crl, uint8_t **out,
             size_t *out_n)
{
        int r = READ_E_CHANGED;

        for (size_t i = 0; i < crl->n_entries && r == READ_E_CHANGED; i++) {
                CLEANUP(place_deinit) struct place place = { NULL, NULL, NULL };

                if (crl->entries[i]->is_last_good)
                        continue;
                r = find_place(sources, crl->entries[i]->origin, &place);
                if (!r)
                        r = find_at(&place, crl->crl->sha256, out, out_n);
        }
        return r;
}
