/* SPDX-License-Identifier: Apache-2.0 */
#include "conformance/cast.h"
#include "conformance/row.h"
#include "proto/compiler.h"

#define STEP2 "OPC 10000-4 6.1.3 step 2"

#define ENDS_CHAIN  "OPC 10000-4 6.1.3: back to a CA with a self-signed certificate"
#define PASSED_OVER "Reading: a candidate that is expired, no CA or of another key is passed over"

/* The issuing CA a second time, as somebody else certified it, or as it was before. */
static const struct mint_cert CA_BY_EVIL = { .ca = true,
                                             .subject = "CN=Plant CA",
                                             .key = "rsa2048-3",
                                             .issuer = &EVIL_ROOT },
                              CA_EXPIRED = { .ca = true,
                                             .subject = "CN=Plant CA",
                                             .key = "rsa2048-3",
                                             .issuer = &ROOT,
                                             .not_after_s = MINT_NOW_S - MINT_DAY_S },
                              CA_LATER = { .ca = true,
                                           .subject = "CN=Plant CA",
                                           .key = "rsa2048-3",
                                           .issuer = &ROOT,
                                           .not_before_s = MINT_NOW_S + MINT_DAY_S },
                              CA_OTHER_KEY = { .ca = true,
                                               .subject = "CN=Plant CA",
                                               .key = "rsa2048-4",
                                               .issuer = &ROOT },
                              CA_NO_CA = { .ca = true,
                                           .subject = "CN=Plant CA",
                                           .key = "rsa2048-3",
                                           .issuer = &ROOT,
                                           .basic_constraints = "critical,CA:FALSE",
                                           .not_after_s = MINT_NOW_S + 5 * MINT_YEAR_S };

/* Two roots of one name. */
static const struct mint_cert ROOT_TWIN = { .ca = true, .subject = "CN=Root", .key = "rsa2048-5" },
                              CA_OF_TWIN = { .ca = true,
                                             .subject = "CN=Plant CA",
                                             .key = "rsa2048-3",
                                             .issuer = &ROOT_TWIN };
static const struct mint_crl TWIN_CRL = { .issuer = &ROOT_TWIN };

/* No key ids anywhere: names alone lead from one to the next. */
static const struct mint_cert BARE_ROOT = { .ca = true,
                                            .subject = "CN=Bare Root",
                                            .ski = MINT_NONE },
                              BARE_CA = { .ca = true,
                                          .subject = "CN=Bare CA",
                                          .key = "rsa2048-3",
                                          .issuer = &BARE_ROOT,
                                          .ski = MINT_NONE },
                              BARE_LEAF = { .issuer = &BARE_CA, .ski = MINT_NONE };
static const struct mint_crl BARE_ROOT_CRL = { .issuer = &BARE_ROOT },
                             BARE_CA_CRL = { .issuer = &BARE_CA };

/* The root changed its key: the new key certified by the old one, RFC 4210 4.4. */
static const struct mint_cert ROOT_NEW_KEY = { .ca = true,
                                               .subject = "CN=Root",
                                               .key = "rsa2048-4",
                                               .issuer = &ROOT },
                              CA_BY_NEW_KEY = { .ca = true,
                                                .subject = "CN=Plant CA",
                                                .key = "rsa2048-3",
                                                .issuer = &ROOT_NEW_KEY };
static const struct mint_crl NEW_KEY_CRL = { .issuer = &ROOT_NEW_KEY };

/* A chain of as many CAs as there may be, and one more. */
#define LINK(name, n, above)                                                                       \
        static const struct mint_cert name = {                                                     \
                .ca = true, .subject = "CN=CA " n, .key = "p256-" n, .issuer = above               \
        };                                                                                         \
        static const struct mint_crl name##_CRL = { .issuer = &name }
LINK(L9, "9", NULL);
LINK(L8, "8", &L9);
LINK(L7, "7", &L8);
LINK(L6, "6", &L7);
LINK(L5, "5", &L6);
LINK(L4, "4", &L5);
LINK(L3, "3", &L4);
LINK(L2, "2", &L3);
LINK(L1, "1", &L2);
LINK(L0, "0", &L1);
static const struct mint_cert DEPTH_10 = { .issuer = &L1, .key = "p256-leaf" },
                              DEPTH_11 = { .issuer = &L0, .key = "p256-leaf" };

