/* SPDX-License-Identifier: Apache-2.0 */
#include "service/peer_lanes.h"

#include "engine/validate.h"
#include "engine/verdict.h"
#include "proto/status.h"
#include "service/executor.h"
#include "service/host_clock.h"
#include "service/peer_question.h"
#include "service/peer_table.h"
#include "service/stores.h"
#include "trust/snapshot.h"

#include <errno.h>
#include <stdlib.h>

struct peer_lanes {
        struct peer_lanes_config config;
        struct peer_lane *first;
        struct peer_lane *at_hand; /* whose queue is being read; NULL again once it is gone */
        int64_t retry_s;           /* INT64_MAX: memory suffices */
};

struct peer_lane {
        struct peer_lanes *lanes;
        uid_t uid;
        size_t n_entered, n_bytes;
        struct peer *first, **end; /* queued */
        struct batch *batch;       /* under way, or NULL */
        struct peer_lane *next;
};

struct item {
        struct peer *peer;
        struct peer_question *question;
        struct snapshot *snap;
        size_t store;
        int64_t generation;
        bool was_good, is_told;
        uint32_t told_status;
        enum cause told_cause;

        /* what the job finds */
        int r;
        bool is_same; /* as told: then verdict is empty */
        uint32_t status;
        enum cause cause;
        int64_t valid_until_s;
        struct footprint footprint;
        struct verdict verdict;
};

/* Between submit and on_done only the job's thread looks at the items. */
struct batch {
        struct peer_lane *lane; /* NULL: it was left */
        struct terms terms;
        size_t n;
        struct item items[PEER_LANES_BATCH];
};

/* -- life ---------------------------------------------------------------------------------------- */

int peer_lanes_new(const struct peer_lanes_config *config, struct peer_lanes **out)
{
        struct peer_lanes *lanes = calloc(1, sizeof(*lanes));

        if (!lanes)
                return -ENOMEM;

        lanes->config = *config;
        lanes->retry_s = INT64_MAX;
        *out = lanes;
        return 0;
}

struct peer_lanes *peer_lanes_free(struct peer_lanes *lanes)
{
        free(lanes);
        return NULL;
}

int peer_lanes_enter(struct peer_lanes *lanes, uid_t uid, struct peer_lane **out)
{
        struct peer_lane *lane = lanes->first;

        while (lane && lane->uid != uid)
                lane = lane->next;
        if (!lane) {
                lane = malloc(sizeof(*lane));
                if (!lane)
                        return -ENOMEM;
                *lane = (struct peer_lane){ .lanes = lanes, .uid = uid, .next = lanes->first };
                lane->end = &lane->first;
                lanes->first = lane;
        }

        lane->n_entered++;
        *out = lane;
        return 0;
}

static struct peer *pop(struct peer_lane *lane)
{
        struct peer *peer = lane->first;

        if (!peer)
                return NULL;

        lane->first = peer->next_queued;
        if (!lane->first)
                lane->end = &lane->first;
        peer->next_queued = NULL;
        peer->is_queued = false;
        return peer;
}

void peer_lanes_leave(struct peer_lane *lane)
{
        struct peer_lanes *lanes = lane->lanes;
        struct peer_lane **at = &lanes->first;

        if (--lane->n_entered > 0)
                return;

        while (*at != lane)
                at = &(*at)->next;
        *at = lane->next;
        if (lanes->at_hand == lane)
                lanes->at_hand = NULL;
        if (lane->batch)
                lane->batch->lane = NULL;
        while (lane->first)
                peer_unref(pop(lane));
        free(lane);
}

size_t *peer_lanes_bytes(struct peer_lane *lane)
{
        return &lane->n_bytes;
}

void peer_lanes_add(struct peer_lane *lane, struct peer *peer)
{
        if (peer->is_queued)
                return;

        peer->is_queued = true;
        *lane->end = peer_ref(peer);
        lane->end = &peer->next_queued;
}

