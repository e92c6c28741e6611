/* SPDX-License-Identifier: Apache-2.0 */
#include "conformance/cast.h"
#include "conformance/row.h"
#include "proto/compiler.h"

#define STEP3  "OPC 10000-4 6.1.3 step 3"
#define NO_KEY "Reading: no candidate verifies: ChainIncomplete, unless it had the matching key id"

/* The last byte of a certificate is the last of its signature. */
static void break_signature(struct mint_der *element)
{
        element->data[element->n - 1] ^= 0x01;
}

/* An octet of the host name, which is signed. */
static void break_content(struct mint_der *element)
{
        mint_replace(element, "65 78 61 6d 70 6c 65", "65 78 61 6d 70 6c 66");
}

static const struct mint_cert
        /* CAs that CA's key did not sign, though they say so */
        FORGED_CA = { .ca = true,
                      .subject = "CN=Plant CA",
                      .key = "rsa2048-3",
                      .issuer = &ROOT,
                      .signer = "rsa2048-4" },
        FORGED_EC_CA = { .ca = true,
                         .subject = "CN=EC CA",
                         .key = "p256-ca",
                         .issuer = &EC_ROOT,
                         .signer = "p256-other" },
        FORGED_ROOT = { .ca = true, .subject = "CN=Root", .signer = "rsa2048-4" },
        /* self-signed by name, and by nobody */
        FORGED_SELF = { .subject = "CN=Self-signed", .signer = "rsa2048-4" },
        FORGED_EC_SELF = { .subject = "CN=Self-signed",
                           .key = "p256-self",
                           .signer = "p256-other" },
        BARE_FORGED_SELF = { .subject = "CN=Self-signed", .signer = "rsa2048-4", .ski = MINT_NONE };

