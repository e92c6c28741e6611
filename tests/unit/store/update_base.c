/* SPDX-License-Identifier: Apache-2.0 */
#include "store/update_base.h"

#include "harness/folder.h"
#include "harness/must.h"
#include "harness/test.h"
#include "proto/compiler.h"
#include "store/picture.h"
#include "store/update.h"

#define IC "issuers/certs/"
#define IR "issuers/crl/"

#define MASK(list) (1u << UPDATE_##list)

/*
 * What others do to a list between the begin of an update and its end, not seen by any refresh. The
 * lists that are replaced become empty.
 */
static void test_what_changed_since_the_begin_is_a_conflict(void **state)
{
        static const struct {
                const char *name;
                unsigned int lists;
                const char *file;
                enum content content;
                const char *conflict; /* NULL: none */
        } ROWS[] = {
                { "nothing", MASK(TRUSTED_CERTS), TC "none", NOTHING, NULL },
                { "a certificate more", MASK(TRUSTED_CERTS), TC "b", OTHER, "trustedCertificates" },
                { "one less", MASK(TRUSTED_CERTS), TC "leaf", NOTHING, "trustedCertificates" },
                { "another", MASK(TRUSTED_CERTS), TC "leaf", OTHER, "trustedCertificates" },
                { "the same in another file", MASK(TRUSTED_CERTS), TC "b", LEAF, NULL },
                { "another list", MASK(TRUSTED_CERTS), IC "b", OTHER, NULL },
                { "a CRL more", MASK(TRUSTED_CERTS), TR "b", CRL_NEXT, NULL },
                { "a CRL of the list", MASK(TRUSTED_CERTS) | MASK(TRUSTED_CRLS), TR "b", CRL_NEXT,
                  "trustedCrls" },
                { "a CRL of the other list", MASK(TRUSTED_CRLS), IR "b", CRL_NEXT, NULL },
        };

        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
                struct folder *folder = folder_new(*state);
                struct update_request *request;
                struct update_outcome out;

                folder_put(folder, TC "leaf", LEAF);
                folder_put(folder, IC "ca", CA);
                folder_put(folder, TR "a", CRL);
                folder_refresh(folder);
                must(update_request_new(UPDATE_REPLACE, &request) == 0, "update_request_new");
                request->lists = ROWS[i].lists;
                update_request_set_base(request, picture_get_snapshot(folder->picture));

                folder_put(folder, ROWS[i].file, ROWS[i].content);
                folder_update(folder, request, &out);
                if (out.status != (ROWS[i].conflict ? UPDATE_CONFLICT : UPDATE_DONE))
                        fail_msg("%s: %d", ROWS[i].name, out.status);
                if (ROWS[i].conflict)
                        assert_string_equal(out.subject, ROWS[i].conflict);

                update_outcome_deinit(&out);
                update_request_unref(request);
                folder_free(folder);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_what_changed_since_the_begin_is_a_conflict),
        };

        return cmocka_run_group_tests(tests, contents_set_up, contents_tear_down);
}
