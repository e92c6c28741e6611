/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/name.h"

#include "harness/test.h"
#include "proto/compiler.h"

#include <openssl/x509.h>

#include <stdlib.h>

/* One attribute of a name: its type, its string type, its value; is_same_rdn: beside the one before it. */
struct attribute {
        const char *type;
        int string_type;
        const char *value;
        int n_value; /* 0: as long as the text */
        bool is_same_rdn;
};

#define ATTRIBUTES_MAX 4

static struct bytes build(const struct attribute *attributes)
{
        X509_NAME *built = X509_NAME_new();
        uint8_t *der = NULL;
        int n;

        assert_non_null(built);
        for (size_t i = 0; i < ATTRIBUTES_MAX && attributes[i].type; i++) {
                const struct attribute *a = &attributes[i];

                n = a->n_value ? a->n_value : (int)strlen(a->value);
                assert_int_equal(X509_NAME_add_entry_by_txt(built, a->type, a->string_type,
                                                            (const uint8_t *)a->value, n, -1,
                                                            a->is_same_rdn ? -1 : 0),
                                 1);
        }

        n = i2d_X509_NAME(built, &der);
        assert_true(n > 0);
        X509_NAME_free(built);
        return (struct bytes){ der, (size_t)n };
}

static void free_bytes(struct bytes bytes)
{
        OPENSSL_free((void *)bytes.data);
}

#define UTF8      V_ASN1_UTF8STRING
#define PRINTABLE V_ASN1_PRINTABLESTRING
#define IA5       V_ASN1_IA5STRING
#define T61       V_ASN1_T61STRING
#define BMP       V_ASN1_BMPSTRING

static void names_are_compared_as_openssl_compares_them(void **state)
{
        static const struct {
                struct attribute a[ATTRIBUTES_MAX], b[ATTRIBUTES_MAX];
                bool is_equal;
        } rows[] = {
                { { { "CN", UTF8, "Plant CA", 0, false } },
                  { { "CN", PRINTABLE, "plant ca", 0, false } },
                  true },
                { { { "CN", UTF8, " Plant  CA ", 0, false } },
                  { { "CN", UTF8, "Plant CA", 0, false } },
                  true },
                { { { "CN", UTF8, "Plant\tCA", 0, false } },
                  { { "CN", UTF8, "Plant CA", 0, false } },
                  true },
                { { { "CN", UTF8, "PlantCA", 0, false } },
                  { { "CN", UTF8, "Plant CA", 0, false } },
                  false },
                { { { "CN", BMP, "\0A\0b", 4, false } }, { { "CN", UTF8, "ab", 0, false } }, true },
                { { { "CN", T61, "\xe9", 0, false } },
                  { { "CN", UTF8, "\xc3\xa9", 0, false } },
                  true },
                /* beyond ASCII nothing is folded */
                { { { "CN", UTF8, "\xc3\x89", 0, false } },
                  { { "CN", UTF8, "\xc3\xa9", 0, false } },
                  false },
                { { { "CN", UTF8, "a", 0, false } }, { { "O", UTF8, "a", 0, false } }, false },
                { { { "CN", UTF8, "a\0b", 3, false } }, { { "CN", UTF8, "a", 0, false } }, false },
                { { { "CN", UTF8, "a", 0, false }, { "O", UTF8, "b", 0, false } },
                  { { "O", UTF8, "b", 0, false }, { "CN", UTF8, "a", 0, false } },
                  false },
                /* an RDN is a set */
                { { { "CN", UTF8, "a", 0, false }, { "O", UTF8, "b", 0, true } },
                  { { "O", UTF8, "B", 0, false }, { "CN", UTF8, "A", 0, true } },
                  true },
                { { { "CN", UTF8, "a", 0, false }, { "O", UTF8, "b", 0, true } },
                  { { "CN", UTF8, "a", 0, false }, { "O", UTF8, "b", 0, false } },
                  false },
                { { { "CN", UTF8, "a", 0, false } }, { { NULL, 0, NULL, 0, false } }, false },
                { { { NULL, 0, NULL, 0, false } }, { { NULL, 0, NULL, 0, false } }, true },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                struct bytes der_a = build(rows[i].a), der_b = build(rows[i].b);
                const uint8_t *at_a = der_a.data, *at_b = der_b.data;
                X509_NAME *x_a = d2i_X509_NAME(NULL, &at_a, (long)der_a.n);
                X509_NAME *x_b = d2i_X509_NAME(NULL, &at_b, (long)der_b.n);
                struct name a = NAME_NULL, b = NAME_NULL;

                assert_int_equal(name_init(&a, der_a), 0);
                assert_int_equal(name_init(&b, der_b), 0);
                if (name_equal(&a, &b) != rows[i].is_equal)
                        fail_msg("row %zu", i);
                assert_int_equal(X509_NAME_cmp(x_a, x_b) == 0, rows[i].is_equal);
                assert_int_equal(name_compare(&a, &b) < 0, name_compare(&b, &a) > 0);

                name_deinit(&a);
                name_deinit(&b);
                X509_NAME_free(x_a);
                X509_NAME_free(x_b);
                free_bytes(der_a);
                free_bytes(der_b);
        }
}

