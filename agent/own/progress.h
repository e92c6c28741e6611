/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Progress - how far it is, on a terminal's stderr, of work that takes longer than a second. The command uatrust, which
 * mostly waits, has a thread for it (client-lib/tool/progress.h); here the work itself says how far it is.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress {
        const char *what; /* "judging" */
        size_t n_all;     /* 0: not known; how long it takes is told */
        int64_t begin_ms, told_ms;
        bool is_seen; /* a line stands there */
};

/** progress_begin() - @what: kept */
void progress_begin(struct progress *progress, const char *what, size_t n_all);

/** progress_tell() - so many are done; costs little */
void progress_tell(struct progress *progress, size_t n_done);

/** progress_end() - nothing of it is left to be seen: before anything else is printed */
void progress_end(struct progress *progress);
