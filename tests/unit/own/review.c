/* SPDX-License-Identifier: Apache-2.0 */
#include "own/review.h"

#include "harness/objects.h"
#include "harness/test.h"
#include "own/findings.h"

#define BOTH (REVIEW_CLIENT | REVIEW_SERVER)

static struct mint_cert ca = { .ca = true };

static void what_opc_ua_asks_is_asked(void **state)
{
        static const struct {
                const char *what;
                struct mint_cert spec;
                unsigned int purposes;
                const char *error, *warning; /* words of the only one; NULL: none */
        } ROWS[] = {
                { "good", { 0 }, BOTH, NULL, NULL },
                { "good by a CA", { .issuer = &ca }, BOTH, NULL, NULL },
                { "good ECC", { .key = "p256-own" }, BOTH, NULL, NULL },
                { "good Ed448", { .key = "ed448-own" }, BOTH, NULL, NULL },
                { "P-521", { .key = "p521-own" }, BOTH, NULL, "no SecurityPolicy takes nistP521" },
                { "weak", { .key = "rsa1024-1" }, BOTH, "key of the kind RSA-1024", NULL },
                { "a curve of no policy",
                  { .key = "secp256k1-own" },
                  BOTH,
                  "no application may",
                  NULL },
                { "no CN", { .subject = "O=a" }, BOTH, NULL, "no common name" },
                { "no O", { .subject = "CN=a" }, BOTH, NULL, "no organization" },
                { "no URI", { .san = "DNS:a" }, BOTH, "has no URI", NULL },
                { "two URIs", { .san = "URI:urn:a,URI:urn:b,DNS:a" }, BOTH, "2 URIs", NULL },
                { "no host", { .san = "URI:urn:a" }, BOTH, "neither a host name", NULL },
                { "no host, client", { .san = "URI:urn:a" }, REVIEW_CLIENT, NULL, NULL },
                { "an address", { .san = "URI:urn:a,IP:192.0.2.1" }, BOTH, NULL, NULL },
                { "no dataEncipherment",
                  { .key_usage = "critical,digitalSignature,nonRepudiation,keyEncipherment,"
                                 "keyCertSign" },
                  BOTH,
                  "keyUsage lacks one of",
                  NULL },
                { "usage not critical",
                  { .key_usage = "digitalSignature,nonRepudiation,keyEncipherment,dataEncipherment,"
                                 "keyCertSign" },
                  BOTH,
                  NULL,
                  "keyUsage is not critical" },
                { "no keyCertSign",
                  { .key_usage = "critical,digitalSignature,nonRepudiation,keyEncipherment,"
                                 "dataEncipherment" },
                  BOTH,
                  NULL,
                  "lacks keyCertSign" },
                { "no purpose", { .eku = MINT_NONE }, BOTH, "no extendedKeyUsage", NULL },
                { "one purpose", { .eku = "serverAuth" }, BOTH, NULL, "lacks serverAuth or" },
                { "any purpose", { .eku = "anyExtendedKeyUsage" }, BOTH, NULL, NULL },
                { "a CA", { .basic_constraints = "critical,CA:TRUE" }, BOTH, "is a CA", NULL },
                { "no constraints",
                  { .basic_constraints = MINT_NONE },
                  BOTH,
                  NULL,
                  "no basicConstr" },
                { "constraints",
                  { .basic_constraints = "CA:FALSE" },
                  BOTH,
                  NULL,
                  "is not critical" },
                { "no SKI",
                  { .ski = MINT_NONE, .aki = "DER:300480020102" },
                  BOTH,
                  NULL,
                  "subjectKeyId" },
                { "no AKI", { .aki = MINT_NONE }, BOTH, NULL, "authorityKeyIdentifier" },
                { "short serial",
                  { .serial = "01020304050607" },
                  BOTH,
                  NULL,
                  "fewer than 64 bits" },
                { "not yet", { .not_before_s = MINT_NOW_S + 1 }, BOTH, "not valid yet", NULL },
                { "over", { .not_after_s = MINT_NOW_S - 1 }, BOTH, "has expired", NULL },
                { "its last second",
                  { .not_after_s = MINT_NOW_S },
                  BOTH,
                  NULL,
                  "expires in 0 days" },
                { "soon",
                  { .not_after_s = MINT_NOW_S + REVIEW_SOON_S - 1 },
                  BOTH,
                  NULL,
                  "in 30 days" },
                { "not soon", { .not_after_s = MINT_NOW_S + REVIEW_SOON_S }, BOTH, NULL, NULL },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
                struct review_terms terms = { MINT_NOW_S, ROWS[i].purposes };
                CLEANUP(findings_deinit) struct findings findings = FINDINGS_NULL;
                CLEANUP(cert_unrefp) const struct cert *cert = make_cert(&ROWS[i].spec);
                const char *expected = ROWS[i].error ? ROWS[i].error : ROWS[i].warning;
                const struct findings_item *item;

                review_certificate(cert, &terms, &findings);
                item = findings.items.items;
                must(findings.items.n == (expected != NULL), "%s: %zu findings: %s", ROWS[i].what,
                     findings.items.n, findings.items.n ? item->text : "");
                must(findings_has_error(&findings) == (ROWS[i].error != NULL), "%s", ROWS[i].what);
                must(!expected || strstr(item->text, expected), "%s: %s", ROWS[i].what, item->text);
        }
}

static void days_left_are_whole_ones(void **state)
{
        static const struct {
                int64_t end_s, days;
        } ROWS[] = {
                { MINT_NOW_S + MINT_DAY_S, 1 },
                { MINT_NOW_S + MINT_DAY_S - 1, 1 },
                { MINT_NOW_S + MINT_DAY_S - 2, 0 },
                { MINT_NOW_S, 0 },
                { MINT_NOW_S - 1, -1 },
                { MINT_NOW_S - 2 * MINT_DAY_S, -2 },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
                CLEANUP(cert_unrefp)
                const struct cert *cert =
                        make_cert(&(struct mint_cert){ .not_after_s = ROWS[i].end_s });

                must(review_days_left(cert, MINT_NOW_S) == ROWS[i].days, "row %zu", i);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_opc_ua_asks_is_asked),
                cmocka_unit_test(days_left_are_whole_ones),
        };

        return cmocka_run_group_tests_name("own/review", tests, set_up_ossl, tear_down_ossl);
}
