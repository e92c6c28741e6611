/* SPDX-License-Identifier: Apache-2.0 */
#include "service/feed.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

struct feed_subscriber {
        struct feed *feed;
        feed_fn fn;
        void *userdata;
        struct feed_subscriber *next, **at; /* at: what points here */
};

struct feed {
        struct feed_subscriber *first, **end;
        struct feed_subscriber *next_told; /* while telling: who comes next */
        size_t n;
};

int feed_new(struct feed **out)
{
        struct feed *feed = calloc(1, sizeof(*feed));

        if (!feed)
                return -ENOMEM;

        feed->end = &feed->first;
        *out = feed;
        return 0;
}

struct feed *feed_free(struct feed *feed)
{
        if (feed) {
                assert(!feed->first);
                free(feed);
        }
        return NULL;
}

int feed_subscribe(struct feed *feed, feed_fn fn, void *userdata, struct feed_subscriber **out)
{
        struct feed_subscriber *subscriber = malloc(sizeof(*subscriber));

        if (!subscriber)
                return -ENOMEM;

        *subscriber = (struct feed_subscriber){
                .feed = feed,
                .fn = fn,
                .userdata = userdata,
                .at = feed->end,
        };
        *feed->end = subscriber;
        feed->end = &subscriber->next;
        feed->n++;
        *out = subscriber;
        return 0;
}

struct feed_subscriber *feed_unsubscribe(struct feed_subscriber *subscriber)
{
        struct feed *feed;

        if (!subscriber)
                return NULL;

        feed = subscriber->feed;
        if (feed->next_told == subscriber)
                feed->next_told = subscriber->next;

        *subscriber->at = subscriber->next;
        if (subscriber->next)
                subscriber->next->at = subscriber->at;
        else
                feed->end = subscriber->at;

        feed->n--;
        free(subscriber);
        return NULL;
}

void feed_tell(struct feed *feed, size_t store, const struct message_event *event)
{
        struct feed_subscriber *subscriber = feed->first;

        assert(!feed->next_told);
        while (subscriber) {
                feed->next_told = subscriber->next;
                subscriber->fn(store, event, subscriber->userdata);
                subscriber = feed->next_told;
        }
}

size_t feed_count(const struct feed *feed)
{
        return feed->n;
}
