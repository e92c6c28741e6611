/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Large - a file that takes so long to read and decode that a refresh leaves it to somebody else,
 * so that what else has changed need not wait:
 *
 *      store_refresh(), hints.may_leave_large        result.large is an order, or NULL
 *      large_load(), in a job of another lane        the file is read and decoded
 *      store_refresh(), hints.large                  it counts, if the file is still that one
 *
 * Until then the file counts as it was before (its former CRL goes on revoking and satisfying step
 * 10), and the store is in doubt: after MaxDoubt nothing is Good. A file of a directory that was
 * never looked at is read at once, however large: nothing is known that could go on.
 */

#include "proto/compiler.h"
#include "store/load.h"
#include "trust/role.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LARGE_BYTES_MIN (INT64_C(1) << 20) /* what is larger than that is large */

struct picture_file;

/* Where a file lies. */
struct large_place {
        const char *folder; /* of its source */
        const char *path;   /* of its directory, below the folder or absolute */
        const char *name;
        enum role role;
        size_t dir; /* number in hints */
};

struct large {
        size_t dir;
        enum role role;
        char *path, *name; /* of its directory, absolute; in it */
        char *origin;
        bool has_known; /* the content as it was */
        uint8_t known_sha256[32];

        bool is_loaded;
        struct load load; /* then; taken by the refresh that uses it */
};

/**
 * large_new() - an order for one file
 * @origin: of its entries; copied, as is all else
 * @old:    as it is known
 *
 * Return: 0 or -ENOMEM.
 */
int large_new(const struct large_place *place, const char *origin, const struct picture_file *old,
              struct large **out);

/** large_free() - takes NULL; Return: NULL */
struct large *large_free(struct large *large);
DEFINE_CLEANUP(struct large *, large_free)

/**
 * large_load() - carry it out
 *
 * Errors: what is about us: -ENOMEM, -EMFILE, -ENFILE; the order can be carried out again. Cost:
 * disk I/O; any thread. Return: 0 or a negative errno.
 */
int large_load(struct large *large);

/**
 * large_take() - what was loaded, if it is of that very file
 * @old: as the file is known now, or NULL. Where it was loaded that the content is the one that was
 *       known, that must still be what is known
 *
 * Return: NULL if it is not.
 */
struct load *large_take(struct large *large, size_t dir, const struct scan_row *row,
                        const struct picture_file *old);
