/* SPDX-License-Identifier: Apache-2.0 */
#include "service/troubles.h"

#include "base/log.h"
#include "harness/must.h"
#include "harness/test.h"
#include "harness/world.h"
#include "proto/compiler.h"
#include "trust/change.h"
#include "trust/snapshot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void on_line(enum log_level level, const char *line, void *userdata)
{
        fprintf(userdata, "%d %s\n", level, line);
}

/* What is logged on the way from one picture to the next; free() it. */
static char *tell(const struct snapshot *before, const struct snapshot *after)
{
        CLEANUP(change_unrefp) struct change *change = NULL;
        char *text = NULL;
        size_t n;
        FILE *out = open_memstream(&text, &n);
        struct log log = { .max_level = LOG_LEVEL_INFO, .write = on_line, .userdata = out };

        assert_int_equal(change_between(before, after, &change), 0);
        troubles_log(&log, "plant", after, change);
        fclose(out);
        return text;
}

static void what_breaks_and_heals_is_told_with_its_reason(void **state)
{
        struct world *world = world_new();
        struct snapshot *good, *bad, *worse;
        char *text;

        (void)state;
        good = world_build(world);
        world_add_broken(world, ROLE_ISSUERS, "a/issuers/x", "it is empty");
        world_add_broken(world, ROLE_TRUSTED, "a/trusted/y", "it is cut off");
        bad = world_build(world);
        world_remove(world, "a/issuers/x");
        world_add_broken(world, ROLE_TRUSTED, "a/trusted/x", "it is a private key");
        world_add_broken(world, ROLE_REJECTED, "a/rejected/x", "nobody cares");
        worse = world_build(world);

        text = tell(good, bad);
        assert_string_equal(text, "4 store plant: a/trusted/y: it is cut off\n"
                                  "4 store plant: a/issuers/x: it is empty\n");
        free(text);
        text = tell(bad, worse);
        assert_string_equal(text, "4 store plant: a/trusted/x: it is a private key\n"
                                  "5 store plant: a/issuers/x: nothing is wrong any more\n");
        free(text);
        text = tell(worse, worse);
        assert_string_equal(text, "");
        free(text);

        snapshot_unref(good);
        snapshot_unref(bad);
        snapshot_unref(worse);
        world_free(world);
}

static size_t count_lines(const char *text)
{
        size_t n = 0;

        for (; *text != '\0'; text++)
                n += *text == '\n';
        return n;
}

static void so_many_are_told_and_the_rest_counted(void **state)
{
        struct world *world = world_new();
        struct snapshot *good = world_build(world), *bad;
        char origin[32], *text;

        (void)state;
        for (int i = 0; i < TROUBLES_LOGGED_MAX + 2; i++) {
                snprintf(origin, sizeof(origin), "a/trusted/%02d", i);
                world_add_broken(world, ROLE_TRUSTED, origin, "it is empty");
        }
        bad = world_build(world);

        text = tell(good, bad);
        assert_int_equal(count_lines(text), TROUBLES_LOGGED_MAX + 1);
        assert_non_null(
                strstr(text, "a/trusted/19: it is empty\n4 store plant: 2 more cannot be read"));
        free(text);
        text = tell(bad, good);
        assert_int_equal(count_lines(text), TROUBLES_LOGGED_MAX + 1);
        free(text);

        snapshot_unref(good);
        snapshot_unref(bad);
        world_free(world);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_breaks_and_heals_is_told_with_its_reason),
                cmocka_unit_test(so_many_are_told_and_the_rest_counted),
        };

        return cmocka_run_group_tests_name("service/troubles", tests, NULL, NULL);
}