static void a_name_is_written_for_people_with_nothing_that_misleads_them(void **state)
{
        static const struct {
                struct attribute attributes[ATTRIBUTES_MAX];
                const char *text;
        } rows[] = {
                { { { "O", UTF8, "Factory", 0, false }, { "CN", UTF8, "Plant CA", 0, false } },
                  "CN=Plant CA,O=Factory" },
                { { { "CN", UTF8, "a", 0, false }, { "O", UTF8, "b", 0, true } }, "CN=a+O=b" },
                { { { "CN", UTF8, "a,b+c\"d\\e<f>g;h", 0, false } },
                  "CN=a\\,b\\+c\\\"d\\\\e\\<f\\>g\\;h" },
                { { { "CN", UTF8, " #x ", 0, false } }, "CN=\\ #x\\ " },
                { { { "CN", UTF8, "#x", 0, false } }, "CN=\\#x" },
                { { { "CN", UTF8, "a\nb\x7f", 0, false } }, "CN=a\\0Ab\\7F" },
                { { { "CN", UTF8, "a\0b", 3, false } }, "CN=a\\00b" },
                { { { "CN", UTF8, "\xc2\x85", 0, false } }, "CN=\\C2\\85" },
                { { { "CN", UTF8,
                      "\xe2\x80\xae"
                      "abc",
                      0, false } },
                  "CN=\\E2\\80\\AEabc" },
                { { { "CN", T61, "M\xfcller", 0, false } }, "CN=M\xc3\xbcller" },
                { { { "CN", BMP, "\0H\0i", 4, false } }, "CN=Hi" },
                { { { "DC", IA5, "example", 0, false } }, "DC=example" },
                { { { "1.2.3.4", UTF8, "x", 0, false } }, "1.2.3.4=x" },
                { { { "2.16.840.1", UTF8, "x", 0, false } }, "2.16.840.1=x" },
                { { { NULL, 0, NULL, 0, false } }, "" },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                struct bytes der = build(rows[i].attributes);
                struct name name = NAME_NULL;
                char *text = NULL;

                assert_int_equal(name_init(&name, der), 0);
                assert_int_equal(name_text(&name, &text), 0);
                assert_string_equal(text, rows[i].text);
                free(text);
                name_deinit(&name);
                free_bytes(der);
        }
}

static void a_value_that_is_no_text_is_written_in_hex(void **state)
{
        const uint8_t der[] = { 0x30, 0x0d, 0x31, 0x0b, 0x30, 0x09, 0x06, 0x03,
                                0x55, 0x04, 0x03, 0x04, 0x02, 0x01, 0xff };
        struct name name = NAME_NULL;
        char *text;

        (void)state;
        assert_int_equal(name_init(&name, (struct bytes){ der, sizeof(der) }), 0);
        assert_int_equal(name_text(&name, &text), 0);
        assert_string_equal(text, "CN=#01FF");
        free(text);
        name_deinit(&name);
}

/* A Name of one CN of @n letters. */
static struct bytes make_long(size_t n, uint8_t *out)
{
        uint8_t head[] = { 0x30, 0x82, 0,    0,    0x31, 0x82, 0,    0,    0x30, 0x82, 0,
                           0,    0x06, 0x03, 0x55, 0x04, 0x03, 0x0c, 0x82, 0,    0 };
        static const size_t at[] = { 2, 6, 10, 19 };

        for (size_t i = 0; i < ARRAY_SIZE(at); i++) {
                size_t n_content = n + sizeof(head) - at[i] - 2;

                head[at[i]] = (uint8_t)(n_content >> 8);
                head[at[i] + 1] = (uint8_t)n_content;
        }

        memcpy(out, head, sizeof(head));
        memset(out + sizeof(head), 'x', n);
        return (struct bytes){ out, sizeof(head) + n };
}

static void a_name_has_a_limit_and_its_text_a_shorter_one(void **state)
{
        static uint8_t data[NAME_BYTES_MAX + 32];
        struct name name = NAME_NULL;
        char *text;

        (void)state;
        assert_int_equal(name_init(&name, make_long(NAME_BYTES_MAX - 21, data)), 0);
        assert_true(name.has_long_attribute);
        assert_int_equal(name_text(&name, &text), 0);
        assert_int_equal(strlen(text), NAME_TEXT_MAX);
        assert_string_equal(text + NAME_TEXT_MAX - 4, "x...");
        free(text);
        name_deinit(&name);

        assert_int_equal(name_init(&name, make_long(NAME_BYTES_MAX - 20, data)), NAME_E_INVALID);
        assert_int_equal(name_init(&name, make_long(300, data)), 0);
        name_deinit(&name);
}

