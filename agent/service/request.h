/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Request - a Validate call's fields, checked and turned into what the engine is asked.
 */

#include "engine/profile.h"
#include "proto/message.h"
#include "service/verdicts.h"

struct settings;
struct store_state;

struct request {
        struct profile profile; /* borrows its texts from the message */
        int64_t at_s;           /* SCHEMA_INT_ABSENT: now */
        struct verdicts_key key;
        size_t n_bytes; /* presented */
};

/**
 * request_read() - check a call against the limits, the words we know and the store's settings
 * @in:        must live as long as @out
 * @out_error: written where the request is refused; texts are static or borrowed from @in
 *
 * Whether the certificates are any good is not looked at: that is a verdict.
 *
 * Return: 0, REQUEST_E_REFUSED with @out_error, or -ENOMEM.
 */
int request_read(const struct message_validate *in, const struct store_state *state,
                 struct request *out, struct message_error *out_error);

/**
 * request_read_lasting() - the same of a question that will be judged by many pictures; has no key
 * @state: may be without a snapshot; what its MaySuppress= lacks is left out by who judges
 *
 * Return: 0 or REQUEST_E_REFUSED.
 */
int request_read_lasting(const struct message_validate *in, const struct store_state *state,
                         struct request *out, struct message_error *out_error);

enum {
        REQUEST_E_REFUSED = 1,
};
