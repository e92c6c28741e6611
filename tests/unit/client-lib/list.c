/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/dialogue.h"
#include "harness/test.h"
#include "proto/compiler.h"

#include <uatrust/news.h>

#include <string.h>

#define CRL(sha256)                                                                                \
        "{\"sha256\":\"" sha256 "\",\"issuer\":\"CN=CA\",\"thisUpdate\":1,\"nextUpdate\":null,"    \
        "\"crlNumber\":\"05\",\"isDelta\":false,\"entries\":3,\"state\":\"current\","              \
        "\"signer\":null,\"list\":\"issuers\",\"origins\":[\"a\",\"b\"]}"
#define PAGE(generation, crls, next)                                                               \
        "{\"parameters\":{\"store\":\"default\",\"agentId\":\"cc\",\"generation\":" generation     \
        ",\"crls\":[" crls "],\"next\":" next "}}\n"

/* The thumbprints of the CRLs, or NULL and @code. */
static char *list_crls(struct dialogue *dialogue, const struct fake_agent_row *rows, size_t n_rows,
                       enum uatrust_code *code)
{
        static char text[64];
        struct uatrust_crls *crls = NULL;

        dialogue_start(dialogue, rows, n_rows);
        *code = (enum uatrust_code)uatrust_list_crls(dialogue->client, NULL, &crls, NULL);
        if (*code)
                return NULL;

        text[0] = '\0';
        for (size_t i = 0; uatrust_crls_get_crl(crls, i); i++)
                strcat(text, uatrust_crl_get_sha256(uatrust_crls_get_crl(crls, i)));
        uatrust_crls_free(crls);
        return text;
}

static void pages_are_put_together(void **state)
{
        static const struct fake_agent_row rows[] = {
                { "\"parameters\":{}", PAGE("1", CRL("a") "," CRL("b"), "\"b\"") },
                { "\"after\":\"b\"", PAGE("1", CRL("c"), "\"c\"") },
                { "\"after\":\"c\"", PAGE("1", CRL("d"), "null") },
        };
        enum uatrust_code code;

        assert_string_equal(list_crls(*state, rows, ARRAY_SIZE(rows), &code), "abcd");
}

static void a_store_that_changed_meanwhile_is_listed_anew(void **state)
{
        static const struct fake_agent_row rows[] = {
                { "\"parameters\":{}", PAGE("1", CRL("a"), "\"a\"") },
                { "\"after\":\"a\"", PAGE("2", CRL("b"), "\"b\"") },
                { "\"parameters\":{}", PAGE("2", CRL("b"), "\"b\"") },
                { "\"after\":\"b\"", PAGE("2", CRL("c"), "null") },
        };
        enum uatrust_code code;

        assert_string_equal(list_crls(*state, rows, ARRAY_SIZE(rows), &code), "bc");
}

static void a_store_that_changes_all_the_time_is_given_up(void **state)
{
        struct fake_agent_row rows[10];
        enum uatrust_code code;

        for (size_t i = 0; i < ARRAY_SIZE(rows); i += 2) {
                rows[i] = (struct fake_agent_row){ "\"parameters\":{}",
                                                   PAGE("1", CRL("a"), "\"a\"") };
                rows[i + 1] =
                        (struct fake_agent_row){ "\"after\":\"a\"", PAGE("2", CRL("b"), "\"b\"") };
        }
        assert_null(list_crls(*state, rows, ARRAY_SIZE(rows), &code));
        assert_int_equal(code, UATRUST_E_BUSY);
}

static void pages_that_lead_nowhere_end(void **state)
{
        static const struct fake_agent_row rows[] = {
                { "\"parameters\":{}", PAGE("1", CRL("a"), "\"a\"") },
                { "\"after\":\"a\"", PAGE("1", "", "\"a\"") },
        };
        enum uatrust_code code;

        assert_null(list_crls(*state, rows, ARRAY_SIZE(rows), &code));
        assert_int_equal(code, UATRUST_E_PROTOCOL);
}

