/* SPDX-License-Identifier: Apache-2.0 */
#include "conformance/cast.h"

const struct mint_cert ROOT = { .ca = true, .subject = "CN=Root", .key = "rsa2048-2" };
const struct mint_cert CA = {
        .ca = true, .subject = "CN=Plant CA", .key = "rsa2048-3", .issuer = &ROOT
};
const struct mint_cert LEAF = { .issuer = &CA };
const struct mint_crl ROOT_CRL = { .issuer = &ROOT };
const struct mint_crl CA_CRL = { .issuer = &CA };

const struct mint_cert EC_ROOT = { .ca = true, .subject = "CN=EC Root", .key = "p256-root" };
const struct mint_cert EC_CA = {
        .ca = true, .subject = "CN=EC CA", .key = "p256-ca", .issuer = &EC_ROOT
};
const struct mint_cert EC_LEAF = { .issuer = &EC_CA, .key = "p256-leaf" };
const struct mint_crl EC_ROOT_CRL = { .issuer = &EC_ROOT };
const struct mint_crl EC_CA_CRL = { .issuer = &EC_CA };

const struct mint_cert SELF = { .subject = "CN=Self-signed" };
const struct mint_cert EC_SELF = { .subject = "CN=Self-signed", .key = "p256-self" };

const struct mint_cert EVIL_ROOT = { .ca = true, .subject = "CN=Evil Root", .key = "rsa2048-7" };
const struct mint_cert EVIL_CA = {
        .ca = true, .subject = "CN=Evil CA", .key = "rsa2048-8", .issuer = &EVIL_ROOT
};
const struct mint_cert EVIL_LEAF = { .issuer = &EVIL_CA };
const struct mint_crl EVIL_ROOT_CRL = { .issuer = &EVIL_ROOT };
const struct mint_crl EVIL_CA_CRL = { .issuer = &EVIL_CA };
