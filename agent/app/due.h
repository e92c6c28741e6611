/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Due - the host's clock for the service: calls it at the very second it waits for, and tells it
 * when the clock was set. Between these nothing wakes up.
 */

#include "proto/compiler.h"

struct clock_file;
struct due;
struct log;
struct loop;
struct service;

struct due_config {
        struct loop *loop;
        struct service *service;
        const struct log *log;
        struct clock_file *clock_file; /* keeps what the service learns of the time */
};

/**
 * due_new() - begin; @config is copied, what it points to outlives it; Return: 0, or a negative
 * errno
 */
int due_new(const struct due_config *config, struct due **out);

/** due_free() - takes NULL; Return: NULL */
struct due *due_free(struct due *due);
DEFINE_CLEANUP(struct due *, due_free)
