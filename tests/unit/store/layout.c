/* SPDX-License-Identifier: Apache-2.0 */
#include "store/layout.h"

#include "harness/must.h"
#include "harness/test.h"
#include "proto/compiler.h"

#include <stdio.h>
#include <stdlib.h>
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

#define OWN      "own/certs=own own/crl=own "
#define TRUSTED  "trusted/certs=trusted trusted/crl=trusted "
#define ISSUERS  "issuers/certs=issuers issuers/crl=issuers "
#define ISSUER   "issuer/certs=issuers issuer/crl=issuers "
#define REJECTED "rejected/certs=rejected "
#define FLAT     "rejected=rejected "

#define UA(group)                                                                                  \
        group "/issuer/certs=issuers " group "/issuer/crl=issuers " group "/own/certs=own " group  \
              "/own/crl=own " group "/rejected/certs=rejected " group                              \
              "/trusted/certs=trusted " group "/trusted/crl=trusted "

/* The directories but "blocked", which all have, in order of name; "?": another one may stand in its place. */
static const struct {
        const char *name;
        enum layout_group group;
        const char *dirs;
        const char *trusted_crls; /* where they are written, NULL: nowhere */
} LAYOUT_ROWS[] = {
        { "qt", LAYOUT_APPLICATION, ISSUERS OWN REJECTED TRUSTED, "trusted/crl" },
        { "annex-f", LAYOUT_APPLICATION, ISSUER OWN REJECTED TRUSTED, "trusted/crl" },
        { "default", LAYOUT_APPLICATION,
          ISSUER ISSUERS OWN FLAT REJECTED "rejected/crl=rejected " TRUSTED, "trusted/crl" },
        { "open62541", LAYOUT_APPLICATION, UA("ApplCerts") REJECTED, "ApplCerts/trusted/crl" },
        { "open62541", LAYOUT_USER, UA("UserTokenCerts") REJECTED, "UserTokenCerts/trusted/crl" },
        { "open62541", LAYOUT_HTTPS, UA("HttpCerts") REJECTED, "HttpCerts/trusted/crl" },
        { "net", LAYOUT_APPLICATION, ISSUER OWN FLAT REJECTED TRUSTED, "trusted/crl" },
        { "net", LAYOUT_USER,
          "issuerUser/certs=issuers issuerUser/crl=issuers " REJECTED
          "rejectedUser=rejected rejectedUser/certs=rejected trustedUser/certs=trusted "
          "trustedUser/crl=trusted ",
          "trustedUser/crl" },
        { "net", LAYOUT_HTTPS,
          "issuerHttps/certs=issuers issuerHttps/crl=issuers " REJECTED
          "trustedHttps/certs=trusted trustedHttps/crl=trusted ",
          "trustedHttps/crl" },
        { "milo", LAYOUT_APPLICATION,
          ISSUERS "issuers/crls=issuers " FLAT REJECTED TRUSTED "trusted/crls=trusted ",
          "trusted/crl" },
        { "node-opcua", LAYOUT_APPLICATION, ISSUERS OWN FLAT REJECTED TRUSTED, "trusted/crl" },
        { "s2opc", LAYOUT_APPLICATION,
          "issuers/certs=issuers? issuers/crl=issuers? " FLAT REJECTED
          "trusted/certs=trusted? trusted/crl=trusted? updatedTrustList/issuers/certs=issuers "
          "updatedTrustList/issuers/crl=issuers updatedTrustList/trusted/certs=trusted "
          "updatedTrustList/trusted/crl=trusted ",
          NULL },
        { "auto", LAYOUT_APPLICATION,
          UA("ApplCerts") "issuer/certs=issuers? issuer/crl=issuers? issuers/certs=issuers? "
                          "issuers/crl=issuers? issuers/crls=issuers? " OWN FLAT REJECTED
                          "rejected/crl=rejected trusted/certs=trusted? trusted/crl=trusted? "
                          "trusted/crls=trusted? updatedTrustList/issuers/certs=issuers "
                          "updatedTrustList/issuers/crl=issuers "
                          "updatedTrustList/trusted/certs=trusted "
                          "updatedTrustList/trusted/crl=trusted ",
          NULL },
        { "auto", LAYOUT_USER,
          UA("UserTokenCerts") "issuerUser/certs=issuers issuerUser/crl=issuers " REJECTED
                               "rejectedUser=rejected rejectedUser/certs=rejected "
                               "trustedUser/certs=trusted trustedUser/crl=trusted ",
          NULL },
        { "auto", LAYOUT_HTTPS,
          UA("HttpCerts") "issuerHttps/certs=issuers issuerHttps/crl=issuers " REJECTED
                          "trustedHttps/certs=trusted trustedHttps/crl=trusted ",
          NULL },
};

