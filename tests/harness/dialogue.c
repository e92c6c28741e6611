/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/dialogue.h"

#include "harness/tree.h"

#include <uatrust/uatrust.h>

#include <stdlib.h>

void dialogue_init(struct dialogue *dialogue)
{
        *dialogue = (struct dialogue){ .tree = tree_new(), .client = uatrust_client_new() };
        dialogue->socket = tree_path(dialogue->tree, "socket");
        uatrust_client_set_socket(dialogue->client, dialogue->socket, NULL);
        uatrust_client_set_timeout(dialogue->client, 5000);
}

void dialogue_deinit(struct dialogue *dialogue)
{
        uatrust_client_free(dialogue->client);
        fake_agent_free(dialogue->agent);
        free(dialogue->socket);
        tree_free(dialogue->tree);
}

void dialogue_start(struct dialogue *dialogue, const struct fake_agent_row *rows, size_t n_rows)
{
        dialogue->agent = fake_agent_free(dialogue->agent);
        tree_remove(dialogue->tree, "socket");
        dialogue->agent = fake_agent_new(dialogue->socket, rows, n_rows);
}

int dialogue_set_up(void **state)
{
        static struct dialogue dialogue;

        dialogue_init(&dialogue);
        *state = &dialogue;
        return 0;
}

int dialogue_tear_down(void **state)
{
        dialogue_deinit(*state);
        return 0;
}
