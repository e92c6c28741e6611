/* SPDX-License-Identifier: Apache-2.0 */
#include "conformance/cast.h"
#include "conformance/row.h"
#include "proto/compiler.h"

#define DELTA    "Reading: a delta needs its base; RFC 5280 5.2.4"
#define INDIRECT "Reading: an indirect one counts if ...; RFC 5280 5.2.5"
#define ROLLOVER                                                                                   \
        "Reading: by issuer name and verified signature: one CA, whichever of its keys signed"
#define PARTIAL "Reading: a partial one only where its scope covers the certificate; RFC 5280 5.2.5"

#define NOW MINT_NOW_S
#define DAY MINT_DAY_S

#define UNKNOWN                FAIL(REVOCATION_UNKNOWN, FIND_REVOCATION_LIST, 0)
#define IS_UNKNOWN             .findings = { UNKNOWN }
#define IS_REVOKED             .findings = { FAIL(REVOKED, REVOCATION, 0) }
#define IS_REVOKED_AND_UNKNOWN .findings = { FAIL(REVOKED, REVOCATION, 0), UNKNOWN }

#define STORE     .trusted = { &CA }, .issuers = { &ROOT }
#define WITH(...) STORE, .crls = { &ROOT_CRL, __VA_ARGS__ }, .presented = { &LEAF }

#define EMPTY(...) CRL(.issuer = &CA, __VA_ARGS__)
#define LISTING_AS(code, ...)                                                                      \
        CRL(.issuer = &CA, .n_entries = 1,                                                         \
            .entries = &(const struct mint_crl_entry){ .cert = &LEAF, .reason = (code) },          \
            __VA_ARGS__)

#define UNSPECIFIED    0
#define KEY_COMPROMISE 1
#define HOLD           6
#define REMOVE         8

/* --- indirect CRLs: somebody whom the root made a signer of CRLs --- */

#define NAMES_SIGNER                                                                               \
        "crlDistributionPoints=point\n[point]\nCRLissuer=dirName:signer\n[signer]\nCN=CRL "        \
        "Signer\n"

#define SIGNER_LIKE(...)                                                                           \
        CERT(.subject = "CN=CRL Signer", .key = "rsa2048-5", .san = MINT_NONE, .eku = MINT_NONE,   \
             __VA_ARGS__)
#define SIGNER_USAGE .key_usage = "critical,cRLSign"

static const struct mint_cert SIGNER = { .subject = "CN=CRL Signer",
                                         .key = "rsa2048-5",
                                         .issuer = &ROOT,
                                         .san = MINT_NONE,
                                         .eku = MINT_NONE,
                                         .key_usage = "critical,cRLSign" },
                              OTHER_ROOT = { .ca = true,
                                             .subject = "CN=Other Root",
                                             .key = "rsa2048-6" },
                              /* leaves whose certificates name the signer */
        POINTED = { .issuer = &CA, .extra = NAMES_SIGNER };

static const struct mint_crl OTHER_ROOT_CRL = { .issuer = &OTHER_ROOT };

/* The signer's CRL, which says of what CA an entry speaks. */
#define INDIRECT_CRL(...) CRL(.issuer = &SIGNER, .idp = "critical,indirectCRL:TRUE", __VA_ARGS__)
#define INDIRECT_LISTING(...)                                                                      \
        INDIRECT_CRL(.n_entries = 1,                                                               \
                     .entries = &(const struct mint_crl_entry){ .cert = &POINTED,                  \
                                                                .issuer = "CN=Plant CA" },         \
                     __VA_ARGS__)

#define POINTED_WITH(signer, ...)                                                                  \
        .trusted = { &ROOT }, .issuers = { &CA, signer }, .crls = { &ROOT_CRL, __VA_ARGS__ },      \
        .presented = { &POINTED }

/* --- a root that changed its key, the new one certified by the old, RFC 4210 4.4 --- */

static const struct mint_cert ROOT_NEW_KEY = { .ca = true,
                                               .subject = "CN=Root",
                                               .key = "rsa2048-4",
                                               .issuer = &ROOT },
                              TWIN_ROOT = { .ca = true, .subject = "CN=Root", .key = "rsa2048-6" },
                              BY_OLD_KEY = { .issuer = &ROOT },
                              BY_NEW_KEY = { .issuer = &ROOT_NEW_KEY };
