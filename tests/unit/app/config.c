/* SPDX-License-Identifier: Apache-2.0 */
#include "app/config.h"

#include "harness/must.h"
#include "harness/test.h"
#include "harness/tree.h"
#include "store/layout.h"
#include "store/sources.h"
#include "trust/settings.h"
#include "trust/suppress.h"

#include <unistd.h>

#define SHA256 "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF"

static struct tree *tree;
static char *path;

static int set_up(void **state)
{
        (void)state;
        tree = tree_new();
        path = tree_path(tree, "agent.conf");
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        free(path);
        tree = tree_free(tree);
        return 0;
}

static void write_text(const char *name, const char *text)
{
        tree_write(tree, name, text, strlen(text));
}

static struct config *read_good(void)
{
        struct config *config = NULL;
        char *fault = NULL;

        if (config_read(path, false, &config, &fault))
                fail_msg("%s", fault ? fault : "no memory");
        return config;
}

static const char *own_path(const struct config *config, size_t store)
{
        return config->stores.items[store].sources->list.items[0].path;
}

/* @fault: the fault's text behind the tree's path */
static void expect_fault(const char *fault)
{
        struct config *config = NULL;
        char *text = NULL;

        assert_int_equal(config_read(path, false, &config, &text), CONFIG_E_INVALID);
        assert_null(config);
        assert_non_null(text);
        assert_memory_equal(text, tree->path, strlen(tree->path));
        assert_string_equal(text + strlen(tree->path) + 1, fault);
        free(text);
}

static void every_key_is_read(void **state)
{
        CLEANUP(config_freep) struct config *config = NULL;
        const struct settings *settings;
        uint8_t sha256[32] = { 0,    0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
                               0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff };

        (void)state;
        memcpy(sha256 + 16, sha256, 16);
        write_text("agent.conf",
                   "# a comment\n"
                   "\n"
                   "[Agent]\n"
                   "\t# \"#one\" # with others in it, and = \\\n"
                   "MaxDoubt=1500ms\n"
                   " \t\n"
                   "LogLevel = debug\n"
                   "  # a comment\n"
                   "[CA plant root]\n"
                   "Store=plant\n"
                   "Sha256=" SHA256 "\n"
                   "RevocationCheck=if-present\n"
                   "[Store plant]\n"
                   "Path=/srv/plant \n"
                   "\tSuppress=BadCertificateTimeInvalid, BadCertificateHostNameInvalid\n"
                   "MaySuppress=\n"
                   "SingleUri=yes\n"
                   "ClockSkew=5min\n"
                   "[Source old]\n"
                   "Path=/opt/plant/pki\n"
                   "Store=plant\n"
                   "[Store office]\n"
                   "Layout=net\n"
                   "Group=user\n");
        config = read_good();
        assert_int_equal(config->max_doubt_ms, 1500);
        assert_int_equal(config->max_level, LOG_LEVEL_DEBUG);
        assert_int_equal(config->stores.n, 2);
        assert_string_equal(config->stores.items[0].name, "plant");
        assert_string_equal(own_path(config, 0), "/srv/plant");
        assert_string_equal(config->stores.items[1].name, "office");
        assert_string_equal(own_path(config, 1), "/var/lib/uatrust/office");

        assert_int_equal(config->stores.items[0].sources->list.n, 2);
        assert_string_equal(config->stores.items[0].sources->list.items[1].name, "old");
        assert_int_equal(config->stores.items[1].sources->list.n, 1);
        assert_ptr_not_equal(config->stores.items[1].sources->list.items[0].layout, NULL);
        assert_string_equal(config->stores.items[1].sources->list.items[0].layout->dirs[0].path,
                            "trustedUser/certs");

        settings = config->stores.items[0].settings;
        assert_true(settings->suppress & SUPPRESS_TIME);
        assert_true(settings->suppress & SUPPRESS_HOST_NAME);
        assert_int_equal(settings->may_suppress, 0);
        assert_true(settings->wants_single_uri);
        assert_int_equal(settings->clock_skew_s, 300);
        assert_int_equal(settings_revocation_of(settings, sha256), SETTINGS_REVOCATION_IF_PRESENT);
        assert_int_equal(settings_revocation_of(config->stores.items[1].settings, sha256),
                         SETTINGS_REVOCATION_REQUIRED);
}

static void nothing_said_means_the_defaults(void **state)
{
        static const char *const texts[] = { "", "\n", "# nothing\n", "[Agent]\n", "[Agent]" };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
                CLEANUP(config_freep) struct config *config = NULL;

                write_text("agent.conf", texts[i]);
                config = read_good();
                assert_int_equal(config->max_doubt_ms, CONFIG_MAX_DOUBT_MS);
                assert_int_equal(config->max_level, LOG_LEVEL_INFO);
                assert_int_equal(config->stores.n, 1);
                assert_string_equal(config->stores.items[0].name, "default");
                assert_string_equal(own_path(config, 0), "/var/lib/uatrust/default");
        }
}

