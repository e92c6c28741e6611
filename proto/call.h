/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Call - Varlink's two kinds of message: calls and replies, as text without and with their NUL.
 *
 *         {"method":"org.uatrust.agent1.Monitor","parameters":{"stores":["plant"]},"more":true}
 *         {"parameters":{"event":{...}},"continues":true}
 *         {"error":"org.uatrust.agent1.NoSuchStore","parameters":{"store":"plant"}}
 *
 * Members that do not apply are left out when writing (varlinkctl closes on "error":null), and there are no members
 * but these: an unknown one is refused. Writers append to a buf, the NUL included; see buf_error().
 */

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct json_error;
struct json_object;
struct message_error;
struct schema;

struct call {
        const char *method;             /* full name; borrowed from root */
        struct json_object *root;       /* owned */
        struct json_object *parameters; /* borrowed from root; NULL if there were none */
        bool more, oneway, upgrade;
};

#define CALL_NULL                                                                                  \
        {                                                                                          \
                .root = NULL                                                                       \
        }

/**
 * call_parse() - one call
 * @out: call_deinit() it; written on success only
 * @error: written on JSON_E_* only; field is "" or one of Varlink's members
 *
 * Return: 0, JSON_E_TEXT or JSON_E_FIELD of proto/json, or -ENOMEM.
 */
int call_parse(const char *text, size_t n, struct call *out, struct json_error *error);
void call_deinit(struct call *call);

/** call_decode() - the parameters as a struct: see json_decode() */
int call_decode(const struct call *call, const struct schema *in, void *out,
                struct json_error *error);

enum {
        CALL_MORE = 1 << 0,
        CALL_ONEWAY = 1 << 1,
};

/**
 * call_encode() - a client's call; @flags: CALL_*
 *
 * Absent parameters are left out: an older agent may not know them, and refuses what it does not
 * know.
 */
void call_encode(const char *method, unsigned int flags, const struct schema *in, const void *value,
                 struct buf *out);

struct call_reply {
        const char *error;              /* full name, borrowed from root; NULL: none */
        struct json_object *root;       /* owned */
        struct json_object *parameters; /* borrowed from root; NULL if there were none */
        bool continues;
};

#define CALL_REPLY_NULL                                                                            \
        {                                                                                          \
                .root = NULL                                                                       \
        }

/** call_reply_parse() - one reply; all as with call_parse(). Members unknown to us are ignored: agents get newer */
int call_reply_parse(const char *text, size_t n, struct call_reply *out, struct json_error *error);
void call_reply_deinit(struct call_reply *reply);

/** call_reply_decode() - the parameters of a reply without error as a struct; unknown members are ignored */
int call_reply_decode(const struct call_reply *reply, const struct schema *schema, void *out,
                      struct json_error *error);

/**
 * call_reply_decode_error() - the error of a reply that has one
 * @out: message_error_deinit() it; written on success only. An unknown error becomes STATUS_E_PROTOCOL with
 *       its name as subject
 *
 * Return: 0 or -ENOMEM.
 */
int call_reply_decode_error(const struct call_reply *reply, struct message_error *out);

/** call_reply_encode() - a reply; @schema NULL: one without parameters; @continues: more replies follow */
void call_reply_encode(const struct schema *schema, const void *value, bool continues,
                       struct buf *out);

/** call_reply_encode_error() - an error reply; @error is one that has a Varlink name */
void call_reply_encode_error(const struct message_error *error, struct buf *out);
