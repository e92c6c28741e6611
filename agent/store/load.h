/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Load - from one file to its entries. Content decides what it is; a file of several objects makes
 * several entries; what cannot be read makes a broken entry with the reason, beside what could.
 *
 * A file that begins with a private key is read no further than that, and its bytes are wiped.
 */

#include "proto/compiler.h"
#include "store/entries.h"
#include "store/scan.h"
#include "trust/role.h"

#include <stdbool.h>
#include <stdint.h>

struct mend;

struct load_place {
        const struct scan_dir *dir; /* open */
        const struct mend *mend;    /* which directory that is; NULL: no matter */
        enum role role;
        const char *name;   /* of the file */
        const char *origin; /* of the entries */
};

enum load_outcome {
        LOAD_READ,
        LOAD_SAME, /* the content is the known one; no entries were made */
        LOAD_GONE, /* nothing has this name any more, or a directory */
        LOAD_BUSY, /* it changed since it was looked at: look at it again */
};

struct load {
        enum load_outcome outcome;

        /* LOAD_READ, LOAD_SAME: */
        struct scan_stamp stamp; /* as it was before the first byte was read */
        bool is_alias;           /* as in struct scan_row */
        bool was_written;        /* it changed while it was read: read it again */
        bool is_whole;           /* it holds something of ours, and all of it could be read */
        bool may_pass;           /* what kept it from being read may be over soon, see retry.h */
        bool has_sha256;         /* it was read to its end */
        uint8_t sha256[32];      /* of the content */

        /* LOAD_READ: none where nothing in it is our business. */
        struct entries entries;
        const char *foreign; /* static: then why not */
};

/**
 * load_file() - read and decode one file
 * @row:          what scan_name() or scan_directory() just said of it; if that is no SCAN_FILE, it
 *                is not opened
 * @known_sha256: of the content that is known already, or NULL
 * @out:          load_deinit() it
 *
 * Errors: what is about us: -ENOMEM, -EMFILE, -ENFILE. Cost: reads at most LAYOUT_FILE_BYTES_MAX;
 * disk I/O. Return: 0 or a negative errno.
 */
int load_file(const struct load_place *place, const struct scan_row *row,
              const uint8_t *known_sha256, struct load *out);

void load_deinit(struct load *load);
