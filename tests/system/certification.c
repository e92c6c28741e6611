/* SPDX-License-Identifier: Apache-2.0 */

/*
 * org.varlink.certification behind the agent's own front end: what varlink-go-certification calls
 * to find out whether a service speaks Varlink. Each method gives values that the next one wants
 * back. Where a value is of a type that the agent's messages do not have, it is described as an
 * object.
 *
 * usage: certification SOCKET. Serves until it is ended.
 */

#include "service/service.h"

#include "front/socket.h"
#include "front/varlink.h"
#include "loop/loop.h"
#include "proto/compiler.h"
#include "proto/message.h"
#include "service/quota.h"
#include "service/service_call.h"

#include <json-c/json.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VALUES_MAX 4

/* The parameters of every method: the client's id, and values as JSON text. */
struct values {
        char *client_id;
        char *value[VALUES_MAX];
};

#define ID                                                                                         \
        {                                                                                          \
                .name = "client_id", .type = SCHEMA_STRING,                                        \
                .offset = offsetof(struct values, client_id),                                      \
        }
#define VALUE(i, field)                                                                            \
        {                                                                                          \
                .name = field, .type = SCHEMA_OBJECT, .offset = offsetof(struct values, value[i]), \
        }

static const struct schema_field id_row[] = { ID };
static const struct schema_field bool_rows[] = { ID, VALUE(0, "bool") };
static const struct schema_field int_rows[] = { ID, VALUE(0, "int") };
static const struct schema_field float_rows[] = { ID, VALUE(0, "float") };
static const struct schema_field string_rows[] = { ID, VALUE(0, "string") };
static const struct schema_field four_rows[] = { ID, VALUE(0, "bool"), VALUE(1, "int"),
                                                 VALUE(2, "float"), VALUE(3, "string") };
static const struct schema_field struct_rows[] = { ID, VALUE(0, "struct") };
static const struct schema_field map_rows[] = { ID, VALUE(0, "map") };
static const struct schema_field set_rows[] = { ID, VALUE(0, "set") };
static const struct schema_field mytype_rows[] = { ID, VALUE(0, "mytype") };
static const struct schema_field replies_rows[] = { ID, VALUE(0, "last_more_replies") };
static const struct schema_field ok_row[] = { VALUE(0, "all_ok") };

#define SCHEMA(rows, n)                                                                            \
        &(const struct schema)                                                                     \
        {                                                                                          \
                .size_bytes = sizeof(struct values), .fields = rows, .n_fields = n                 \
        }

enum {
        START = 1000,
        TEST01, /* those up to TEST10 follow */
        TEST10 = TEST01 + 9,
        TEST11,
        END,
};

static const struct schema_method methods[] = {
        { START, "Start", NULL, SCHEMA(id_row, 0), SCHEMA(id_row, 1), 0 },
        { TEST01, "Test01", NULL, SCHEMA(id_row, 1), SCHEMA(bool_rows + 1, 1), 0 },
        { TEST01 + 1, "Test02", NULL, SCHEMA(bool_rows, 2), SCHEMA(int_rows + 1, 1), 0 },
        { TEST01 + 2, "Test03", NULL, SCHEMA(int_rows, 2), SCHEMA(float_rows + 1, 1), 0 },
        { TEST01 + 3, "Test04", NULL, SCHEMA(float_rows, 2), SCHEMA(string_rows + 1, 1), 0 },
        { TEST01 + 4, "Test05", NULL, SCHEMA(string_rows, 2), SCHEMA(four_rows + 1, 4), 0 },
        { TEST01 + 5, "Test06", NULL, SCHEMA(four_rows, 5), SCHEMA(struct_rows + 1, 1), 0 },
        { TEST01 + 6, "Test07", NULL, SCHEMA(struct_rows, 2), SCHEMA(map_rows + 1, 1), 0 },
        { TEST01 + 7, "Test08", NULL, SCHEMA(map_rows, 2), SCHEMA(set_rows + 1, 1), 0 },
        { TEST01 + 8, "Test09", NULL, SCHEMA(set_rows, 2), SCHEMA(mytype_rows + 1, 1), 0 },
        { TEST10, "Test10", NULL, SCHEMA(mytype_rows, 2), SCHEMA(string_rows + 1, 1),
          SCHEMA_METHOD_MORE },
        { TEST11, "Test11", NULL, SCHEMA(replies_rows, 2), SCHEMA(id_row, 0), 0 },
        { END, "End", NULL, SCHEMA(id_row, 1), SCHEMA(ok_row, 1), 0 },
};

static const struct schema_interface certification = {
        .name = "org.varlink.certification",
        .doc = "What a service is tried with.",
        .methods = methods,
        .n_methods = ARRAY_SIZE(methods),
};

static const struct schema_interface *const interfaces[] = { &message_service_interface,
                                                             &certification, NULL };

