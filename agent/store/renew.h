/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Renew - what became of one file since the picture of it was made: whether to read it, and what is
 * left to do about it afterwards.
 *
 * A file's stamp is not its content: one that was read within the grain of its stamps is read once
 * more when that is over; one that could not be read is tried again soon (store/retry.h), and
 * whenever it is looked at. A file that is being written keeps what it held for RENEW_WRITING_NS;
 * if it is new, what it holds counts as soon as it reads whole.
 */

#include "trust/role.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct large;
struct mend;
struct picture_file;
struct scan_dir;
struct scan_row;
struct snapshot;
struct store_hint;
struct store_now;

/* Stamps have the grain of the clock's tick; where they are whole seconds, or not ours, 2 s. */
#define RENEW_GRAIN_NS        (INT64_C(20) * 1000 * 1000)
#define RENEW_GRAIN_COARSE_NS (INT64_C(2000) * 1000 * 1000)

#define RENEW_WRITING_NS (INT64_C(50) * 1000 * 1000)

/* After so long what changed while it was looked at is looked at again. */
#define RENEW_BUSY_NS (INT64_C(10) * 1000 * 1000)

/* What is the same for all files of a directory. */
struct renew {
        const struct mend *mend; /* which directory this is */
        enum role role;
        const struct scan_dir *dir;    /* open */
        const struct snapshot *before; /* of the picture that the old files are part of, or NULL */
        const struct store_now *now;
        size_t number;        /* of the directory, in hints */
        bool may_leave_large; /* it was looked at before, too: see store/large.h */
        struct large *large;  /* loaded, or NULL */
};

/* What is known of one file. */
struct renew_news {
        const struct scan_row *row;     /* what scan_name() or scan_directory() just said of it */
        const struct picture_file *old; /* as it was, or NULL: it was not there */
        const struct store_hint *hint;  /* what was told of it, or NULL: nothing */
};

/**
 * renew_file() - make the new picture of a file
 * @out:         with a reference; news->old itself if nothing is different; NULL: there is no such
 *               file
 * @out_changed: set, never cleared, if entries are different
 *
 * Errors: what is about us. Return: 0 or a negative errno.
 */
int renew_file(const struct renew *renew, const struct renew_news *news, struct picture_file **out,
               bool *out_changed);

/** renew_is_due() - is it time to do what is left to do about a file? */
bool renew_is_due(const struct picture_file *file, const struct store_now *now);

/**
 * renew_lost() - the new picture of a file whose directory cannot be read any more
 * @reason: why, for what is held; NULL: it is gone, and nothing is held
 * @out:    NULL if nothing is left of it
 */
int renew_lost(const struct renew *renew, const struct picture_file *old, const char *reason,
               struct picture_file **out);
