/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Private key - made, read from what a file holds, and written as PEM or PKCS#12.
 *
 * A passphrase encrypts with AES-256 and PBKDF2 over PRIVATE_KEY_ROUNDS rounds of HMAC-SHA-256. The
 * legacy ciphers of old PKCS#12 files are not there: OpenSSL keeps them in a provider that is not
 * loaded.
 */

#include "own/secret.h"
#include "pki/bytes.h"
#include "proto/compiler.h"

#include <openssl/evp.h>

#include <stddef.h>

struct buf;
struct key_kind;
struct progress;

#define PRIVATE_KEY_ROUNDS 100000

enum private_key_format {
        PRIVATE_KEY_PEM, /* PKCS#8 */
        PRIVATE_KEY_PFX, /* PKCS#12, with the certificate and its chain */
};

enum {
        PRIVATE_KEY_E_UNREADABLE = 1, /* no private key, or one of an unknown kind or cipher */
        PRIVATE_KEY_E_PASSPHRASE,     /* it is encrypted, and not with this passphrase or none */
        PRIVATE_KEY_E_OPENSSL,        /* OpenSSL will not */
};

DEFINE_CLEANUP(EVP_PKEY *, EVP_PKEY_free)

/**
 * private_key_make() - a new one
 * @progress: is told now and then, of no number
 *
 * Cost: RSA-4096 some seconds. Return: 0 or PRIVATE_KEY_E_OPENSSL.
 */
int private_key_make(const struct key_kind *kind, struct progress *progress, EVP_PKEY **out);

/** private_key_is_encrypted() - does this content of a file ask for a passphrase? */
bool private_key_is_encrypted(struct bytes content);

/** private_key_is_pfx() - is this content of a file DER, as PKCS#12 is, and no PEM? */
bool private_key_is_pfx(struct bytes content);

/**
 * private_key_read() - PEM (PKCS#8, PKCS#1, SEC 1), PKCS#12 or DER
 * @passphrase: SECRET_NULL: none
 *
 * Return: 0 with @out, to EVP_PKEY_free(); PRIVATE_KEY_E_*, or -ENOMEM.
 */
int private_key_read(struct bytes content, const struct secret *passphrase, EVP_PKEY **out);

/** private_key_write_pem() - PKCS#8, encrypted if there is a passphrase; Return: 0, PRIVATE_KEY_E_OPENSSL, -ENOMEM */
int private_key_write_pem(EVP_PKEY *key, const struct secret *passphrase, struct secret *out);

/* What goes into a PKCS#12. */
struct private_key_bag {
        EVP_PKEY *key;
        const char *name;       /* friendlyName */
        struct bytes cert;      /* DER */
        const struct bytes *ca; /* n_ca of them, DER */
        size_t n_ca;
};

/** private_key_write_pfx() - without a passphrase the empty one is it; Return: as above */
int private_key_write_pfx(const struct private_key_bag *bag, const struct secret *passphrase,
                          struct secret *out);

/** private_key_matches() - is this SubjectPublicKeyInfo in DER its public half? */
bool private_key_matches(EVP_PKEY *key, struct bytes spki);

/** private_key_error() - what OpenSSL last said, in its words; empties its queue. Return: @out */
const char *private_key_error(char *out, size_t n_out);