static void what_is_wrong_is_named_with_file_and_line(void **state)
{
        static const struct {
                const char *text, *fault;
        } rows[] = {
                /* what libeconf would forgive */
                { "[Store a]\nstray\n",
                  "agent.conf:2: neither a section, nor KEY=VALUE, nor a comment: stray" },
                { "[Store a]\nPath=/a\n  /b\n",
                  "agent.conf:3: neither a section, nor KEY=VALUE, nor a comment: /b" },
                { "[Store a]\nPath=/a\nPath=/b\n",
                  "agent.conf:3: Path= was there in line 2 already" },
                { "[Store a]\n[Agent]\n[Store a]\n",
                  "agent.conf:3: section [Store a] was there in line 1 already" },
                { "Path=/a\n", "agent.conf:1: a key before the first section" },
                { "[Store a]\nPath=\"/a\"\n",
                  "agent.conf:2: a value has no quotes, no \\ and no #" },
                { "[Store a]\nPath=/a#b\n", "agent.conf:2: a value has no quotes, no \\ and no #" },
                { "[Store a]\nPath=/a\\\n", "agent.conf:2: a value has no quotes, no \\ and no #" },
                { "[Store a]\n=/a\n", "agent.conf:2: a key is one word" },
                { "[Store a]\nThe Path=/a\n", "agent.conf:2: a key is one word" },
                { "[Store a\n", "agent.conf:1: no section such as [Agent]: [Store a" },
                { "[Store a] x\n", "agent.conf:1: no section such as [Agent]: [Store a] x" },
                { "[]\n", "agent.conf:1: no section such as [Agent]: []" },
                { "[ Agent]\n", "agent.conf:1: no section such as [Agent]: [ Agent]" },
                { "[Agent]\nMaxDoubt=1s\r\n", "agent.conf:2: a control character" },

                /* sections and keys */
                { "[Stores]\n", "agent.conf:1: unknown section [Stores]; there are [Agent], [Store "
                                "NAME], [Source NAME] and [CA NAME]" },
                { "[Agent]\nPort=4840\n", "agent.conf:2: unknown key Port= in [Agent]" },
                { "[Agent]\nmaxdoubt=1s\n", "agent.conf:2: unknown key maxdoubt= in [Agent]" },
                { "\n[Store a]\nColour=red\n", "agent.conf:3: unknown key Colour= in [Store a]" },
                { "[Store a]\nMaxRejected=0\n",
                  "agent.conf:2: MaxRejected= is a number from 1 to 10000, not \"0\"" },
                { "[Store a]\nRecordRejected=yes\n",
                  "agent.conf:2: RecordRejected= is untrusted, failures or no, not \"yes\"" },
                { "[CA a]\nColour=red\n", "agent.conf:2: unknown key Colour= in [CA a]" },

                /* values */
                { "[Agent]\nMaxDoubt=99ms\n",
                  "agent.conf:2: MaxDoubt= is a time of 100ms to 60s, not \"99ms\"" },
                { "[Agent]\nMaxDoubt=61\n",
                  "agent.conf:2: MaxDoubt= is a time of 100ms to 60s, not \"61\"" },
                { "[Agent]\nMaxDoubt=s\n",
                  "agent.conf:2: MaxDoubt= is a time of 100ms to 60s, not \"s\"" },
                { "[Agent]\nMaxDoubt=99999999999999999999s\n",
                  "agent.conf:2: MaxDoubt= is a time of 100ms to 60s, not "
                  "\"99999999999999999999s\"" },
                { "[Agent]\nLogLevel=7\n",
                  "agent.conf:2: LogLevel= is error, warning, notice, info or debug, not \"7\"" },
                { "[Store Plant]\n",
                  "agent.conf:1: a store's name has 1 to 63 of a-z, 0-9 and _, unlike \"Plant\"" },
                { "[Store a]\nPath=a\n", "agent.conf:2: Path= is an absolute path, not \"a\"" },
                { "[Store a]\nPath=\n", "agent.conf:2: Path= is an absolute path, not \"\"" },
                { "[Store a]\nSingleUri=maybe\n", NULL },
                { "[Store a]\nSuppress=BadCertificateRevoked\n", NULL },

                { "[Store a]\nLayout=flat\n",
                  "agent.conf:2: Layout= is auto, default, qt, annex-f, open62541, net, milo, "
                  "node-opcua or s2opc, not \"flat\"" },

                /* sources; what they say of themselves is tested with app/config_source */
                { "[Source b]\nColour=red\n", "agent.conf:2: unknown key Colour= in [Source b]" },
                { "[Store a]\n[Source b]\nPath=/b\n", "agent.conf:2: there is no [Store default]" },
                { "[Source b]\nPath=/b\nStore=a\n", "agent.conf:3: there is no [Store a]" },
                { "[Source b]\nLayout=qt\nPath=b\n",
                  "agent.conf:3: Path= is an absolute path, not \"b\"" },
                { "[Source b]\n", "agent.conf:1: a source has a Path=, or named directories" },
                { "[Store a]\nTrusted=/a\n", "agent.conf:2: unknown key Trusted= in [Store a]" },

                /* certification authorities */
                { "[Store a]\n[CA x]\nStore=a\nSha256=" SHA256 "\n",
                  "agent.conf:2: [CA x] lacks RevocationCheck=" },
                { "[Store a]\n[CA x]\nStore=b\nSha256=" SHA256 "\nRevocationCheck=off\n",
                  "agent.conf:3: there is no [Store b]" },
                { "[Store a]\n[CA x]\nSha256=" SHA256 "\nRevocationCheck=off\n",
                  "agent.conf:2: there is no [Store default]" },
                { "[CA x]\nSha256=00\nRevocationCheck=off\n",
                  "agent.conf:2: Sha256= has 64 hexadecimal digits" },
                { "[CA x]\nSha256=" SHA256 "\nRevocationCheck=no\n",
                  "agent.conf:3: RevocationCheck= is required, if-present or off, and set once for "
                  "a CA and store" },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                write_text("agent.conf", rows[i].text);
                if (rows[i].fault) {
                        expect_fault(rows[i].fault);
                } else {
                        struct config *config = NULL;
                        char *fault = NULL;

                        assert_int_equal(config_read(path, false, &config, &fault),
                                         CONFIG_E_INVALID);
                        assert_non_null(strstr(fault, "agent.conf:2: "));
                        free(fault);
                }
        }
}

