/* SPDX-License-Identifier: Apache-2.0 */
#include "store/update.h"

#include "harness/folder.h"
#include "harness/must.h"
#include "harness/test.h"
#include "pki/ossl.h"
#include "proto/status.h"
#include "store/picture.h"
#include "trust/snapshot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IC "issuers/certs/"
#define IR "issuers/crl/"
#define RC "rejected/certs/"

#define MASK(list) (1u << UPDATE_##list)
#define CERTS      (MASK(TRUSTED_CERTS) | MASK(ISSUER_CERTS))
#define ALL        (CERTS | MASK(TRUSTED_CRLS) | MASK(ISSUER_CRLS))

struct put {
        const char *name;
        enum content content;
};

struct give {
        enum update_list list;
        enum content content;
};

struct row {
        const char *name;
        struct put before[6];
        enum update_kind kind;
        unsigned int lists;
        struct give given[5]; /* up to a content of NOTHING */
        enum content of;      /* whose thumbprint, or what is blocked */
        bool is_sha1;
        unsigned int roles;
        enum update_status status;
        const char *says; /* UPDATE_REFUSED: the first reason; else reason or subject; a part */
        uint32_t code;
        const char *seen; /* NULL: as before */
};

/* clang-format off */
static const struct row ROWS[] = {
        {
                "an empty store gets its first list",
                { { TC, NOTHING } },
                UPDATE_REPLACE, ALL,
                { { UPDATE_TRUSTED_CERTS, LEAF }, { UPDATE_ISSUER_CERTS, CA },
                  { UPDATE_ISSUER_CRLS, CRL_NEXT } },
                .seen = "cert " IC "{CA}.der, cert " TC "{LEAF}.der, crl " IR "{CRL_NEXT}.crl",
        },
        {
                "what is not given is replaced, whatever its file is named; what is, stays",
                { { TC "my.pem", LEAF_PEM }, { TC "self.der", SELF }, { IC "ca", CA },
                  { TR "a", CRL } },
                UPDATE_REPLACE, MASK(TRUSTED_CERTS),
                { { UPDATE_TRUSTED_CERTS, OTHER }, { UPDATE_TRUSTED_CERTS, SELF } },
                .seen = "cert " IC "ca, cert " TC "self.der, cert " TC "{OTHER}.der, crl " TR "a",
        },
        {
                "a list that is given empty is emptied",
                { { TC "a", LEAF }, { IC "ca", CA }, { TR "a", CRL } },
                UPDATE_REPLACE, MASK(TRUSTED_CERTS) | MASK(TRUSTED_CRLS),
                .seen = "cert " IC "ca",
        },
        {
                "the same list once more changes nothing",
                { { TC "a", LEAF }, { IC "ca", CA }, { TR "a", CRL } },
                UPDATE_REPLACE, ALL,
                { { UPDATE_TRUSTED_CERTS, LEAF }, { UPDATE_TRUSTED_CERTS, LEAF },
                  { UPDATE_ISSUER_CERTS, CA }, { UPDATE_TRUSTED_CRLS, CRL } },
                .seen = NULL,
        },
        {
                "one of two is taken out of a file, and the text in it stays",
                { { TC "two.pem", PAIR }, { IC "ca", CA } },
                UPDATE_REPLACE, MASK(TRUSTED_CERTS),
                { { UPDATE_TRUSTED_CERTS, OTHER } },
                .seen = "cert " IC "ca, cert " TC "two.pem",
        },
        {
                "a damaged CRL file goes with the list that it was in",
                { { IC "ca", CA }, { TR "a", CRL_HALF } },
                UPDATE_REPLACE, MASK(TRUSTED_CRLS),
                { { UPDATE_TRUSTED_CRLS, CRL_NEXT } },
                .seen = "broken " TR "a, cert " IC "ca, crl " TR "{CRL_NEXT}.crl",
        },
        {
                "blocks are in no list that is replaced",
                { { "blocked/a", SELF }, { "blocked/b", BLOCK }, { TC "x", SELF } },
                UPDATE_REPLACE, ALL,
                .seen = "block blocked/a, block blocked/b",
        },
        {
                "no list is given",
                { { TC "a", SELF } },
                UPDATE_REPLACE, 0,
                .status = UPDATE_BAD_REQUEST, .says = "lists",
        },
        {
                "a certificate without its issuer is refused",
                { { TC "a", SELF } },
                UPDATE_REPLACE, CERTS,
                { { UPDATE_TRUSTED_CERTS, SELF }, { UPDATE_TRUSTED_CERTS, LEAF } },
                .status = UPDATE_REFUSED, .says = "its issuer CN=CA is in no list",
                .code = STATUS_CERTIFICATE_CHAIN_INCOMPLETE,
        },
        {
                "one without its issuer that lies there already may be given again",
                { { TC "a", LEAF } },
                UPDATE_REPLACE, CERTS,
                { { UPDATE_TRUSTED_CERTS, LEAF }, { UPDATE_TRUSTED_CERTS, SELF } },
                .seen = "cert " TC "a, cert " TC "{SELF}.der",
        },
        {
                "but not into another list",
                { { IC "a", LEAF } },
                UPDATE_REPLACE, CERTS,
                { { UPDATE_TRUSTED_CERTS, LEAF } },
                .status = UPDATE_REFUSED, .says = "its issuer CN=CA is in no list",
                .code = STATUS_CERTIFICATE_CHAIN_INCOMPLETE,
        },
        {
                "nor where this update takes its issuer away",
                { { TC "a", LEAF }, { IC "ca", CA } },
                UPDATE_REPLACE, CERTS,
                { { UPDATE_TRUSTED_CERTS, LEAF } },
                .status = UPDATE_REFUSED, .says = "its issuer CN=CA is in no list",
                .code = STATUS_CERTIFICATE_CHAIN_INCOMPLETE,
        },
        {
                "a certificate that another CA of the name signed is refused",
                { { TC "a", SELF } },
                UPDATE_REPLACE, CERTS,
                { { UPDATE_TRUSTED_CERTS, LEAF }, { UPDATE_ISSUER_CERTS, TWIN } },
                .status = UPDATE_REFUSED, .says = "CN=CA has not signed it",
                .code = STATUS_CERTIFICATE_INVALID,
        },
        {
                "a list that takes the issuer from what stays is refused",
                { { TC "a", LEAF }, { IC "ca", CA } },
                UPDATE_REPLACE, MASK(ISSUER_CERTS),
                .status = UPDATE_REFUSED, .says = "needs it",
                .code = STATUS_CERTIFICATE_CHAIN_INCOMPLETE,
        },
        {
                "a CRL of nobody in the list is refused",
                { { TC "a", SELF } },
                UPDATE_REPLACE, ALL,
                { { UPDATE_ISSUER_CERTS, CA }, { UPDATE_ISSUER_CRLS, CRL_FOREIGN } },
                .status = UPDATE_REFUSED, .says = "no certificate of the lists verifies it",
                .code = STATUS_CERTIFICATE_INVALID,
        },
        {
                "what is cut off is refused, and nothing of the rest comes in",
                { { TC "a", SELF } },
                UPDATE_REPLACE, CERTS,
                { { UPDATE_ISSUER_CERTS, CA }, { UPDATE_TRUSTED_CERTS, LEAF_AND_HALF } },
                .status = UPDATE_REFUSED, .says = "cut off", .code = STATUS_CERTIFICATE_INVALID,
        },
        {
                "PEM is refused",
                { { TC "a", SELF } },
                UPDATE_REPLACE, CERTS, { { UPDATE_TRUSTED_CERTS, LEAF_PEM } },
                .status = UPDATE_REFUSED, .says = "no DER", .code = STATUS_CERTIFICATE_INVALID,
        },
        {
                "a CRL among certificates is refused",
                { { TC "a", SELF } },
                UPDATE_REPLACE, CERTS,
                { { UPDATE_ISSUER_CERTS, CA }, { UPDATE_ISSUER_CERTS, CRL } },
                .status = UPDATE_REFUSED, .code = STATUS_CERTIFICATE_INVALID,
        },
        {
                "a list with what its own CRL revokes is in force all the same",
                { { TC "a", SELF } },
                UPDATE_REPLACE, ALL,
                { { UPDATE_TRUSTED_CERTS, LEAF }, { UPDATE_TRUSTED_CERTS, CA },
                  { UPDATE_TRUSTED_CRLS, CRL } },
                .seen = "cert " TC "{CA}.der, cert " TC "{LEAF}.der, crl " TR "{CRL}.crl",
        },

        {
                "a certificate is added, and is rejected no more",
                { { RC "x.der", SELF } },
                UPDATE_ADD_CERT, .given = { { UPDATE_TRUSTED_CERTS, SELF } },
                .seen = "cert " TC "{SELF}.der",
        },
        {
                "one that is there already is not added",
                { { TC "a", LEAF_PEM }, { IC "ca", CA } },
                UPDATE_ADD_CERT, .given = { { UPDATE_TRUSTED_CERTS, LEAF } },
        },
        {
                "one that is in the other list is added to this one",
                { { TC "ca", CA } },
                UPDATE_ADD_CERT, .given = { { UPDATE_ISSUER_CERTS, CA } },
                .seen = "cert " IC "{CA}.der, cert " TC "ca",
        },
        {
                "a damaged file of its very name is written anew",
                { { TC "{SELF}.der", LEAF_HALF } },
                UPDATE_ADD_CERT, .given = { { UPDATE_TRUSTED_CERTS, SELF } },
                .seen = "cert " TC "{SELF}.der",
        },
        {
                "a good one of its very name is not",
                { { TC "{SELF}.der", CA } },
                UPDATE_ADD_CERT, .given = { { UPDATE_TRUSTED_CERTS, SELF } },
                .status = UPDATE_CONFLICT, .says = "something else has this name",
        },
        {
                "one whose issuer is in no list is not added",
                { { TC "a", SELF } },
                UPDATE_ADD_CERT, .given = { { UPDATE_TRUSTED_CERTS, LEAF } },
                .status = UPDATE_REFUSED, .says = "is in no list",
                .code = STATUS_CERTIFICATE_CHAIN_INCOMPLETE,
        },
        {
                "one that is revoked is not added",
                { { TC "ca", CA }, { TR "a", CRL } },
                UPDATE_ADD_CERT, .given = { { UPDATE_TRUSTED_CERTS, LEAF } },
                .status = UPDATE_REFUSED, .says = "revoked", .code = STATUS_CERTIFICATE_REVOKED,
        },
        {
                "one that is blocked is not added",
                { { "blocked/a", SELF } },
                UPDATE_ADD_CERT, .given = { { UPDATE_TRUSTED_CERTS, SELF } },
                .status = UPDATE_REFUSED, .says = "blocked", .code = STATUS_CERTIFICATE_UNTRUSTED,
        },
        {
                "two are not one",
                { { TC "ca", CA } },
                UPDATE_ADD_CERT, .given = { { UPDATE_TRUSTED_CERTS, LEAF_TWO } },
                .status = UPDATE_BAD_REQUEST, .says = "is not one certificate",
        },
        {
                "a CRL is no certificate",
                { { TC "ca", CA } },
                UPDATE_ADD_CERT, .given = { { UPDATE_TRUSTED_CRLS, CRL } },
                .status = UPDATE_BAD_REQUEST, .says = "is not one certificate",
        },

        {
                "a CRL goes to its CA's list, and takes the place of the one before",
                { { IC "ca", CA }, { TR "a", CRL } },
                UPDATE_ADD_CRL, .given = { { UPDATE_TRUSTED_CRLS, CRL_NEXT } },
                .seen = "cert " IC "ca, crl " IR "{CRL_NEXT}.crl",
        },
        {
                "it goes where it is said to",
                { { IC "ca", CA } },
                UPDATE_ADD_CRL, MASK(TRUSTED_CRLS), { { UPDATE_TRUSTED_CRLS, CRL_NEXT } },
                .seen = "cert " IC "ca, crl " TR "{CRL_NEXT}.crl",
        },
        {
                "an older CRL is not added",
                { { IC "ca", CA }, { TR "a", CRL_NEXT } },
                UPDATE_ADD_CRL, .given = { { UPDATE_TRUSTED_CRLS, CRL } },
                .status = UPDATE_REFUSED, .says = "newer", .code = STATUS_CERTIFICATE_INVALID,
        },
        {
                "a CRL of nobody is not added",
                { { IC "ca", CA } },
                UPDATE_ADD_CRL, .given = { { UPDATE_TRUSTED_CRLS, CRL_FOREIGN } },
                .status = UPDATE_REFUSED, .says = "verifies", .code = STATUS_CERTIFICATE_INVALID,
        },

        {
                "a certificate is removed from both lists, from files that hold more as well",
                { { TC "two.pem", PAIR }, { IC "x", LEAF }, { IC "ca", CA } },
                UPDATE_REMOVE_CERT, .of = LEAF,
                .seen = "cert " IC "ca, cert " TC "two.pem",
        },
        {
                "it is removed from one list, by its SHA-1",
                { { TC "x", SELF }, { IC "x", SELF } },
                UPDATE_REMOVE_CERT, .of = SELF, .is_sha1 = true, .roles = 1u << ROLE_TRUSTED,
                .seen = "cert " IC "x",
        },
        {
                "a CA takes its CRLs along",
                { { TC "ca", CA }, { TC "twin", TWIN }, { TR "a", CRL }, { IR "b", CRL_FOREIGN } },
                UPDATE_REMOVE_CERT, .of = CA,
                .seen = "cert " TC "twin, crl " IR "b",
        },
        {
                "not as long as it is in another list",
                { { TC "ca", CA }, { IC "ca", CA }, { TR "a", CRL } },
                UPDATE_REMOVE_CERT, .of = CA, .roles = 1u << ROLE_TRUSTED,
                .seen = "cert " IC "ca, crl " TR "a",
        },
        {
                "a CA that another certificate needs stays",
                { { TC "ca", CA }, { TC "a", LEAF } },
                UPDATE_REMOVE_CERT, .of = CA,
                .status = UPDATE_REFUSED, .says = "needs it",
                .code = STATUS_CERTIFICATE_CHAIN_INCOMPLETE,
        },
        {
                "what is not there cannot go",
                { { TC "a", SELF }, { RC "b", CA } },
                UPDATE_REMOVE_CERT, .of = CA, .status = UPDATE_NOT_FOUND,
        },
        {
                "a CRL is removed",
                { { TC "ca", CA }, { TR "a", CRL }, { TR "b", CRL_NEXT } },
                UPDATE_REMOVE_CRL, .of = CRL,
                .seen = "cert " TC "ca, crl " TR "b",
        },
        {
                "no such CRL",
                { { TC "ca", CA }, { TR "b", CRL_NEXT } },
                UPDATE_REMOVE_CRL, .of = CRL, .status = UPDATE_NOT_FOUND,
        },

        {
                "a rejected one is trusted, and its note goes",
                { { RC "{SELF}.der", SELF }, { RC "{SELF}.json", TEXT }, { RC "b.json", TEXT } },
                UPDATE_TRUST_REJECTED, .of = SELF,
                .seen = "cert " TC "{SELF}.der",
        },
        {
                "a rejected one without its issuer stays so",
                { { RC "{LEAF}.der", LEAF }, { RC "{LEAF}.json", TEXT } },
                UPDATE_TRUST_REJECTED, .of = LEAF,
                .status = UPDATE_REFUSED, .code = STATUS_CERTIFICATE_CHAIN_INCOMPLETE,
        },
        {
                "a rejected one is removed, with its note",
                { { RC "{LEAF}.der", LEAF }, { RC "{LEAF}.json", TEXT }, { TC "a", SELF } },
                UPDATE_REMOVE_REJECTED, .of = LEAF,
                .seen = "cert " TC "a",
        },
        {
                "one that was not rejected cannot be trusted as such",
                { { TC "a", SELF } },
                UPDATE_TRUST_REJECTED, .of = SELF, .status = UPDATE_NOT_FOUND,
        },

        {
                "a certificate that nobody has seen is blocked",
                { { TC "a", SELF } },
                UPDATE_BLOCK, .of = LEAF,
                .seen = "block blocked/{LEAF}.json, cert " TC "a",
        },
        {
                "what blocks already gets a reason",
                { { "blocked/x", LEAF } },
                UPDATE_BLOCK, .of = LEAF,
                .seen = "block blocked/x, block blocked/{LEAF}.json",
        },
        {
                "a block ends, in every file that says it",
                { { "blocked/x", LEAF }, { "blocked/two.pem", PAIR } },
                UPDATE_UNBLOCK, .of = LEAF,
                .seen = "block blocked/two.pem",
        },
        {
                "no such block",
                { { "blocked/x", LEAF } },
                UPDATE_UNBLOCK, .of = SELF, .status = UPDATE_NOT_FOUND,
        },
};
/* clang-format on */

