/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Snapshot - the whole picture of one store at one moment, by which certificates are judged. Frozen
 * and shared: a request holds one reference from decode to reply; a refresh builds a new one
 * (trust/builder) and shares what did not change. It has no generation: that number belongs to
 * whoever swaps snapshots (the service).
 *
 * Arrays are sorted once and searched by bisection. Pointers found are borrowed from the snapshot.
 */

#include "base/ref.h"
#include "pki/bytes.h"
#include "proto/compiler.h"
#include "trust/role.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct batch;
struct block;
struct cert;
struct crl;
struct entry;
struct name;
struct settings;

/* One certificate, however many files hold it. */
struct snapshot_cert {
        const struct cert *cert;
        unsigned int roles; /* bit 1 << enum role for each list it lies in */
        /* One for each file that holds it, in order of role, then origin. */
        const struct entry *const *entries;
        size_t n_entries;
};

enum snapshot_crl_state {
        /* no certificate of the store verifies it: revokes nothing, satisfies nothing */
        SNAPSHOT_CRL_UNVERIFIED,
        SNAPSHOT_CRL_NEWEST,     /* of its signer and scope */
        SNAPSHOT_CRL_SUPERSEDED, /* a newer one of the same signer and scope is there */
        SNAPSHOT_CRL_LAST_GOOD,  /* what a damaged file held before: revokes only */
};

/*
 * One CRL, however many files hold it. Whether it is current at a moment is not said here: the
 * moment decides.
 */
struct snapshot_crl {
        const struct crl *crl;
        const struct cert *signer; /* a certificate of the store whose key verified it, or NULL */
        enum snapshot_crl_state state;
        const struct entry *const *entries;
        size_t n_entries;
};

/*
 * Certificates of the judged lists by some bytes of theirs, of which keys hold sort_hash(): in
 * order of key, then of the bytes, then trusted ones first.
 */
struct snapshot_index {
        const uint64_t *keys;
        const struct snapshot_cert *const *certs;
        size_t n;
};

struct snapshot {
        struct ref ref;
        const struct settings *settings;

        /*
         * What this picture would be if each broken file and vanished source were as it was last;
         * NULL: nothing is lost. Nothing is trusted by it: it tells whether a verdict fell because
         * something is known (revoked, removed) or because something is not.
         */
        const struct snapshot *known;

        const struct batch *const *batches; /* what holds the entries; in order of address */
        size_t n_batches;

        const struct entry *const *entries; /* every entry, in order of kind, object and role */
        size_t n_entries;

        const struct snapshot_cert *certs; /* in order of SHA-256; all roles */
        size_t n_certs;

        struct snapshot_index by_subject; /* by the name's canonical form */
        struct snapshot_index by_key_id;  /* by subject key identifier; those that have one */

        const struct snapshot_crl *crls; /* in order of issuer name, then signer, newest first */
        size_t n_crls;

        const struct block *const *blocks; /* each once, in the order of block_compare() */
        size_t n_blocks;

        size_t n_broken;
        size_t n_role_certs[ROLE_N]; /* distinct certificates in each list */
};

struct snapshot *snapshot_ref(const struct snapshot *snap);
struct snapshot *snapshot_unref(struct snapshot *snap);

/** snapshot_set_known() - @known: taken, see snapshot.known; @snap: not shared with anybody yet */
void snapshot_set_known(struct snapshot *snap, struct snapshot *known);

/**
 * snapshot_hash() - what decides verdicts: the judged lists' objects, the blocks and the settings
 * @out: equal for two snapshots that give equal verdicts
 *
 * A last good content is not in it, as a fresh agent would not have it. Cost: O(n), 32 bytes hashed
 * an object. Return: 0 or -ENOMEM.
 */
int snapshot_hash(const struct snapshot *snap, uint8_t out[32]);

/**
 * snapshot_find_kind() - how many entries come before the first of @kind, an enum entry_kind or one
 * more than the last
 */
size_t snapshot_find_kind(const struct snapshot *snap, int kind);

/** snapshot_find_cert() - the certificate of that SHA-256 in any list, or NULL; Cost: O(log n) */
const struct snapshot_cert *snapshot_find_cert(const struct snapshot *snap,
                                               const uint8_t sha256[32]);

/**
 * snapshot_is_trusted() - does this very certificate, compared as whole DER, lie in the trusted
 * list?
 *
 * Reading: trust is by the bytes of the certificate, never by its name, key or thumbprint alone.
 */
bool snapshot_is_trusted(const struct snapshot *snap, const struct cert *cert);

/**
 * snapshot_is_blocked() - did the administrator block it, by SHA-256 or by issuer and serial
 * number?
 */
bool snapshot_is_blocked(const struct snapshot *snap, const struct cert *cert);

/**
 * snapshot_find_by_subject() - certificates of the judged lists that bear a name, trusted ones
 * first
 * @out_n: how many
 *
 * Return: the first of @out_n consecutive items of by_subject, or NULL where there is none. Cost:
 * O(log n).
 */
const struct snapshot_cert *const *snapshot_find_by_subject(const struct snapshot *snap,
                                                            const struct name *subject,
                                                            size_t *out_n);

/** snapshot_find_by_key_id() - the same by subject key identifier, which is not empty */
const struct snapshot_cert *const *snapshot_find_by_key_id(const struct snapshot *snap,
                                                           struct bytes key_id, size_t *out_n);

/**
 * snapshot_find_crls() - the CRLs that name this issuer; verified or not; Return: as above. Cost:
 * O(log n)
 */
const struct snapshot_crl *snapshot_find_crls(const struct snapshot *snap,
                                              const struct name *issuer, size_t *out_n);

/**
 * snapshot_crl_is_last_good() - does no file hold it as it stands on disk? Also of one that nobody in
 * the store verifies, whose state does not say so
 */
bool snapshot_crl_is_last_good(const struct snapshot_crl *crl);

DEFINE_CLEANUP(struct snapshot *, snapshot_unref)
