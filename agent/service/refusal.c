/* SPDX-License-Identifier: Apache-2.0 */
#include "service/refusal.h"

#include "proto/hex.h"
#include "proto/message.h"
#include "proto/names.h"
#include "proto/status.h"
#include "proto/utf8.h"
#include "service/answers.h"
#include "service/caller.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool refusal_read_when(const char *word, enum refusal_when *out)
{
        static const char *const WORDS[] = {
                [REFUSAL_UNTRUSTED] = "untrusted",
                [REFUSAL_FAILURES] = "failures",
                [REFUSAL_NEVER] = "no",
        };

        for (size_t i = 0; i < ARRAY_SIZE(WORDS); i++) {
                if (strcmp(word, WORDS[i]) == 0) {
                        *out = (enum refusal_when)i;
                        return true;
                }
        }
        return false;
}

static bool is_error(const struct message_finding *finding)
{
        return strcmp(finding->severity, NAMES_SEVERITY_ERROR) == 0;
}

/* Steps 1 to 3 stop at once, so beside ChainIncomplete there is nothing. */
static bool is_unknown_only(const struct message_verdict *verdict)
{
        if (verdict->status_code == STATUS_CERTIFICATE_CHAIN_INCOMPLETE)
                return true;

        for (size_t i = 0; i < verdict->n_findings; i++) {
                const struct message_finding *finding = &verdict->findings[i];

                if (is_error(finding) && finding->status_code != STATUS_CERTIFICATE_UNTRUSTED)
                        return false;
        }
        return verdict->status_code == STATUS_CERTIFICATE_UNTRUSTED;
}

bool refusal_is_due(const struct message_verdict *verdict, enum refusal_when when)
{
        switch (when) {
        case REFUSAL_UNTRUSTED:
                return !verdict->trusted && is_unknown_only(verdict);
        case REFUSAL_FAILURES:
                return !verdict->trusted;
        case REFUSAL_NEVER:
                break;
        }
        return false;
}

bool refusal_find_sha256(const struct message_verdict *verdict, uint8_t out[32])
{
        return verdict->n_chain > 0 && strlen(verdict->chain[0].sha256) == 64 &&
               hex_decode(verdict->chain[0].sha256, 64, out) == 0;
}

size_t refusal_count_bytes(const struct answers_item *answer)
{
        size_t n = 0;

        for (size_t i = 0; i < answer->in->n_certificates; i++)
                n += answer->in->certificates[i].n;
        return n;
}

/* -- texts ------------------------------------------------------------------------------------- */

static size_t cut(const char *text, size_t n)
{
        size_t at = 0, n_char;

        if (n <= REFUSAL_TEXT_MAX_BYTES)
                return n;

        do {
                n_char = utf8_length(text + at, n - at);
                at += n_char;
        } while (n_char > 0 && at + 4 <= REFUSAL_TEXT_MAX_BYTES);
        return at;
}

/* @text: NULL: nobody said. Return: 0, or -ENOMEM: @out is as it was. */
static int set_letters(char **out, const char *text, size_t n_text)
{
        size_t n = text ? cut(text, n_text) : 0;
        char *copy = NULL;

        if (text && *out && strlen(*out) == n && memcmp(*out, text, n) == 0)
                return 0;
        if (text) {
                copy = strndup(text, n);
                if (!copy)
                        return -ENOMEM;
        }

        free(*out);
        *out = copy;
        return 0;
}

static int set_text(char **out, const char *text)
{
        return set_letters(out, text, text ? strlen(text) : 0);
}

static int set_context(struct message_context **out, const struct message_context *context)
{
        int r;

        if (!context) {
                if (*out)
                        schema_deinit(&message_context_schema, *out);
                free(*out);
                *out = NULL;
                return 0;
        }

        if (!*out)
                *out = calloc(1, sizeof(**out));
        if (!*out)
                return -ENOMEM;

        r = set_text(&(*out)->application, context->application);
        if (!r)
                r = set_text(&(*out)->peer_address, context->peer_address);
        if (!r)
                r = set_text(&(*out)->endpoint_url, context->endpoint_url);
        return r;
}

/* What decided it: the first finding that is neither suppressed nor a note. */
static const char *reason_of(const struct message_verdict *verdict)
{
        for (size_t i = 0; i < verdict->n_findings; i++) {
                if (is_error(&verdict->findings[i]))
                        return verdict->findings[i].message;
        }
        return "";
}

static int set_unit(char **out, const struct caller *caller)
{
        size_t n;
        const char *unit = caller_find_unit(caller, &n);

        return set_letters(out, unit, n);
}

/* Everything that is of the last time. */
static int set_last(const struct answers_item *answer, int64_t now_s, struct rejected_note *note)
{
        int r;

        note->caller.uid = answer->caller->uid;
        note->last_seen = now_s;
        r = set_text(&note->status_name, answer->verdict->status_name);
        if (!r)
                r = set_text(&note->reason, reason_of(answer->verdict));
        if (!r)
                r = set_text(&note->purpose, answer->in->purpose);
        if (!r)
                r = set_context(&note->context, answer->in->context);
        if (!r)
                r = set_unit(&note->caller.unit, answer->caller);
        return r;
}

/* -- items ------------------------------------------------------------------------------------- */

static int copy_certificates(const struct message_validate *in, struct rejected_item *out)
{
        out->certificates = calloc(in->n_certificates, sizeof(*out->certificates));
        if (!out->certificates)
                return -ENOMEM;

        for (; out->n_certificates < in->n_certificates; out->n_certificates++) {
                const struct schema_bytes *from = &in->certificates[out->n_certificates];
                uint8_t *data = malloc(from->n + 1);

                if (!data)
                        return -ENOMEM;
                memcpy(data, from->data, from->n);
                out->certificates[out->n_certificates] = (struct schema_bytes){ data, from->n };
        }
        return 0;
}

int refusal_make(const struct answers_item *answer, int64_t now_s, bool is_new,
                 struct rejected_item *out)
{
        CLEANUP(rejected_item_deinit) struct rejected_item item = { .n_certificates = 0 };
        int r;

        schema_init(&rejected_note_schema, &item.note);
        item.note.first_seen = now_s;
        item.note.first_uid = answer->caller->uid;
        item.note.count = 1;
        r = set_text(&item.note.sha256, answer->verdict->chain[0].sha256);
        if (!r)
                r = set_last(answer, now_s, &item.note);
        if (!r && is_new)
                r = copy_certificates(answer->in, &item);
        if (r)
                return r;

        *out = item;
        item = (struct rejected_item){ .n_certificates = 0 };
        return 0;
}

void refusal_fold(const struct answers_item *answer, int64_t now_s, struct rejected_item *item)
{
        item->note.count++;
        set_last(answer, now_s, &item->note);
}