#define CA_FOR(...) CERT(.ca = true, .subject = "CN=Plant CA", .issuer = &ROOT, __VA_ARGS__)
static const struct mint_crl NEW_KEY_CRL = { .issuer = &ROOT_NEW_KEY };

/* --- partitioned CRLs --- */

#define POINT_1 "crlDistributionPoints=URI:http://plant.example/1.crl"
#define POINT_1_FOR(reason)                                                                        \
        "crlDistributionPoints=p\n[p]\nfullname=URI:http://plant.example/1.crl\nreasons=" reason   \
        "\n"
#define AT_POINT(n)  "critical,fullname:URI:http://plant.example/" n ".crl"
#define PART(n, ...) CRL(.issuer = &CA, .idp = AT_POINT(n), __VA_ARGS__)

static const struct mint_cert AT_1 = { .issuer = &CA, .extra = POINT_1 };

#define AT_1_WITH(...) STORE, .crls = { &ROOT_CRL, __VA_ARGS__ }, .presented = { &AT_1 }

#define REASONS(text)                                                                              \
        CRL(.issuer = &CA,                                                                         \
            .extra = "issuingDistributionPoint=critical,@idp\n[idp]\nonlysomereasons=" text "\n")
#define REASONS_A "keyCompromise,CACompromise,affiliationChanged,superseded"
#define REASONS_B "cessationOfOperation,certificateHold,privilegeWithdrawn,AACompromise"

