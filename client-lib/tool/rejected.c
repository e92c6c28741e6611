/* SPDX-License-Identifier: Apache-2.0 */
#include "change.h"
#include "output.h"
#include "progress.h"
#include "verb.h"

#include <uatrust/admin.h>

#include <stdio.h>

static const char help[] =
        "usage: uatrust rejected [OPTION...]\n"
        "       uatrust rejected --remove [OPTION...] THUMBPRINT...\n"
        "\n"
        "Shows the certificates that were refused, last seen first. To trust one: uatrust\n"
        "trust THUMBPRINT, of which 8 digits do.\n"
        "\n"
        "      --remove               forget these; what is presented again is kept "
        "again\n" CHANGE_HELP_STORE OPTIONS_HELP "\n"
        "With --remove:\n" CHANGE_HELP_HOW;

enum {
        REMOVE = CHANGE_OWN,
        SHORT_DIGITS = 8, /* of a thumbprint */
};

static const struct option rows[] = {
        { "remove", no_argument, NULL, REMOVE },
        CHANGE_ROWS,
        { NULL, 0, NULL, 0 },
};

static const struct change_verb removal = {
        .question = "remove it?",
        .from = SELECT_REJECTED,
        .by_thumbprint = uatrust_remove_rejected,
        .added = "added",
        .removed = "removed",
        .done = "removed",
};

static void add_optional(struct output_table *table, const char *text)
{
        output_table_add(table, text ? text : "-");
}

static void print_rejected(const struct uatrust_rejected_list *list)
{
        static const char *const headings[] = { "SHA-256", "SUBJECT", "APPLICATION URI", "STATUS",
                                                "FROM",    "TIMES",   "LAST SEEN" };
        struct output_table table = { .n_columns = 7 };
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

static int show(struct change_orders *orders)
{
        struct uatrust_client *client = options_connect(&orders->options);
        struct uatrust_rejected_list *list = NULL;
        struct uatrust_error *error = NULL;
        int code = VERB_EXIT_OK;

        if (!client)
                return VERB_EXIT_SYSTEM;

        progress_wait(orders->options.progress);
        if (uatrust_list_rejected(client, orders->store, &list, &error)) {
                code = options_fail(&orders->options, error, NULL);
        } else if (orders->options.wants_json) {
                output_json(uatrust_rejected_list_to_json(list));
                putchar('\n');
        } else {
                progress_hide(orders->options.progress);
                print_rejected(list);
        }
        uatrust_rejected_list_free(list);
        options_disconnect(&orders->options, client);
        return code;
}

int verb_rejected(int argc, char **argv)
{
        struct change_orders orders = { .options = OPTIONS_DEFAULT };
        bool is_removal = false;
        int option;

        while ((option = options_next(&orders.options, argc, argv, "hny", rows)) >= 0) {
                if (option == 'h') {
                        fputs(help, stdout);
                        return VERB_EXIT_OK;
                }
                if (option == REMOVE)
                        is_removal = true;
                else if (!change_take(&orders, option, optarg))
                        return VERB_EXIT_USAGE;
        }
        if (is_removal && optind == argc)
                return options_usage(&orders.options, "THUMBPRINT is missing");
        if (is_removal)
                return change_carry_out(&removal, &orders, argv + optind, argc - optind);
        if (optind < argc)
                return options_usage(&orders.options, "\"%s\" is too much", argv[optind]);
        if (orders.is_dry_run || orders.is_sure || orders.reason)
                return options_usage(&orders.options,
                                     "--dry-run, --yes and --reason go with --remove");

        return show(&orders);
}
