/* SPDX-License-Identifier: Apache-2.0 */
#include "app/journal.h"

#include "proto/buf.h"
#include "proto/compiler.h"

#include <systemd/sd-journal.h>

#include <assert.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define FIELDS_MAX 24 /* of one line */

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

/* One datagram to the journal itself; its stream has no room for fields. */
static void write_with_fields(enum log_level level, const char *line,
                              const struct log_field *fields, size_t n, void *userdata)
{
        struct iovec parts[FIELDS_MAX + 3];
        CLEANUP(buf_deinit) struct buf text = BUF_NULL;
        size_t ends[FIELDS_MAX + 3], n_parts = 0, begin = 0;

        assert(n <= FIELDS_MAX);
        buf_printf(&text, "MESSAGE=%s", line);
        ends[n_parts++] = text.n;
        buf_printf(&text, "PRIORITY=%d", (int)level);
        ends[n_parts++] = text.n;
        buf_add_text(&text, "SYSLOG_IDENTIFIER=uatrustd");
        ends[n_parts++] = text.n;
        for (size_t i = 0; i < n; i++) {
                buf_printf(&text, "%s=%s", fields[i].name, fields[i].value);
                ends[n_parts++] = text.n;
        }
        for (size_t i = 0; i < n_parts; i++) {
                parts[i] = (struct iovec){ text.data + begin, ends[i] - begin };
                begin = ends[i];
        }
        if (buf_error(&text) || sd_journal_sendv(parts, (int)n_parts) < 0)
                write_with_level(level, line, userdata);
}

struct log journal_open(enum log_level max_level)
{
        if (!is_journal(STDERR_FILENO))
                return (struct log){ .max_level = max_level, .write = write_plain };

        return (struct log){ .max_level = max_level,
                             .write = write_with_level,
                             .write_fields = write_with_fields };
}
