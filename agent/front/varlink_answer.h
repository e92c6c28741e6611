/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Varlink answer - the calls of one connection, one after another: from a message to its replies in
 * a buf. Decodes, makes one call of the service, encodes; org.varlink.service is answered here. It
 * reads and sends nothing.
 *
 * Spec: https://varlink.org, pages Method Call and Service
 */

#include "proto/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bulletin;
struct caller;
struct outbox;
struct replies;
struct schema_interface;
struct schema_method;
struct service;
struct service_pending;

/* What was told last to many at once, encoded. */
struct varlink_news {
        uint64_t number;
        struct bulletin *bulletin; /* NULL: nothing yet */
};

/* What all connections share; it outlives them. */
struct varlink_shared {
        struct service *service;
        struct replies *replies;   /* kept for all of them */
        struct varlink_news *news; /* the last */

        /* what is served, NULL-terminated; NULL: what is right for each door */
        const struct schema_interface *const *interfaces;
        const char *version; /* of the agent */
};

/* The owner fills the first part; the second is read by it only. */
struct varlink_answer {
        const struct varlink_shared *shared;
        const struct caller *caller;
        struct outbox *out;               /* replies are appended */
        void (*on_reply)(void *userdata); /* one was, other than during varlink_answer_begin() */
        void *userdata;

        struct service_pending *pending; /* with the service, to be paused and resumed */
        bool is_busy;                    /* a call is not answered yet: no other may begin */
        bool is_streaming;               /* and has had its first of several replies */
        bool is_broken;                  /* memory ran out: the connection is of no more use */

        /* our own */
        const char *message; /* of the call at hand; NULL: no longer there */
        size_t n_message;
        const struct schema_method *method;
        bool is_oneway, is_beginning;
};

/**
 * varlink_answer_begin() - answer a message, now or later
 * @message: @n_message bytes and a NUL; borrowed until varlink_answer_forget_message()
 *
 * Return: true if it was answered as before, at next to no cost.
 */
bool varlink_answer_begin(struct varlink_answer *answer, const char *message, size_t n_message);

/** varlink_answer_forget_message() - the message of the call at hand is there no longer */
static inline void varlink_answer_forget_message(struct varlink_answer *answer)
{
        answer->message = NULL;
}

/** varlink_answer_refuse() - an error in place of a reply to what is no message */
void varlink_answer_refuse(struct varlink_answer *answer, enum status_error error,
                           const char *subject);

/** varlink_answer_cancel() - nobody waits for a reply any more */
void varlink_answer_cancel(struct varlink_answer *answer);
