/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Minting parts - what certificates and CRLs are both made of; see harness/mint.h for the syntax of the texts.
 */

#include "harness/mint.h"

#include <openssl/x509v3.h>

/** mint_name() - the name written "CN=a,O=b"; X509_NAME_free() it */
X509_NAME *mint_name(const char *text, bool printable);

/** mint_time() - ASN1_TIME_free() it */
ASN1_TIME *mint_time(int64_t time_s, bool generalized);

/** mint_integer() - the number written in hex, "-" before it if negative; ASN1_INTEGER_free() it */
ASN1_INTEGER *mint_integer(const char *hex);

/** mint_add_aki() - append an authority key identifier with the SKI of @issuer, if that has one */
void mint_add_aki(STACK_OF(X509_EXTENSION) * *exts, const X509 *issuer);

/** mint_add() - append the extension @name of @value, unless that is NULL or MINT_NONE */
void mint_add(STACK_OF(X509_EXTENSION) * *exts, X509V3_CTX *ctx, const char *name,
              const char *value);

/** mint_add_extra() - append the extensions of the openssl configuration @text; NULL: none */
void mint_add_extra(STACK_OF(X509_EXTENSION) * *exts, X509V3_CTX *ctx, const char *text);

/** mint_add_struct() - append an extension that OpenSSL has a C structure for */
void mint_add_struct(STACK_OF(X509_EXTENSION) * *exts, int nid, void *value, bool critical);

/**
 * mint_identity() - as much of a certificate as its children need: names, serial number, key and SKI
 *
 * Does not look at the issuer's own issuer, so that specs may stand in a ring. Return: X509_free() it.
 */
X509 *mint_identity(const struct mint_cert *spec);

/** mint_signing() - a context that signs with the key named @key; @hash NULL: the key's default; EVP_MD_CTX_free() it */
EVP_MD_CTX *mint_signing(const char *key, const char *hash, bool pss);

/** mint_assemble() - SEQUENCE { @tbs, @algorithm, signature by @key over @tbs }; takes @tbs and @signing */
struct mint_der mint_assemble(struct mint_der tbs, const X509_ALGOR *algorithm,
                              EVP_MD_CTX *signing);

/** mint_key_name() - the name of the key of @spec */
const char *mint_key_name(const struct mint_cert *spec);
