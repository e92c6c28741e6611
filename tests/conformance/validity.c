/* SPDX-License-Identifier: Apache-2.0 */
#include "conformance/cast.h"
#include "conformance/row.h"
#include "proto/compiler.h"

#define STEP6 "OPC 10000-4 6.1.3 step 6"
#define ENDS  "Reading: both ends inclusive, whole seconds"
#define SKEW  "Reading: no tolerance but ClockSkew="
#define CLOCK "Reading: an implausible clock makes nothing Good"

#define NOW MINT_NOW_S

/* 9999-12-31T23:59:59Z: no end, RFC 5280 4.1.2.5 */
#define NO_END INT64_C(253402300799)

static const struct mint_cert EXPIRED_CA = { .ca = true,
                                             .subject = "CN=Plant CA",
                                             .key = "rsa2048-3",
                                             .issuer = &ROOT,
                                             .not_after_s = NOW - 1 },
                              EXPIRED_ROOT = { .ca = true,
                                               .subject = "CN=Root",
                                               .not_after_s = NOW - 1 },
                              LATER_CA = { .ca = true,
                                           .subject = "CN=Plant CA",
                                           .key = "rsa2048-3",
                                           .issuer = &ROOT,
                                           .not_before_s = NOW + 1 },
                              EXPIRED_EC_CA = { .ca = true,
                                                .subject = "CN=EC CA",
                                                .key = "p256-ca",
                                                .issuer = &EC_ROOT,
                                                .not_after_s = NOW - 1 },
                              ENDLESS = { .subject = "CN=Endless", .not_after_s = NO_END },
                              EXPIRED_SELF = { .subject = "CN=Self-signed",
                                               .not_after_s = NOW - 1 };

/* A leaf of the plant that ends, or begins, at some second. */
#define ENDING(time_s)    CERT(.issuer = &CA, .not_after_s = (time_s))
#define BEGINNING(time_s) CERT(.issuer = &CA, .not_before_s = (time_s))

