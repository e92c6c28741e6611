/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Warnings - tells of what runs out, at the very second: engine/freshness says what it is and when
 * that changes next, service/notices tells it on. A store whose picture has changed is looked at
 * within a second, so that a storm of changes costs one look a second.
 *
 * It also learns from the CRLs that it sees what time it is at least.
 */

#include "proto/compiler.h"

#include <stddef.h>
#include <stdint.h>

struct host_clock;
struct log;
struct notices;
struct stores;
struct warnings;

/* Of one store at once; the rest is only in GetFreshness. CRLs come first. */
#define WARNINGS_STORE_MAX 200

/* Lines in the journal about one look at a store; the rest is one line. */
#define WARNINGS_LINES_MAX 20

#define WARNINGS_NEVER_S INT64_MAX

struct warnings_config {
        struct stores *stores; /* whose n_problems and soonest_s are kept here */
        struct notices *notices;
        struct host_clock *clock;
        const struct log *log;
};

/** warnings_new() - @config is copied, what it points to outlives it; Return: 0 or -ENOMEM */
int warnings_new(const struct warnings_config *config, struct warnings **out);

/** warnings_free() - takes NULL, returns NULL */
struct warnings *warnings_free(struct warnings *warnings);

/** warnings_add() - a store that has no picture yet; Return: 0 or -ENOMEM */
int warnings_add(struct warnings *warnings, size_t store);

/** warnings_note() - a store has another picture */
void warnings_note(struct warnings *warnings, size_t store);

/** warnings_note_step() - the clock was set */
void warnings_note_step(struct warnings *warnings);

/** warnings_forget() - a store is about to go: what stands about it is over */
void warnings_forget(struct warnings *warnings, size_t store);

/** warnings_due_s() - the first second at which warnings_run() has something to do */
int64_t warnings_due_s(const struct warnings *warnings);

/** warnings_run() - look at what is due; without memory, again a second later */
void warnings_run(struct warnings *warnings);

DEFINE_CLEANUP(struct warnings *, warnings_free)
