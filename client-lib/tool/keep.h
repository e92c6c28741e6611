/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Keep - what a store's own folder holds is given again to a transaction that replaces its lists,
 * so that it stays. What lies in a source stays where it is, and is not ours to give: a copy would
 * outlive it.
 */

#include "parcel.h"

#include <stddef.h>

struct options;
struct uatrust_client;
struct uatrust_transaction;

struct keep {
        const struct options *options;
        struct uatrust_client *client;
        const char *store; /* NULL: the client's */
        struct uatrust_transaction *transaction;
        unsigned int lists;     /* bits of enum uatrust_list: those that it replaces */
        size_t n[PARCEL_LISTS]; /* how many were given to each */
};

/**
 * keep_check() - is there anything that cannot be given again?
 *
 * What a damaged revocation list held when it was last good goes on revoking; an update of its list
 * would end it. Return: 0, or an exit code after a complaint.
 */
int keep_check(const struct keep *keep);

/** keep_all() - after the transaction was begun; Return: 0, or an exit code after a complaint */
int keep_all(struct keep *keep);