static void append_garbage(struct mint_der *element)
{
        *element = mint_join(*element, mint_hex("de ad be ef"));
}

static void append_half_a_certificate(struct mint_der *element)
{
        *element = mint_join(*element, mint_hex("30 82 03 00 30 82 02 00 a0 03 02 01 02"));
}

static const struct row ROWS[] = {
        /* --- where a chain ends --- */
        {
                .id = "what is presented completes a chain to a stored root",
                .clause = "OPC 10000-4 6.1.3: stored locally or provided with the certificate",
                .trusted = { &ROOT },
                .crls = { &ROOT_CRL, &CA_CRL },
                .presented = { &LEAF, &CA },
                .chain = { &LEAF, &CA, &ROOT },
        },
        {
                .id = "what is presented in another order completes it, too",
                .clause = STEP2,
                .trusted = { &ROOT },
                .crls = { &ROOT_CRL, &CA_CRL },
                .presented = { &LEAF, &ROOT, &CA },
                .chain = { &LEAF, &CA, &ROOT },
        },
        {
                .id = "certificates one after another in one element are a chain",
                .clause = "OPC 10000-6 6.2.3: certificates are appended to the leaf",
                .trusted = { &EC_ROOT },
                .crls = { &EC_ROOT_CRL, &EC_CA_CRL },
                .presented = { &EC_LEAF, &EC_CA, &EC_ROOT },
                .is_joined = true,
                .chain = { &EC_LEAF, &EC_CA, &EC_ROOT },
        },
        {
                .id = "a missing issuing CA leaves the chain incomplete",
                .clause = STEP2,
                .trusted = { &ROOT },
                .crls = { &ROOT_CRL },
                .presented = { &LEAF },
                .findings = { FAIL(CHAIN_INCOMPLETE, CHAIN, 0) },
        },
        {
                .id = "a missing issuing EC CA leaves the chain incomplete",
                .clause = STEP2,
                .trusted = { &EC_ROOT },
                .presented = { &EC_LEAF },
                .findings = { FAIL(CHAIN_INCOMPLETE, CHAIN, 0) },
        },
        {
                .id = "a missing root leaves the chain of a trusted CA incomplete",
                .clause = ENDS_CHAIN,
                .trusted = { &EC_CA },
                .crls = { &EC_CA_CRL },
                .presented = { &EC_LEAF },
                .findings = { FAIL(CHAIN_INCOMPLETE, CHAIN, 1) },
        },
        {
                .id = "a root known only from the message completes nothing",
                .clause = "Reading: anyone can certify a missing CA's name and key",
                .trusted = { &CA },
                .crls = { &CA_CRL },
                .presented = { &LEAF, &CA, &ROOT },
                .findings = { FAIL(CHAIN_INCOMPLETE, CHAIN, 1) },
        },
        {
                .id = "a root known only from the message does not help a trusted leaf",
                .clause = ENDS_CHAIN,
                .trusted = { &LEAF },
                .presented = { &LEAF, &CA, &ROOT },
                .findings = { FAIL(CHAIN_INCOMPLETE, CHAIN, 1) },
        },
        {
                .id = "only in question is a self-signed certificate its own root",
                .clause = "Reading: only a self-signed certificate in question is its own root",
                .presented = { &LEAF, &CA, &ROOT },
                .findings = { FAIL(CHAIN_INCOMPLETE, CHAIN, 1) },
        },
        {
                .id = "no suppression completes a chain",
                .clause = "OPC 10000-4 Table 106: chain creation may not be suppressed",
                .settings = "Suppress=BadCertificateRevocationUnknown "
                            "BadCertificateIssuerRevocationUnknown BadCertificatePolicyCheckFailed",
                .trusted = { &CA },
                .presented = { &LEAF },
                .findings = { FAIL(CHAIN_INCOMPLETE, CHAIN, 1) },
        },

        /* --- candidates --- */
        {
                .id = "an expired certificate of the CA is passed over",
                .clause = PASSED_OVER,
                .trusted = { &ROOT },
                .issuers = { &CA_EXPIRED, &CA },
                .crls = { &ROOT_CRL, &CA_CRL },
                .presented = { &LEAF },
                .chain = { &LEAF, &CA, &ROOT },
        },
        {
                .id = "an expired certificate of the CA is passed over though it is the trusted "
                      "one",
                .clause = PASSED_OVER,
                .trusted = { &ROOT, &CA_EXPIRED },
                .issuers = { &CA },
                .crls = { &ROOT_CRL, &CA_CRL },
                .presented = { &LEAF },
                .chain = { &LEAF, &CA, &ROOT },
        },
        {
                .id = "a certificate of the CA that is not valid yet is passed over",
                .clause = PASSED_OVER,
                .trusted = { &ROOT },
                .issuers = { &CA_LATER, &CA },
                .crls = { &ROOT_CRL, &CA_CRL },
                .presented = { &LEAF },
                .chain = { &LEAF, &CA, &ROOT },
        },
        {
                .id = "a certificate of the CA's name and key that is no CA is passed over",
                .clause = PASSED_OVER,
                .trusted = { &ROOT },
                .issuers = { &CA_NO_CA, &CA },
                .crls = { &ROOT_CRL, &CA_CRL },
                .presented = { &LEAF },
                .chain = { &LEAF, &CA, &ROOT },
        },
        {
                .id = "a CA of the same name and another key is passed over",
                .clause = "Reading: never trust by name",
                .trusted = { &ROOT, &CA_OTHER_KEY },
                .issuers = { &CA },
                .crls = { &ROOT_CRL, &CA_CRL },
                .presented = { &LEAF },
                .chain = { &LEAF, &CA, &ROOT },
        },
        {
                .id = "a CA of the same name and another key does not complete the chain",
                .clause = "Reading: never trust by name",
                .trusted = { &ROOT, &CA_OTHER_KEY },
                .crls = { &ROOT_CRL },
                .presented = { &LEAF },
                .findings = { FAIL(CHAIN_INCOMPLETE, CHAIN, 0) },
        },
        {
                .id = "a trusted CA of the same name and another key gives no trust",
                .clause = "Reading: never trust by name, nor by name and key id",
                .trusted = { &CA_OTHER_KEY },
                .issuers = { &ROOT, &CA },
                .crls = { &ROOT_CRL, &CA_CRL },
                .presented = { &LEAF },
                .findings = { FAIL(UNTRUSTED, TRUST, 0) },
        },
        {
                .id = "of two certificates of the CA, the one that leads to a root is used",
                .clause = "Reading: backtracking within the budget",
                .trusted = { &ROOT },
                .issuers = { &CA_BY_EVIL, &CA },
                .crls = { &ROOT_CRL, &CA_CRL },
                .presented = { &LEAF },
                .chain = { &LEAF, &CA, &ROOT },
        },
        {
                .id = "trust is decided on the very chain that was verified",
                .clause = "Reading: backtracking within the budget",
                .trusted = { &CA_BY_EVIL },
                .issuers = { &CA, &ROOT },
                .crls = { &ROOT_CRL, &CA_CRL },
                .presented = { &LEAF },
                .findings = { FAIL(UNTRUSTED, TRUST, 0) },
                .chain = { &LEAF, &CA, &ROOT },
        },
        {
                .id = "of two roots of one name, the one whose key verifies is used",
                .clause = "Reading: CAs of one name do not mix",
                .trusted = { &ROOT_TWIN },
                .issuers = { &ROOT, &CA_OF_TWIN },
                .crls = { &ROOT_CRL, &TWIN_CRL, &CA_CRL },
                .presented = { &LEAF },
                .chain = { &LEAF, &CA_OF_TWIN, &ROOT_TWIN },
        },
        {
                .id = "of two complete chains, the good one decides",
                .clause = "Reading: the best of them decides",
                .trusted = { &ROOT },
                .issuers = { &ROOT_TWIN, &CA_OF_TWIN, &CA },
                .crls = { &ROOT_CRL, &TWIN_CRL, &CA_CRL },
                .presented = { &LEAF },
                .chain = { &LEAF, &CA, &ROOT },
        },
        {
                .id = "of two failing chains, the one whose first error comes latest decides",
                .clause = "Reading: else the one whose first error comes latest",
                .trusted = { &ROOT, &CA_EXPIRED },
                .issuers = { &ROOT_TWIN, &CA_OF_TWIN },
                .crls = { &CA_CRL, &ROOT_CRL, &TWIN_CRL },
                .presented = { &LEAF },
                .findings = { FAIL(ISSUER_TIME_INVALID, VALIDITY, 1) },
                .chain = { &LEAF, &CA_EXPIRED, &ROOT },
        },
        {
                .id = "a chain of the store that fails is not mended by what is presented",
                .clause = "Reading: chains that need presented ones count only where there is none",
                .trusted = { &ROOT },
                .issuers = { &CA_EXPIRED },
                .crls = { &ROOT_CRL, &CA_CRL },
                .presented = { &LEAF, &CA },
                .findings = { FAIL(ISSUER_TIME_INVALID, VALIDITY, 1) },
                .chain = { &LEAF, &CA_EXPIRED, &ROOT },
        },
        {
                .id = "a presented certificate of a CA helps where the store's leads nowhere",
                .clause = "Reading: chains that need presented ones count only where there is none",
                .trusted = { &ROOT },
                .issuers = { &CA_BY_EVIL },
                .crls = { &ROOT_CRL, &CA_CRL },
                .presented = { &LEAF, &CA },
                .chain = { &LEAF, &CA, &ROOT },
        },
        {
                .id = "without any key id names lead the way",
                .clause = "Reading: by key id, then by name",
                .trusted = { &BARE_ROOT },
                .issuers = { &BARE_CA },
                .crls = { &BARE_ROOT_CRL, &BARE_CA_CRL },
                .presented = { &BARE_LEAF },
                .chain = { &BARE_LEAF, &BARE_CA, &BARE_ROOT },
        },
        {
                .id = "a key id that does not fit is no obstacle",
                .clause = "RFC 5280 4.2.1.1: facilitates path construction",
                PLANT,
                .presented = { CERT(.issuer = &CA, .extra = "2.5.29.35=DER:3006800401020304",
                                    .aki = MINT_NONE) },
        },
        {
                .id = "a key id by issuer and serial number is no obstacle",
                .clause = "RFC 5280 4.2.1.1",
                PLANT,
                .presented = { CERT(.issuer = &CA, .aki = "issuer:always") },
        },

        /* --- self-signed, self-issued --- */
        {
                .id = "a CA self-issued under another key is an ordinary certificate",
                .clause = "Reading: self-signed is a name and a signature",
                .trusted = { &ROOT },
                .issuers = { &ROOT_NEW_KEY, &CA_BY_NEW_KEY },
                .crls = { &ROOT_CRL, &NEW_KEY_CRL, &CA_CRL },
                .presented = { &LEAF },
                .chain = { &LEAF, &CA_BY_NEW_KEY, &ROOT_NEW_KEY, &ROOT },
        },
        {
                .id = "a CA self-issued under another key is no root",
                .clause = "Reading: self-signed is a name and a signature",
                .trusted = { &ROOT_NEW_KEY },
                .issuers = { &CA_BY_NEW_KEY },
                .crls = { &NEW_KEY_CRL, &CA_CRL },
                .presented = { &LEAF },
                .findings = { FAIL(CHAIN_INCOMPLETE, CHAIN, 2) },
        },

        /* --- names --- */
        {
                .id = "names are equal whatever their string type",
                .clause = "RFC 5280 7.1",
                PLANT,
                .presented = { CERT(.issuer = CERT(.ca = true, .subject = "CN=Plant CA",
                                                   .key = "rsa2048-3", .printable = true)) },
        },
        {
                .id = "names are equal whatever the case and the blanks",
                .clause = "RFC 5280 7.1",
                PLANT,
                .presented = { CERT(.issuer = &CA, .issuer_name = "CN=  PLANT   ca ") },
        },
        {
                .id = "names of other attributes are others",
                .clause = "RFC 5280 7.1",
                PLANT,
                .presented = { CERT(.issuer = &CA, .issuer_name = "O=Plant CA", .aki = MINT_NONE) },
                .findings = { FAIL(CHAIN_INCOMPLETE, CHAIN, 0) },
        },
        {
                .id = "the right key under another name completes nothing",
                .clause = "RFC 5280 6.1.3 (a) (4)",
                PLANT,
                .presented = { CERT(.issuer = &CA, .issuer_name = "CN=Nobody") },
                .findings = { FAIL(CHAIN_INCOMPLETE, CHAIN, 0) },
        },
        {
                .id = "names with one attribute more are others",
                .clause = "RFC 5280 7.1",
                PLANT,
                .presented = { CERT(.issuer = &CA, .issuer_name = "CN=Plant CA,O=x",
                                    .aki = MINT_NONE) },
                .findings = { FAIL(CHAIN_INCOMPLETE, CHAIN, 0) },
        },

        /* --- the message --- */
        {
                .id = "bytes behind the certificates that start none are noted",
                .clause = "Reading: bytes after it that start no certificate are noted",
                PLANT,
                .presented = { &LEAF },
                .spoil = append_garbage,
                .findings = { NOTE(STRUCTURE, ROW_NOWHERE, "") },
                .chain = { &LEAF, &CA, &ROOT },
        },
        {
                .id = "half a certificate behind the first is noted",
                .clause = "Reading: later certificates that cannot be read are dropped and noted",
                PLANT,
                .presented = { &LEAF },
                .spoil = append_half_a_certificate,
                .findings = { NOTE(STRUCTURE, ROW_NOWHERE, "") },
        },
        {
                .id = "a certificate that comes twice is noted",
                .clause = "Reading: duplicates are dropped and noted",
                PLANT,
                .presented = { &LEAF, &CA, &CA },
                .findings = { NOTE(STRUCTURE, ROW_NOWHERE, "") },
                .chain = { &LEAF, &CA, &ROOT },
        },
        {
                .id = "a certificate that is foreign to the chain is noted",
                .clause = "Reading: foreign ones are dropped and noted",
                PLANT,
                .presented = { &LEAF, &EVIL_CA },
                .findings = { NOTE(CHAIN, ROW_NOWHERE, "Evil CA") },
                .chain = { &LEAF, &CA, &ROOT },
        },
        {
                .id = "the root in the message needs no note",
                .clause = STEP2,
                PLANT,
                .presented = { &LEAF, &CA, &ROOT },
                .chain = { &LEAF, &CA, &ROOT },
        },

        /* --- depth --- */
        {
                .id = "a chain of ten certificates is good",
                .clause = "Budget: chain depth 10",
                .trusted = { &L9 },
                .issuers = { &L8, &L7, &L6, &L5, &L4, &L3, &L2, &L1 },
                .crls = { &L9_CRL, &L8_CRL, &L7_CRL, &L6_CRL, &L5_CRL, &L4_CRL, &L3_CRL, &L2_CRL,
                          &L1_CRL },
                .presented = { &DEPTH_10 },
                .chain = { &DEPTH_10, &L1, &L2, &L3, &L4, &L5, &L6, &L7, &L8, &L9 },
        },
        {
                .id = "a chain of eleven certificates is too long",
                .clause = "Budget: chain depth 10",
                .trusted = { &L9 },
                .issuers = { &L8, &L7, &L6, &L5, &L4, &L3, &L2, &L1, &L0 },
                .crls = { &L9_CRL, &L8_CRL, &L7_CRL, &L6_CRL, &L5_CRL, &L4_CRL, &L3_CRL, &L2_CRL,
                          &L1_CRL, &L0_CRL },
                .presented = { &DEPTH_11 },
                .findings = { FAIL_SAYS(CHAIN_INCOMPLETE, CHAIN, 9, "10") },
        },
};

int main(void)
{
        return row_run("chain", ROWS, ARRAY_SIZE(ROWS));
}
