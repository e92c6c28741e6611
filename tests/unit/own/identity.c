/* SPDX-License-Identifier: Apache-2.0 */
#include "own/identity.h"

#include "harness/objects.h"
#include "harness/test.h"

struct row {
        const char *text;
        bool is_one;
};

static void check_all(const struct row *rows, size_t n, bool (*is)(const char *text))
{
        for (size_t i = 0; i < n; i++)
                must(is(rows[i].text) == rows[i].is_one, "row \"%s\"", rows[i].text);
}

static const char *repeat(char *room, char c, size_t n)
{
        memset(room, c, n);
        room[n] = '\0';
        return room;
}

static void a_uri_has_a_scheme_and_no_blank(void **state)
{
        static const struct row ROWS[] = {
                { "urn:host:app", true }, { "http://example.com/UA", true },
                { "urn:a%20b", true },    { "urn:[x]'(*)@!$&+,;=~_-./?#", true },
                { "x:y", true },          { "", false },
                { "urn", false },         { "urn:", false },
                { ":x", false },          { "1urn:x", false },
                { "urn:a b", false },     { "urn:\xc3\xbc", false },
                { "urn:a\nb", false },    { "urn:<a>", false },
                { "urn:\"a\"", false },   { "u rn:a", false },
        };
        char room[IDENTITY_URI_MAX + 2];

        (void)state;
        check_all(ROWS, ARRAY_SIZE(ROWS), identity_is_uri);
        memcpy((char *)repeat(room, 'a', IDENTITY_URI_MAX), "urn:", 4);
        assert_true(identity_is_uri(room));
        memcpy((char *)repeat(room, 'a', IDENTITY_URI_MAX + 1), "urn:", 4);
        assert_false(identity_is_uri(room));
}

static void a_subject_is_of_few_characters_and_no_controls(void **state)
{
        static const struct row ROWS[] = {
                { "My Pump, 1", true }, { "P\xc3\xbcmpe", true }, { "", false },
                { "a\nb", false },      { "a\x7f", false },       { "\xff", false },
                { "\xc3", false },
        };
        char room[2 * IDENTITY_TEXT_MAX + 1];

        (void)state;
        check_all(ROWS, ARRAY_SIZE(ROWS), identity_is_text);
        assert_true(identity_is_text(repeat(room, 'a', IDENTITY_TEXT_MAX)));
        assert_false(identity_is_text(repeat(room, 'a', IDENTITY_TEXT_MAX + 1)));
        for (size_t i = 0; i < IDENTITY_TEXT_MAX; i++)
                memcpy(room + 2 * i, "\xc3\xbc", 3);
        assert_true(identity_is_text(room));
}

static void a_host_name_has_labels(void **state)
{
        static const struct row ROWS[] = {
                { "host", true },   { "a.b-c.example.com", true },
                { "_srv.x", true }, { "1.2.3a", true },
                { "x--y", true },   { "", false },
                { ".", false },     { "a..b", false },
                { ".a", false },    { "a.", false },
                { "-a", false },    { "1.2.3", false },
                { "7", false },     { "a-.b", false },
                { "a b", false },   { "*.a", false },
                { "a/b", false },   { "\xc3\xbc", false },
        };
        char room[300];

        (void)state;
        check_all(ROWS, ARRAY_SIZE(ROWS), identity_is_dns_name);
        assert_true(identity_is_dns_name(repeat(room, 'a', 63)));
        assert_false(identity_is_dns_name(repeat(room, 'a', 64)));
        repeat(room, 'a', 253);
        for (size_t i = 50; i < 253; i += 50)
                room[i] = '.';
        assert_true(identity_is_dns_name(room));
        memcpy(room + 253, "a", 2);
        assert_false(identity_is_dns_name(room));
}

static void a_host_is_named_once(void **state)
{
        static const struct {
                const char *text;
                int r;
                const char *last; /* what is the last host then */
        } ROWS[] = {
                { "pump.example.com.", 0, "pump.example.com" },
                { "PUMP.example.com", 0, "pump.example.com" },
                { "192.0.2.1", 0, "192.0.2.1" },
                { "2001:DB8:0::1", 0, "2001:db8::1" },
                { "2001:db8::1", 0, "2001:db8::1" },
                { "192.0.2.1", 0, "2001:db8::1" },
                { "1.2.3.400", IDENTITY_E_NO_HOST, "2001:db8::1" },
                { "a b", IDENTITY_E_NO_HOST, "2001:db8::1" },
                { "[::1]", IDENTITY_E_NO_HOST, "2001:db8::1" },
                { "", IDENTITY_E_NO_HOST, "2001:db8::1" },
        };
        CLEANUP(identity_deinit) struct identity identity = IDENTITY_NULL;
        char host[256] = "", next[256];

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
                must(identity_add_host(&identity, ROWS[i].text) == ROWS[i].r, "row %zu", i);
                for (size_t k = 0; identity_host(&identity, k, next); k++)
                        memcpy(host, next, sizeof(host));
                must(strcmp(host, ROWS[i].last) == 0, "row %zu: %s", i, host);
        }
        assert_int_equal(identity.dns_names.n + identity.ips.n, 3);

        for (size_t i = 3; i < IDENTITY_HOSTS_MAX; i++) {
                snprintf(host, sizeof(host), "host-%zu", i);
                assert_int_equal(identity_add_host(&identity, host), 0);
        }
        assert_int_equal(identity_add_host(&identity, "one-more"), IDENTITY_E_TOO_MANY);
        assert_int_equal(identity_add_host(&identity, "192.0.2.9"), IDENTITY_E_TOO_MANY);
        assert_int_equal(identity_add_host(&identity, "host-3"), 0);
}

