/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <stdio.h>

#define LINE_MAX_BYTES 2000

void log_line(const struct log *log, enum log_level level, const char *format, ...)
{
        char line[LINE_MAX_BYTES + 1];
        va_list args;

        if (!log || !log->write || level > log->max_level)
                return;

        va_start(args, format);
        vsnprintf(line, sizeof(line), format, args);
        va_end(args);

        for (char *c = line; *c; c++)
                if ((unsigned char)*c < 0x20 || *c == 0x7f)
                        *c = '?';

        log->write(level, line, log->userdata);
}
