/* SPDX-License-Identifier: Apache-2.0 */
#include "app/lease.h"

#include "base/clock.h"
#include "front/page.h"
#include "loop/timer.h"
#include "proto/page.h"
#include "service/catalog.h"

#include <errno.h>
#include <string.h>

#define NS_PER_MS INT64_C(1000000)

struct lease {
        struct lease_config config;
        struct page_writer *page;
        struct loop_timer *timer;
        size_t n_connections;
};

/* The moment is taken before the question: what happens after it is not in the answer. */
static void renew(struct lease *lease)
{
        int64_t max_ms = lease->config.max_doubt_ms(lease->config.userdata);
        int64_t now_ns = clock_monotonic_ns();

        if (max_ms > PAGE_LEASE_MS)
                max_ms = PAGE_LEASE_MS;
        if (lease->config.is_settled(lease->config.userdata))
                page_writer_set_lease(lease->page, now_ns + max_ms * NS_PER_MS);
}

static void on_renew(struct loop_timer *timer, void *userdata)
{
        renew(userdata);
        loop_timer_start(timer, PAGE_RENEW_MS);
}

int lease_new(const struct lease_config *config, struct lease **out)
{
        CLEANUP(lease_freep) struct lease *lease = calloc(1, sizeof(*lease));
        int r;

        if (!lease)
                return -ENOMEM;

        lease->config = *config;
        r = loop_timer_new(config->loop, on_renew, lease, &lease->timer);
        if (!r)
                r = page_writer_new(config->path, config->agent_id, &lease->page);
        if (r)
                return r;

        *out = TAKE(lease);
        return 0;
}

struct lease *lease_free(struct lease *lease)
{
        if (!lease)
                return NULL;

        loop_timer_free(lease->timer);
        page_writer_free(lease->page);
        free(lease);
        return NULL;
}

void lease_set_connections(struct lease *lease, size_t n)
{
        bool was_connected = lease->n_connections > 0;

        lease->n_connections = n;
        if (was_connected == (n > 0))
                return;

        if (n > 0) {
                on_renew(lease->timer, lease);
        } else {
                loop_timer_stop(lease->timer);
                page_writer_set_lease(lease->page, 0);
        }
}

void lease_set_generation(struct lease *lease, const char *store, int64_t generation)
{
        int r = page_writer_set(lease->page, store, generation);

        if (r)
                catalog_tell(lease->config.log, CATALOG_PAGE_FAILING, CATALOG_STORE(store),
                             "it is not on the page: %s", strerror(-r));
}

void lease_end_store(struct lease *lease, const char *store)
{
        page_writer_end(lease->page, store);
}
