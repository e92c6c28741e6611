/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Config - a configuration: a main file, and after each byte 0xff a drop-in. What is accepted makes sense, and is the
 * same when it is read again.
 */

#include "app/config.h"

#include "app/config_source.h"
#include "fuzz/fuzz.h"
#include "harness/must.h"
#include "harness/tree.h"
#include "proto/buf.h"
#include "proto/names.h"
#include "store/layout.h"
#include "store/sources.h"
#include "trust/settings.h"

#define DROP_INS_MAX 3

static struct tree *tree;
static char *path;

static void remove_tree(void)
{
        tree = tree_free(tree);
        free(path);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
        (void)argc;
        (void)argv;
        tree = tree_new();
        path = tree_path(tree, "agent.conf");
        atexit(remove_tree);
        return 0;
}

static void write_files(struct bytes input)
{
        static const char *const names[] = { "agent.conf", "agent.conf.d/1.conf",
                                             "agent.conf.d/2.conf", "agent.conf.d/3.conf" };

        for (size_t i = 0; i <= DROP_INS_MAX; i++) {
                const uint8_t *end = input.n ? memchr(input.data, 0xff, input.n) : NULL;
                struct bytes file = fuzz_take(&input, end ? (size_t)(end - input.data) : input.n);

                if (i > 0 && !file.n)
                        tree_remove(tree, names[i]);
                else
                        tree_write(tree, names[i], file.data, file.n);
                fuzz_take_byte(&input);
        }
}

static void describe_sources(const struct sources *sources, struct buf *out)
{
        must(sources->list.n >= 1 && sources->list.n <= CONFIG_SOURCES_MAX + 1, "sources");
        for (size_t i = 0; i < sources->list.n; i++) {
                const struct store_source *source = &sources->list.items[i];

                must(source->path[0] == '/' && source->layout->n_dirs > 0, "%s", source->name);
                buf_printf(out, " %s %s %d", source->name, source->path, (int)source->settle_ms);
                for (size_t k = 0; k < source->layout->n_dirs; k++)
                        buf_printf(out, " %s", source->layout->dirs[k].path);
        }
}

static void describe(const struct config *config, struct buf *out)
{
        must(config->stores.n >= 1 && config->stores.n <= NAMES_STORES_MAX, "stores");
        must(config->max_doubt_ms > 0, "MaxDoubt");
        buf_printf(out, "%d %lld", config->max_level, (long long)config->max_doubt_ms);
        for (size_t i = 0; i < config->stores.n; i++) {
                const struct config_store *store = &config->stores.items[i];

                must(names_is_store(store->name), "%s", store->name);
                buf_printf(out, " %s", store->name);
                describe_sources(store->sources, out);
                settings_write(store->settings, out);
        }
        must(!buf_error(out), "describe");
}

static void read_again(const struct config *config)
{
        CLEANUP(config_freep) struct config *again = NULL;
        CLEANUP(buf_deinit) struct buf a = BUF_NULL;
        CLEANUP(buf_deinit) struct buf b = BUF_NULL;
        char *fault = NULL;

        must(config_read(path, false, &again, &fault) == 0, "it is refused when it is read again");
        describe(config, &a);
        describe(again, &b);
        must(a.n == b.n && !memcmp(a.data, b.data, a.n), "it is another one when read again");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
        CLEANUP(config_freep) struct config *config = NULL;
        CLEANUP(freep) char *fault = NULL;
        int r;

        write_files((struct bytes){ data, n });
        r = config_read(path, false, &config, &fault);
        must(r == 0 || r == CONFIG_E_INVALID, "config_read: %d", r);
        if (r == 0)
                read_again(config);
        else
                must(fault && !strncmp(fault, tree->path, strlen(tree->path)) &&
                             !strchr(fault, '\n'),
                     "the fault is %s", fault);
        return 0;
}
