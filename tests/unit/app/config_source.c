/* SPDX-License-Identifier: Apache-2.0 */
#include "app/config_source.h"

#include "harness/test.h"
#include "proto/compiler.h"
#include "store/layout.h"
#include "store/sources.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define V(key) [CONFIG_SOURCE_##key]
#define NAME63 "a23456789012345678901234567890123456789012345678901234567890123"

struct row {
        const char *name; /* of the case */
        struct config_source section;
        const char *seen; /* path, settle_ms, first and last directory */
        enum config_source_key fault;
        const char *reason; /* or that it is refused, and why */
};

/* clang-format off */
static const struct row ROWS[] = {
        { "a path is enough",
          { "old", { V(PATH) = "/opt/old" }, false },
          "/opt/old 1000 updatedTrustList/trusted/certs blocked", 0, NULL },
        { "a store's own folder is written by us, and waits for nobody",
          { "plant", { V(PATH) = "/srv" }, true },
          "/srv 0 own/certs blocked", 0, NULL },
        { "a layout by name, and a list of it",
          { NAME63, { V(PATH) = "/a", V(LAYOUT) = "open62541", V(GROUP) = "https" }, false },
          "/a 1000 HttpCerts/own/certs blocked", 0, NULL },
        { "a store's own folder may have another layout, too",
          { "plant", { V(PATH) = "/a", V(LAYOUT) = "net", V(GROUP) = "user" }, true },
          "/a 0 trustedUser/certs blocked", 0, NULL },
        { "a time to settle",
          { "old", { V(PATH) = "/a", V(SETTLE) = "1500ms" }, false },
          "/a 1500 updatedTrustList/trusted/certs blocked", 0, NULL },
        { "no time to settle, the longest one",
          { "old", { V(PATH) = "/a", V(SETTLE) = "0" }, false },
          "/a 0 updatedTrustList/trusted/certs blocked", 0, NULL },
        { "directories by name, absolute and below the path",
          { "old", { V(PATH) = "/a", V(TRUSTED) = "/mnt/ca", V(REJECTED) = "no" }, false },
          "/a 1000 /mnt/ca no", 0, NULL },
        { "absolute directories need no path",
          { "old", { V(TRUSTED_CRL) = "/crl", V(OWN) = "/own" }, false },
          "/ 1000 /crl /own", 0, NULL },
        { "the last of them",
          { "old", { V(OWN) = "/own", V(BLOCKED) = "/blocked" }, false },
          "/ 1000 /own /blocked", 0, NULL },

        { "a bad name", { "Old", { V(PATH) = "/a" }, false }, NULL, CONFIG_SOURCE_N,
          "a source's name has 1 to 63 of a-z, 0-9 and _, unlike \"Old\"" },
        { "a long name", { NAME63 "4", { V(PATH) = "/a" }, false }, NULL, CONFIG_SOURCE_N,
          "a source's name has 1 to 63 of a-z, 0-9 and _, unlike \"" NAME63 "4\"" },
        { "the store's name", { "first", { V(PATH) = "/a" }, false }, NULL, CONFIG_SOURCE_N,
          "a source has a name of its own, other than its store's" },
        { "neither path nor directories", { "old", { V(SETTLE) = "2s" }, false }, NULL,
          CONFIG_SOURCE_N, "a source has a Path=, or named directories" },
        { "a relative path", { "old", { V(PATH) = "a" }, false }, NULL, CONFIG_SOURCE_PATH,
          "Path= is an absolute path, not \"a\"" },
        { "too long a time", { "old", { V(PATH) = "/a", V(SETTLE) = "61s" }, false }, NULL,
          CONFIG_SOURCE_SETTLE, "Settle= is a time of 0 to 60s, not \"61s\"" },
        { "no time", { "old", { V(PATH) = "/a", V(SETTLE) = "" }, false }, NULL,
          CONFIG_SOURCE_SETTLE, "Settle= is a time of 0 to 60s, not \"\"" },
        { "no layout", { "old", { V(PATH) = "/a", V(LAYOUT) = "Qt" }, false }, NULL,
          CONFIG_SOURCE_LAYOUT,
          "Layout= is auto, default, qt, annex-f, open62541, net, milo, node-opcua or s2opc, not "
          "\"Qt\"" },
        { "no group", { "old", { V(PATH) = "/a", V(GROUP) = "users" }, false }, NULL,
          CONFIG_SOURCE_GROUP, "Group= is application, user or https, not \"users\"" },
        { "a layout without that list",
          { "old", { V(PATH) = "/a", V(LAYOUT) = "qt", V(GROUP) = "user" }, false }, NULL,
          CONFIG_SOURCE_GROUP, "the layout qt has no list of its own for user" },
        { "a layout and directories",
          { "old", { V(PATH) = "/a", V(LAYOUT) = "qt", V(TRUSTED) = "t" }, false }, NULL,
          CONFIG_SOURCE_LAYOUT, "Layout= does not go together with named directories" },
        { "a group and directories",
          { "old", { V(PATH) = "/a", V(GROUP) = "user", V(TRUSTED) = "t" }, false }, NULL,
          CONFIG_SOURCE_GROUP, "Group= does not go together with named directories" },
        { "relative to nothing", { "old", { V(ISSUERS) = "t" }, false }, NULL,
          CONFIG_SOURCE_ISSUERS, "Issuers= is relative, to a Path= that is not said" },
        { "an empty directory", { "old", { V(PATH) = "/a", V(ISSUERS) = "" }, false }, NULL,
          CONFIG_SOURCE_ISSUERS, "Issuers= is a directory" },
        { "one directory for two lists",
          { "old", { V(PATH) = "/a", V(TRUSTED) = "t", V(OWN) = "t" }, false }, NULL,
          CONFIG_SOURCE_OWN, "Own= is the directory of Trusted= already" },
};
/* clang-format on */

