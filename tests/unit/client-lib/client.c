/* SPDX-License-Identifier: Apache-2.0 */
#include "client-lib/src/client.h"

#include "harness/dialogue.h"
#include "harness/test.h"
#include "harness/tree.h"
#include "proto/compiler.h"

#include <uatrust/admin.h>
#include <uatrust/async.h>

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define FINDING                                                                                    \
        "{\"step\":\"trust\",\"severity\":\"error\",\"statusName\":\"BadCertificateUntrusted\","   \
        "\"statusCode\":2149187584,\"chainIndex\":0,\"thumbprint\":\"aa\",\"auditEventType\":"     \
        "\"AuditCertificateUntrustedEventType\",\"message\":\"is not trusted\"}"
#define VERDICT                                                                                    \
        "{\"parameters\":{\"verdict\":{\"trusted\":false,\"statusCode\":2149187584,"               \
        "\"statusName\":\"BadCertificateUntrusted\",\"wireStatusCode\":2148728832,"                \
        "\"wireStatusName\":\"BadSecurityChecksFailed\",\"findings\":[" FINDING "],"               \
        "\"notChecked\":[\"policy\"],\"chain\":[{\"sha256\":\"bb\",\"thumbprint\":\"aa\","         \
        "\"subject\":\"CN=x\",\"list\":\"presented\",\"origin\":null}],\"store\":\"default\","     \
        "\"agentId\":\"cc\",\"generation\":7,\"validUntil\":99,\"auditEventId\":null,\"new\":1}}}" \
        "\n"

struct fixture {
        struct dialogue dialogue;
        struct uatrust_request *request;
};

static int set_up(void **state)
{
        static struct fixture fixture;

        dialogue_init(&fixture.dialogue);
        fixture.request = uatrust_request_new(UATRUST_PURPOSE_CLIENT);
        uatrust_request_add_certificate(fixture.request, "foo", 3);
        *state = &fixture;
        return 0;
}

static int tear_down(void **state)
{
        struct fixture *fixture = *state;

        uatrust_request_free(fixture->request);
        dialogue_deinit(&fixture->dialogue);
        return 0;
}

/* Return: the code; @text gets the error's text. */
static enum uatrust_code validate(struct fixture *fixture, char text[256])
{
        struct uatrust_verdict *verdict = NULL;
        struct uatrust_error *error = NULL;
        int r = uatrust_validate(fixture->dialogue.client, fixture->request, &verdict, &error);

        assert_int_equal(!r, verdict != NULL);
        assert_int_equal(!r, error == NULL);
        assert_int_equal(r, uatrust_error_get_code(error));
        snprintf(text, 256, "%s", uatrust_error_get_text(error));
        uatrust_error_free(error);
        uatrust_verdict_free(verdict);
        return (enum uatrust_code)r;
}

