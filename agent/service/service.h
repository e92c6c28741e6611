/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Service - the one core that every door calls. It holds the stores' current snapshots and their
 * generations, judges by the engine, remembers verdicts, says who may ask, and tells subscribers
 * what changed. All of it lives on the loop thread; a judgement that costs more than a millisecond
 * runs as a job of the executor on the snapshot that was current when it was asked, and is judged
 * anew if that is no longer the current one.
 *
 * A door does five things: accept, frame, decode, one service_call(), encode.
 */

#include "proto/compiler.h"
#include "service/access.h"
#include "service/feed.h"
#include "service/notices.h"
#include "service/service_call.h"
#include "service/service_config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct caller;
struct change;
struct message_event;
struct quota;
struct recorder;
struct service;
struct snapshot;

/**
 * service_new() - no stores yet; config's pointers must outlive the service; Return: 0 or -ENOMEM
 */
int service_new(const struct service_config *config, struct service **out);

/**
 * service_free() - takes NULL, returns NULL
 *
 * The doors are gone before: no call is pending and nobody is subscribed. Jobs may still be under
 * way.
 */
struct service *service_free(struct service *service);

/** service_agent_id() - as in every verdict */
const char *service_agent_id(const struct service *service);

/*
 * -- stores: called by app ----------------------------------------------------------------------
 */

/**
 * service_add_store() - a store that is not ready yet: questions wait for its first snapshot
 * @name:    [a-z0-9_]{1,63}; copied
 * @sources: paths of its folders, for people; NULL-terminated; copied
 * @out:     its handle, valid until service_remove_store() and never used again afterwards
 *
 * Return: 0, -EEXIST, or -ENOMEM.
 */
int service_add_store(struct service *service, const char *name, const char *const *sources,
                      size_t *out);

/**
 * service_set_access() - from now on these may do what with the store
 * @access: takes a reference of its own; NULL: no lists, as before the first call
 *
 * Where it is another than before, the store gets a new generation: kept replies and held verdicts
 * of those who lost a right do not stand any more, and their Monitor calls end with
 * PermissionDenied.
 *
 * Return: 0 or -ENOMEM: nothing has changed, say it again.
 */
int service_set_access(struct service *service, size_t store, const struct access *access);

/** service_remove_store() - questions that wait for it get NoSuchStore, subscribers a last event */
void service_remove_store(struct service *service, size_t store);

/**
 * service_publish() - the store's picture is now this one
 * @snap:   the service takes a reference of its own
 * @change: against the snapshot before; borrowed. Where it is no change of judgement, the
 *          generation stays
 *
 * The swap and the generation come first, then every subscriber is told, then those that waited are
 * answered.
 *
 * Return: 0 or -ENOMEM: the old snapshot stays in force, publish again.
 */
int service_publish(struct service *service, size_t store, const struct snapshot *snap,
                    const struct change *change);

/**
 * service_set_last_update() - when the lists of a store changed last, before its first picture
 * @at_s: seconds since 1970; later changes are seen
 */
void service_set_last_update(struct service *service, size_t store, int64_t at_s);

/**
 * service_set_not_ready() - the store cannot be read: every question about it is StoreNotReady
 * @reason: for people; copied. A later service_publish() makes it ready
 *
 * Return: 0 or -ENOMEM: nothing has changed, say it again.
 */
int service_set_not_ready(struct service *service, size_t store, const char *reason);

/**
 * service_set_doubt() - a change is seen but could not be read for longer than MaxDoubt=
 * @reason: for people; copied; NULL: the doubt is over
 *
 * While it lasts, what would be Good is StoreInDoubt. Said of a store that is not ready it means
 * nothing.
 */
void service_set_doubt(struct service *service, size_t store, const char *reason);

/**
 * service_clock_stepped() - the host's clock was set: every store gets a new generation
 *
 * Return: 0 or -ENOMEM: some stores have not got theirs, say it again.
 */
int service_clock_stepped(struct service *service);

/** service_at_least_s() - it is not earlier, whatever the clock says; worth keeping over a restart */
int64_t service_at_least_s(const struct service *service);

/**
 * service_tick() - end the waiting of those whose NAMES_STORE_WAIT_MS are over, and forget updates
 * in parts that nobody uses
 *
 * To be called once a second while some store was neither published nor set not ready since it was
 * added, and after lane.tick().
 *
 * Return: is such an update still open? Then it is to be called again.
 */
bool service_tick(struct service *service);

/**
 * service_due_s() - the second of the host's clock at which to call service_run_due(), which a
 * call, an event or the end of a job may bring nearer; INT64_MAX: none. O(stores)
 */
int64_t service_due_s(const struct service *service);

/**
 * service_run_due() - do what only time brings about: what has run out is told, verdicts of watched
 * peers end, folded events are told
 */
void service_run_due(struct service *service);

/*
 * -- calls: made by doors -----------------------------------------------------------------------
 */

/** service_quota() - how much each caller has; for the doors, which count connections in it */
struct quota *service_quota(struct service *service);

/**
 * service_decide() - may the caller make this call? service_call() judges by the same
 * @call: reply and userdata are not looked at
 *
 * On ACCESS_ASK the door asks polkit, and on its yes makes the call with is_authorized.
 */
enum access_decision service_decide(const struct service *service, const struct service_call *call);

/**
 * service_call() - answer a question
 * @call: borrowed
 *
 * A caller who may not is answered PermissionDenied.
 *
 * Return: NULL if the last reply was given before this returned; else a handle for
 * service_cancel(), which ends by itself with the last reply.
 */
struct service_pending *service_call(struct service *service, const struct service_call *call);

/**
 * service_stamp_holds() - may a reply with this stamp be given once more? O(1), reads the clock
 * once
 */
bool service_stamp_holds(const struct service *service, const struct service_stamp *stamp);

/**
 * service_note_kept() - a door gives a reply with this stamp, which holds, once more to @caller
 *
 * To be called once each: those who keep account of answers count it. See service/answers.h
 */
void service_note_kept(const struct service *service, const struct service_stamp *stamp,
                       const struct caller *caller);

/** service_set_connections() - there are so many now, to the sockets: for the statistics */
void service_set_connections(struct service *service, size_t n);

/** service_shown_fn - what ListStores says of a store has changed, without a generation */
typedef void (*service_shown_fn)(const char *store, void *userdata);

/** service_on_shown() - be told of it, in place of who was told before; @fn: NULL: nobody is */
void service_on_shown(struct service *service, service_shown_fn fn, void *userdata);

/*
 * -- news: for doors that announce to everybody -------------------------------------------------
 */

/**
 * service_subscribe() - be told every event of every store, with the rights of the agent itself
 * @fn:  must not call the service but for what reads
 * @out: feed_unsubscribe() it before service_free()
 *
 * Subscribers are told in the order in which they came; the first to come is the generation page.
 * Return: 0 or -ENOMEM.
 */
int service_subscribe(struct service *service, feed_fn fn, void *userdata,
                      struct feed_subscriber **out);

/**
 * service_notices() - warnings, refusals, audit events: to be told of them, with the rights of the
 * agent itself, or to tell them; notices_unsubscribe() before service_free()
 */
struct notices *service_notices(struct service *service);

/** service_recorder() - what is refused and to be recorded; for who writes it, see its header */
struct recorder *service_recorder(struct service *service);

DEFINE_CLEANUP(struct service *, service_free)
