/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Dialogues - a client of the library, and a fake agent at the socket that it asks.
 */

#include "harness/fake_agent.h"

#include <stddef.h>

struct dialogue {
        struct tree *tree; /* the socket's folder */
        char *socket;
        struct fake_agent *agent;      /* NULL: none listens yet */
        struct uatrust_client *client; /* waits 5 s for each answer */
};

void dialogue_init(struct dialogue *dialogue);

void dialogue_deinit(struct dialogue *dialogue);

/** dialogue_start() - have an agent listen by this script, in place of any other */
void dialogue_start(struct dialogue *dialogue, const struct fake_agent_row *rows, size_t n_rows);

/** dialogue_set_up(), dialogue_tear_down() - for cmocka: a dialogue is all that a test wants */
int dialogue_set_up(void **state);
int dialogue_tear_down(void **state);