static void a_verdict_is_read_field_by_field(void **state)
{
        static const struct fake_agent_row rows[] = {
                { "{\"method\":\"org.uatrust.agent1.Validate\",\"parameters\":{\"certificates\":["
                  "\"Zm9v\"],"
                  "\"purpose\":\"client\",\"securityPolicyUri\":\"p\","
                  "\"applicationUri\":\"a\","
                  "\"hostName\":\"h\",\"suppress\":[\"s\"],\"at\":5,\"context\":{\"application\":"
                  "\"x\","
                  "\"endpointUrl\":\"e\"}}}",
                  VERDICT },
        };
        struct fixture *fixture = *state;
        const struct uatrust_finding *finding;
        struct uatrust_verdict *verdict;
        int64_t valid_until;
        char *json;

        dialogue_start(&fixture->dialogue, rows, ARRAY_SIZE(rows));
        uatrust_request_set_security_policy_uri(fixture->request, "p");
        uatrust_request_set_application_uri(fixture->request, "other");
        uatrust_request_set_application_uri(fixture->request, "a");
        uatrust_request_set_host_name(fixture->request, "h");
        uatrust_request_add_suppress(fixture->request, "s");
        uatrust_request_set_at(fixture->request, 5);
        uatrust_request_set_context(fixture->request, "x", NULL, "e");
        assert_int_equal(
                uatrust_validate(fixture->dialogue.client, fixture->request, &verdict, NULL), 0);

        assert_false(uatrust_verdict_is_trusted(verdict));
        assert_int_equal(uatrust_verdict_get_status_code(verdict), 0x801A0000);
        assert_string_equal(uatrust_verdict_get_wire_status_name(verdict),
                            "BadSecurityChecksFailed");
        assert_int_equal(uatrust_verdict_get_wire_status_code(verdict), 0x80130000);
        assert_string_equal(uatrust_verdict_get_not_checked(verdict, 0), "policy");
        assert_null(uatrust_verdict_get_not_checked(verdict, 1));
        assert_int_equal(uatrust_verdict_get_generation(verdict), 7);
        assert_true(uatrust_verdict_get_valid_until(verdict, &valid_until));
        assert_int_equal(valid_until, 99);
        assert_null(uatrust_verdict_get_audit_event_id(verdict));

        finding = uatrust_verdict_get_finding(verdict, 0);
        assert_string_equal(uatrust_finding_get_step(finding), "trust");
        assert_int_equal(uatrust_finding_get_chain_index(finding), 0);
        assert_string_equal(uatrust_finding_get_message(finding), "is not trusted");
        assert_null(uatrust_verdict_get_finding(verdict, 1));
        assert_string_equal(
                uatrust_chain_element_get_subject(uatrust_verdict_get_chain(verdict, 0)), "CN=x");
        assert_null(uatrust_chain_element_get_origin(uatrust_verdict_get_chain(verdict, 0)));

        json = uatrust_verdict_to_json(verdict);
        assert_non_null(strstr(json, "\"statusName\":\"BadCertificateUntrusted\""));
        free(json);
        uatrust_verdict_free(verdict);
}

static void the_clients_store_is_asked_where_the_request_names_none(void **state)
{
        static const struct fake_agent_row rows[] = {
                { "\"store\":\"plant\"", VERDICT },
                { "\"store\":\"field\"", VERDICT },
        };
        struct fixture *fixture = *state;
        char text[256];

        dialogue_start(&fixture->dialogue, rows, ARRAY_SIZE(rows));
        assert_int_equal(uatrust_client_set_store(fixture->dialogue.client, "plant", NULL), 0);
        assert_int_equal(validate(fixture, text), 0);
        uatrust_request_set_store(fixture->request, "field");
        assert_int_equal(validate(fixture, text), 0);
}

static const struct {
        const char *reply;
        enum uatrust_code code;
        const char *text;
} answers[] = {
        { "{\"error\":\"org.uatrust.agent1.NoSuchStore\",\"parameters\":{\"store\":\"x\"}}\n",
          UATRUST_E_NO_SUCH_STORE, "no such store: x" },
        { "{\"error\":\"org.varlink.service.PermissionDenied\"}\n", UATRUST_E_PERMISSION_DENIED,
          "permission denied" },
        { "{\"error\":\"org.uatrust.agent1.Newer\"}\n", UATRUST_E_PROTOCOL,
          "agent's answer is not understood: org.uatrust.agent1.Newer" },
        { "{\"parameters\":{}}\n", UATRUST_E_PROTOCOL,
          "agent's answer is not understood: verdict (is missing)" },
        { "{\"parameters\":{\"verdict\":{\"trusted\":1}}}\n", UATRUST_E_PROTOCOL,
          "agent's answer is not understood: verdict.trusted (is no boolean)" },
        { "true\n", UATRUST_E_PROTOCOL, "agent's answer is not understood (is no object)" },
        { "\n", UATRUST_E_PROTOCOL, "agent's answer is not understood (ends too early)" },
        { NULL, UATRUST_E_UNREACHABLE, "agent is not reachable (nobody answers there)" },
};

