/* SPDX-License-Identifier: Apache-2.0 */
#include "conformance/cast.h"
#include "conformance/row.h"
#include "proto/compiler.h"

#define STEP8 "OPC 10000-4 6.1.3 step 8"
#define WHOLE "Reading: equals the ApplicationUri as a whole byte string"
#define MANY  "Reading: any URI of subjectAltName; several are noted"

/* An application of the plant with some URIs, asked by some ApplicationUri. */
#define NAMED(names, asked)                                                                        \
        PLANT, .presented = { CERT(.issuer = &CA, .san = (names)) }, .uri = (asked)

#define IS_FOREIGN .findings = { FAIL_SAYS(URI_INVALID, URI, 0, "URI") }

static const struct row ROWS[] = {
        { .id = "the very URI", .clause = STEP8, NAMED("URI:urn:plc:app", "urn:plc:app") },
        {
                .id = "an EC application's very URI",
                .clause = STEP8,
                EC_PLANT,
                .presented = { &EC_LEAF },
                .uri = MINT_URI,
        },
        {
                .id = "another URI",
                .clause = STEP8,
                NAMED("URI:urn:plc:app", "urn:plc:other"),
                IS_FOREIGN,
        },
        {
                .id = "another URI of an EC application",
                .clause = STEP8,
                EC_PLANT,
                .presented = { &EC_LEAF },
                .uri = "urn:plc:other",
                IS_FOREIGN,
        },
        {
                .id = "another URI of a server",
                .clause = STEP8,
                PLANT,
                .presented = { &LEAF },
                .purpose = PURPOSE_SERVER,
                .host = MINT_HOST,
                .uri = "urn:plc:other",
                IS_FOREIGN,
        },
        {
                .id = "another URI of a self-signed application",
                .clause = STEP8,
                .trusted = { &SELF },
                .presented = { &SELF },
                .uri = "urn:plc:other",
                IS_FOREIGN,
        },
        {
                .id = "no URI in question",
                .clause = "Reading: notChecked",
                PLANT,
                .presented = { &LEAF },
                .policy = "None",
                .not_checked = "uri",
        },
        {
                .id = "another URI, with all suppressed that may be",
                .clause = "OPC 10000-4 Table 106: this error may not be suppressed",
                NAMED("URI:urn:plc:app", "urn:plc:other"),
                .settings = "Suppress=BadCertificateHostNameInvalid BadCertificateTimeInvalid "
                            "BadCertificateUseNotAllowed BadCertificatePolicyCheckFailed",
                IS_FOREIGN,
        },
        {
                .id = "no URI in the certificate, but others in subjectAltName",
                .clause = "Reading: none although one was asked for: UriInvalid",
                NAMED("DNS:plc", "urn:plc:app"),
                IS_FOREIGN,
        },
        {
                .id = "no subjectAltName",
                .clause = "Reading: none although one was asked for: UriInvalid",
                NAMED(MINT_NONE, "urn:plc:app"),
                IS_FOREIGN,
        },
        {
                .id = "no subjectAltName, and no URI in question",
                .clause = STEP8,
                PLANT,
                .presented = { CERT(.issuer = &CA, .san = MINT_NONE) },
        },
        {
                .id = "an empty ApplicationUri",
                .clause = WHOLE,
                NAMED("URI:urn:plc:app", ""),
                IS_FOREIGN,
        },
        {
                .id = "the URI in another case",
                .clause = WHOLE,
                NAMED("URI:urn:plc:app", "urn:plc:App"),
                IS_FOREIGN,
        },
        {
                .id = "the scheme in another case",
                .clause = WHOLE,
                NAMED("URI:urn:plc:app", "URN:plc:app"),
                IS_FOREIGN,
        },
        {
                .id = "a blank behind the URI",
                .clause = WHOLE,
                NAMED("URI:urn:plc:app", "urn:plc:app "),
                IS_FOREIGN,
        },
        {
                .id = "a slash behind the URI",
                .clause = WHOLE,
                NAMED("URI:http://plc/app", "http://plc/app/"),
                IS_FOREIGN,
        },
        {
                .id = "another spelling of the same octets",
                .clause = WHOLE,
                NAMED("URI:urn:plc:a%41", "urn:plc:aA"),
                IS_FOREIGN,
        },
        {
                .id = "a beginning of the URI",
                .clause = WHOLE,
                NAMED("URI:urn:plc:app", "urn:plc:ap"),
                IS_FOREIGN,
        },
        {
                .id = "the ApplicationUri is only a beginning of what is there",
                .clause = WHOLE,
                NAMED("URI:urn:plc:application", "urn:plc:app"),
                IS_FOREIGN,
        },
        {
                .id = "a NUL in the URI behind what was asked for",
                .clause = WHOLE,
                /* subjectAltName: URI "urn:a\0b" */
                PLANT,
                .presented = { CERT(.issuer = &CA, .san = MINT_NONE,
                                    .extra = "subjectAltName=DER:3009860775726e3a610062") },
                .uri = "urn:a",
                IS_FOREIGN,
        },
        {
                .id = "a URI with blanks is its octets",
                .clause = WHOLE,
                /* subjectAltName: URI "urn:a b" */
                PLANT,
                .presented = { CERT(.issuer = &CA, .san = MINT_NONE,
                                    .extra = "subjectAltName=DER:3009860775726e3a612062") },
                .uri = "urn:a b",
        },
        {
                .id = "the first of two URIs",
                .clause = MANY,
                NAMED("URI:urn:plc:app,URI:urn:plc:other", "urn:plc:app"),
                .findings = { NOTE(URI, 0, "2") },
        },
        {
                .id = "the second of two URIs",
                .clause = MANY,
                NAMED("URI:urn:plc:app,URI:urn:plc:other", "urn:plc:other"),
                .findings = { NOTE(URI, 0, "2") },
        },
        {
                .id = "neither of two URIs",
                .clause = MANY,
                NAMED("URI:urn:plc:app,URI:urn:plc:other", "urn:plc:third"),
                .findings = { FAIL(URI_INVALID, URI, 0), NOTE(URI, 0, "2") },
        },
        {
                .id = "two URIs in a store that wants one",
                .clause = "Reading: SingleUri=yes: UriInvalid",
                NAMED("URI:urn:plc:app,URI:urn:plc:other", "urn:plc:app"),
                .settings = "SingleUri=yes",
                IS_FOREIGN,
        },
        {
                .id = "one URI in a store that wants one",
                .clause = "Reading: SingleUri=yes: UriInvalid",
                NAMED("URI:urn:plc:app,DNS:a,DNS:b", "urn:plc:app"),
                .settings = "SingleUri=yes",
        },
        {
                .id = "a CA's URI is not asked for",
                .clause = "OPC 10000-4 Table 106: skipped for CA certificates",
                PLANT,
                .presented = { &LEAF, &CA },
                .uri = MINT_URI,
        },
};

int main(void)
{
        return row_run("uri", ROWS, ARRAY_SIZE(ROWS));
}
