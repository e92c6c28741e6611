/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Log - where lines for the administrator go. App makes one sink and passes it down to service,
 * front and itself; floors below service report by return values and log nothing. What comes from a
 * wire, a file name or a certificate is passed as an argument, never as the format: the sink's
 * owner escapes control characters.
 */

#include "proto/compiler.h"

#include <stdarg.h>
#include <stddef.h>

/* Numbers are those of syslog, so that "<N>" prefixes and the journal's PRIORITY agree. */
enum log_level {
        LOG_LEVEL_ERROR = 3,
        LOG_LEVEL_WARNING = 4,
        LOG_LEVEL_NOTICE = 5,
        LOG_LEVEL_INFO = 6,
        LOG_LEVEL_DEBUG = 7,
};

/** log_write_fn - writes one line without its line end; any thread; must not block for long */
typedef void (*log_write_fn)(enum log_level level, const char *line, void *userdata);

/* One more thing said of a line, for sinks that keep such apart: a name in capitals, and text. */
struct log_field {
        const char *name, *value;
};

/**
 * log_write_fields_fn - the same with fields; they are borrowed, and may hold control characters
 */
typedef void (*log_write_fields_fn)(enum log_level level, const char *line,
                                    const struct log_field *fields, size_t n, void *userdata);

struct log {
        enum log_level max_level; /* less important lines are dropped before they are formatted */
        log_write_fn write;
        log_write_fields_fn write_fields; /* NULL: write() gets the line alone */
        void *userdata;
};

/**
 * log_line() - format one line, cut at 2,000 bytes, control characters shown as "?"; @log may be
 * NULL: dropped
 */
void log_line(const struct log *log, enum log_level level, const char *format, ...) PRINTF(3, 4);

/** log_fields() - the same, with @n fields beside the line */
void log_fields(const struct log *log, enum log_level level, const struct log_field *fields,
                size_t n, const char *format, ...) PRINTF(5, 6);

/* What is more important than these has advice with it: service/catalog. */
#define log_info(log, ...)  log_line((log), LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(log, ...) log_line((log), LOG_LEVEL_DEBUG, __VA_ARGS__)
