/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Clock file - what time it is at least (service_at_least_s()), kept over a restart, so that a host
 * whose clock stands wrong after it does not believe in CRLs that ran out long ago. A file of one
 * number in the state directory that systemd names; written rarely, wholly or not at all. Where
 * there is no such directory or it cannot be written to, it is known until the agent ends.
 */

#include "proto/compiler.h"

#include <stdint.h>

struct clock_file;
struct log;
struct work;

#define CLOCK_FILE_NAME   "newest-crl"  /* no store has such a name */
#define CLOCK_FILE_STEP_S INT64_C(3600) /* so much more must be known to be written */

/**
 * clock_file_new() - begin, and read what was kept
 * @folder:     absolute; copied; NULL: there is none
 * @at_least_s: what is known without the file
 *
 * A file that holds no number is as none. Return: 0, or -ENOMEM.
 */
int clock_file_new(const char *folder, int64_t at_least_s, struct work *work, const struct log *log,
                   struct clock_file **out);

/** clock_file_free() - what is being written is written to its end; takes NULL; Return: NULL */
struct clock_file *clock_file_free(struct clock_file *file);
DEFINE_CLEANUP(struct clock_file *, clock_file_free)

/** clock_file_get_s() - what is known, with the file and without */
int64_t clock_file_get_s(const struct clock_file *file);

/**
 * clock_file_keep() - write it, in a job, if that is worth it: nothing was kept, or CLOCK_FILE_STEP_S
 * less. Cost: mostly none
 */
void clock_file_keep(struct clock_file *file, int64_t at_least_s);