/* -- the case ---------------------------------------------------------------------------------- */

static char *expand(const struct folder *folder, const char *name)
{
        static const struct {
                enum content content;
                const char *name;
        } NAMES[] = { { LEAF, "{LEAF}" }, { SELF, "{SELF}" } };
        char sha256[65], *text;

        for (size_t i = 0; i < ARRAY_SIZE(NAMES); i++) {
                const char *at = strstr(name, NAMES[i].name);

                if (!at)
                        continue;
                mint_sha256(&folder->contents->of[NAMES[i].content], sha256);
                must(asprintf(&text, "%.*s%s%s", (int)(at - name), name, sha256,
                              at + strlen(NAMES[i].name)) > 0,
                     "asprintf");
                return text;
        }
        return must_strdup(name);
}

static void put(const struct folder *folder, const char *name, enum content content)
{
        char *path = expand(folder, name);

        folder_put(folder, path, content);
        free(path);
}

static struct update_request *make_request(const struct folder *folder, const struct row *row)
{
        struct update_request *request = folder_ask(folder, row->kind, row->of);

        request->lists = row->lists;
        request->roles = row->roles;
        for (const struct give *give = row->given; give->content != NOTHING; give++)
                folder_give(folder, request, give->list, give->content);
        if (row->is_sha1) {
                request->n_thumbprint = 20;
                must(ossl_sha1(folder_bytes(folder, row->of), request->thumbprint) == 0, "hash");
        }
        return request;
}