static const struct row DELTA_ROWS[] = {
        { .id = "a delta alone satisfies nothing",
          .clause = DELTA,
          WITH(EMPTY(.number = "02", .delta = "01")),
          IS_UNKNOWN },
        { .id = "a delta alone revokes what it lists",
          .clause = DELTA,
          WITH(LISTING_AS(UNSPECIFIED, .number = "02", .delta = "01")),
          IS_REVOKED_AND_UNKNOWN },
        { .id = "a base and its delta",
          .clause = DELTA,
          WITH(EMPTY(.number = "01"), EMPTY(.number = "02", .delta = "01")) },
        { .id = "the delta lists it",
          .clause = DELTA,
          WITH(EMPTY(.number = "01"), LISTING_AS(UNSPECIFIED, .number = "02", .delta = "01")),
          IS_REVOKED },
        { .id = "the base lists it, and the delta says nothing",
          .clause = DELTA,
          WITH(LISTING_AS(UNSPECIFIED, .number = "01"), EMPTY(.number = "02", .delta = "01")),
          IS_REVOKED },
        { .id = "the delta takes it off hold",
          .clause = "Reading: removeFromCRL only in a delta, only against hold",
          WITH(LISTING_AS(HOLD, .number = "01"),
               LISTING_AS(REMOVE, .number = "02", .delta = "01")) },
        { .id = "a delta cannot take back a compromise",
          .clause = "Reading: removeFromCRL only in a delta, only against hold",
          WITH(LISTING_AS(KEY_COMPROMISE, .number = "01"),
               LISTING_AS(REMOVE, .number = "02", .delta = "01")),
          IS_REVOKED },
        { .id = "an expired delta takes nothing off hold",
          .clause = DELTA,
          WITH(LISTING_AS(HOLD, .number = "01"),
               LISTING_AS(REMOVE, .number = "02", .delta = "01", .next_update_s = NOW - 1)),
          IS_REVOKED },
        { .id = "a delta of a later base takes nothing off hold",
          .clause = "RFC 5280 5.2.4 (c) (1)",
          WITH(LISTING_AS(HOLD, .number = "01"), LISTING_AS(REMOVE, .number = "03", .delta = "02")),
          IS_REVOKED },
        { .id = "a delta that another key signed takes nothing off hold",
          .clause = DELTA,
          WITH(LISTING_AS(HOLD, .number = "01"),
               LISTING_AS(REMOVE, .number = "02", .delta = "01", .signer = "rsa2048-4")),
          IS_REVOKED },
        { .id = "the delta puts it on hold",
          .clause = DELTA,
          WITH(EMPTY(.number = "01"), LISTING_AS(HOLD, .number = "02", .delta = "01")),
          IS_REVOKED },
        { .id = "a delta's hold ends with a newer full CRL that leaves it out",
          .clause = "Reading: hold revokes while no newer full CRL leaves the entry out",
          WITH(LISTING_AS(HOLD, .number = "02", .delta = "01", .this_update_s = NOW - 9 * DAY,
                          .next_update_s = NOW - 8 * DAY),
               EMPTY(.number = "03")) },
        { .id = "a delta's hold outlasts an older full CRL",
          .clause = "Reading: hold revokes",
          WITH(LISTING_AS(HOLD, .number = "02", .delta = "01"),
               EMPTY(.number = "01", .this_update_s = NOW - 9 * DAY)),
          IS_REVOKED },
        { .id = "a delta that goes with no base supersedes none",
          .clause = "Reading: a delta needs its base",
          WITH(EMPTY(.number = "01", .this_update_s = NOW - 9 * DAY),
               LISTING_AS(KEY_COMPROMISE, .number = "02", .delta = "01",
                          .this_update_s = NOW - 8 * DAY),
               EMPTY(.number = "04", .delta = "03")),
          IS_REVOKED },
        { .id = "a delta of another scope takes nothing off hold",
          .clause = "RFC 5280 5.2.4 (b)",
          WITH(LISTING_AS(HOLD, .number = "01"),
               LISTING_AS(REMOVE, .number = "02", .delta = "01", .idp = "critical,onlyuser:TRUE")),
          IS_REVOKED },
        { .id = "a delta of the same part takes it off hold",
          .clause = "RFC 5280 5.2.4 (b)",
          WITH(LISTING_AS(HOLD, .number = "01", .idp = "critical,onlyuser:TRUE"),
               LISTING_AS(REMOVE, .number = "02", .delta = "01",
                          .idp = "critical,onlyuser:TRUE")) },
        { .id = "a delta that is older than the base takes nothing off hold",
          .clause = "RFC 5280 5.2.4 (c) (3)",
          WITH(LISTING_AS(HOLD, .number = "03"), LISTING_AS(REMOVE, .number = "02", .delta = "01")),
          IS_REVOKED },
        { .id = "a delta's hold outlasts a newer full CRL that is not valid yet",
          .clause = "Reading: hold revokes",
          WITH(LISTING_AS(HOLD, .number = "02", .delta = "01"), EMPTY(.number = "01"),
               EMPTY(.number = "03", .this_update_s = NOW + DAY)),
          IS_REVOKED_AND_UNKNOWN },
        { .id = "the newest delta decides",
          .clause = "Reading: of one signer and scope the newest decides",
          WITH(LISTING_AS(HOLD, .number = "01"),
               LISTING_AS(HOLD, .number = "02", .delta = "01", .this_update_s = NOW - 2 * DAY),
               LISTING_AS(REMOVE, .number = "03", .delta = "01")) },
        { .id = "an expired base is carried on by its delta",
          .clause = "RFC 5280 5.2.4: thisUpdate and nextUpdate are the delta's",
          WITH(EMPTY(.number = "01", .this_update_s = NOW - 9 * DAY, .next_update_s = NOW - DAY),
               EMPTY(.number = "02", .delta = "01")) },
        { .id = "an expired base is not carried on by the delta of a later one",
          .clause = "RFC 5280 5.2.4 (c) (1)",
          WITH(EMPTY(.number = "01", .this_update_s = NOW - 9 * DAY, .next_update_s = NOW - DAY),
               EMPTY(.number = "03", .delta = "02")),
          IS_UNKNOWN },
        { .id = "an expired delta beside a current base",
          .clause = DELTA,
          WITH(EMPTY(.number = "01"),
               EMPTY(.number = "02", .delta = "01", .next_update_s = NOW - 1)) },
        { .id = "an expired delta still revokes",
          .clause = DELTA,
          WITH(EMPTY(.number = "01"),
               LISTING_AS(UNSPECIFIED, .number = "02", .delta = "01", .next_update_s = NOW - 1)),
          IS_REVOKED },
        { .id = "a delta without a number",
          .clause = "CVE-2026-28388",
          WITH(EMPTY(.number = "01"), EMPTY(.number = MINT_NONE, .delta = "01")) },
};

