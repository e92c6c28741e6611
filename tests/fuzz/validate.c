/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Validate - a store and a question about it, both as the input says, of the objects of fuzz/objects and what it makes
 * of them. Whatever is asked:
 *
 * - Good is only what has in its chain, byte for byte, a certificate of the trusted list, and none that is blocked;
 * - each signature of a Good chain is one that OpenSSL verifies, too, up to a self-signed certificate of the store;
 * - no certificate of a Good chain is listed by a CRL that, by OpenSSL, is its issuer's one and only;
 * - the same question has the same answer, in whatever order the store was filled, on a small budget (or none), and
 *   up to the last second before validUntil.
 */

#include "engine/validate.h"

#include "base/vec.h"
#include "engine/profile.h"
#include "engine/verdict.h"
#include "fuzz/fuzz.h"
#include "fuzz/objects.h"
#include "harness/mint.h"
#include "harness/must.h"
#include "pki/cert.h"
#include "pki/crl.h"
#include "pki/decode.h"
#include "pki/ossl.h"
#include "trust/block.h"
#include "trust/builder.h"
#include "trust/entry.h"
#include "trust/policy.h"
#include "trust/settings.h"
#include "trust/snapshot.h"
#include "trust/suppress.h"

#include <openssl/x509v3.h>

#define OBJECTS_MAX 24

enum place {
        PRESENTED,
        TRUSTED,
        ISSUERS,
        BLOCKED,
};

struct item {
        enum place place;
        bool is_crl;
        struct mint_der der;
};

struct scene {
        struct settings *settings;
        struct profile profile;
        struct terms terms;
        VEC(struct item) items;
        struct snapshot *snap;
        struct decode_chain presented;
};

static char host[] = MINT_HOST, uri[] = MINT_URI;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
        (void)argc;
        (void)argv;
        must(ossl_init() == 0, "ossl_init");
        objects_new();
        return 0;
}

/* -- the scene --------------------------------------------------------------------------------- */

static void read_settings(struct scene *scene, struct bytes *input)
{
        static const char *const keys[][2] = {
                { "Strictness", "field" },    { "DeprecatedPolicies", "yes" },
                { "SingleUri", "yes" },       { "CrlGrace", "1d" },
                { "ClockSkew", "5min" },      { "CrlMaxAge", "1d" },
                { "Policy", "ECC_nistP256" }, { "Suppress", "BadCertificateRevocationUnknown" },
        };
        uint8_t bits = fuzz_take_byte(input);
        char *reason;

        must(settings_new(&scene->settings) == 0, "settings_new");
        for (size_t i = 0; i < 8; i++)
                if (bits >> i & 1)
                        must(settings_set(scene->settings, keys[i][0], keys[i][1], &reason) == 0,
                             "%s", keys[i][0]);
}

static void read_question(struct scene *scene, struct bytes *input)
{
        static const char *const policies[] = { NULL,           "None",
                                                "Basic256",     "Basic256Sha256",
                                                "ECC_nistP256", "ECC_nistP384" };
        uint8_t bits = fuzz_take_byte(input);
        const char *policy = policies[fuzz_take_byte(input) % ARRAY_SIZE(policies)];

        scene->profile.purpose = bits % PURPOSE_N;
        scene->profile.policy = policy ? policy_find_name(policy) : NULL;
        scene->profile.host_name =
                bits & 0x40 || scene->profile.purpose == PURPOSE_HTTPS ? host : NULL;
        scene->profile.application_uri = bits & 0x80 ? uri : NULL;
        if (scene->profile.purpose == PURPOSE_USER)
                scene->profile.host_name = scene->profile.application_uri = NULL;
        scene->profile.suppress = (unsigned int)fuzz_take_number(input, 2) & 0x3ff;
        scene->terms.now_s = MINT_NOW_S + (int16_t)fuzz_take_number(input, 2) * INT64_C(3600);
        scene->terms.at_least_s = scene->terms.now_s;
        scene->terms.budget_units = VALIDATE_BUDGET_UNITS;
}

