/* SPDX-License-Identifier: Apache-2.0 */
#include "store/layout.h"

#include "harness/test.h"

#include <string.h>

static void test_temporary_names(void **state)
{
        static const struct {
                const char *name;
                bool is_temporary;
        } ROWS[] = {
                { "a.der", false },         { "a", false },        { "CN [SHA1].der", false },
                { "tmp", false },           { ".tmp", true },      { "..data", true },
                { ".a.der.new", true },     { "a.der~", true },    { "~", false },
                { "#a.der#", true },        { "a.der.tmp", true }, { "a.tmp.der", false },
                { "a.pem.dpkg-new", true },
        };

        (void)state;
        for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
                if (layout_is_temporary(ROWS[i].name) != ROWS[i].is_temporary)
                        fail_msg("\"%s\"", ROWS[i].name);
        }
}

/* The agent reads no private key: no layout may name a directory of them. */
static void test_private_is_in_no_layout(void **state)
{
        const struct layout *layout = layout_default();

        (void)state;
        for (size_t i = 0; i < layout->n_dirs; i++)
                assert_null(strstr(layout->dirs[i].path, "private"));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_temporary_names),
                cmocka_unit_test(test_private_is_in_no_layout),
        };

        return cmocka_run_group_tests_name("store/layout", tests, NULL, NULL);
}
