/* SPDX-License-Identifier: Apache-2.0 */
#include "conformance/cast.h"
#include "conformance/row.h"
#include "proto/compiler.h"

#define STEP5 "OPC 10000-4 6.1.3 step 5"

static const struct row ROWS[] = {
        {
                .id = "a leaf below a trusted CA is good",
                .clause = STEP5,
                PLANT,
                .presented = { &LEAF },
                .chain = { &LEAF, &CA, &ROOT },
        },
        {
                .id = "an EC leaf below a trusted EC CA is good",
                .clause = STEP5,
                EC_PLANT,
                .presented = { &EC_LEAF },
                .chain = { &EC_LEAF, &EC_CA, &EC_ROOT },
        },
        {
                .id = "a leaf below a trusted root is good",
                .clause = STEP5,
                .trusted = { &ROOT },
                .issuers = { &CA },
                .crls = { &ROOT_CRL, &CA_CRL },
                .presented = { &LEAF },
        },
        {
                .id = "a trusted leaf whose CAs are issuers is good",
                .clause = STEP5,
                .trusted = { &LEAF },
                .issuers = { &CA, &ROOT },
                .crls = { &ROOT_CRL, &CA_CRL },
                .presented = { &LEAF },
        },
        {
                .id = "a trusted leaf still needs its chain",
                .clause = "OPC 10000-4 6.1.3: trusted if in the list and the chain is valid",
                .trusted = { &LEAF },
                .presented = { &LEAF },
                .findings = { FAIL(CHAIN_INCOMPLETE, CHAIN, 0) },
        },
        {
                .id = "a trusted intermediate never ends the chain",
                .clause = "OPC 10000-4 6.1.3: back to a CA with a self-signed certificate",
                .trusted = { &CA },
                .crls = { &CA_CRL },
                .presented = { &LEAF },
                .findings = { FAIL(CHAIN_INCOMPLETE, CHAIN, 1) },
        },
        {
                .id = "a chain of issuers alone is untrusted",
                .clause = STEP5,
                .issuers = { &CA, &ROOT },
                .crls = { &ROOT_CRL, &CA_CRL },
                .presented = { &LEAF },
                .findings = { FAIL(UNTRUSTED, TRUST, 0) },
        },
        {
                .id = "an EC chain of issuers alone is untrusted",
                .clause = STEP5,
                .issuers = { &EC_CA, &EC_ROOT },
                .crls = { &EC_ROOT_CRL, &EC_CA_CRL },
                .presented = { &EC_LEAF },
                .findings = { FAIL(UNTRUSTED, TRUST, 0) },
        },
        {
                .id = "a trusted self-signed application is good",
                .clause = STEP5,
                .trusted = { &SELF },
                .presented = { &SELF },
                .chain = { &SELF },
        },
        {
                .id = "a trusted self-signed EC application is good",
                .clause = STEP5,
                .trusted = { &EC_SELF },
                .presented = { &EC_SELF },
        },
        {
                .id = "an unknown self-signed application is untrusted",
                .clause = STEP5,
                .trusted = { &CA },
                .presented = { &SELF },
                .findings = { FAIL(UNTRUSTED, TRUST, 0) },
        },
        {
                .id = "a self-signed application among the issuers is untrusted",
                .clause = STEP5,
                .issuers = { &SELF },
                .presented = { &SELF },
                .findings = { FAIL(UNTRUSTED, TRUST, 0) },
        },
        {
                .id = "an empty store trusts nobody",
                .clause = STEP5,
                .presented = { &SELF },
                .findings = { FAIL(UNTRUSTED, TRUST, 0) },
        },
        {
                .id = "no suppression makes an untrusted certificate good",
                .clause = "OPC 10000-4 Table 106: step 5 has no suppression",
                .settings = "Suppress=BadCertificateTimeInvalid "
                            "BadCertificateUseNotAllowed BadCertificateRevocationUnknown",
                .presented = { &SELF },
                .findings = { FAIL(UNTRUSTED, TRUST, 0) },
        },
        {
                .id = "a blocked leaf of a trusted CA is untrusted",
                .clause = "Reading: blocked",
                PLANT,
                .blocked = { &LEAF },
                .presented = { &LEAF },
                .findings = { FAIL_SAYS(UNTRUSTED, TRUST, 0, "blocked") },
        },
        {
                .id = "a leaf blocked by issuer and serial number is untrusted",
                .clause = "Reading: blocked",
                PLANT,
                .blocked_serials = { &LEAF },
                .presented = { &LEAF },
                .findings = { FAIL_SAYS(UNTRUSTED, TRUST, 0, "blocked") },
        },
        {
                .id = "a block by issuer and serial number stops nobody else",
                .clause = "Reading: blocked",
                PLANT,
                .blocked_serials = { &SELF, &EC_LEAF },
                .presented = { &LEAF },
        },
        {
                .id = "a block wins over the trusted list",
                .clause = "Reading: blocks win over every source",
                .trusted = { &SELF },
                .blocked = { &SELF },
                .presented = { &SELF },
                .findings = { FAIL_SAYS(UNTRUSTED, TRUST, 0, "blocked") },
        },
        {
                .id = "a block of another certificate stops nobody else",
                .clause = "Reading: blocked",
                PLANT,
                .blocked = { &SELF, &EC_LEAF },
                .presented = { &LEAF },
        },
        {
                .id = "a leaf below a blocked CA is untrusted",
                .clause = "Reading: blocked, any of the chain",
                PLANT,
                .blocked = { &CA },
                .presented = { &LEAF },
                .findings = { FAIL_SAYS(UNTRUSTED, TRUST, 1, "blocked") },
        },
};

int main(void)
{
        return row_run("trust", ROWS, ARRAY_SIZE(ROWS));
}
