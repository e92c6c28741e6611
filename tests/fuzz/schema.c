/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Schema - a value of any message, written as JSON, read, and copied, is the same value.
 */

#include "proto/schema.h"

#include "fuzz/fuzz.h"
#include "fuzz/value.h"
#include "harness/must.h"
#include "proto/buf.h"
#include "proto/compiler.h"
#include "proto/json.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
        (void)argc;
        (void)argv;
        return 0;
}

static void *read_back(const struct schema *schema, const void *value)
{
        CLEANUP(buf_deinit) struct buf text = BUF_NULL;
        struct json_error error = { .reason = "" };
        struct json_object *parsed;
        void *copy = value_new(schema);

        json_encode(schema, value, &text);
        must(!buf_error(&text), "json_encode");
        must(json_parse((const char *)text.data, text.n, SIZE_MAX, &parsed, &error) == 0,
             "parse %.*s: %s", (int)text.n, (char *)text.data, error.reason);
        must(json_decode(parsed, schema, copy, &error) == 0, "decode %.*s: %s %s", (int)text.n,
             (char *)text.data, error.field, error.reason);
        json_free(parsed);
        return copy;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
        struct bytes input = { data, n };
        const struct schema *const *schemas;
        const struct schema *schema;
        void *value, *back, *copy;
        size_t n_schemas;

        schemas = value_schemas(&n_schemas);
        schema = schemas[fuzz_take_byte(&input) % n_schemas];
        value = value_new(schema);
        copy = value_new(schema);
        value_fill(schema, value, &input);

        back = read_back(schema, value);
        value_assert_equal(schema, value, back, "read back");
        must(schema_copy(schema, value, copy) == 0, "schema_copy");
        value_free(schema, value);
        value_assert_equal(schema, back, copy, "copied");
        value_free(schema, copy);
        value_free(schema, back);
        return 0;
}
