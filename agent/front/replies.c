/* SPDX-License-Identifier: Apache-2.0 */
#include "front/replies.h"

#include "service/caller.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PLACES 4 /* where one message can be */
#define SETS   (REPLIES_MAX / PLACES)
#define LANES  4

struct item {
        struct caller *caller;
        size_t n_message;
        struct replies_kept kept; /* its reply is behind the message */
        uint8_t message[];
};

/* Places of a set are in order of use, the latest first. */
struct replies {
        struct item *sets[SETS][PLACES];
};

/*
 * Multiplied 64-bit words, in lanes that do not wait for each other: fast, and that is all it has to be, as a set is
 * searched by comparing.
 */
static size_t set_of(const char *message, size_t n)
{
        const uint64_t factor = UINT64_C(0x9e3779b97f4a7c15);
        uint64_t lanes[LANES] = { n, 1, 2, 3 }, words[LANES] = { 0 }, hash = 0;

        for (; n >= sizeof(words); message += sizeof(words), n -= sizeof(words)) {
                memcpy(words, message, sizeof(words));
                for (size_t i = 0; i < LANES; i++)
                        lanes[i] = (lanes[i] ^ words[i]) * factor;
        }

        memcpy(words, message, n);
        for (size_t i = 0; i < LANES; i++)
                hash = (hash ^ lanes[i] ^ words[i]) * factor;

        return (size_t)((hash >> 32) * SETS >> 32); /* the high bits depend on all others */
}

static struct item *item_free(struct item *item)
{
        if (!item)
                return NULL;

        caller_unref(item->caller);
        free(item);
        return NULL;
}

static bool item_answers(const struct item *item, const struct replies_question *question)
{
        return item->n_message == question->n_message &&
               memcmp(item->message, question->message, question->n_message) == 0 &&
               caller_has_rights_of(item->caller, question->caller);
}

/* Return: its place in @set; PLACES if it has none */
static size_t find_place(struct item *const *set, const struct replies_question *question)
{
        size_t i = 0;

        while (i < PLACES && !(set[i] && item_answers(set[i], question)))
                i++;
        return i;
}

/* Puts @item first; what is before place @i moves back by one. */
static void put_first(struct item **set, size_t i, struct item *item)
{
        memmove(set + 1, set, i * sizeof(*set));
        set[0] = item;
}

const struct replies_kept *replies_find(struct replies *replies,
                                        const struct replies_question *question)
{
        struct item **set = replies->sets[set_of(question->message, question->n_message)];
        size_t i = find_place(set, question);

        if (i == PLACES)
                return NULL;

        put_first(set, i, set[i]);
        return &set[0]->kept;
}

void replies_keep(struct replies *replies, const struct replies_question *question,
                  const struct replies_kept *kept)
{
        struct item **set = replies->sets[set_of(question->message, question->n_message)];
        size_t i = find_place(set, question);
        struct item *item;

        if (question->n_message > REPLIES_MAX_BYTES ||
            kept->n_reply > REPLIES_MAX_BYTES - question->n_message)
                return;

        item = malloc(sizeof(*item) + question->n_message + kept->n_reply);
        if (!item)
                return;

        *item = (struct item){
                .caller = caller_ref(question->caller),
                .n_message = question->n_message,
                .kept = *kept,
        };
        item->kept.reply = item->message + item->n_message;
        memcpy(item->message, question->message, question->n_message);
        memcpy(item->message + item->n_message, kept->reply, kept->n_reply);

        if (i == PLACES)
                i = PLACES - 1;
        item_free(set[i]);
        put_first(set, i, item);
}

int replies_new(struct replies **out)
{
        struct replies *replies = calloc(1, sizeof(*replies));

        if (!replies)
                return -ENOMEM;

        *out = replies;
        return 0;
}

struct replies *replies_free(struct replies *replies)
{
        if (!replies)
                return NULL;

        for (size_t i = 0; i < SETS; i++)
                for (size_t j = 0; j < PLACES; j++)
                        item_free(replies->sets[i][j]);

        free(replies);
        return NULL;
}
