/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Replies - finished replies, kept under the very message that they answered, so that the same question from the
 * same kind of caller costs no decoding, hashing and encoding. Messages are compared byte by byte: a hash only says
 * where to look.
 *
 * Nothing here says whether a reply may be given once more: that is service_stamp_holds(), to be asked each time,
 * and that it was, service_note_kept().
 * Bounded: each message has few places where it can be, and the one there that was longest not asked for makes room.
 */

#include "proto/compiler.h"
#include "service/service_call.h"

#include <stddef.h>
#include <stdint.h>

struct caller;
struct replies;

#define REPLIES_MAX 1024 /* kept at once */
#define REPLIES_MAX_BYTES                                                                          \
        (16 * 1024) /* of one message and its reply together; larger ones are not kept */

struct replies_question {
        const struct caller *caller; /* only one with the same rights gets the reply */
        const char *message;         /* as it came, NULs not counted */
        size_t n_message;
};

struct replies_kept {
        struct service_stamp stamp;
        const uint8_t *reply;
        size_t n_reply;
};

/** replies_new() - none kept; Return: 0 or -ENOMEM */
int replies_new(struct replies **out);

/** replies_free() - takes NULL; Return: NULL */
struct replies *replies_free(struct replies *replies);
DEFINE_CLEANUP(struct replies *, replies_free)

/** replies_find() - what was last kept for @question, or NULL; borrowed until the next replies_keep() */
const struct replies_kept *replies_find(struct replies *replies,
                                        const struct replies_question *question);

/**
 * replies_keep() - remember @kept, in place of what was kept for @question before
 * @kept: copied
 *
 * Where memory runs out nothing is kept: the question is then asked anew.
 */
void replies_keep(struct replies *replies, const struct replies_question *question,
                  const struct replies_kept *kept);
