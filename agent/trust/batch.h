/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Batch - some entries that are held together: one reference to it is one to each of them. Of ten
 * thousand entries of which one is new, all but one batch are the same ones as before, and none of
 * their entries is looked at. Frozen and shared between the generations of a store.
 */

#include "base/ref.h"
#include "proto/compiler.h"

#include <stddef.h>

struct entry;

struct batch {
        struct ref ref;
        size_t n;
        const struct entry *entries[]; /* any order, no one twice */
};

/**
 * batch_new() - hold @n entries
 * @entries: borrowed; the batch takes a reference of its own to each
 *
 * Return: 0 or -ENOMEM.
 */
int batch_new(const struct entry *const *entries, size_t n, struct batch **out);

/** batch_ref() - another reference to a frozen batch; any thread */
struct batch *batch_ref(const struct batch *batch);

/** batch_unref() - takes NULL, returns NULL */
struct batch *batch_unref(struct batch *batch);

DEFINE_CLEANUP(struct batch *, batch_unref)
