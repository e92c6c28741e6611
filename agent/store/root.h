/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Root - the folder of a source as a refresh finds it: opened, or why not; and which of the
 * directories of its layout count.
 *
 * A source has vanished if its folder is not there, or if none of its directories is: a file system
 * that is not mounted leaves an empty folder. Of a store's own folder the first means that it is
 * not ready, and the second nothing: it may be new.
 */

#include "store/mend.h"

#include <stdbool.h>

struct layout_dir;
struct store_source;

struct root {
        int fd;    /* -1 if it cannot be opened */
        int error; /* then why */
        bool is_vanished;
};

/**
 * root_open() - open the folder of a source
 * @is_own: it is a store's own
 * @out:    root_close() it
 *
 * Errors: what is about us: -ENOMEM, -EMFILE, -ENFILE. Return: 0 or a negative errno.
 */
int root_open(const struct store_source *source, bool is_own, struct root *out);

void root_close(struct root *root);

/** root_is_displaced() - does another directory stand in the place of this one? */
bool root_is_displaced(const struct root *root, const struct layout_dir *dir);

/** root_describe() - why it cannot be opened, or has vanished, for people; @user: see struct mend */
void root_describe(const struct root *root, const struct store_source *source, const char *user,
                   char text[MEND_TEXT_MAX]);
