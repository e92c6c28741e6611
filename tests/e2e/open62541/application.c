/* SPDX-License-Identifier: Apache-2.0 */
#include "application.h"

#include <open62541/plugin/log_stdout.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FILE_MAX 65536

void tell(const char *event, struct json_object *more)
{
        struct timespec now;

        if (!more)
                more = json_object_new_object();
        clock_gettime(CLOCK_MONOTONIC, &now);
        json_object_object_add(more, "event", json_object_new_string(event));
        json_object_object_add(
                more, "ns", json_object_new_int64(now.tv_sec * INT64_C(1000000000) + now.tv_nsec));
        puts(json_object_to_json_string_ext(more, JSON_C_TO_STRING_PLAIN));
        fflush(stdout);
        json_object_put(more);
}

struct json_object *texts(const char *name, ...)
{
        struct json_object *object = json_object_new_object();
        va_list values;

        va_start(values, name);
        for (; name; name = va_arg(values, const char *))
                json_object_object_add(object, name,
                                       json_object_new_string(va_arg(values, const char *)));
        va_end(values);
        return object;
}

UA_ByteString read_whole(const char *identity, const char *ending)
{
        UA_ByteString content = { 0, malloc(FILE_MAX) };
        char path[4096];
        FILE *file;

        snprintf(path, sizeof(path), "%s%s", identity, ending);
        file = fopen(path, "re");
        if (!content.data || !file) {
                perror(path);
                exit(1);
        }
        content.length = fread(content.data, 1, FILE_MAX, file);
        fclose(file);
        return content;
}

struct uatrust_open62541_options options_of(void)
{
        const char *limit = getenv("UATRUST_LIMIT_MS");

        return (struct uatrust_open62541_options){
                .user_store = "user",
                .timeout_ms = limit ? (unsigned int)strtoul(limit, NULL, 10) : 0,
        };
}

void must(UA_StatusCode status, const char *what)
{
        if (status == UA_STATUSCODE_GOOD)
                return;
        fprintf(stderr, "%s: %s\n", what, UA_StatusCode_name(status));
        exit(1);
}

/* -- what the adapter logs is what its users read, so the tests read it, too */

static void tell_refused(const char *text)
{
        struct json_object *more = json_object_new_object();
        char status[64];

        if (strstr(text, "could not ask"))
                json_object_object_add(more, "statusName", NULL);
        else if (sscanf(text, "refused a %*s certificate: %63[^,]", status) == 1)
                json_object_object_add(more, "statusName", json_object_new_string(status));
        tell("refused", more);
}

static void tell_text(const char *text)
{
        char cause[32], status[64];

        if (!strncmp(text, "refused", 7))
                tell_refused(text);
        else if (sscanf(text, "cut: %31[^,], %63[^,]", cause, status) == 2)
                tell("cut", texts("cause", cause, "statusName", status, NULL));
        else if (!strncmp(text, "not watching any session", 24))
                tell("lost", NULL);
        else if (!strcmp(text, "watching all sessions"))
                tell("watching", NULL);
}

struct log {
        UA_Logger logger; /* first */
        UA_Logger *out;
        char name[64];
};

__attribute__((format(printf, 4, 0))) static void on_log(void *context, UA_LogLevel level,
                                                         UA_LogCategory category,
                                                         const char *format, va_list values)
{
        const struct log *log = context;
        char text[1024];
        va_list copy;

        if (!strncmp(format, "uatrust: ", 9)) {
                va_copy(copy, values);
                vsnprintf(text, sizeof(text), format + 9, copy);
                va_end(copy);
                tell_text(text);
        }
        if (log->name[0] && strstr(format, "renewed with"))
                tell("renewed", texts("name", log->name, NULL));
        log->out->log(log->out->context, level, category, format, values);
        fflush(stdout);
}

static void on_clear(UA_Logger *logger)
{
        struct log *log = (struct log *)logger;

        log->out->clear(log->out);
        free(log);
}

UA_Logger *logger_new(const char *name)
{
        struct log *log = calloc(1, sizeof(*log));

        if (!log)
                abort();
        log->out = UA_Log_Stdout_new(UA_LOGLEVEL_INFO);
        log->logger = (UA_Logger){ on_log, log, on_clear };
        snprintf(log->name, sizeof(log->name), "%s", name ? name : "");
        return &log->logger;
}
