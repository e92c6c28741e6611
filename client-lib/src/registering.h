/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Registering - has the agent know the peers of a watch: in batches, one call at a time.
 */

#include <stdint.h>

struct uatrust_watch;

/** registering_begin() - the agent knows none of them */
void registering_begin(struct uatrust_watch *watch);

/** registering_go_on() - ask what is to be asked now, if nothing is under way */
void registering_go_on(struct uatrust_watch *watch);

/** registering_due_us() - when that is worth it, if nothing else happens */
uint64_t registering_due_us(const struct uatrust_watch *watch);
