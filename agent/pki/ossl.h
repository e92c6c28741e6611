/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Ossl - OpenSSL, set up once for the whole process.
 *
 * It is a library context of our own with the default provider: openssl.cnf is not read, so that no
 * setting of the host changes a verdict. Digests and curves are fetched once here, since fetching
 * them for every certificate costs more than parsing it.
 *
 * This is the one object that pki keeps in a static variable. It is no mutable state: it is written
 * once, before there are threads, and only read until the end.
 */

#include "pki/bytes.h"

#include <stdint.h>

/**
 * ossl_init() - set up OpenSSL; the first call of every program that uses pki
 *
 * A second call does nothing. Thread: call it before the first thread is made.
 *
 * Errors: -ENOMEM; -ENOTSUP: this OpenSSL lacks a digest or curve that the rules need. Return: 0 or
 * as said.
 */
int ossl_init(void);

/**
 * ossl_deinit() - release everything, for leak checkers
 *
 * No pki object may be in use, and every other thread that used one must have ended: what OpenSSL
 * keeps for a thread goes with it, and refers to the context that goes here.
 */
void ossl_deinit(void);

struct ossl_lib_ctx_st; /* OSSL_LIB_CTX */

/**
 * ossl_get_library() - the context, for the one other floor that calls OpenSSL: own makes keys and
 * certificates; ossl_init() must have been called
 */
struct ossl_lib_ctx_st *ossl_get_library(void);

/** ossl_sha256() - Return: 0 or -ENOMEM; Cost: 0.7 us a KiB */
int ossl_sha256(struct bytes content, uint8_t out[32]);

/** ossl_sha1() - for thumbprints, as OPC UA shows them; Return: 0 or -ENOMEM */
int ossl_sha1(struct bytes content, uint8_t out[20]);
