/* SPDX-License-Identifier: Apache-2.0 */
#include "service/peers.h"

#include "engine/touch.h"
#include "proto/hex.h"
#include "proto/names.h"
#include "proto/status.h"
#include "service/access.h"
#include "service/caller.h"
#include "service/host_clock.h"
#include "service/peer_holds.h"
#include "service/peer_lanes.h"
#include "service/peer_list.h"
#include "service/peer_news.h"
#include "service/peer_question.h"
#include "service/peer_registration.h"
#include "service/peer_table.h"
#include "service/quota.h"
#include "service/stores.h"
#include "trust/change.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define WATCH_ID_BYTES 16

struct peers {
        struct peers_config config;
        struct peer_lanes *lanes;
        struct peers_watch *watches;
        struct peer_registrations registrations;
        struct peer_holds holds;
        size_t n;
        int64_t due_s; /* not later than that of any peer or hold */
};

struct peers_watch {
        struct service_pending pending;
        struct service_call call; /* its caller is our own */
        struct peers *peers;
        struct peers_watch *next;
        char id[2 * WATCH_ID_BYTES + 1];
        struct peer_lane *lane;
        struct peer_table table;
        int64_t seq;
        bool is_paused;
};

/* -- life ---------------------------------------------------------------------------------------- */

static void on_found(struct peer *peer, const struct peer_finding *finding, void *userdata);

int peers_new(const struct peers_config *config, struct peers **out)
{
        CLEANUP(peers_freep) struct peers *peers = calloc(1, sizeof(*peers));
        struct peer_lanes_config lanes = {
                .stores = config->stores,
                .executor = config->executor,
                .clock = config->clock,
                .found = on_found,
                .userdata = peers,
        };
        int r;

        if (!peers)
                return -ENOMEM;

        peers->config = *config;
        peers->due_s = INT64_MAX;
        r = peer_lanes_new(&lanes, &peers->lanes);
        if (r)
                return r;

        *out = TAKE(peers);
        return 0;
}

struct peers *peers_free(struct peers *peers)
{
        if (!peers)
                return NULL;

        peer_holds_deinit(&peers->holds);
        peer_lanes_free(peers->lanes);
        free(peers);
        return NULL;
}

size_t peers_count(const struct peers *peers)
{
        return peers->n;
}

/* -- watches ------------------------------------------------------------------------------------- */

/* It is out of its table. */
static void drop(struct peer *peer)
{
        struct peers_watch *watch = peer->watch;

        peer->watch = NULL;
        peer_registration_leave(peer);
        *peer_lanes_bytes(watch->lane) -= peer->question->n_bytes;
        quota_give(watch->peers->config.quota, watch->call.caller, QUOTA_PEERS, 1);
        watch->peers->n--;
        peer_unref(peer);
}

static struct peers_watch *watch_free(struct peers_watch *watch)
{
        struct peers_watch **at;
        struct peer *peer, *next;

        if (!watch)
                return NULL;

        for (at = &watch->peers->watches; *at && *at != watch;)
                at = &(*at)->next;
        if (*at)
                *at = watch->next;

        for (peer = peer_table_next(&watch->table, NULL); peer; peer = next) {
                next = peer_table_next(&watch->table, peer);
                drop(peer);
        }
        peer_table_deinit(&watch->table);
        if (watch->lane)
                peer_lanes_leave(watch->lane);
        caller_unref((struct caller *)watch->call.caller);
        free(watch);
        return NULL;
}

DEFINE_CLEANUP(struct peers_watch *, watch_free)

static void on_watch_cancel(struct service_pending *pending)
{
        struct peers_watch *watch = CONTAINER_OF(pending, struct peers_watch, pending);
        struct peers *peers = watch->peers;

        peer_registrations_end(&peers->registrations, watch);
        watch_free(watch);
        peer_registrations_answer(&peers->registrations);
}

static void on_watch_pause(struct service_pending *pending)
{
        CONTAINER_OF(pending, struct peers_watch, pending)->is_paused = true;
}

/* What was found meanwhile may be past: those that are owed news are judged anew. */
static void on_watch_resume(struct service_pending *pending)
{
        struct peers_watch *watch = CONTAINER_OF(pending, struct peers_watch, pending);
        struct peer *peer = NULL;

        watch->is_paused = false;
        while ((peer = peer_table_next(&watch->table, peer))) {
                if (peer->is_owed)
                        peer_lanes_add(watch->lane, peer);
                peer->is_owed = false;
        }
        peer_lanes_run(watch->peers->lanes);
}