static const struct row INDIRECT_ROWS[] = {
        { .id = "an indirect CRL in place of the CA's",
          .clause = INDIRECT,
          POINTED_WITH(&SIGNER, INDIRECT_CRL(.number = "01")) },
        { .id = "an indirect CRL of a signer below no trusted certificate",
          .clause = "Reading: its signer's chain passes steps 1-6",
          .trusted = { &CA },
          .issuers = { &ROOT, &SIGNER },
          .crls = { &ROOT_CRL, INDIRECT_CRL(.number = "01") },
          .presented = { &POINTED },
          IS_UNKNOWN },
        { .id = "an indirect CRL that lists it",
          .clause = INDIRECT,
          POINTED_WITH(&SIGNER, INDIRECT_LISTING(.number = "01")),
          IS_REVOKED },
        { .id = "an indirect CRL that lists it beside the CA's own",
          .clause = INDIRECT,
          POINTED_WITH(&SIGNER, &CA_CRL, INDIRECT_LISTING(.number = "01")),
          IS_REVOKED },
        { .id = "an indirect CRL lists the number of another CA",
          .clause = "RFC 5280 5.3.3",
          POINTED_WITH(&SIGNER,
                       INDIRECT_CRL(.n_entries = 1,
                                    .entries =
                                            &(const struct mint_crl_entry){
                                                    .cert = &POINTED, .issuer = "CN=Another" })) },
        { .id = "an entry without certificateIssuer is the CRL issuer's own",
          .clause = "RFC 5280 5.3.3",
          POINTED_WITH(&SIGNER, INDIRECT_CRL(.n_entries = 1, .entries =
                                                                     &(const struct mint_crl_entry){
                                                                             .cert = &POINTED })) },
        { .id = "certificateIssuer holds for the entries behind it",
          .clause = "RFC 5280 5.3.3",
          POINTED_WITH(&SIGNER,
                       INDIRECT_CRL(.n_entries = 2,
                                    .entries =
                                            (const struct mint_crl_entry[]){
                                                    { .serial = "4242", .issuer = "CN=Plant CA" },
                                                    { .cert = &POINTED } })),
          IS_REVOKED },
        { .id = "an indirect CRL that does not say so",
          .clause = INDIRECT,
          POINTED_WITH(&SIGNER, CRL(.issuer = &SIGNER)),
          IS_UNKNOWN },
        { .id = "a certificate that does not name the signer",
          .clause = INDIRECT,
          STORE,
          .crls = { &ROOT_CRL, INDIRECT_CRL(.number = "01") },
          .presented = { &LEAF },
          .findings = { UNKNOWN } },
        { .id = "a certificate that does not name the signer is not revoked by it",
          .clause = INDIRECT,
          .trusted = { &ROOT },
          .issuers = { &CA, &SIGNER },
          .crls = { &ROOT_CRL, &CA_CRL,
                    INDIRECT_CRL(.n_entries = 1,
                                 .entries =
                                         &(const struct mint_crl_entry){
                                                 .cert = &LEAF, .issuer = "CN=Plant CA" }) },
          .presented = { &LEAF } },
        { .id = "a signer that is not there",
          .clause = INDIRECT,
          STORE,
          .crls = { &ROOT_CRL, INDIRECT_CRL(.number = "01") },
          .presented = { &POINTED },
          IS_UNKNOWN },
        { .id = "an indirect CRL that another key signed",
          .clause = INDIRECT,
          POINTED_WITH(&SIGNER, INDIRECT_CRL(.signer = "rsa2048-6")),
          IS_UNKNOWN },
        { .id = "a signer below another root",
          .clause = "Reading: its chain ends at the same root",
          .trusted = { &ROOT, &OTHER_ROOT },
          .issuers = { &CA, SIGNER_LIKE(.issuer = &OTHER_ROOT, SIGNER_USAGE) },
          .crls = { &ROOT_CRL, &OTHER_ROOT_CRL, INDIRECT_CRL(.number = "01") },
          .presented = { &POINTED },
          IS_UNKNOWN },
        { .id = "a signer that may not sign CRLs",
          .clause = "Reading: passes step 9",
          POINTED_WITH(SIGNER_LIKE(.issuer = &ROOT, .key_usage = "critical,digitalSignature"),
                       INDIRECT_CRL(.number = "01")),
          IS_UNKNOWN },
        { .id = "a signer that has expired",
          .clause = "Reading: passes step 6",
          POINTED_WITH(SIGNER_LIKE(.issuer = &ROOT, SIGNER_USAGE, .not_after_s = NOW - 1),
                       INDIRECT_CRL(.number = "01")),
          IS_UNKNOWN },
        { .id = "a signer that has expired, suppressed in vain",
          .clause = "Reading: what is suppressed is told, and of a signer's chain nothing is",
          POINTED_WITH(SIGNER_LIKE(.issuer = &ROOT, SIGNER_USAGE, .not_after_s = NOW - 1),
                       INDIRECT_CRL(.number = "01")),
          .settings = "Suppress=BadCertificateIssuerTimeInvalid BadCertificateTimeInvalid",
          IS_UNKNOWN },
        { .id = "a signer that nobody certified",
          .clause = "Reading: passes steps 1-6",
          POINTED_WITH(SIGNER_LIKE(.issuer = &ROOT, SIGNER_USAGE, .signer = "rsa2048-6"),
                       INDIRECT_CRL(.number = "01")),
          IS_UNKNOWN },
        { .id = "a signer that is revoked",
          .clause = "Reading: passes step 11",
          .trusted = { &ROOT },
          .issuers = { &CA, &SIGNER },
          .crls = { CRL_LISTING(&SIGNER, .issuer = &ROOT), INDIRECT_CRL(.number = "01") },
          .presented = { &POINTED },
          IS_UNKNOWN },
        { .id = "an expired indirect CRL",
          .clause = INDIRECT,
          POINTED_WITH(&SIGNER, INDIRECT_CRL(.next_update_s = NOW - 1)),
          IS_UNKNOWN },
};