static void a_later_file_takes_the_place_of_an_earlier_one(void **state)
{
        CLEANUP(config_freep) struct config *config = NULL;

        (void)state;
        write_text("agent.conf", "[Agent]\nMaxDoubt=1s\n[Store a]\nPath=/main\n");
        write_text("agent.conf.d/20-b.conf", "[Store a]\nPath=/twenty\n");
        write_text("agent.conf.d/10-a.conf", "[Store a]\nPath=/ten\n[Store b]\n");
        write_text("agent.conf.d/README", "not read\n");
        write_text("agent.conf.d/.30.conf", "not read\n");
        config = read_good();
        assert_int_equal(config->max_doubt_ms, 1000);
        assert_int_equal(config->stores.n, 2);
        assert_string_equal(own_path(config, 0), "/twenty");
        assert_string_equal(config->stores.items[1].name, "b");

        write_text("agent.conf.d/30.conf", "[Store a]\n\nColour=red\n");
        expect_fault("agent.conf.d/30.conf:3: unknown key Colour= in [Store a]");
}

static void a_main_file_may_lack_only_where_that_is_said(void **state)
{
        CLEANUP(config_freep) struct config *config = NULL;
        char *fault = NULL;

        (void)state;
        expect_fault("agent.conf: there is no such file");
        write_text("agent.conf.d/a.conf", "[Store a]\n");
        assert_int_equal(config_read(path, true, &config, &fault), 0);
        assert_string_equal(config->stores.items[0].name, "a");
}

static void what_is_no_text_file_is_refused(void **state)
{
        char *big = must_calloc(1, 1024 * 1024 + 1);

        (void)state;
        tree_mkdir(tree, "agent.conf");
        expect_fault("agent.conf: Is a directory");
        tree_remove(tree, "agent.conf");
        tree_write(tree, "agent.conf", "[Agent]\n\0\n", 10);
        expect_fault("agent.conf: is no text");

        memset(big, '\n', 1024 * 1024 + 1);
        tree_write(tree, "agent.conf", big, 1024 * 1024 + 1);
        expect_fault("agent.conf: Argument list too long");
        tree_write(tree, "agent.conf", big, 1024 * 1024);
        config_free(read_good());
        free(big);
}

static void there_are_so_many_stores_and_no_more(void **state)
{
        char text[8192] = "";
        size_t n = 0;

        (void)state;
        for (int i = 0; i < 64; i++)
                n += (size_t)snprintf(text + n, sizeof(text) - n, "[Store s%d]\n", i);
        write_text("agent.conf", text);
        config_free(read_good());
        snprintf(text + n, sizeof(text) - n, "[Store past]\n");
        write_text("agent.conf", text);
        expect_fault("agent.conf:65: more than 64 stores");
}

static void a_directory_is_a_configuration(void **state)
{
        CLEANUP(config_freep) struct config *config = NULL;

        (void)state;
        assert_int_equal(config_of_store("/srv/pki", &config), 0);
        assert_int_equal(config->stores.n, 1);
        assert_string_equal(config->stores.items[0].name, "default");
        assert_string_equal(own_path(config, 0), "/srv/pki");
        assert_int_equal(config->max_doubt_ms, CONFIG_MAX_DOUBT_MS);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(every_key_is_read),
                TEST(nothing_said_means_the_defaults),
                TEST(what_is_wrong_is_named_with_file_and_line),
                TEST(a_later_file_takes_the_place_of_an_earlier_one),
                TEST(a_main_file_may_lack_only_where_that_is_said),
                TEST(what_is_no_text_file_is_refused),
                TEST(there_are_so_many_stores_and_no_more),
                TEST(a_directory_is_a_configuration),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
