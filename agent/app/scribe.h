/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Scribe - writes down what a store has refused: takes it from the recorder when it is time, has it
 * written by a job in the store's lane, and tells the recorder how that went. What is new is
 * written at once, but at most each SCRIBE_NEW_MS; what is only counted each SCRIBE_COUNTS_MS. With
 * nothing to write it does not wake up.
 */

#include "proto/compiler.h"

#include <stddef.h>
#include <stdint.h>

#define SCRIBE_NEW_MS    1000
#define SCRIBE_COUNTS_MS (60 * 1000)

struct loop;
struct recorder;
struct scribe;
struct work;

struct scribe_config {
        struct loop *loop;
        struct work *work;
        uint64_t lane; /* of @work: the store's */
        struct recorder *recorder;
        size_t store;     /* its handle */
        const char *root; /* the store's own folder; copied */
};

/** scribe_new() - begin with a look at what is there; Return: 0 or -ENOMEM */
int scribe_new(const struct scribe_config *config, struct scribe **out);

/**
 * scribe_free() - what waits is still written, by a job that outlives this call; takes NULL; Return:
 * NULL
 */
struct scribe *scribe_free(struct scribe *scribe);
DEFINE_CLEANUP(struct scribe *, scribe_free)