static void what_is_no_name_is_refused(void **state)
{
        static const struct {
                const char *what;
                struct bytes der;
        } rows[] = {
#define DER(text) { (const uint8_t *)(text), sizeof(text) - 1 }
                { "nothing", DER("") },
                { "no SEQUENCE", DER("\x31\x00") },
                { "bytes behind it", DER("\x30\x00\x00") },
                { "an empty RDN", DER("\x30\x02\x31\x00") },
                { "an RDN that is no SET", DER("\x30\x02\x30\x00") },
                { "no value", DER("\x30\x09\x31\x07\x30\x05\x06\x03\x55\x04\x03") },
                { "two values",
                  DER("\x30\x0d\x31\x0b\x30\x09\x06\x03\x55\x04\x03\x05\x00\x05\x00") },
                { "UTF-8 cut off",
                  DER("\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x0c\x01\xc3") },
                { "UTF-8 over-long",
                  DER("\x30\x0d\x31\x0b\x30\x09\x06\x03\x55\x04\x03\x0c\x02\xc0\x80") },
                { "a surrogate",
                  DER("\x30\x0e\x31\x0c\x30\x0a\x06\x03\x55\x04\x03\x0c\x03\xed\xa0\x80") },
                { "half a BMP character",
                  DER("\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x1e\x01\x41") },
#undef DER
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                struct name name = NAME_NULL;

                if (name_init(&name, rows[i].der) != NAME_E_INVALID)
                        fail_msg("%s", rows[i].what);
        }
}

static void attributes_come_in_order_in_their_canonical_form(void **state)
{
        const struct attribute attributes[ATTRIBUTES_MAX] = {
                { "DC", IA5, "Org", 0, false },
                { "DC", IA5, "Example", 0, false },
                { "CN", UTF8, " A  b ", 0, false },
                { "emailAddress", IA5, "x@y", 0, false },
        };
        static const struct {
                enum name_attribute attribute;
                const char *value;
        } wanted[] = {
                { NAME_ATTRIBUTE_DOMAIN_COMPONENT, "org" },
                { NAME_ATTRIBUTE_DOMAIN_COMPONENT, "example" },
                { NAME_ATTRIBUTE_COMMON_NAME, "a b" },
                { NAME_ATTRIBUTE_EMAIL_ADDRESS, "x@y" },
        };
        struct bytes der = build(attributes);
        struct name name = NAME_NULL;
        struct name_part part;
        size_t at = 0;

        (void)state;
        assert_int_equal(name_init(&name, der), 0);
        assert_int_equal(name.n_attributes, ARRAY_SIZE(wanted));
        for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
                assert_true(name_next(&name, &at, &part));
                assert_int_equal(part.attribute, wanted[i].attribute);
                assert_int_equal(part.value.n, strlen(wanted[i].value));
                assert_memory_equal(part.value.data, wanted[i].value, part.value.n);
        }

        assert_false(name_next(&name, &at, &part));
        name_deinit(&name);
        free_bytes(der);
}

static void a_name_below_another_has_one_rdn_more(void **state)
{
        const struct attribute below[ATTRIBUTES_MAX] = { { "O", UTF8, "o", 0, false },
                                                         { "CN", UTF8, "c", 0, false } };
        const struct attribute base[ATTRIBUTES_MAX] = { { "O", UTF8, "O", 0, false } };
        const uint8_t rdn[] = { 0x30, 0x08, 0x06, 0x03, 0x55, 0x04, 0x03, 0x13, 0x01, 'C' };
        struct bytes der_below = build(below), der_base = build(base);
        struct name a = NAME_NULL, b = NAME_NULL, c = NAME_NULL;

        (void)state;
        assert_int_equal(name_init(&a, der_below), 0);
        assert_int_equal(name_init(&b, der_base), 0);
        assert_int_equal(name_init_below(&c, &b, (struct bytes){ rdn, sizeof(rdn) }), 0);
        assert_true(name_equal(&a, &c));
        assert_int_equal(c.n_attributes, 2);

        name_deinit(&a);
        name_deinit(&b);
        name_deinit(&c);
        assert_int_equal(name_init_below(&c, &a, (struct bytes){ rdn, sizeof(rdn) - 1 }),
                         NAME_E_INVALID);
        free_bytes(der_below);
        free_bytes(der_base);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(names_are_compared_as_openssl_compares_them),
                cmocka_unit_test(a_name_is_written_for_people_with_nothing_that_misleads_them),
                cmocka_unit_test(a_value_that_is_no_text_is_written_in_hex),
                cmocka_unit_test(a_name_has_a_limit_and_its_text_a_shorter_one),
                cmocka_unit_test(what_is_no_name_is_refused),
                cmocka_unit_test(attributes_come_in_order_in_their_canonical_form),
                cmocka_unit_test(a_name_below_another_has_one_rdn_more),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
