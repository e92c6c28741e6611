/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Cast - who plays in most rows: a plant with a root, an issuing CA and its applications, once of RSA and once of
 * elliptic curves, and what a stranger can make. A row that needs somebody else writes him down where he is used:
 * &(const struct mint_cert){ .issuer = &CA, .not_after_s = MINT_NOW_S }.
 */

#include "harness/mint.h"

/* CN=Root > CN=Plant CA > CN=Application, RSA 2048. */
extern const struct mint_cert ROOT, CA, LEAF;
extern const struct mint_crl ROOT_CRL, CA_CRL;

/* CN=EC Root > CN=EC CA > CN=Application, P-256. */
extern const struct mint_cert EC_ROOT, EC_CA, EC_LEAF;
extern const struct mint_crl EC_ROOT_CRL, EC_CA_CRL;

/* A self-signed application of each kind. */
extern const struct mint_cert SELF, EC_SELF;

/* CN=Evil Root > CN=Evil CA > CN=Application: good in itself, and nobody here knows it. */
extern const struct mint_cert EVIL_ROOT, EVIL_CA, EVIL_LEAF;
extern const struct mint_crl EVIL_ROOT_CRL, EVIL_CA_CRL;

/* A spec of its own where it is used. */
#define CERT(...) (&(const struct mint_cert){ __VA_ARGS__ })
#define CRL(...)  (&(const struct mint_crl){ __VA_ARGS__ })

/* A CRL that lists one certificate, with whatever else is given. */
#define CRL_LISTING(cert_, ...)                                                                    \
        (&(const struct mint_crl){ .entries = &(const struct mint_crl_entry){ .cert = (cert_) },   \
                                   .n_entries = 1,                                                 \
                                   __VA_ARGS__ })

/* The usual world: the issuing CA is trusted, its root completes the chain, both have current CRLs. */
#define PLANT .trusted = { &CA }, .issuers = { &ROOT }, .crls = { &ROOT_CRL, &CA_CRL }
#define EC_PLANT                                                                                   \
        .trusted = { &EC_CA }, .issuers = { &EC_ROOT }, .crls = { &EC_ROOT_CRL, &EC_CA_CRL }
