/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/chain.h"

#include "engine/judgement.h"
#include "engine/lookup.h"
#include "pki/cert.h"

/*
 * The rank of a candidate is a number of its list, whether its key id matches, and whether it is
 * self-issued; each is a bit, so that counting through the ranks is the order of the search.
 */
enum {
        RANK_NOT_SELF_ISSUED = 1 << 0,
        RANK_NO_KEY_ID = 1 << 1,
        RANK_LIST = 1 << 2, /* times 0 trusted, 1 issuers, 2 presented */
        RANK_PRESENTED = 2 * RANK_LIST,
        RANK_N = 3 * RANK_LIST,
};

#define STEPS_A_CANDIDATE 16 /* what trying one costs beside the signature */

struct chain_link chain_link_of(struct judgement *judgement, const struct cert *cert)
{
        const struct snapshot_cert *stored = lookup_cert(judgement, cert);
        unsigned int judged = 1u << ROLE_TRUSTED | 1u << ROLE_ISSUERS;

        if (!stored || !(stored->roles & judged) || !cert_equal(stored->cert, cert))
                return (struct chain_link){ .cert = cert };
        return (struct chain_link){ .cert = stored->cert, .stored = stored };
}

enum chain_list chain_link_list(const struct chain_link *link)
{
        if (!link->stored)
                return CHAIN_LIST_PRESENTED;
        return link->stored->roles & 1u << ROLE_TRUSTED ? CHAIN_LIST_TRUSTED : CHAIN_LIST_ISSUERS;
}

/*
 * Subject equals issuer, and its signature verifies with its own key. Return: 0 with @out,
 * BUDGET_E_SPENT, or -ENOMEM.
 */
static int is_self_signed(struct judgement *judgement, const struct cert *cert, bool *out)
{
        enum link_result result;
        int r;

        if (!cert->is_self_issued) {
                *out = false;
                return 0;
        }

        r = budget_verify_cert(&judgement->budget, cert, cert, &result);
        if (r)
                return r;

        *out = result == LINK_VERIFIED;
        return 0;
}

static const struct cert *top_of(const struct chain_search *search)
{
        return search->chain.links[search->chain.n - 1].cert;
}

static struct chain_frame *frame_of(struct chain_search *search)
{
        return &search->frames[search->chain.n - 1];
}

static void push(struct chain_search *search, struct chain_link link)
{
        struct chain_frame *frame;

        search->chain.links[search->chain.n++] = link;
        frame = frame_of(search);
        *frame = (struct chain_frame){ .gap = CHAIN_GAP_NO_ISSUER };
        frame->stored = lookup_by_subject(search->judgement, &link.cert->issuer, &frame->n_stored);
}

void chain_search_init(struct chain_search *search, struct judgement *judgement,
                       const struct cert *start, bool is_crl_signer, bool uses_presented)
{
        search->judgement = judgement;
        search->uses_presented = uses_presented;
        search->is_started = false;
        search->chain.n = 0;
        search->chain.is_crl_signer = is_crl_signer;
        search->gap.chain.n = 0;
        push(search, chain_link_of(judgement, start));
}

/* --- candidates --- */

static unsigned int rank_within_list(const struct cert *issuer, const struct cert *subject)
{
        unsigned int rank = 0;

        if (link_key_id(issuer, subject) != LINK_KEY_ID_MATCH)
                rank |= RANK_NO_KEY_ID;
        if (!issuer->is_self_issued)
                rank |= RANK_NOT_SELF_ISSUED;
        return rank;
}

static unsigned int rank_of(const struct chain_link *link, const struct cert *subject)
{
        unsigned int rank = rank_within_list(link->cert, subject);

        switch (chain_link_list(link)) {
        case CHAIN_LIST_TRUSTED:
                return rank;
        case CHAIN_LIST_ISSUERS:
                return rank + RANK_LIST;
        case CHAIN_LIST_PRESENTED:
                break;
        }
        return rank + RANK_PRESENTED;
}

/* The i-th certificate among which those of a rank are; false at their end. */
static bool look_at(const struct chain_search *search, const struct chain_frame *frame, size_t i,
                    struct chain_link *out)
{
        struct judgement *judgement = search->judgement;

        if (frame->rank < RANK_PRESENTED) {
                if (i >= frame->n_stored)
                        return false;
                *out = (struct chain_link){ frame->stored[i]->cert, frame->stored[i] };
                return true;
        }
        if (!search->uses_presented || i >= judgement->n_presented)
                return false;
        *out = chain_link_of(judgement, judgement->presented[i]);
        return true;
}

/* Return: 0 with the next candidate, CHAIN_E_END, or CHAIN_E_BUDGET. */
static int next_candidate(struct chain_search *search, struct chain_link *out)
{
        struct chain_frame *frame = frame_of(search);
        const struct cert *subject = top_of(search);

        for (; frame->rank < RANK_N; frame->rank++, frame->at = 0) {
                while (look_at(search, frame, frame->at, out)) {
                        frame->at++;
                        if (budget_step(&search->judgement->budget, 1))
                                return CHAIN_E_BUDGET;
                        if (link_is_named_issuer(out->cert, subject) &&
                            rank_of(out, subject) == frame->rank)
                                return 0;
                }
        }
        return CHAIN_E_END;
}

static bool is_in_chain(const struct chain *chain, const struct cert *cert)
{
        for (size_t i = 0; i < chain->n; i++) {
                const struct cert *below = chain->links[i].cert;

                if (name_equal(&below->subject, &cert->subject) &&
                    bytes_equal(below->key.spki, cert->key.spki))
                        return true;
        }
        return false;
}

/* --- dead ends --- */

