/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"
#include "output.h"
#include "progress.h"
#include "verb.h"

#include <uatrust/admin.h>

#include <string.h>

static const char help[] =
        "usage: uatrust list [OPTION...] [certificates|crls|blocks]\n"
        "\n"
        "Shows the certificates of a store, with the files that could not be read, its\n"
        "revocation lists, or what is blocked.\n"
        "\n"
        "      --store NAME           default: $UATRUST_STORE, or the agent's\n"
        "      --list LIST            trusted, issuers, own or rejected only\n" OPTIONS_HELP;

enum {
        STORE = OPTIONS_OWN,
        LIST,
        SHORT_DIGITS = 8, /* of a thumbprint */
};

static const struct option rows[] = {
        { "store", required_argument, NULL, STORE },
        { "list", required_argument, NULL, LIST },
        OPTIONS_ROWS,
        { NULL, 0, NULL, 0 },
};

static void add_optional(struct output_table *table, const char *text)
{
        output_table_add(table, text && *text ? text : "-");
}

static void add_short(struct output_table *table, const char *sha256)
{
        char digits[SHORT_DIGITS + 1];

        snprintf(digits, sizeof(digits), "%s", sha256 ? sha256 : "-");
        output_table_add(table, digits);
}

static void add_date(struct output_table *table, int64_t time_s)
{
        char text[32];

        output_time(time_s, text);
        if (strchr(text, 'T'))
                *strchr(text, 'T') = '\0';
        output_table_add(table, text);
}

static void add_headings(struct output_table *table, const char *const *headings)
{
        for (; *headings; headings++)
                output_table_add(table, *headings);
}

static void print_certificates(const struct uatrust_certificates *certificates)
{
        static const char *const headings[] = { "LIST",      "SHA-256", "SUBJECT", "KEY",
                                                "NOT AFTER", "KIND",    NULL };
        struct output_table table = { .n_columns = 6 };
        const struct uatrust_certificate *certificate;
        const struct uatrust_broken_file *broken;

        add_headings(&table, headings);
        for (size_t i = 0; (certificate = uatrust_certificates_get_certificate(certificates, i));
             i++) {
                output_table_add(&table, uatrust_certificate_get_list(certificate));
                add_short(&table, uatrust_certificate_get_sha256(certificate));
                output_table_add(&table, uatrust_certificate_get_subject(certificate));
                output_table_add(&table, uatrust_certificate_get_key_type(certificate));
                add_date(&table, uatrust_certificate_get_not_after(certificate));
                output_table_add(&table,
                                 uatrust_certificate_is_ca(certificate) ? "CA" : "application");
        }
        output_table_print(&table);

        for (size_t i = 0; (broken = uatrust_certificates_get_broken(certificates, i)); i++) {
                output_colour(OUTPUT_WARN);
                fputs(i ? "broken: " : "\nbroken: ", stdout);
                output_colour(OUTPUT_PLAIN);
                output_text(stdout, uatrust_broken_file_get_origin(broken));
                fputs(": ", stdout);
                output_text(stdout, uatrust_broken_file_get_reason(broken));
                putchar('\n');
        }
}

static void print_crls(const struct uatrust_crls *crls)
{
        static const char *const headings[] = { "LIST",    "SHA-256",     "ISSUER", "STATE",
                                                "ENTRIES", "NEXT UPDATE", NULL };
        struct output_table table = { .n_columns = 6 };
        const struct uatrust_crl *crl;

        add_headings(&table, headings);
        for (size_t i = 0; (crl = uatrust_crls_get_crl(crls, i)); i++) {
                int64_t next_update;

                output_table_add(&table, uatrust_crl_get_list(crl));
                add_short(&table, uatrust_crl_get_sha256(crl));
                output_table_add(&table, uatrust_crl_get_issuer(crl));
                output_table_add(&table, uatrust_crl_get_state(crl));
                output_table_add_number(&table, uatrust_crl_get_entries(crl));
                if (uatrust_crl_get_next_update(crl, &next_update))
                        add_date(&table, next_update);
                else
                        output_table_add(&table, "-");
        }
        output_table_print(&table);
}

