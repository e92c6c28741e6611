/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Blocked - what becomes of a store's blocks in a PKI folder, which knows none: a certificate of its
 * lists that is blocked can be left out; that a CA's client is blocked cannot be said.
 */

#include <stddef.h>
#include <stdio.h>

struct options;
struct uatrust_blocks;
struct uatrust_certificates;
struct uatrust_client;

struct blocked {
        struct uatrust_blocks *blocks;
        struct uatrust_certificates *certificates; /* of all lists */
};

/**
 * blocked_ask() - the agent
 * @out: blocked_deinit() it, also on failure; all zeros before
 *
 * Return: 0, or an exit code after a complaint.
 */
int blocked_ask(const struct options *options, struct uatrust_client *client, const char *store,
                struct blocked *out);

void blocked_deinit(struct blocked *blocked);

/** blocked_write() - for uatrust-own, items "blocked" with what is to be left out */
void blocked_write(FILE *file, const struct blocked *blocked);

/** blocked_count_lost() - blocks that leave nothing out */
size_t blocked_count_lost(const struct blocked *blocked);

/** blocked_warn() - of those, on stderr; nothing if there are none */
void blocked_warn(const struct blocked *blocked);
