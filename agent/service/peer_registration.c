/* SPDX-License-Identifier: Apache-2.0 */
#include "service/peer_registration.h"

#include "proto/message_peers.h"
#include "service/caller.h"
#include "service/peer_news.h"
#include "service/peer_question.h"
#include "service/peer_table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static void on_cancel(struct service_pending *pending)
{
        peer_registration_free(CONTAINER_OF(pending, struct peer_registration, pending));
}

static int make_peer(const struct message_peer *in, const struct stores *stores,
                     const struct caller *caller, struct peer **out,
                     struct peer_refusal *out_refusal)
{
        CLEANUP(peer_question_unrefp) struct peer_question *question = NULL;
        int r = peer_question_new(in, stores, caller, &question, &out_refusal->error);

        return r ? r : peer_new(question, out);
}

/* What one peer lacks, by its place; other errors stand for the whole call. */
static void name_peer(struct peer_refusal *refusal, size_t i)
{
        if (refusal->error.error != STATUS_E_BAD_REQUEST)
                return;

        snprintf(refusal->subject, sizeof(refusal->subject), "peers[%zu].%s", i,
                 refusal->error.subject);
        refusal->error.subject = refusal->subject;
}

static int make_peers(const struct service_call *call, const struct stores *stores,
                      struct peer_registration *registration, struct peer_refusal *out_refusal)
{
        const struct message_register_peers *in = call->in;

        for (; registration->n < in->n_peers; registration->n++) {
                size_t i = registration->n;
                int r = make_peer(&in->peers[i], stores, call->caller, &registration->items[i],
                                  out_refusal);

                if (r > 0) {
                        name_peer(out_refusal, i);
                        return PEER_REGISTRATION_E_REFUSED;
                }
                if (r)
                        return r;
        }
        registration->n_open = registration->n;
        return 0;
}

int peer_registration_new(const struct service_call *call, struct peers_watch *watch,
                          const struct stores *stores, struct peer_registration **out,
                          struct peer_refusal *out_refusal)
{
        CLEANUP(peer_registration_freep)
        struct peer_registration *registration = calloc(1, sizeof(*registration));
        const struct message_register_peers *in = call->in;
        int r;

        if (!registration)
                return -ENOMEM;

        registration->pending.cancel = on_cancel;
        registration->call = *call;
        registration->call.in = NULL;
        registration->call.caller = caller_ref(call->caller);
        registration->watch = watch;
        registration->states = calloc(in->n_peers + 1, sizeof(*registration->states));
        registration->items = calloc(in->n_peers + 1, sizeof(struct peer *));
        if (!registration->states || !registration->items)
                return -ENOMEM;

        r = make_peers(call, stores, registration, out_refusal);
        if (r)
                return r;

        *out = TAKE(registration);
        return 0;
}

static void unlink_from(struct peer_registrations *list, struct peer_registration *registration)
{
        struct peer_registration **at = &list->first;

        while (*at != registration)
                at = &(*at)->next;
        *at = registration->next;
}

struct peer_registration *peer_registration_free(struct peer_registration *registration)
{
        if (!registration)
                return NULL;

        if (registration->list)
                unlink_from(registration->list, registration);
        for (size_t i = 0; i < registration->n; i++) {
                if (registration->items[i]->registration == registration)
                        registration->items[i]->registration = NULL;
                peer_unref(registration->items[i]);
        }
        caller_unref((struct caller *)registration->call.caller);
        free(registration->items);
        free(registration->states);
        free(registration);
        return NULL;
}

size_t peer_registration_bytes(const struct peer_registration *registration)
{
        size_t n = 0;

        for (size_t i = 0; i < registration->n; i++)
                n += registration->items[i]->question->n_bytes;
        return n;
}

void peer_registration_enter(struct peer_registration *registration,
                             struct peer_registrations *list)
{
        registration->list = list;
        registration->next = list->first;
        list->first = registration;
}

void peer_registration_leave(struct peer *peer)
{
        if (peer->registration)
                peer->registration->n_open--;
        peer->registration = NULL;
}

void peer_registrations_end(struct peer_registrations *list, const struct peers_watch *watch)
{
        for (struct peer_registration *i = list->first; i; i = i->next)
                if (i->watch == watch)
                        i->watch = NULL;
}

/* Peers that were unregistered before they were judged have no state to tell. */
static void answer(struct peer_registration *registration)
{
        struct message_register_peers_reply out = { .states = registration->states };

        if (!registration->watch) {
                service_call_refuse(&registration->call, STATUS_E_BAD_REQUEST, "watchId",
                                    "is over");
                return;
        }

        for (size_t i = 0; i < registration->n; i++)
                if (registration->items[i]->is_told)
                        peer_news_state(registration->items[i], &out.states[out.n_states++]);
        service_call_answer(&registration->call, &out);
}

/* Once it is answered nobody can cancel it. */
void peer_registrations_answer(struct peer_registrations *list)
{
        struct peer_registration *registration = list->first;

        while (registration) {
                if (registration->n_open > 0) {
                        registration = registration->next;
                        continue;
                }
                unlink_from(list, registration);
                registration->list = NULL;
                answer(registration);
                peer_registration_free(registration);
                registration = list->first;
        }
}
