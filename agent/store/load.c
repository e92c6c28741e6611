/* SPDX-License-Identifier: Apache-2.0 */
#include "store/load.h"

#include "base/fs.h"
#include "pki/cert.h"
#include "pki/decode.h"
#include "pki/ossl.h"
#include "store/block_record.h"
#include "store/content.h"
#include "store/layout.h"
#include "store/mend.h"
#include "store/retry.h"
#include "trust/block.h"
#include "trust/entry.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The first reason says enough: one broken entry a file. */
static int add_broken(const struct load_place *place, const char *reason, struct load *load)
{
        struct entry *entry;
        int r;

        load->is_whole = false;
        if (entries_find_broken(&load->entries))
                return 0;

        r = entry_new_broken(place->role, place->origin, reason, &entry);
        return r < 0 ? r : entries_add(&load->entries, entry);
}

static int add_block(const struct load_place *place, const struct block *block, struct load *load)
{
        struct entry *entry;
        int r;

        r = entry_new_block(place->role, place->origin, block, false, &entry);
        return r < 0 ? r : entries_add(&load->entries, entry);
}

/* Of a file in the role blocked: a certificate blocks itself; nothing else is passed over. */
static int add_blocking_item(const struct load_place *place, const struct decode_item *item,
                             struct load *load)
{
        static const struct block_note NO_NOTE = { NULL, BLOCK_ABSENT, BLOCK_ABSENT };
        CLEANUP(block_unrefp) struct block *block = NULL;
        int r;

        if (item->kind != DECODE_CERT)
                return add_broken(place, "it is neither a certificate nor a block's record", load);

        r = block_new_sha256(item->cert->sha256, &NO_NOTE, &block);
        return r < 0 ? r : add_block(place, block, load);
}

static int decode_record(const struct load_place *place, struct bytes content, struct load *load)
{
        CLEANUP(block_unrefp) struct block *block = NULL;
        const char *reason;
        int r;

        r = block_record_read(content, &block, &reason);
        if (r < 0)
                return r;

        load->is_whole = r == 0;
        return r ? add_broken(place, reason, load) : add_block(place, block, load);
}

static int add_item(const struct load_place *place, const struct decode_item *item,
                    struct load *load)
{
        struct entry *entry = NULL;
        int r = 0;

        if (place->role == ROLE_BLOCKED && item->kind != DECODE_PRIVATE_KEY)
                return add_blocking_item(place, item, load);

        switch (item->kind) {
        case DECODE_CERT:
                r = entry_new_cert(place->role, place->origin, item->cert, &entry);
                break;
        case DECODE_CRL:
                r = entry_new_crl(place->role, place->origin, item->crl, false, &entry);
                break;
        case DECODE_FOREIGN:
                load->foreign = item->reason;
                return 0;
        case DECODE_PRIVATE_KEY:
        case DECODE_BROKEN:
                return add_broken(place, item->reason, load);
        }

        return r < 0 ? r : entries_add(&load->entries, entry);
}

static int decode_content(const struct load_place *place, struct content *content,
                          struct load *load)
{
        CLEANUP(decode_list_deinit) struct decode_list list = DECODE_LIST_NULL;
        struct bytes all = { content->data, content->n };
        int r;

        if (place->role == ROLE_BLOCKED && block_record_is_one(all))
                return decode_record(place, all, load);

        r = decode_file(all, &list);
        if (r < 0)
                return r;

        load->is_whole = true;
        for (size_t i = 0; !r && i < list.items.n; i++) {
                if (list.items.items[i].kind == DECODE_PRIVATE_KEY)
                        content_wipe(content);
                r = add_item(place, &list.items.items[i], load);
        }

        if (load->entries.list.n == 0)
                load->is_whole = false;
        else
                load->foreign = NULL;
        return r;
}

static int take_content(const struct load_place *place, const uint8_t *known_sha256,
                        struct content *content, struct load *load)
{
        int r;

        r = ossl_sha256((struct bytes){ content->data, content->n }, load->sha256);
        if (r < 0)
                return r;

