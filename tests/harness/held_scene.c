/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/held_scene.h"

#include "base/clock.h"
#include "client-lib/src/held.h"
#include "front/page.h"
#include "harness/test.h"
#include "harness/tree.h"

#include <stdlib.h>

void make_page(struct fixture *fixture, const char *agent, int64_t generation)
{
        assert_int_equal(page_writer_new(fixture->page, agent, &fixture->writer), 0);
        assert_int_equal(page_writer_set(fixture->writer, "default", generation), 0);
        page_writer_set_lease(fixture->writer, clock_monotonic_ns() + LEASE_NS);
}

int held_set_up(void **state)
{
        static struct fixture fixture;

        fixture = (struct fixture){ .tree = tree_new(), .held = held_new() };
        fixture.socket = tree_path(fixture.tree, "socket");
        fixture.page = tree_path(fixture.tree, "page");
        make_page(&fixture, AGENT, 7);
        schema_init(&message_validate_schema, &fixture.asked);
        fixture.certificate = (struct schema_bytes){ (uint8_t *)"foo", 3 };
        fixture.asked.certificates = &fixture.certificate;
        fixture.asked.n_certificates = 1;
        fixture.asked.purpose = (char *)"client";
        *state = &fixture;
        return 0;
}

int held_tear_down(void **state)
{
        struct fixture *fixture = *state;

        held_free(fixture->held);
        page_writer_free(fixture->writer);
        free(fixture->page);
        free(fixture->socket);
        tree_free(fixture->tree);
        return 0;
}