static const struct row ROLLOVER_ROWS[] = {
        { .id = "a CRL by the new key of a root, for what the old one issued",
          .clause = ROLLOVER,
          .trusted = { &ROOT },
          .issuers = { &ROOT_NEW_KEY },
          .crls = { &NEW_KEY_CRL },
          .presented = { &BY_OLD_KEY } },
        { .id = "a CRL by the new key of a root revokes what the old one issued",
          .clause = ROLLOVER,
          .trusted = { &ROOT },
          .issuers = { &ROOT_NEW_KEY },
          .crls = { CRL_LISTING(&BY_OLD_KEY, .issuer = &ROOT_NEW_KEY) },
          .presented = { &BY_OLD_KEY },
          IS_REVOKED },
        { .id = "a CRL by the old key of a root, for what the new one issued",
          .clause = ROLLOVER,
          .trusted = { &ROOT },
          .issuers = { &ROOT_NEW_KEY },
          .crls = { &ROOT_CRL },
          .presented = { &BY_NEW_KEY } },
        { .id = "a CRL by the old key of a root revokes what the new one issued",
          .clause = ROLLOVER,
          .trusted = { &ROOT },
          .issuers = { &ROOT_NEW_KEY },
          .crls = { &NEW_KEY_CRL, CRL_LISTING(&BY_NEW_KEY, .issuer = &ROOT) },
          .presented = { &BY_NEW_KEY },
          IS_REVOKED },
        { .id = "a CA that has one key for certificates and one for CRLs",
          .clause = "RFC 5280 6.3.3 (f); PKITS 4.4.19",
          .trusted = { &ROOT },
          .issuers = { CA_FOR(.key = "rsa2048-3", .key_usage = "critical,keyCertSign"),
                       CA_FOR(.key = "rsa2048-6", .key_usage = "critical,cRLSign") },
          .crls = { &ROOT_CRL, CRL(.issuer = CA_FOR(.key = "rsa2048-6")) },
          .presented = { CERT(.issuer = CA_FOR(.key = "rsa2048-3"), .san = "DNS:" MINT_HOST) },
          .purpose = PURPOSE_HTTPS,
          .host = MINT_HOST },
        { .id = "a CA that has two keys for certificates is two",
          .clause = "Reading: CAs of one name do not mix",
          .trusted = { &ROOT },
          .issuers = { CA_FOR(.key = "rsa2048-3", .key_usage = "critical,keyCertSign"),
                       CA_FOR(.key = "rsa2048-6") },
          .crls = { &ROOT_CRL, CRL(.issuer = CA_FOR(.key = "rsa2048-6")) },
          .presented = { CERT(.issuer = CA_FOR(.key = "rsa2048-3"), .san = "DNS:" MINT_HOST) },
          .purpose = PURPOSE_HTTPS,
          .host = MINT_HOST,
          IS_UNKNOWN },
        { .id = "a CRL by another root of the same name",
          .clause = "Reading: CAs of one name do not mix",
          .trusted = { &ROOT, &TWIN_ROOT },
          .crls = { CRL(.issuer = &TWIN_ROOT) },
          .presented = { &BY_OLD_KEY },
          IS_UNKNOWN },
};

