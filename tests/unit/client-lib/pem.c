/* SPDX-License-Identifier: Apache-2.0 */
#include "client-lib/src/pem.h"

#include "harness/test.h"
#include "proto/compiler.h"

#include <string.h>

#define CERTIFICATE(body) "-----BEGIN CERTIFICATE-----\n" body "-----END CERTIFICATE-----\n"
#define KEY               "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n"

static const struct {
        const char *text;
        int r;
        const char *found; /* the certificates, each ended by '|' */
} rows[] = {
        { CERTIFICATE("Zm9v\n"), 0, "foo|" },
        { "some words\n" CERTIFICATE("Zm\n9v\r\n") "more\n" CERTIFICATE("YmFy\n"), 0, "foo|bar|" },
        { KEY CERTIFICATE("Zm9v\n") KEY, 0, "foo|" },
        { KEY, PEM_E_NONE, "" },
        { "", PEM_E_NONE, "" },
        { "hello", PEM_E_NONE, "" },
        { CERTIFICATE(""), PEM_E_DAMAGED, "" },
        { CERTIFICATE("Zm9v=\n"), PEM_E_DAMAGED, "" },
        { CERTIFICATE("Zm9v\n") CERTIFICATE("Zm9*\n"), PEM_E_DAMAGED, "foo|" },
        { "-----BEGIN CERTIFICATE-----\nZm9v\n", PEM_E_DAMAGED, "" },
        { "0\x05"
          "0\x03xxx",
          0,
          "0\x05"
          "0\x03xxx|" }, /* DER */
        { "0\x81\x05"
          "0\x03xxx",
          0,
          "0\x81\x05"
          "0\x03xxx|" },                        /* DER with a long length */
        { "0\x05\x02\x01xxx", PEM_E_NONE, "" }, /* DER of a private key */
        { "0\x81", PEM_E_NONE, "" },
};

static int gather(const uint8_t *der, size_t n_der, void *userdata)
{
        strncat(userdata, (const char *)der, n_der);
        strcat(userdata, "|");
        return 0;
}

static void certificates_are_found_and_nothing_else(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                char found[256] = "";
                int r = pem_read(rows[i].text, strlen(rows[i].text), gather, found);

                if (r != rows[i].r || strcmp(found, rows[i].found))
                        fail_msg("row %zu: %d, %s", i, r, found);
        }
}

static int stop(const uint8_t *der, size_t n_der, void *userdata)
{
        (void)der, (void)n_der, (void)userdata;
        return -7;
}

static void the_finder_may_stop_it(void **state)
{
        (void)state;
        assert_int_equal(pem_read(rows[1].text, strlen(rows[1].text), stop, NULL), -7);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(certificates_are_found_and_nothing_else),
                cmocka_unit_test(the_finder_may_stop_it),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
