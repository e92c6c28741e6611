/* SPDX-License-Identifier: Apache-2.0 */
#include "conformance/cast.h"
#include "conformance/row.h"
#include "proto/compiler.h"

#define ORDER    "OPC 10000-4 6.1.3: in the order that they shall be followed"
#define COLLECT  "Reading: from step 4 on all findings are collected; the first decides"
#define SUPPRESS "Reading: the first that is neither suppressed nor a note is the verdict"
#define UNTIL    "Reading: an answer holds until a bound that was looked at"

#define NOW MINT_NOW_S
#define DAY MINT_DAY_S

/* A server with which everything from step 4 on is wrong, and nobody trusts it. */
static const struct mint_cert WRONG = { .issuer = &CA,
                                        .key = "rsa1024-1",
                                        .not_after_s = NOW - 1,
                                        .key_usage = "digitalSignature,nonRepudiation",
                                        .eku = "serverAuth" };

#define ASKED .purpose = PURPOSE_SERVER, .host = "another.example", .uri = "urn:another"
#define STORE .issuers = { &CA, &ROOT }

#define POLICY_SUPPRESSED "Suppress=BadCertificatePolicyCheckFailed"
#define ALL_SUPPRESSED                                                                             \
        "Suppress=BadCertificatePolicyCheckFailed BadCertificateTimeInvalid "                      \
        "BadCertificateHostNameInvalid BadCertificateUseNotAllowed "                               \
        "BadCertificateRevocationUnknown BadCertificateIssuerRevocationUnknown"

/* An expired leaf and a current CRL; what is looked at when. */
static const struct mint_cert SHORT_LIVED = { .issuer = &CA, .not_after_s = NOW + 2 * DAY },
                              NOT_YET = { .issuer = &CA, .not_before_s = NOW + DAY };
static const struct mint_crl SHORT_CRL = { .issuer = &CA, .next_update_s = NOW + DAY };

