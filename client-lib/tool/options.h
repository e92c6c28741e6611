/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Options - what every verb takes, and how arguments are read.
 */

#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress;
struct uatrust_client;
struct uatrust_error;

struct options {
        const char *verb;   /* as complaints name it: "uatrust list" */
        const char *socket; /* NULL: the library's default */
        unsigned int timeout_ms;
        bool wants_json;
        struct progress *progress; /* NULL: nobody is told */
        /*
         * What stands around the member "error" in JSON: a verb that has begun an object ends it
         * itself.
         */
        const char *error_begin, *error_end;
};

#define OPTIONS_ERROR .error_begin = "{", .error_end = "}\n"

#define OPTIONS_DEFAULT                                                                            \
        {                                                                                          \
                .timeout_ms = 12 * 1000 /* an agent that has just started answers within 10 s */,  \
                OPTIONS_ERROR                                                                      \
        }

/* Numbers of the common options; a verb's own begin at OPTIONS_OWN. */
enum {
        OPTIONS_SOCKET = 256,
        OPTIONS_TIMEOUT,
        OPTIONS_JSON,
        OPTIONS_OWN,
};

/* Rows for the array of options_next(); the verb adds its own and the row of zeros. */
#define OPTIONS_ROWS                                                                               \
        { "socket", required_argument, NULL, OPTIONS_SOCKET },                                     \
                { "timeout", required_argument, NULL, OPTIONS_TIMEOUT },                           \
                { "json", no_argument, NULL, OPTIONS_JSON },                                       \
        {                                                                                          \
                "help", no_argument, NULL, 'h'                                                     \
        }

/* The same for help texts. */
#define OPTIONS_HELP                                                                               \
        "      --json                 print JSON\n"                                                \
        "      --socket PATH          default: $UATRUST_SOCKET, or the host's\n"                   \
        "      --timeout MS           for each answer; default: 12000; 0: no limit\n"              \
        "  -h, --help                 print this\n"

/**
 * options_ask_for_json() - is --json among arguments, as far as they are options? Wrong ones are
 * complained of before all were read
 */
bool options_ask_for_json(int argc, char **argv);

/**
 * options_next() - the next option, as getopt_long() tells it
 * @argv: the first is the verb, as complaints name it
 *
 * The first call sets @options up for complaints.
 *
 * Return: -1: there is no further one, and none of what follows is empty; '?': a usage error was
 * printed.
 */
int options_next(struct options *options, int argc, char **argv, const char *letters,
                 const struct option *rows);

/**
 * options_take() - one of the common options, as options_next() gave it; Return: false: a usage
 * error was printed
 */
bool options_take(struct options *options, int option, const char *value);

/**
 * options_connect() - a client set up by @options, and their progress; options_disconnect() it
 *
 * Return: NULL: VERB_EXIT_SYSTEM, and that was printed.
 */
struct uatrust_client *options_connect(struct options *options);

/** options_disconnect() - @client: NULL allowed */
void options_disconnect(struct options *options, struct uatrust_client *client);

/**
 * options_usage() - complain of arguments as printf() does, point to --help, else as
 * options_complain(); Return: VERB_EXIT_USAGE
 */
int options_usage(const struct options *options, const char *format, ...)
        __attribute__((__format__(__printf__, 2, 3)));

/**
 * options_complain() - why it cannot be done: "uatrust: TEXT" as printf() has it, and with --json
 * an object with error, which has text and exitCode; Return: @code
 */
int options_complain(const struct options *options, int code, const char *format, ...)
        __attribute__((__format__(__printf__, 3, 4)));

/**
 * options_retell() - with --json that object, of what another program has complained of on stderr
 * in our name: "uatrust: TEXT" or "uatrust VERB: TEXT; see: uatrust VERB --help"
 */
void options_retell(const struct options *options, int code, const char *line);

/**
 * options_fail() - the same of "SUBJECT: " and what @error says; @subject NULL allowed; free
 * @error; Return: its exit code
 */
int options_fail(const struct options *options, struct uatrust_error *error, const char *subject);

/** options_read_number() - decimal digits only, at most INT32_MAX; Return: false if it is none */
bool options_read_number(const char *text, unsigned int *out);

/**
 * options_read_time() - seconds since 1970, or 2026-11-21, or 2026-11-21T08:00:00Z; Return: false
 * if it is none
 */
bool options_read_time(const char *text, int64_t *out_s);
