/* SPDX-License-Identifier: Apache-2.0 */
#include "aging.h"
#include "options.h"
#include "output.h"
#include "progress.h"
#include "verb.h"

#include <uatrust/uatrust.h>

#include <stdio.h>
#include <stdlib.h>

static const char help[] =
        "usage: uatrust status [OPTION...]\n"
        "\n"
        "Shows which agent answers, its stores, the revocation list of each CA, what\n"
        "expires, and which settings make checking weaker.\n"
        "\n" OPTIONS_HELP;

static const struct option rows[] = {
        OPTIONS_ROWS,
        { NULL, 0, NULL, 0 },
};

static void add_store(struct output_table *table, const struct uatrust_store *store)
{
        const char *reason = uatrust_store_get_reason(store);

        output_table_add(table, uatrust_store_get_name(store));
        output_table_add_number(table, uatrust_store_get_generation(store));
        output_table_add_number(table, uatrust_store_get_trusted(store));
        output_table_add_number(table, uatrust_store_get_issuers(store));
        output_table_add_number(table, uatrust_store_get_crls(store));
        output_table_add_number(table, uatrust_store_get_own(store));
        output_table_add_number(table, uatrust_store_get_rejected(store));
        output_table_add_number(table, uatrust_store_get_broken(store));
        output_table_add(table, uatrust_store_is_ready(store) ? "ready"
                                : reason                      ? reason
                                                              : "not ready");
        output_table_add(table, uatrust_store_get_source(store, 0)
                                        ? uatrust_store_get_source(store, 0)
                                        : "-");
}

/* What else it is made of, each in a row of its own. */
static void add_further_sources(struct output_table *table, const struct uatrust_store *store)
{
        const char *source;

        for (size_t i = 1; (source = uatrust_store_get_source(store, i)); i++) {
                for (size_t k = 1; k < table->n_columns; k++)
                        output_table_add(table, "");
                output_table_add(table, source);
        }
}

static void print_stores(const struct uatrust_stores *stores)
{
        static const char *const headings[] = { "STORE", "GENERATION", "TRUSTED",  "ISSUERS",
                                                "CRLS",  "OWN",        "REJECTED", "BROKEN",
                                                "STATE", "SOURCE" };
        struct output_table table = { .n_columns = 10 };
        const struct uatrust_store *store;

        for (size_t i = 0; i < table.n_columns; i++)
                output_table_add(&table, headings[i]);
        for (size_t i = 0; (store = uatrust_stores_get_store(stores, i)); i++) {
                add_store(&table, store);
                add_further_sources(&table, store);
        }
        output_table_print(&table);
}

static void print_text(const struct uatrust_info *info, const struct uatrust_stores *stores,
                       const struct aging *aging)
{
        output_text(stdout, uatrust_info_get_product(info));
        putchar(' ');
        output_text(stdout, uatrust_info_get_version(info));
        printf(", agent ");
        output_text(stdout, uatrust_stores_get_agent_id(stores));
        fputs("\n\n", stdout);
        print_stores(stores);
        aging_print(aging);
}

static void print_json(const struct uatrust_info *info, const struct uatrust_stores *stores,
                       const struct aging *aging)
{
        char *agent = uatrust_info_to_json(info);
        char *state = uatrust_stores_to_json(stores);

        if (agent && state) {
                printf("{\"agent\":%s,\"state\":%s,", agent, state);
                aging_print_json(aging);
                puts("}");
        }
        free(agent);
        free(state);
}

static int show(const struct options *options, struct uatrust_client *client)
{
        struct uatrust_stores *stores = NULL;
        struct uatrust_error *error = NULL;
        struct uatrust_info *info = NULL;
        struct aging *aging = NULL;
        int code = VERB_EXIT_OK;

        progress_wait(options->progress);
        if (uatrust_get_info(client, &info, &error) ||
            uatrust_list_stores(client, &stores, &error) ||
            aging_ask(client, stores, &aging, &error))
                code = error ? options_fail(options, error, NULL)
                             : options_complain(options, VERB_EXIT_SYSTEM, "out of memory");
        progress_hide(options->progress);
        if (!code && options->wants_json)
                print_json(info, stores, aging);
        else if (!code)
                print_text(info, stores, aging);

        aging_free(aging);
        uatrust_info_free(info);
        uatrust_stores_free(stores);
        return code;
}

int verb_status(int argc, char **argv)
{
        struct options options = OPTIONS_DEFAULT;
        struct uatrust_client *client;
        int option, code;

        while ((option = options_next(&options, argc, argv, "h", rows)) >= 0) {
                if (option == 'h') {
                        fputs(help, stdout);
                        return VERB_EXIT_OK;
                }
                if (!options_take(&options, option, optarg))
                        return VERB_EXIT_USAGE;
        }
        if (optind < argc)
                return options_usage(&options, "\"%s\" is too much", argv[optind]);

        client = options_connect(&options);
        if (!client)
                return VERB_EXIT_SYSTEM;

        code = show(&options, client);
        options_disconnect(&options, client);
        return code;
}
