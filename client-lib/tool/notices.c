/* SPDX-License-Identifier: Apache-2.0 */
#include "notices.h"

#include "await.h"
#include "options.h"
#include "output.h"
#include "verb.h"

#include <uatrust/reading.h>

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

struct listener {
        const struct options *options;
        unsigned int n_left; /* 0: no end */
        bool has_heard, is_over;
        int code;
};

/* "TIME  STORE  WORD ", of which a store may be "". */
static void print_head(int64_t time_s, const char *store, const char *word)
{
        char text[32];

        printf("%s  ", output_time(time_s, text));
        if (*store) {
                output_colour(OUTPUT_BOLD);
                output_text(stdout, store);
                output_colour(OUTPUT_PLAIN);
                fputs("  ", stdout);
        }
        output_text(stdout, word);
        putchar(' ');
}

static void print_warning(const struct uatrust_warning *warning)
{
        print_head(uatrust_warning_get_time(warning), uatrust_warning_get_store(warning),
                   uatrust_warning_is_over(warning) ? "over:" : "warning:");
        printf("%s: ", uatrust_warning_get_kind(warning));
        output_text(stdout, uatrust_warning_get_message(warning));
        putchar('\n');
}

static void print_rejected(const struct uatrust_rejected *rejected)
{
        const char *address = uatrust_rejected_get_peer_address(rejected);

        print_head(uatrust_rejected_get_last_seen(rejected), "", "rejected:");
        printf("%.8s ", uatrust_rejected_get_sha256(rejected));
        output_text(stdout, uatrust_rejected_get_subject(rejected));
        if (address) {
                fputs(" from ", stdout);
                output_text(stdout, address);
        }
        printf(", %s, times seen: %" PRId64 "\n", uatrust_rejected_get_status_name(rejected),
               uatrust_rejected_get_count(rejected));
}

static void print_audit(const struct uatrust_audit_event *event)
{
        print_head(uatrust_audit_event_get_time(event), uatrust_audit_event_get_store(event),
                   "audit:");
        printf("%s, %s: ", uatrust_audit_event_get_event_type(event),
               uatrust_audit_event_get_status_name(event));
        output_text(stdout, uatrust_audit_event_get_message(event));
        if (uatrust_audit_event_get_count(event) > 1)
                printf(" (%" PRId64 " times)", uatrust_audit_event_get_count(event));
        putchar('\n');
}

static void print_text(const struct uatrust_notice *notice)
{
        int64_t n_missed;

        if (uatrust_notice_get_missed(notice, &n_missed))
                printf("%" PRId64 " notices were missed\n", n_missed);
        if (uatrust_notice_get_warning(notice))
                print_warning(uatrust_notice_get_warning(notice));
        if (uatrust_notice_get_rejected(notice))
                print_rejected(uatrust_notice_get_rejected(notice));
        if (uatrust_notice_get_audit_event(notice))
                print_audit(uatrust_notice_get_audit_event(notice));
}

static void print(const struct options *options, const struct uatrust_notice *notice)
{
        if (!options->wants_json) {
                print_text(notice);
                return;
        }
        output_json(uatrust_notice_to_json(notice));
        putchar('\n');
}

/* Who was heard once is waited for when it goes away. */
static void on_notice(struct uatrust_notices *notices, const struct uatrust_notice *notice,
                      const struct uatrust_error *error, void *userdata)
{
        struct listener *listener = userdata;

        (void)notices;
        if (listener->is_over)
                return;

        if (error) {
                int code = options_complain(listener->options, uatrust_error_get_exit_code(error),
                                            "%s%s", uatrust_error_get_text(error),
                                            listener->has_heard ? "; waiting for it" : "");

                listener->is_over = !listener->has_heard;
                listener->code = listener->is_over ? code : VERB_EXIT_OK;
                return;
        }

        listener->has_heard = true;
        print(listener->options, notice);
        if (fflush(stdout)) {
                listener->code = VERB_EXIT_OUTPUT;
                listener->is_over = true;
        } else if (listener->n_left && --listener->n_left == 0) {
                listener->is_over = true;
        }
}

int notices_tell(const struct options *options, struct uatrust_client *client,
                 const struct notices_wish *wish)
{
        struct listener listener = { .options = options, .n_left = wish->count };
        struct uatrust_notices *notices;
        struct uatrust_error *error = NULL;

        if (uatrust_notices_new(client, wish->stores, wish->n_stores, on_notice, &listener,
                                &notices, &error))
                return options_fail(options, error, NULL);

        while (!listener.is_over && !error) {
                listener.code = await_news(client);
                listener.is_over = listener.code;
                if (!listener.is_over)
                        uatrust_process(client, &error);
        }
        uatrust_notices_free(notices);
        return error ? options_fail(options, error, NULL) : listener.code;
}
