/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Change - what the verbs have in common that change what is trusted: who is meant is found and
 * shown, with what would follow, and asked; then it is done and told.
 */

#include "options.h"
#include "select.h"

#include <stdbool.h>
#include <stdio.h>

struct uatrust_change;
struct uatrust_update;

typedef int (*change_fn)(struct uatrust_client *client, const struct uatrust_change *change,
                         const char *what, struct uatrust_update **out,
                         struct uatrust_error **error);

/* What the verbs differ in. */
struct change_verb {
        const char *question;
        enum select_from from;
        change_fn by_thumbprint;
        change_fn by_file;           /* NULL: not by one */
        const char *added, *removed; /* what is said of what came, and went */
        const char *done;            /* of what the lists do not show */
        const char *goal;            /* in which list it is then; NULL: in none */
};

/* What was asked for. */
struct change_orders {
        struct options options;
        const char *store, *list, *reason; /* NULL: none */
        const char *admin_socket;          /* NULL: the library's default */
        bool is_dry_run, is_sure;
};

enum {
        CHANGE_STORE = OPTIONS_OWN,
        CHANGE_REASON,
        CHANGE_ADMIN_SOCKET,
        CHANGE_OWN, /* where a verb's own begin */
};

/* Rows for the array of getopt_long(), and the same for help texts; the short ones are "hny". */
#define CHANGE_ROWS                                                                                \
        { "store", required_argument, NULL, CHANGE_STORE },                                        \
                { "reason", required_argument, NULL, CHANGE_REASON },                              \
                { "dry-run", no_argument, NULL, 'n' }, { "yes", no_argument, NULL, 'y' },          \
                { "admin-socket", required_argument, NULL, CHANGE_ADMIN_SOCKET }, OPTIONS_ROWS

#define CHANGE_HELP_STORE "      --store NAME           default: $UATRUST_STORE, or the agent's\n"
#define CHANGE_HELP_HOW                                                                            \
        "      --reason TEXT          why, for the audit\n"                                        \
        "  -n, --dry-run              only say what would change, which sessions it ends\n"        \
        "  -y, --yes                  do not ask; a thumbprint then needs all its digits\n"        \
        "      --admin-socket PATH    default: $UATRUST_ADMIN_SOCKET, or the host's\n"
#define CHANGE_HELP CHANGE_HELP_STORE CHANGE_HELP_HOW OPTIONS_HELP

/**
 * change_take() - one of these options, as options_next() gave it; Return: false: a usage error was
 * printed
 */
bool change_take(struct change_orders *orders, int option, const char *value);

/** change_carry_out() - for each of @n files or thumbprints; Return: the exit code */
int change_carry_out(const struct change_verb *verb, struct change_orders *orders, char **whats,
                     int n);

/**
 * change_connect() - a client set up by @orders; options_disconnect() it; Return: NULL:
 * VERB_EXIT_SYSTEM, and that was printed
 */
struct uatrust_client *change_connect(struct change_orders *orders);

/** change_make() - how, by @orders; Return: NULL: out of memory, printed; the caller frees it */
struct uatrust_change *change_make(const struct change_orders *orders, bool is_dry_run);

/** change_print_fallen() - to @file, which sessions an update ends, at most some of them */
void change_print_fallen(FILE *file, const struct uatrust_update *update, bool is_dry_run);
