/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Keeper - keeps one store in step with its directories: watch, refresh in a job, publish on the
 * loop, and know since when it is behind.
 *
 * A refresh begins as soon as the kernel tells of something; only under a storm does it wait
 * (app/storm.h). One job at a time has the watch and the picture; what comes meanwhile waits in the
 * kernel, and is a doubt if the job takes too long. Everything is looked at each KEEPER_SWEEP_MS, at
 * least each KEEPER_BLIND_SWEEP_MS where the kernel tells nothing, and soon after a failure.
 */

#include "proto/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KEEPER_SWEEP_MS       (60 * 1000)
#define KEEPER_BLIND_SWEEP_MS (5 * 1000)

struct access;
struct config_store;
struct keeper;
struct log;
struct loop;
struct service;
struct recorder_settings;
struct settings;
struct sources;
struct update_outcome;
struct update_request;
struct work;

/* What all keepers share; it outlives them. */
struct keeper_host {
        struct loop *loop;
        struct work *work;
        struct service *service;
        const struct log *log;
        int64_t max_doubt_ms; /* may be changed at any time */

        /* a store was read for the first time, or found to be unreadable */
        void (*on_read)(void *userdata);

        /* a store is no longer the service's */
        void (*on_gone)(const char *store, void *userdata);
        void *userdata;
};

/**
 * keeper_new() - add the store to the service and begin to read it
 * @store: its name is copied, the rest referenced
 * @lane:  of the host's work; another one for each keeper that there ever was
 *
 * Return: 0, -EEXIST (the service has a store of this name), or another negative errno.
 */
int keeper_new(const struct keeper_host *host, const struct config_store *store, uint64_t lane,
               struct keeper **out);

/**
 * keeper_free() - remove the store from the service; a job that runs ends by itself. Takes NULL;
 * Return: NULL
 */
struct keeper *keeper_free(struct keeper *keeper);
DEFINE_CLEANUP(struct keeper *, keeper_free)

const char *keeper_get_name(const struct keeper *keeper);
/** keeper_get_store() - its handle with the service */
size_t keeper_get_store(const struct keeper *keeper);
const struct sources *keeper_get_sources(const struct keeper *keeper);

/**
 * keeper_set_settings() - from now on these; where a verdict may differ, a new generation follows
 */
void keeper_set_settings(struct keeper *keeper, const struct settings *settings);

/** keeper_set_access() - from now on these may do what with it; Return: 0 or -ENOMEM: say it again */
int keeper_set_access(struct keeper *keeper, const struct access *access);

/** keeper_set_recording() - which refused certificates are kept from now on */
void keeper_set_recording(struct keeper *keeper, const struct recorder_settings *recording);

/** keeper_look_at_all() - look every path up again and read what changed */
void keeper_look_at_all(struct keeper *keeper);

/** keeper_was_read() - has the service been told how the store is? */
bool keeper_was_read(const struct keeper *keeper);

/**
 * keeper_is_settled() - is what is published all that the kernel has told until now? Asks the
 * kernel, too
 */
bool keeper_is_settled(const struct keeper *keeper);

/**
 * keeper_is_current() - is no question judged Good by what was there before the last
 * keeper_set_settings() and keeper_look_at_all()? So it is MaxDoubt= later at the latest
 */
bool keeper_is_current(const struct keeper *keeper);

/**
 * keeper_updated_fn - how an update ended; called exactly once
 * @outcome: borrowed for the call. What it says was published before, so that the service's
 *           generation of the store is the one in which it is in force: also where it is in force
 *           on disk and only a later refresh can read it back. NULL: it was not done, and @r says
 *           why
 * @r:       0; -ECANCELED: the store was removed; or another negative errno: the machine failed
 */
typedef void (*keeper_updated_fn)(const struct update_outcome *outcome, int r, void *userdata);

/**
 * keeper_update() - change the store's own folder, after what runs in its lane
 * @request: frozen from now on; the keeper takes a reference of its own
 * @done:    called on the loop thread, never before this returns
 *
 * Return: 0; -EBUSY: NAMES_UPDATES_WAITING_MAX are waiting; or -ENOMEM.
 */
int keeper_update(struct keeper *keeper, const struct update_request *request,
                  keeper_updated_fn done, void *userdata);