/* -- the job ------------------------------------------------------------------------------------- */

/* Most are as they were: what nobody will look at is freed here. */
static void judge(struct item *item, const struct terms *terms)
{
        item->r = peer_question_judge(item->question, item->snap, item->was_good, terms,
                                      &item->verdict, &item->cause);
        if (item->r)
                return;

        item->status = item->verdict.status;
        item->valid_until_s = item->verdict.valid_until_s;
        item->footprint = item->verdict.footprint;
        item->is_same = item->is_told && item->status == item->told_status &&
                        item->cause == item->told_cause;
        if (!item->is_same)
                return;

        verdict_deinit(&item->verdict);
        item->verdict = (struct verdict){ .status = item->status };
}

static void on_run(void *userdata)
{
        struct batch *batch = userdata;

        for (size_t i = 0; i < batch->n; i++)
                judge(&batch->items[i], &batch->terms);
}

static void item_deinit(struct item *item)
{
        verdict_deinit(&item->verdict);
        snapshot_unref(item->snap);
        peer_question_unref(item->question);
        peer_unref(item->peer);
}

static struct batch *batch_free(struct batch *batch)
{
        for (size_t i = 0; batch && i < batch->n; i++)
                item_deinit(&batch->items[i]);
        free(batch);
        return NULL;
}

DEFINE_CLEANUP(struct batch *, batch_free)

/* -- what was found ------------------------------------------------------------------------------ */

static void note_shortage(struct peer_lanes *lanes)
{
        lanes->retry_s = lanes->config.clock->now_s() + 1;
}

static void tell(struct peer_lanes *lanes, struct peer *peer, const struct peer_finding *finding)
{
        lanes->config.found(peer, finding, lanes->config.userdata);
}

static void tell_unreadable(struct peer_lanes *lanes, struct peer *peer,
                            const struct store_state *state)
{
        tell(lanes, peer,
             &(struct peer_finding){ .status = STATUS_CERTIFICATE_INVALID,
                                     .cause = CAUSE_UNTRUSTED,
                                     .valid_until_s = INT64_MAX,
                                     .footprint = footprint_everything(),
                                     .state = state,
                                     .reason = "more certificates than may be presented, or "
                                               "larger ones" });
}

static void tell_unknown(struct peer_lanes *lanes, struct peer *peer,
                         const struct store_state *state)
{
        const char *reason = !state          ? "there is no such store"
                             : state->reason ? state->reason
                                             : "the store is still being read";

        tell(lanes, peer,
             &(struct peer_finding){ .status = STATUS_SECURITY_CHECKS_FAILED,
                                     .cause = CAUSE_UNKNOWN,
                                     .valid_until_s = INT64_MAX,
                                     .footprint = footprint_everything(),
                                     .state = state,
                                     .reason = reason });
}

static void tell_item(struct batch *batch, struct item *item)
{
        struct peer_lanes *lanes = batch->lane->lanes;
        const struct store_state *state = stores_at(lanes->config.stores, item->store);

        if (item->r < 0)
                note_shortage(lanes);
        if (item->r < 0 || !state || !state->snap || state->generation != item->generation)
                peer_lanes_add(batch->lane, item->peer);
        else if (item->r > 0)
                tell_unreadable(lanes, item->peer, state);
        else
                tell(lanes, item->peer,
                     &(struct peer_finding){
                             .status = item->status,
                             .cause = item->cause,
                             .valid_until_s = item->valid_until_s,
                             .footprint = item->footprint,
                             .state = state,
                             .verdict = item->is_same ? NULL : &item->verdict,
                     });
}

/* Telling may end watches, and with the last of them the lane. */
static void on_done(void *userdata)
{
        CLEANUP(batch_freep) struct batch *batch = userdata;
        struct peer_lanes *lanes;

        for (size_t i = 0; batch->lane && i < batch->n; i++)
                if (batch->items[i].peer->watch)
                        tell_item(batch, &batch->items[i]);
        if (!batch->lane)
                return;

        lanes = batch->lane->lanes;
        batch->lane->batch = NULL;
        if (lanes->retry_s == INT64_MAX)
                peer_lanes_run(lanes);
}

