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
 *
 * With each is kept how the agent worded it: what does not stand any more is asked again, and
 * mostly is answered by the same words.
 */

#include "proto/buf.h"
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
        bool is_all;        /* of the question: it has no context */
        uint8_t *bytes;
        size_t n;
        struct buf message; /* the call that asks it, ready to be sent; empty: not known */
};

#define HELD_KEY_NULL                                                                              \
        {                                                                                          \
                .bytes = NULL                                                                      \
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

/**
 * held_find() - Return: a verdict that stands now, a reference of the caller's; NULL: ask
 * @key: gets the message, if there is none and one was held that does not stand any more
 */
struct uatrust_verdict *held_find(struct held *held, struct held_key *key);

/**
 * held_recall() - a reply that says what the last one to this question did, under a generation of
 * its own: held_take_in() without reading it
 * @text: of @n bytes, a message without its NUL
 *
 * Return: what it says, a reference of the caller's; NULL: read it.
 */
struct uatrust_verdict *held_recall(struct held *held, const char *socket, struct held_key *key,
                                    const char *text, size_t n);

/**
 * held_take_in() - a verdict has come from the agent behind @socket
 * @key: of the question; its bytes and message are taken if the verdict is kept, as it is not if
 *       held_forget() came between
 * @verdict: finds its sheet, if it is about now; the caller's reference stays the caller's
 *
 * A page is looked for where the verdict cannot stand by the present one, twice a second at most.
 */
void held_take_in(struct held *held, const char *socket, struct held_key *key,
                  struct uatrust_verdict *verdict);
