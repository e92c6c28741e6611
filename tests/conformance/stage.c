/* SPDX-License-Identifier: Apache-2.0 */
#include "conformance/stage.h"

#include "base/vec.h"
#include "conformance/row.h"
#include "engine/verdict.h"
#include "harness/must.h"
#include "pki/cert.h"
#include "pki/crl.h"
#include "pki/ossl.h"
#include "proto/compiler.h"
#include "trust/block.h"
#include "trust/builder.h"
#include "trust/entry.h"
#include "trust/policy.h"
#include "trust/settings.h"
#include "trust/snapshot.h"
#include "trust/suppress.h"

#define SUPPRESS_ALL (2u * SUPPRESS_ISSUER_REVOCATION_UNKNOWN - 1)

struct minted {
        const void *spec;
        struct mint_der der;
};

struct stage {
        VEC(struct minted) minted;
};

struct stage *stage_new(void)
{
        must(ossl_init() == 0, "OpenSSL");
        return must_calloc(1, sizeof(struct stage));
}

struct stage *stage_free(struct stage *stage)
{
        for (size_t i = 0; i < stage->minted.n; i++)
                mint_der_deinit(&stage->minted.items[i].der);
        VEC_FREE(&stage->minted);
        free(stage);
        ossl_deinit();
        return NULL;
}

static const struct mint_der *find_minted(const struct stage *stage, const void *spec)
{
        for (size_t i = 0; i < stage->minted.n; i++)
                if (stage->minted.items[i].spec == spec)
                        return &stage->minted.items[i].der;
        return NULL;
}

static const struct mint_der *keep(struct stage *stage, const void *spec, struct mint_der der)
{
        struct minted minted = { spec, der };

        must(VEC_PUSH(&stage->minted, minted) == 0, "memory");
        return &stage->minted.items[stage->minted.n - 1].der;
}

const struct mint_der *stage_cert(struct stage *stage, const struct mint_cert *spec)
{
        const struct mint_der *der = find_minted(stage, spec);

        return der ? der : keep(stage, spec, mint_cert(spec));
}

const struct mint_der *stage_crl(struct stage *stage, const struct mint_crl *spec)
{
        const struct mint_der *der = find_minted(stage, spec);

        return der ? der : keep(stage, spec, mint_crl(spec));
}

/* --- the world --- */

void stage_sha256(struct stage *stage, const struct mint_cert *spec, uint8_t out[32])
{
        const struct mint_der *der = stage_cert(stage, spec);

        must(ossl_sha256((struct bytes){ der->data, der->n }, out) == 0, "SHA-256");
}

static void set_text(struct settings *settings, const char *text)
{
        CLEANUP(freep) char *copy = must_strdup(text);
        char *rest = copy, *line;

        while ((line = strsep(&rest, ";"))) {
                char *value = strchr(line, '=');
                char *reason = NULL;

                must(value, "no key=value: %s", line);
                *value++ = '\0';
                must(settings_set(settings, line + strspn(line, " "), value, &reason) == 0,
                     "setting %s: %s", line, reason ? reason : "unknown");
        }
}

static void set_cas(struct stage *stage, struct settings *settings, const struct row *row,
                    bool is_lenient)
{
        uint8_t sha256[32];

        for (size_t i = 0; !is_lenient && row->revocation_checks[i].ca; i++) {
                const struct row_ca *ca = &row->revocation_checks[i];

                stage_sha256(stage, ca->ca, sha256);
                must(settings_set_ca(settings, sha256, ca->revocation_check) == 0,
                     "RevocationCheck");
        }
        for (size_t i = 0; is_lenient && row->trusted[i]; i++) {
                stage_sha256(stage, row->trusted[i], sha256);
                must(settings_set_ca(settings, sha256, "off") == 0, "RevocationCheck");
        }
        for (size_t i = 0; is_lenient && row->issuers[i]; i++) {
                stage_sha256(stage, row->issuers[i], sha256);
                settings_set_ca(settings, sha256, "off"); /* it may be trusted, too */
        }
}

static struct settings *make_settings(struct stage *stage, const struct row *row, bool is_lenient)
{
        struct settings *settings;

        must(settings_new(&settings) == 0, "settings");
        if (row->settings)
                set_text(settings, row->settings);
        if (is_lenient) {
                settings->suppress = SUPPRESS_ALL;
                settings->may_suppress = SUPPRESS_ALL;
                set_text(settings, "Strictness=field; DeprecatedPolicies=yes; CrlGrace=3650d;"
                                   "CrlMaxAge=3650d; ClockSkew=1h");
        }
        set_cas(stage, settings, row, is_lenient);
        return settings;
}

static void add(struct builder *builder, struct entry *entry)
{
        must(builder_add(builder, entry) == 0, "memory");
        entry_unref(entry);
}

static void add_cert(struct stage *stage, struct builder *builder, enum role role,
                     const struct mint_cert *spec)
{
        const struct mint_der *der = stage_cert(stage, spec);
        const char *reason = "memory";
        struct entry *entry;
        const struct cert *cert;

        must(cert_new((struct bytes){ der->data, der->n }, &reason, &cert) == 0,
             "a certificate of the world: %s", reason);
        must(entry_new_cert(role, "default/cert.der", cert, &entry) == 0, "memory");
        add(builder, entry);
        cert_unref(cert);
}

static void add_crl(struct stage *stage, struct builder *builder, const struct mint_crl *spec,
                    bool is_last_good)
{
        const struct mint_der *der = stage_crl(stage, spec);
        const char *reason = "memory";
        struct entry *entry;
        const struct crl *crl;

        must(crl_new((struct bytes){ der->data, der->n }, &reason, &crl) == 0,
             "a CRL of the world: %s", reason);
        must(entry_new_crl(ROLE_ISSUERS, "default/list.crl", crl, is_last_good, &entry) == 0,
             "memory");
        add(builder, entry);
        crl_unref(crl);
}