static int compare_dirs(const void *left, const void *right)
{
        const struct layout_dir *a = left, *b = right;

        return strcmp(a->path, b->path);
}

/* "PATH=ROLE " of all but "blocked", with "?" where another directory may stand in its place; free() it. */
static char *describe(const struct layout *layout)
{
        struct layout_dir *dirs = must_calloc(layout->n_dirs, sizeof(*dirs));
        char *text = NULL;
        size_t n;
        FILE *out = open_memstream(&text, &n);

        memcpy(dirs, layout->dirs, layout->n_dirs * sizeof(*dirs));
        qsort(dirs, layout->n_dirs, sizeof(*dirs), compare_dirs);
        for (size_t i = 0; i < layout->n_dirs; i++)
                if (dirs[i].role != ROLE_BLOCKED)
                        fprintf(out, "%s=%s%s ", dirs[i].path, role_name(dirs[i].role),
                                dirs[i].unless ? "?" : "");
        fclose(out);
        free(dirs);
        return text;
}

/* What lies in any source's folder as a block counts. */
static void test_blocks_are_in_every_layout(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(LAYOUT_ROWS); i++) {
                const struct layout *layout =
                        layout_find(LAYOUT_ROWS[i].name, LAYOUT_ROWS[i].group);
                size_t n = 0;

                for (size_t k = 0; k < layout->n_dirs; k++)
                        n += layout->dirs[k].role == ROLE_BLOCKED &&
                             strcmp(layout->dirs[k].path, "blocked") == 0;
                if (n != 1)
                        fail_msg("%s", LAYOUT_ROWS[i].name);
        }
}

static void test_each_layout_has_its_directories(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(LAYOUT_ROWS); i++) {
                const struct layout *layout =
                        layout_find(LAYOUT_ROWS[i].name, LAYOUT_ROWS[i].group);
                const char *target;
                char *dirs;

                if (!layout)
                        fail_msg("there is no layout %s", LAYOUT_ROWS[i].name);
                dirs = describe(layout);
                if (strcmp(dirs, LAYOUT_ROWS[i].dirs) != 0)
                        fail_msg("%s:\nis       %s\nexpected %s", layout->name, dirs,
                                 LAYOUT_ROWS[i].dirs);
                free(dirs);

                target = layout_find_target(layout, ROLE_TRUSTED, true);
                if (!target != !LAYOUT_ROWS[i].trusted_crls ||
                    (target && strcmp(target, LAYOUT_ROWS[i].trusted_crls) != 0))
                        fail_msg("%s writes CRLs to %s", layout->name, target ? target : "nowhere");
        }
}

static void test_targets_of_the_default(void **state)
{
        static const struct {
                enum role role;
                bool is_crl;
                const char *path;
        } ROWS[] = {
                { ROLE_TRUSTED, false, "trusted/certs" },   { ROLE_TRUSTED, true, "trusted/crl" },
                { ROLE_ISSUERS, false, "issuers/certs" },   { ROLE_ISSUERS, true, "issuers/crl" },
                { ROLE_REJECTED, false, "rejected/certs" },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++)
                assert_string_equal(
                        layout_find_target(layout_default(), ROWS[i].role, ROWS[i].is_crl),
                        ROWS[i].path);
}

static void test_what_is_no_layout_or_group(void **state)
{
        enum layout_group group = LAYOUT_GROUP_N;

        (void)state;
        assert_null(layout_find("", LAYOUT_APPLICATION));
        assert_null(layout_find("Auto", LAYOUT_APPLICATION));
        assert_null(layout_find("qt", LAYOUT_USER));
        assert_null(layout_find("s2opc", LAYOUT_HTTPS));
        assert_false(layout_find_group("Application", &group));
        assert_int_equal(group, LAYOUT_GROUP_N);
        assert_true(layout_find_group("https", &group));
        assert_int_equal(group, LAYOUT_HTTPS);
}

/* The agent reads no private key: no layout may name a directory of them. */
static void test_private_is_in_no_layout(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(LAYOUT_ROWS); i++) {
                const struct layout *layout =
                        layout_find(LAYOUT_ROWS[i].name, LAYOUT_ROWS[i].group);

                for (size_t k = 0; k < layout->n_dirs; k++)
                        assert_null(strstr(layout->dirs[k].path, "private"));
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_temporary_names),
                cmocka_unit_test(test_blocks_are_in_every_layout),
                cmocka_unit_test(test_each_layout_has_its_directories),
                cmocka_unit_test(test_targets_of_the_default),
                cmocka_unit_test(test_what_is_no_layout_or_group),
                cmocka_unit_test(test_private_is_in_no_layout),
        };

        return cmocka_run_group_tests_name("store/layout", tests, NULL, NULL);
}
