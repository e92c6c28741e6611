/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Look - what became of one directory since the picture of it was made.
 *
 * Decides which names are looked at, which files are read, and what is left to do about each; the
 * rules are those of store/store.h.
 */

#include "store/picture.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct layout_dir;
struct snapshot;
struct store_hints;
struct store_now;
struct store_source;

struct look {
        const struct store_source *source;
        const struct layout_dir *where; /* of its layout */
        enum picture_presence presence; /* as it has to be taken, whatever is there */
        const struct picture_dir *old;  /* NULL: it was never looked at */
        const struct snapshot *before;  /* of the picture that @old is part of, or NULL */
        size_t dir;                     /* its number in hints */
        const struct store_hints *hints;
        const struct store_now *now;
        const char *user; /* see struct mend */
};

/**
 * look_at() - make the new picture of a directory
 * @root_fd:     of its source's folder, or -1: that cannot be opened, so nothing is there
 * @out:         with a reference; @look->old itself if nothing is different
 * @out_changed: are entries different?
 *
 * Errors: what is about us. Return: 0 or a negative errno.
 */
int look_at(const struct look *look, int root_fd, struct picture_dir **out, bool *out_changed);