static void read_items(struct scene *scene, struct bytes *input)
{
        for (size_t i = 0; i < OBJECTS_MAX && input->n > 0; i++) {
                struct item item = { .place = fuzz_take_byte(input) % 4 };

                item.der = objects_take(input, &item.is_crl);
                must(VEC_PUSH(&scene->items, item) == 0, "item");
        }
}

static void add_block(struct builder *builder, struct bytes der)
{
        static const struct block_note NO_NOTE = { NULL, BLOCK_ABSENT, BLOCK_ABSENT };
        struct block *block;
        struct entry *entry;
        uint8_t sha256[32];

        must(ossl_sha256(der, sha256) == 0, "ossl_sha256");
        must(block_new_sha256(sha256, &NO_NOTE, &block) == 0, "block");
        must(entry_new_block(ROLE_BLOCKED, "o", block, false, &entry) == 0, "entry");
        must(builder_add(builder, entry) == 0, "builder_add");
        entry_unref(entry);
        block_unref(block);
}

static void add(struct builder *builder, const struct item *item)
{
        enum role role = item->place == TRUSTED ? ROLE_TRUSTED : ROLE_ISSUERS;
        struct bytes der = { item->der.data, item->der.n };
        const struct cert *cert = NULL;
        const struct crl *crl = NULL;
        struct entry *entry = NULL;
        int r;

        if (item->place == BLOCKED) {
                add_block(builder, der);
                return;
        }

        r = item->is_crl ? crl_new(der, NULL, &crl) : cert_new(der, NULL, &cert);
        must(r >= 0, "%d", r);
        if (r > 0)
                r = entry_new_broken(role, "o", "damaged", &entry);
        else
                r = item->is_crl ? entry_new_crl(role, "o", crl, false, &entry)
                                 : entry_new_cert(role, "o", cert, &entry);
        must(r == 0 && builder_add(builder, entry) == 0, "builder_add");
        entry_unref(entry);
        cert_unref(cert);
        crl_unref(crl);
}

static struct snapshot *build(const struct scene *scene, bool is_reversed)
{
        struct builder *builder;
        struct snapshot *snap;
        size_t n = scene->items.n;

        must(builder_new(scene->settings, &builder) == 0, "builder_new");
        for (size_t i = 0; i < n; i++) {
                const struct item *item = &scene->items.items[is_reversed ? n - 1 - i : i];

                if (item->place != PRESENTED)
                        add(builder, item);
        }
        must(builder_build(builder, &snap) == 0, "builder_build");
        builder_free(builder);
        return snap;
}

static void present(struct scene *scene)
{
        struct bytes elements[OBJECTS_MAX];
        size_t n = 0;
        int r;

        for (size_t i = 0; i < scene->items.n && n < DECODE_CHAIN_MAX; i++) {
                const struct item *item = &scene->items.items[i];

                if (item->place == PRESENTED)
                        elements[n++] = (struct bytes){ item->der.data, item->der.n };
        }
        if (!n)
                elements[n++] = (struct bytes){ NULL, 0 };
        r = decode_message_chain(elements, n, &scene->presented);
        must(r == 0 || r == DECODE_E_TOO_MANY, "decode_message_chain: %d", r);
}

static void scene_init(struct scene *scene, struct bytes input)
{
        *scene = (struct scene){ .presented = DECODE_CHAIN_NULL };
        read_settings(scene, &input);
        read_question(scene, &input);
        read_items(scene, &input);
        present(scene);
        scene->snap = build(scene, false);
}

static void scene_deinit(struct scene *scene)
{
        for (size_t i = 0; i < scene->items.n; i++)
                mint_der_deinit(&scene->items.items[i].der);
        VEC_FREE(&scene->items);
        decode_chain_deinit(&scene->presented);
        snapshot_unref(scene->snap);
        settings_unref(scene->settings);
}

