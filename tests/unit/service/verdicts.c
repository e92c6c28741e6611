/* SPDX-License-Identifier: Apache-2.0 */
#include "service/verdicts.h"

#include "harness/test.h"
#include "proto/message.h"

#include <string.h>

static struct verdicts_key key_of(uint32_t n)
{
        struct verdicts_key key = { { 0 } };

        memcpy(key.sha256 + 4, &n, sizeof(n)); /* all in one bucket */
        return key;
}

static const struct message_verdict *keep(struct verdicts *verdicts, uint32_t n, int64_t until_s,
                                          const char *store)
{
        struct verdicts_key key = key_of(n);
        struct message_verdict verdict;

        schema_init(&message_verdict_schema, &verdict);
        verdict.store = strdup(store);
        verdict.generation = n;
        return verdicts_keep(verdicts, &key, until_s, &verdict);
}

static const struct message_verdict *find(struct verdicts *verdicts, uint32_t n, int64_t now_s)
{
        struct verdicts_key key = key_of(n);

        return verdicts_find(verdicts, &key, now_s);
}

static void a_verdict_is_found_until_its_time_is_over(void **state)
{
        CLEANUP(verdicts_freep) struct verdicts *verdicts = NULL;

        (void)state;
        assert_int_equal(verdicts_new(&verdicts), 0);
        assert_non_null(keep(verdicts, 1, 100, "a"));
        assert_non_null(keep(verdicts, 2, INT64_MAX, "a"));

        assert_int_equal(find(verdicts, 1, 99)->generation, 1);
        assert_null(find(verdicts, 1, 100));
        assert_null(find(verdicts, 1, 99));
        assert_int_equal(find(verdicts, 2, INT64_MAX - 1)->generation, 2);
        assert_null(find(verdicts, 3, 0));
}

static void the_same_question_again_replaces(void **state)
{
        CLEANUP(verdicts_freep) struct verdicts *verdicts = NULL;

        (void)state;
        assert_int_equal(verdicts_new(&verdicts), 0);
        keep(verdicts, 1, 10, "a");
        keep(verdicts, 1, 20, "a");
        assert_non_null(find(verdicts, 1, 15));
}

static void one_past_the_limit_drops_what_was_asked_longest_ago(void **state)
{
        CLEANUP(verdicts_freep) struct verdicts *verdicts = NULL;

        (void)state;
        assert_int_equal(verdicts_new(&verdicts), 0);
        for (uint32_t n = 0; n < VERDICTS_MAX; n++)
                keep(verdicts, n, INT64_MAX, "a");
        assert_non_null(find(verdicts, 0, 0));

        keep(verdicts, VERDICTS_MAX, INT64_MAX, "a");
        assert_non_null(find(verdicts, 0, 0));
        assert_null(find(verdicts, 1, 0));
        assert_non_null(find(verdicts, 2, 0));
        assert_non_null(find(verdicts, VERDICTS_MAX, 0));
}

static void a_store_is_forgotten_without_the_others(void **state)
{
        CLEANUP(verdicts_freep) struct verdicts *verdicts = NULL;

        (void)state;
        assert_int_equal(verdicts_new(&verdicts), 0);
        for (uint32_t n = 0; n < 10; n++)
                keep(verdicts, n, INT64_MAX, n % 2 ? "odd" : "even");
        verdicts_forget(verdicts, "odd");

        for (uint32_t n = 0; n < 10; n++)
                assert_int_equal(!find(verdicts, n, 0), n % 2);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_verdict_is_found_until_its_time_is_over),
                cmocka_unit_test(the_same_question_again_replaces),
                cmocka_unit_test(one_past_the_limit_drops_what_was_asked_longest_ago),
                cmocka_unit_test(a_store_is_forgotten_without_the_others),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