static void print_blocks(const struct uatrust_blocks *blocks)
{
        static const char *const headings[] = { "SHA-256", "ISSUER", "SERIAL NUMBER",
                                                "SINCE",   "BY UID", "REASON",
                                                NULL };
        struct output_table table = { .n_columns = 6 };
        const struct uatrust_block *block;

        add_headings(&table, headings);
        for (size_t i = 0; (block = uatrust_blocks_get_block(blocks, i)); i++) {
                int64_t since, uid;

                add_short(&table, uatrust_block_get_sha256(block));
                add_optional(&table, uatrust_block_get_issuer(block));
                add_optional(&table, uatrust_block_get_serial_number(block));
                if (uatrust_block_get_since(block, &since))
                        add_date(&table, since);
                else
                        output_table_add(&table, "-");
                if (uatrust_block_get_uid(block, &uid))
                        output_table_add_number(&table, uid);
                else
                        output_table_add(&table, "-");
                add_optional(&table, uatrust_block_get_reason(block));
        }
        output_table_print(&table);
}

/* Asks for one kind, and shows it. @list: of certificates alone. */
#define LIST(of, ...)                                                                              \
        static int list_##of(const struct options *options, struct uatrust_client *client,         \
                             const char *store, const char *list)                                  \
        {                                                                                          \
                struct uatrust_error *error = NULL;                                                \
                struct uatrust_##of *found;                                                        \
                                                                                                   \
                (void)list;                                                                        \
                progress_wait(options->progress);                                                  \
                if (uatrust_list_##of(client, __VA_ARGS__, &found, &error))                        \
                        return options_fail(options, error, NULL);                                 \
                                                                                                   \
                progress_hide(options->progress);                                                  \
                if (options->wants_json) {                                                         \
                        output_json(uatrust_##of##_to_json(found));                                \
                        putchar('\n');                                                             \
                } else {                                                                           \
                        print_##of(found);                                                         \
                }                                                                                  \
                uatrust_##of##_free(found);                                                        \
                return VERB_EXIT_OK;                                                               \
        }

LIST(certificates, store, list)
LIST(crls, store)
LIST(blocks, store)

static bool is_list(const char *name)
{
        return !strcmp(name, "trusted") || !strcmp(name, "issuers") || !strcmp(name, "own") ||
               !strcmp(name, "rejected");
}

int verb_list(int argc, char **argv)
{
        struct options options = OPTIONS_DEFAULT;
        const char *store = NULL, *list = NULL, *what = "certificates";
        struct uatrust_client *client;
        int option, code;

        while ((option = options_next(&options, argc, argv, "h", rows)) >= 0) {
                if (option == 'h') {
                        fputs(help, stdout);
                        return VERB_EXIT_OK;
                }
                if (option == STORE)
                        store = optarg;
                else if (option == LIST)
                        list = optarg;
                else if (!options_take(&options, option, optarg))
                        return VERB_EXIT_USAGE;
        }
        if (optind < argc)
                what = argv[optind++];
        if (optind < argc)
                return options_usage(&options, "\"%s\" is too much", argv[optind]);
        if (list && !is_list(list))
                return options_usage(&options,
                                     "--list: \"%s\" is none of trusted, issuers, own, rejected",
                                     list);
        if (strcmp(what, "certificates") && strcmp(what, "crls") && strcmp(what, "blocks"))
                return options_usage(&options, "\"%s\" is none of certificates, crls, blocks",
                                     what);
        if (list && strcmp(what, "certificates"))
                return options_usage(&options, "--list is for certificates");

        client = options_connect(&options);
        if (!client)
                return VERB_EXIT_SYSTEM;

        if (!strcmp(what, "crls"))
                code = list_crls(&options, client, store, list);
        else if (!strcmp(what, "blocks"))
                code = list_blocks(&options, client, store, list);
        else
                code = list_certificates(&options, client, store, list);
        options_disconnect(&options, client);
        return code;
}
