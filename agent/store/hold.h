/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Hold - what a damaged CRL file goes on revoking: the CRLs of its last good content that a
 * certificate of the store had verified. And what a damaged file goes on blocking.
 *
 * A file is damaged if something in it does not read, if nothing in it is ours any more, or if no
 * certificate of the store verifies a CRL in it. The last is known only after a snapshot was made
 * of it, so what may have to be held is kept with the file until then. A file that is gone, or good
 * again, holds nothing.
 */

#include "store/entries.h"
#include "trust/role.h"

#include <stdbool.h>

struct picture_file;
struct snapshot;

struct hold {
        enum role role;
        const char *origin;
        const struct picture_file *old; /* the file as it was */
        const struct snapshot *before;  /* the snapshot of then; NULL: there was none */
};

/**
 * hold_collect() - what is to be held of a file that was read anew
 * @now:      what it holds now
 * @is_whole: all of it could be read
 * @reason:   why it is damaged, if nothing in @now says so
 * @out:      empty; then the CRLs and blocks, and a broken entry with @reason if @now has none;
 *            or nothing
 *
 * Return: 0 or -ENOMEM.
 */
int hold_collect(const struct hold *hold, const struct entries *now, bool is_whole,
                 const char *reason, struct entries *out);

/** hold_is_over() - does @snap show that every CRL of a whole file is verified? */
bool hold_is_over(const struct picture_file *file, const struct snapshot *snap);
