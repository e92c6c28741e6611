/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Pages - what the answers to calls with a limit and a cursor have in common.
 */

#include "service/service_call.h"

/** pages_length() - rows that the page may have; 0: @limit is refused */
size_t pages_length(int64_t limit);

void pages_refuse_limit(const struct service_call *call);
void pages_refuse_cursor(const struct service_call *call);

/**
 * pages_begin() - how many rows may the page have?
 * @limit:      as it was asked for
 * @has_cursor: what it is to begin after, if anything, could be read
 *
 * Return: false: the call was refused, for its limit or its cursor.
 */
bool pages_begin(const struct service_call *call, int64_t limit, bool has_cursor, size_t *out_n);

/**
 * pages_answer() - answer with what was gathered, or where @r says that it could not be, Busy
 * @out: freed either way
 */
void pages_answer(const struct service_call *call, const struct schema *schema, void *out, int r);
