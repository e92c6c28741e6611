/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz/value.h"

#include "fuzz/fuzz.h"
#include "harness/must.h"
#include "proto/buf.h"
#include "proto/compiler.h"
#include "proto/json.h"
#include "proto/message.h"

#define ITEMS_MAX 4

const struct schema *const *value_schemas(size_t *out_n)
{
        static const struct schema *const schemas[] = {
                &message_validate_schema,
                &message_validate_reply_schema,
                &message_monitor_schema,
                &message_monitor_reply_schema,
                &message_list_stores_reply_schema,
                &message_list_certificates_schema,
                &message_list_certificates_reply_schema,
                &message_list_crls_schema,
                &message_list_crls_reply_schema,
                &message_get_info_reply_schema,
                &message_get_interface_description_schema,
                &message_get_interface_description_reply_schema,
                &message_nothing_schema,
        };

        *out_n = ARRAY_SIZE(schemas);
        return schemas;
}

static void fill_item(const struct schema_field *field, void *item, struct bytes *input)
{
        struct bytes taken;
        int64_t number;

        switch (field->type) {
        case SCHEMA_OBJECT: /* in no message of the agent */
        case SCHEMA_STRING:
                *(char **)item = fuzz_text(fuzz_take(input, fuzz_take_byte(input) % 32));
                return;
        case SCHEMA_BOOL:
                *(bool *)item = fuzz_take_byte(input) & 1;
                return;
        case SCHEMA_INT:
                number = (int64_t)fuzz_take_number(input, 8);
                *(int64_t *)item = number == SCHEMA_INT_ABSENT ? 0 : number;
                return;
        case SCHEMA_BYTES:
                taken = fuzz_take(input, fuzz_take_byte(input) % 32);
                *(struct schema_bytes *)item =
                        (struct schema_bytes){ (uint8_t *)fuzz_text(taken), taken.n };
                return;
        case SCHEMA_STRUCT:
                value_fill(field->nested, item, input);
                return;
        }
}

void value_fill(const struct schema *schema, void *value, struct bytes *input)
{
        schema_init(schema, value);
        for (size_t i = 0; i < schema->n_fields; i++) {
                const struct schema_field *field = &schema->fields[i];
                uint8_t shape = fuzz_take_byte(input);
                size_t n = field->flags & SCHEMA_ARRAY ? shape / 2 % (ITEMS_MAX + 1) : 1;
                char *items;

                if (field->flags & SCHEMA_OPTIONAL && !(shape & 1))
                        continue;
                must(schema_make_items(field, value, n, (void **)&items) == 0, "items");
                for (size_t k = 0; k < n; k++)
                        fill_item(field, items + k * schema_item_bytes(field), input);
        }
}

void *value_new(const struct schema *schema)
{
        void *value = must_calloc(1, schema->size_bytes);

        schema_init(schema, value);
        return value;
}

void value_free(const struct schema *schema, void *value)
{
        schema_deinit(schema, value);
        free(value);
}

void value_assert_equal(const struct schema *schema, const void *a, const void *b, const char *what)
{
        CLEANUP(buf_deinit) struct buf text_a = BUF_NULL;
        CLEANUP(buf_deinit) struct buf text_b = BUF_NULL;

        json_encode(schema, a, &text_a);
        json_encode(schema, b, &text_b);
        must(!buf_error(&text_a) && !buf_error(&text_b), "encode");
        must(text_a.n == text_b.n && !memcmp(text_a.data, text_b.data, text_a.n),
             "%s:\n%.*s\n%.*s\n", what, (int)text_a.n, (char *)text_a.data, (int)text_b.n,
             (char *)text_b.data);
}
