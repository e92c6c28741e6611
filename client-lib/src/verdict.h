/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Verdict - what the agent said, frozen and counted: the client that holds it and callers share it,
 * whatever their threads. It carries what tells whether it still stands.
 */

#include "proto/compiler.h"
#include "proto/message.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct sheet;
struct uatrust_verdict;

struct uatrust_verdict {
        struct message_verdict m; /* first: see record.h */
        atomic_uint n_refs;
        struct sheet *sheet; /* NULL: never known to stand */
        uint32_t slot;
        struct uatrust_verdict *like; /* whose m owns what m has; NULL: it is its own */
};

/**
 * verdict_new() - one reference
 * @message: taken, also on failure
 *
 * Return: NULL if memory is short.
 */
struct uatrust_verdict *verdict_new(struct message_verdict *message);

/**
 * verdict_new_like() - the same said again, under another generation and with another last second
 * @like: whose texts and arrays it shares
 *
 * Return: one reference; NULL if memory is short.
 */
struct uatrust_verdict *verdict_new_like(struct uatrust_verdict *like, int64_t generation,
                                         int64_t valid_until_s);

/** verdict_ref() - any thread; uatrust_verdict_free() is its end */
struct uatrust_verdict *verdict_ref(struct uatrust_verdict *verdict);

/**
 * verdict_stand_by() - by which sheet it stands from now on; before anybody else has the verdict
 * @sheet: NULL allowed
 *
 * Return: false if that is no sheet of an agent that lives, or not of the one that gave the
 * verdict.
 */
bool verdict_stand_by(struct uatrust_verdict *verdict, struct sheet *sheet);
