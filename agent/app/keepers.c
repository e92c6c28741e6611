/* SPDX-License-Identifier: Apache-2.0 */
#include "app/keepers.h"

#include "app/config.h"
#include "app/keeper.h"
#include "base/vec.h"
#include "store/sources.h"

#include <errno.h>
#include <string.h>

struct keepers {
        struct keeper_host *host;
        VEC(struct keeper *) keepers;
        uint64_t n_lanes; /* given so far */
};

int keepers_new(struct keeper_host *host, struct keepers **out)
{
        struct keepers *keepers = calloc(1, sizeof(*keepers));

        if (!keepers)
                return -ENOMEM;

        keepers->host = host;
        *out = keepers;
        return 0;
}

struct keepers *keepers_free(struct keepers *keepers)
{
        if (!keepers)
                return NULL;

        for (size_t i = 0; i < keepers->keepers.n; i++)
                keeper_free(keepers->keepers.items[i]);
        VEC_FREE(&keepers->keepers);
        free(keepers);
        return NULL;
}

static const struct config_store *find_store(const struct config *config,
                                             const struct keeper *keeper)
{
        for (size_t i = 0; i < config->stores.n; i++) {
                const struct config_store *store = &config->stores.items[i];

                if (!strcmp(store->name, keeper_get_name(keeper)) &&
                    sources_are_equal(store->sources, keeper_get_sources(keeper)))
                        return store;
        }

        return NULL;
}

static bool has_keeper(const struct keepers *keepers, const char *name)
{
        for (size_t i = 0; i < keepers->keepers.n; i++)
                if (!strcmp(keeper_get_name(keepers->keepers.items[i]), name))
                        return true;

        return false;
}

static int add(struct keepers *keepers, const struct config_store *store)
{
        struct keeper *keeper;
        int r;

        r = VEC_RESERVE(&keepers->keepers, 1);
        if (!r)
                r = keeper_new(keepers->host, store, keepers->n_lanes++, &keeper);
        if (r)
                return r;

        keepers->keepers.items[keepers->keepers.n++] = keeper;
        return 0;
}

int keepers_apply(struct keepers *keepers, const struct config *config)
{
        size_t n = keepers->keepers.n;
        int failed = 0, r = 0;

        keepers->keepers.n = 0;
        for (size_t i = 0; i < n; i++) {
                struct keeper *keeper = keepers->keepers.items[i];
                const struct config_store *store = find_store(config, keeper);

                if (store) {
                        keeper_set_settings(keeper, store->settings);
                        r = keeper_set_access(keeper, store->access);
                        failed = r ? r : failed;
                        keeper_set_recording(keeper, &store->recording);
                        keepers->keepers.items[keepers->keepers.n++] = keeper;
                } else {
                        keeper_free(keeper);
                }
        }

        for (size_t i = 0; i < config->stores.n; i++) {
                if (has_keeper(keepers, config->stores.items[i].name))
                        continue;
                r = add(keepers, &config->stores.items[i]);
                if (r)
                        failed = r;
        }

        return failed;
}

struct keeper *keepers_find(const struct keepers *keepers, size_t store)
{
        for (size_t i = 0; i < keepers->keepers.n; i++)
                if (keeper_get_store(keepers->keepers.items[i]) == store)
                        return keepers->keepers.items[i];

        return NULL;
}

void keepers_look_at_all(struct keepers *keepers)
{
        for (size_t i = 0; i < keepers->keepers.n; i++)
                keeper_look_at_all(keepers->keepers.items[i]);
}

size_t keepers_count(const struct keepers *keepers)
{
        return keepers->keepers.n;
}

size_t keepers_count_read(const struct keepers *keepers)
{
        size_t n = 0;

        for (size_t i = 0; i < keepers->keepers.n; i++)
                n += keeper_was_read(keepers->keepers.items[i]);

        return n;
}

bool keepers_are_settled(const struct keepers *keepers)
{
        for (size_t i = 0; i < keepers->keepers.n; i++)
                if (!keeper_is_settled(keepers->keepers.items[i]))
                        return false;

        return true;
}

bool keepers_are_current(const struct keepers *keepers)
{
        for (size_t i = 0; i < keepers->keepers.n; i++)
                if (!keeper_is_current(keepers->keepers.items[i]))
                        return false;

        return true;
}
