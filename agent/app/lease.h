/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Lease - decides how long verdicts in hand may stand by the generation page (front/page): as long
 * as somebody is connected, all stores are settled, and this goes on being so. A lease is never
 * granted beyond MaxDoubt= from the moment at which everything was known to be settled.
 */

#include "proto/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lease;
struct log;
struct loop;

struct lease_config {
        struct loop *loop;
        const struct log *log;
        const char *path;     /* of the page */
        const char *agent_id; /* 32 hex digits */
        int64_t (*max_doubt_ms)(void *userdata);
        bool (*is_settled)(void *userdata); /* asks the kernel, too */
        void *userdata;
};

/** lease_new() - make the page; main thread; Return: 0, or a negative errno */
int lease_new(const struct lease_config *config, struct lease **out);

/** lease_free() - no verdict stands by the page any more; takes NULL; Return: NULL */
struct lease *lease_free(struct lease *lease);
DEFINE_CLEANUP(struct lease *, lease_free)

/** lease_set_connections() - so many clients are connected now; none: no lease, and no wake-ups */
void lease_set_connections(struct lease *lease, size_t n);

/** lease_set_generation() - a store's generation, before any other door tells it */
void lease_set_generation(struct lease *lease, const char *store, int64_t generation);

/** lease_end_store() - the store is gone */
void lease_end_store(struct lease *lease, const char *store);
