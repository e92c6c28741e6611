/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Wording - how the agent words a verdict, so that the same words need not be read again. When a
 * generation is over, most verdicts are said once more as they were, but for the two numbers that
 * go with the time: of the generation, and the last second.
 *
 * The text is not the agent's but what our own writer makes of the verdict. So a reply that has
 * these very bytes around two numbers is one whose reading would give that verdict with these
 * numbers; any other, be it one blank or one member more, is read as JSON.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct message_verdict;

struct wording {
        char *text;      /* NULL: none, and no reply is it */
        size_t n;        /* without NUL */
        size_t n_before; /* up to the generation's number, for which it has 0 */
};

#define WORDING_NULL                                                                               \
        {                                                                                          \
                NULL, 0, 0                                                                         \
        }

/** wording_init() - of a reply to Validate with @verdict; none if memory is short */
void wording_init(struct wording *wording, const struct message_verdict *verdict);
void wording_deinit(struct wording *wording);

/**
 * wording_match() - is this reply so worded?
 * @text: of @n bytes, a message without its NUL
 * @generation, @valid_until_s: its two numbers, the latter SCHEMA_INT_ABSENT for null; written on
 *                              success only
 *
 * Cost: a comparison; allocates nothing.
 */
bool wording_match(const struct wording *wording, const char *text, size_t n, int64_t *generation,
                   int64_t *valid_until_s);