static const struct row ROWS[] = {
        { .id = "everything from step 4 on is wrong, and each is told",
          .clause = ORDER,
          STORE,
          ASKED,
          .presented = { &WRONG },
          .findings = { FAIL(POLICY_CHECK_FAILED, POLICY, 0), FAIL(UNTRUSTED, TRUST, 0),
                        FAIL(TIME_INVALID, VALIDITY, 0), FAIL(HOST_NAME_INVALID, HOST_NAME, 0),
                        FAIL(URI_INVALID, URI, 0), FAIL(USE_NOT_ALLOWED, USAGE, 0),
                        FAIL(REVOCATION_UNKNOWN, FIND_REVOCATION_LIST, 0),
                        FAIL(ISSUER_REVOCATION_UNKNOWN, FIND_REVOCATION_LIST, 1) } },
        { .id = "step 4 suppressed, so that step 5 decides",
          .clause = SUPPRESS,
          STORE,
          ASKED,
          .presented = { &WRONG },
          .settings = POLICY_SUPPRESSED,
          .findings = { LET(POLICY_CHECK_FAILED, POLICY, 0), FAIL(UNTRUSTED, TRUST, 0),
                        FAIL(TIME_INVALID, VALIDITY, 0), FAIL(HOST_NAME_INVALID, HOST_NAME, 0),
                        FAIL(URI_INVALID, URI, 0), FAIL(USE_NOT_ALLOWED, USAGE, 0),
                        FAIL(REVOCATION_UNKNOWN, FIND_REVOCATION_LIST, 0),
                        FAIL(ISSUER_REVOCATION_UNKNOWN, FIND_REVOCATION_LIST, 1) } },
        { .id = "trusted, and all suppressed that may be: step 8 is left",
          .clause = SUPPRESS,
          .trusted = { &WRONG },
          STORE,
          ASKED,
          .presented = { &WRONG },
          .settings = ALL_SUPPRESSED,
          .findings = { LET(POLICY_CHECK_FAILED, POLICY, 0), LET(TIME_INVALID, VALIDITY, 0),
                        LET(HOST_NAME_INVALID, HOST_NAME, 0), FAIL(URI_INVALID, URI, 0),
                        LET(USE_NOT_ALLOWED, USAGE, 0),
                        LET(REVOCATION_UNKNOWN, FIND_REVOCATION_LIST, 0),
                        LET(ISSUER_REVOCATION_UNKNOWN, FIND_REVOCATION_LIST, 1) } },
        { .id = "trusted, all suppressed, and the right URI: Good, and each is still told",
          .clause = "OPC 10000-4 6.1.3: suppressed errors are always reported",
          .trusted = { &WRONG },
          STORE,
          .presented = { &WRONG },
          .purpose = PURPOSE_SERVER,
          .host = "another.example",
          .uri = MINT_URI,
          .settings = ALL_SUPPRESSED,
          .findings = { LET(POLICY_CHECK_FAILED, POLICY, 0), LET(TIME_INVALID, VALIDITY, 0),
                        LET(HOST_NAME_INVALID, HOST_NAME, 0), LET(USE_NOT_ALLOWED, USAGE, 0),
                        LET(REVOCATION_UNKNOWN, FIND_REVOCATION_LIST, 0),
                        LET(ISSUER_REVOCATION_UNKNOWN, FIND_REVOCATION_LIST, 1) } },
        { .id = "all suppressed does not unrevoke",
          .clause = "OPC 10000-4 Table 106: step 11",
          .trusted = { &WRONG },
          STORE,
          .crls = { &ROOT_CRL, CRL_LISTING(&WRONG, .issuer = &CA) },
          .presented = { &WRONG },
          .purpose = PURPOSE_SERVER,
          .host = "another.example",
          .uri = MINT_URI,
          .settings = ALL_SUPPRESSED,
          .findings = { LET(POLICY_CHECK_FAILED, POLICY, 0), LET(TIME_INVALID, VALIDITY, 0),
                        LET(HOST_NAME_INVALID, HOST_NAME, 0), LET(USE_NOT_ALLOWED, USAGE, 0),
                        FAIL(REVOKED, REVOCATION, 0) } },
        { .id = "suppressed by the store and by the request together",
          .clause = SUPPRESS,
          .trusted = { &WRONG },
          STORE,
          .presented = { &WRONG },
          .settings = POLICY_SUPPRESSED,
          .suppress = "BadCertificateTimeInvalid BadCertificateHostNameInvalid",
          .findings = { LET(POLICY_CHECK_FAILED, POLICY, 0), LET(TIME_INVALID, VALIDITY, 0),
                        FAIL(USE_NOT_ALLOWED, USAGE, 0),
                        FAIL(REVOCATION_UNKNOWN, FIND_REVOCATION_LIST, 0),
                        FAIL(ISSUER_REVOCATION_UNKNOWN, FIND_REVOCATION_LIST, 1) } },
        { .id = "the client of a server is not told before step 5",
          .clause = "Reading: nothing but BadSecurityChecksFailed goes to a client before step 5",
          STORE,
          .crls = { &ROOT_CRL, &CA_CRL },
          .presented = { CERT(.issuer = &CA, .not_after_s = NOW - 1) },
          .findings = { FAIL(UNTRUSTED, TRUST, 0), FAIL(TIME_INVALID, VALIDITY, 0) },
          .wire = STATUS_SECURITY_CHECKS_FAILED },
        { .id = "the client of a server is told what Table 106 lets it know",
          .clause = "OPC 10000-4 Table 106: step 6",
          PLANT,
          .presented = { CERT(.issuer = &CA, .not_after_s = NOW - 1) },
          .findings = { FAIL(TIME_INVALID, VALIDITY, 0) },
          .wire = STATUS_CERTIFICATE_TIME_INVALID },

        /* --- until when --- */
        { .id = "until the CRL ends",
          .clause = UNTIL,
          .trusted = { &CA },
          .issuers = { &ROOT },
          .crls = { &ROOT_CRL, &SHORT_CRL },
          .presented = { &SHORT_LIVED },
          .until_s = NOW + DAY + 1 },
        { .id = "until the leaf ends",
          .clause = UNTIL,
          PLANT,
          .presented = { &SHORT_LIVED },
          .until_s = NOW + 2 * DAY + 1 },
        { .id = "until the leaf begins",
          .clause = UNTIL,
          PLANT,
          .presented = { &NOT_YET },
          .findings = { FAIL(TIME_INVALID, VALIDITY, 0) },
          .until_s = NOW + DAY },
        { .id = "without an end where time changes nothing",
          .clause = UNTIL,
          .presented = { CERT(.issuer = &CA, .signer = "rsa2048-4") },
          .findings = { FAIL(CHAIN_INCOMPLETE, CHAIN, 0) },
          .until_s = ROW_FOREVER },
};

int main(void)
{
        return row_run("order", ROWS, ARRAY_SIZE(ROWS));
}
