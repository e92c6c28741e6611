/* SPDX-License-Identifier: Apache-2.0 */
#include "store/origin.h"

#include "harness/test.h"

#include <stdlib.h>

static void test_names_become_text(void **state)
{
        static const struct {
                const char *name, *origin;
                const char *path; /* NULL: trusted/certs */
        } ROWS[] = {
                { "a.der", "default/trusted/certs/a.der", NULL },
                { "Gr\xc3\xbc\xc3\x9f\x65", "default/trusted/certs/Gr\xc3\xbc\xc3\x9f\x65", NULL },
                { "Gr\xfc\xdf\x65", "default/trusted/certs/Gr\\xfc\\xdfe", NULL },
                { "a\nb\x7f", "default/trusted/certs/a\\x0ab\\x7f", NULL },
                { NULL, "default/trusted/certs", NULL },
                { "a.der", "default//mnt/ca/a.der", "/mnt/ca" },
        };

        (void)state;
        for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
                const char *path = ROWS[i].path ? ROWS[i].path : "trusted/certs";
                char *origin;

                assert_int_equal(origin_make("default", path, ROWS[i].name, &origin), 0);
                assert_string_equal(origin, ROWS[i].origin);
                free(origin);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_names_become_text),
        };

        return cmocka_run_group_tests_name("store/origin", tests, NULL, NULL);
}
