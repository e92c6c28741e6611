/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Call - one question of the caller's and what comes of it, for the functions of the API: each
 * method is a row, a start of it and a finish. Blocking is starting and then finishing.
 */

#include "client.h"
#include "held.h"
#include "paging.h"
#include "pipeline.h"
#include "task.h"

#include <uatrust/async.h>

struct call_method;
struct schema;

struct call_method {
        const char *name; /* full */
        const struct schema *in;
        const struct schema *out;
        /* of what comes in several replies: paging_take(), parts_take(); NULL: one is all */
        int (*take)(struct paging *paging, void *page, struct uatrust_error **error);
        const struct call_rest *rest; /* NULL: what came is whole */
        bool is_registration;         /* of peers: all are judged before it is answered */
        /* asked once at most: of a lost reply nobody knows whether it was carried out */
        bool is_admin;
};

/* What a value lacks though it came: it is asked for, one after the other, and put into it. */
struct call_rest {
        const struct call_method *method; /* one with take() */

        /*
         * get() - @in: zeros, to be filled with what is borrowed; Return: false: nothing is lacking
         */
        bool (*get)(void *value, void *in);

        /* add() - @reply: what it owns may be taken; Return: 0 or -ENOMEM */
        int (*add)(void *value, void *reply);
};

enum call_state {
        CALL_NEW,
        CALL_WAITS,
        CALL_DONE,
        CALL_FINISHED,
};

struct uatrust_call {
        struct slot slot;
        struct task task;
        struct uatrust_client *client; /* NULL: it was made of none */
        uatrust_call_fn callback;
        void *userdata;
        enum call_state state;
        const struct call_method *method;
        const struct call_method *asked; /* method, or that of its rest */
        struct pipeline *pipeline;       /* that carries it, or */
        struct pipeline own;             /* of an admin call */
        struct paging paging;            /* of method */
        struct paging rest;              /* of what its value lacks */
        void *value;                     /* of method->out; NULL: none, but an error */
        struct uatrust_error *error;
        struct held_key key;          /* of a question to validate: what its answer is held by */
        struct uatrust_verdict *held; /* the answer, if it was known; NULL: see value */
};

/** call_start() - @call NULL: memory was short; @in: not kept; Return: 0 or an enum uatrust_code */
int call_start(struct uatrust_call *call, const struct call_method *method, const void *in,
               struct uatrust_error **error);

/**
 * call_start_question() - the same, of a question to validate
 * @key: what its answer is held by; taken but where the call was started already. If it has the
 *       message, that is sent, and @in is not looked at
 */
int call_start_question(struct uatrust_call *call, const struct call_method *method, const void *in,
                        struct held_key *key, struct uatrust_error **error);

/** call_start_done() - the same, but its answer is there already: nobody is asked */
int call_start_done(struct uatrust_call *call, const struct call_method *method,
                    struct uatrust_error **error);

/**
 * call_finish() - wait for it, if it is not done
 * @schema: of the value that is wanted; NULL: none is
 * @out: whose owner is the caller now; written on success only
 *
 * Return: 0 or an enum uatrust_code.
 */
int call_finish(struct uatrust_call *call, const struct schema *schema, void **out,
                struct uatrust_error **error);

/** call_ask() - all of it, blocking */
int call_ask(struct uatrust_client *client, const struct call_method *method, const void *in,
             void **out, struct uatrust_error **error);

/* uatrust_OF_finish() of the struct call_method @of, and the rest of uatrust_OF(), which blocks. */
#define CALL_FINISH(of, type)                                                                      \
        int uatrust_##of##_finish(struct uatrust_call *call, struct uatrust_##type **out,          \
                                  struct uatrust_error **error)                                    \
        {                                                                                          \
                return call_finish(call, of.out, (void **)out, error);                             \
        }
#define CALL_ASK(of, ...)                                                                          \
        {                                                                                          \
                struct uatrust_call *call = uatrust_call_new(client, NULL, NULL);                  \
                int r = uatrust_##of##_start(call, __VA_ARGS__);                                   \
                                                                                                   \
                if (!r)                                                                            \
                        r = uatrust_##of##_finish(call, out, error);                               \
                uatrust_call_free(call);                                                           \
                return r;                                                                          \
        }
