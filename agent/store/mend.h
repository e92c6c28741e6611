/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Mend - what the agent may not read or write, with the command that changes that. The fault need
 * not lie with the file: any directory on the way may keep us out, and the first that does is
 * named.
 */

#include <stddef.h>

struct store_source;

#define MEND_TEXT_MAX 512 /* long paths get no command */

enum mend_need {
        MEND_READ_FILE,
        MEND_READ_DIRECTORY,
        MEND_WRITE_DIRECTORY,
};

/* Where in a source. */
struct mend {
        const struct store_source *source;
        const char *dir;  /* of its layout, or NULL: its folder is meant */
        const char *user; /* who we are; NULL: uatrust */
};

/**
 * mend_describe() - "cannot be read: Permission denied; mend it with: setfacl -m u:uatrust:rx /a"
 * @mend:  NULL: without a command
 * @name:  of a file in the directory, or NULL: the directory itself
 * @error: a positive errno; for others than EACCES there is no command
 * @text:  MEND_TEXT_MAX bytes; UTF-8 without control characters
 *
 * Cost: for EACCES a system call a part of the path.
 */
void mend_describe(const struct mend *mend, enum mend_need need, const char *name, int error,
                   char text[MEND_TEXT_MAX]);
