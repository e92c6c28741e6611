/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/world.h"

#include "base/vec.h"
#include "harness/must.h"
#include "pki/cert.h"
#include "pki/crl.h"
#include "pki/ossl.h"
#include "trust/block.h"
#include "trust/builder.h"
#include "trust/entry.h"
#include "trust/settings.h"
#include "trust/snapshot.h"

struct world {
        struct settings *settings;
        VEC(struct entry *) entries;
};

struct world *world_new(void)
{
        struct world *world = must_calloc(1, sizeof(*world));

        must(ossl_init() == 0, "ossl_init");
        must(settings_new(&world->settings) == 0, "settings_new");
        return world;
}

struct world *world_free(struct world *world)
{
        if (!world)
                return NULL;

        for (size_t i = 0; i < world->entries.n; i++)
                entry_unref(world->entries.items[i]);
        VEC_FREE(&world->entries);
        settings_unref(world->settings);
        free(world);
        return NULL;
}

void world_set(struct world *world, const char *key, const char *value)
{
        char *reason = NULL;
        int r = settings_set(world->settings, key, value, &reason);

        must(r == 0, "%s=%s: %s", key, value, reason ? reason : "no such key");
}

struct settings *world_settings(struct world *world)
{
        return world->settings;
}

static void add(struct world *world, struct entry *entry)
{
        must(VEC_PUSH(&world->entries, entry) == 0, "world");
}

void world_add_der(struct world *world, enum role role, const char *origin,
                   const struct mint_der *der, bool is_crl, bool is_last_good)
{
        struct bytes bytes = { der->data, der->n };
        const struct cert *cert = NULL;
        const struct crl *crl = NULL;
        const char *reason = "";
        struct entry *entry;
        int r;

        r = is_crl ? crl_new(bytes, &reason, &crl) : cert_new(bytes, &reason, &cert);
        must(r == 0, "%s: %s", origin, reason);
        r = is_crl ? entry_new_crl(role, origin, crl, is_last_good, &entry)
                   : entry_new_cert(role, origin, cert, &entry);
        must(r == 0, "%s", origin);
        cert_unref(cert);
        crl_unref(crl);
        add(world, entry);
}

void world_add_cert(struct world *world, enum role role, const char *origin,
                    const struct mint_cert *spec)
{
        struct mint_der der = mint_cert(spec);

        world_add_der(world, role, origin, &der, false, false);
        mint_der_deinit(&der);
}

void world_add_crl(struct world *world, enum role role, const char *origin,
                   const struct mint_crl *spec)
{
        struct mint_der der = mint_crl(spec);

        world_add_der(world, role, origin, &der, true, false);
        mint_der_deinit(&der);
}

void world_add_broken(struct world *world, enum role role, const char *origin, const char *reason)
{
        struct entry *entry;

        must(entry_new_broken(role, origin, reason, &entry) == 0, "%s", origin);
        add(world, entry);
}

static const struct block_note NO_NOTE = { NULL, BLOCK_ABSENT, BLOCK_ABSENT };

/* Takes the block. */
static void add_block(struct world *world, struct block *block)
{
        struct entry *entry;

        must(entry_new_block(ROLE_BLOCKED, "blocked", block, false, &entry) == 0, "entry");
        block_unref(block);
        add(world, entry);
}

void world_block(struct world *world, const struct mint_cert *spec)
{
        struct mint_der der = mint_cert(spec);
        uint8_t sha256[32];
        struct block *block;

        must(ossl_sha256((struct bytes){ der.data, der.n }, sha256) == 0, "ossl_sha256");
        must(block_new_sha256(sha256, &NO_NOTE, &block) == 0, "block");
        add_block(world, block);
        mint_der_deinit(&der);
}

void world_block_serial(struct world *world, const struct mint_cert *spec)
{
        struct mint_der der = mint_cert(spec);
        const struct cert *cert;
        struct block *block;

        must(cert_new((struct bytes){ der.data, der.n }, NULL, &cert) == 0, "cert_new");
        must(block_new_serial(cert->issuer.der, cert->serial, &NO_NOTE, &block) == 0, "block");
        add_block(world, block);
        cert_unref(cert);
        mint_der_deinit(&der);
}

void world_remove(struct world *world, const char *origin)
{
        size_t n = 0;

        for (size_t i = 0; i < world->entries.n; i++) {
                struct entry *entry = world->entries.items[i];

                if (strcmp(entry->origin, origin) == 0)
                        entry_unref(entry);
                else
                        world->entries.items[n++] = entry;
        }
        must(n < world->entries.n, "%s is not there", origin);
        world->entries.n = n;
}

struct snapshot *world_build(struct world *world)
{
        struct snapshot *snap;
        struct builder *builder;

        must(builder_new(world->settings, &builder) == 0, "builder_new");
        for (size_t i = 0; i < world->entries.n; i++)
                must(builder_add(builder, world->entries.items[i]) == 0, "builder_add");
        must(builder_build(builder, &snap) == 0, "builder_build");
        builder_free(builder);
        return snap;
}
