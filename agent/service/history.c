/* SPDX-License-Identifier: Apache-2.0 */
#include "service/history.h"

#include "base/vec.h"
#include "proto/message_peers.h"
#include "proto/names.h"
#include "service/report.h"
#include "service/service_call.h"
#include "service/stores.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The events of one store, the oldest first, each of the generation after the one before. */
struct chapter {
        size_t store;
        size_t n_bytes;
        VEC(struct message_event) events;
};

struct history {
        VEC(struct chapter) chapters;
};

static size_t count_texts(char *const *texts, size_t n)
{
        size_t n_bytes = 0;

        for (size_t i = 0; i < n; i++)
                n_bytes += strlen(texts[i]) + 1;
        return n_bytes;
}

static size_t count_bytes(const struct message_event *event)
{
        return count_texts(event->added, event->n_added) +
               count_texts(event->removed, event->n_removed) +
               count_texts(event->broken, event->n_broken) +
               count_texts(event->healed, event->n_healed) +
               count_texts(event->affected_issuers, event->n_affected_issuers);
}

static void drop_first(struct chapter *chapter, size_t n)
{
        if (n == 0)
                return;

        for (size_t i = 0; i < n; i++) {
                chapter->n_bytes -= count_bytes(&chapter->events.items[i]);
                schema_deinit(&message_event_schema, &chapter->events.items[i]);
        }
        chapter->events.n -= n;
        memmove(chapter->events.items, chapter->events.items + n,
                chapter->events.n * sizeof(*chapter->events.items));
}

static void make_room(struct chapter *chapter, size_t n_bytes)
{
        size_t n = chapter->events.n == HISTORY_EVENTS_MAX, n_freed = 0;

        for (size_t i = 0; i < n; i++)
                n_freed += count_bytes(&chapter->events.items[i]);
        while (n < chapter->events.n && chapter->n_bytes - n_freed + n_bytes > HISTORY_BYTES_MAX)
                n_freed += count_bytes(&chapter->events.items[n++]);
        drop_first(chapter, n);
}

static struct chapter *find_chapter(const struct history *history, size_t store)
{
        for (size_t i = 0; i < history->chapters.n; i++)
                if (history->chapters.items[i].store == store)
                        return &history->chapters.items[i];
        return NULL;
}

void history_forget(struct history *history, size_t store)
{
        struct chapter *chapter = find_chapter(history, store);

        if (!chapter)
                return;

        drop_first(chapter, chapter->events.n);
        VEC_FREE(&chapter->events);
        *chapter = history->chapters.items[--history->chapters.n];
}

/* Return: 0 or -ENOMEM. */
static int add(struct history *history, size_t store, const struct message_event *event)
{
        struct chapter *chapter = find_chapter(history, store);
        size_t n_bytes = count_bytes(event);
        struct message_event copy;
        int r;

        if (!chapter) {
                r = VEC_PUSH(&history->chapters, (struct chapter){ .store = store });
                if (r)
                        return r;
                chapter = &history->chapters.items[history->chapters.n - 1];
        }

        make_room(chapter, n_bytes);
        r = VEC_RESERVE(&chapter->events, 1);
        if (!r)
                r = schema_copy(&message_event_schema, event, &copy);
        if (r)
                return r;

        chapter->events.items[chapter->events.n++] = copy;
        chapter->n_bytes += n_bytes;
        return 0;
}

/* What cannot be kept leaves a gap, and a history with a gap is none. */
void history_note(struct history *history, size_t store, const struct message_event *event)
{
        if (add(history, store, event))
                history_forget(history, store);
}

int history_new(struct history **out)
{
        struct history *history = calloc(1, sizeof(*history));

        if (!history)
                return -ENOMEM;

        *out = history;
        return 0;
}

struct history *history_free(struct history *history)
{
        if (!history)
                return NULL;

        while (history->chapters.n > 0)
                history_forget(history, history->chapters.items[0].store);
        VEC_FREE(&history->chapters);
        free(history);
        return NULL;
}

/* Return: are all events after generation @since known? Then @out are they. */
static bool find_events(const struct history *history, const struct store_state *state,
                        int64_t since, struct message_changes_reply *out)
{
        const struct chapter *chapter = find_chapter(history, state->handle);
        size_t n_kept = chapter ? chapter->events.n : 0;

        if (since < 0 || since > state->generation ||
            (uint64_t)(state->generation - since) > n_kept)
                return false;

        out->n_events = (size_t)(state->generation - since);
        out->events = out->n_events > 0 ? chapter->events.items + (n_kept - out->n_events) : NULL;
        return true;
}

void history_call(const struct history *history, const struct store_state *state,
                  const char *agent_id, const struct service_call *call)
{
        const struct message_changes *in = call->in;
        struct message_changes_reply out = { NULL, 0 };
        struct message_event resync;
        int r;

        if (strcmp(in->agent_id, agent_id) == 0 && find_events(history, state, in->since, &out)) {
                service_call_answer(call, &out);
                return;
        }

        r = report_event(NAMES_EVENT_RESYNC, state, agent_id, NULL, &resync);
        out = (struct message_changes_reply){ &resync, 1 };
        if (r)
                service_call_refuse(call, STATUS_E_BUSY, NULL, NULL);
        else
                service_call_answer(call, &out);
        schema_deinit(&message_event_schema, &resync);
}
