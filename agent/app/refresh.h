/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Refresh - one look at a store's directories, as a job for a worker: take what the watch tells,
 * read what may have changed, say what did. Everything that may block is in here.
 */

#include "base/ref.h"
#include "proto/compiler.h"
#include "store/store.h"
#include "store/update.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct dirwatch;
struct large;
struct log;
struct picture;
struct settings;
struct sources;
struct work;

/*
 * Where the jobs of one store work. Name and sources are frozen; the watch is the running job's, and
 * nobody's else but for polling its descriptor.
 */
struct refresh_desk {
        struct ref ref;
        char *name;
        struct sources *sources;
        char *user;             /* who we are, by name; NULL: nobody knows */
        struct dirwatch *watch; /* NULL: not made yet, or refused by the kernel */
};

/** refresh_desk_new() - for the store @name, made of @sources; Return: 0 or -ENOMEM */
int refresh_desk_new(const char *name, const struct sources *sources, struct refresh_desk **out);

struct refresh_desk *refresh_desk_ref(struct refresh_desk *desk);
struct refresh_desk *refresh_desk_unref(struct refresh_desk *desk);
DEFINE_CLEANUP(struct refresh_desk *, refresh_desk_unref)

struct refresh {
        struct refresh_desk *desk;
        struct settings *settings;
        struct picture *picture;        /* what is known; NULL: nothing */
        bool is_all;                    /* look every path up again and read all directories */
        struct large *large;            /* loaded, or NULL; owned */
        bool is_recovering;             /* first see to what an interrupted update left */
        struct update_request *request; /* change the store's own folder in the same go; or NULL */

        /* what came out */
        int r;                      /* 0, or a negative errno: nothing changed, look at all again */
        struct store_result result; /* of r 0 */
        struct update_outcome outcome; /* of the request; but for its result, which is that above */
        bool is_updated;               /* outcome says how it ended, also where r is none of 0 */
        bool is_stuck;                 /* recovery is needed still, whatever r */
        struct recover_outcome recovered;
        bool has_more; /* the kernel has told of something in the store since it was looked at */
        bool is_blind; /* changes may go unnoticed */

        /* The kernel told of something in the store, which only this look knows; said as it runs. */
        atomic_bool has_news;
};

/** refresh_new() - an order for one look; what is given is referenced; Return: 0 or -ENOMEM */
int refresh_new(struct refresh_desk *desk, const struct settings *settings,
                const struct picture *picture, bool is_all, struct refresh **out);

/** refresh_free() - takes NULL; Return: NULL */
struct refresh *refresh_free(struct refresh *refresh);
DEFINE_CLEANUP(struct refresh *, refresh_free)

/**
 * refresh_drop() - free it in a job: with it goes what is no more, and ten thousand certificates,
 * or a large CRL, are a worker's to free
 */
void refresh_drop(struct refresh *refresh, struct work *work, uint64_t lane);

/** refresh_ask() - change the folder, too; takes a reference */
void refresh_ask(struct refresh *refresh, const struct update_request *request);

/** refresh_log() - what became of an interrupted update; @was_stuck: that it is stuck is no news */
void refresh_log(const struct refresh *refresh, bool was_stuck, const struct log *log);

/** refresh_run() - carry it out; any thread, one of a desk at a time */
void refresh_run(struct refresh *refresh);
