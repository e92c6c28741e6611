/* SPDX-License-Identifier: Apache-2.0 */
#include "front/varlink_answer.h"

#include "front/outbox.h"
#include "front/replies.h"
#include "proto/buf.h"
#include "proto/call.h"
#include "proto/idl.h"
#include "proto/json.h"
#include "proto/message.h"
#include "proto/names.h"
#include "service/caller.h"
#include "service/service.h"
#include "service/service_call.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#define INTERFACES_MAX 8 /* of a door, for GetInfo */

/* -- replies ---------------------------------------------------------------------------------- */

static void add_error(struct varlink_answer *answer, enum status_error error, const char *subject,
                      const char *reason)
{
        struct message_error message = { error, (char *)subject, (char *)reason };

        if (!answer->is_oneway)
                call_reply_encode_error(&message, &answer->out->own);
}

/* A reply that the client would have to refuse for its size becomes an error that it can read. */
static void add_reply(struct varlink_answer *answer, const void *value, bool continues)
{
        size_t n_before = answer->out->own.n;

        if (answer->is_oneway)
                return;

        call_reply_encode(answer->method->out, value, continues, &answer->out->own);
        if (answer->out->own.n - n_before <= NAMES_REPLY_MAX_BYTES)
                return;

        answer->out->own.n = n_before;
        add_error(answer, STATUS_E_TOO_LARGE, "reply", NULL);
}

static void add_json_error(struct varlink_answer *answer, int r, const struct json_error *error)
{
        if (r == JSON_E_FIELD && error->field[0])
                add_error(answer, STATUS_E_INVALID_PARAMETER, error->field, error->reason);
        else
                add_error(answer, STATUS_E_BAD_REQUEST, error->field, error->reason);
}

/* -- calls ------------------------------------------------------------------------------------ */

static struct replies_question question_of(const struct varlink_answer *answer)
{
        return (struct replies_question){
                .caller = answer->caller,
                .message = answer->message,
                .n_message = answer->n_message,
        };
}

/* Keeps the reply that begins at @n_before, if it may be said again. */
static void keep_reply(struct varlink_answer *answer, const struct service_stamp *stamp,
                       size_t n_before)
{
        struct replies_question question = question_of(answer);

        if (!answer->message || !stamp->is_keepable || answer->is_oneway ||
            buf_error(&answer->out->own))
                return;

        replies_keep(answer->shared->replies, &question,
                     &(struct replies_kept){ .stamp = *stamp,
                                             .reply = answer->out->own.data + n_before,
                                             .n_reply = answer->out->own.n - n_before });
}

/* Return: was the very same asked before, and does the answer still stand? Then it was given. */
static bool answer_as_before(struct varlink_answer *answer)
{
        struct replies_question question = question_of(answer);
        const struct replies_kept *kept = replies_find(answer->shared->replies, &question);

        if (!kept || !service_stamp_holds(answer->shared->service, &kept->stamp))
                return false;

        service_note_kept(answer->shared->service, &kept->stamp, answer->caller);
        buf_add(&answer->out->own, kept->reply, kept->n_reply);
        return true;
}

/*
 * News is the same for all who hear it: encoded once, in memory once. Return: the bytes, borrowed;
 * NULL if there are none.
 */
static struct bulletin *encode_news(struct varlink_answer *answer,
                                    const struct service_reply *reply)
{
        CLEANUP(bulletin_unrefp) struct bulletin *bulletin = NULL;
        struct varlink_news *last = answer->shared->news;

        if (last->bulletin && last->number == reply->news)
                return last->bulletin;
        if (bulletin_new(&bulletin))
                return NULL;

        call_reply_encode(answer->method->out, reply->out, reply->continues, &bulletin->bytes);
        if (buf_error(&bulletin->bytes))
                return NULL;

        bulletin_unref(last->bulletin);
        *last = (struct varlink_news){ reply->news, TAKE(bulletin) };
        return last->bulletin;
}

static void add_news(struct varlink_answer *answer, const struct service_reply *reply)
{
        struct bulletin *bulletin = encode_news(answer, reply);

        if (!bulletin || outbox_add(answer->out, bulletin))
                answer->is_broken = true;
}

static void on_reply(const struct service_reply *reply, void *userdata)
{
        struct varlink_answer *answer = userdata;
        const struct message_error *error = reply->error;
        size_t n_before = answer->out->own.n;

        if (error)
                add_error(answer, error->error, error->subject, error->reason);
        else if (reply->news && !answer->is_oneway)
                add_news(answer, reply);
        else
                add_reply(answer, reply->out, reply->continues);

        keep_reply(answer, &reply->stamp, n_before);
        answer->is_streaming = reply->continues;
        if (!reply->continues) {
                answer->is_busy = false;
                answer->pending = NULL;
        }
        if (!answer->is_beginning)
                answer->on_reply(answer->userdata);
}

