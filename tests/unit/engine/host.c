/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/host.h"

#include "harness/objects.h"
#include "harness/test.h"
#include "proto/compiler.h"

struct row {
        const char *san, *subject; /* NULL: the default */
        const char *host;
        bool by_opc, by_tls;
};

static const struct row ROWS[] = {
        { "DNS:plc.example.com", NULL, "plc.example.com", true, true },
        { "DNS:PLC.Example.com", NULL, "plc.eXample.COM", true, true },
        { "DNS:plc.example.com", NULL, "plc.example.com.", true, true },
        { "DNS:plc.example.com.", NULL, "plc.example.com", true, true },
        { "DNS:plc.example.com", NULL, "plc.example.com..", false, false },
        { "DNS:a,DNS:b", NULL, "b", true, true },
        { "DNS:plc.example.com", NULL, "plc", false, false },
        { "DNS:plc", NULL, "plc.example.com", false, false },
        { "DNS:plc.example.com", NULL, "", false, false },
        { "DNS:plc.example.com", NULL, "localhost", false, false },

        { "DNS:*.example.com", NULL, "plc.example.com", false, true },
        { "DNS:*.example.com", NULL, "example.com", false, false },
        { "DNS:*.example.com", NULL, "a.plc.example.com", false, false },
        { "DNS:*.example.com", NULL, ".example.com", false, false },
        { "DNS:*.com", NULL, "example.com", false, false },
        { "DNS:*", NULL, "plc", false, false },
        { "DNS:p*.example.com", NULL, "plc.example.com", false, false },
        { "DNS:plc.*.com", NULL, "plc.example.com", false, false },

        { "IP:10.0.0.1", NULL, "10.0.0.1", true, true },
        { "IP:10.0.0.1", NULL, "10.0.0.2", false, false },
        { "IP:10.0.0.1", NULL, "10.0.0.01", false, false },
        { "DNS:10.0.0.1", NULL, "10.0.0.1", true, false },
        { "IP:fe80::1", NULL, "FE80:0:0:0::1", true, true },
        { "IP:10.0.0.1", NULL, "::ffff:10.0.0.1", false, false },
        { "DNS:*.0.0.1", NULL, "10.0.0.1", false, false },

        { "URI:urn:a", "CN=plc.example.com", "plc.example.com", false, false },
        { "URI:urn:a", "CN=a,DC=plc,DC=example,DC=com", "plc.example.com", true, false },
        { "URI:urn:a", "DC=com,DC=example,DC=plc,CN=a", "PLC.example.com", true, false },
        { "URI:urn:a", "DC=com,DC=example,CN=a", "plc.example.com", false, false },
        { "URI:urn:a,DNS:other", "DC=com,DC=example,DC=plc", "plc.example.com", false, false },
        { "URI:urn:a,IP:10.0.0.1", "DC=com,DC=example,DC=plc", "plc.example.com", false, false },
        { "URI:urn:a", "DC=0,DC=0,DC=0,DC=10", "10.0.0.0", false, false },
};

static void a_host_is_named_or_not(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
                const struct row *row = &ROWS[i];
                const struct cert *cert = make_cert(&(struct mint_cert){
                        .san = row->san, .subject = row->subject, .key = "p256-host" });
                bool by_opc = host_is_named(cert, row->host, HOST_RULES_OPC);
                bool by_tls = host_is_named(cert, row->host, HOST_RULES_TLS);

                if (by_opc != row->by_opc || by_tls != row->by_tls)
                        fail_msg("%s against %s %s: %d, %d", row->host, row->san,
                                 row->subject ? row->subject : "", by_opc, by_tls);
                cert_unref(cert);
        }
}

static void a_name_with_a_nul_is_not_cut_there(void **state)
{
        struct mint_cert spec = { .san = "DNS:plc.example.com.evil.org", .key = "p256-host" };
        struct mint_der der = mint_cert(&spec);
        const struct cert *cert;

        (void)state;
        mint_replace(&der, "63 6f 6d 2e 65 76 69 6c", "63 6f 6d 00 65 76 69 6c");
        cert = take_cert(der);
        assert_false(host_is_named(cert, "plc.example.com", HOST_RULES_OPC));
        assert_false(host_is_named(cert, "plc.example.com", HOST_RULES_TLS));
        cert_unref(cert);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_host_is_named_or_not),
                cmocka_unit_test(a_name_with_a_nul_is_not_cut_there),
        };

        return cmocka_run_group_tests(tests, set_up_ossl, tear_down_ossl);
}
