/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Plants - a store with the PKI of harness/plant.py and a real agent for it, for tests of the
 * library. The files are read from the folder named by UATRUST_PLANT, the agent's program is
 * UATRUST_AGENT. Whatever fails stops the test.
 */

#include <stdbool.h>

struct plant {
        struct tree *tree;
        char *socket, *admin_socket;
        int pid; /* of the agent; 0: it does not run */
};

/**
 * plant_new() - laid out, and its agent is ready; the pump and the valve are good, the stranger is
 * not
 */
struct plant *plant_new(void);

/** plant_free() - end the agent too; takes NULL */
void plant_free(struct plant *plant);

/** plant_start() - an agent, which takes the place of one that runs; Return: when it is ready */
void plant_start(struct plant *plant);

/** plant_kill() - at once, without a word; its socket stays */
void plant_kill(struct plant *plant);

/** plant_signal() - such as SIGSTOP */
void plant_signal(const struct plant *plant, int number);

/** plant_revoke() - a new CRL lists the pump, or does no more */
void plant_revoke(struct plant *plant, bool is_revoked);

/** plant_request() - about pump, valve, stranger ... as a client; uatrust_request_free() it */
struct uatrust_request *plant_request(const char *name);