/* -- what holds of a Good ---------------------------------------------------------------------- */

static bool lies_in(const struct scene *scene, enum place place, const struct cert *cert)
{
        for (size_t i = 0; i < scene->items.n; i++) {
                const struct item *item = &scene->items.items[i];

                if (item->place == place && !item->is_crl && item->der.n == cert->n_der &&
                    !memcmp(item->der.data, cert->der, cert->n_der))
                        return true;
        }
        return false;
}

static X509 *parse(const struct cert *cert)
{
        const uint8_t *p = cert->der;
        X509 *parsed = d2i_X509(NULL, &p, (long)cert->n_der);

        must(parsed, "OpenSSL does not read it");
        return parsed;
}

static bool verifies(const struct cert *issuer, const struct cert *subject)
{
        X509 *a = parse(issuer), *b = parse(subject);
        bool is_so = X509_verify(b, X509_get0_pubkey(a)) == 1 &&
                     X509_NAME_cmp(X509_get_subject_name(a), X509_get_issuer_name(b)) == 0;

        X509_free(a);
        X509_free(b);
        return is_so;
}

/* The CRL if it is one of @issuer without any scope, which makes its reading simple; X509_CRL_free() it. */
static X509_CRL *parse_simple_crl(const struct item *item, X509 *issuer)
{
        const uint8_t *p = item->der.data;
        X509_CRL *crl = d2i_X509_CRL(NULL, &p, (long)item->der.n);

        if (crl && X509_CRL_verify(crl, X509_get0_pubkey(issuer)) == 1 &&
            X509_NAME_cmp(X509_CRL_get_issuer(crl), X509_get_subject_name(issuer)) == 0 &&
            X509_CRL_get_ext_by_NID(crl, NID_delta_crl, -1) < 0 &&
            X509_CRL_get_ext_by_NID(crl, NID_issuing_distribution_point, -1) < 0)
                return crl;

        X509_CRL_free(crl);
        return NULL;
}

static bool is_listed(X509_CRL *crl, X509 *subject)
{
        X509_REVOKED *entry;

        /* 2: removeFromCRL */
        return X509_CRL_get0_by_cert(crl, &entry, subject) == 1;
}

static void check_revocation(const struct scene *scene, const struct cert *issuer,
                             const struct cert *subject)
{
        X509 *a = parse(issuer), *b = parse(subject);
        size_t n = 0;
        bool is_revoked = false;

        for (size_t i = 0; i < scene->items.n; i++) {
                const struct item *item = &scene->items.items[i];
                X509_CRL *crl;

                if (!item->is_crl || (item->place != TRUSTED && item->place != ISSUERS))
                        continue;
                n++;
                crl = parse_simple_crl(item, a);
                is_revoked |= crl && is_listed(crl, b);
                X509_CRL_free(crl);
        }
        X509_free(a);
        X509_free(b);
        must(!is_revoked || n > 1, "Good, and its issuer's one CRL lists it");
}

static bool is_time_suppressed(const struct scene *scene)
{
        return (scene->profile.suppress | scene->settings->suppress) &
               (SUPPRESS_TIME | SUPPRESS_ISSUER_TIME);
}

static void check_good(const struct scene *scene, const struct verdict *verdict)
{
        size_t n = verdict->chain.n;
        const struct verdict_link *links = verdict->chain.items;
        const struct cert *root = n ? links[n - 1].cert : NULL;
        bool is_trusted = false;

        must(n >= 1 && scene->presented.certs.n >= 1 &&
                     cert_equal(links[0].cert, scene->presented.certs.items[0]),
             "Good of another certificate");
        for (size_t i = 0; i < n; i++) {
                const struct cert *cert = links[i].cert;
                const struct cert *issuer = i + 1 < n ? links[i + 1].cert : cert;

                is_trusted |= lies_in(scene, TRUSTED, cert);
                must(!lies_in(scene, BLOCKED, cert), "Good through a blocked certificate");
                must(!faults_have_error(&cert->faults), "Good through an unsound certificate");
                must(verifies(issuer, cert), "Good through a wrong signature");
                must(is_time_suppressed(scene) || scene->settings->clock_skew_s ||
                             (cert->not_before_s <= scene->terms.now_s &&
                              cert->not_after_s >= scene->terms.now_s),
                     "Good out of its time");
                check_revocation(scene, issuer, cert);
        }
        must(is_trusted, "Good without a trusted certificate");
        must(lies_in(scene, TRUSTED, root) || lies_in(scene, ISSUERS, root),
             "Good by a root that is not in the store");
}