        load->has_sha256 = true;
        if (known_sha256 && memcmp(known_sha256, load->sha256, sizeof(load->sha256)) == 0) {
                load->outcome = LOAD_SAME;
                return 0;
        }

        return decode_content(place, content, load);
}

static int add_unreadable(const struct load_place *place, int error, struct load *load)
{
        char reason[MEND_TEXT_MAX];

        switch (error) {
        case ENOENT:
                return add_broken(place, "it is a link that leads nowhere", load);
        case EXDEV:
                return add_broken(place, "it is a link that leads out of its directory", load);
        case ELOOP:
                return add_broken(place, "it is a link that leads to itself", load);
        default:
                load->may_pass = retry_may_pass(error);
                mend_describe(place->mend, MEND_READ_FILE, place->name, error, reason);
                return add_broken(place, reason, load);
        }
}

/* Reads what is open. Return: 0 or a negative errno that is about us. */
static int load_fd(const struct load_place *place, int fd, const uint8_t *known_sha256,
                   struct load *load)
{
        CLEANUP(content_deinit) struct content content = CONTENT_NULL;
        char reason[80];
        struct stat st;
        int r;

        r = content_read(fd, load->stamp.size, &content);
        if (r < 0 && fs_is_about_us(-r))
                return r;
        if (r < 0)
                return add_unreadable(place, -r, load);

        if (r == CONTENT_E_PRIVATE_KEY) {
                content_wipe(&content);
                return add_broken(place, "it is a private key, which was not read", load);
        }

        if (r == CONTENT_E_TOO_LARGE) {
                snprintf(reason, sizeof(reason), "it is larger than %lld MiB",
                         (long long)(LAYOUT_FILE_BYTES_MAX >> 20));
                return add_broken(place, reason, load);
        }

        if (fstat(fd, &st) == 0) {
                struct scan_stamp after = scan_stamp_of(&st);

                load->was_written = !scan_stamp_equal(&load->stamp, &after);
        }

        return take_content(place, known_sha256, &content, load);
}

/* What is open may be another thing than the one that was looked at. */
static int load_open(const struct load_place *place, int fd, const uint8_t *known_sha256,
                     struct load *load)
{
        struct stat st;

        if (fstat(fd, &st) < 0)
                return add_unreadable(place, errno, load);

        if (!S_ISREG(st.st_mode)) {
                load->outcome = LOAD_BUSY;
                return 0;
        }

        load->stamp = scan_stamp_of(&st);
        return load_fd(place, fd, known_sha256, load);
}

static int load_row(const struct load_place *place, const struct scan_row *row,
                    const uint8_t *known_sha256, struct load *load)
{
        int fd, error, r;

        r = scan_open(place->dir, row->name, O_RDONLY | O_NONBLOCK | O_NOCTTY, &fd, &error);
        if (r < 0)
                return r;

        if (fd >= 0) {
                r = load_open(place, fd, known_sha256, load);
                close(fd);
                return r;
        }

        /* It went, or was moved, since it was looked at. */
        if (error == ENOENT || error == EAGAIN || error == EINTR) {
                load->outcome = LOAD_BUSY;
                return 0;
        }

        return add_unreadable(place, error, load);
}

int load_file(const struct load_place *place, const struct scan_row *row,
              const uint8_t *known_sha256, struct load *out)
{
        CLEANUP(load_deinit) struct load load = { .is_alias = row->is_alias, .stamp = row->stamp };
        int r = 0;

        switch (row->kind) {
        case SCAN_NOTHING:
                load.outcome = LOAD_GONE;
                break;
        case SCAN_BUSY:
                load.outcome = LOAD_BUSY;
                break;
        case SCAN_SPECIAL:
                r = add_broken(place, "it is no regular file", &load);
                break;
        case SCAN_UNREADABLE:
                r = add_unreadable(place, row->error, &load);
                break;
        case SCAN_FILE:
                r = load_row(place, row, known_sha256, &load);
                break;
        }

        if (r < 0)
                return r;

        *out = load;
        load = (struct load){ 0 };
        return 0;
}

void load_deinit(struct load *load)
{
        entries_deinit(&load->entries);
}