/* What Test01 to Test09 give, and Test02 to Test10 want back. */
static const char *const given[][VALUES_MAX] = {
        { "true" },
        { "-9007199254740991" },
        { "2.75" },
        { "\"ping \\u00e9 \\\\ \\ud83d\\udd12\"" },
        { "false", "2", "-0.5", "\"a \\\"quoted\\\" test\"" },
        { "{\"bool\":false,\"int\":2,\"float\":-0.5,\"string\":\"a test\"}" },
        { "{\"foo\":\"Foo\",\"bar\":\"\"}" },
        { "{\"one\":{},\"two\":{},\"three\":{}}" },
        { "{\"object\":{\"method\":\"a.b.C\",\"parameters\":{\"list\":[1,2.5,{}]}},"
          "\"enum\":\"two\",\"struct\":{\"first\":1,\"second\":\"2\"},\"array\":[\"one\",\"two\"],"
          "\"dictionary\":{\"foo\":\"Foo\",\"bar\":\"Bar\"},\"stringset\":{\"one\":{},\"two\":{}},"
          "\"nullable\":null,\"nullable_array_struct\":null,"
          "\"interface\":{\"foo\":[null,{\"foo\":\"foo\",\"bar\":\"bar\"},null],"
          "\"anon\":{\"foo\":true,\"bar\":false}}}" },
};

struct service {
        struct quota *quota; /* of the front end */
        int next;            /* the method that the one client has to call now */
        bool is_ok;          /* all that it gave back was right */
};

/* A client may leave out what is null. */
static void drop_nulls(struct json_object *value)
{
        if (!json_object_is_type(value, json_type_object))
                return;

        json_object_object_foreach(value, name, member)
        {
                if (member)
                        drop_nulls(member);
                else
                        json_object_object_del(value, name);
        }
}

static bool is_same(const char *got, const char *wanted)
{
        struct json_object *a = json_tokener_parse(got), *b = json_tokener_parse(wanted);
        bool is_equal;

        drop_nulls(a);
        drop_nulls(b);
        is_equal = json_object_equal(a, b);
        if (!is_equal)
                fprintf(stderr, "wanted: %s\ngot:    %s\n", wanted, got);
        json_object_put(a);
        json_object_put(b);
        return is_equal;
}

static bool is_right(const struct service *service, const struct service_call *call)
{
        const struct values *in = call->in;
        const char *replies = "[\"reply 1\",\"reply 2\",\"reply 3\"]";

        if ((int)call->method != service->next)
                return false;
        if ((int)call->method == TEST11)
                return is_same(in->value[0], replies);

        for (size_t i = 0; i < VALUES_MAX && in->value[i]; i++)
                if (!is_same(in->value[i], given[(int)call->method - TEST01 - 1][i]))
                        return false;
        return true;
}

static void give(const struct service_call *call, const char *const *value, bool continues)
{
        struct values out = { .client_id = (char *)"certification" };
        struct service_reply reply = { .out = &out, .continues = continues };

        for (size_t i = 0; value && i < VALUES_MAX; i++)
                out.value[i] = (char *)value[i];
        call->reply(&reply, call->userdata);
}

static void give_replies(const struct service_call *call)
{
        static const char *const replies[][VALUES_MAX] = { { "\"reply 1\"" },
                                                           { "\"reply 2\"" },
                                                           { "\"reply 3\"" } };

        for (size_t i = 0; i < ARRAY_SIZE(replies); i++)
                give(call, replies[i], i + 1 < ARRAY_SIZE(replies));
}

struct service_pending *service_call(struct service *service, const struct service_call *call)
{
        static const char *const ok[VALUES_MAX] = { "true" }, *const not_ok[VALUES_MAX] = {
                "false"
        };

        if ((int)call->method == START)
                *service = (struct service){ service->quota, START, true };
        service->is_ok &= is_right(service, call);
        service->next++;

        if ((int)call->method == END)
                give(call, service->is_ok ? ok : not_ok, false);
        else if ((int)call->method == TEST10)
                give_replies(call);
        else if ((int)call->method == START || (int)call->method == TEST11)
                give(call, NULL, false);
        else
                give(call, given[(int)call->method - TEST01], false);
        return NULL;
}

bool service_stamp_holds(const struct service *service, const struct service_stamp *stamp)
{
        (void)service;
        (void)stamp;
        return false;
}

void service_note_kept(const struct service *service, const struct service_stamp *stamp,
                       const struct caller *caller)
{
        (void)service;
        (void)stamp;
        (void)caller;
}

struct quota *service_quota(struct service *service)
{
        return service->quota;
}

int main(int argc, char **argv)
{
        CLEANUP(quota_freep) struct quota *quota = NULL;
        CLEANUP(loop_freep) struct loop *loop = NULL;
        CLEANUP(varlink_freep) struct varlink *varlink = NULL;
        struct service service = { .next = START };
        struct varlink_config config = { .service = &service,
                                         .version = "1",
                                         .interfaces = interfaces };
        int fd, r;

        if (argc != 2)
                return 2;

        r = quota_new(&quota);
        service.quota = quota;
        if (!r)
                r = loop_new(&loop);
        config.loop = loop;
        if (!r)
                r = varlink_new(&config, &varlink);
        if (!r)
                r = socket_listen(argv[1], 0600, (gid_t)-1, &fd);
        if (!r)
                r = varlink_listen(varlink, fd, CALLER_DOOR_CLIENT);
        if (r) {
                fprintf(stderr, "%s: %s\n", argv[1], strerror(-r));
                return 1;
        }

        loop_run(loop);
        return 0;
}
