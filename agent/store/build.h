/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Build - the snapshot of what a picture holds.
 *
 * Whether what is held of a whole file counts is known only from a snapshot without it, so there
 * may be two; and where files broke or sources vanished there is one more, of what was known.
 */

struct picture;
struct settings;
struct snapshot;

struct build {
        struct picture *picture; /* not shared yet: what is no longer held goes from it */
        const struct settings *settings;
        const struct snapshot *base; /* that of the picture before, or NULL */
};

/** build_snapshot() - @out: snapshot_unref() it; Return: 0 or -ENOMEM */
int build_snapshot(const struct build *build, struct snapshot **out);