static const struct row PARTIAL_ROWS[] = {
        { .id = "users' certificates alone, asked about a leaf",
          .clause = PARTIAL,
          WITH(EMPTY(.idp = "critical,onlyuser:TRUE")) },
        { .id = "CAs' certificates alone, asked about a leaf",
          .clause = PARTIAL,
          WITH(EMPTY(.idp = "critical,onlyCA:TRUE")),
          IS_UNKNOWN },
        { .id = "attribute certificates alone",
          .clause = PARTIAL,
          WITH(EMPTY(.idp = "critical,onlyAA:TRUE")),
          IS_UNKNOWN },
        { .id = "CAs' certificates alone, asked about a CA",
          .clause = PARTIAL,
          STORE,
          .crls = { &CA_CRL, CRL(.issuer = &ROOT, .idp = "critical,onlyCA:TRUE") },
          .presented = { &LEAF } },
        { .id = "users' certificates alone, asked about a CA",
          .clause = PARTIAL,
          STORE,
          .crls = { &CA_CRL, CRL(.issuer = &ROOT, .idp = "critical,onlyuser:TRUE") },
          .presented = { &LEAF },
          .findings = { FAIL(ISSUER_REVOCATION_UNKNOWN, FIND_REVOCATION_LIST, 1) } },
        { .id = "its distribution point", .clause = PARTIAL, AT_1_WITH(PART("1", .number = "01")) },
        { .id = "another distribution point",
          .clause = PARTIAL,
          AT_1_WITH(PART("2", .number = "01")),
          IS_UNKNOWN },
        { .id = "a distribution point, and the certificate names none",
          .clause = PARTIAL,
          WITH(PART("1", .number = "01")),
          IS_UNKNOWN },
        { .id = "no distribution point, and the certificate names one",
          .clause = PARTIAL,
          AT_1_WITH(&CA_CRL) },
        { .id = "its distribution point lists it",
          .clause = PARTIAL,
          AT_1_WITH(CRL_LISTING(&AT_1, .issuer = &CA, .idp = AT_POINT("1"))),
          IS_REVOKED },
        { .id = "two parts, of which its own lists it",
          .clause = PARTIAL,
          AT_1_WITH(PART("2", .number = "09"),
                    CRL_LISTING(&AT_1, .issuer = &CA, .idp = AT_POINT("1"))),
          IS_REVOKED },
        { .id = "a part does not supersede the whole",
          .clause = "Reading: of one signer and scope",
          STORE,
          .crls = { &ROOT_CRL, PART("1", .number = "09"),
                    CRL_LISTING(&AT_1, .issuer = &CA, .this_update_s = NOW - 2 * DAY) },
          .presented = { &AT_1 },
          IS_REVOKED },
        { .id = "a distribution point for some reasons",
          .clause = "RFC 5280 6.3.3 (d) (1)",
          STORE,
          .crls = { &ROOT_CRL, PART("1", .number = "01") },
          .presented = { CERT(.issuer = &CA, .extra = POINT_1_FOR("keyCompromise")) },
          IS_UNKNOWN },
        { .id = "some reasons alone",
          .clause = "RFC 5280 6.3.3 (l)",
          WITH(REASONS(REASONS_A)),
          IS_UNKNOWN },
        { .id = "all reasons by two CRLs",
          .clause = "RFC 5280 6.3.3 (l)",
          WITH(REASONS(REASONS_A), REASONS(REASONS_B)) },
};

int main(void)
{
        return row_run("delta", DELTA_ROWS, ARRAY_SIZE(DELTA_ROWS)) +
               row_run("indirect", INDIRECT_ROWS, ARRAY_SIZE(INDIRECT_ROWS)) +
               row_run("rollover", ROLLOVER_ROWS, ARRAY_SIZE(ROLLOVER_ROWS)) +
               row_run("partial", PARTIAL_ROWS, ARRAY_SIZE(PARTIAL_ROWS));
}
