/* SPDX-License-Identifier: Apache-2.0 */
#include "service/catalog.h"

#include "harness/test.h"

#include <stdio.h>
#include <string.h>

static char heard[4096];

static void write_line(enum log_level level, const char *line, void *userdata)
{
        (void)userdata;
        snprintf(heard, sizeof(heard), "<%d>%s", (int)level, line);
}

static void write_fields(enum log_level level, const char *line, const struct log_field *fields,
                         size_t n, void *userdata)
{
        size_t n_heard;

        write_line(level, line, userdata);
        n_heard = strlen(heard);
        for (size_t i = 0; i < n; i++)
                n_heard += (size_t)snprintf(heard + n_heard, sizeof(heard) - n_heard, " %s=%s",
                                            fields[i].name, fields[i].value);
}

static const struct log journal = { .max_level = LOG_LEVEL_INFO,
                                    .write = write_line,
                                    .write_fields = write_fields };

static void every_message_has_an_identifier_and_is_important(void **state)
{
        (void)state;
        for (int id = 0; id < CATALOG_N; id++) {
                const char *text = catalog_get_id((enum catalog_id)id);

                assert_non_null(text);
                assert_int_equal(strspn(text, "0123456789abcdef"), 32);
                assert_int_equal(strlen(text), 32);
                assert_in_range(catalog_get_level((enum catalog_id)id), LOG_LEVEL_ERROR,
                                LOG_LEVEL_NOTICE);
        }
}

static void what_a_line_is_about_stands_in_fields(void **state)
{
        static const struct {
                struct catalog_about about;
                const char *heard;
        } ROWS[] = {
                { { .store = NULL }, "<4>late 7 MESSAGE_ID=03bc05e00c20423a9873d97caf9b559f" },
                { { .store = "plant" },
                  "<4>store plant: late 7 MESSAGE_ID=03bc05e00c20423a9873d97caf9b559f "
                  "UATRUST_STORE=plant" },
                { { .subject = "CN=A\nB", .sha256 = "ab", .file = "f", .reason = "r" },
                  "<4>late 7 MESSAGE_ID=03bc05e00c20423a9873d97caf9b559f UATRUST_SUBJECT=CN=A\nB "
                  "UATRUST_SHA256=ab UATRUST_FILE=f UATRUST_REASON=r" },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
                catalog_tell(&journal, CATALOG_CRL_OUT_OF_DATE, &ROWS[i].about, "late %d", 7);
                assert_string_equal(heard, ROWS[i].heard);
        }
}

static void a_person_reads_the_line_alone(void **state)
{
        const struct log person = { .max_level = LOG_LEVEL_INFO, .write = write_line };

        (void)state;
        catalog_tell(&person, CATALOG_CLOCK_SET, CATALOG_STORE("plant"), "%s", "a\x1b[31m%s");
        assert_string_equal(heard, "<5>store plant: a?[31m%s");
}

static void without_a_log_it_is_dropped(void **state)
{
        (void)state;
        catalog_tell(NULL, CATALOG_CLOCK_SET, NULL, "nobody reads this");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_message_has_an_identifier_and_is_important),
                cmocka_unit_test(what_a_line_is_about_stands_in_fields),
                cmocka_unit_test(a_person_reads_the_line_alone),
                cmocka_unit_test(without_a_log_it_is_dropped),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
