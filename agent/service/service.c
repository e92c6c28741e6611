/* SPDX-License-Identifier: Apache-2.0 */
#include "service/service.h"

#include "base/clock.h"
#include "base/log.h"
#include "proto/names.h"
#include "service/admin.h"
#include "service/aging.h"
#include "service/answers.h"
#include "service/audit.h"
#include "service/blocks.h"
#include "service/caller.h"
#include "service/catalog.h"
#include "service/feed.h"
#include "service/history.h"
#include "service/host_clock.h"
#include "service/judge.h"
#include "service/lists.h"
#include "service/lookup.h"
#include "service/monitor.h"
#include "service/parts.h"
#include "service/peers.h"
#include "service/quota.h"
#include "service/reading.h"
#include "service/recorder.h"
#include "service/rejections.h"
#include "service/report.h"
#include "service/rights.h"
#include "service/statistics.h"
#include "service/stores.h"
#include "service/tally.h"
#include "service/troubles.h"
#include "service/waiting.h"
#include "service/warnings.h"
#include "service/weakenings.h"
#include "trust/change.h"
#include "trust/snapshot.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct service {
        struct service_config config;
        struct parts parts;
        service_shown_fn shown_fn;
        void *shown_userdata;
        size_t n_own_subscribers; /* of service_subscribe() */
};

/*
 * -- life ---------------------------------------------------------------------------------------
 */

static struct service_pending *ask_after_wait(const struct service_call *call, size_t store,
                                              const char *reason, void *userdata);

int service_new(const struct service_config *config, struct service **out)
{
        CLEANUP(service_freep) struct service *service = calloc(1, sizeof(*service));
        int r;

        if (!service)
                return -ENOMEM;

        service->config = *config;
        r = parts_init(&service->parts, &service->config, ask_after_wait, service);
        if (r)
                return r;

        *out = TAKE(service);
        return 0;
}

struct service *service_free(struct service *service)
{
        if (!service)
                return NULL;

        parts_deinit(&service->parts);
        free(service);
        return NULL;
}

const char *service_agent_id(const struct service *service)
{
        return service->parts.agent_id;
}

bool service_tick(struct service *service)
{
        waiting_tick(service->parts.waiting, clock_monotonic_ns());
        return admin_tick(service->parts.admin);
}

int64_t service_due_s(const struct service *service)
{
        int64_t due_s = warnings_due_s(service->parts.warnings);
        int64_t peers_s = peers_due_s(service->parts.peers),
                audit_s = audit_due_s(service->parts.audit);

        due_s = peers_s < due_s ? peers_s : due_s;
        return audit_s < due_s ? audit_s : due_s;
}

void service_run_due(struct service *service)
{
        peers_run_due(service->parts.peers);
        warnings_run(service->parts.warnings);
        audit_run_due(service->parts.audit);
}

int64_t service_at_least_s(const struct service *service)
{
        return service->parts.clock.at_least_s;
}

void service_set_connections(struct service *service, size_t n)
{
        service->parts.tally.connections = (int64_t)n;
}

struct quota *service_quota(struct service *service)
{
        return service->parts.quota;
}

/*
 * -- stores -------------------------------------------------------------------------------------
 */

int service_add_store(struct service *service, const char *name, const char *const *sources,
                      size_t *out)
{
        int r = stores_add(&service->parts.stores, name, sources, out);

        if (r)
                return r;

        r = warnings_add(service->parts.warnings, *out);
        if (r)
                stores_remove(&service->parts.stores, *out);
        return r;
}

/*
 * A new generation: the swap first, then everybody is told. Verdicts of the old one are no longer
 * found, since the generation is part of their key. Return: 0, or -ENOMEM, in which case nothing
 * has changed.
 */
static int begin_generation(struct service *service, struct store_state *state,
                            const struct snapshot *snap, const struct change *change)
{
        struct snapshot *before;
        struct message_event event;
        int r;

        state->generation++;
        service->parts.tally.generations++;
        r = report_event(NAMES_EVENT_CHANGED, state, service->parts.agent_id, change, &event);
        if (r) {
                state->generation--;
                schema_deinit(&message_event_schema, &event);
                return r;
        }

        before = state->snap;
        state->snap = snap ? snapshot_ref(snap) : NULL;
        judge_forget(service->parts.judge, state);
        history_note(service->parts.history, state->handle, &event);
        feed_tell(service->parts.feed, state->handle, &event);
        schema_deinit(&message_event_schema, &event);
        if (snap)
                peers_note(service->parts.peers, state->handle, before, change);
        snapshot_unref(before);
        return 0;
}