/* -- what is to be done -------------------------------------------------------------------------- */

static struct terms make_terms(const struct peer_lanes *lanes)
{
        struct terms terms = { .budget_units = VALIDATE_BUDGET_UNITS };

        terms.now_s = terms.at_least_s = lanes->config.clock->now_s();
        if (terms.at_least_s < lanes->config.clock->at_least_s)
                terms.at_least_s = lanes->config.clock->at_least_s;
        return terms;
}

static void add_item(struct batch *batch, struct peer *peer, const struct store_state *state)
{
        batch->items[batch->n++] = (struct item){
                .peer = peer_ref(peer),
                .question = peer_question_ref(peer->question),
                .snap = snapshot_ref(state->snap),
                .store = state->handle,
                .generation = state->generation,
                .was_good = peer->was_good,
                .is_told = peer->is_told,
                .told_status = peer->status,
                .told_cause = peer->cause,
        };
}

/* Handles are never given again, so that the name is looked for only if its store is gone. */
static const struct store_state *find_store(const struct peer_lanes *lanes, struct peer *peer)
{
        const struct store_state *state = stores_at(lanes->config.stores, peer->store);

        if (state)
                return state;

        state = stores_find(lanes->config.stores, peer->question->in.store);
        peer->store = state ? state->handle : PEER_NO_STORE;
        return state;
}

/* Fills a batch from the queue of the lane at hand, as long as there is such a lane. */
static void fill(struct peer_lanes *lanes, struct batch *batch)
{
        struct peer *peer;

        while (lanes->at_hand && batch->n < PEER_LANES_BATCH && (peer = pop(lanes->at_hand))) {
                const struct store_state *state = find_store(lanes, peer);

                if (peer->watch && state && state->snap)
                        add_item(batch, peer, state);
                else if (peer->watch)
                        tell_unknown(lanes, peer, state);
                peer_unref(peer);
        }
}

static void put_back(struct peer_lane *lane, const struct batch *batch)
{
        for (size_t i = 0; i < batch->n; i++)
                peer_lanes_add(lane, batch->items[i].peer);
}

/* Return: 0, or a negative errno: all stay queued. */
static int begin(struct peer_lanes *lanes, struct peer_lane *lane)
{
        CLEANUP(batch_freep) struct batch *batch = malloc(sizeof(*batch));
        const struct executor *executor = lanes->config.executor;
        bool is_gone;
        int r;

        if (!batch)
                return -ENOMEM;

        batch->lane = NULL;
        batch->n = 0;
        batch->terms = make_terms(lanes);
        lanes->at_hand = lane;
        fill(lanes, batch);
        is_gone = !lanes->at_hand;
        lanes->at_hand = NULL;
        if (is_gone || batch->n == 0)
                return 0;

        r = executor->submit(executor->executor, lane->uid, on_run, on_done, batch);
        if (r) {
                put_back(lane, batch);
                return r;
        }

        batch->lane = lane;
        lane->batch = TAKE(batch);
        return 0;
}

static struct peer_lane *find_waiting(const struct peer_lanes *lanes)
{
        struct peer_lane *lane = lanes->first;

        while (lane && (lane->batch || !lane->first))
                lane = lane->next;
        return lane;
}

void peer_lanes_run(struct peer_lanes *lanes)
{
        struct peer_lane *lane;

        if (lanes->at_hand)
                return; /* from within: what called goes on */

        lanes->retry_s = INT64_MAX;
        while (lanes->retry_s == INT64_MAX && (lane = find_waiting(lanes)))
                if (begin(lanes, lane) < 0)
                        note_shortage(lanes);
}

int64_t peer_lanes_due_s(const struct peer_lanes *lanes)
{
        return lanes->retry_s;
}