static void an_error_on_a_later_page_is_the_lists(void **state)
{
        static const struct fake_agent_row rows[] = {
                { "\"parameters\":{}", PAGE("1", CRL("a"), "\"a\"") },
                { "\"after\":\"a\"", "{\"error\":\"org.uatrust.agent1.Busy\"}\n" },
        };
        enum uatrust_code code;

        assert_null(list_crls(*state, rows, ARRAY_SIZE(rows), &code));
        assert_int_equal(code, UATRUST_E_BUSY);
}

static void certificates_and_broken_files_come_together(void **state)
{
        static const struct fake_agent_row rows[] = {
                { "\"store\":\"plant\",\"list\":\"trusted\"",
                  "{\"parameters\":{\"store\":\"plant\",\"agentId\":\"cc\",\"generation\":1,"
                  "\"certificates\":[{"
                  "\"sha256\":\"a\",\"thumbprint\":\"b\",\"subject\":\"CN=x\",\"issuer\":\"CN=x\","
                  "\"serialNumber\":"
                  "\"01\",\"notBefore\":1,\"notAfter\":2,\"applicationUri\":\"urn:x\",\"isCa\":"
                  "true,\"keyType\":"
                  "\"RSA-2048\",\"list\":\"trusted\",\"origins\":[\"f\"]}],\"broken\":[{\"list\":"
                  "\"trusted\","
                  "\"origin\":\"g\",\"reason\":\"why\"}],\"next\":null}}\n" },
        };
        struct dialogue *dialogue = *state;
        const struct uatrust_certificate *certificate;
        struct uatrust_certificates *certificates;

        dialogue_start(dialogue, rows, ARRAY_SIZE(rows));
        assert_int_equal(uatrust_list_certificates(dialogue->client, "plant", "trusted",
                                                   &certificates, NULL),
                         0);
        certificate = uatrust_certificates_get_certificate(certificates, 0);
        assert_string_equal(uatrust_certificate_get_application_uri(certificate), "urn:x");
        assert_true(uatrust_certificate_is_ca(certificate));
        assert_string_equal(uatrust_certificate_get_origin(certificate, 0), "f");
        assert_null(uatrust_certificates_get_certificate(certificates, 1));
        assert_string_equal(
                uatrust_broken_file_get_reason(uatrust_certificates_get_broken(certificates, 0)),
                "why");
        uatrust_certificates_free(certificates);
}

static void monitors_give_event_after_event(void **state)
{
#define EVENT(kind)                                                                                \
        "{\"parameters\":{\"event\":{\"kind\":\"" kind "\",\"store\":\"default\",\"agentId\":"     \
        "\"cc\",\"generation\":1,\"added\":[\"a\"],\"removed\":[],\"broken\":[],\"healed\":[],"    \
        "\"affectedIssuers\":[]}},\"continues\":true}\n"
        static const struct fake_agent_row rows[] = {
                { "\"parameters\":{\"stores\":[\"plant\"]},\"more\":true",
                  EVENT("state") EVENT("changed") },
        };
        static const char *const stores[] = { "plant" };
        struct dialogue *dialogue = *state;
        struct uatrust_monitor *monitor;
        struct uatrust_event *event;

        dialogue_start(dialogue, rows, ARRAY_SIZE(rows));
        assert_int_equal(uatrust_monitor_new(dialogue->client, stores, 1, &monitor, NULL), 0);

        assert_int_equal(uatrust_monitor_next(monitor, 5000, &event, NULL), 0);
        assert_string_equal(uatrust_event_get_kind(event), "state");
        assert_string_equal(uatrust_event_get_added(event, 0), "a");
        assert_null(uatrust_event_get_added(event, 1));
        uatrust_event_free(event);
        assert_int_equal(uatrust_monitor_next(monitor, 5000, &event, NULL), 0);
        assert_string_equal(uatrust_event_get_kind(event), "changed");
        uatrust_event_free(event);

        assert_int_equal(uatrust_monitor_next(monitor, 0, &event, NULL), UATRUST_E_TIMED_OUT);
        dialogue->agent = fake_agent_free(dialogue->agent);
        assert_int_equal(uatrust_monitor_next(monitor, -1, &event, NULL), UATRUST_E_UNREACHABLE);
        uatrust_monitor_free(monitor);
}