static void call_service(struct varlink_answer *answer, const struct call *call)
{
        const struct schema *schema = answer->method->in;
        CLEANUP(freep) void *in = malloc(schema->size_bytes);
        struct json_error error;
        int r;

        r = in ? call_decode(call, schema, in, &error) : -ENOMEM;
        if (r < 0) {
                add_error(answer, STATUS_E_BUSY, NULL, NULL);
                return;
        }
        if (r > 0) {
                add_json_error(answer, r, &error);
                return;
        }

        answer->is_busy = true;
        answer->pending =
                service_call(answer->shared->service, &(struct service_call){
                                                              .method = answer->method->id,
                                                              .caller = answer->caller,
                                                              .in = in,
                                                              .wants_more = call->more,
                                                              .reply = on_reply,
                                                              .userdata = answer,
                                                      });
        schema_deinit(schema, in);
}

/*
 * What changes trust is not even seen at the client socket: the kernel decided who gets to the
 * other.
 */
static const struct schema_interface *const *interfaces_of(const struct varlink_answer *answer)
{
        if (answer->shared->interfaces)
                return answer->shared->interfaces;

        return answer->caller->door == CALLER_DOOR_ADMIN ? message_admin_interfaces
                                                         : message_client_interfaces;
}

static void add_info(struct varlink_answer *answer)
{
        const struct schema_interface *const *interfaces = interfaces_of(answer);
        const char *names[INTERFACES_MAX];
        size_t n = 0;

        for (; interfaces[n]; n++) {
                assert(n < INTERFACES_MAX);
                names[n] = interfaces[n]->name;
        }
        add_reply(answer,
                  &(struct message_get_info_reply){
                          .vendor = (char *)NAMES_VENDOR,
                          .product = (char *)NAMES_PRODUCT,
                          .version = (char *)answer->shared->version,
                          .url = (char *)NAMES_URL,
                          .interfaces = (char **)names,
                          .n_interfaces = n,
                  },
                  false);
}

static void add_description(struct varlink_answer *answer, const struct call *call)
{
        struct message_get_interface_description in;
        struct message_get_interface_description_reply out = { NULL };
        CLEANUP(buf_deinit) struct buf text = BUF_NULL;
        const struct schema_interface *interface;
        struct json_error error;
        int r;

        r = call_decode(call, answer->method->in, &in, &error);
        if (r) {
                if (r > 0)
                        add_json_error(answer, r, &error);
                answer->is_broken |= r < 0;
                return;
        }

        interface = schema_find_interface(interfaces_of(answer), in.interface);
        if (interface) {
                idl_print(interface, &text);
                buf_add_byte(&text, '\0');
                out.description = (char *)text.data;
                answer->is_broken |= buf_error(&text) != 0;
                add_reply(answer, &out, false);
        } else {
                add_error(answer, STATUS_E_INVALID_PARAMETER, "interface", NULL);
        }
        schema_deinit(answer->method->in, &in);
}

/* Return: the row of the method; NULL after an error was replied */
static const struct schema_method *find_method(struct varlink_answer *answer,
                                               const struct call *call)
{
        const struct schema_interface *interface = NULL;
        const struct schema_method *method =
                schema_find_call(interfaces_of(answer), call->method, &interface);
        const char *dot = strrchr(call->method, '.');
        CLEANUP(freep) char *name = NULL;

        if (!interface) {
                name = strndup(call->method, dot ? (size_t)(dot - call->method) : SIZE_MAX);
                add_error(answer, STATUS_E_INTERFACE_NOT_FOUND, name, NULL);
                return NULL;
        }
        if (!method) {
                add_error(answer, STATUS_E_METHOD_NOT_FOUND, call->method, NULL);
                return NULL;
        }
        if (call->upgrade) {
                add_error(answer, STATUS_E_METHOD_NOT_IMPLEMENTED, call->method, NULL);
                return NULL;
        }
        if ((method->flags & SCHEMA_METHOD_MORE) && !call->more) {
                add_error(answer, STATUS_E_EXPECTED_MORE, NULL, NULL);
                return NULL;
        }

        return method;
}

static void answer_call(struct varlink_answer *answer, const struct call *call)
{
        answer->is_oneway = call->oneway;
        answer->is_streaming = false;
        answer->method = find_method(answer, call);
        if (!answer->method)
                return;

        /* Replies that nobody wants to get would occupy the connection for good. */
        if (answer->is_oneway && (answer->method->flags & SCHEMA_METHOD_MORE))
                return;

        if (answer->method->id == MESSAGE_GET_INFO)
                add_info(answer);
        else if (answer->method->id == MESSAGE_GET_INTERFACE_DESCRIPTION)
                add_description(answer, call);
        else
                call_service(answer, call);
}

bool varlink_answer_begin(struct varlink_answer *answer, const char *message, size_t n_message)
{
        CLEANUP(call_deinit) struct call call = CALL_NULL;
        struct json_error error;
        int r;

        answer->message = message;
        answer->n_message = n_message;
        if (answer_as_before(answer))
                return true;

        answer->is_oneway = false;
        answer->is_beginning = true;
        r = call_parse(message, n_message, &call, &error);
        if (!r)
                answer_call(answer, &call);
        else if (r > 0)
                add_json_error(answer, r, &error);
        else
                answer->is_broken = true;
        answer->is_beginning = false;
        return false;
}

void varlink_answer_refuse(struct varlink_answer *answer, enum status_error error,
                           const char *subject)
{
        answer->is_oneway = false;
        add_error(answer, error, subject, NULL);
}

void varlink_answer_cancel(struct varlink_answer *answer)
{
        answer->pending = service_cancel(answer->pending);
        answer->is_busy = false;
}