static const struct row ROWS[] = {
        {
                .id = "a good RSA signature at each place",
                .clause = STEP3,
                PLANT,
                .presented = { &LEAF },
        },
        {
                .id = "a good ECDSA signature at each place",
                .clause = STEP3,
                EC_PLANT,
                .presented = { &EC_LEAF },
        },
        {
                .id = "an EC leaf below an RSA CA",
                .clause = STEP3,
                PLANT,
                .presented = { CERT(.issuer = &CA, .key = "p256-leaf") },
        },
        {
                .id = "an RSA leaf below an EC CA",
                .clause = STEP3,
                EC_PLANT,
                .presented = { CERT(.issuer = &EC_CA) },
        },
        {
                .id = "a PSS signature where the policy leaves it open",
                .clause = STEP3,
                PLANT,
                .presented = { CERT(.issuer = &CA, .pss = true) },
        },
        {
                .id = "Ed25519 throughout",
                .clause = STEP3,
                .trusted = { CERT(.ca = true, .key = "ed25519-root") },
                .crls = { CRL(.issuer = CERT(.ca = true, .key = "ed25519-root")) },
                .presented = { CERT(.issuer = CERT(.ca = true, .key = "ed25519-root"),
                                    .key = "ed25519-leaf") },
        },
        {
                .id = "Ed448 throughout",
                .clause = STEP3,
                .trusted = { CERT(.ca = true, .key = "ed448-root") },
                .crls = { CRL(.issuer = CERT(.ca = true, .key = "ed448-root")) },
                .presented = { CERT(.issuer = CERT(.ca = true, .key = "ed448-root"),
                                    .key = "ed448-leaf") },
        },

        {
                .id = "a leaf whose signature was changed is invalid",
                .clause = STEP3,
                PLANT,
                .presented = { &LEAF },
                .spoil = break_signature,
                .findings = { FAIL(INVALID, SIGNATURE, 0) },
        },
        {
                .id = "a leaf whose content was changed is invalid",
                .clause = STEP3,
                PLANT,
                .presented = { &LEAF },
                .spoil = break_content,
                .findings = { FAIL(INVALID, SIGNATURE, 0) },
        },
        {
                .id = "an EC leaf whose signature was changed is invalid",
                .clause = STEP3,
                EC_PLANT,
                .presented = { &EC_LEAF },
                .spoil = break_signature,
                .findings = { FAIL(INVALID, SIGNATURE, 0) },
        },
        {
                .id = "an EC leaf whose content was changed is invalid",
                .clause = STEP3,
                EC_PLANT,
                .presented = { &EC_LEAF },
                .spoil = break_content,
                .findings = { FAIL(INVALID, SIGNATURE, 0) },
        },
        {
                .id = "a leaf that another key signed for the CA is invalid",
                .clause = STEP3,
                PLANT,
                .presented = { CERT(.issuer = &CA, .signer = "rsa2048-4") },
                .findings = { FAIL(INVALID, SIGNATURE, 0) },
        },
        {
                .id = "a leaf that a key of another kind signed for the CA is invalid",
                .clause = STEP3,
                PLANT,
                .presented = { CERT(.issuer = &CA, .signer = "p256-other") },
                .findings = { FAIL(INVALID, SIGNATURE, 0) },
        },
        {
                .id = "a trusted leaf that another key signed for its CA is invalid",
                .clause = STEP3,
                .trusted = { CERT(.issuer = &CA, .signer = "rsa2048-4") },
                .issuers = { &CA, &ROOT },
                .crls = { &ROOT_CRL, &CA_CRL },
                .presented = { CERT(.issuer = &CA, .signer = "rsa2048-4") },
                .findings = { FAIL(INVALID, SIGNATURE, 0) },
        },
        {
                .id = "without a key id another key is no candidate at all",
                .clause = NO_KEY,
                PLANT,
                .presented = { CERT(.issuer = &CA, .signer = "rsa2048-4", .aki = MINT_NONE) },
                .findings = { FAIL(CHAIN_INCOMPLETE, CHAIN, 0) },
        },
        {
                .id = "a leaf with the key id of a CA of another name is invalid",
                .clause = "Reading: Invalid where one had the matching key id",
                PLANT,
                .presented = { CERT(.issuer = &CA, .issuer_name = "CN=Nobody",
                                    .signer = "rsa2048-4") },
                .findings = { FAIL(INVALID, SIGNATURE, 0) },
        },
        {
                .id = "an issuing CA that the root did not sign is invalid",
                .clause = STEP3,
                .trusted = { &ROOT },
                .issuers = { &FORGED_CA },
                .crls = { &ROOT_CRL, &CA_CRL },
                .presented = { &LEAF },
                .findings = { FAIL(INVALID, SIGNATURE, 1) },
        },
        {
                .id = "a trusted issuing CA that the root did not sign is invalid",
                .clause = STEP3,
                .trusted = { &FORGED_CA, &ROOT },
                .crls = { &ROOT_CRL, &CA_CRL },
                .presented = { &LEAF },
                .findings = { FAIL(INVALID, SIGNATURE, 1) },
        },
        {
                .id = "an issuing EC CA that the root did not sign is invalid",
                .clause = STEP3,
                .trusted = { &EC_ROOT },
                .issuers = { &FORGED_EC_CA },
                .crls = { &EC_ROOT_CRL, &EC_CA_CRL },
                .presented = { &EC_LEAF },
                .findings = { FAIL(INVALID, SIGNATURE, 1) },
        },
        {
                .id = "a root that its own key did not sign is invalid",
                .clause = "Reading: Invalid where the name was its own",
                .trusted = { &FORGED_ROOT },
                .issuers = { &CA },
                .crls = { &ROOT_CRL, &CA_CRL },
                .presented = { &LEAF },
                .findings = { FAIL(INVALID, SIGNATURE, 2) },
        },
        {
                .id = "a trusted self-signed application that its own key did not sign is invalid",
                .clause = "OPC 10000-4 Table 106: a self-signed certificate is its own issuer",
                .trusted = { &FORGED_SELF },
                .presented = { &FORGED_SELF },
                .findings = { FAIL(INVALID, SIGNATURE, 0) },
        },
        {
                .id = "a trusted self-signed EC application that its own key did not sign is "
                      "invalid",
                .clause = "OPC 10000-4 Table 106: a self-signed certificate is its own issuer",
                .trusted = { &FORGED_EC_SELF },
                .presented = { &FORGED_EC_SELF },
                .findings = { FAIL(INVALID, SIGNATURE, 0) },
        },
        {
                .id = "the same without key ids",
                .clause = "Reading: Invalid where the name was its own",
                .trusted = { &BARE_FORGED_SELF },
                .presented = { &BARE_FORGED_SELF },
                .findings = { FAIL(INVALID, SIGNATURE, 0) },
        },
        {
                .id = "no suppression lets a wrong signature pass",
                .clause = "OPC 10000-4 Table 106: shall always be rejected",
                PLANT,
                .settings = "Suppress=BadCertificatePolicyCheckFailed "
                            "BadCertificateUseNotAllowed BadCertificateTimeInvalid",
                .presented = { &LEAF },
                .spoil = break_signature,
                .findings = { FAIL(INVALID, SIGNATURE, 0) },
        },
        {
                .id = "a wrong signature is all that is told, whatever else is wrong",
                .clause = "Reading: steps 1 to 3 stop at once",
                PLANT,
                .presented = { CERT(.issuer = &CA, .signer = "rsa2048-4",
                                    .not_after_s = MINT_NOW_S - 1, .hash = "MD5") },
                .uri = "urn:another",
                .findings = { FAIL(INVALID, SIGNATURE, 0) },
        },
};

int main(void)
{
        return row_run("signature", ROWS, ARRAY_SIZE(ROWS));
}
