/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Page - a file beside the client socket that says without a system call whether a verdict in hand
 * still stands.
 *
 * One agent makes one file, writes it whole, renames it into place and never truncates or reuses
 * it; clients map it read-only. A verdict stands if the agent lives (the kernel clears the held
 * word when its main thread ends, however it ends), the store's generation is the verdict's, the
 * lease runs and the verdict's validUntil has not come. In any other case the client asks the
 * agent. Here are the layout and the reader; the writer is agent/front/page, the clocks are the
 * client's.
 *
 * The order of a look matters. The lease is read before the generation, the clock after both: if
 * the clock is then before the end of the lease, the generation was read while that lease ran.
 *
 *         page_look(reader, slot, &look);
 *         now = ... CLOCK_MONOTONIC_COARSE, CLOCK_REALTIME_COARSE
 *         if (page_holds(&look, generation, valid_until_s, &now))
 *                 the verdict stands
 */

#include "proto/compiler.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define PAGE_MAGIC "uatrust" /* with its NUL */

enum {
        PAGE_VERSION = 1, /* another layout gets another number */
        PAGE_SLOTS_MAX = 256,
        PAGE_LEASE_MS = 2000,
        PAGE_RENEW_MS = 500,
        PAGE_COARSE_MS = 10, /* so far the coarse clocks lag at most; taken off each lease */
};

struct page_slot {
        /* 0: the store is gone or not ready; a slot is never given to another store */
        _Atomic int64_t generation;
        char store[64]; /* written before the slot is counted, never after */
};

struct page_layout {
        char magic[8];
        uint32_t version;
        uint32_t n_bytes;  /* of this struct */
        char agent_id[48]; /* 32 hex digits, then NULs */

        /*
         * A robust, process-shared mutex of the C library that the agent's main thread holds; its
         * first word has the thread's id while it is held, and is marked by the kernel when the
         * thread is gone.
         */
        union {
                _Atomic uint32_t held;
                char keeper[64];
        };

        _Atomic int64_t lease_end_ns; /* CLOCK_MONOTONIC, exclusive; 0: none */
        _Atomic uint32_t n_slots;
        char reserved[52]; /* zeros */
        struct page_slot slots[PAGE_SLOTS_MAX];
};

enum {
        PAGE_E_ABSENT = 1,  /* there is no page at the path */
        PAGE_E_FOREIGN = 2, /* there is something, but no page of this version */
        PAGE_E_TIME_NAMESPACE =
                3, /* our monotonic clock is not the agent's: the page must not be used */
};

struct page_reader;

/**
 * page_reader_open() - map the page at @path
 * @out: written on success only
 *
 * An old page may be opened by this: page_reader_is_held() tells.
 *
 * Return: 0, a PAGE_E_* condition, or a negative errno.
 */
int page_reader_open(const char *path, struct page_reader **out);

/** page_reader_close() - takes NULL; Return: NULL */
struct page_reader *page_reader_close(struct page_reader *reader);
DEFINE_CLEANUP(struct page_reader *, page_reader_close)

/** page_reader_is_held() - does the agent that made this page live? If not, look for a new page */
bool page_reader_is_held(const struct page_reader *reader);

/**
 * page_reader_find() - the slot of a store
 * @agent_id: of the verdict in hand
 * @out: valid as long as the reader; written on success only
 *
 * Return: true; false if this page is another agent's or has no such store.
 */
bool page_reader_find(const struct page_reader *reader, const char *agent_id, const char *store,
                      uint32_t *out);

struct page_look {
        int64_t lease_end_ns;
        int64_t generation;
        bool is_held;
};

struct page_now {
        int64_t monotonic_ns; /* read after the look */
        int64_t realtime_s;
};

/** page_look() - what the page says of @slot now; any thread */
void page_look(const struct page_reader *reader, uint32_t slot, struct page_look *out);

/**
 * page_holds() - does a verdict stand?
 * @generation: the verdict's
 * @valid_until_s: the verdict's, exclusive; INT64_MAX if it has none
 */
bool page_holds(const struct page_look *look, int64_t generation, int64_t valid_until_s,
                const struct page_now *now);