/* -- what holds of any verdict ----------------------------------------------------------------- */

static void assert_same(const struct verdict *a, const struct verdict *b, const char *what)
{
        must(a->status == b->status && a->wire_status == b->wire_status, "%s: %08x, then %08x",
             what, a->status, b->status);
        must(a->findings.n == b->findings.n && a->chain.n == b->chain.n, "%s: other findings",
             what);
}

static void assert_same_state(const struct snapshot *a, const struct snapshot *b)
{
        uint8_t hash_a[32], hash_b[32];

        must(snapshot_hash(a, hash_a) == 0 && snapshot_hash(b, hash_b) == 0, "snapshot_hash");
        must(!memcmp(hash_a, hash_b, sizeof(hash_a)), "in another order another state");
}

static void judge_again(const struct scene *scene, const struct snapshot *snap,
                        const struct verdict *verdict, const char *what)
{
        struct verdict again = { 0 };

        must(engine_validate(snap, &scene->presented, &scene->profile, &scene->terms, &again) == 0,
             "engine_validate");
        assert_same(verdict, &again, what);
        must(verdict->valid_until_s == again.valid_until_s, "%s: another validUntil", what);
        verdict_deinit(&again);
}

static void judge_on_small_budget(const struct scene *scene, const struct verdict *verdict)
{
        struct terms terms = scene->terms;
        struct verdict again = { 0 };
        int r;

        terms.budget_units = 7;
        r = engine_validate(scene->snap, &scene->presented, &scene->profile, &terms, &again);
        must(r == 0 || r == VALIDATE_E_BUDGET, "engine_validate: %d", r);
        if (r == 0)
                assert_same(verdict, &again, "on a small budget");
        verdict_deinit(&again);
}

static void judge_at_the_end(const struct scene *scene, const struct verdict *verdict)
{
        struct terms terms = scene->terms;
        struct verdict again = { 0 };

        must(verdict->valid_until_s > terms.now_s, "it holds no more when it is said");
        if (verdict->valid_until_s == INT64_MAX)
                return;

        terms.now_s = terms.at_least_s = verdict->valid_until_s - 1;
        must(engine_validate(scene->snap, &scene->presented, &scene->profile, &terms, &again) == 0,
             "engine_validate");
        assert_same(verdict, &again, "before validUntil");
        verdict_deinit(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
        struct verdict verdict = { 0 };
        struct snapshot *reversed;
        struct scene scene;
        int r;

        scene_init(&scene, (struct bytes){ data, n });
        r = engine_validate(scene.snap, &scene.presented, &scene.profile, &scene.terms, &verdict);
        must(r == 0, "engine_validate: %d", r);
        must(verdict.status == 0 || verdict.findings.n > 0, "not Good, and nothing found");
        if (verdict.status == 0)
                check_good(&scene, &verdict);

        judge_again(&scene, scene.snap, &verdict, "asked again");
        judge_on_small_budget(&scene, &verdict);
        judge_at_the_end(&scene, &verdict);
        reversed = build(&scene, true);
        assert_same_state(scene.snap, reversed);
        judge_again(&scene, reversed, &verdict, "in another order");
        snapshot_unref(reversed);
        verdict_deinit(&verdict);
        scene_deinit(&scene);
        return 0;
}