static int make_watch(struct peers *peers, const struct service_call *call,
                      struct peers_watch **out)
{
        CLEANUP(watch_freep) struct peers_watch *watch = calloc(1, sizeof(*watch));
        uint8_t id[WATCH_ID_BYTES];
        int r;

        if (!watch)
                return -ENOMEM;

        watch->pending =
                (struct service_pending){ on_watch_cancel, on_watch_pause, on_watch_resume };
        watch->peers = peers;
        if (getrandom(id, sizeof(id), 0) != sizeof(id))
                return -EAGAIN;

        watch->call = *call;
        watch->call.in = NULL;
        watch->call.caller = caller_ref(call->caller);
        hex_encode(id, sizeof(id), watch->id);
        r = peer_lanes_enter(peers->lanes, call->caller->uid, &watch->lane);
        if (r)
                return r;

        *out = TAKE(watch);
        return 0;
}

struct service_pending *peers_watch(struct peers *peers, const struct service_call *call)
{
        struct message_watch_peers_reply out;
        struct peers_watch *watch;

        if (make_watch(peers, call, &watch)) {
                service_call_refuse(call, STATUS_E_BUSY, NULL, NULL);
                return NULL;
        }

        watch->next = peers->watches;
        peers->watches = watch;
        out = (struct message_watch_peers_reply){ .watch_id = watch->id };
        call->reply(&(struct service_reply){ .out = &out, .continues = true }, call->userdata);
        return &watch->pending;
}

/* The watch of that id, if it is a call of the same user by the same door. */
static struct peers_watch *find_watch(const struct peers *peers, const struct caller *caller,
                                      const char *id)
{
        struct peers_watch *watch = peers->watches;

        while (watch && (strcmp(watch->id, id) != 0 || watch->call.caller->uid != caller->uid ||
                         watch->call.caller->door != caller->door))
                watch = watch->next;
        return watch;
}

static void refuse_watch(const struct service_call *call)
{
        service_call_refuse(call, STATUS_E_BAD_REQUEST, "watchId",
                            "is that of no WatchPeers call of this user at this door");
}

/* -- registering --------------------------------------------------------------------------------- */

/* Return: 0, PEER_REGISTRATION_E_REFUSED, or -ENOMEM; on success all of them are counted. */
static int take_quota(const struct peer_registration *registration, struct peer_refusal *refusal)
{
        struct peers_watch *watch = registration->watch;
        size_t *n_bytes = peer_lanes_bytes(watch->lane);
        size_t n = peer_registration_bytes(registration);
        const char *limit = "67108864 bytes of watched peers a user";
        int r = QUOTA_E_EXCEEDED;

        if (n <= NAMES_USER_PEERS_MAX_BYTES - *n_bytes)
                r = quota_take(watch->peers->config.quota, watch->call.caller, QUOTA_PEERS,
                               registration->n, &limit);
        if (r == QUOTA_E_EXCEEDED) {
                refusal->error =
                        (struct message_error){ STATUS_E_QUOTA_EXCEEDED, (char *)limit, NULL };
                return PEER_REGISTRATION_E_REFUSED;
        }
        if (r)
                return r;

        *n_bytes += n;
        return 0;
}

/* From here on every generation has them judged. */
static void put_peers(struct peer_registration *registration)
{
        struct peers_watch *watch = registration->watch;

        for (size_t i = 0; i < registration->n; i++) {
                struct peer *peer = registration->items[i];
                struct peer *former = peer_table_take(&watch->table, peer->question->key);

                if (former)
                        drop(former);
                peer->watch = watch;
                peer->registration = registration;
                peer_table_put(&watch->table, peer_ref(peer));
                watch->peers->n++;
                peer_lanes_add(watch->lane, peer);
        }
        peer_registration_enter(registration, &watch->peers->registrations);
}

/* Return: 0, PEER_REGISTRATION_E_REFUSED, or -ENOMEM. */
static int enter(struct peers_watch *watch, const struct service_call *call,
                 struct peer_refusal *refusal, struct peer_registration **out)
{
        CLEANUP(peer_registration_freep) struct peer_registration *registration = NULL;
        int r;

