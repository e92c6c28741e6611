/* SPDX-License-Identifier: Apache-2.0 */

/*
 * File - what a file of a store holds, PEM or DER, as one or many objects.
 */

#include "fuzz/fuzz.h"
#include "harness/must.h"
#include "pki/cert.h"
#include "pki/crl.h"
#include "pki/decode.h"
#include "pki/ossl.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
        (void)argc;
        (void)argv;
        must(ossl_init() == 0, "ossl_init");
        return 0;
}

static void check(const struct decode_item *item)
{
        must(!!item->cert == (item->kind == DECODE_CERT), "a certificate");
        must(!!item->crl == (item->kind == DECODE_CRL), "a CRL");
        must(item->cert || item->crl || (item->reason && item->reason[0]), "no reason");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
        struct decode_list list = DECODE_LIST_NULL;
        struct bytes input = { data, n };

        decode_starts_private_key(input);
        must(decode_file(input, &list) == 0, "decode_file");
        must(list.items.n >= 1 && list.items.n <= DECODE_ITEMS_MAX + 1, "%zu items", list.items.n);
        for (size_t i = 0; i < list.items.n; i++)
                check(&list.items.items[i]);
        decode_list_deinit(&list);
        return 0;
}
