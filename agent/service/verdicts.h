/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Verdicts - judgements that were made, kept to be said again. A key holds all that a verdict
 * depends on but time: the presented bytes, the profile, the store and its generation; a verdict is
 * not found from its valid_until_s on. Bounded; the one that was asked for longest ago goes first.
 */

#include "proto/compiler.h"

#include <stddef.h>
#include <stdint.h>

struct message_verdict;
struct verdicts;

#define VERDICTS_MAX 4096 /* kept at most */

struct verdicts_key {
        uint8_t sha256[32];
};

/** verdicts_new() - an empty cache; Return: 0 or -ENOMEM */
int verdicts_new(struct verdicts **out);

struct verdicts *verdicts_free(struct verdicts *verdicts);

/**
 * verdicts_find() - a verdict that still holds
 *
 * Return: borrowed until the next call of this module; NULL: none, or its time is over.
 */
const struct message_verdict *verdicts_find(struct verdicts *verdicts,
                                            const struct verdicts_key *key, int64_t now_s);

/**
 * verdicts_keep() - remember one
 * @verdict:       without auditEventId; taken, also on failure: its content moves
 *                 here and is freed here
 * @valid_until_s: exclusive; INT64_MAX: time changes nothing
 *
 * Return: borrowed as from verdicts_find(), or NULL: no memory.
 */
const struct message_verdict *verdicts_keep(struct verdicts *verdicts,
                                            const struct verdicts_key *key, int64_t valid_until_s,
                                            struct message_verdict *verdict);

/** verdicts_forget() - drop all of one store, whose generations they name are past */
void verdicts_forget(struct verdicts *verdicts, const char *store);

DEFINE_CLEANUP(struct verdicts *, verdicts_free)
