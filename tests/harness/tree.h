/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Trees - temporary directories that tests fill, change and throw away.
 *
 * Every function stops the test with a message if the machine fails it: a test has nothing to decide there.
 * Paths are relative to the tree's root, "a/b/c"; directories on the way are made as needed.
 */

#include <stddef.h>

struct tree {
        char path[64]; /* absolute, without a slash at the end */
};

/** tree_new() - make an empty directory below $TMPDIR or /tmp; tree_free() it */
struct tree *tree_new(void);

/** tree_free() - remove the directory and all that is in it; takes NULL; Return: NULL */
struct tree *tree_free(struct tree *tree);

void tree_freep(struct tree **tree);

/** tree_path() - the absolute path of @name; free() it */
char *tree_path(const struct tree *tree, const char *name);

/** tree_mkdir() - make the directory @name, with those above it */
void tree_mkdir(const struct tree *tree, const char *name);

/** tree_write() - write @name in place: truncate, then write; not atomic */
void tree_write(const struct tree *tree, const char *name, const void *data, size_t n_data);

/** tree_replace() - write @name beside itself as a dot-file and rename it over: atomic */
void tree_replace(const struct tree *tree, const char *name, const void *data, size_t n_data);

/** tree_rename() - both names are below the tree */
void tree_rename(const struct tree *tree, const char *from, const char *to);

/** tree_remove() - remove the file or whole directory @name, if it is there */
void tree_remove(const struct tree *tree, const char *name);
