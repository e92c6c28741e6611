/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Notices - what an administrator should hear of: warnings, certificates that were refused, audit
 * events. Whoever finds one hands it over here; subscribers are told on the loop thread, in the
 * order in which they came.
 *
 * Warnings stand until they are over: whoever begins to listen is first told those that stand. The
 * other two are told once and forgotten.
 */

#include "proto/compiler.h"
#include "service/service_call.h"

struct message_audit_event;
struct message_rejected;
struct message_warning;
struct notices;
struct notices_subscriber;
struct stores;

/* Warnings that stand at once; one beyond them is told once and forgotten. */
#define NOTICES_STANDING_MAX 1000

/* One of the three; the others are NULL. */
struct notice {
        const struct message_warning *warning;
        const struct message_rejected *rejected;
        const struct message_audit_event *audit;
};

/** notices_fn - @notice is borrowed; must not call the service but for what reads */
typedef void (*notices_fn)(const struct notice *notice, void *userdata);

/** notices_new() - Return: 0 or -ENOMEM */
int notices_new(struct notices **out);

/** notices_free() - nobody may be subscribed any more; takes NULL, returns NULL */
struct notices *notices_free(struct notices *notices);

/* -- from those who find them; messages are borrowed; not from inside a notices_fn --------------- */

/**
 * notices_warning() - a warning begins to stand, or is over
 * @warning: means the one before of the same store, kind, list and SHA-256, if there is one: with
 *           is_over it ends that, which is told once more as it stood (nothing if there is none);
 *           else it takes its place
 *
 * Return: 0, or -ENOMEM: nothing was told, say it again.
 */
int notices_warning(struct notices *notices, const struct message_warning *warning);

void notices_rejected(struct notices *notices, const struct message_rejected *rejected);
void notices_audit(struct notices *notices, const struct message_audit_event *event);

/* -- to those who listen ------------------------------------------------------------------------ */

/**
 * notices_subscribe() - be told every notice from now on, of every store
 * @out: notices_unsubscribe() it
 *
 * Return: 0 or -ENOMEM.
 */
int notices_subscribe(struct notices *notices, notices_fn fn, void *userdata,
                      struct notices_subscriber **out);

/** notices_unsubscribe() - takes NULL, returns NULL */
struct notices_subscriber *notices_unsubscribe(struct notices_subscriber *subscriber);

/** notices_count_standing() - warnings that stand now */
size_t notices_count_standing(const struct notices *notices);

/** notices_get_standing() - the one at @i, oldest first; borrowed until the next call of this module */
const struct message_warning *notices_get_standing(const struct notices *notices, size_t i);

/**
 * notices_call() - answer one MonitorNotices call
 *
 * While its reader is too slow (service_pause()) refusals and audit events are dropped and counted
 * in `missed`; warnings are never lost: what stands is told on resume, all of it anew if the end of
 * one was dropped.
 *
 * Return: what cancels it; NULL if it was refused.
 */
struct service_pending *notices_call(struct notices *notices, const struct stores *stores,
                                     const struct service_call *call);

DEFINE_CLEANUP(struct notices *, notices_free)
DEFINE_CLEANUP(struct notices_subscriber *, notices_unsubscribe)
