/* SPDX-License-Identifier: Apache-2.0 */
#include "await.h"
#include "notices.h"
#include "options.h"
#include "output.h"
#include "verb.h"

#include <uatrust/news.h>

#include <stdbool.h>
#include <stdio.h>
#include <time.h>

static const char help[] =
        "usage: uatrust monitor [OPTION...] [STORE...]\n"
        "\n"
        "First tells the state of the stores, by default all, then every change as it\n"
        "comes, until interrupted.\n"
        "\n"
        "      --count N              end after N events\n"
        "      --notices              warnings that stand, then warnings, refused\n"
        "                             certificates and audit events, not changes\n" OPTIONS_HELP
        "\n"
        "JSON is one object a line.\n";

enum {
        COUNT = OPTIONS_OWN,
        NOTICES,
};

static const struct option rows[] = {
        { "count", required_argument, NULL, COUNT },
        { "notices", no_argument, NULL, NOTICES },
        OPTIONS_ROWS,
        { NULL, 0, NULL, 0 },
};

typedef const char *(*get_fn)(const struct uatrust_event *event, size_t i);

static void print_items(const struct uatrust_event *event, const char *word, get_fn get)
{
        const char *item;

        for (size_t i = 0; (item = get(event, i)); i++) {
                printf("    %s ", word);
                output_text(stdout, item);
                putchar('\n');
        }
}

static void print_event(const struct uatrust_event *event)
{
        char now[32];

        printf("%s  ", output_time(time(NULL), now));
        output_colour(OUTPUT_BOLD);
        output_text(stdout, uatrust_event_get_store(event));
        output_colour(OUTPUT_PLAIN);
        printf("  %s, generation %lld\n", uatrust_event_get_kind(event),
               (long long)uatrust_event_get_generation(event));
        print_items(event, "added  ", uatrust_event_get_added);
        print_items(event, "removed", uatrust_event_get_removed);
        print_items(event, "broken ", uatrust_event_get_broken);
        print_items(event, "healed ", uatrust_event_get_healed);
        print_items(event, "affects what was issued by", uatrust_event_get_affected_issuer);
}

static void tell(const struct options *options, const struct uatrust_event *event)
{
        if (!options->wants_json) {
                print_event(event);
                return;
        }
        output_json(uatrust_event_to_json(event));
        putchar('\n');
}

/* Who was heard once is waited for when it goes away: the monitor comes back by itself. */
static int listen(const struct options *options, struct uatrust_client *client,
                  struct uatrust_monitor *monitor, unsigned int count)
{
        bool has_heard = false;

        for (unsigned int i = 0; !count || i < count;) {
                struct uatrust_error *error = NULL;
                struct uatrust_event *event;
                int r = uatrust_monitor_next(monitor, 0, &event, &error);

                if (r == UATRUST_E_TIMED_OUT) {
                        uatrust_error_free(error);
                        r = await_news(client);
                        if (r)
                                return r;
                        continue;
                }
                if (!r) {
                        tell(options, event);
                        uatrust_event_free(event);
                        has_heard = true;
                        i++;
                } else if (!has_heard) {
                        return options_fail(options, error, NULL);
                } else {
                        options_complain(options, 0, "%s; waiting for it",
                                         uatrust_error_get_text(error));
                        uatrust_error_free(error);
                }
                if (fflush(stdout))
                        return VERB_EXIT_OUTPUT;
        }
        return VERB_EXIT_OK;
}

static int monitor(const struct options *options, struct uatrust_client *client,
                   const struct notices_wish *wish)
{
        struct uatrust_error *error = NULL;
        struct uatrust_monitor *news;
        int code;

        if (uatrust_monitor_new(client, wish->stores, wish->n_stores, &news, &error))
                return options_fail(options, error, NULL);

        code = listen(options, client, news, wish->count);
        uatrust_monitor_free(news);
        return code;
}

int verb_monitor(int argc, char **argv)
{
        struct options options = OPTIONS_DEFAULT;
        struct notices_wish wish = { .stores = NULL };
        struct uatrust_client *client;
        bool wants_notices = false;
        int option, code;

        while ((option = options_next(&options, argc, argv, "h", rows)) >= 0) {
                if (option == 'h') {
                        fputs(help, stdout);
                        return VERB_EXIT_OK;
                }
                if (option == COUNT) {
                        if (!options_read_number(optarg, &wish.count) || !wish.count)
                                return options_usage(
                                        &options, "--count: \"%s\" is no number above 0", optarg);
                } else if (option == NOTICES) {
                        wants_notices = true;
                } else if (!options_take(&options, option, optarg)) {
                        return VERB_EXIT_USAGE;
                }
        }

        client = options_connect(&options);
        if (!client)
                return VERB_EXIT_SYSTEM;

        if (optind < argc) {
                wish.stores = (const char *const *)argv + optind;
                wish.n_stores = (size_t)(argc - optind);
        }
        code = wants_notices ? notices_tell(&options, client, &wish)
                             : monitor(&options, client, &wish);
        options_disconnect(&options, client);
        return code;
}