static void whatever_is_no_verdict_is_an_error(void **state)
{
        struct fixture *fixture = *state;

        for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
                struct fake_agent_row row = { "Validate", answers[i].reply };
                char text[256];

                dialogue_start(&fixture->dialogue, &row, 1);
                assert_int_equal(validate(fixture, text), answers[i].code);
                if (strncmp(text, answers[i].text, strlen(answers[i].text)))
                        fail_msg("%s", text);
        }
}

static void an_agent_that_hangs_costs_the_time_limit(void **state)
{
        struct fixture *fixture = *state;
        struct timespec begin, end;
        char text[256];

        dialogue_start(&fixture->dialogue, NULL, 0);
        uatrust_client_set_timeout(fixture->dialogue.client, 50);
        clock_gettime(CLOCK_MONOTONIC, &begin);
        assert_int_equal(validate(fixture, text), UATRUST_E_TIMED_OUT);
        clock_gettime(CLOCK_MONOTONIC, &end);
        assert_true((end.tv_sec - begin.tv_sec) * 1000 + (end.tv_nsec - begin.tv_nsec) / 1000000 <
                    1000);
}

/* Bound, but nobody accepts, and the queue is full. */
static void a_full_queue_costs_the_time_limit(void **state)
{
        struct fixture *fixture = *state;
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        int listener = socket(AF_UNIX, SOCK_STREAM, 0);
        int others[2];
        char text[256];

        snprintf(address.sun_path, sizeof(address.sun_path), "%s", fixture->dialogue.socket);
        assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
        assert_int_equal(listen(listener, 0), 0);
        for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
                others[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
                (void)!connect(others[i], (struct sockaddr *)&address, sizeof(address));
        }

        uatrust_client_set_timeout(fixture->dialogue.client, 50);
        assert_int_equal(validate(fixture, text), UATRUST_E_TIMED_OUT);

        for (size_t i = 0; i < ARRAY_SIZE(others); i++)
                close(others[i]);
        close(listener);
}

static void an_agent_that_came_back_is_found_again(void **state)
{
        static const struct fake_agent_row rows[] = { { "Validate", VERDICT },
                                                      { "Validate", VERDICT } };
        struct fixture *fixture = *state;
        char text[256];

        dialogue_start(&fixture->dialogue, rows, 1);
        assert_int_equal(validate(fixture, text), 0);
        dialogue_start(&fixture->dialogue, rows, 2);
        assert_int_equal(validate(fixture, text), 0);
        assert_int_equal(validate(fixture, text), 0);

        fixture->dialogue.agent = fake_agent_free(fixture->dialogue.agent);
        assert_int_equal(validate(fixture, text), UATRUST_E_UNREACHABLE);
        dialogue_start(&fixture->dialogue, rows, 1);
        assert_int_equal(validate(fixture, text), 0);
}

static void a_client_that_could_not_be_made_is_taken(void **state)
{
        struct uatrust_error *error = NULL;
        struct fixture *fixture = *state;
        struct uatrust_verdict *verdict;
        struct uatrust_stores *stores;

        assert_int_equal(uatrust_client_set_socket(NULL, "x", NULL), UATRUST_E_NO_MEMORY);
        assert_int_equal(uatrust_client_set_admin_socket(NULL, NULL, NULL), UATRUST_E_NO_MEMORY);
        assert_int_equal(uatrust_client_set_store(NULL, "x", NULL), UATRUST_E_NO_MEMORY);
        uatrust_client_set_timeout(NULL, 1);
        uatrust_client_set_held_max(NULL, 1);
        assert_int_equal(uatrust_validate(NULL, fixture->request, &verdict, NULL),
                         UATRUST_E_NO_MEMORY);
        assert_int_equal(uatrust_list_stores(NULL, &stores, NULL), UATRUST_E_NO_MEMORY);
        assert_int_equal(uatrust_get_fd(NULL), -1);
        assert_true(uatrust_get_timeout(NULL) == UINT64_MAX);
        assert_int_equal(uatrust_process(NULL, NULL), UATRUST_E_NO_MEMORY);
        assert_int_equal(uatrust_wait(NULL, -1, &error), UATRUST_E_NO_MEMORY);
        assert_int_equal(uatrust_error_get_code(error), UATRUST_E_NO_MEMORY);
        uatrust_error_free(error);
}

