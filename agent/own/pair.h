/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Pair - certificate and key of a place as its files hold them, and written there.
 */

#include "base/vec.h"
#include "own/secret.h"
#include "pki/bytes.h"
#include "proto/compiler.h"

#include <openssl/types.h>

#include <stdbool.h>

struct cert;
struct place;

struct pair {
        const struct cert *cert;        /* NULL: none; the first of its file */
        VEC(const struct cert *) chain; /* what stands behind it in the file */
        bool cert_is_pem;
        unsigned int cert_mode;

        struct secret key; /* content of the key's file; SECRET_NULL: none */
        bool key_is_encrypted, key_is_pfx;
        unsigned int key_mode; /* permission bits */
};

#define PAIR_NULL                                                                                  \
        {                                                                                          \
                .cert = NULL                                                                       \
        }

/** pair_read() - what is there; Return: 0, or an exit code after a complaint */
int pair_read(const struct place *place, struct pair *out);

void pair_deinit(struct pair *pair);

/**
 * pair_read_file() - a file of the directory of keys, whole
 *
 * Return: 0, or an exit code after a complaint.
 */
int pair_read_file(const struct place *place, const char *name, struct secret *out);

/**
 * pair_decode_key() - the private key that a file holds
 * @path:       of the file, for complaints
 * @passphrase: SECRET_NULL: none was given; it is asked for at the terminal if one is wanted, and
 *              then kept there
 *
 * Return: 0 with @out, to EVP_PKEY_free(), or an exit code after a complaint.
 */
int pair_decode_key(const char *path, const struct secret *content, struct secret *passphrase,
                    EVP_PKEY **out);

/* What is to be written. */
struct pair_new {
        EVP_PKEY *key;
        bool keeps_key;    /* it is the one in place: its file stays, but a PKCS#12 */
        struct bytes cert; /* DER */
        const struct bytes
                *ca; /* n_ca of them: into a PKCS#12, and behind the certificate if asked */
        size_t n_ca;
        bool wants_chain; /* in the certificate's file too */
        const struct secret *passphrase;
};

/**
 * pair_write() - put it into place
 * @old: what was there
 *
 * Key and certificate as own/swap does it. Return: 0, or an exit code after a complaint.
 */
int pair_write(const struct place *place, const struct pair *old, const struct pair_new *new_pair);
