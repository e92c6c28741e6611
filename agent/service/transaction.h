/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Transaction - an update of a trust list that is sent in parts, as the file of OPC 10000-12
 * TrustListType is written in parts: begun, added to, and then applied or cancelled. Until it is
 * applied nothing of it is in force.
 *
 * It belongs to the user who began it, at the door by which he came. One that is not used for
 * TRANSACTION_IDLE_S is forgotten. The lists that it replaces must be, when it is applied, what they
 * were when it was begun (store/update_base): else two administrators would undo each other's work
 * unseen.
 *
 * Limits: NAMES_USER_UPDATES_OPEN_MAX a user, NAMES_UPDATES_OPEN_MAX and
 * NAMES_UPDATES_OPEN_MAX_BYTES in all.
 */

#include "pki/bytes.h"
#include "proto/compiler.h"
#include "store/update_request.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct caller;
struct store_state;
struct transaction;
struct transactions;

#define TRANSACTION_IDLE_S INT64_C(60)

enum {
        TRANSACTION_E_TOO_MANY = 1,  /* open; of the user, or in all */
        TRANSACTION_E_TOO_LARGE,     /* bytes of this one */
        TRANSACTION_E_TOO_LARGE_ALL, /* bytes of all that are open */
};

/** transactions_new() - none is open; Return: 0 or -ENOMEM */
int transactions_new(struct transactions **out);

/** transactions_free() - takes NULL; Return: NULL */
struct transactions *transactions_free(struct transactions *transactions);

/* What is begun; all borrowed. */
struct transaction_begin {
        const struct caller *caller;
        const struct store_state *state; /* with a snapshot */
        unsigned int lists;              /* 1u << enum update_list: which are replaced */
        const char *reason;              /* or NULL */
        int64_t now_ns;                  /* monotonic */
};

/** transaction_begin() - Return: 0 with @out borrowed, TRANSACTION_E_TOO_MANY, or -ENOMEM */
int transaction_begin(struct transactions *transactions, const struct transaction_begin *begin,
                      struct transaction **out);

/**
 * transaction_find() - an open one of this caller; from now it is in use for TRANSACTION_IDLE_S more
 *
 * Return: borrowed; NULL: there is none of this id, it was forgotten, or it is another user's.
 */
struct transaction *transaction_find(struct transactions *transactions, const char *id,
                                     const struct caller *caller, int64_t now_ns);

/** transaction_add() - more of one of its lists; Return: 0, TRANSACTION_E_TOO_LARGE*, or -ENOMEM */
int transaction_add(struct transaction *transaction, enum update_list list, struct bytes der);

/** transaction_end() - applied or cancelled; takes NULL, returns NULL */
struct transaction *transaction_end(struct transaction *transaction);

const char *transaction_get_id(const struct transaction *transaction);
size_t transaction_get_store(const struct transaction *transaction);       /* handle */
const char *transaction_get_reason(const struct transaction *transaction); /* or NULL */

/** transaction_get_request() - to be frozen while transaction_set_applying() */
struct update_request *transaction_get_request(const struct transaction *transaction);

/** transaction_set_applying() - while it is, it is neither forgotten nor added to */
void transaction_set_applying(struct transaction *transaction, bool is_applying, int64_t now_ns);
bool transaction_is_applying(const struct transaction *transaction);

/** transactions_forget() - those whose time is over; Return: how many are still open */
size_t transactions_forget(struct transactions *transactions, int64_t now_ns);

DEFINE_CLEANUP(struct transactions *, transactions_free)