/* All files, dot-files too; free() it. */
static char *list_files(const struct folder *folder)
{
        char *command, *text = NULL;
        size_t n = 0;
        FILE *pipe;

        must(asprintf(&command, "cd %s && find . -type f ! -name .uatrust-lock | LC_ALL=C sort",
                      folder->root) > 0,
             "asprintf");
        pipe = popen(command, "r");
        must(pipe, "popen");
        if (getdelim(&text, &n, '\0', pipe) < 0)
                text[0] = '\0';
        pclose(pipe);
        free(command);
        return text;
}

static void assert_says(const struct row *row, const struct update_outcome *out)
{
        const char *first = out->refusals.n > 0 ? out->refusals.items[0].reason : NULL;

        if (out->status != row->status)
                fail_msg("%s: status %d, %s, %s, %s", row->name, (int)out->status, out->subject,
                         out->reason, first);
        if ((out->status == UPDATE_REFUSED) != (out->refusals.n > 0))
                fail_msg("%s: %zu refusals", row->name, out->refusals.n);
        if (first && out->refusals.items[0].status_code != row->code)
                fail_msg("%s: %s", row->name, status_code_name(out->refusals.items[0].status_code));
        if (row->says && !(first && strstr(first, row->says)) &&
            !(out->reason && strstr(out->reason, row->says)) &&
            !(out->subject && strstr(out->subject, row->says)))
                fail_msg("%s: %s, %s, %s", row->name, out->subject, out->reason, first);
}

