/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sources.h"

#include "harness/test.h"
#include "store/layout.h"

#include <string.h>

static const struct layout_dir NAMED[] = {
        { "/mnt/ca", ROLE_TRUSTED, NULL },
        { "issuers", ROLE_ISSUERS, "updated" },
};
static const struct layout_dir OTHER_ROLE[] = {
        { "/mnt/ca", ROLE_ISSUERS, NULL },
        { "issuers", ROLE_ISSUERS, "updated" },
};
static const struct layout_dir OTHER_UNLESS[] = {
        { "/mnt/ca", ROLE_TRUSTED, NULL },
        { "issuers", ROLE_ISSUERS, NULL },
};
static const struct layout LAYOUT = { "named", NAMED, ARRAY_SIZE(NAMED), false, true };
static const struct layout LAYOUT_OTHER_ROLE = { "named", OTHER_ROLE, ARRAY_SIZE(NAMED), false,
                                                 true };
static const struct layout LAYOUT_OTHER_UNLESS = { "named", OTHER_UNLESS, ARRAY_SIZE(NAMED), false,
                                                   true };
static const struct layout LAYOUT_SHORTER = { "named", NAMED, 1, false, true };

static struct sources *make(const struct store_source *second)
{
        const struct store_source first = { "plant", "/srv/plant", layout_default(), 0 };
        struct sources *sources;

        assert_int_equal(sources_new(&sources), 0);
        assert_int_equal(sources_add(sources, &first), 0);
        if (second)
                assert_int_equal(sources_add(sources, second), 0);
        return sources;
}

static void test_a_copy_owns_what_it_names(void **state)
{
        char name[] = "old", path[] = "/opt/old/pki";
        CLEANUP(sources_unrefp)
        struct sources *sources = make(&(struct store_source){ name, path, &LAYOUT, 1500 });
        const struct store_source *copy = &sources->list.items[1];

        (void)state;
        memset(name, 'x', strlen(name));
        memset(path, 'x', strlen(path));
        assert_string_equal(copy->name, "old");
        assert_string_equal(copy->path, "/opt/old/pki");
        assert_int_equal(copy->settle_ms, 1500);
        assert_int_equal(copy->layout->n_dirs, 2);
        assert_string_equal(copy->layout->dirs[0].path, "/mnt/ca");
        assert_null(copy->layout->dirs[0].unless);
        assert_string_equal(copy->layout->dirs[1].unless, "updated");
}

static void test_sources_are_equal_if_nothing_differs(void **state)
{
        static const struct {
                const char *name;
                struct store_source second;
                bool is_equal;
        } ROWS[] = {
                { "the same", { "old", "/opt/old", &LAYOUT, 1000 }, true },
                { "another name", { "older", "/opt/old", &LAYOUT, 1000 }, false },
                { "another path", { "old", "/opt/older", &LAYOUT, 1000 }, false },
                { "another time", { "old", "/opt/old", &LAYOUT, 1001 }, false },
                { "fewer directories", { "old", "/opt/old", &LAYOUT_SHORTER, 1000 }, false },
                { "another role", { "old", "/opt/old", &LAYOUT_OTHER_ROLE, 1000 }, false },
                { "in no place", { "old", "/opt/old", &LAYOUT_OTHER_UNLESS, 1000 }, false },
        };
        CLEANUP(sources_unrefp) struct sources *one = make(NULL);
        CLEANUP(sources_unrefp) struct sources *two = make(&ROWS[0].second);

        (void)state;
        assert_false(sources_are_equal(one, two));
        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
                CLEANUP(sources_unrefp) struct sources *other = make(&ROWS[i].second);

                if (sources_are_equal(two, other) != ROWS[i].is_equal)
                        fail_msg("%s", ROWS[i].name);
        }
}

static void test_the_path_of_a_directory(void **state)
{
        const struct store_source source = { .name = "old", .path = "/opt/old", .layout = &LAYOUT };
        char text[16];

        (void)state;
        assert_int_equal(sources_write_dir(&source, "ca", text, sizeof(text)), 11);
        assert_string_equal(text, "/opt/old/ca");
        assert_int_equal(sources_write_dir(&source, "/mnt/ca", text, sizeof(text)), 7);
        assert_string_equal(text, "/mnt/ca");
        assert_int_equal(sources_write_dir(&source, "issuers/certs", text, sizeof(text)), 22);
        assert_string_equal(text, "/opt/old/issuer");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_copy_owns_what_it_names),
                cmocka_unit_test(test_the_path_of_a_directory),
                cmocka_unit_test(test_sources_are_equal_if_nothing_differs),
        };

        return cmocka_run_group_tests_name("store/sources", tests, NULL, NULL);
}