static void add_block(struct stage *stage, struct builder *builder, const struct mint_cert *spec,
                      bool is_by_serial)
{
        static const struct block_note NO_NOTE = { NULL, BLOCK_ABSENT, BLOCK_ABSENT };
        const struct mint_der *der = stage_cert(stage, spec);
        const struct cert *cert;
        struct entry *entry;
        struct block *block;
        int r;

        must(cert_new((struct bytes){ der->data, der->n }, NULL, &cert) == 0, "what is blocked");
        r = is_by_serial ? block_new_serial(cert->issuer.der, cert->serial, &NO_NOTE, &block)
                         : block_new_sha256(cert->sha256, &NO_NOTE, &block);
        must(r == 0, "block");
        must(entry_new_block(ROLE_BLOCKED, "default/block", block, false, &entry) == 0, "memory");
        add(builder, entry);
        block_unref(block);
        cert_unref(cert);
}

static void add_all(struct stage *stage, struct builder *builder, const struct row *row)
{
        for (size_t i = 0; row->trusted[i]; i++)
                add_cert(stage, builder, ROLE_TRUSTED, row->trusted[i]);
        for (size_t i = 0; row->issuers[i]; i++)
                add_cert(stage, builder, ROLE_ISSUERS, row->issuers[i]);
        for (size_t i = 0; row->crowd && row->crowd[i]; i++)
                add_cert(stage, builder, ROLE_ISSUERS, row->crowd[i]);
        for (size_t i = 0; row->crls[i]; i++)
                add_crl(stage, builder, row->crls[i], false);
        for (size_t i = 0; row->last_good[i]; i++)
                add_crl(stage, builder, row->last_good[i], true);
        for (size_t i = 0; row->blocked[i]; i++)
                add_block(stage, builder, row->blocked[i], false);
        for (size_t i = 0; row->blocked_serials[i]; i++)
                add_block(stage, builder, row->blocked_serials[i], true);
}

static struct snapshot *make_snapshot(struct stage *stage, const struct row *row, bool is_lenient)
{
        CLEANUP(settings_unrefp) struct settings *settings = NULL;
        CLEANUP(builder_freep) struct builder *builder = NULL;
        struct snapshot *snap;

        settings = make_settings(stage, row, is_lenient);
        must(builder_new(settings, &builder) == 0, "memory");
        add_all(stage, builder, row);
        must(builder_build(builder, &snap) == 0, "snapshot");
        return snap;
}

/* --- the question --- */

static struct mint_der copy_der(const struct mint_der *der)
{
        struct mint_der copy = { must_calloc(1, der->n + 1), der->n };

        memcpy(copy.data, der->data, der->n);
        return copy;
}

size_t stage_elements(struct stage *stage, const struct row *row, struct mint_der *elements)
{
        size_t n = 0;

        for (size_t i = 0; row->presented[i]; i++) {
                struct mint_der der = copy_der(stage_cert(stage, row->presented[i]));

                if (row->is_joined && n > 0)
                        elements[0] = mint_join(elements[0], der);
                else
                        elements[n++] = der;
        }

        must(n > 0, "nothing is presented");
        if (row->spoil)
                row->spoil(&elements[0]);
        return n;
}

static void decode(struct stage *stage, const struct row *row, struct decode_chain *out)
{
        struct mint_der elements[ROW_LIST_MAX];
        struct bytes bytes[ROW_LIST_MAX];
        size_t n = stage_elements(stage, row, elements);

        for (size_t i = 0; i < n; i++)
                bytes[i] = (struct bytes){ elements[i].data, elements[i].n };
        must(decode_message_chain(bytes, n, out) == 0, "what is presented is no request");
        for (size_t i = 0; i < n; i++)
                mint_der_deinit(&elements[i]);
}

static unsigned int read_suppress(const char *text)
{
        CLEANUP(freep) char *copy = must_strdup(text);
        unsigned int all = 0, bits;
        char *rest = copy, *name;

        while ((name = strsep(&rest, " "))) {
                must(suppress_parse(name, &bits) == 0, "suppress %s", name);
                all |= bits;
        }
        return all;
}

static void set_profile(const struct row *row, bool is_lenient, struct profile *out)
{
        *out = (struct profile){
                .purpose = row->purpose,
                .application_uri = row->uri,
                .host_name = row->host,
        };
        if (row->policy) {
                out->policy = policy_find_name(row->policy);
                must(out->policy, "policy %s", row->policy);
        }
        if (row->suppress)
                out->suppress = read_suppress(row->suppress);
        if (is_lenient)
                out->suppress = SUPPRESS_ALL;
}

void stage_set(struct stage *stage, const struct row *row, bool is_lenient, struct scene *out)
{
        int64_t now_s = row->now_s ? row->now_s : MINT_NOW_S;

        *out = (struct scene){
                .terms = { .now_s = now_s,
                           .at_least_s = row->at_least_s ? row->at_least_s : now_s,
                           .budget_units = VALIDATE_BUDGET_UNITS },
        };
        out->snap = make_snapshot(stage, row, is_lenient);
        decode(stage, row, &out->presented);
        set_profile(row, is_lenient, &out->profile);
}

void scene_deinit(struct scene *scene)
{
        scene->snap = snapshot_unref(scene->snap);
        decode_chain_deinit(&scene->presented);
}

int scene_judge(const struct scene *scene, const struct terms *terms, struct verdict *out)
{
        int r;

        *out = (struct verdict){ 0 };
        r = engine_validate(scene->snap, &scene->presented, &scene->profile, terms, out);
        must(r >= 0, "the engine failed");
        return r;
}
