/* SPDX-License-Identifier: Apache-2.0 */
#include "store/read.h"

#include "harness/folder.h"
#include "harness/must.h"
#include "harness/test.h"
#include "harness/tree.h"
#include "pki/ossl.h"
#include "proto/compiler.h"
#include "store/picture.h"
#include "store/sources.h"
#include "trust/snapshot.h"

#include <string.h>

static struct sources *sources_of(const struct folder *folder)
{
        struct sources *sources;

        must(sources_new(&sources) == 0, "sources_new");
        must(sources_add(sources, &folder->source) == 0, "sources_add");
        return sources;
}

/* The file of the one CRL that the picture has becomes what it is then. */
static void test_what_is_read_is_what_the_picture_has(void **state)
{
        static const struct {
                const char *name; /* of the case */
                const char *file;
                enum content before, then;
                bool is_found;
        } ROWS[] = {
                { "as it was", TR "a", CRL, CRL, true },
                { "a name of odd bytes", TR "a\n\\b\xff", CRL, CRL, true },
                { "gone", TR "a", CRL, NOTHING, false },
                { "another CRL", TR "a", CRL, CRL_NEXT, false },
                { "cut off", TR "a", CRL, CRL_HALF, false },
                { "empty", TR "a", CRL, EMPTY, false },
                { "a private key", TR "a", CRL, KEY, false },
                { "a hole of 1 TiB", TR "a", CRL, HUGE, false },
                { "a FIFO", TR "a", CRL, FIFO, false },
                { "a link to nothing", TR "a", CRL, DANGLING, false },
        };
        struct contents *contents = *state;

        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
                struct folder *folder = folder_new(contents);
                struct sources *sources = sources_of(folder);
                const struct snapshot *snap;
                uint8_t *der = NULL;
                size_t n = 0;
                int r;

                folder_put(folder, TC "ca", CA);
                folder_put(folder, ROWS[i].file, ROWS[i].before);
                folder_refresh(folder);
                snap = picture_get_snapshot(folder->picture);
                assert_int_equal(snap->n_crls, 1);

                folder_put(folder, ROWS[i].file, ROWS[i].then);
                r = read_crl(sources, &snap->crls[0], &der, &n);
                if (r != (ROWS[i].is_found ? 0 : READ_E_CHANGED))
                        fail_msg("%s: %d", ROWS[i].name, r);
                if (ROWS[i].is_found) {
                        assert_int_equal(n, contents->of[CRL].n);
                        assert_memory_equal(der, contents->of[CRL].data, n);
                }
                free(der);
                sources_unref(sources);
                folder_free(folder);
        }
}

static void test_a_second_file_serves_where_the_first_is_gone(void **state)
{
        struct folder *folder = folder_with_crl(*state);
        struct sources *sources = sources_of(folder);
        const struct snapshot *snap;
        uint8_t *der;
        size_t n;

        folder_put(folder, TR "b", CRL);
        folder_refresh(folder);
        snap = picture_get_snapshot(folder->picture);
        assert_int_equal(snap->n_crls, 1);
        assert_int_equal(snap->crls[0].n_entries, 2);

        folder_put(folder, TR "a", NOTHING);
        assert_int_equal(read_crl(sources, &snap->crls[0], &der, &n), 0);
        free(der);
        sources_unref(sources);
        folder_free(folder);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_what_is_read_is_what_the_picture_has),
                cmocka_unit_test(test_a_second_file_serves_where_the_first_is_gone),
        };

        return cmocka_run_group_tests(tests, contents_set_up, contents_tear_down);
}