/* The worst of what was met says why there is no issuer. */
static void note_gap(struct chain_frame *frame, enum chain_gap_kind kind,
                     const struct cert *suspect, enum link_result result)
{
        if (kind <= frame->gap)
                return;

        frame->gap = kind;
        frame->suspect = suspect;
        frame->suspect_result = result;
}

/* Its key was to verify the last of the chain: if it does not, that one lies. */
static int accuse(struct chain_search *search, const struct cert *candidate)
{
        enum link_result result;
        int r;

        r = budget_verify_cert(&search->judgement->budget, candidate, top_of(search), &result);
        if (r)
                return r < 0 ? r : CHAIN_E_BUDGET;
        if (result != LINK_VERIFIED)
                note_gap(frame_of(search), CHAIN_GAP_WRONG_SIGNATURE, candidate, result);
        return 0;
}

/* A certificate of another name that has the key id which the last of the chain names. */
static int suspect_by_key_id(struct chain_search *search)
{
        const struct cert *subject = top_of(search);
        const struct snapshot_cert *const *stored;
        size_t n;

        if (subject->authority_key_id.n == 0 || frame_of(search)->gap == CHAIN_GAP_WRONG_SIGNATURE)
                return 0;

        stored = lookup_by_key_id(search->judgement, subject->authority_key_id, &n);
        for (size_t i = 0; i < n; i++)
                if (!link_is_named_issuer(stored[i]->cert, subject))
                        return accuse(search, stored[i]->cert);
        return 0;
}

/* Its name, and as far as it says its key, are its own: then its own signature was to verify it. */
static bool names_itself(const struct cert *cert)
{
        return cert->is_self_issued && link_key_id(cert, cert) != LINK_KEY_ID_MISMATCH;
}

/* Nobody certifies the last of the chain: keep it if no longer one is known. */
static int leave_dead_end(struct chain_search *search)
{
        struct chain_frame *frame = frame_of(search);
        int r;

        if (search->chain.n <= search->gap.chain.n)
                return 0;

        r = suspect_by_key_id(search);
        if (r)
                return r;
        r = names_itself(top_of(search)) ? accuse(search, top_of(search)) : 0;
        if (r)
                return r;

        search->gap = (struct chain_gap){
                .kind = frame->gap,
                .chain = search->chain,
                .suspect = frame->suspect,
                .result = frame->suspect_result,
        };
        return 0;
}

/* --- the search --- */

/*
 * Is @link the issuer of the last of the chain, and does it lead on? Return: 0 with @out,
 * BUDGET_E_SPENT or -ENOMEM.
 */
static int try_candidate(struct chain_search *search, const struct chain_link *link, bool *out)
{
        struct judgement *judgement = search->judgement;
        struct chain_frame *frame = frame_of(search);
        enum link_result result;
        bool is_root = false;
        int r;

        *out = false;
        r = budget_verify_cert(&judgement->budget, link->cert, top_of(search), &result);
        if (r)
                return r;
        if (result != LINK_VERIFIED) {
                bool is_named = link_key_id(link->cert, top_of(search)) == LINK_KEY_ID_MATCH;

                note_gap(frame, is_named ? CHAIN_GAP_WRONG_SIGNATURE : CHAIN_GAP_OTHER_KEYS,
                         link->cert, result);
                return 0;
        }

        r = link->stored ? 0 : is_self_signed(judgement, link->cert, &is_root);
        if (r)
                return r;
        if (!link->stored && is_root)
                note_gap(frame, CHAIN_GAP_PRESENTED_ROOT, link->cert, result);
        else if (search->chain.n == CHAIN_DEPTH_MAX)
                note_gap(frame, CHAIN_GAP_TOO_LONG, link->cert, result);
        else
                *out = frame->has_issuer = true;
        return 0;
}

/* Does the chain end here? Return: 0 with @out, CHAIN_E_BUDGET or -ENOMEM. */
static int is_complete(struct chain_search *search, bool *out)
{
        const struct chain_link *last = &search->chain.links[search->chain.n - 1];
        bool is_question = search->chain.n == 1 && !search->chain.is_crl_signer;
        int r;

        *out = false;
        if (!last->stored && !is_question)
                return 0;

        r = is_self_signed(search->judgement, last->cert, out);
        return r > 0 ? CHAIN_E_BUDGET : r;
}

/* One step on or back. Return: 0 with @out_found, CHAIN_E_BUDGET, or -ENOMEM. */
static int advance(struct chain_search *search, bool *out_found)
{
        struct judgement *judgement = search->judgement;
        struct chain_link link;
        bool leads_on = false;
        int r;

        r = next_candidate(search, &link);
        if (r == CHAIN_E_END) {
                r = frame_of(search)->has_issuer ? 0 : leave_dead_end(search);
                search->chain.n--;
                return r;
        }
        if (!r)
                r = budget_step(&judgement->budget, STEPS_A_CANDIDATE);
        if (r)
                return CHAIN_E_BUDGET;
        if (is_in_chain(&search->chain, link.cert)) {
                note_gap(frame_of(search), CHAIN_GAP_LOOP, link.cert, LINK_VERIFIED);
                return 0;
        }

        r = try_candidate(search, &link, &leads_on);
        if (r)
                return r < 0 ? r : CHAIN_E_BUDGET;
        if (!leads_on)
                return 0;

        push(search, link);
        return is_complete(search, out_found);
}

int chain_search_next(struct chain_search *search)
{
        bool is_found = false;
        int r = 0;

        if (search->is_started)
                search->chain.n--; /* the root of the chain found last */
        else
                r = is_complete(search, &is_found);
        search->is_started = true;

        while (!r && !is_found && search->chain.n > 0)
                r = advance(search, &is_found);
        if (r)
                return r;
        return is_found ? 0 : CHAIN_E_END;
}
