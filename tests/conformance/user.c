/* SPDX-License-Identifier: Apache-2.0 */
#include "conformance/cast.h"
#include "conformance/row.h"
#include "proto/compiler.h"

#define USER "Reading: purpose user; OPC 10000-4 5.6.3"
#define WIRE "Reading: BadIdentityTokenInvalid for steps 1 to 4, else BadIdentityTokenRejected"

/* A user of the plant who is different in some way. */
#define LIKE(...)                                                                                  \
        PLANT,                                                                                     \
                .presented = { CERT(.issuer = &CA, .subject = "CN=Ann", .san = MINT_NONE,          \
                                    __VA_ARGS__) },                                                \
                .purpose = PURPOSE_USER

#define TOKEN_INVALID  .wire = STATUS_IDENTITY_TOKEN_INVALID
#define TOKEN_REJECTED .wire = STATUS_IDENTITY_TOKEN_REJECTED

static const struct mint_cert SELF_USER = { .subject = "CN=Ann",
                                            .san = MINT_NONE,
                                            .eku = MINT_NONE },
                              SELF_CA_USER = { .subject = "CN=Ann",
                                               .san = MINT_NONE,
                                               .eku = MINT_NONE,
                                               .basic_constraints = "critical,CA:TRUE" };

static const struct row ROWS[] = {
        { .id = "a user of a trusted CA",
          .clause = USER,
          LIKE(.version = 3),
          .not_checked = "policy" },
        { .id = "a self-signed user",
          .clause = USER,
          .trusted = { &SELF_USER },
          .presented = { &SELF_USER },
          .purpose = PURPOSE_USER },
        { .id = "an EC user",
          .clause = USER,
          EC_PLANT,
          .presented = { CERT(.issuer = &EC_CA, .key = "p256-ann", .san = MINT_NONE) },
          .purpose = PURPOSE_USER },

        { .id = "no keyUsage", .clause = USER, LIKE(.key_usage = MINT_NONE) },
        { .id = "digitalSignature alone",
          .clause = USER,
          LIKE(.key_usage = "critical,digitalSignature") },
        { .id = "no digitalSignature",
          .clause = USER,
          LIKE(.key_usage = "critical,keyEncipherment"),
          .findings = { FAIL(USE_NOT_ALLOWED, USAGE, 0) },
          TOKEN_REJECTED },
        { .id = "no digitalSignature, not critical, suppressed",
          .clause = USER,
          LIKE(.key_usage = "keyEncipherment"),
          .settings = "Suppress=BadCertificateUseNotAllowed",
          .findings = { LET(USE_NOT_ALLOWED, USAGE, 0) } },
        { .id = "no extendedKeyUsage", .clause = USER, LIKE(.eku = MINT_NONE) },
        { .id = "clientAuth", .clause = USER, LIKE(.eku = "clientAuth") },
        { .id = "any usage", .clause = USER, LIKE(.eku = "anyExtendedKeyUsage") },
        { .id = "serverAuth alone",
          .clause = USER,
          LIKE(.eku = "serverAuth"),
          .findings = { FAIL(USE_NOT_ALLOWED, USAGE, 0) },
          TOKEN_REJECTED },
        { .id = "clientAuth and emailProtection",
          .clause = "Reading: emailProtection: noted",
          LIKE(.eku = "clientAuth,emailProtection"),
          .findings = { NOTE(USAGE, 0, "emailProtection") } },
        { .id = "clientAuth and smartcardLogon",
          .clause = "Reading: smartcardLogon: noted",
          LIKE(.eku = "clientAuth,msSmartcardLogin"),
          .findings = { NOTE(USAGE, 0, "smartcardLogon") } },
        { .id = "a real CA",
          .clause = "Reading: cA as for applications",
          LIKE(.basic_constraints = "critical,CA:TRUE",
               .key_usage = "critical,digitalSignature,keyCertSign,cRLSign"),
          .findings = { FAIL(USE_NOT_ALLOWED, USAGE, 0) },
          TOKEN_REJECTED },
        { .id = "a self-signed cA TRUE user without cRLSign",
          .clause = "Reading: cA as for applications",
          .trusted = { &SELF_CA_USER },
          .presented = { &SELF_CA_USER },
          .purpose = PURPOSE_USER,
          .findings = { NOTE(USAGE, 0, "cA") } },
        { .id = "a CA for servers alone",
          .clause = "Reading: EKU of an issuer contains the role",
          .trusted = { CERT(.ca = true, .subject = "CN=Plant CA", .key = "rsa2048-3",
                            .issuer = &ROOT, .eku = "serverAuth") },
          .issuers = { &ROOT },
          .crls = { &ROOT_CRL, &CA_CRL },
          .presented = { &LEAF },
          .purpose = PURPOSE_USER,
          .findings = { FAIL(ISSUER_USE_NOT_ALLOWED, USAGE, 1) },
          TOKEN_REJECTED },

        /* --- what goes over the wire --- */
        { .id = "no chain",
          .clause = WIRE,
          .trusted = { &ROOT },
          .presented = { &LEAF },
          .purpose = PURPOSE_USER,
          .findings = { FAIL(CHAIN_INCOMPLETE, CHAIN, 0) },
          TOKEN_INVALID },
        { .id = "a wrong signature",
          .clause = WIRE,
          LIKE(.signer = "rsa2048-4"),
          .findings = { FAIL(INVALID, SIGNATURE, 0) },
          TOKEN_INVALID },
        { .id = "RSA 1024",
          .clause = WIRE,
          LIKE(.key = "rsa1024-1"),
          .findings = { FAIL(POLICY_CHECK_FAILED, POLICY, 0) },
          TOKEN_INVALID },
        { .id = "untrusted",
          .clause = WIRE,
          .issuers = { &SELF_USER },
          .presented = { &SELF_USER },
          .purpose = PURPOSE_USER,
          .findings = { FAIL(UNTRUSTED, TRUST, 0) },
          TOKEN_REJECTED },
        { .id = "expired",
          .clause = WIRE,
          LIKE(.not_after_s = MINT_NOW_S - 1),
          .findings = { FAIL(TIME_INVALID, VALIDITY, 0) },
          TOKEN_REJECTED },
        { .id = "expired, suppressed",
          .clause = WIRE,
          LIKE(.not_after_s = MINT_NOW_S - 1),
          .suppress = "BadCertificateTimeInvalid",
          .findings = { LET(TIME_INVALID, VALIDITY, 0) } },
        { .id = "no CRL",
          .clause = WIRE,
          .trusted = { &CA },
          .issuers = { &ROOT },
          .crls = { &ROOT_CRL },
          .presented = { &LEAF },
          .purpose = PURPOSE_USER,
          .findings = { FAIL(REVOCATION_UNKNOWN, FIND_REVOCATION_LIST, 0) },
          TOKEN_REJECTED },
        { .id = "revoked",
          .clause = WIRE,
          .trusted = { &CA },
          .issuers = { &ROOT },
          .crls = { &ROOT_CRL, CRL_LISTING(&LEAF, .issuer = &CA) },
          .presented = { &LEAF },
          .purpose = PURPOSE_USER,
          .findings = { FAIL(REVOKED, REVOCATION, 0) },
          TOKEN_REJECTED },
};

int main(void)
{
        return row_run("user", ROWS, ARRAY_SIZE(ROWS));
}