static const struct row ROWS[] = {
        {
                .id = "in its last second it is valid",
                .clause = ENDS,
                PLANT,
                .presented = { ENDING(NOW) },
                .until_s = NOW + 1,
        },
        {
                .id = "in the second after its last it is not",
                .clause = STEP6,
                PLANT,
                .presented = { ENDING(NOW - 1) },
                .findings = { FAIL_SAYS(TIME_INVALID, VALIDITY, 0, "2025-12-31T23:59:59Z") },
        },
        {
                .id = "in its first second it is valid",
                .clause = ENDS,
                PLANT,
                .presented = { BEGINNING(NOW) },
        },
        {
                .id = "in the second before its first it is not",
                .clause = STEP6,
                PLANT,
                .presented = { BEGINNING(NOW + 1) },
                .findings = { FAIL_SAYS(TIME_INVALID, VALIDITY, 0, "2026-01-01T00:00:01Z") },
                .until_s = NOW + 1,
        },
        {
                .id = "an expired EC leaf",
                .clause = STEP6,
                EC_PLANT,
                .presented = { CERT(.issuer = &EC_CA, .key = "p256-leaf", .not_after_s = NOW - 1) },
                .findings = { FAIL(TIME_INVALID, VALIDITY, 0) },
        },
        {
                .id = "an expired self-signed application",
                .clause = STEP6,
                .trusted = { &EXPIRED_SELF },
                .presented = { &EXPIRED_SELF },
                .findings = { FAIL(TIME_INVALID, VALIDITY, 0) },
                .until_s = ROW_FOREVER,
        },
        {
                .id = "an expired leaf, suppressed by the store",
                .clause = STEP6,
                PLANT,
                .settings = "Suppress=BadCertificateTimeInvalid",
                .presented = { ENDING(NOW - 1) },
                .findings = { LET(TIME_INVALID, VALIDITY, 0) },
        },
        {
                .id = "an expired leaf, suppressed by the request",
                .clause = STEP6,
                PLANT,
                .suppress = "BadCertificateTimeInvalid",
                .presented = { ENDING(NOW - 1) },
                .findings = { LET(TIME_INVALID, VALIDITY, 0) },
        },
        {
                .id = "a leaf that is not valid yet, suppressed",
                .clause = STEP6,
                PLANT,
                .suppress = "BadCertificateTimeInvalid",
                .presented = { BEGINNING(NOW + 1) },
                .findings = { LET(TIME_INVALID, VALIDITY, 0) },
                .until_s = NOW + 1,
        },
        {
                .id = "an expired issuing CA has the issuer's code",
                .clause = STEP6,
                .trusted = { &EXPIRED_CA },
                .issuers = { &ROOT },
                .crls = { &ROOT_CRL, &CA_CRL },
                .presented = { &LEAF },
                .findings = { FAIL(ISSUER_TIME_INVALID, VALIDITY, 1) },
        },
        {
                .id = "an expired issuing EC CA has the issuer's code",
                .clause = STEP6,
                .trusted = { &EXPIRED_EC_CA },
                .issuers = { &EC_ROOT },
                .crls = { &EC_ROOT_CRL, &EC_CA_CRL },
                .presented = { &EC_LEAF },
                .findings = { FAIL(ISSUER_TIME_INVALID, VALIDITY, 1) },
        },
        {
                .id = "an issuing CA that is not valid yet has the issuer's code",
                .clause = STEP6,
                .trusted = { &LATER_CA },
                .issuers = { &ROOT },
                .crls = { &ROOT_CRL, &CA_CRL },
                .presented = { &LEAF },
                .findings = { FAIL(ISSUER_TIME_INVALID, VALIDITY, 1) },
                .until_s = NOW + 1,
        },
        {
                .id = "an expired root is expired, trusted or not",
                .clause = STEP6,
                .trusted = { &EXPIRED_ROOT },
                .issuers = { &CA },
                .crls = { &ROOT_CRL, &CA_CRL },
                .presented = { &LEAF },
                .findings = { FAIL(ISSUER_TIME_INVALID, VALIDITY, 2) },
        },
        {
                .id = "an expired issuing CA, suppressed",
                .clause = STEP6,
                .trusted = { &EXPIRED_CA },
                .issuers = { &ROOT },
                .crls = { &ROOT_CRL, &CA_CRL },
                .settings = "Suppress=BadCertificateIssuerTimeInvalid",
                .presented = { &LEAF },
                .findings = { LET(ISSUER_TIME_INVALID, VALIDITY, 1) },
        },
        {
                .id = "the leaf's suppression does not hold for its CA",
                .clause = STEP6,
                .trusted = { &EXPIRED_CA },
                .issuers = { &ROOT },
                .crls = { &ROOT_CRL, &CA_CRL },
                .suppress = "BadCertificateTimeInvalid",
                .presented = { ENDING(NOW - 1) },
                .findings = { LET(TIME_INVALID, VALIDITY, 0),
                              FAIL(ISSUER_TIME_INVALID, VALIDITY, 1) },
        },
        {
                .id = "leaf, CA and root expired: each is told, the leaf first",
                .clause = "Reading: ordered by step, then by place in the chain",
                .trusted = { &EXPIRED_ROOT },
                .issuers = { &EXPIRED_CA },
                .crls = { &ROOT_CRL, &CA_CRL },
                .presented = { ENDING(NOW - 1) },
                .findings = { FAIL(TIME_INVALID, VALIDITY, 0),
                              FAIL(ISSUER_TIME_INVALID, VALIDITY, 1),
                              FAIL(ISSUER_TIME_INVALID, VALIDITY, 2) },
        },
        {
                .id = "99991231235959Z is no end",
                .clause = "RFC 5280 4.1.2.5",
                .trusted = { &ENDLESS },
                .presented = { &ENDLESS },
                .until_s = ROW_FOREVER,
        },
        {
                .id = "99991231235959Z is no end, whatever the moment",
                .clause = "RFC 5280 4.1.2.5",
                .trusted = { &ENDLESS },
                .presented = { &ENDLESS },
                .now_s = NO_END + MINT_DAY_S,
        },
        {
                .id = "a verdict ends where the first certificate of its chain ends",
                .clause = "Reading: validUntil",
                .trusted = { CERT(.ca = true, .subject = "CN=Root", .not_after_s = NOW + 5) },
                .issuers = { &CA },
                .crls = { &ROOT_CRL, &CA_CRL },
                .presented = { ENDING(NOW + 9) },
                .until_s = NOW + 6,
        },

        /* --- tolerance --- */
        {
                .id = "with a skew of 10 s, 10 s after its end it is valid",
                .clause = SKEW,
                PLANT,
                .settings = "ClockSkew=10s",
                .presented = { ENDING(NOW - 10) },
                .until_s = NOW + 1,
        },
        {
                .id = "with a skew of 10 s, 11 s after its end it is not",
                .clause = SKEW,
                PLANT,
                .settings = "ClockSkew=10s",
                .presented = { ENDING(NOW - 11) },
                .findings = { FAIL(TIME_INVALID, VALIDITY, 0) },
        },
        {
                .id = "with a skew of 10 s, 10 s before its beginning it is valid",
                .clause = SKEW,
                PLANT,
                .settings = "ClockSkew=10s",
                .presented = { BEGINNING(NOW + 10) },
        },
        {
                .id = "with a skew of 10 s, 11 s before its beginning it is not",
                .clause = SKEW,
                PLANT,
                .settings = "ClockSkew=10s",
                .presented = { BEGINNING(NOW + 11) },
                .findings = { FAIL(TIME_INVALID, VALIDITY, 0) },
                .until_s = NOW + 1,
        },

        {
                .id = "a moment before all times that can be written",
                .clause = "Reading: a caller may ask for another moment",
                .trusted = { &SELF },
                .presented = { &SELF },
                .settings = "ClockSkew=1h",
                .now_s = INT64_MIN + 1,
                .findings = { FAIL(TIME_INVALID, VALIDITY, 0) },
        },
        {
                .id = "a moment after all times that can be written",
                .clause = "Reading: a caller may ask for another moment",
                PLANT,
                .settings = "ClockSkew=1h; CrlGrace=30d",
                .presented = { &LEAF },
                .now_s = INT64_MAX - 101 * MINT_YEAR_S,
                .findings = { FAIL(TIME_INVALID, VALIDITY, 0),
                              FAIL(ISSUER_TIME_INVALID, VALIDITY, 1),
                              FAIL(ISSUER_TIME_INVALID, VALIDITY, 2),
                              FAIL(REVOCATION_UNKNOWN, FIND_REVOCATION_LIST, 0),
                              FAIL(ISSUER_REVOCATION_UNKNOWN, FIND_REVOCATION_LIST, 1) },
        },

        /* --- clocks --- */
        {
                .id = "a clock that stands too early does not make an expired certificate good",
                .clause = CLOCK,
                PLANT,
                .presented = { ENDING(NOW - 1) },
                .now_s = NOW - MINT_DAY_S,
                .at_least_s = NOW,
                .findings = { FAIL(TIME_INVALID, VALIDITY, 0) },
        },
        {
                .id = "a clock at 1970 makes nothing valid that has not begun by it",
                .clause = CLOCK,
                .trusted = { &SELF },
                .presented = { &SELF },
                .now_s = 1,
                .at_least_s = NOW,
                .findings = { FAIL(TIME_INVALID, VALIDITY, 0) },
        },
};

int main(void)
{
        return row_run("validity", ROWS, ARRAY_SIZE(ROWS));
}
