/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Held scenes - verdicts that the library holds by a generation page. */

#include "proto/message.h"

#define AGENT       "0123456789abcdef0123456789abcdef"
#define OTHER_AGENT "f123456789abcdef0123456789abcdef"
#define LEASE_NS    INT64_C(100000000000)

/* A page with the store default at generation 7, who holds verdicts by it, and a question. */
struct fixture {
        struct tree *tree;
        char *socket, *page;
        struct page_writer *writer;
        struct held *held;
        struct schema_bytes certificate;
        struct message_validate asked;
};

/* A new one in the place of the page. */
void make_page(struct fixture *fixture, const char *agent, int64_t generation);

/* For cmocka: the state is a struct fixture. */
int held_set_up(void **state);
int held_tear_down(void **state);
