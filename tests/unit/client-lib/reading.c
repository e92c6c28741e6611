/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/dialogue.h"
#include "harness/test.h"
#include "proto/compiler.h"

#include <uatrust/reading.h>

#include <string.h>

#define OF_STORE "\"store\":\"default\",\"agentId\":\"a\",\"generation\":7"
#define LIST(certificates, large_trusted, large_issuers, next)                                     \
        "{\"parameters\":{" OF_STORE ",\"trustedCertificates\":[" certificates                     \
        "],\"trustedCrls\":[\"YmFy\"],\"issuerCertificates\":[],\"issuerCrls\":[],"                \
        "\"largeTrustedCrls\":[" large_trusted "],\"largeIssuerCrls\":[" large_issuers             \
        "],\"next\":" next "}}\n"
#define PART(data, total) "{\"parameters\":{\"data\":\"" data "\",\"total\":" total "}}\n"
#define GONE                                                                                       \
        "{\"error\":\"org.uatrust.agent1.NoSuchCertificate\","                                     \
        "\"parameters\":{\"thumbprint\":\"aa\"}}\n"
#define EVENT(kind)                                                                                \
        "{\"kind\":\"" kind "\"," OF_STORE ",\"added\":[\"x\"],\"removed\":[],\"broken\":[],"      \
        "\"healed\":[],\"affectedIssuers\":[]}"
#define CERTIFICATE                                                                                \
        "{\"sha256\":\"s\",\"thumbprint\":\"t\",\"subject\":\"CN=A\",\"issuer\":\"CN=B\","         \
        "\"serialNumber\":\"01\",\"notBefore\":1,\"notAfter\":2,\"applicationUri\":null,"          \
        "\"isCa\":false,\"keyType\":\"RSA-2048\",\"list\":\"own\",\"origins\":[]}"
#define NUMBERS                                                                                    \
        "\"cached\":1,\"kept\":2,\"judgedInline\":3,\"judgedInJobs\":4,\"generations\":5,"         \
        "\"connections\":6,\"subscribers\":7,\"watchedPeers\":8,\"auditEvents\":9,"                \
        "\"rejectedRecords\":10"

#define START(dialogue, rows) dialogue_start(dialogue, rows, ARRAY_SIZE(rows))

typedef const void *(*getter)(const struct uatrust_trust_list *list, size_t i, size_t *n_out);

/* All items of one list, each with a blank behind it. */
static const char *join(const struct uatrust_trust_list *list, getter get)
{
        static char text[64];
        const void *der;
        size_t n = 0;

        text[0] = '\0';
        for (size_t i = 0; (der = get(list, i, &n)); i++) {
                strncat(text, der, n);
                strcat(text, " ");
        }
        return text;
}

static void a_trust_list_is_read_with_what_is_large(void **state)
{
        static const struct fake_agent_row rows[] = {
                { "ReadTrustList", LIST("\"Zm9v\"", "\"aa\"", "", "\"n\"") },
                { "\"after\":\"n\"", LIST("\"YmF6\"", "", "\"bb\",\"cc\"", "null") },
                { "\"sha256\":\"aa\",\"offset\":0,\"store\":\"default\"", PART("MTIz", "6") },
                { "\"sha256\":\"aa\",\"offset\":3", PART("NDU2", "6") },
                { "\"sha256\":\"cc\",\"offset\":0", PART("Y2Nj", "3") },
                { "\"sha256\":\"bb\",\"offset\":0", PART("YmJi", "3") },
        };
        struct dialogue *dialogue = *state;
        struct uatrust_trust_list *list = NULL;
        char *json;

        START(dialogue, rows);
        assert_int_equal(uatrust_read_trust_list(dialogue->client, NULL, &list, NULL), 0);
        assert_string_equal(uatrust_trust_list_get_store(list), "default");
        assert_string_equal(uatrust_trust_list_get_agent_id(list), "a");
        assert_int_equal(uatrust_trust_list_get_generation(list), 7);
        assert_string_equal(join(list, uatrust_trust_list_get_trusted_certificate), "foo baz ");
        assert_string_equal(join(list, uatrust_trust_list_get_trusted_crl), "bar bar 123456 ");
        assert_string_equal(join(list, uatrust_trust_list_get_issuer_certificate), "");
        assert_string_equal(join(list, uatrust_trust_list_get_issuer_crl), "ccc bbb ");
        json = uatrust_trust_list_to_json(list);
        assert_non_null(strstr(json, "\"largeTrustedCrls\":[]"));
        free(json);
        uatrust_trust_list_free(list);
}

