/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Call - what comes over a socket: a stream of bytes, cut anywhere, into frames; a frame as a call of any method, and as
 * a reply to one. Whatever was understood, written again is understood as the same.
 */

#include "proto/call.h"

#include "fuzz/fuzz.h"
#include "fuzz/value.h"
#include "harness/must.h"
#include "proto/buf.h"
#include "proto/compiler.h"
#include "proto/frame.h"
#include "proto/json.h"
#include "proto/message.h"

#define FRAME_MAX_BYTES 5000

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
        (void)argc;
        (void)argv;
        return 0;
}

static void check_error(int r, const struct json_error *error)
{
        must(r == JSON_E_TEXT || r == JSON_E_FIELD || r == JSON_E_VALUE, "%d", r);
        must(error->reason[0] && strlen(error->reason) < sizeof(error->reason) &&
                     strlen(error->field) < sizeof(error->field),
             "no reason");
}

/* A call that was understood, written again. */
static void write_again(const struct call *call, const struct schema_method *method,
                        const void *value)
{
        unsigned int flags = (call->more ? CALL_MORE : 0u) | (call->oneway ? CALL_ONEWAY : 0u);
        CLEANUP(buf_deinit) struct buf text = BUF_NULL;
        struct json_error error;
        struct call again;
        void *back = value_new(method->in);

        call_encode(call->method, flags, method->in, value, &text);
        must(!buf_error(&text) && text.n > 0 && !text.data[text.n - 1], "call_encode");
        must(call_parse((const char *)text.data, text.n - 1, &again, &error) == 0, "call_parse");
        must(!strcmp(again.method, call->method) && again.more == call->more &&
                     again.oneway == call->oneway,
             "another call");
        must(call_decode(&again, method->in, back, &error) == 0, "call_decode");
        value_assert_equal(method->in, value, back, "written again");
        call_deinit(&again);
        value_free(method->in, back);
}

static void read_call(const char *text, size_t n)
{
        struct json_error error = { .reason = "" };
        const struct schema_interface *interface;
        const struct schema_method *method;
        struct call call = CALL_NULL;
        void *value;
        int r;

        r = call_parse(text, n, &call, &error);
        if (r) {
                check_error(r, &error);
                return;
        }

        method = schema_find_call(message_admin_interfaces, call.method, &interface);
        if (method) {
                value = value_new(method->in);
                r = call_decode(&call, method->in, value, &error);
                if (r)
                        check_error(r, &error);
                else
                        write_again(&call, method, value);
                value_free(method->in, value);
        }
        call_deinit(&call);
}

static void read_reply(const char *text, size_t n, const struct schema *schema)
{
        CLEANUP(buf_deinit) struct buf line = BUF_NULL;
        struct message_error failure = MESSAGE_ERROR_NULL;
        struct json_error error = { .reason = "" };
        struct call_reply reply = CALL_REPLY_NULL;
        void *value = value_new(schema);
        int r;

        r = call_reply_parse(text, n, &reply, &error);
        if (r) {
                check_error(r, &error);
        } else if (reply.error) {
                must(call_reply_decode_error(&reply, &failure) == 0, "an error");
                message_error_text(&failure, &line);
                must(!buf_error(&line) && !memchr(line.data, '\n', line.n), "no line");
        } else {
                r = call_reply_decode(&reply, schema, value, &error);
                if (r)
                        check_error(r, &error);
        }
        message_error_deinit(&failure);
        call_reply_deinit(&reply);
        value_free(schema, value);
}

/* The input once more, in pieces of @n_step bytes, and as frames. */
static void read_stream(struct bytes input, size_t n_step, const struct schema *schema)
{
        struct frame frame;
        const char *message;
        size_t n;
        int r = FRAME_E_PARTIAL;

        frame_init(&frame, FRAME_MAX_BYTES);
        while (input.n > 0 && r == FRAME_E_PARTIAL) {
                struct bytes piece;
                char *room;

                must(frame_get_room(&frame, &room, &n) == 0 && n > 0, "no room");
                piece = fuzz_take(&input, n < n_step ? n : n_step);
                memcpy(room, piece.data, piece.n);
                frame_add(&frame, piece.n);
                while ((r = frame_next(&frame, &message, &n)) == 0) {
                        must(n <= FRAME_MAX_BYTES && !message[n] && strlen(message) == n, "frame");
                        read_call(message, n);
                        read_reply(message, n, schema);
                }
        }
        frame_deinit(&frame);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
        struct bytes input = { data, n };
        const struct schema *const *schemas;
        const struct schema *schema;
        size_t n_schemas, n_step = n % 7 ? n % 7 * 3 : n;
        char *text = fuzz_text(input);

        schemas = value_schemas(&n_schemas);
        schema = schemas[n % n_schemas];
        read_call(text, n);
        read_reply(text, n, schema);
        read_stream(input, n_step, schema);
        free(text);
        return 0;
}
