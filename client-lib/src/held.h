/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Held - the verdicts that a client keeps by the questions they answer, and the sheet that says
 * which of them still stand.
 *
 * What is kept is what left no trace in the agent but counts: Good, and nothing suppressed.
 * Anything else is asked each time, so that every refusal is audited and recorded. A verdict has
 * its own agentId, generation and slot, so that none that came late, from an agent or a generation
 * that is over, is ever found to stand; nothing is thrown away because the page changed, it only
 * stands no more. Least recently used goes first.
 */

#include "proto/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct held;
struct message_validate;
struct uatrust_verdict;

/*
 * A question as bytes: all fields but the context, by the table of the message, so that a field
 * more is in it by itself. Empty if its answer is not to be held.
 */
struct held_key {
        uint64_t hash;
        unsigned int round; /* since who was asked has changed */
        bool is_now;        /* not about another moment */
        uint8_t *bytes;
        size_t n;
};

#define HELD_KEY_NULL                                                                              \
        {                                                                                          \
                0, 0, false, NULL, 0                                                               \
        }

/** held_new() - Return: NULL if memory is short */
struct held *held_new(void);

/** held_free() - takes NULL; Return: NULL */
struct held *held_free(struct held *held);
DEFINE_CLEANUP(struct held *, held_free)

/** held_forget() - hold nothing, by no sheet: from now on somebody else is asked */
void held_forget(struct held *held);

/** held_set_max() - at most so many verdicts, no more than NAMES_HELD_MAX; what is too many goes */
void held_set_max(struct held *held, size_t n_max);

/**
 * held_make_key() - what @asked is found by
 * @out: held_key_deinit() it; empty if nothing is held, @asked has `at`, or memory is short
 */
void held_make_key(const struct held *held, const struct message_validate *asked,
                   struct held_key *out);
void held_key_deinit(struct held_key *key);

/** held_find() - Return: a verdict that stands now, a reference of the caller's; NULL: ask */
struct uatrust_verdict *held_find(struct held *held, const struct held_key *key);

/**
 * held_take_in() - a verdict has come from the agent behind @socket
 * @key: of the question; its bytes are taken if the verdict is kept, as it is not if held_forget()
 *       came between
 * @verdict: finds its sheet, if it is about now; the caller's reference stays the caller's
 *
 * A page is looked for where the verdict cannot stand by the present one, twice a second at most.
 */
void held_take_in(struct held *held, const char *socket, struct held_key *key,
                  struct uatrust_verdict *verdict);