static void a_list_that_loses_what_is_large_is_read_anew(void **state)
{
        static const struct fake_agent_row rows[] = {
                { "ReadTrustList", LIST("\"Zm9v\"", "\"aa\"", "", "\"n\"") },
                { "\"after\":\"n\"", LIST("\"YmF6\"", "", "", "null") },
                { "ReadCrl", PART("MTIz", "6") },
                { "\"offset\":3", GONE },
                { "ReadTrustList\",\"parameters\":{}", LIST("\"YmF6\"", "", "", "null") },
        };
        struct dialogue *dialogue = *state;
        struct uatrust_trust_list *list = NULL;

        START(dialogue, rows);
        assert_int_equal(uatrust_read_trust_list(dialogue->client, NULL, &list, NULL), 0);
        assert_string_equal(join(list, uatrust_trust_list_get_trusted_certificate), "baz ");
        uatrust_trust_list_free(list);
}

static void a_list_that_never_stands_still_is_given_up(void **state)
{
        struct fake_agent_row rows[10];
        struct dialogue *dialogue = *state;
        struct uatrust_trust_list *list = NULL;

        for (size_t i = 0; i < ARRAY_SIZE(rows); i += 2) {
                rows[i] = (struct fake_agent_row){ "List", LIST("", "\"aa\"", "", "null") };
                rows[i + 1] = (struct fake_agent_row){ "ReadCrl", GONE };
        }
        START(dialogue, rows);
        assert_int_equal(uatrust_read_trust_list(dialogue->client, NULL, &list, NULL),
                         UATRUST_E_BUSY);
        assert_null(list);
}

static void a_call_that_is_cancelled_halfway_leaves_nothing(void **state)
{
        static const struct fake_agent_row rows[] = {
                { "ReadTrustList", LIST("\"Zm9v\"", "\"aa\"", "", "null") },
                { "ReadCrl", PART("MTIz", "6") },
        };
        struct dialogue *dialogue = *state;
        struct uatrust_call *call = uatrust_call_new(dialogue->client, NULL, NULL);
        struct uatrust_trust_list *list;

        START(dialogue, rows);
        uatrust_client_set_timeout(dialogue->client, 100);
        assert_int_equal(uatrust_read_trust_list_start(call, NULL, NULL), 0);
        assert_int_equal(uatrust_read_trust_list_finish(call, &list, NULL), UATRUST_E_TIMED_OUT);
        uatrust_call_free(call);

        START(dialogue, rows);
        call = uatrust_call_new(dialogue->client, NULL, NULL);
        assert_int_equal(uatrust_read_trust_list_start(call, NULL, NULL), 0);
        for (int i = 0; i < 3; i++) {
                uatrust_wait(dialogue->client, 50, NULL);
                uatrust_process(dialogue->client, NULL);
        }
        uatrust_call_free(call);
}

static void parts_that_do_not_fit_are_no_list(void **state)
{
        static const struct {
                const char *first, *second;
        } rows[] = {
                { PART("", "0"), NULL },
                { PART("", "3"), NULL },
                { PART("MTIz", "-1"), NULL },
                { PART("MTIz", "2"), NULL },
                { PART("MTIz", "268435457"), NULL },
                { PART("MTIz", "6"), PART("MTIz", "5") },
                { PART("MTIz", "6"), PART("", "6") },
                { PART("MTIz", "5"), PART("MTIz", "5") },
        };
        struct dialogue *dialogue = *state;

        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                struct fake_agent_row script[] = { { "ReadCrl", rows[i].first },
                                                   { "ReadCrl", rows[i].second } };
                struct uatrust_stored_crl *crl = NULL;

                START(dialogue, script);
                if (uatrust_read_crl(dialogue->client, "default", "aa", &crl, NULL) !=
                    UATRUST_E_PROTOCOL)
                        fail_msg("row %zu", i);
                assert_null(crl);
        }
}

static void one_object_is_read(void **state)
{
        static const struct fake_agent_row rows[] = {
                { "\"thumbprint\":\"aa\"",
                  "{\"parameters\":{" OF_STORE ",\"certificate\":" CERTIFICATE
                  ",\"der\":\"Zm9v\"}}\n" },
                { "\"sha256\":\"bb\"", PART("MTIz", "3") },
        };
        struct dialogue *dialogue = *state;
        struct uatrust_stored_certificate *certificate = NULL;
        struct uatrust_stored_crl *crl = NULL;
        char *json;
        size_t n;

        START(dialogue, rows);
        assert_int_equal(uatrust_read_certificate(dialogue->client, NULL, "aa", &certificate, NULL),
                         0);
        assert_memory_equal(uatrust_stored_certificate_get_der(certificate, &n), "foo", 3);
        assert_int_equal(n, 3);
        assert_string_equal(uatrust_certificate_get_subject(
                                    uatrust_stored_certificate_get_certificate(certificate)),
                            "CN=A");
        assert_string_equal(uatrust_stored_certificate_get_store(certificate), "default");
        assert_string_equal(uatrust_stored_certificate_get_agent_id(certificate), "a");
        assert_int_equal(uatrust_stored_certificate_get_generation(certificate), 7);
        json = uatrust_stored_certificate_to_json(certificate);
        assert_non_null(strstr(json, "\"der\":\"Zm9v\""));
        free(json);
        uatrust_stored_certificate_free(certificate);

        assert_int_equal(uatrust_read_crl(dialogue->client, NULL, "bb", &crl, NULL), 0);
        assert_memory_equal(uatrust_stored_crl_get_der(crl, &n), "123", 3);
        json = uatrust_stored_crl_to_json(crl);
        assert_string_equal(json, "{\"data\":\"MTIz\",\"total\":3}");
        free(json);
        uatrust_stored_crl_free(crl);
}

