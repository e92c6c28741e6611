/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Entry - one object that a file of a store holds: a certificate, a CRL, a block, or what could not
 * be read as any and why. A file of three certificates makes three entries of one origin; the same
 * certificate in two files makes two entries, which a snapshot shows as one item with two origins.
 *
 * Frozen and shared between the generations of a store.
 */

#include "base/ref.h"
#include "proto/compiler.h"
#include "trust/role.h"

#include <stdint.h>

struct block;
struct cert;
struct crl;

enum entry_kind {
        ENTRY_CERT,
        ENTRY_CRL,
        ENTRY_BLOCK,
        ENTRY_BROKEN,
};

struct entry {
        struct ref ref;
        enum entry_kind kind;
        enum role role;

        /*
         * Where it came from: "SOURCE/PATH", PATH below the source's folder:
         * "default/trusted/certs/plc1.der".
         */
        const char *origin;

        const struct cert *cert;   /* ENTRY_CERT */
        const struct crl *crl;     /* ENTRY_CRL */
        const struct block *block; /* ENTRY_BLOCK */
        const char *reason;        /* ENTRY_BROKEN: one sentence, else NULL */

        /*
         * ENTRY_CRL, ENTRY_BLOCK: the last good content of a file that is now damaged. It goes on
         * revoking what it lists, satisfies no step 10, or goes on blocking, and is not in the
         * state hash; a broken entry of the same origin stands beside it.
         */
        bool is_last_good;

        /*
         * ENTRY_BROKEN: it is no damaged object but none of ours. It is listed, and is no news:
         * no generation follows from it.
         */
        bool is_foreign;
};

/**
 * entry_new_cert(), entry_new_crl(), entry_new_block(), entry_new_broken(), entry_new_foreign() -
 * make an entry
 * @origin: copied
 * @cert, @crl, @block: borrowed; the entry takes a reference of its own
 * @reason: copied
 *
 * What entry_new_foreign() makes is broken as well, see is_foreign.
 *
 * Return: 0 or -ENOMEM.
 */
int entry_new_cert(enum role role, const char *origin, const struct cert *cert, struct entry **out);
int entry_new_crl(enum role role, const char *origin, const struct crl *crl, bool is_last_good,
                  struct entry **out);
int entry_new_block(enum role role, const char *origin, const struct block *block,
                    bool is_last_good, struct entry **out);
int entry_new_broken(enum role role, const char *origin, const char *reason, struct entry **out);
int entry_new_foreign(enum role role, const char *origin, const char *reason, struct entry **out);

/** entry_sha256() - of the object, 32 bytes; of a block its id; NULL of what is broken */
const uint8_t *entry_sha256(const struct entry *entry);

/**
 * entry_compare() - the order of a snapshot's entries
 *
 * By kind; then certificates, CRLs and blocks by object, role and origin, broken files by role
 * and origin.
 * What is equal in all that, as the same object twice in one file, has some order all the same.
 *
 * Return: <0, 0 only if @a is @b, >0.
 */
int entry_compare(const struct entry *a, const struct entry *b);

/** entry_ref() - another reference to a frozen entry; any thread */
struct entry *entry_ref(const struct entry *entry);

/** entry_unref() - takes NULL, returns NULL */
struct entry *entry_unref(struct entry *entry);

DEFINE_CLEANUP(struct entry *, entry_unref)
