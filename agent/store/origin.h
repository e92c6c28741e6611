/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Origin - where an entry came from, as text that may stand in any message: "SOURCE/PATH/FILE".
 */

/**
 * origin_make() - put an origin together
 * @path: below the source's folder, or absolute
 * @name: of the file, whatever bytes it is made of; NULL: the directory is meant
 * @out:  free() it; UTF-8 without control characters: other bytes are written "\xNN"
 *
 * Return: 0 or -ENOMEM.
 */
int origin_make(const char *source, const char *path, const char *name, char **out);
