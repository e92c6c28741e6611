/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/signer.h"

#include "engine/chain.h"
#include "engine/check.h"
#include "engine/judgement.h"
#include "engine/listing.h"
#include "engine/report.h"
#include "engine/usage.h"
#include "pki/cert.h"

static int verifies(struct judgement *judgement, const struct cert *issuer,
                    const struct cert *subject, bool *out)
{
        enum link_result result;
        int r = budget_verify_cert(&judgement->budget, issuer, subject, &result);

        if (r)
                return r < 0 ? r : SIGNER_E_BUDGET;

        *out = result == LINK_VERIFIED;
        return 0;
}

static bool is_for_crls_only(const struct cert *cert)
{
        return cert->key_usage.is_present && usage_may_sign_crls(cert) &&
               !(cert->key_usage.bits & CERT_USAGE_KEY_CERT_SIGN);
}

int signer_is_same_ca(struct judgement *judgement, const struct cert *signer,
                      const struct cert *issuer, bool *out)
{
        int r = 0;

        *out = false;
        if (!name_equal(&signer->subject, &issuer->subject))
                return 0;
        if (is_for_crls_only(signer) && !usage_may_sign_crls(issuer)) {
                *out = true;
                return 0;
        }
        if (signer->is_self_issued)
                r = verifies(judgement, issuer, signer, out);
        if (!r && !*out && issuer->is_self_issued)
                r = verifies(judgement, signer, issuer, out);
        return r;
}

/* Step 11 of the signer's own chain. */
static int is_any_revoked(struct judgement *judgement, const struct chain *chain, bool *out)
{
        *out = false;
        for (size_t i = 0; i < chain->n && !*out; i++) {
                const struct cert *issuer = chain->links[i + 1 < chain->n ? i + 1 : i].cert;
                struct listing listing;
                int r;

                listing_init(&listing, judgement, chain->links[i].cert);
                r = listing_read_issuer(&listing, issuer);
                if (r)
                        return r < 0 ? r : SIGNER_E_BUDGET;
                *out = listing.is_revoked;
        }
        return 0;
}

static int passes(struct judgement *judgement, const struct chain *chain, bool *out)
{
        struct report report;
        bool is_revoked;
        int r;

        report_init(&report, 0);
        r = check_chain(judgement, chain, &report);
        if (!r)
                r = report.error;
        *out = !report_has_error(&report);
        report_deinit(&report);
        if (r)
                return r < 0 ? r : SIGNER_E_BUDGET;
        if (!*out)
                return 0;

        r = is_any_revoked(judgement, chain, &is_revoked);
        *out = !r && !is_revoked;
        return r;
}

static bool ends_alike(const struct chain *a, const struct chain *b)
{
        return cert_equal(a->links[a->n - 1].cert, b->links[b->n - 1].cert);
}

static int search(struct judgement *judgement, struct chain_search *search,
                  const struct chain *chain, bool *out)
{
        int r;

        while (!(r = chain_search_next(search)) && !*out)
                if (ends_alike(&search->chain, chain)) {
                        r = passes(judgement, &search->chain, out);
                        if (r || *out)
                                return r;
                }
        if (r == CHAIN_E_END)
                return 0;
        return r < 0 ? r : SIGNER_E_BUDGET;
}

/* What stands in the chain is judged with it. */
static bool stands_in(const struct chain *chain, const struct cert *cert)
{
        for (size_t i = 1; i < chain->n; i++)
                if (cert_equal(chain->links[i].cert, cert))
                        return true;
        return false;
}

int signer_is_sound(struct judgement *judgement, const struct cert *signer,
                    const struct chain *chain, bool *out)
{
        struct chain_search candidates;
        int r;

        *out = stands_in(chain, signer);
        if (*out)
                return 0;

        chain_search_init(&candidates, judgement, signer, true, false);
        r = search(judgement, &candidates, chain, out);
        if (r || *out)
                return r;

        chain_search_init(&candidates, judgement, signer, true, true);
        return search(judgement, &candidates, chain, out);
}
