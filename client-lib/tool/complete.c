/* SPDX-License-Identifier: Apache-2.0 */

/*
 * For the completions of shells, in no help text: "uatrust complete KIND" prints what may stand
 * there, a line each: the word, a tab, a few words about it. KIND is stores, rejected, judged, all
 * or blocked, the latter thumbprints. An agent that is away, or slow, has nothing to offer.
 */

#include "options.h"
#include "output.h"
#include "verb.h"

#include <uatrust/admin.h>

#include <stdio.h>
#include <string.h>

#define PATIENCE_MS 500

enum {
        STORE = OPTIONS_OWN,
};

static const struct option rows[] = {
        { "store", required_argument, NULL, STORE },
        OPTIONS_ROWS,
        { NULL, 0, NULL, 0 },
};

static void offer(const char *word, const char *about)
{
        if (!word)
                return;

        output_text(stdout, word);
        putchar('\t');
        output_text(stdout, about ? about : "");
        putchar('\n');
}

static void offer_stores(struct uatrust_client *client)
{
        const struct uatrust_store *store;
        struct uatrust_stores *stores;

        if (uatrust_list_stores(client, &stores, NULL))
                return;

        for (size_t i = 0; (store = uatrust_stores_get_store(stores, i)); i++)
                offer(uatrust_store_get_name(store), uatrust_store_get_source(store, 0));
        uatrust_stores_free(stores);
}

static void offer_rejected(struct uatrust_client *client, const char *store)
{
        const struct uatrust_rejected *rejected;
        struct uatrust_rejected_list *list;

        if (uatrust_list_rejected(client, store, &list, NULL))
                return;

        for (size_t i = 0; (rejected = uatrust_rejected_list_get_rejected(list, i)); i++)
                offer(uatrust_rejected_get_sha256(rejected),
                      uatrust_rejected_get_subject(rejected));
        uatrust_rejected_list_free(list);
}

static void offer_list(struct uatrust_client *client, const char *store, const char *list)
{
        const struct uatrust_certificate *certificate;
        struct uatrust_certificates *certificates;

        if (uatrust_list_certificates(client, store, list, &certificates, NULL))
                return;

        for (size_t i = 0; (certificate = uatrust_certificates_get_certificate(certificates, i));
             i++)
                offer(uatrust_certificate_get_sha256(certificate),
                      uatrust_certificate_get_subject(certificate));
        uatrust_certificates_free(certificates);
}

static void offer_blocked(struct uatrust_client *client, const char *store)
{
        const struct uatrust_block *block;
        struct uatrust_blocks *blocks;

        if (uatrust_list_blocks(client, store, &blocks, NULL))
                return;

        for (size_t i = 0; (block = uatrust_blocks_get_block(blocks, i)); i++)
                offer(uatrust_block_get_sha256(block), uatrust_block_get_reason(block));
        uatrust_blocks_free(blocks);
}

int verb_complete(int argc, char **argv)
{
        struct options options = OPTIONS_DEFAULT;
        struct uatrust_client *client;
        const char *store = NULL;
        int option;

        options.timeout_ms = PATIENCE_MS;
        while ((option = options_next(&options, argc, argv, "h", rows)) >= 0) {
                if (option == STORE)
                        store = optarg;
                else if (option == 'h' || !options_take(&options, option, optarg))
                        return VERB_EXIT_USAGE;
        }
        if (optind + 1 != argc)
                return VERB_EXIT_USAGE;

        client = options_connect(&options);
        if (!client)
                return VERB_EXIT_SYSTEM;

        if (!strcmp(argv[optind], "stores")) {
                offer_stores(client);
        } else if (!strcmp(argv[optind], "rejected")) {
                offer_rejected(client, store);
        } else if (!strcmp(argv[optind], "blocked")) {
                offer_blocked(client, store);
        } else if (!strcmp(argv[optind], "judged")) {
                offer_list(client, store, "trusted");
                offer_list(client, store, "issuers");
        } else if (!strcmp(argv[optind], "all")) {
                offer_list(client, store, NULL);
        }
        options_disconnect(&options, client);
        return VERB_EXIT_OK;
}
