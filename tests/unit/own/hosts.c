/* SPDX-License-Identifier: Apache-2.0 */
#include "own/hosts.h"

#include "harness/must.h"
#include "harness/test.h"
#include "own/identity.h"

#include <arpa/inet.h>
#include <netinet/in.h>

static bool is_reachable(const char *text)
{
        struct sockaddr_in6 six = { .sin6_family = AF_INET6 };
        struct sockaddr_in four = { .sin_family = AF_INET };

        if (inet_pton(AF_INET, text, &four.sin_addr) == 1)
                return hosts_is_reachable((struct sockaddr *)&four);
        must(inet_pton(AF_INET6, text, &six.sin6_addr) == 1, "%s", text);
        return hosts_is_reachable((struct sockaddr *)&six);
}

static void others_reach_us_by_some_addresses_only(void **state)
{
        static const struct {
                const char *text;
                bool is_reachable;
        } ROWS[] = {
                { "192.0.2.1", true },
                { "10.0.0.1", true },
                { "169.253.1.1", true },
                { "223.255.255.1", true },
                { "2001:db8::1", true },
                { "fd00::1", true },
                { "0.0.0.0", false },
                { "127.0.0.1", false },
                { "127.9.9.9", false },
                { "169.254.1.1", false },
                { "224.0.0.1", false },
                { "255.255.255.255", false },
                { "::", false },
                { "::1", false },
                { "fe80::1", false },
                { "ff02::1", false },
                { "::ffff:10.0.0.1", false },
        };
        struct sockaddr other = { .sa_family = AF_UNIX };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++)
                must(is_reachable(ROWS[i].text) == ROWS[i].is_reachable, "row %s", ROWS[i].text);
        assert_false(hosts_is_reachable(&other));
}

static void what_is_found_are_hosts_that_others_can_use(void **state)
{
        CLEANUP(identity_deinit) struct identity identity = IDENTITY_NULL;
        char host[256];

        (void)state;
        assert_int_equal(hosts_find(&identity), 0);
        for (size_t i = 0; i < identity.dns_names.n; i++)
                assert_int_not_equal(strncasecmp(identity.dns_names.items[i], "localhost", 9), 0);
        for (size_t i = identity.dns_names.n; identity_host(&identity, i, host); i++)
                must(is_reachable(host), "%s", host);
        hosts_get_name(host, sizeof(host));
        assert_true(*host);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(others_reach_us_by_some_addresses_only),
                cmocka_unit_test(what_is_found_are_hosts_that_others_can_use),
        };

        return cmocka_run_group_tests_name("own/hosts", tests, NULL, NULL);
}
