/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include "output.h"
#include "verb.h"

#include <uatrust/uatrust.h>

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int options_usage(const char *verb, const char *format, ...)
{
        va_list args;

        fprintf(stderr, "uatrust %s: ", verb);
        va_start(args, format);
        vfprintf(stderr, format, args);
        va_end(args);
        fprintf(stderr, "; see: uatrust %s --help\n", verb);
        return VERB_EXIT_USAGE;
}

int options_complain(const struct options *options, int code, const char *format, ...)
{
        char *text = NULL;
        va_list args;

        va_start(args, format);
        if (vasprintf(&text, format, args) < 0)
                text = NULL;
        va_end(args);

        fputs("uatrust: ", stderr);
        output_text(stderr, text ? text : "out of memory");
        fputc('\n', stderr);
        if (options->wants_json) {
                printf("%s\"error\":{\"text\":", options->error_begin);
                output_json_string(text ? text : "out of memory");
                printf(",\"exitCode\":%d}%s", code, options->error_end);
        }
        free(text);
        return code;
}

int options_fail(const struct options *options, struct uatrust_error *error, const char *subject)
{
        int code = uatrust_error_get_exit_code(error);

        options_complain(options, code, "%s%s%s", subject ? subject : "", subject ? ": " : "",
                         uatrust_error_get_text(error));
        uatrust_error_free(error);
        return code;
}

bool options_read_number(const char *text, unsigned int *out)
{
        char *end;
        unsigned long number;

        if (*text < '0' || *text > '9')
                return false;

        errno = 0;
        number = strtoul(text, &end, 10);
        if (errno || *end || number > INT_MAX)
                return false;

        *out = (unsigned int)number;
        return true;
}

bool options_read_time(const char *text, int64_t *out_s)
{
        static const char *const formats[] = { "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d" };
        char *end;

        for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
                struct tm broken_down = { 0 };
                const char *rest = strptime(text, formats[i], &broken_down);

                if (rest && !*rest) {
                        *out_s = timegm(&broken_down);
                        return true;
                }
        }

        errno = 0;
        *out_s = strtoll(text, &end, 10);
        return *text && strchr("-0123456789", *text) && !errno && !*end && end > text;
}

bool options_take(struct options *options, int option, const char *value)
{
        switch (option) {
        case OPTIONS_SOCKET:
                options->socket = value;
                return true;
        case OPTIONS_JSON:
                options->wants_json = true;
                return true;
        case OPTIONS_TIMEOUT:
                if (options_read_number(value, &options->timeout_ms))
                        return true;
                fprintf(stderr, "uatrust: --timeout: \"%s\" is no number of milliseconds\n", value);
                return false;
        default: /* getopt_long() has complained */
                return false;
        }
}

struct uatrust_client *options_connect(const struct options *options)
{
        struct uatrust_client *client = uatrust_client_new();

        if (client &&
            !(options->socket && uatrust_client_set_socket(client, options->socket, NULL))) {
                uatrust_client_set_timeout(client, options->timeout_ms);
                return client;
        }

        options_complain(options, VERB_EXIT_SYSTEM, "out of memory");
        uatrust_client_free(client);
        return NULL;
}
