/* SPDX-License-Identifier: Apache-2.0 */
#include "service/feed.h"

#include "service/listeners.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

struct feed_subscriber {
        struct listener listener;
        feed_fn fn;
        void *userdata;
};

struct feed {
        struct listeners subscribers;
        uint64_t n_told;
};

int feed_new(struct feed **out)
{
        struct feed *feed = malloc(sizeof(*feed));

        if (!feed)
                return -ENOMEM;

        *feed = (struct feed){ .n_told = 0 };
        listeners_init(&feed->subscribers);
        *out = feed;
        return 0;
}

struct feed *feed_free(struct feed *feed)
{
        if (feed) {
                assert(!feed->subscribers.first);
                free(feed);
        }
        return NULL;
}

int feed_subscribe(struct feed *feed, feed_fn fn, void *userdata, struct feed_subscriber **out)
{
        struct feed_subscriber *subscriber = malloc(sizeof(*subscriber));

        if (!subscriber)
                return -ENOMEM;

        *subscriber = (struct feed_subscriber){ .fn = fn, .userdata = userdata };
        listeners_add(&feed->subscribers, &subscriber->listener);
        *out = subscriber;
        return 0;
}

struct feed_subscriber *feed_unsubscribe(struct feed_subscriber *subscriber)
{
        if (subscriber)
                listeners_remove(&subscriber->listener);
        free(subscriber);
        return NULL;
}

void feed_tell(struct feed *feed, size_t store, const struct message_event *event)
{
        struct listener *listener = listeners_first(&feed->subscribers);

        feed->n_told++;
        for (; listener; listener = listeners_next(&feed->subscribers)) {
                struct feed_subscriber *told =
                        CONTAINER_OF(listener, struct feed_subscriber, listener);

                told->fn(store, event, feed->n_told, told->userdata);
        }
}

size_t feed_count(const struct feed *feed)
{
        return feed->subscribers.n;
}
