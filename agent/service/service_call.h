/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Service call - a question to the service as a door hands it over, and its reply.
 */

#include "proto/message.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct caller;
struct tally;

/* Which judgement a reply rests on: it may be said again only as long as this is so. */
struct service_stamp {
        bool is_keepable; /* false: every such call is to be asked anew */
        size_t store;     /* handle of the store */
        int64_t generation;
        int64_t valid_until_s; /* exclusive */
};

struct service_reply {
        /* NULL: @out is the answer; borrowed for the call of reply() */
        const struct message_error *error;
        const void *out; /* the method's out struct; borrowed likewise */
        bool continues;  /* more replies to this call follow */

        /* the same for replies to several calls that are equal in every byte; 0: of its own */
        uint64_t news;
        struct service_stamp stamp;
};

/**
 * service_reply_fn - a reply to a call; on the loop thread, possibly before service_call() has
 * returned; exactly once, but for a method with more: any number with continues set, then at most
 * one without
 */
typedef void (*service_reply_fn)(const struct service_reply *reply, void *userdata);

struct service_call {
        enum message_method method; /* of org.uatrust.agent1 */
        /* the service takes a reference of its own where it needs one */
        const struct caller *caller;
        /* the method's in struct; borrowed: what must last is copied */
        const void *in;
        bool is_named;   /* the service's own: what in presents the caller only named */
        bool wants_more; /* the caller can take several replies */
        /* polkit has said yes to just this call; a door's word, never the caller's */
        bool is_authorized;
        service_reply_fn reply;
        void *userdata;

        /* service_call() sets these in what it hands on */
        struct tally *tally; /* NULL: this call is not counted */
        int64_t begun_ns;
};

/*
 * What a door holds while a call has not had its last reply. Who answers later embeds it; only
 * service_cancel(), service_pause() and service_resume() look inside.
 */
struct service_pending {
        void (*cancel)(struct service_pending *pending);
        void (*pause)(struct service_pending *pending); /* NULL, with resume: no call with more */
        void (*resume)(struct service_pending *pending);
};

/** service_cancel() - the caller is gone: no reply will come any more; takes NULL, returns NULL */
struct service_pending *service_cancel(struct service_pending *pending);

/**
 * service_pause(), service_resume() - the reader of a Monitor is too slow, has caught up
 *
 * In between, events of that call are not replied but counted as missed; on resume each store that
 * changed meanwhile gives one event of kind resync.
 */
void service_pause(struct service_pending *pending);
void service_resume(struct service_pending *pending);

/** service_call_reply() - the only reply to a call that gets no more than one */
void service_call_reply(const struct service_call *call, const struct service_reply *reply);

/** service_call_answer() - the last reply to a call, by the method's out struct */
void service_call_answer(const struct service_call *call, const void *out);

/**
 * service_call_refuse() - the last reply to a call, by an error; @subject, @reason: NULL allowed
 */
void service_call_refuse(const struct service_call *call, enum status_error error,
                         const char *subject, const char *reason);