        r = peer_registration_new(call, watch, watch->peers->config.stores, &registration, refusal);
        if (!r)
                r = peer_table_reserve(&watch->table, registration->n);
        if (!r)
                r = take_quota(registration, refusal);
        if (r)
                return r;

        put_peers(registration);
        *out = TAKE(registration);
        return 0;
}

struct service_pending *peers_register(struct peers *peers, const struct service_call *call)
{
        const struct message_register_peers *in = call->in;
        struct peers_watch *watch = find_watch(peers, call->caller, in->watch_id);
        struct peer_registration *registration;
        struct peer_refusal refusal;
        int r;

        if (!watch) {
                refuse_watch(call);
                return NULL;
        }

        r = enter(watch, call, &refusal, &registration);
        if (r > 0)
                service_call_refuse(call, refusal.error.error, refusal.error.subject,
                                    refusal.error.reason);
        else if (r)
                service_call_refuse(call, STATUS_E_BUSY, NULL, NULL);
        if (r)
                return NULL;

        registration->n_open++; /* it is not answered before this returns a handle, or none */
        peer_lanes_run(peers->lanes);
        if (--registration->n_open > 0)
                return &registration->pending;

        peer_registrations_answer(&peers->registrations);
        return NULL;
}

void peers_unregister(struct peers *peers, const struct service_call *call)
{
        const struct message_unregister_peers *in = call->in;
        struct peers_watch *watch = find_watch(peers, call->caller, in->watch_id);
        struct message_nothing out = { 0 };

        if (!watch) {
                refuse_watch(call);
                return;
        }

        for (size_t i = 0; i < in->n_keys; i++) {
                struct peer *peer = peer_table_take(&watch->table, in->keys[i]);

                if (peer)
                        drop(peer);
        }
        service_call_answer(call, &out);
        peer_registrations_answer(&peers->registrations);
}

/* -- news ---------------------------------------------------------------------------------------- */

static void note_due(struct peer *peer, int64_t due_s)
{
        struct peers *peers = peer->watch->peers;

        peer->due_s = due_s;
        if (due_s < peers->due_s)
                peers->due_s = due_s;
}

static void take_over(struct peer *peer, const struct peer_finding *finding)
{
        peer->is_told = true;
        peer->is_owed = false;
        peer->status = finding->status;
        peer->cause = finding->cause;
        peer->seq = ++peer->watch->seq;
        peer->generation = finding->state ? finding->state->generation : 0;
}

/* A removal in a source that settles first is no knowledge yet. */
static bool is_loss(const struct peer_finding *finding)
{
        return finding->cause == CAUSE_UNTRUSTED || finding->cause == CAUSE_UNKNOWN;
}

/* The first judgement: it is told by the reply of RegisterPeers. */
static void conclude_first(struct peer *peer, const struct peer_finding *finding,
                           const struct peer_hold *hold)
{
        struct peers *peers = peer->watch->peers;

        take_over(peer, finding);
        if (hold && peer->cause == CAUSE_UNTRUSTED) {
                peer->cause = CAUSE_UNKNOWN;
                note_due(peer, hold->until_s);
        }

        peer_registration_leave(peer);
        peer_registrations_answer(&peers->registrations);
}

static void conclude_again(struct peer *peer, const struct peer_finding *finding,
                           const struct peer_hold *hold)
{
        struct peers_watch *watch = peer->watch;

        peer->is_owed = false;
        if (finding->status == peer->status && finding->cause == peer->cause)
                return;
        if (hold && is_loss(finding)) {
                note_due(peer, hold->until_s);
                return;
        }
        if (watch->is_paused) {
                peer->is_owed = true;
                return;
        }

        take_over(peer, finding);
        peer_news_send(peer, finding, watch->peers->config.agent_id, &watch->call);
}

/* A verdict that may not be told in full, or at all. */
static struct peer_finding hide(const struct peer_finding *finding, const char *reason)
{
        struct peer_finding hidden = *finding;

        hidden.status = STATUS_SECURITY_CHECKS_FAILED;
        hidden.cause = CAUSE_UNKNOWN;
        hidden.verdict = NULL;
        hidden.reason = reason;
        return hidden;
}