/* The first picture is no update: when its lists were is told by who read them. */
static void note_update(const struct service *service, struct store_state *state,
                        const struct change *change)
{
        if (state->was_read && change->added.n + change->removed.n > 0)
                state->last_update_s = service->parts.clock.now_s();
        state->was_read = true;
}

void service_set_last_update(struct service *service, size_t store, int64_t at_s)
{
        stores_at(&service->parts.stores, store)->last_update_s = at_s;
}

int service_publish(struct service *service, size_t store, const struct snapshot *snap,
                    const struct change *change)
{
        struct store_state *state = stores_at(&service->parts.stores, store);
        bool has_new_settings = !state->snap || state->snap->settings != snap->settings;
        int r;

        if (change->has_rejected_changed)
                recorder_look(service->parts.recorder, store);
        if (state->snap && !change->is_generation) {
                snapshot_unref(state->snap);
                state->snap = snapshot_ref(snap);
                warnings_note(service->parts.warnings, store);
                if (service->shown_fn)
                        service->shown_fn(state->name, service->shown_userdata);
                return 0;
        }

        r = begin_generation(service, state, snap, change);
        if (r)
                return r;

        note_update(service, state, change);
        warnings_note(service->parts.warnings, store);

        if (state->is_unreadable)
                stores_set_reason(state, NULL);
        state->is_unreadable = false;
        log_info(service->config.log, "store %s: generation %" PRId64, state->name,
                 state->generation);
        if (has_new_settings)
                weakenings_log(service->config.log, state);
        troubles_log(service->config.log, state->name, snap, change);
        waiting_end(service->parts.waiting, store, NULL);
        return 0;
}

int service_set_not_ready(struct service *service, size_t store, const char *reason)
{
        struct store_state *state = stores_at(&service->parts.stores, store);
        int r = 0;

        if (!state->is_unreadable)
                catalog_tell(service->config.log, CATALOG_STORE_NOT_READY,
                             &(struct catalog_about){ .store = state->name, .reason = reason },
                             "%s", reason);
        if (state->snap)
                r = begin_generation(service, state, NULL, NULL);
        if (r)
                return r;

        state->is_unreadable = true;
        state->is_in_doubt = false;
        stores_set_reason(state, reason);
        peers_note(service->parts.peers, store, NULL, NULL);
        waiting_end(service->parts.waiting, store, reason);
        return 0;
}

void service_set_doubt(struct service *service, size_t store, const char *reason)
{
        struct store_state *state = stores_at(&service->parts.stores, store);
        bool has_changed;

        if (!state->snap)
                return;
        if (reason && !state->is_in_doubt)
                catalog_tell(service->config.log, CATALOG_STORE_IN_DOUBT,
                             &(struct catalog_about){ .store = state->name, .reason = reason },
                             "%s", reason);

        has_changed = state->is_in_doubt != (reason != NULL);
        state->is_in_doubt = reason != NULL;
        stores_set_reason(state, reason);
        if (has_changed)
                peers_note(service->parts.peers, store, NULL, NULL);
}

/*
 * Lists first: who is told of the new generation is judged by them. A store that nobody was told of
 * yet has no generation to renew.
 */
int service_set_access(struct service *service, size_t store, const struct access *access)
{
        struct store_state *state = stores_at(&service->parts.stores, store);
        struct access *before = state->access;
        int r = 0;

        if (access_is_equal(before, access))
                return 0;

        state->access = access ? access_ref(access) : NULL;
        if (state->snap || state->is_unreadable)
                r = begin_generation(service, state, state->snap, NULL);
        if (r) {
                access_unref(state->access);
                state->access = before;
                return r;
        }

        access_unref(before);
        return 0;
}

int service_clock_stepped(struct service *service)
{
        warnings_note_step(service->parts.warnings);
        for (size_t i = 0; i < service->parts.stores.states.n; i++) {
                struct store_state *state = service->parts.stores.states.items[i];
                int r;

                if (!state->snap)
                        continue;
                r = begin_generation(service, state, state->snap, NULL);
                if (r)
                        return r;
        }
        return 0;
}

