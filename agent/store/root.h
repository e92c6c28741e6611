/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Root - the folder of a source as a refresh finds it: opened, or why not; and which of the
 * directories of its layout count.
 *
 * A source has vanished if its folder is not there, or if none of its directories is: a file system
 * that is not mounted leaves an empty folder. Of a store's own folder the first means that it is
 * not ready; and the second, that it is new, unless it is another folder than the one that had its
 * lists: then it has vanished, too. What changes no verdict (own, rejected) is listed as it is
 * there.
 */

#include "store/mend.h"
#include "store/picture.h"

#include <stdbool.h>

struct layout_dir;
struct store_source;

struct root {
        int fd;    /* -1 if it cannot be opened */
        int error; /* then why */
        bool is_vanished;
        struct root_id id; /* of a store's own: of the last that had lists; ino 0: none had */
};

/**
 * root_open() - open the folder of a source
 * @before: it is a store's own; the id it had, zeroes: none. NULL: it is not
 * @out:    root_close() it
 *
 * Errors: what is about us: -ENOMEM, -EMFILE, -ENFILE. Return: 0 or a negative errno.
 */
int root_open(const struct store_source *source, const struct root_id *before, struct root *out);

void root_close(struct root *root);

/**
 * root_find_presence() - does a directory count, or stand empty because another is in its place, or
 * is it not known which?
 *
 * Errors: as above. Return: 0 with @out, or a negative errno.
 */
int root_find_presence(const struct root *root, const struct layout_dir *dir,
                       enum picture_presence *out);

/**
 * root_describe() - why it cannot be opened, or has vanished, for people; @user: see struct mend
 */
void root_describe(const struct root *root, const struct store_source *source, const char *user,
                   char text[MEND_TEXT_MAX]);
