/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Due - the host's clock for the service: calls it at the very second it waits for, and tells it
 * when the clock was set. Between these nothing wakes up.
 */

#include "proto/compiler.h"

struct due;
struct log;
struct loop;
struct service;

/** due_new() - begin; all three outlive it; Return: 0, or a negative errno */
int due_new(struct loop *loop, struct service *service, const struct log *log, struct due **out);

/** due_free() - takes NULL; Return: NULL */
struct due *due_free(struct due *due);
DEFINE_CLEANUP(struct due *, due_free)