static void nobody_there_is_unreachable(void **state)
{
        struct fixture *fixture = *state;
        char text[256], path[200];

        assert_int_equal(validate(fixture, text), UATRUST_E_UNREACHABLE);
        assert_non_null(strstr(text, fixture->dialogue.socket));

        tree_write(fixture->dialogue.tree, "socket", "x", 1);
        assert_int_equal(validate(fixture, text), UATRUST_E_UNREACHABLE);

        memset(path, 'x', sizeof(path) - 1);
        path[sizeof(path) - 1] = '\0';
        uatrust_client_set_socket(fixture->dialogue.client, path, NULL);
        assert_int_equal(validate(fixture, text), UATRUST_E_INVALID_ARGUMENT);
}

/* It has the address that the kernel makes of an empty path. */
static void an_abstract_socket_is_never_asked(void **state)
{
        const struct sockaddr_un address = { .sun_family = AF_UNIX };
        struct fixture *fixture = *state;
        int listener = socket(AF_UNIX, SOCK_STREAM, 0);
        char text[256];

        assert_int_equal(bind(listener, (const struct sockaddr *)&address, sizeof(address)), 0);
        assert_int_equal(listen(listener, 1), 0);
        uatrust_client_set_socket(fixture->dialogue.client, "", NULL);
        assert_int_equal(validate(fixture, text), UATRUST_E_INVALID_ARGUMENT);
        close(listener);
}

