/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"
#include "output.h"
#include "verb.h"

#include <uatrust/news.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static const char help[] =
        "usage: uatrust monitor [OPTION...] [STORE...]\n"
        "\n"
        "First tells the state of the stores, by default all, then every change as it comes,\n"
        "until interrupted.\n"
        "\n"
        "      --count N              end after N events\n" OPTIONS_HELP "\n"
        "JSON is one object a line.\n";

enum {
        COUNT = OPTIONS_OWN,
};

static const struct option rows[] = {
        { "count", required_argument, NULL, COUNT },
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

/* Return: VERB_EXIT_OK, or an exit code after a complaint. */
static int tell_next(const struct options *options, struct uatrust_monitor *monitor)
{
        struct uatrust_error *error = NULL;
        struct uatrust_event *event;
        char *json;

        if (uatrust_monitor_next(monitor, -1, &event, &error))
                return options_fail(options, error, NULL);

        if (options->wants_json) {
                json = uatrust_event_to_json(event);
                puts(json ? json : "");
                free(json);
        } else {
                print_event(event);
        }
        uatrust_event_free(event);
        return fflush(stdout) ? VERB_EXIT_OUTPUT : VERB_EXIT_OK;
}

static int monitor(const struct options *options, struct uatrust_client *client, char **stores,
                   size_t n_stores, unsigned int count)
{
        struct uatrust_error *error = NULL;
        struct uatrust_monitor *news;
        int code = VERB_EXIT_OK;

        if (uatrust_monitor_new(client, n_stores ? (const char *const *)stores : NULL, n_stores,
                                &news, &error))
                return options_fail(options, error, NULL);

        for (unsigned int i = 0; code == VERB_EXIT_OK && (!count || i < count); i++)
                code = tell_next(options, news);

        uatrust_monitor_free(news);
        return code;
}

int verb_monitor(int argc, char **argv)
{
        struct options options = OPTIONS_DEFAULT;
        struct uatrust_client *client;
        unsigned int count = 0; /* no end */
        int option, code;

        while ((option = getopt_long(argc, argv, "h", rows, NULL)) >= 0) {
                if (option == 'h') {
                        fputs(help, stdout);
                        return VERB_EXIT_OK;
                }
                if (option == COUNT) {
                        if (!options_read_number(optarg, &count) || !count)
                                return options_usage(
                                        "monitor", "--count: \"%s\" is no number above 0", optarg);
                } else if (!options_take(&options, option, optarg)) {
                        return VERB_EXIT_USAGE;
                }
        }

        client = options_connect(&options);
        if (!client)
                return VERB_EXIT_SYSTEM;

        code = monitor(&options, client, argv + optind, (size_t)(argc - optind), count);
        uatrust_client_free(client);
        return code;
}