static void changes_are_events(void **state)
{
        static const struct fake_agent_row rows[] = {
                { "\"agentId\":\"a\",\"since\":6",
                  "{\"parameters\":{\"events\":[" EVENT("changed") "," EVENT("resync") "]}}\n" },
                { "Changes", "{\"parameters\":{\"events\":[]}}\n" },
        };
        struct dialogue *dialogue = *state;
        struct uatrust_changes *changes = NULL;
        char *json;

        START(dialogue, rows);
        assert_int_equal(uatrust_get_changes(dialogue->client, NULL, "a", 6, &changes, NULL), 0);
        assert_string_equal(uatrust_event_get_added(uatrust_changes_get_event(changes, 0), 0), "x");
        assert_false(uatrust_event_is_resync(uatrust_changes_get_event(changes, 0)));
        assert_true(uatrust_event_is_resync(uatrust_changes_get_event(changes, 1)));
        assert_null(uatrust_changes_get_event(changes, 2));
        json = uatrust_changes_to_json(changes);
        assert_non_null(strstr(json, "\"kind\":\"resync\""));
        free(json);
        uatrust_changes_free(changes);

        assert_int_equal(uatrust_get_changes(dialogue->client, "plant", "a", 7, &changes, NULL), 0);
        assert_null(uatrust_changes_get_event(changes, 0));
        uatrust_changes_free(changes);
}

static void statistics_are_read_field_by_field(void **state)
{
        static const struct fake_agent_row rows[] = {
                { "Statistics",
                  "{\"parameters\":{\"agentId\":\"a\",\"since\":99,"
                  "\"requests\":[{\"name\":\"Validate\",\"count\":11}],"
                  "\"verdicts\":[{\"name\":\"Good\",\"count\":12}],\"refusals\":[]," NUMBERS
                  ",\"latencies\":[{\"door\":\"client\",\"belowMicroseconds\":16,"
                  "\"count\":13}]}}\n" },
        };
        static int64_t (*const getters[])(const struct uatrust_statistics *) = {
                uatrust_statistics_get_cached,        uatrust_statistics_get_kept,
                uatrust_statistics_get_judged_inline, uatrust_statistics_get_judged_in_jobs,
                uatrust_statistics_get_generations,   uatrust_statistics_get_connections,
                uatrust_statistics_get_subscribers,   uatrust_statistics_get_watched_peers,
                uatrust_statistics_get_audit_events,  uatrust_statistics_get_rejected_records,
        };
        struct dialogue *dialogue = *state;
        struct uatrust_statistics *statistics = NULL;
        const struct uatrust_latency *latency;
        char *json;

        START(dialogue, rows);
        assert_int_equal(uatrust_get_statistics(dialogue->client, &statistics, NULL), 0);
        for (size_t i = 0; i < ARRAY_SIZE(getters); i++)
                assert_int_equal(getters[i](statistics), i + 1);
        assert_string_equal(uatrust_statistics_get_agent_id(statistics), "a");
        assert_int_equal(uatrust_statistics_get_since(statistics), 99);
        assert_string_equal(uatrust_count_get_name(uatrust_statistics_get_request(statistics, 0)),
                            "Validate");
        assert_int_equal(uatrust_count_get_count(uatrust_statistics_get_verdict(statistics, 0)),
                         12);
        assert_null(uatrust_statistics_get_refusal(statistics, 0));
        latency = uatrust_statistics_get_latency(statistics, 0);
        assert_string_equal(uatrust_latency_get_door(latency), "client");
        assert_int_equal(uatrust_latency_get_below_microseconds(latency), 16);
        assert_int_equal(uatrust_latency_get_count(latency), 13);
        json = uatrust_statistics_to_json(statistics);
        assert_non_null(strstr(json, "\"judgedInJobs\":4"));
        free(json);
        uatrust_statistics_free(statistics);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, dialogue_set_up, dialogue_tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(a_trust_list_is_read_with_what_is_large),
                TEST(a_list_that_loses_what_is_large_is_read_anew),
                TEST(a_list_that_never_stands_still_is_given_up),
                TEST(a_call_that_is_cancelled_halfway_leaves_nothing),
                TEST(parts_that_do_not_fit_are_no_list),
                TEST(one_object_is_read),
                TEST(changes_are_events),
                TEST(statistics_are_read_field_by_field),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
