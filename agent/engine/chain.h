/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Chain - finds the chains that certify a certificate, one after another, each with every signature
 * verified: trust is decided on the very chain whose signatures were.
 *
 * A chain ends at a self-signed certificate of the store, or is the self-signed certificate in
 * question alone. Candidates for an issuer have its name; they come from trusted, then issuers,
 * then the message, of each list those with the matching key id first, and among these the
 * self-issued, which end a chain soonest. No CA stands in a chain twice, told by name and key: what
 * leads from a CA back to itself adds nothing to it, and of certificates that CAs gave each other
 * there are more such ways than any budget can walk.
 *
 * Reading: a root known only from the message completes nothing, for anyone can certify a missing
 * CA's name and key under a root of his own.
 *
 * Not here: whether a chain is any good (engine/check, engine/revocation).
 */

#include "engine/verdict.h"
#include "pki/link.h"

#include <stdbool.h>
#include <stddef.h>

struct judgement;
struct snapshot_cert;

#define CHAIN_DEPTH_MAX 10

struct chain_link {
        const struct cert *cert;
        const struct snapshot_cert *stored; /* in trusted or issuers; NULL: presented only */
};

struct chain {
        struct chain_link links[CHAIN_DEPTH_MAX]; /* leaf first */
        size_t n;
        bool is_crl_signer; /* begins with the signer of a CRL, not the certificate in question */
};

/* Why a chain could not be built further. */
enum chain_gap_kind {
        CHAIN_GAP_NO_ISSUER,      /* no candidate at all */
        CHAIN_GAP_OTHER_KEYS,     /* none whose key verifies it */
        CHAIN_GAP_TOO_LONG,       /* deeper than CHAIN_DEPTH_MAX */
        CHAIN_GAP_LOOP,           /* the issuer stands in the chain already */
        CHAIN_GAP_PRESENTED_ROOT, /* its root is known from the message only */
        /* the candidate with the matching key id, or itself, does not verify it */
        CHAIN_GAP_WRONG_SIGNATURE,
};

struct chain_gap {
        enum chain_gap_kind kind;
        struct chain chain;         /* as far as it could be built */
        const struct cert *suspect; /* the candidate that is meant; NULL: none */
        enum link_result result;    /* of CHAIN_GAP_WRONG_SIGNATURE */
};

/* Where the search for the issuer of one certificate stands. */
struct chain_frame {
        const struct snapshot_cert *const
                *stored; /* the store's certificates of the issuer's name */
        size_t n_stored;
        unsigned int rank; /* of the candidates being looked at */
        size_t at;         /* next of them to look at */
        bool has_issuer;   /* one of them verified it */
        enum chain_gap_kind gap;
        const struct cert *suspect;
        enum link_result suspect_result;
};

struct chain_search {
        struct judgement *judgement;
        bool uses_presented; /* candidates come from the message too */
        bool is_started;
        struct chain chain; /* the one that was found */
        struct chain_frame frames[CHAIN_DEPTH_MAX];
        struct chain_gap gap; /* of the longest chain that could not be completed; n 0: none */
};

enum {
        CHAIN_E_END = 1,    /* there is no further chain */
        CHAIN_E_BUDGET = 2, /* the budget ran out; the judgement's budget says of what */
};

/** chain_link_of() - @cert as a link of a chain: is it in the store? */
struct chain_link chain_link_of(struct judgement *judgement, const struct cert *cert);

/** chain_link_list() - which list it stands in */
enum chain_list chain_link_list(const struct chain_link *link);

/**
 * chain_search_init() - begin with a certificate
 * @start:          the certificate in question, or the signer of a CRL
 * @is_crl_signer:  the latter, which is its own root only if it is in the store
 * @uses_presented: candidates come from the message too
 */
void chain_search_init(struct chain_search *search, struct judgement *judgement,
                       const struct cert *start, bool is_crl_signer, bool uses_presented);

/**
 * chain_search_next() - the next complete chain, in search->chain
 *
 * Return: 0, CHAIN_E_END, CHAIN_E_BUDGET, or -ENOMEM.
 */
int chain_search_next(struct chain_search *search);
