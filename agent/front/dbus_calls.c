/* SPDX-License-Identifier: Apache-2.0 */
#include "front/dbus_calls.h"

#include "front/dbus_codec.h"
#include "front/dbus_senders.h"
#include "front/polkit.h"
#include "proto/buf.h"
#include "proto/message.h"
#include "proto/names.h"
#include "service/catalog.h"
#include "service/quota.h"
#include "service/service.h"

#include <systemd/sd-bus.h>

#include <errno.h>
#include <string.h>

struct dbus_calls {
        struct dbus_calls_config config;
        struct dbus_senders *senders;
        struct dbus_call *first;
};

struct dbus_call {
        struct dbus_calls *calls;
        struct dbus_sender *sender;
        sd_bus_message *message;
        const struct schema_method *method;
        struct service_pending *pending;
        struct polkit *polkit; /* who is asked */
        struct dbus_call *next;
};

/*
 * -- replies ------------------------------------------------------------------------------------
 */

static void reply_error(const struct dbus_calls *calls, sd_bus_message *message,
                        enum status_error error, const char *subject, const char *reason)
{
        const struct message_error failed = { error, (char *)subject, (char *)reason };
        CLEANUP(buf_deinit) struct buf text = BUF_NULL;
        int r;

        message_error_text(&failed, &text);
        buf_add_byte(&text, '\0');
        r = sd_bus_reply_method_errorf(message, status_error_get(error)->dbus, "%s",
                                       buf_error(&text) ? "" : (const char *)text.data);
        if (r < 0)
                catalog_tell(calls->config.log, CATALOG_BUS_MESSAGE_LOST, NULL,
                             "D-Bus: a reply is lost: %s", strerror(-r));
}

static int send_reply(sd_bus_message *message, const struct schema *schema, const void *out)
{
        sd_bus_message *reply = NULL;
        int r;

        r = sd_bus_message_new_method_return(message, &reply);
        if (r >= 0)
                r = dbus_codec_append(reply, schema, out);
        if (r == 0) {
                r = sd_bus_send(NULL, reply, NULL);
                r = r < 0 ? r : 0; /* 1: all of it is sent */
        }
        sd_bus_message_unref(reply);
        return r;
}

static void reply_out(const struct dbus_call *call, const void *out)
{
        int r;

        r = send_reply(call->message, call->method->out, out);
        if (r == DBUS_CODEC_E_TOO_LARGE)
                reply_error(call->calls, call->message, STATUS_E_TOO_LARGE, "reply", NULL);
        else if (r < 0)
                catalog_tell(call->calls->config.log, CATALOG_BUS_MESSAGE_LOST, NULL,
                             "D-Bus: a reply is lost: %s", strerror(-r));
}

/*
 * -- life of a call -----------------------------------------------------------------------------
 */

static struct dbus_call *call_free(struct dbus_call *call)
{
        struct dbus_call **at = &call->calls->first;

        while (*at != call)
                at = &(*at)->next;
        *at = call->next;

        call->sender->n_calls--;
        sd_bus_message_unref(call->message);
        free(call);
        return NULL;
}

static void on_reply(const struct service_reply *reply, void *userdata)
{
        struct dbus_call *call = userdata;

        if (reply->error)
                reply_error(call->calls, call->message, reply->error->error, reply->error->subject,
                            reply->error->reason);
        else
                reply_out(call, reply->out);
        call_free(call);
}

static void refuse(struct dbus_call *call, enum status_error error, const char *subject)
{
        reply_error(call->calls, call->message, error, subject, NULL);
        call_free(call);
}

static void on_authority(bool is_yes, void *userdata);

/* Who is asked is asked for the caller, who has only so many questions open. */
static void ask_authority(struct dbus_call *call)
{
        struct quota *quota = service_quota(call->calls->config.service);
        const char *limit;
        int r;

        r = quota_take(quota, call->sender->caller, QUOTA_QUESTIONS, 1, &limit);
        if (r == QUOTA_E_EXCEEDED) {
                refuse(call, STATUS_E_QUOTA_EXCEEDED, limit);
                return;
        }
        if (r) {
                refuse(call, STATUS_E_BUSY, NULL);
                return;
        }

        r = polkit_ask(call->message, (enum message_method)call->method->id, on_authority, call,
                       &call->polkit);
        if (r) {
                quota_give(quota, call->sender->caller, QUOTA_QUESTIONS, 1);
                refuse(call, STATUS_E_BUSY, NULL);
        }
}

static void forget_authority(struct dbus_call *call)
{
        if (!call->polkit)
                return;

        call->polkit = NULL;
        quota_give(service_quota(call->calls->config.service), call->sender->caller,
                   QUOTA_QUESTIONS, 1);
}

