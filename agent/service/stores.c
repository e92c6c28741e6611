/* SPDX-License-Identifier: Apache-2.0 */
#include "service/stores.h"

#include "engine/freshness.h"
#include "proto/names.h"
#include "service/access.h"
#include "trust/snapshot.h"

#include <errno.h>
#include <string.h>

static struct store_state *state_free(struct store_state *state)
{
        if (!state)
                return NULL;

        for (size_t i = 0; i < state->n_sources; i++)
                free(state->sources[i]);
        free(state->sources);
        free(state->name);
        free(state->reason);
        snapshot_unref(state->snap);
        access_unref(state->access);
        free(state);
        return NULL;
}

DEFINE_CLEANUP(struct store_state *, state_free)

void stores_deinit(struct stores *stores)
{
        for (size_t i = 0; i < stores->states.n; i++)
                state_free(stores->states.items[i]);
        VEC_FREE(&stores->states);
}

static int copy_sources(struct store_state *state, const char *const *sources)
{
        size_t n = 0;

        while (sources[n])
                n++;

        state->sources = calloc(n + 1, sizeof(*state->sources));
        if (!state->sources)
                return -ENOMEM;

        for (; state->n_sources < n; state->n_sources++) {
                state->sources[state->n_sources] = strdup(sources[state->n_sources]);
                if (!state->sources[state->n_sources])
                        return -ENOMEM;
        }
        return 0;
}

int stores_add(struct stores *stores, const char *name, const char *const *sources, size_t *out)
{
        CLEANUP(state_freep) struct store_state *state = NULL;
        int r;

        if (stores_find(stores, name))
                return -EEXIST;

        state = calloc(1, sizeof(*state));
        if (!state)
                return -ENOMEM;

        state->name = strdup(name);
        if (!state->name)
                return -ENOMEM;

        r = copy_sources(state, sources);
        if (r)
                return r;

        state->handle = stores->n_given;
        state->last_update_s = FRESHNESS_UNKNOWN_S;
        state->soonest_s = FRESHNESS_UNKNOWN_S;
        state->generation = stores->generation_floor;
        r = VEC_PUSH(&stores->states, state);
        if (r)
                return r;

        stores->n_given++;
        *out = TAKE(state)->handle;
        return 0;
}

static size_t find_index(const struct stores *stores, size_t handle)
{
        size_t i = 0;

        while (i < stores->states.n && stores->states.items[i]->handle != handle)
                i++;
        return i;
}

bool stores_remove(struct stores *stores, size_t handle)
{
        size_t i = find_index(stores, handle);
        struct store_state **at = stores->states.items + i;

        if (i == stores->states.n)
                return false;

        if ((*at)->generation > stores->generation_floor)
                stores->generation_floor = (*at)->generation;
        state_free(*at);
        stores->states.n--;
        memmove(at, at + 1, (stores->states.n - i) * sizeof(*at));
        return true;
}

void stores_set_reason(struct store_state *state, const char *reason)
{
        free(state->reason);
        state->reason = reason ? strdup(reason) : NULL;
}

int stores_get_hash(struct store_state *state, const uint8_t **out)
{
        int r = 0;

        if (state->hash_generation != state->generation)
                r = snapshot_hash(state->snap, state->hash);
        if (r)
                return r;

        state->hash_generation = state->generation;
        *out = state->hash;
        return 0;
}

struct store_state *stores_at(const struct stores *stores, size_t handle)
{
        size_t i = find_index(stores, handle);

        return i < stores->states.n ? stores->states.items[i] : NULL;
}

struct store_state *stores_find(const struct stores *stores, const char *name)
{
        if (!name)
                name = NAMES_DEFAULT_STORE;

        for (size_t i = 0; i < stores->states.n; i++)
                if (strcmp(stores->states.items[i]->name, name) == 0)
                        return stores->states.items[i];
        return NULL;
}
