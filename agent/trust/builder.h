/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Builder - makes a snapshot from entries and settings. Used once, by one thread, in a job:
 * sorting the indices of 10,000 certificates and verifying new CRLs takes longer than the loop may
 * wait.
 */

#include "proto/compiler.h"

#include <stddef.h>
#include <stdint.h>

struct batch;
struct builder;
struct entry;
struct name;
struct settings;
struct snapshot;

/** builder_new() - @settings: the builder takes a reference of its own; Return: 0 or -ENOMEM */
int builder_new(const struct settings *settings, struct builder **out);

struct builder *builder_free(struct builder *builder);

/** builder_add() - one more entry; takes a reference of its own; any order; Return: 0 or -ENOMEM */
int builder_add(struct builder *builder, const struct entry *entry);

/**
 * builder_add_batch() - all its entries; takes a reference of its own; any order
 *
 * Where the base has the same batch, its entries cost nothing. No entry is to be in two batches.
 *
 * Return: 0 or -ENOMEM.
 */
int builder_add_batch(struct builder *builder, const struct batch *batch);

/**
 * builder_follow() - what is built comes after @base, and most entries are the same
 * @base: borrowed until builder_build()
 *
 * The outcome is the same without it; with it, what stayed is not sorted again.
 */
void builder_follow(struct builder *builder, const struct snapshot *base);

/**
 * builder_build() - sort, index, find the signer of every CRL, and freeze
 * @builder: of no further use, also on failure; free it
 *
 * A CRL's signer is searched among the judged certificates of its issuer's name by verifying; CRLs
 * that were verified for an earlier snapshot cost nothing again (pki/link keeps a memo in the CRL).
 *
 * Cost: O(n log n) comparisons; after builder_follow() O(n) in copying, and comparisons for what is
 * new; at most BUILDER_SIGNERS_MAX signature checks a new CRL. Return: 0 or -ENOMEM.
 */
int builder_build(struct builder *builder, struct snapshot **out);

#define BUILDER_SIGNERS_MAX 16

DEFINE_CLEANUP(struct builder *, builder_free)
