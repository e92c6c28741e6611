/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Feed - who is told when a store changed. The only callbacks of the service; they are called in
 * the order in which they came, on the loop thread, and a subscriber may leave from inside its own
 * call.
 */

#include "proto/compiler.h"

#include <stddef.h>
#include <stdint.h>

struct feed;
struct feed_subscriber;
struct message_event;

/**
 * feed_fn - a store changed; @event is borrowed
 * @number: of this telling, the same for all who hear it, never 0
 */
typedef void (*feed_fn)(size_t store, const struct message_event *event, uint64_t number,
                        void *userdata);

int feed_new(struct feed **out);

/** feed_free() - nobody may be subscribed any more */
struct feed *feed_free(struct feed *feed);

/** feed_subscribe() - @out: feed_unsubscribe() it; Return: 0 or -ENOMEM */
int feed_subscribe(struct feed *feed, feed_fn fn, void *userdata, struct feed_subscriber **out);

struct feed_subscriber *feed_unsubscribe(struct feed_subscriber *subscriber);

/** feed_tell() - tell everybody; not from inside a feed_fn */
void feed_tell(struct feed *feed, size_t store, const struct message_event *event);

/** feed_count() - how many are subscribed */
size_t feed_count(const struct feed *feed);

DEFINE_CLEANUP(struct feed *, feed_free)
DEFINE_CLEANUP(struct feed_subscriber *, feed_unsubscribe)
