/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Weakenings - answers ListWeakenings: in one list all that makes checking on this host weaker than
 * the defaults, which are those of OPC 10000-4. What is stricter than these is not in it.
 */

#include "service/service_call.h"

struct log;
struct store_state;
struct stores;

/** weakenings_call() - of all stores that are ready, and that the caller may read */
void weakenings_call(const struct stores *stores, const struct service_call *call);

/** weakenings_log() - one line with all of a store that has a picture; nothing if there is none */
void weakenings_log(const struct log *log, const struct store_state *state);
