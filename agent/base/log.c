/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <stdio.h>

#define LINE_MAX_BYTES 2000

static void PRINTF(2, 0)
        format_line(char line[LINE_MAX_BYTES + 1], const char *format, va_list args)
{
        vsnprintf(line, LINE_MAX_BYTES + 1, format, args);
        for (char *c = line; *c; c++)
                if ((unsigned char)*c < 0x20 || *c == 0x7f)
                        *c = '?';
}

void log_line(const struct log *log, enum log_level level, const char *format, ...)
{
        char line[LINE_MAX_BYTES + 1];
        va_list args;

        if (!log || !log->write || level > log->max_level)
                return;

        va_start(args, format);
        format_line(line, format, args);
        va_end(args);
        log->write(level, line, log->userdata);
}

void log_fields(const struct log *log, enum log_level level, const struct log_field *fields,
                size_t n, const char *format, ...)
{
        char line[LINE_MAX_BYTES + 1];
        va_list args;

        if (!log || !log->write || level > log->max_level)
                return;

        va_start(args, format);
        format_line(line, format, args);
        va_end(args);
        if (log->write_fields)
                log->write_fields(level, line, fields, n, log->userdata);
        else
                log->write(level, line, log->userdata);
}
