/* SPDX-License-Identifier: Apache-2.0 */

/* The trust list of a store as a PKI folder of an SDK, which uatrust-own writes. */

#include "blocked.h"
#include "options.h"
#include "own.h"
#include "parcel.h"
#include "progress.h"
#include "verb.h"

#include <uatrust/reading.h>

#include <stdio.h>
#include <stdlib.h>

static const char help[] =
        "usage: uatrust export [OPTION...] DIR\n"
        "\n"
        "Writes the lists trusted and issuers of a store into a PKI folder as an SDK has\n"
        "it; what is blocked is left out, as no SDK knows blocks.\n"
        "\n"
        "      --layout NAME          default, qt, annex-f, open62541, net, milo,\n"
        "                             node-opcua or s2opc; default: default\n"
        "      --group GROUP          which of its lists: application (default), user or\n"
        "                             https\n"
        "      --replace              DIR need not be empty: what else is in the folders\n"
        "                             of its lists trusted and issuers goes\n"
        "      --store NAME           default: $UATRUST_STORE, or the agent's\n" OPTIONS_HELP;

enum {
        LAYOUT = OPTIONS_OWN,
        GROUP,
        REPLACE,
        STORE,
};

static const struct option rows[] = {
        { "layout", required_argument, NULL, LAYOUT },
        { "group", required_argument, NULL, GROUP },
        { "replace", no_argument, NULL, REPLACE },
        { "store", required_argument, NULL, STORE },
        OPTIONS_ROWS,
        { NULL, 0, NULL, 0 },
};

struct export
{
        struct options options;
        const char *layout, *group, *store, *path;
        bool may_replace;
};

typedef const void *(*get_fn)(const struct uatrust_trust_list *list, size_t i, size_t *n_out);

static bool take_list(const struct uatrust_trust_list *list, struct parcel *out)
{
        static const get_fn gets[PARCEL_LISTS] = {
                [PARCEL_TRUSTED_CERTIFICATES] = uatrust_trust_list_get_trusted_certificate,
                [PARCEL_TRUSTED_CRLS] = uatrust_trust_list_get_trusted_crl,
                [PARCEL_ISSUER_CERTIFICATES] = uatrust_trust_list_get_issuer_certificate,
                [PARCEL_ISSUER_CRLS] = uatrust_trust_list_get_issuer_crl,
        };
        bool is_good = true;

        for (int kind = 0; kind < PARCEL_LISTS; kind++) {
                const void *der;
                size_t n;

                for (size_t i = 0; is_good && (der = gets[kind](list, i, &n)); i++)
                        is_good = parcel_add(out, (enum parcel_kind)kind, NULL, der, n);
        }
        return is_good;
}

static int read_store(const struct export *export, struct uatrust_client *client,
                      struct parcel *out, struct blocked *out_blocked)
{
        struct uatrust_trust_list *list = NULL;
        struct uatrust_error *error = NULL;
        int code = VERB_EXIT_OK;

        progress_wait(export->options.progress);
        if (uatrust_read_trust_list(client, export->store, &list, &error))
                code = options_fail(&export->options, error, NULL);
        else if (!take_list(list, out))
                code = options_complain(&export->options, VERB_EXIT_SYSTEM, "out of memory");
        else
                code = blocked_ask(&export->options, client, export->store, out_blocked);
        uatrust_trust_list_free(list);
        return code;
}

static int write_folder(const struct export *export, const struct parcel *parcel,
                        const struct blocked *blocked)
{
        const char *words[16] = { "lay", "--layout", export->layout, "--group", export->group };
        char n_lost[24];
        size_t n = 5;
        struct own own;
        int code;

        if (export->may_replace)
                words[n++] = "--replace";
        if (export->options.wants_json)
                words[n++] = "--json";
        snprintf(n_lost, sizeof(n_lost), "%zu", blocked_count_lost(blocked));
        words[n++] = "--lost";
        words[n++] = n_lost;
        words[n++] = "--";
        words[n] = export->path;

        code = own_open(&export->options, words, OWN_WRITE, &own);
        if (code)
                return code;
        blocked_write(own.file, blocked);
        progress_tell(export->options.progress, "writing", 0, 0);
        parcel_write(own.file, parcel);
        code = own_close(&own);
        if (!code)
                blocked_warn(blocked);
        return code;
}

int verb_export(int argc, char **argv)
{
        struct export export = { .options = OPTIONS_DEFAULT,
                                 .layout = "default",
                                 .group = "application" };
        struct parcel parcel = { .items = NULL };
        struct blocked blocked = { .blocks = NULL };
        struct uatrust_client *client;
        int option, code;

        while ((option = options_next(&export.options, argc, argv, "h", rows)) >= 0) {
                if (option == 'h') {
                        fputs(help, stdout);
                        return VERB_EXIT_OK;
                }
                if (option == LAYOUT)
                        export.layout = optarg;
                else if (option == GROUP)
                        export.group = optarg;
                else if (option == REPLACE)
                        export.may_replace = true;
                else if (option == STORE)
                        export.store = optarg;
                else if (!options_take(&export.options, option, optarg))
                        return VERB_EXIT_USAGE;
        }
        if (optind == argc)
                return options_usage(&export.options, "DIR is missing");
        if (optind + 1 < argc)
                return options_usage(&export.options, "\"%s\" is too much", argv[optind + 1]);

        export.path = argv[optind];
        client = options_connect(&export.options);
        if (!client)
                return VERB_EXIT_SYSTEM;

        code = read_store(&export, client, &parcel, &blocked);
        if (!code)
                code = write_folder(&export, &parcel, &blocked);
        options_disconnect(&export.options, client);
        blocked_deinit(&blocked);
        parcel_deinit(&parcel);
        return code;
}
