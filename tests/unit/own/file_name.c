/* SPDX-License-Identifier: Apache-2.0 */
#include "own/file_name.h"

#include "harness/objects.h"
#include "harness/test.h"
#include "proto/compiler.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHA1   "000102030405060708090a0b0c0d0e0f10111213"
#define UPPER  "000102030405060708090A0B0C0D0E0F10111213"
#define SHA256 SHA1 "1415161718191a1b1c1d1e1f"
#define X64    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static void each_sdk_has_its_names(void **state)
{
        static const struct {
                const char *layout, *subject;
                bool is_crl;
                const char *name;
        } ROWS[] = {
                { "default", "CN=Pump", false, SHA256 ".der" },
                { "default", "CN=Pump", true, SHA256 ".crl" },
                { "s2opc", "CN=Pump", false, SHA256 ".der" },
                { "milo", "CN=Pump", false, SHA1 ".der" },
                { "milo", "CN=Pump", true, SHA1 ".crl" },
                { "net", "CN=Pump 7", false, "Pump 7 [" UPPER "].der" },
                { "net", "CN=Pump 7", true, "Pump 7 [" UPPER "].crl" },
                { "open62541", "CN=Pump", false, "Pump[" UPPER "]" },
                { "open62541", "CN=Pump", true, "Pump[" UPPER "]" },
                { "node-opcua", "CN=Pump", false, "Pump[" UPPER "].pem" },

                /* what strangers write leads nowhere */
                { "open62541", "CN=../../evil", false, "_._.._evil[" UPPER "]" },
                { "open62541", "CN=.hidden", false, "_hidden[" UPPER "]" },
                { "net", "CN=-rf", false, "_rf [" UPPER "].der" },
                { "net", "CN=a\033[31m\"", false, "unnamed [" UPPER "].der" },
                { "open62541", "CN=\303\244", false, "__[" UPPER "]" },
                { "open62541", "CN=" X64, false, X64 "[" UPPER "]" },
                { "open62541", "O=Plant", false, "unnamed[" UPPER "]" },
        };
        uint8_t digest[32];

        (void)state;
        for (size_t i = 0; i < sizeof(digest); i++)
                digest[i] = (uint8_t)i;
        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
                struct mint_der der = mint_cert(&(struct mint_cert){ .subject = ROWS[i].subject });
                struct file_name_of of = { .sha256 = digest,
                                           .sha1 = digest,
                                           .is_crl = ROWS[i].is_crl };
                const struct cert *cert;
                char *name;

                assert_int_equal(cert_new((struct bytes){ der.data, der.n }, NULL, &cert), 0);
                of.name = cert->subject.der;
                assert_int_equal(file_name_make(ROWS[i].layout, &of, &name), 0);
                assert_string_equal(name, ROWS[i].name);
                assert_null(strchr(name, '/'));
                assert_int_equal(file_name_is_pem(ROWS[i].layout),
                                 strcmp(ROWS[i].layout, "node-opcua") == 0);
                free(name);
                cert_unref(cert);
                mint_der_deinit(&der);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(each_sdk_has_its_names),
        };

        return cmocka_run_group_tests(tests, set_up_ossl, tear_down_ossl);
}
