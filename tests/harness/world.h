/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * World - a store's picture made of minted objects, without files: what trust, engine and service
 * are asked about.
 *
 *      struct world *world = world_new();
 *      world_set(world, "Strictness", "field");
 *      world_add_cert(world, ROLE_TRUSTED, "trusted/certs/ca.der", &(struct mint_cert){ .ca =
 *      true }); struct snapshot *snap = world_build(world);
 *
 * What cannot be made stops the test.
 */

#include "harness/mint.h"
#include "trust/role.h"

struct entry;
struct settings;
struct snapshot;
struct world;

/** world_new() - an empty one with default settings; sets up pki */
struct world *world_new(void);

/** world_free() - takes NULL, returns NULL */
struct world *world_free(struct world *world);

/** world_set() - a key of the store's configuration, before the first world_build() */
void world_set(struct world *world, const char *key, const char *value);

/** world_settings() - to set what world_set() cannot; borrowed */
struct settings *world_settings(struct world *world);

/**
 * world_add_cert(), world_add_crl() - mint one and put it into a list; the same spec again is the
 * same object
 */
void world_add_cert(struct world *world, enum role role, const char *origin,
                    const struct mint_cert *spec);
void world_add_crl(struct world *world, enum role role, const char *origin,
                   const struct mint_crl *spec);

/** world_add_der() - put in a certificate or CRL that was minted before */
void world_add_der(struct world *world, enum role role, const char *origin,
                   const struct mint_der *der, bool is_crl, bool is_last_good);

/** world_add_broken() - a file that could not be read */
void world_add_broken(struct world *world, enum role role, const char *origin, const char *reason);

/** world_block(), world_block_serial() - block a certificate by SHA-256, by issuer and serial */
void world_block(struct world *world, const struct mint_cert *spec);
void world_block_serial(struct world *world, const struct mint_cert *spec);

/** world_remove() - take everything of that origin out again */
void world_remove(struct world *world, const char *origin);

/** world_build() - the picture as it is now; snapshot_unref() it */
struct snapshot *world_build(struct world *world);
