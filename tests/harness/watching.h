/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Watching - two directories of a tree that are watched, and what is told of them as a text.
 */

struct dirwatch;
struct tree;

extern const char *const WATCHING_DIRS[2]; /* "pki/trusted/certs", "pki/trusted/crl" */

/** watching_new() - these two, which need not exist, as 0 and 1; dirwatch_free() it */
struct dirwatch *watching_new(const struct tree *tree);

/**
 * watching_drain() - what was told since the last time; free() it
 *
 * "0:* 1:a 1:b?": the whole of the first directory, and in the second a name and one that is being
 * written.
 */
char *watching_drain(struct dirwatch *watch);

/** watching_expect() - that was told, or the test fails */
void watching_expect(struct dirwatch *watch, const char *expected);
