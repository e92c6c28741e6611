/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"
#include "output.h"
#include "verb.h"

#include <uatrust/admin.h>

#include <stdio.h>
#include <stdlib.h>

static const char help[] =
        "usage: uatrust rejected [OPTION...]\n"
        "\n"
        "Shows the certificates that were refused, last seen first. To trust one: uatrust\n"
        "trust THUMBPRINT, of which 8 digits do.\n"
        "\n"
        "      --store NAME           default: $UATRUST_STORE, or the agent's\n" OPTIONS_HELP;

enum {
        STORE = OPTIONS_OWN,
        SHORT_DIGITS = 8, /* of a thumbprint */
};

static const struct option rows[] = {
        { "store", required_argument, NULL, STORE },
        OPTIONS_ROWS,
        { NULL, 0, NULL, 0 },
};

static void add_optional(struct output_table *table, const char *text)
{
        output_table_add(table, text ? text : "-");
}

static void print_rejected(const struct uatrust_rejected_list *list)
{
        static const char *const headings[] = { "SHA-256", "SUBJECT", "APPLICATION URI", "STATUS",
                                                "FROM",    "TIMES",   "LAST SEEN" };
        struct output_table table = { .n_columns = 7, .flexible = 1 };
        const struct uatrust_rejected *rejected;

        for (size_t i = 0; i < table.n_columns; i++)
                output_table_add(&table, headings[i]);
        for (size_t i = 0; (rejected = uatrust_rejected_list_get_rejected(list, i)); i++) {
                char digits[SHORT_DIGITS + 1], time[32];

                snprintf(digits, sizeof(digits), "%s", uatrust_rejected_get_sha256(rejected));
                output_table_add(&table, digits);
                output_table_add(&table, uatrust_rejected_get_subject(rejected));
                add_optional(&table, uatrust_rejected_get_application_uri(rejected));
                output_table_add(&table, uatrust_rejected_get_status_name(rejected));
                add_optional(&table, uatrust_rejected_get_peer_address(rejected));
                output_table_add_number(&table, uatrust_rejected_get_count(rejected));
                output_table_add(&table,
                                 output_time(uatrust_rejected_get_last_seen(rejected), time));
        }
        output_table_print(&table);
}

int verb_rejected(int argc, char **argv)
{
        struct options options = OPTIONS_DEFAULT;
        struct uatrust_rejected_list *list;
        struct uatrust_error *error = NULL;
        struct uatrust_client *client;
        const char *store = NULL;
        int option, code = VERB_EXIT_OK;

        while ((option = getopt_long(argc, argv, "h", rows, NULL)) >= 0) {
                if (option == 'h') {
                        fputs(help, stdout);
                        return VERB_EXIT_OK;
                }
                if (option == STORE)
                        store = optarg;
                else if (!options_take(&options, option, optarg))
                        return VERB_EXIT_USAGE;
        }
        if (optind < argc)
                return options_usage("rejected", "\"%s\" is too much", argv[optind]);

        client = options_connect(&options);
        if (!client)
                return VERB_EXIT_SYSTEM;

        if (uatrust_list_rejected(client, store, &list, &error)) {
                code = options_fail(error, NULL);
        } else if (options.wants_json) {
                char *json = uatrust_rejected_list_to_json(list);

                puts(json ? json : "");
                free(json);
                uatrust_rejected_list_free(list);
        } else {
                print_rejected(list);
                uatrust_rejected_list_free(list);
        }
        uatrust_client_free(client);
        return code;
}
