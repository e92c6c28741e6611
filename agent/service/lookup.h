/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Lookup - one certificate of a store by its thumbprint, so that nobody has to type DER.
 */

#include "service/service_call.h"

#include <stddef.h>
#include <stdint.h>

struct judge;
struct snapshot;
struct snapshot_cert;
struct store_state;

enum {
        LOOKUP_E_NO_THUMBPRINT = 1, /* neither 40 nor 64 hex digits */
        LOOKUP_E_NOT_FOUND,
};

/**
 * lookup_read() - read a thumbprint
 * @text: hex digits of either case: 40 of SHA-1, as OPC UA shows it, or 64 of SHA-256
 * @out_n: 20 or 32
 *
 * Return: 0 or LOOKUP_E_NO_THUMBPRINT.
 */
int lookup_read(const char *text, uint8_t out[32], size_t *out_n);

/**
 * lookup_find() - the certificate of a thumbprint, in any list
 * @out: borrowed from the snapshot
 *
 * Cost: O(log n) by SHA-256, O(n) by SHA-1. Return: 0 or LOOKUP_E_*.
 */
int lookup_find(const struct snapshot *snap, const char *text, const struct snapshot_cert **out);

/** lookup_certificate() - answer GetCertificate of a store with a snapshot */
void lookup_certificate(const struct store_state *state, const char *agent_id,
                        const struct service_call *call);

/**
 * lookup_validate() - answer a Validate call of a store with a snapshot
 *
 * One that names a certificate of the store becomes one that presents it; others are the judge's.
 * Return: as judge_call().
 */
struct service_pending *lookup_validate(struct judge *judge, const struct store_state *state,
                                        const struct service_call *call);