/*
 * The store is out of the table before its last event is told: who looks for it then does not find
 * it.
 */
void service_remove_store(struct service *service, size_t store)
{
        struct store_state *state = stores_at(&service->parts.stores, store);
        struct message_event event;
        int r;

        state->generation++;
        r = report_event(NAMES_EVENT_CHANGED, state, service->parts.agent_id, NULL, &event);
        judge_forget(service->parts.judge, state);
        warnings_forget(service->parts.warnings, store);
        history_forget(service->parts.history, store);
        stores_remove(&service->parts.stores, store);
        if (!r)
                feed_tell(service->parts.feed, store, &event);
        peers_note(service->parts.peers, store, NULL, NULL);
        schema_deinit(&message_event_schema, &event);
        waiting_end(service->parts.waiting, store, NULL);
}

/*
 * -- calls --------------------------------------------------------------------------------------
 */

static void tell_statistics(const struct service *service, const struct service_call *call)
{
        const struct statistics_others others = {
                .agent_id = service->parts.agent_id,
                .subscribers =
                        (int64_t)(feed_count(service->parts.feed) - service->n_own_subscribers),
                .watched_peers = (int64_t)peers_count(service->parts.peers),
                .rejected_records = recorder_count_written(service->parts.recorder),
                .audit_events = audit_count(service->parts.audit),
        };

        statistics_call(&service->parts.tally, &others, call);
}

/*
 * Put to whoever answers it. @state: with a snapshot; NULL for a method that is about no single
 * store.
 */
static struct service_pending *ask(struct service *service, const struct store_state *state,
                                   const struct service_call *call)
{
        if (message_get_method(call->method)->flags & SCHEMA_METHOD_ADMIN)
                return admin_call(service->parts.admin, state, call);

        switch (call->method) {
        case MESSAGE_VALIDATE:
                return lookup_validate(service->parts.judge, state, call);
        case MESSAGE_MONITOR:
                return monitor_call(service->parts.feed, &service->parts.stores,
                                    service->parts.agent_id, call);
        case MESSAGE_CHANGES:
                history_call(service->parts.history, state, service->parts.agent_id, call);
                return NULL;
        case MESSAGE_MONITOR_NOTICES:
                return notices_call(service->parts.notices, &service->parts.stores, call);
        case MESSAGE_WATCH_PEERS:
                return peers_watch(service->parts.peers, call);
        case MESSAGE_REGISTER_PEERS:
                return peers_register(service->parts.peers, call);
        case MESSAGE_UNREGISTER_PEERS:
                peers_unregister(service->parts.peers, call);
                return NULL;
        case MESSAGE_LIST_STORES:
                lists_stores(&service->parts.stores, service->parts.agent_id, call);
                return NULL;
        case MESSAGE_LIST_CERTIFICATES:
                lists_certificates(state, service->parts.agent_id, call);
                return NULL;
        case MESSAGE_GET_CERTIFICATE:
                lookup_certificate(state, service->parts.agent_id, call);
                return NULL;
        case MESSAGE_LIST_BLOCKS:
                blocks_list(state, service->parts.agent_id, call);
                return NULL;
        case MESSAGE_READ_TRUST_LIST:
        case MESSAGE_READ_CRL:
                return reading_call(service->parts.reading, state, call);
        case MESSAGE_LIST_REJECTED:
                rejections_list(service->parts.recorder, state, call);
                return NULL;
        case MESSAGE_LIST_CRLS:
                lists_crls(state, service->parts.agent_id,
                           host_clock_later_s(&service->parts.clock), call);
                return NULL;
        case MESSAGE_GET_FRESHNESS:
                aging_call(state, service->parts.agent_id, &service->parts.clock, call);
                return NULL;
        case MESSAGE_LIST_WEAKENINGS:
                weakenings_call(&service->parts.stores, call);
                return NULL;
        case MESSAGE_STATISTICS:
                tell_statistics(service, call);
                return NULL;
        default:
                service_call_refuse(call, STATUS_E_METHOD_NOT_IMPLEMENTED,
                                    message_get_method(call->method)->name, NULL);
                return NULL;
        }
}

