/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/check.h"

#include "engine/chain.h"
#include "engine/host.h"
#include "engine/judgement.h"
#include "engine/lookup.h"
#include "engine/path.h"
#include "engine/report.h"
#include "engine/strength.h"
#include "engine/usage.h"
#include "pki/cert.h"
#include "proto/status.h"

#include <string.h>

#define JUDGING_UNITS 1 /* what the steps cost beside signatures */

/* --- step 1: structure --- */

static void check_cert_faults(const struct chain *chain, size_t i, struct report *report)
{
        const struct cert *cert = chain->links[i].cert;
        const struct fault *fault;
        size_t at = 0;

        while ((fault = faults_next(&cert->faults, &at))) {
                struct report_item item = {
                        .step = STEP_STRUCTURE,
                        .severity = fault->is_error ? SEVERITY_ERROR : SEVERITY_NOTE,
                        .status = fault->is_error ? STATUS_CERTIFICATE_INVALID : STATUS_GOOD,
                        .cert = cert,
                        .chain_index = i,
                };

                report_add(report, &item,
                           fault->is_error ? "is invalid: %s (%s)"
                                           : "departs from RFC 5280: %s (%s)",
                           fault->text, fault->code);
        }
}

void check_faults(const struct chain *chain, struct report *report)
{
        for (size_t i = 0; i < chain->n; i++)
                check_cert_faults(chain, i, report);
}

/* --- step 5: trust --- */

static struct report_item untrusted(const struct chain *chain, size_t i)
{
        return (struct report_item){
                .step = STEP_TRUST,
                .status = STATUS_CERTIFICATE_UNTRUSTED,
                .cert = chain->links[i].cert,
                .chain_index = i,
        };
}

static void check_trust(struct judgement *judgement, const struct chain *chain,
                        struct report *report)
{
        struct report_item item;
        bool is_trusted = false;

        for (size_t i = 0; i < chain->n; i++) {
                const struct cert *cert = chain->links[i].cert;

                is_trusted = is_trusted || lookup_is_trusted(judgement, cert);
                item = untrusted(chain, i);
                if (lookup_is_blocked(judgement, cert))
                        report_add(report, &item, "was blocked by the administrator");
        }

        item = untrusted(chain, 0);
        if (!is_trusted && chain->n == 1)
                report_add(report, &item, "is not in the trusted list");
        else if (!is_trusted)
                report_add(report, &item, "is not in the trusted list, nor is any CA above it");
}

/* --- step 6: validity --- */

static void check_cert_validity(struct judgement *judgement, const struct chain *chain, size_t i,
                                struct report *report)
{
        const struct cert *cert = chain->links[i].cert;
        bool is_issuer = i > 0 || chain->is_crl_signer;
        struct report_item item = {
                .step = STEP_VALIDITY,
                .status = is_issuer ? STATUS_CERTIFICATE_ISSUER_TIME_INVALID
                                    : STATUS_CERTIFICATE_TIME_INVALID,
                .may_suppress = is_issuer ? SUPPRESS_ISSUER_TIME : SUPPRESS_TIME,
                .cert = cert,
                .chain_index = i,
        };
        char text[MOMENT_TEXT_MAX];

        if (!moment_has_begun(&judgement->moment, cert->not_before_s))
                report_add(report, &item, "is not valid before %s",
                           moment_text(cert->not_before_s, text));
        if (moment_has_ended(&judgement->moment, cert->not_after_s))
                report_add(report, &item, "expired %s", moment_text(cert->not_after_s, text));
}

/* --- step 7: host name --- */

static enum host_rules host_rules_of(enum purpose purpose, const struct chain *chain)
{
        if (purpose == PURPOSE_HTTPS)
                return HOST_RULES_TLS;

        for (size_t i = 1; i < chain->n; i++)
                if (chain->links[i].cert->name_constraints.n > 0)
                        return HOST_RULES_OPC_CONSTRAINED;
        return HOST_RULES_OPC;
}

static void check_host_name(const struct judgement *judgement, const struct chain *chain,
                            struct report *report)
{
        const struct profile *profile = judgement->profile;
        bool is_tls = profile->purpose == PURPOSE_HTTPS;
        const struct cert *leaf = chain->links[0].cert;
        struct report_item item = {
                .step = STEP_HOST_NAME,
                .status = STATUS_CERTIFICATE_HOST_NAME_INVALID,
                .may_suppress = SUPPRESS_HOST_NAME,
                .cert = leaf,
        };

        if (!is_tls && profile->purpose != PURPOSE_SERVER)
                return;
        if (!profile->host_name) {
                if (!is_tls) {
                        item.severity = SEVERITY_NOTE;
                        item.status = STATUS_GOOD;
                }
                report_add(report, &item, "was compared with no host name, for none was given");
                return;
        }
        if (!host_is_named(leaf, profile->host_name, host_rules_of(profile->purpose, chain)))
                report_add(report, &item, "does not name the host %s", profile->host_name);
}

/* --- step 8: URI --- */

static bool has_uri(const struct cert *cert, const char *uri)
{
        struct bytes wanted = { (const uint8_t *)uri, strlen(uri) };

        for (size_t i = 0; i < cert->alt_names.n_uris; i++)
                if (bytes_equal(cert->alt_names.uris[i], wanted))
                        return true;
        return false;
}

static void check_uri(const struct judgement *judgement, const struct chain *chain,
                      struct report *report)
{
        const struct profile *profile = judgement->profile;
        const struct cert *leaf = chain->links[0].cert;
        struct report_item item = {
                .step = STEP_URI,
                .status = STATUS_CERTIFICATE_URI_INVALID,
                .cert = leaf,
        };

        if (profile->purpose != PURPOSE_CLIENT && profile->purpose != PURPOSE_SERVER)
                return;
        if (profile->application_uri && leaf->alt_names.n_uris == 0)
                report_add(report, &item, "has no URI in its subjectAltName");
        else if (profile->application_uri && !has_uri(leaf, profile->application_uri))
                report_add(report, &item, "does not have the URI %s", profile->application_uri);

        if (leaf->alt_names.n_uris < 2)
                return;
        if (!judgement->snap->settings->wants_single_uri) {
                item.severity = SEVERITY_NOTE;
                item.status = STATUS_GOOD;
        }
        report_add(report, &item, "has %zu URIs in its subjectAltName", leaf->alt_names.n_uris);
}

int check_chain(struct judgement *judgement, const struct chain *chain, struct report *report)
{
        int r;

        if (budget_charge(&judgement->budget, JUDGING_UNITS))
                return CHECK_E_BUDGET;

        check_faults(chain, report);
        r = path_check(judgement, chain, report);
        if (r)
                return r < 0 ? r : CHECK_E_BUDGET;
        if (report_has_error(report))
                return 0;

        strength_check(judgement, chain, report);
        check_trust(judgement, chain, report);
        for (size_t i = 0; i < chain->n; i++)
                check_cert_validity(judgement, chain, i, report);
        if (!chain->is_crl_signer) {
                check_host_name(judgement, chain, report);
                check_uri(judgement, chain, report);
        }
        usage_check(judgement, chain, report);
        return 0;
}
