/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Portrait - what people are shown of a file: all entries of a CRL, and no text that a terminal
 * would take for an order.
 */

#include "own/portrait.h"

#include "fuzz/fuzz.h"
#include "harness/must.h"
#include "pki/cert.h"
#include "pki/crl.h"
#include "pki/decode.h"
#include "pki/ossl.h"
#include "proto/buf.h"
#include "proto/compiler.h"
#include "proto/json.h"
#include "proto/utf8.h"

#include <stdlib.h>

#define ENTRIES_MAX 1000

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
        (void)argc;
        (void)argv;
        must(ossl_init() == 0, "ossl_init");
        return 0;
}

/*
 * The JSON has every text of a portrait, and escapes what is below a blank: none of it may be
 * there.
 */
static void check_texts(const struct schema *schema, const void *portrait)
{
        CLEANUP(buf_deinit) struct buf json = BUF_NULL;

        json_encode(schema, portrait, &json);
        must(buf_error(&json) == 0, "json");
        must(utf8_is_valid((const char *)json.data, json.n), "no UTF-8");
        for (size_t i = 0; i < json.n; i++) {
                bool is_c1 = i > 0 && json.data[i - 1] == 0xc2 && json.data[i] < 0xa0;

                must(json.data[i] >= ' ' && json.data[i] != 0x7f && !is_c1, "a control character");
                must(i + 1 == json.n || json.data[i] != '\\' || json.data[i + 1] != 'u',
                     "a control character, escaped");
        }
}

static void show_cert(const struct cert *cert)
{
        struct portrait_cert portrait;

        must(portrait_cert(cert, &portrait) == 0, "portrait_cert");
        must(portrait.n_uris == cert->alt_names.n_uris, "a URI is lost");
        must(portrait.n_dns_names == cert->alt_names.n_dns_names, "a DNS name is lost");
        check_texts(&portrait_cert_schema, &portrait);
        schema_deinit(&portrait_cert_schema, &portrait);
}

static void show_crl(const struct crl *crl, struct bytes content)
{
        struct portrait_crl portrait;
        uint8_t *der;
        size_t n;

        must(decode_find_crl(content, crl->sha256, &der, &n) == 0, "decode_find_crl");
        must(portrait_crl(crl, (struct bytes){ der, n }, ENTRIES_MAX, &portrait) == 0,
             "portrait_crl");
        must(portrait.n_revoked == (crl->n_entries < ENTRIES_MAX ? crl->n_entries : ENTRIES_MAX),
             "%zu of %zu entries", portrait.n_revoked, crl->n_entries);
        check_texts(&portrait_crl_schema, &portrait);
        schema_deinit(&portrait_crl_schema, &portrait);
        free(der);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
        struct bytes content = { data, n };
        struct decode_list list = DECODE_LIST_NULL;

        must(decode_file(content, &list) == 0, "decode_file");
        for (size_t i = 0; i < list.items.n; i++) {
                if (list.items.items[i].kind == DECODE_CERT)
                        show_cert(list.items.items[i].cert);
                else if (list.items.items[i].kind == DECODE_CRL)
                        show_crl(list.items.items[i].crl, content);
        }
        decode_list_deinit(&list);
        return 0;
}
