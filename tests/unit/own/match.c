/* SPDX-License-Identifier: Apache-2.0 */
#include "own/match.h"

#include "harness/must.h"
#include "harness/test.h"
#include "proto/compiler.h"

#define NAMES_MAX 4

/* The words of @room, which are split in place. Return: how many. */
static size_t split(char *room, char *names[NAMES_MAX])
{
        char *rest = room, *word;
        size_t n = 0;

        while ((word = strsep(&rest, " ")))
                if (*word && n < NAMES_MAX)
                        names[n++] = word;
        return n;
}

static bool is_same(const char *a, const char *b)
{
        return a == b || (a && b && strcmp(a, b) == 0);
}

/* clang-format off */
static const struct row {
        const char *certs, *keys; /* file names */
        const char *root;
        int r;
        const char *cert, *key;
        size_t n_root;
} ROWS[] = {
        { "", "", NULL, 0, NULL, NULL, 0 },
        { "a.der", "a.pem", NULL, 0, "a.der", "a.pem", 1 },
        { "a.DER", "a.Pfx", NULL, 0, "a.DER", "a.Pfx", 1 },
        { "a.b.crt", "a.b.key", NULL, 0, "a.b.crt", "a.b.key", 3 },
        { "server.crt", "private_key.pem", NULL, 0, "server.crt", "private_key.pem", 6 },
        { "a.der", "", NULL, 0, "a.der", NULL, 1 },
        { "", "ab.key", NULL, 0, NULL, "ab.key", 2 },
        { "old.der a.der", "b.pem a.pem", NULL, 0, "a.der", "a.pem", 1 },
        { "a.der b.der", "a.pem b.pem", NULL, MATCH_E_UNCLEAR, NULL, NULL, 0 },
        { "a.der b.der", "a.pem b.pem", "b", 0, "b.der", "b.pem", 1 },
        { "a.der b.der", "", NULL, MATCH_E_UNCLEAR, NULL, NULL, 0 },
        { "a.der b.der", "c.pem", NULL, MATCH_E_UNCLEAR, NULL, NULL, 0 },
        { "a.der", "b.pem c.pem", NULL, MATCH_E_UNCLEAR, NULL, NULL, 0 },
        { "a.pem a.der", "a.pfx a.pem", NULL, 0, "a.der", "a.pem", 1 },
        { "ab.der", "abc.pem", "ab", 0, "ab.der", NULL, 2 },
        { "A.der", "a.pem", "a", 0, NULL, "a.pem", 1 },
        { "a.der", "a.pem", "c", 0, NULL, NULL, 0 },
        { "a.der", "b.pem", "b", 0, NULL, "b.pem", 1 },
};
/* clang-format on */

static void what_is_called_alike_belongs_together(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
                CLEANUP(freep) char *certs_room = must_strdup(ROWS[i].certs);
                CLEANUP(freep) char *keys_room = must_strdup(ROWS[i].keys);
                char *certs[NAMES_MAX], *keys[NAMES_MAX];
                struct match_names names = { certs, split(certs_room, certs), keys,
                                             split(keys_room, keys) };
                struct match match;

                must(match_choose(&names, ROWS[i].root, &match) == ROWS[i].r, "row %zu", i);
                if (ROWS[i].r)
                        continue;
                must(is_same(match.cert, ROWS[i].cert), "row %zu: %s", i, match.cert);
                must(is_same(match.key, ROWS[i].key), "row %zu: %s", i, match.key);
                must(match.n_root == ROWS[i].n_root, "row %zu: %zu", i, match.n_root);
        }
}

static void an_ending_says_what_a_file_may_be(void **state)
{
        static const struct {
                const char *name;
                bool is_cert, is_key;
        } ENDINGS[] = {
                { "a.der", true, false },   { "a.crt", true, false },
                { "a.cer", true, false },   { "a.pem", true, true },
                { "a.key", false, true },   { "a.pfx", false, true },
                { "a.p12", false, true },   { "a.request.pem", true, false },
                { "a.csr", false, false },  { "a", false, false },
                { ".der", false, false },   { ".uatrust-new.a.pem", false, false },
                { "a.der~", false, false }, { "#a.der", false, false },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(ENDINGS); i++) {
                must(match_is_cert(ENDINGS[i].name) == ENDINGS[i].is_cert, "%s", ENDINGS[i].name);
                must(match_is_key(ENDINGS[i].name) == ENDINGS[i].is_key, "%s", ENDINGS[i].name);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_is_called_alike_belongs_together),
                cmocka_unit_test(an_ending_says_what_a_file_may_be),
        };

        return cmocka_run_group_tests_name("own/match", tests, NULL, NULL);
}
