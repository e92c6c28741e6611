/* SPDX-License-Identifier: Apache-2.0 */
#include "reply.h"

#include "connection.h"
#include "error.h"
#include "proto/call.h"
#include "proto/compiler.h"
#include "proto/json.h"
#include "proto/message.h"

#include <uatrust/uatrust.h>

#include <errno.h>

void reply_free_value(const struct schema *schema, void *value)
{
        if (!value)
                return;

        schema_deinit(schema, value);
        free(value);
}

static void read_error(const struct call_reply *reply, struct uatrust_error **out)
{
        struct message_error message = MESSAGE_ERROR_NULL;
        int r;

        r = call_reply_decode_error(reply, &message);
        if (r) {
                error_report_errno(out, r, NULL);
                return;
        }

        error_report_message(out, &message);
        message_error_deinit(&message);
}

static int read_value(const struct call_reply *reply, const struct schema *schema,
                      struct json_error *fault, void **out)
{
        CLEANUP(freep) void *value = malloc(schema->size_bytes);
        int r;

        if (!value)
                return -ENOMEM;

        r = call_reply_decode(reply, schema, value, fault);
        if (!r)
                *out = TAKE(value);
        return r;
}

void reply_read(const char *text, size_t n, const struct schema *schema, struct reply *out)
{
        CLEANUP(call_reply_deinit) struct call_reply reply = CALL_REPLY_NULL;
        struct json_error fault;
        int r;

        *out = (struct reply)REPLY_NULL;
        r = call_reply_parse(text, n, &reply, &fault);
        out->is_garbled = r > 0;
        out->continues = reply.continues;
        if (!r && reply.error) {
                read_error(&reply, &out->error);
                return;
        }

        if (!r)
                r = read_value(&reply, schema, &fault, &out->value);
        if (r > 0)
                error_report(&out->error, STATUS_E_PROTOCOL, fault.field, fault.reason);
        else if (r)
                error_report_errno(&out->error, r, NULL);
}

int reply_report_failure(struct uatrust_error **error, int r, const char *path)
{
        switch (r) {
        case CONNECTION_E_ABSENT:
                return error_report(error, STATUS_E_UNREACHABLE, path, "no such socket");
        case CONNECTION_E_LOST:
        case CONNECTION_E_UNHEARD:
                return error_report(error, STATUS_E_UNREACHABLE, path, "nobody answers there");
        case CONNECTION_E_FULL:
                return error_report(error, STATUS_E_UNREACHABLE, path, "too many wait there");
        case CONNECTION_E_DENIED:
                return error_report(error, STATUS_E_PERMISSION_DENIED, path, NULL);
        case CONNECTION_E_TIMED_OUT:
                return error_report(error, STATUS_E_TIMED_OUT, path, NULL);
        case CONNECTION_E_TOO_LARGE:
                return error_report(error, STATUS_E_PROTOCOL, path, "reply is too large");
        case CONNECTION_E_GARBLED:
                return error_report(error, STATUS_E_PROTOCOL, path, "reply is none");
        case CONNECTION_E_BAD_PATH:
                return error_report(error, STATUS_E_INVALID_ARGUMENT, path,
                                    path ? "too long for a socket" : "no path of a socket");
        default:
                return error_report_errno(error, r, path);
        }
}