static void names_are_made_of_names(void **state)
{
        static const struct {
                const char *name, *uri, *file;
        } ROWS[] = {
                { "Pump", "urn:my.host:Pump", "Pump" },
                { "My Pump/1", "urn:my.host:My%20Pump%2F1", "My_Pump_1" },
                { "../../evil", "urn:my.host:..%2F..%2Fevil", "_._.._evil" },
                { ".hidden", "urn:my.host:.hidden", "_hidden" },
                { "P\xc3\xbc", "urn:my.host:P%C3%BC", "P__" },
        };
        char file[65];

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
                CLEANUP(freep) char *uri = NULL;

                assert_int_equal(identity_make_uri("my.host", ROWS[i].name, &uri), 0);
                assert_string_equal(uri, ROWS[i].uri);
                assert_true(identity_is_uri(uri));
                identity_make_file_name(ROWS[i].name, file);
                assert_string_equal(file, ROWS[i].file);
                assert_true(identity_is_file_name(file));
        }
}

static void a_file_name_stays_in_its_folder(void **state)
{
        static const struct row ROWS[] = {
                { "Pump", true }, { "Pump [AB12]", true }, { "a.b", true },   { "", false },
                { ".", false },   { "..", false },         { ".a", false },   { "a/b", false },
                { "-rf", false }, { "a\nb", false },       { "a\\b", false },
        };
        char room[130];

        (void)state;
        check_all(ROWS, ARRAY_SIZE(ROWS), identity_is_file_name);
        assert_true(identity_is_file_name(repeat(room, 'a', 128)));
        assert_false(identity_is_file_name(repeat(room, 'a', 129)));
}

static void a_certificates_names_are_taken_over_or_said_to_be_odd(void **state)
{
        static const struct {
                const char *san;
                int r;
                size_t n_hosts;
        } ROWS[] = {
                { NULL, 0, 1 },
                { "URI:urn:a,DNS:x,DNS:y.z,IP:192.0.2.1,IP:::2", 0, 4 },
                { "URI:urn:a", 0, 0 },
                { "DNS:x", IDENTITY_E_NO_URI, 1 },
                { "URI:urn:a,URI:urn:b", IDENTITY_E_NO_URI, 0 },
                { "URI:no uri", IDENTITY_E_NO_URI, 0 },
                { MINT_NONE, IDENTITY_E_NO_URI, 0 },
                { "URI:urn:a,DNS:192.0.2.1,IP:192.0.2.1,DNS:192.0.2.2", 0, 2 },
                { "URI:urn:a,DNS:*.x", IDENTITY_E_ODD_NAMES, 0 },
                { "URI:urn:a,DNS:a b", IDENTITY_E_ODD_NAMES, 0 },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
                CLEANUP(identity_deinit) struct identity identity = IDENTITY_NULL;
                CLEANUP(cert_unrefp)
                const struct cert *cert = make_cert(&(struct mint_cert){ .san = ROWS[i].san });

                must(identity_read(cert, &identity) == ROWS[i].r, "row %zu", i);
                assert_int_equal(identity.dns_names.n + identity.ips.n, ROWS[i].n_hosts);
                assert_int_equal(identity.application_uri != NULL, ROWS[i].r == 0);
                assert_memory_equal(identity.subject, cert->subject.der.data, identity.n_subject);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_uri_has_a_scheme_and_no_blank),
                cmocka_unit_test(a_subject_is_of_few_characters_and_no_controls),
                cmocka_unit_test(a_host_name_has_labels),
                cmocka_unit_test(a_host_is_named_once),
                cmocka_unit_test(names_are_made_of_names),
                cmocka_unit_test(a_file_name_stays_in_its_folder),
                cmocka_unit_test(a_certificates_names_are_taken_over_or_said_to_be_odd),
        };

        return cmocka_run_group_tests_name("own/identity", tests, set_up_ossl, tear_down_ossl);
}
