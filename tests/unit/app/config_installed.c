/* SPDX-License-Identifier: Apache-2.0 */

/* packaging/config/uatrustd.conf, which is installed: what it shows as defaults are the defaults. */

#include "app/config.h"
#include "harness/must.h"
#include "harness/test.h"
#include "harness/tree.h"
#include "service/access.h"
#include "store/sources.h"
#include "trust/settings.h"

#include <ctype.h>
#include <stdio.h>

#define INSTALLED TESTS_SOURCE_DIR "/packaging/config/uatrustd.conf"

/* The file with the sign taken away from lines "#Key=value" and "#[Section]". */
static char *uncommented(void)
{
        FILE *file = fopen(INSTALLED, "re");
        char *text = NULL;
        size_t n_text = 0;
        FILE *out = open_memstream(&text, &n_text);
        char line[512];

        assert_non_null(file);
        assert_non_null(out);
        while (fgets(line, sizeof(line), file)) {
                bool is_default =
                        line[0] == '#' && (line[1] == '[' || isalpha((unsigned char)line[1]));

                fputs(line + is_default, out);
        }

        fclose(file);
        fclose(out);
        return text;
}

static struct config *read_config(const char *path, bool may_lack)
{
        struct config *config = NULL;
        char *fault = NULL;

        if (config_read(path, may_lack, &config, &fault))
                fail_msg("%s", fault ? fault : "no memory");
        return config;
}

static void expect_same_settings(const struct settings *a, const struct settings *b)
{
        assert_int_equal(a->suppress, b->suppress);
        assert_int_equal(a->tolerated, b->tolerated);
        assert_int_equal(a->may_suppress, b->may_suppress);
        assert_ptr_equal(a->policy, b->policy);
        assert_int_equal(a->allows_deprecated, b->allows_deprecated);
        assert_int_equal(a->wants_single_uri, b->wants_single_uri);
        assert_int_equal(a->clock_skew_s, b->clock_skew_s);
        assert_int_equal(a->crl_max_age_s, b->crl_max_age_s);
        assert_int_equal(a->crl_grace_s, b->crl_grace_s);
        assert_int_equal(a->cas.n, b->cas.n);
        assert_int_equal(a->warn_certificate_s, b->warn_certificate_s);
        assert_int_equal(a->warn_crl_s, b->warn_crl_s);
        assert_int_equal(a->update_frequency_s, b->update_frequency_s);
}

static void what_is_shown_is_the_default(void **state)
{
        struct tree *tree = tree_new();
        CLEANUP(freep) char *path = tree_path(tree, "uatrustd.conf");
        CLEANUP(freep) char *absent = tree_path(tree, "absent");
        CLEANUP(freep) char *text = uncommented();
        CLEANUP(config_freep) struct config *shown = NULL;
        CLEANUP(config_freep) struct config *defaults = read_config(absent, true);
        const struct config_store *a, *b;

        (void)state;
        assert_non_null(strstr(text, "\n[Agent]\n"));
        tree_write(tree, "uatrustd.conf", text, strlen(text));
        shown = read_config(path, false);
        assert_int_equal(shown->max_doubt_ms, defaults->max_doubt_ms);
        assert_int_equal(shown->max_level, defaults->max_level);
        assert_int_equal(shown->stores.n, 1);

        a = &shown->stores.items[0];
        b = &defaults->stores.items[0];
        assert_string_equal(a->name, b->name);
        expect_same_settings(a->settings, b->settings);
        assert_true(access_is_equal(a->access, b->access));
        assert_int_equal(a->recording.when, b->recording.when);
        assert_int_equal(a->recording.max, b->recording.max);
        assert_true(sources_are_equal(a->sources, b->sources));
        tree_free(tree);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_is_shown_is_the_default),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