static void on_found(struct peer *peer, const struct peer_finding *finding, void *userdata)
{
        struct peers *peers = userdata;
        const struct peer_hold *hold = peer_holds_find(&peers->holds, peer->store);
        const struct store_state *state = finding->state;
        struct peer_finding seen = *finding;

        note_due(peer, finding->valid_until_s);
        peer->footprint = finding->footprint;
        peer->was_good |= finding->cause == CAUSE_GOOD;
        if (state && !access_may_read(peer->watch->call.caller, state->access))
                seen = hide(finding, "the store may be read by others only");
        else if (finding->cause == CAUSE_GOOD && state->is_in_doubt)
                seen = hide(finding, state->reason);

        if (peer->is_told)
                conclude_again(peer, &seen, hold);
        else
                conclude_first(peer, &seen, hold);
}

/* -- what happens -------------------------------------------------------------------------------- */

static void begin_hold(struct peers *peers, size_t store, int64_t settle_ms)
{
        int64_t due_s;

        peer_holds_begin(&peers->holds, store, peers->config.clock->now_s(), settle_ms);
        due_s = peer_holds_due_s(&peers->holds);
        if (due_s < peers->due_s)
                peers->due_s = due_s;
}

static void add_touched(struct peers_watch *watch, size_t store, const struct touch *touch)
{
        struct peer *peer = NULL;

        while ((peer = peer_table_next(&watch->table, peer)))
                if (peer->store == PEER_NO_STORE ||
                    (peer->store == store && touch_reaches(touch, &peer->footprint)))
                        peer_lanes_add(watch->lane, peer);
}

/*
 * With its picture went what was known of files that cannot be read: from now on one of them may
 * hold what a peer lacks.
 */
static void forget_good(struct peers_watch *watch, size_t store)
{
        struct peer *peer = NULL;

        while ((peer = peer_table_next(&watch->table, peer)))
                if (peer->store == store)
                        peer->was_good = false;
}

void peers_note(struct peers *peers, size_t store, const struct snapshot *before,
                const struct change *change)
{
        const struct store_state *state = stores_at(peers->config.stores, store);
        struct touch touch;

        if (change && change->settle_ms > 0 && change->removed.n > 0)
                begin_hold(peers, store, change->settle_ms);

        touch_init(&touch, before, state ? state->snap : NULL, change);
        for (struct peers_watch *watch = peers->watches; watch; watch = watch->next) {
                if (!state || !state->snap)
                        forget_good(watch, store);
                add_touched(watch, store, &touch);
        }
        touch_deinit(&touch);
        peer_lanes_run(peers->lanes);
}

int64_t peers_due_s(const struct peers *peers)
{
        int64_t lanes_s = peer_lanes_due_s(peers->lanes);

        return lanes_s < peers->due_s ? lanes_s : peers->due_s;
}

static void add_due(struct peers_watch *watch, int64_t now_s)
{
        struct peers *peers = watch->peers;
        struct peer *peer = NULL;

        while ((peer = peer_table_next(&watch->table, peer))) {
                if (peer->due_s <= now_s) {
                        peer->due_s = INT64_MAX;
                        peer_lanes_add(watch->lane, peer);
                } else if (peer->due_s < peers->due_s) {
                        peers->due_s = peer->due_s;
                }
        }
}

void peers_run_due(struct peers *peers)
{
        int64_t now_s = peers->config.clock->now_s();

        if (now_s < peers_due_s(peers))
                return;

        peer_holds_end(&peers->holds, now_s);
        peers->due_s = peer_holds_due_s(&peers->holds);
        for (struct peers_watch *watch = peers->watches; watch; watch = watch->next)
                add_due(watch, now_s);
        peer_lanes_run(peers->lanes);
}

int peers_list_good(const struct peers *peers, size_t store, struct peer_list **out)
{
        CLEANUP(peer_list_freep) struct peer_list *list = NULL;
        int r = peer_list_new(peers->config.clock->now_s(), peers->config.clock->at_least_s, &list);

        for (struct peers_watch *watch = peers->watches; watch; watch = watch->next) {
                struct peer *peer = NULL;

                while (!r && (peer = peer_table_next(&watch->table, peer)))
                        if (peer->is_told && peer->cause == CAUSE_GOOD && peer->store == store)
                                r = peer_list_add(list, peer->question, watch->call.caller->uid);
        }
        if (r)
                return r;

        *out = TAKE(list);
        return 0;
}
