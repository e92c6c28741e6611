/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include "output.h"
#include "progress.h"
#include "verb.h"

#include <uatrust/uatrust.h>

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void print_json_error(const struct options *options, int code, const char *text)
{
        printf("%s\"error\":{\"text\":", options->error_begin);
        output_json_string(text);
        printf(",\"exitCode\":%d}%s", code, options->error_end);
}

/* "HEAD: TEXT" and "; see: HEAD --help" where that helps. */
static int complain(const struct options *options, int code, const char *head, const char *text)
{
        progress_hide(options->progress);
        fprintf(stderr, "%s: ", head);
        output_text(stderr, text);
        if (code == VERB_EXIT_USAGE && head == options->verb)
                fprintf(stderr, "; see: %s --help", head);
        fputc('\n', stderr);
        if (options->wants_json)
                print_json_error(options, code, text);
        return code;
}

static int complain_as(const struct options *options, int code, const char *head,
                       const char *format, va_list args)
        __attribute__((__format__(__printf__, 4, 0)));

static int complain_as(const struct options *options, int code, const char *head,
                       const char *format, va_list args)
{
        char *text = NULL;

        if (vasprintf(&text, format, args) < 0)
                text = NULL;
        complain(options, code, head, text ? text : "out of memory");
        free(text);
        return code;
}

int options_usage(const struct options *options, const char *format, ...)
{
        va_list args;

        va_start(args, format);
        complain_as(options, VERB_EXIT_USAGE, options->verb, format, args);
        va_end(args);
        return VERB_EXIT_USAGE;
}

int options_complain(const struct options *options, int code, const char *format, ...)
{
        va_list args;

        va_start(args, format);
        complain_as(options, code, "uatrust", format, args);
        va_end(args);
        return code;
}

void options_retell(const struct options *options, int code, const char *line)
{
        const char *head_end = strncmp(line, "uatrust", 7) == 0 ? strstr(line, ": ") : NULL;
        const char *text = head_end ? head_end + 2 : line;
        const char *see = strstr(text, "; see: uatrust");
        char *copy;

        if (!options->wants_json)
                return;

        copy = strndup(text, see ? (size_t)(see - text) : strlen(text));
        print_json_error(options, code, copy ? copy : "out of memory");
        free(copy);
}

int options_fail(const struct options *options, struct uatrust_error *error, const char *subject)
{
        int code = uatrust_error_get_exit_code(error);
        bool is_conflict = uatrust_error_get_code(error) == UATRUST_E_CONFLICT;

        options_complain(options, code, "%s%s%s%s", subject ? subject : "", subject ? ": " : "",
                         uatrust_error_get_text(error),
                         is_conflict ? "; try again when nobody else writes there" : "");
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
                int day = broken_down.tm_mday;

                if (rest && !*rest) {
                        *out_s = timegm(&broken_down); /* which makes 3 March of 31 February */
                        return broken_down.tm_mday == day;
                }
        }

        errno = 0;
        *out_s = strtoll(text, &end, 10);
        return *text && strchr("-0123456789", *text) && !errno && !*end && end > text;
}

bool options_ask_for_json(int argc, char **argv)
{
        for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
                if (strlen(argv[i]) > 2 && strncmp("--json", argv[i], strlen(argv[i])) == 0)
                        return true;
        return false;
}

/* The names in @rows that begin as @word does. */
static size_t count_like(const struct option *rows, const char *word)
{
        size_t n = 0;

        for (; rows->name; rows++)
                n += strncmp(rows->name, word, strcspn(word, "=")) == 0;
        return n;
}

/* In the words of getopt_long(), which would tell stderr alone. @word: what it has taken last. */
static void complain_of(const struct options *options, const struct option *rows, const char *word)
{
        const struct option *row = rows;

        while (row->name && row->val != optopt)
                row++;
        if (!optopt && count_like(rows, word + 2) > 1)
                options_usage(options, "option '%s' is ambiguous", word);
        else if (!optopt)
                options_usage(options, "unrecognized option '%s'", word);
        else if (!row->name)
                options_usage(options, "invalid option -- '%c'", optopt);
        else if (row->has_arg == no_argument)
                options_usage(options, "option '--%s' doesn't allow an argument", row->name);
        else
                options_usage(options, "option '--%s' requires an argument", row->name);
}

int options_next(struct options *options, int argc, char **argv, const char *letters,
                 const struct option *rows)
{
        int option;

        if (!options->verb) {
                options->verb = argv[0];
                options->wants_json = options_ask_for_json(argc, argv);
                opterr = 0;
        }
        option = getopt_long(argc, argv, letters, rows, NULL);
        if (option == '?')
                complain_of(options, rows, argv[optind - 1]);
        for (int i = optind; option < 0 && i < argc; i++) {
                if (*argv[i])
                        continue;
                options_usage(options, "an argument is empty");
                return '?';
        }
        return option;
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
                options_usage(options, "--timeout: \"%s\" is no number of milliseconds", value);
                return false;
        default: /* options_next() has complained */
                return false;
        }
}

struct uatrust_client *options_connect(struct options *options)
{
        struct uatrust_client *client = uatrust_client_new();

        if (!options->wants_json)
                options->progress = progress_new();
        if (client &&
            !(options->socket && uatrust_client_set_socket(client, options->socket, NULL))) {
                uatrust_client_set_timeout(client, options->timeout_ms);
                return client;
        }

        options_complain(options, VERB_EXIT_SYSTEM, "out of memory");
        options_disconnect(options, client);
        return NULL;
}

void options_disconnect(struct options *options, struct uatrust_client *client)
{
        options->progress = progress_free(options->progress);
        uatrust_client_free(client);
}
