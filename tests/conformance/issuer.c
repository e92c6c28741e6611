/* SPDX-License-Identifier: Apache-2.0 */
#include "conformance/cast.h"
#include "conformance/row.h"
#include "proto/compiler.h"

#define STEP9  "OPC 10000-4 6.1.3 step 9"
#define UNLESS "OPC 10000-4 Table 106: unless the certificate indicates that the usage is mandatory"
#define BOTH   "Reading: application or CA, never both"

#define SUPPRESS .settings = "Suppress=BadCertificateIssuerUseNotAllowed"

#define IS_WRONG .findings = { FAIL(ISSUER_USE_NOT_ALLOWED, USAGE, 1) }
#define IS_LET   .findings = { LET(ISSUER_USE_NOT_ALLOWED, USAGE, 1) }

/* An issuing CA below the root that is different in some way. */
#define CA_LIKE(...)                                                                               \
        CERT(.ca = true, .subject = "CN=Plant CA", .key = "rsa2048-3", .issuer = &ROOT, __VA_ARGS__)
#define EC_CA_LIKE(...)                                                                            \
        CERT(.ca = true, .subject = "CN=EC CA", .key = "p256-ca", .issuer = &EC_ROOT, __VA_ARGS__)

/* The plant with that CA in place of its own; the leaf is the same. */
#define BELOW(...)                                                                                 \
        .trusted = { CA_LIKE(__VA_ARGS__) }, .issuers = { &ROOT }, .crls = { &ROOT_CRL, &CA_CRL }, \
        .presented = { &LEAF }
#define EC_BELOW(...)                                                                              \
        .trusted = { EC_CA_LIKE(__VA_ARGS__) }, .issuers = { &EC_ROOT },                           \
        .crls = { &EC_ROOT_CRL, &EC_CA_CRL }, .presented = { &EC_LEAF }

/* A self-signed certificate that issued a leaf; the root of the plant by name and key. */
#define ROOT_LIKE(...) CERT(.subject = "CN=Root", .key = "rsa2048-2", __VA_ARGS__)
#define BELOW_ROOT(...)                                                                            \
        .trusted = { ROOT_LIKE(__VA_ARGS__) }, .crls = { &ROOT_CRL },                              \
        .presented = { CERT(.issuer = &ROOT) }