/* What goes on with an update in parts is decided by the store for which that was begun. */
static enum access_decision decide(const struct service *service, const struct service_call *call)
{
        const char *name = admin_find_store(service->parts.admin, call);
        const struct store_state *state = name ? stores_find(&service->parts.stores, name) : NULL;

        return state ? access_decide(call->caller, message_get_method(call->method)->flags,
                                     state->access)
                     : rights_decide(&service->parts.stores, call);
}

static bool is_allowed(const struct service *service, const struct service_call *call)
{
        enum access_decision decision = decide(service, call);

        return decision == ACCESS_ALLOW || (decision == ACCESS_ASK && call->is_authorized);
}

/* The store that the call waited for is there now, or will not be. */
static struct service_pending *ask_after_wait(const struct service_call *call, size_t store,
                                              const char *reason, void *userdata)
{
        struct service *service = userdata;
        const struct store_state *state = stores_at(&service->parts.stores, store);

        if (state && state->snap && is_allowed(service, call))
                return ask(service, state, call);

        if (!state)
                service_call_refuse(call, STATUS_E_NO_SUCH_STORE, NULL, NULL);
        else if (!is_allowed(service, call))
                service_call_refuse(call, STATUS_E_PERMISSION_DENIED, NULL, NULL);
        else
                service_call_refuse(call, STATUS_E_STORE_NOT_READY, state->name, reason);
        return NULL;
}

enum access_decision service_decide(const struct service *service, const struct service_call *call)
{
        return decide(service, call);
}

static struct service_pending *find_and_ask(struct service *service,
                                            const struct service_call *call)
{
        const struct store_state *state;
        const char *name;

        if ((message_get_method(call->method)->flags & SCHEMA_METHOD_MORE) && !call->wants_more) {
                service_call_refuse(call, STATUS_E_EXPECTED_MORE, NULL, NULL);
                return NULL;
        }
        if (!is_allowed(service, call)) {
                service_call_refuse(call, STATUS_E_PERMISSION_DENIED, NULL, NULL);
                return NULL;
        }
        if (!rights_find_store_name(call, &name))
                return ask(service, NULL, call);

        state = stores_find(&service->parts.stores, name);
        if (!state) {
                service_call_refuse(call, STATUS_E_NO_SUCH_STORE, name ? name : NAMES_DEFAULT_STORE,
                                    NULL);
                return NULL;
        }
        if (state->snap)
                return ask(service, state, call);
        if (!state->is_unreadable)
                return waiting_add(service->parts.waiting, state->handle, call);

        service_call_refuse(call, STATUS_E_STORE_NOT_READY, state->name, state->reason);
        return NULL;
}

struct service_pending *service_call(struct service *service, const struct service_call *call)
{
        struct service_call counted = *call;

        counted.tally = &service->parts.tally;
        counted.begun_ns = clock_monotonic_ns();
        tally_request(&service->parts.tally, call->method);
        return find_and_ask(service, &counted);
}

bool service_stamp_holds(const struct service *service, const struct service_stamp *stamp)
{
        const struct store_state *state;

        if (!stamp->is_keepable)
                return false;

        state = stores_at(&service->parts.stores, stamp->store);
        return state && state->snap && !state->is_in_doubt &&
               state->generation == stamp->generation &&
               service->parts.clock.now_s() < stamp->valid_until_s;
}

void service_note_kept(const struct service *service, const struct service_stamp *stamp,
                       const struct caller *caller)
{
        answers_tell(&service->parts.answers,
                     &(struct answers_item){
                             .how = ANSWERS_KEPT,
                             .state = stores_at(&service->parts.stores, stamp->store),
                             .caller = caller,
                     });
}

void service_on_shown(struct service *service, service_shown_fn fn, void *userdata)
{
        service->shown_fn = fn;
        service->shown_userdata = userdata;
}

/*
 * -- news ---------------------------------------------------------------------------------------
 */

int service_subscribe(struct service *service, feed_fn fn, void *userdata,
                      struct feed_subscriber **out)
{
        int r = feed_subscribe(service->parts.feed, fn, userdata, out);

        service->n_own_subscribers += r == 0;
        return r;
}

struct notices *service_notices(struct service *service)
{
        return service->parts.notices;
}

struct recorder *service_recorder(struct service *service)
{
        return service->parts.recorder;
}
