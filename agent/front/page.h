/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Page - the writer of the generation page (proto/page.h), the door for those who hold verdicts.
 *
 * It knows slots, generations and a lease, and decides nothing: app says what to write, in this
 * order at a change: the service has swapped the snapshot, the page has the new generation, the
 * other doors announce it. A generation is stored with release, so whoever sees it sees a service
 * that judges by it.
 */

#include "proto/compiler.h"

#include <stdint.h>

struct page_writer;

/**
 * page_writer_new() - make a page and put it at @path, in place of a former agent's
 * @path: in an existing directory; copied
 * @agent_id: 32 hex digits
 *
 * The calling thread holds the page's word from now on, and must be the one that frees it: the main
 * thread.
 *
 * Return: 0, or a negative errno.
 */
int page_writer_new(const char *path, const char *agent_id, struct page_writer **out);

/**
 * page_writer_free() - no verdict stands by it any more; removes the file. Takes NULL; Return: NULL
 */
struct page_writer *page_writer_free(struct page_writer *writer);
DEFINE_CLEANUP(struct page_writer *, page_writer_free)

/**
 * page_writer_set() - a store's generation from now on
 * @store: gets a slot at the first call, also after page_writer_end()
 * @generation: > 0; or 0: not ready, no verdict of it stands
 *
 * Where all slots have been given, a new page replaces the file, and no verdict stands by the old
 * one; the lease is to be set anew.
 *
 * Return: 0, or a negative errno: then the store has no slot, and the others stay as they were.
 */
int page_writer_set(struct page_writer *writer, const char *store, int64_t generation);

/**
 * page_writer_end() - the store is gone; its slot is not used again, even if a store of this name
 * comes back
 */
void page_writer_end(struct page_writer *writer, const char *store);

/**
 * page_writer_set_lease() - verdicts may stand until @end_ns of CLOCK_MONOTONIC, exclusive; 0: not
 * at all
 */
void page_writer_set_lease(struct page_writer *writer, int64_t end_ns);