static void assert_as_a_fresh_agent_sees_it(const struct folder *folder, const char *name)
{
        uint8_t here[32], fresh[32];
        struct store_hints hints = { .is_all = true };
        struct store_result result;

        assert_int_equal(store_refresh(&folder->config, NULL, &hints, &folder->now, &result), 0);
        assert_int_equal(snapshot_hash(picture_get_snapshot(folder->picture), here), 0);
        assert_int_equal(snapshot_hash(picture_get_snapshot(result.picture), fresh), 0);
        if (memcmp(here, fresh, sizeof(here)) != 0)
                fail_msg("%s: a fresh agent sees another state", name);
        store_result_deinit(&result);
}

/* A dry run says what the run then does, and does nothing. */
static void run_dry(struct folder *folder, const struct row *row, struct update_request *request)
{
        struct update_outcome out;
        char *before = list_files(folder), *after;

        request->is_dry_run = true;
        folder_update(folder, request, &out);
        assert_says(row, &out);
        if (out.has_changed != (row->seen != NULL))
                fail_msg("%s: a dry run says the contrary", row->name);
        assert_null(folder->result.change);
        after = list_files(folder);
        assert_string_equal(before, after);
        free(before);
        free(after);
        update_outcome_deinit(&out);
        request->is_dry_run = false;
}

