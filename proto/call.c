/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/call.h"

#include "proto/buf.h"
#include "proto/compiler.h"
#include "proto/json.h"
#include "proto/message.h"
#include "proto/names.h"

#include <json-c/json.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

DEFINE_CLEANUP(struct json_object *, json_free)

static int fail(struct json_error *error, const char *field, const char *reason)
{
        snprintf(error->field, sizeof(error->field), "%s", field);
        snprintf(error->reason, sizeof(error->reason), "%s", reason);
        return JSON_E_FIELD;
}

static int parse_object(const char *text, size_t n, size_t max_values, struct json_object **out,
                        struct json_error *error)
{
        CLEANUP(json_freep) struct json_object *root = NULL;
        int r;

        r = json_parse(text, n, max_values, &root, error);
        if (r)
                return r;
        if (!json_object_is_type(root, json_type_object))
                return fail(error, "", "is no object");

        *out = TAKE(root);
        return 0;
}

/* The getters find an optional member; null is none. */

static int get_text(struct json_object *value, const char *name, const char **out,
                    struct json_error *error)
{
        if (!value)
                return 0;
        if (!json_object_is_type(value, json_type_string))
                return fail(error, name, "is no string");

        *out = json_object_get_string(value);
        return 0;
}

static int get_flag(struct json_object *value, const char *name, bool *out,
                    struct json_error *error)
{
        if (!value)
                return 0;
        if (!json_object_is_type(value, json_type_boolean))
                return fail(error, name, "is no boolean");

        *out = json_object_get_boolean(value);
        return 0;
}

static int get_object(struct json_object *value, const char *name, struct json_object **out,
                      struct json_error *error)
{
        if (!value)
                return 0;
        if (!json_object_is_type(value, json_type_object))
                return fail(error, name, "is no object");

        *out = value;
        return 0;
}

static int read_call_member(const char *name, struct json_object *value, struct call *call,
                            struct json_error *error)
{
        if (!strcmp(name, "method"))
                return get_text(value, "method", &call->method, error);
        if (!strcmp(name, "parameters"))
                return get_object(value, "parameters", &call->parameters, error);
        if (!strcmp(name, "more"))
                return get_flag(value, "more", &call->more, error);
        if (!strcmp(name, "oneway"))
                return get_flag(value, "oneway", &call->oneway, error);
        if (!strcmp(name, "upgrade"))
                return get_flag(value, "upgrade", &call->upgrade, error);

        return fail(error, "", "holds a member that no call has");
}

int call_parse(const char *text, size_t n, struct call *out, struct json_error *error)
{
        CLEANUP(json_freep) struct json_object *root = NULL;
        struct call call = CALL_NULL;
        int r;

        r = parse_object(text, n, NAMES_CALL_VALUES_MAX, &root, error);
        if (r)
                return r;

        json_object_object_foreach(root, name, value)
        {
                r = read_call_member(name, value, &call, error);
                if (r)
                        return r;
        }
        if (!call.method)
                return fail(error, "method", "is missing");

        call.root = TAKE(root);
        *out = call;
        return 0;
}

void call_deinit(struct call *call)
{
        json_free(call->root);
        *call = (struct call)CALL_NULL;
}

int call_decode(const struct call *call, const struct schema *in, void *out,
                struct json_error *error)
{
        return json_decode(call->parameters, in, out, error);
}

void call_encode(const char *method, unsigned int flags, const struct schema *in, const void *value,
                 struct buf *out)
{
        buf_add_text(out, "{\"method\":");
        json_encode_string(method, out);
        if (in->n_fields) {
                buf_add_text(out, ",\"parameters\":");
                json_encode_present(in, value, out);
        }
        if (flags & CALL_MORE)
                buf_add_text(out, ",\"more\":true");
        if (flags & CALL_ONEWAY)
                buf_add_text(out, ",\"oneway\":true");
        buf_add(out, "}", 2);
}

static int read_reply_member(const char *name, struct json_object *value, struct call_reply *reply,
                             struct json_error *error)
{
        if (!strcmp(name, "error"))
                return get_text(value, "error", &reply->error, error);
        if (!strcmp(name, "parameters"))
                return get_object(value, "parameters", &reply->parameters, error);
        if (!strcmp(name, "continues"))
                return get_flag(value, "continues", &reply->continues, error);
        return 0;
}

int call_reply_parse(const char *text, size_t n, struct call_reply *out, struct json_error *error)
{
        CLEANUP(json_freep) struct json_object *root = NULL;
        struct call_reply reply = CALL_REPLY_NULL;
        int r;

        r = parse_object(text, n, NAMES_REPLY_MAX_BYTES, &root, error);
        if (r)
                return r;

        json_object_object_foreach(root, name, value)
        {
                r = read_reply_member(name, value, &reply, error);
                if (r)
                        return r;
        }

        reply.root = TAKE(root);
        *out = reply;
        return 0;
}

void call_reply_deinit(struct call_reply *reply)
{
        json_free(reply->root);
        *reply = (struct call_reply)CALL_REPLY_NULL;
}

int call_reply_decode(const struct call_reply *reply, const struct schema *schema, void *out,
                      struct json_error *error)
{
        return json_decode_known(reply->parameters, schema, out, error);
}

int call_reply_decode_error(const struct call_reply *reply, struct message_error *out)
{
        struct message_error error = MESSAGE_ERROR_NULL;
        enum status_error number = status_error_find(reply->error);
        struct json_error ignored;
        int r;

        if (number == STATUS_E_PROTOCOL) {
                error.subject = strdup(reply->error);
                r = error.subject ? 0 : -ENOMEM;
        } else {
                r = json_decode_known(reply->parameters, message_error_fields(number), &error,
                                      &ignored);
        }
        if (r < 0)
                return r;

        error.error = number;
        *out = error;
        return 0;
}

void call_reply_encode(const struct schema *schema, const void *value, bool continues,
                       struct buf *out)
{
        buf_add_text(out, "{\"parameters\":");
        if (schema)
                json_encode(schema, value, out);
        else
                buf_add_text(out, "{}");
        if (continues)
                buf_add_text(out, ",\"continues\":true");
        buf_add(out, "}", 2);
}

void call_reply_encode_error(const struct message_error *error, struct buf *out)
{
        const struct schema *fields = message_error_fields(error->error);

        buf_add_text(out, "{\"error\":");
        json_encode_string(status_error_get(error->error)->varlink, out);
        if (fields->n_fields) {
                buf_add_text(out, ",\"parameters\":");
                json_encode(fields, error, out);
        }
        buf_add(out, "}", 2);
}
