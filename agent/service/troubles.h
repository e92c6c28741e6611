/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Troubles - what of a store cannot be read any more, and what can again, told in the log with the
 * reason and how to mend it. So many at a time, as a folder may hold any number.
 */

struct change;
struct log;
struct snapshot;

#define TROUBLES_LOGGED_MAX 20

/** troubles_log() - @snap: that @change led to; @store: its name */
void troubles_log(const struct log *log, const char *store, const struct snapshot *snap,
                  const struct change *change);
