/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/watching.h"

#include "harness/must.h"
#include "harness/test.h"
#include "harness/tree.h"
#include "watch/dirwatch.h"

const char *const WATCHING_DIRS[2] = { "pki/trusted/certs", "pki/trusted/crl" };

struct dirwatch *watching_new(const struct tree *tree)
{
        struct dirwatch *watch = NULL;

        assert_int_equal(dirwatch_new(&watch), 0);
        for (size_t i = 0; i < ARRAY_SIZE(WATCHING_DIRS); i++) {
                char *path = tree_path(tree, WATCHING_DIRS[i]);
                size_t dir;

                assert_int_equal(dirwatch_add(watch, path, &dir), 0);
                assert_int_equal(dir, i);
                free(path);
        }
        return watch;
}

char *watching_drain(struct dirwatch *watch)
{
        struct dirwatch_events events;
        char *text = NULL;
        size_t n;
        FILE *out = open_memstream(&text, &n);

        must(out, "open_memstream");
        assert_int_equal(dirwatch_drain(watch, &events), 0);
        for (size_t i = 0; i < events.n; i++) {
                const struct dirwatch_event *event = &events.items[i];

                fprintf(out, "%s%zu:%s%s", i > 0 ? " " : "", event->dir,
                        event->name ? event->name : "*", event->is_being_written ? "?" : "");
        }

        fclose(out);
        dirwatch_events_deinit(&events);
        return text;
}

void watching_expect(struct dirwatch *watch, const char *expected)
{
        char *told = watching_drain(watch);

        assert_string_equal(told, expected);
        free(told);
}
