/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Lane - how the service has a store's own folder changed, and learns where its files lie, without
 * knowing who keeps the store. App gives it one; all of it is called on the loop thread.
 */

#include <stddef.h>

struct sources;
struct update_outcome;
struct update_request;

/**
 * lane_updated_fn - how an update ended; called exactly once for each that was taken
 * @outcome: borrowed for the call; what it says was published before. NULL: it was not done, and @r
 *           says why
 * @r:       0; -ECANCELED: the store was removed; or another negative errno: the machine failed
 */
typedef void (*lane_updated_fn)(const struct update_outcome *outcome, int r, void *userdata);

/**
 * lane_reloaded_fn - how a reload ended; called exactly once for each that was taken
 * @fault: what is wrong with the configuration, of which the former stays in force; borrowed; NULL:
 *         it was reloaded
 */
typedef void (*lane_reloaded_fn)(const char *fault, void *userdata);

struct lane {
        /**
         * update() - change the store's own folder, after what runs in its lane
         * @store:   its handle
         * @request: frozen from now on; referenced where it must last
         *
         * @done is never called before this returns. Return: 0; -EBUSY: too many wait; -ENOENT:
         * nobody keeps that store; or -ENOMEM. In all but 0, @done will not be called. NULL: there
         * are no updates.
         */
        int (*update)(void *app, size_t store, const struct update_request *request,
                      lane_updated_fn done, void *userdata);

        /**
         * get_sources() - the folders that the store is read from now; frozen, to be referenced by
         * who keeps them; NULL: nobody keeps that store
         */
        const struct sources *(*get_sources)(void *app, size_t store);

        /**
         * reload() - read the configuration anew, all or nothing, and look at all directories. It has
         * ended when no question is judged Good by what was there before
         *
         * @done is never called before this returns. Return: 0; -EBUSY: one is on its way.
         */
        int (*reload)(void *app, lane_reloaded_fn done, void *userdata);

        /** tick() - call service_tick() once a second from now on, until it says that nothing waits */
        void (*tick)(void *app);

        void *app;
};
