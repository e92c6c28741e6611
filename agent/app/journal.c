/* SPDX-License-Identifier: Apache-2.0 */
#include "app/journal.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * JOURNAL_STREAM is "DEVICE:INODE" of the stream that the manager connected; it may be inherited by
 * mistake.
 */
static bool is_journal(int fd)
{
        const char *stream = getenv("JOURNAL_STREAM");
        uintmax_t device, inode;
        struct stat stat;

        return stream && sscanf(stream, "%" SCNuMAX ":%" SCNuMAX, &device, &inode) == 2 &&
               fstat(fd, &stat) == 0 && stat.st_dev == device && stat.st_ino == inode;
}

/* One call of write a line: lines of several threads do not mix. */
static void write_plain(enum log_level level, const char *line, void *userdata)
{
        (void)level;
        (void)userdata;
        dprintf(STDERR_FILENO, "uatrustd: %s\n", line);
}

static void write_with_level(enum log_level level, const char *line, void *userdata)
{
        (void)userdata;
        dprintf(STDERR_FILENO, "<%d>%s\n", (int)level, line);
}

struct log journal_open(enum log_level max_level)
{
        return (struct log){ .max_level = max_level,
                             .write = is_journal(STDERR_FILENO) ? write_with_level : write_plain };
}
