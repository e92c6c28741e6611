/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Peer question - what is asked of a watched peer each time that it is judged: its certificates,
 * decoded once, and its profile. Shared between the loop thread, which makes it, and jobs.
 */

#include "base/ref.h"
#include "engine/cause.h"
#include "engine/profile.h"
#include "pki/decode.h"
#include "proto/compiler.h"
#include "proto/message.h"
#include "proto/message_peers.h"

#include <stdbool.h>
#include <stddef.h>

struct caller;
struct snapshot;
struct stores;
struct terms;
struct verdict;

#define PEER_QUESTION_KEY_MAX_BYTES 256

struct peer_question {
        struct ref ref;
        char *key;
        size_t n_bytes; /* of all that was given */

        struct message_validate in; /* its store has a name; certificates until they are decoded */
        struct profile profile;     /* borrows from it; suppresses what was asked for */

        bool is_decoded;
        int decoded; /* 0, or the DECODE_E_* for which it cannot be judged */
        struct decode_chain chain;
};

enum {
        PEER_QUESTION_E_REFUSED = 1,
        PEER_QUESTION_E_UNREADABLE = 2, /* more or larger certificates than may be presented */
};

/**
 * peer_question_new() - check what was given, and copy it
 * @caller:    must be one who may read its store
 * @out_error: written if it is refused; texts are static or borrowed from @in
 *
 * Return: 0, PEER_QUESTION_E_REFUSED, or -ENOMEM.
 */
int peer_question_new(const struct message_peer *in, const struct stores *stores,
                      const struct caller *caller, struct peer_question **out,
                      struct message_error *out_error);

/** peer_question_ref(), peer_question_unref() - any thread; unref takes NULL and returns NULL */
struct peer_question *peer_question_ref(struct peer_question *question);
struct peer_question *peer_question_unref(struct peer_question *question);

/**
 * peer_question_judge() - judge it, and say why: see cause_judge()
 *
 * Any thread, but one at a time until it was judged once: the first decodes. What the store does
 * not let requests suppress is not suppressed.
 *
 * Return: 0, PEER_QUESTION_E_UNREADABLE, or -ENOMEM.
 */
int peer_question_judge(struct peer_question *question, const struct snapshot *snap, bool was_good,
                        const struct terms *terms, struct verdict *out, enum cause *out_cause);

DEFINE_CLEANUP(struct peer_question *, peer_question_unref)