/* What is so already is not done again. */
static void run_again(struct folder *folder, const struct row *row,
                      const struct update_request *request)
{
        struct update_outcome out;

        if (row->status != UPDATE_DONE || (row->kind > UPDATE_ADD_CRL && row->kind != UPDATE_BLOCK))
                return;

        folder_update(folder, request, &out);
        if (out.status != UPDATE_DONE || out.has_changed)
                fail_msg("%s: once more it is not the same", row->name);
        update_outcome_deinit(&out);
}

static void run_row(struct contents *contents, const struct row *row)
{
        struct folder *folder = folder_new(contents);
        struct update_request *request = make_request(folder, row);
        struct update_outcome out;
        char *before, *after;

        folder_put(folder, TC "none", TEXT);
        folder_put(folder, TC "none", NOTHING);
        for (size_t i = 0; i < ARRAY_SIZE(row->before) && row->before[i].name; i++)
                put(folder, row->before[i].name, row->before[i].content);
        folder_refresh(folder);

        run_dry(folder, row, request);
        before = list_files(folder);
        folder_update(folder, request, &out);
        assert_says(row, &out);
        after = list_files(folder);
        if (out.has_changed != (row->seen != NULL) || (!row->seen && strcmp(before, after) != 0))
                fail_msg("%s:\n%s", row->name, after);
        if (strstr(after, "/.uatrust-"))
                fail_msg("%s: something is left:\n%s", row->name, after);
        if (row->seen)
                folder_assert_seen(folder, row->name, row->seen);
        assert_as_a_fresh_agent_sees_it(folder, row->name);
        run_again(folder, row, request);

        free(before);
        free(after);
        update_outcome_deinit(&out);
        update_request_unref(request);
        folder_free(folder);
}

static void test_each_row(void **state)
{
        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++)
                run_row(*state, &ROWS[i]);
}

/* What others did since the last look is in the same change. */
static void test_there_is_one_change(void **state)
{
        struct folder *folder = folder_with_crl(*state);
        struct update_request *request = folder_ask(folder, UPDATE_REMOVE_CERT, CA);
        struct update_outcome out;

        folder_put(folder, TC "self", SELF);
        folder_update(folder, request, &out);
        assert_int_equal(out.status, UPDATE_DONE);
        assert_int_equal(out.removed.n, 2); /* the CA and its CRL */
        assert_int_equal(out.added.n, 0);
        assert_int_equal(folder_count_added(folder), 1);
        assert_int_equal(folder_count_removed(folder), 2);
        assert_ptr_equal(out.after, picture_get_snapshot(folder->picture));

        folder_refresh(folder);
        assert_null(folder->result.change);
        update_outcome_deinit(&out);
        update_request_unref(request);
        folder_free(folder);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_each_row),
                cmocka_unit_test(test_there_is_one_change),
        };

        return cmocka_run_group_tests_name("store/update", tests, contents_set_up,
                                           contents_tear_down);
}