/* May end the life of @call. */
static void put(struct dbus_call *call, const struct service_call *question)
{
        struct service *service = call->calls->config.service;
        struct service_pending *pending;

        if (!question->is_authorized && service_decide(service, question) == ACCESS_ASK) {
                ask_authority(call);
                return;
        }

        pending = service_call(service, question);
        if (pending) /* else the call was answered, and is gone */
                call->pending = pending;
}

/* The caller is known: may end the life of @call. */
static void serve(struct dbus_call *call, bool is_authorized)
{
        const struct schema *schema = call->method->in;
        CLEANUP(freep) void *in = malloc(schema->size_bytes);
        struct dbus_codec_error error;
        int r;

        r = in ? dbus_codec_read(call->message, schema, in, &error) : -ENOMEM;
        if (r) {
                if (r == DBUS_CODEC_E_FIELD)
                        reply_error(call->calls, call->message, STATUS_E_INVALID_PARAMETER,
                                    error.field, error.reason);
                else
                        reply_error(call->calls, call->message, STATUS_E_BUSY, NULL, NULL);
                call_free(call);
                return;
        }

        put(call, &(struct service_call){ .method = (enum message_method)call->method->id,
                                          .caller = call->sender->caller,
                                          .in = in,
                                          .is_authorized = is_authorized,
                                          .reply = on_reply,
                                          .userdata = call });
        schema_deinit(schema, in);
}

/* The message is read once more: what it says is held by nobody meanwhile. */
static void on_authority(bool is_yes, void *userdata)
{
        struct dbus_call *call = userdata;

        forget_authority(call);
        if (is_yes && sd_bus_message_rewind(call->message, true) >= 0)
                serve(call, true);
        else
                refuse(call, STATUS_E_PERMISSION_DENIED, NULL);
}

static void cancel(struct dbus_call *call)
{
        service_cancel(call->pending);
        if (call->polkit) {
                polkit_cancel(call->polkit);
                forget_authority(call);
        }
        call_free(call);
}

/*
 * -- senders ------------------------------------------------------------------------------------
 */

/* Each turn ends the life of a call, or makes it pending; serving one never touches another. */
static void on_sender_news(struct dbus_sender *sender, bool is_gone, void *userdata)
{
        struct dbus_calls *calls = userdata;
        struct dbus_call *call, *next;

        for (call = calls->first; call; call = next) {
                next = call->next;
                if (call->sender != sender)
                        continue;
                if (is_gone)
                        cancel(call);
                else if (!call->pending && !call->polkit)
                        serve(call, false);
        }
}

void dbus_calls_take(struct dbus_calls *calls, struct sd_bus_message *message,
                     const struct schema_method *method)
{
        struct dbus_sender *sender;
        struct dbus_call *call;
        int r;

        r = dbus_senders_get(calls->senders, sd_bus_message_get_sender(message), &sender);
        if (r) {
                reply_error(calls, message, STATUS_E_BUSY, NULL, NULL);
                return;
        }
        if (sender->n_calls >= NAMES_CONNECTION_CALLS_MAX) {
                reply_error(calls, message, STATUS_E_QUOTA_EXCEEDED, "64 calls under way", NULL);
                return;
        }

        call = malloc(sizeof(*call));
        if (!call) {
                reply_error(calls, message, STATUS_E_BUSY, NULL, NULL);
                return;
        }

        *call = (struct dbus_call){
                .calls = calls,
                .sender = sender,
                .message = sd_bus_message_ref(message),
                .method = method,
                .next = calls->first,
        };
        calls->first = call;
        sender->n_calls++;
        if (sender->caller)
                serve(call, false);
}

int dbus_calls_new(const struct dbus_calls_config *config, struct dbus_calls **out)
{
        CLEANUP(dbus_calls_freep) struct dbus_calls *calls = calloc(1, sizeof(*calls));
        struct dbus_senders_config senders;
        int r;

        if (!calls)
                return -ENOMEM;

        calls->config = *config;
        senders = (struct dbus_senders_config){
                .bus = config->bus,
                .on_news = on_sender_news,
                .userdata = calls,
        };
        r = dbus_senders_new(&senders, &calls->senders);
        if (r)
                return r;

        *out = TAKE(calls);
        return 0;
}

struct dbus_calls *dbus_calls_free(struct dbus_calls *calls)
{
        if (!calls)
                return NULL;

        while (calls->first)
                cancel(calls->first);
        dbus_senders_free(calls->senders);
        free(calls);
        return NULL;
}