static const struct row ROWS[] = {
        /* --- what a CA needs --- */
        { .id = "a CA as it should be", .clause = STEP9, BELOW(.version = 3) },
        { .id = "an EC CA as it should be", .clause = STEP9, EC_BELOW(.version = 3) },
        {
                .id = "no CA, by basicConstraints",
                .clause = "RFC 5280 6.1.4 (k)",
                BELOW(.basic_constraints = "critical,CA:FALSE"),
                IS_WRONG,
        },
        {
                .id = "no CA, by basicConstraints, suppressed in vain",
                .clause = "Reading: from basicConstraints: never suppressed",
                BELOW(.basic_constraints = "CA:FALSE"),
                SUPPRESS,
                IS_WRONG,
        },
        {
                .id = "no CA for want of basicConstraints",
                .clause = "RFC 5280 4.2.1.9",
                BELOW(.basic_constraints = MINT_NONE),
                SUPPRESS,
                IS_WRONG,
        },
        {
                .id = "no EC CA for want of basicConstraints",
                .clause = "RFC 5280 4.2.1.9",
                EC_BELOW(.basic_constraints = MINT_NONE),
                SUPPRESS,
                IS_WRONG,
        },
        {
                .id = "a certificate of version 1 is no CA",
                .clause = "Reading: a version 1 certificate is no CA",
                BELOW(.version = 1),
                SUPPRESS,
                IS_WRONG,
        },
        {
                .id = "no keyUsage in a CA",
                .clause = "Reading: if it has keyUsage",
                BELOW(.key_usage = MINT_NONE),
        },
        {
                .id = "without keyCertSign",
                .clause = "RFC 5280 6.1.4 (n)",
                BELOW(.key_usage = "critical,cRLSign"),
                IS_WRONG,
        },
        {
                .id = "without keyCertSign, not critical, suppressed in vain",
                .clause = "Reading: an issuer without keyCertSign: never suppressed",
                BELOW(.key_usage = "cRLSign"),
                SUPPRESS,
                IS_WRONG,
        },
        {
                .id = "without keyCertSign, EC",
                .clause = "RFC 5280 6.1.4 (n)",
                EC_BELOW(.key_usage = "critical,digitalSignature,cRLSign"),
                SUPPRESS,
                IS_WRONG,
        },
        {
                .id = "without cRLSign",
                .clause = "Reading: keyCertSign and cRLSign",
                BELOW(.key_usage = "keyCertSign"),
                IS_WRONG,
        },
        {
                .id = "without cRLSign, suppressed",
                .clause = "Reading: cRLSign: suppressible",
                BELOW(.key_usage = "keyCertSign"),
                SUPPRESS,
                IS_LET,
        },
        {
                .id = "without cRLSign in a critical keyUsage, suppressed in vain",
                .clause = UNLESS,
                BELOW(.key_usage = "critical,keyCertSign"),
                SUPPRESS,
                IS_WRONG,
        },
        {
                .id = "without cRLSign, EC, suppressed",
                .clause = "Reading: cRLSign: suppressible",
                EC_BELOW(.key_usage = "keyCertSign"),
                SUPPRESS,
                .findings = { LET(ISSUER_USE_NOT_ALLOWED, USAGE, 1) },
        },
        {
                .id = "a CA for the role",
                .clause = "Reading: EKU, where present, contains the role or any",
                BELOW(.eku = "clientAuth"),
        },
        { .id = "a CA for any role", .clause = STEP9, BELOW(.eku = "anyExtendedKeyUsage") },
        { .id = "a CA for another role", .clause = STEP9, BELOW(.eku = "serverAuth"), IS_WRONG },
        { .id = "a CA for another role, suppressed",
          .clause = STEP9,
          BELOW(.eku = "serverAuth"),
          SUPPRESS,
          IS_LET },
        {
                .id = "a CA for another role, critical, suppressed in vain",
                .clause = UNLESS,
                BELOW(.eku = "critical,codeSigning"),
                SUPPRESS,
                IS_WRONG,
        },
        { .id = "a CA for servers, asked about a server",
          .clause = STEP9,
          BELOW(.eku = "serverAuth"),
          .purpose = PURPOSE_SERVER },
        { .id = "an EC CA for another role",
          .clause = STEP9,
          EC_BELOW(.eku = "codeSigning"),
          IS_WRONG },
        {
                .id = "the leaf's suppression does not hold for its CA",
                .clause = STEP9,
                BELOW(.eku = "serverAuth"),
                .settings = "Suppress=BadCertificateUseNotAllowed",
                IS_WRONG,
        },
        {
                .id = "an intermediate with a URI is a CA all the same",
                .clause = "Reading: a self-signed certificate with a URI issues nothing",
                BELOW(.san = "URI:urn:plant:ca"),
        },

        /* --- applications that issue --- */
        {
                .id = "a self-signed certificate with a URI issues nothing",
                .clause = BOTH,
                BELOW_ROOT(.ca = true, .san = "URI:urn:a"),
                SUPPRESS,
                IS_WRONG,
        },
        {
                .id = "a self-signed certificate with serverAuth issues nothing",
                .clause = BOTH,
                BELOW_ROOT(.ca = true, .eku = "serverAuth,clientAuth"),
                SUPPRESS,
                IS_WRONG,
        },
        {
                .id = "a self-signed certificate with clientAuth issues nothing",
                .clause = BOTH,
                BELOW_ROOT(.ca = true, .eku = "clientAuth"),
                SUPPRESS,
                IS_WRONG,
        },
        {
                .id = "a self-signed certificate without cRLSign issues nothing",
                .clause = BOTH,
                BELOW_ROOT(.ca = true, .key_usage = "critical,keyCertSign"),
                SUPPRESS,
                IS_WRONG,
        },
        {
                .id = "a self-signed certificate without cRLSign, not critical, issues nothing, "
                      "either",
                .clause = BOTH,
                BELOW_ROOT(.ca = true, .key_usage = "keyCertSign"),
                SUPPRESS,
                .findings = { FAIL(ISSUER_USE_NOT_ALLOWED, USAGE, 1),
                              LET(ISSUER_USE_NOT_ALLOWED, USAGE, 1) },
        },
        {
                .id = "a tolerated self-signed cA TRUE application issues nothing",
                .clause = BOTH,
                BELOW_ROOT(.basic_constraints = "critical,CA:TRUE"),
                SUPPRESS,
                IS_WRONG,
        },
        {
                .id = "an application among the issuers issues nothing, either",
                .clause = "Reading: in whichever list it lies",
                .trusted = { CERT(.issuer = &ROOT) },
                .issuers = { ROOT_LIKE(.ca = true, .san = "URI:urn:a") },
                .crls = { &ROOT_CRL },
                .presented = { CERT(.issuer = &ROOT) },
                SUPPRESS,
                IS_WRONG,
        },
        {
                .id = "a self-signed CA with other purposes and names is one",
                .clause = BOTH,
                BELOW_ROOT(.ca = true, .eku = "anyExtendedKeyUsage", .san = "DNS:ca.example"),
        },
        {
                .id = "none of it is asked of a self-signed certificate towards itself",
                .clause = "Reading: in question towards itself",
                .trusted = { &SELF },
                .presented = { &SELF },
        },
};

int main(void)
{
        return row_run("issuer", ROWS, ARRAY_SIZE(ROWS));
}