static void a_forbidden_socket_is_denied(void **state)
{
        static const struct fake_agent_row rows[] = { { "Validate", VERDICT } };
        struct fixture *fixture = *state;
        pid_t child;
        int status;

        if (geteuid())
                skip(); /* only root can become another user */

        dialogue_start(&fixture->dialogue, rows, 1);
        chmod(fixture->dialogue.tree->path, 0755);
        chmod(fixture->dialogue.socket, 0600);
        child = fork();
        if (!child) {
                struct uatrust_verdict *verdict;

                _exit(setuid(65534) ? 99
                                    : uatrust_validate(fixture->dialogue.client, fixture->request,
                                                       &verdict, NULL));
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(WEXITSTATUS(status), UATRUST_E_PERMISSION_DENIED);
}

static void both_sides_of_a_fork_have_connections_of_their_own(void **state)
{
        static const struct fake_agent_row rows[] = {
                { "Validate", VERDICT },
                { "\"store\":\"parent\"", VERDICT },
        };
        struct fixture *fixture = *state;
        char text[256];
        pid_t child;
        int status;

        dialogue_start(&fixture->dialogue, rows, ARRAY_SIZE(rows));
        assert_int_equal(validate(fixture, text), 0);

        child = fork();
        if (!child) {
                struct uatrust_verdict *verdict;

                /* The fake agent serves one connection at a time: ours waits. */
                uatrust_client_set_timeout(fixture->dialogue.client, 50);
                _exit(uatrust_validate(fixture->dialogue.client, fixture->request, &verdict, NULL));
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(WEXITSTATUS(status), UATRUST_E_TIMED_OUT);

        uatrust_request_set_store(fixture->request, "parent");
        assert_int_equal(validate(fixture, text), 0);
}

static void what_was_not_made_is_no_verdict(void **state)
{
        struct fixture *fixture = *state;
        struct uatrust_request *odd = uatrust_request_new((enum uatrust_purpose)99);
        struct uatrust_verdict *verdict = NULL;

        uatrust_request_add_certificate(NULL, "foo", 3);
        uatrust_request_set_host_name(NULL, "x");
        assert_int_equal(uatrust_validate(fixture->dialogue.client, NULL, &verdict, NULL),
                         UATRUST_E_NO_MEMORY);
        assert_int_equal(uatrust_validate(NULL, fixture->request, &verdict, NULL),
                         UATRUST_E_NO_MEMORY);
        assert_int_equal(uatrust_validate(fixture->dialogue.client, odd, &verdict, NULL),
                         UATRUST_E_INVALID_ARGUMENT);
        assert_null(verdict);
        uatrust_request_free(odd);
}

static void files_give_certificates_or_a_reason(void **state)
{
        static const char pem[] = "-----BEGIN CERTIFICATE-----\nYmFy\n-----END CERTIFICATE-----\n";
        static const struct fake_agent_row rows[] = { { "\"certificates\":[\"Zm9v\",\"YmFy\"]",
                                                        VERDICT } };
        struct fixture *fixture = *state;
        CLEANUP(freep) char *path = tree_path(fixture->dialogue.tree, "file");
        struct uatrust_error *error = NULL;
        char text[256];

        dialogue_start(&fixture->dialogue, rows, ARRAY_SIZE(rows));
        assert_int_equal(uatrust_request_add_file(fixture->request, path, &error), UATRUST_E_FILE);
        assert_non_null(strstr(uatrust_error_get_text(error), "No such file"));
        assert_int_equal(uatrust_error_get_exit_code(error), 66);
        uatrust_error_free(error);

        tree_write(fixture->dialogue.tree, "file", pem, strlen(pem));
        assert_int_equal(uatrust_request_add_file(fixture->request, path, NULL), 0);
        assert_int_equal(validate(fixture, text), 0);

        /* At the limit of 1 MiB, and one byte past it. */
        assert_int_equal(truncate(path, 1024 * 1024), 0);
        assert_int_equal(uatrust_request_add_file(fixture->request, path, NULL), 0);
        assert_int_equal(truncate(path, 1024 * 1024 + 1), 0);
        assert_int_equal(uatrust_request_add_file(fixture->request, path, &error), UATRUST_E_FILE);
        assert_non_null(strstr(uatrust_error_get_text(error), "File too large"));
        uatrust_error_free(error);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(a_verdict_is_read_field_by_field, set_up,
                                                tear_down),
                cmocka_unit_test_setup_teardown(
                        the_clients_store_is_asked_where_the_request_names_none, set_up, tear_down),
                cmocka_unit_test_setup_teardown(whatever_is_no_verdict_is_an_error, set_up,
                                                tear_down),
                cmocka_unit_test_setup_teardown(an_agent_that_hangs_costs_the_time_limit, set_up,
                                                tear_down),
                cmocka_unit_test_setup_teardown(a_full_queue_costs_the_time_limit, set_up,
                                                tear_down),
                cmocka_unit_test_setup_teardown(an_agent_that_came_back_is_found_again, set_up,
                                                tear_down),
                cmocka_unit_test_setup_teardown(a_client_that_could_not_be_made_is_taken, set_up,
                                                tear_down),
                cmocka_unit_test_setup_teardown(nobody_there_is_unreachable, set_up, tear_down),
                cmocka_unit_test_setup_teardown(an_abstract_socket_is_never_asked, set_up,
                                                tear_down),
                cmocka_unit_test_setup_teardown(a_forbidden_socket_is_denied, set_up, tear_down),
                cmocka_unit_test_setup_teardown(both_sides_of_a_fork_have_connections_of_their_own,
                                                set_up, tear_down),
                cmocka_unit_test_setup_teardown(what_was_not_made_is_no_verdict, set_up, tear_down),
                cmocka_unit_test_setup_teardown(files_give_certificates_or_a_reason, set_up,
                                                tear_down),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
