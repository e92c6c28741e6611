/* SPDX-License-Identifier: Apache-2.0 */
#include "own/judge.h"

#include "engine/profile.h"
#include "engine/validate.h"
#include "engine/verdict.h"
#include "own/findings.h"
#include "own/identity.h"
#include "own/key_kind.h"
#include "own/review.h"
#include "pki/cert.h"
#include "pki/decode.h"
#include "trust/builder.h"
#include "trust/entry.h"
#include "trust/policy.h"
#include "trust/settings.h"
#include "trust/snapshot.h"

#include <assert.h>
#include <errno.h>

/* What cannot be read is no entry: the judgement will miss it. */
static int add_cert(struct builder *builder, struct settings *settings, enum role role,
                    struct bytes der)
{
        CLEANUP(cert_unrefp) const struct cert *cert = NULL;
        CLEANUP(entry_unrefp) struct entry *entry = NULL;
        int r = cert_new(der, NULL, &cert);

        if (r)
                return r < 0 ? r : 0;

        r = role == ROLE_ISSUERS ? settings_set_ca(settings, cert->sha256, "off") : 0;
        if (r < 0)
                return r;

        r = entry_new_cert(role, role_name(role), cert, &entry);
        return r ? r : builder_add(builder, entry);
}

static int make_settings(struct settings **out)
{
        CLEANUP(freep) char *reason = NULL;
        int r = settings_new(out);

        return r ? r : settings_set(*out, "SingleUri", "yes", &reason);
}

static int make_store(const struct judge_case *the_case, struct snapshot **out)
{
        CLEANUP(settings_unrefp) struct settings *settings = NULL;
        CLEANUP(builder_freep) struct builder *builder = NULL;
        int r = make_settings(&settings);

        if (!r)
                r = builder_new(settings, &builder);
        if (!r)
                r = add_cert(builder, settings, ROLE_TRUSTED, the_case->cert);
        for (size_t i = 0; !r && i < the_case->n_issuers; i++)
                r = add_cert(builder, settings, ROLE_ISSUERS, the_case->issuers[i]);
        return r ? r : builder_build(builder, out);
}

static void add_findings(const struct verdict *verdict, const char *purpose,
                         struct findings *findings)
{
        for (size_t i = 0; i < verdict->findings.n; i++) {
                const struct finding *finding = &verdict->findings.items[i];

                if (finding->severity == SEVERITY_ERROR)
                        findings_add_status(findings, FINDINGS_ERROR, purpose, finding->status,
                                            finding->message);
        }
        assert(!verdict->status || findings_has_error(findings));
}

/* The first of its hosts is the one that a client would ask for. */
static int judge_purpose(const struct snapshot *snap, const struct decode_chain *chain,
                         struct profile *profile, int64_t now_s, struct findings *findings)
{
        struct terms terms = { now_s, now_s, VALIDATE_BUDGET_UNITS };
        struct verdict verdict = { .status = 0 };
        int r = engine_validate(snap, chain, profile, &terms, &verdict);

        if (r)
                return r < 0 ? r : -ENOMEM;

        add_findings(&verdict, purpose_name(profile->purpose), findings);
        verdict_deinit(&verdict);
        return 0;
}

static const struct policy *find_policy(const struct decode_chain *chain)
{
        const struct key_kind *kind =
                chain->certs.n ? key_kind_of(&chain->certs.items[0]->key) : NULL;

        return kind && kind->policy ? policy_find_name(kind->policy) : NULL;
}

static int judge_purposes(const struct snapshot *snap, const struct decode_chain *chain,
                          const struct judge_case *the_case, const struct review_terms *terms,
                          struct findings *findings)
{
        CLEANUP(identity_deinit) struct identity names = IDENTITY_NULL;
        struct profile profile = { .policy = find_policy(chain),
                                   .application_uri = the_case->application_uri };
        char host[256];
        int r = chain->certs.n ? identity_read(chain->certs.items[0], &names) : 0;

        if (r < 0)
                return r;

        r = 0;
        if (terms->purposes & REVIEW_CLIENT) {
                profile.purpose = PURPOSE_CLIENT;
                r = judge_purpose(snap, chain, &profile, terms->now_s, findings);
        }
        if (!r && terms->purposes & REVIEW_SERVER) {
                profile.purpose = PURPOSE_SERVER;
                profile.host_name = identity_host(&names, 0, host) ? host : NULL;
                r = judge_purpose(snap, chain, &profile, terms->now_s, findings);
        }
        return r;
}

int judge_certificate(const struct judge_case *the_case, const struct review_terms *terms,
                      struct findings *findings)
{
        CLEANUP(decode_chain_deinit) struct decode_chain chain = DECODE_CHAIN_NULL;
        CLEANUP(snapshot_unrefp) struct snapshot *snap = NULL;
        int r = make_store(the_case, &snap);

        if (!r)
                r = decode_message_chain(&the_case->cert, 1, &chain);
        if (r > 0) {
                findings_add(findings, FINDINGS_ERROR, "it is larger than OPC UA's %d bytes",
                             DECODE_CERT_BYTES_MAX);
                return 0;
        }
        return r ? r : judge_purposes(snap, &chain, the_case, terms, findings);
}