static struct sources *begin(void)
{
        const struct config_source own = { "first", { V(PATH) = "/first" }, true };
        struct config_source_fault fault;
        struct sources *sources;

        assert_int_equal(sources_new(&sources), 0);
        assert_int_equal(config_source_add(&own, sources, &fault), 0);
        return sources;
}

static void check_seen(const struct row *row, const struct store_source *source)
{
        const struct layout *layout = source->layout;
        CLEANUP(freep) char *seen = NULL;

        assert_int_not_equal(asprintf(&seen, "%s %d %s %s", source->path, (int)source->settle_ms,
                                      layout->dirs[0].path, layout->dirs[layout->n_dirs - 1].path),
                             -1);
        if (strcmp(seen, row->seen) != 0)
                fail_msg("%s:\nis       %s\nexpected %s", row->name, seen, row->seen);
        assert_string_equal(source->name, row->section.name);
}

static void test_a_section_says_what_it_says_or_what_is_wrong(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
                CLEANUP(sources_unrefp) struct sources *sources = begin();
                struct config_source_fault fault = { CONFIG_SOURCE_N, NULL };
                int r = config_source_add(&ROWS[i].section, sources, &fault);

                if (r != (ROWS[i].reason ? CONFIG_SOURCE_E_INVALID : 0))
                        fail_msg("%s: %s", ROWS[i].name, fault.reason ? fault.reason : "accepted");
                if (!ROWS[i].reason) {
                        check_seen(&ROWS[i], &sources->list.items[1]);
                        continue;
                }

                if (fault.key != ROWS[i].fault || strcmp(fault.reason, ROWS[i].reason) != 0)
                        fail_msg("%s: key %d: %s", ROWS[i].name, fault.key, fault.reason);
                assert_int_equal(sources->list.n, 1);
                free(fault.reason);
        }
}

static void test_there_are_so_many_and_no_more(void **state)
{
        CLEANUP(sources_unrefp) struct sources *sources = begin();
        struct config_source_fault fault;
        char name[16];
        struct config_source section = { .name = name, .values = { V(PATH) = "/a" } };

        (void)state;
        for (int i = 0; i < CONFIG_SOURCES_MAX; i++) {
                snprintf(name, sizeof(name), "s%d", i);
                assert_int_equal(config_source_add(&section, sources, &fault), 0);
        }

        snprintf(name, sizeof(name), "past");
        assert_int_equal(config_source_add(&section, sources, &fault), CONFIG_SOURCE_E_INVALID);
        assert_string_equal(fault.reason, "more than 64 sources of one store");
        free(fault.reason);
}

static void test_people_are_told_folders_and_what_was_named(void **state)
{
        static const char *const EXPECTED[] = { "/first", "/opt/old/t", "/mnt/crl", "/b" };
        const struct config_source named = { "old",
                                             { V(PATH) = "/opt/old", V(TRUSTED) = "t",
                                               V(TRUSTED_CRL) = "/mnt/crl" },
                                             false };
        const struct config_source plain = { "b", { V(PATH) = "/b" }, false };
        CLEANUP(sources_unrefp) struct sources *sources = begin();
        CLEANUP(freep) const char **folders = NULL;
        struct config_source_fault fault;

        (void)state;
        assert_int_equal(config_source_add(&named, sources, &fault), 0);
        assert_int_equal(config_source_add(&plain, sources, &fault), 0);
        assert_int_equal(sources_list_folders(sources, &folders), 0);
        for (size_t i = 0; i < ARRAY_SIZE(EXPECTED); i++)
                assert_string_equal(folders[i], EXPECTED[i]);
        assert_null(folders[ARRAY_SIZE(EXPECTED)]);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_section_says_what_it_says_or_what_is_wrong),
                cmocka_unit_test(test_there_are_so_many_and_no_more),
                cmocka_unit_test(test_people_are_told_folders_and_what_was_named),
        };

        return cmocka_run_group_tests_name("app/config_source", tests, NULL, NULL);
}
