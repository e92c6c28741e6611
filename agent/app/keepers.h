/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Keepers - the keepers of all stores of a configuration, and how they become those of the next.
 */

#include "proto/compiler.h"

#include <stdbool.h>
#include <stddef.h>

struct config;
struct keeper;
struct keeper_host;
struct keepers;

/** keepers_new() - none yet; @host: outlives them; Return: 0 or -ENOMEM */
int keepers_new(struct keeper_host *host, struct keepers **out);

/** keepers_free() - takes NULL; Return: NULL */
struct keepers *keepers_free(struct keepers *keepers);
DEFINE_CLEANUP(struct keepers *, keepers_free)

/**
 * keepers_apply() - from now on the stores of @config
 *
 * A store that stays keeps its picture; changed settings are a new generation. One whose sources
 * are others is read anew.
 *
 * Return: 0, or a negative errno: some store could not be added or bound, all others are as they
 * shall be; to be tried again.
 */
int keepers_apply(struct keepers *keepers, const struct config *config);

/** keepers_find() - the keeper of the service's store of that handle; NULL: there is none */
struct keeper *keepers_find(const struct keepers *keepers, size_t store);

/** keepers_look_at_all() - see keeper_look_at_all() */
void keepers_look_at_all(struct keepers *keepers);

size_t keepers_count(const struct keepers *keepers);

/** keepers_count_read() - of how many the service has been told */
size_t keepers_count_read(const struct keepers *keepers);

/** keepers_are_settled() - see keeper_is_settled() */
bool keepers_are_settled(const struct keepers *keepers);

/** keepers_are_current() - see keeper_is_current() */
bool keepers_are_current(const struct keepers *keepers);