static void freshness_comes_in_pages_of_both_kinds(void **state)
{
#define FRESHNESS(authorities, expiries, next)                                                     \
        "{\"parameters\":{\"store\":\"default\",\"agentId\":\"cc\",\"generation\":1,"              \
        "\"clockIsPlausible\":true,\"isOutOfDate\":false,\"lastUpdateTime\":7,"                    \
        "\"updateFrequency\":null,\"authorities\":[" authorities "],\"expiries\":[" expiries       \
        "],\"next\":" next "}}\n"
        static const struct fake_agent_row rows[] = {
                { "\"parameters\":{}", FRESHNESS("{\"sha256\":\"aa\",\"subject\":\"CN=CA\","
                                                 "\"list\":\"trusted\",\"state\":\"missing\","
                                                 "\"revocationCheck\":\"off\",\"crl\":null,"
                                                 "\"thisUpdate\":null,\"nextUpdate\":null,"
                                                 "\"inGrace\":null}",
                                                 "", "\"ca/aa\"") },
                { "\"after\":\"ca/aa\"",
                  FRESHNESS("",
                            "{\"sha256\":\"bb\",\"thumbprint\":\"b\",\"subject\":\"CN=Own\","
                            "\"list\":\"own\",\"notAfter\":5,\"state\":\"expired\"}",
                            "null") },
        };
        struct dialogue *dialogue = *state;
        struct uatrust_freshness *freshness;
        const struct uatrust_authority *authority;
        const struct uatrust_expiry *expiry;
        int64_t time_s = 0;

        dialogue_start(dialogue, rows, ARRAY_SIZE(rows));
        assert_int_equal(uatrust_get_freshness(dialogue->client, NULL, &freshness, NULL), 0);
        assert_true(uatrust_freshness_is_clock_plausible(freshness));
        assert_false(uatrust_freshness_is_out_of_date(freshness));
        assert_true(uatrust_freshness_get_last_update_time(freshness, &time_s));
        assert_int_equal(time_s, 7);
        assert_false(uatrust_freshness_get_update_frequency(freshness, &time_s));

        authority = uatrust_freshness_get_authority(freshness, 0);
        assert_string_equal(uatrust_authority_get_state(authority), "missing");
        assert_string_equal(uatrust_authority_get_revocation_check(authority), "off");
        assert_null(uatrust_authority_get_crl(authority));
        assert_false(uatrust_authority_get_next_update(authority, &time_s));
        assert_false(uatrust_authority_is_in_grace(authority));
        assert_null(uatrust_freshness_get_authority(freshness, 1));

        expiry = uatrust_freshness_get_expiry(freshness, 0);
        assert_string_equal(uatrust_expiry_get_subject(expiry), "CN=Own");
        assert_int_equal(uatrust_expiry_get_not_after(expiry), 5);
        assert_null(uatrust_freshness_get_expiry(freshness, 1));
        uatrust_freshness_free(freshness);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(pages_are_put_together, dialogue_set_up,
                                                dialogue_tear_down),
                cmocka_unit_test_setup_teardown(a_store_that_changed_meanwhile_is_listed_anew,
                                                dialogue_set_up, dialogue_tear_down),
                cmocka_unit_test_setup_teardown(a_store_that_changes_all_the_time_is_given_up,
                                                dialogue_set_up, dialogue_tear_down),
                cmocka_unit_test_setup_teardown(pages_that_lead_nowhere_end, dialogue_set_up,
                                                dialogue_tear_down),
                cmocka_unit_test_setup_teardown(an_error_on_a_later_page_is_the_lists,
                                                dialogue_set_up, dialogue_tear_down),
                cmocka_unit_test_setup_teardown(certificates_and_broken_files_come_together,
                                                dialogue_set_up, dialogue_tear_down),
                cmocka_unit_test_setup_teardown(freshness_comes_in_pages_of_both_kinds,
                                                dialogue_set_up, dialogue_tear_down),
                cmocka_unit_test_setup_teardown(monitors_give_event_after_event, dialogue_set_up,
                                                dialogue_tear_down),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
