/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Progress - how far it is, on a terminal's stderr, for what takes longer than a second.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress {
        const char *what; /* "sending" */
        size_t n_all;
        int64_t begin_ms, told_ms;
        bool is_told; /* a line stands there */
};

/** progress_begin() - @what: kept */
void progress_begin(struct progress *progress, const char *what, size_t n_all);

/** progress_tell() - so many are done; costs little */
void progress_tell(struct progress *progress, size_t n_done);

/** progress_end() - nothing of it is left to be seen */
void progress_end(struct progress *progress);
