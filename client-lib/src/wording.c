/* SPDX-License-Identifier: Apache-2.0 */
#include "wording.h"

#include "proto/buf.h"
#include "proto/call.h"
#include "proto/message.h"

#include <string.h>

/*
 * In a JSON text a quote in a string has a backslash before it: bytes that begin and end with one
 * as these are members of an object, whatever the texts of the verdict say.
 */
static const char GENERATION[] = "\"generation\":";
static const char VALID_UNTIL[] = ",\"validUntil\":";
static const char MOVES[] = "\"generation\":0,\"validUntil\":0,";

enum {
        DIGITS_MAX = 18, /* of any int64_t */
};

void wording_init(struct wording *wording, const struct message_verdict *verdict)
{
        struct message_validate_reply reply = { .verdict = *verdict };
        CLEANUP(buf_deinit) struct buf text = BUF_NULL;
        const char *moves;

        *wording = (struct wording)WORDING_NULL;
        reply.verdict.generation = reply.verdict.valid_until = 0;
        call_reply_encode(&message_validate_reply_schema, &reply, false, &text);
        if (buf_error(&text))
                return;

        moves = memmem(text.data, text.n, MOVES, strlen(MOVES));
        if (!moves)
                return;

        wording->n_before = (size_t)(moves - (const char *)text.data) + strlen(GENERATION);
        wording->n = text.n - 1;
        wording->text = (char *)TAKE(text.data);
}

void wording_deinit(struct wording *wording)
{
        free(wording->text);
        *wording = (struct wording)WORDING_NULL;
}

/* What is left of a text, from its front. */
struct rest {
        const char *at;
        size_t n;
};

static bool skip(struct rest *rest, const char *text, size_t n)
{
        if (rest->n < n || memcmp(rest->at, text, n) != 0)
                return false;

        rest->at += n;
        rest->n -= n;
        return true;
}

/* As our writer writes one; those below 0 are left to the reader. */
static bool take_number(struct rest *rest, int64_t *out)
{
        int64_t number = 0;
        size_t n = 0;

        for (; n < rest->n && n < DIGITS_MAX && rest->at[n] >= '0' && rest->at[n] <= '9'; n++)
                number = number * 10 + (rest->at[n] - '0');
        if (!n || (n > 1 && rest->at[0] == '0'))
                return false;

        rest->at += n;
        rest->n -= n;
        *out = number;
        return true;
}

bool wording_match(const struct wording *wording, const char *text, size_t n, int64_t *generation,
                   int64_t *valid_until_s)
{
        const size_t n_moves = strlen("0,\"validUntil\":0");
        struct rest rest = { text, n };
        int64_t number, until_s = SCHEMA_INT_ABSENT;

        if (!wording->text || !skip(&rest, wording->text, wording->n_before) ||
            !take_number(&rest, &number) || !skip(&rest, VALID_UNTIL, strlen(VALID_UNTIL)))
                return false;
        if (!skip(&rest, "null", strlen("null")) && !take_number(&rest, &until_s))
                return false;
        if (rest.n != wording->n - wording->n_before - n_moves ||
            !skip(&rest, wording->text + wording->n_before + n_moves, rest.n))
                return false;

        *generation = number;
        *valid_until_s = until_s;
        return true;
}
