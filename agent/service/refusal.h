/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Refusal - one answer that was not Good as a record will tell it: which are to be recorded, and
 * what is copied of them. Pure but for memory.
 */

#include "store/rejected.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct answers_item;
struct message_verdict;

/* Texts that a caller gave are cut here, so that many records stay small; at a whole character. */
#define REFUSAL_TEXT_MAX_BYTES 512

/* RecordRejected= */
enum refusal_when {
        /*
         * "untrusted", the default: the only unsuppressed finding is Untrusted, or it is
         * ChainIncomplete
         */
        REFUSAL_UNTRUSTED,
        REFUSAL_FAILURES, /* "failures": whatever is not Good */
        REFUSAL_NEVER,    /* "no" */
};

/** refusal_read_when() - the word of RecordRejected=; false: it is none */
bool refusal_read_when(const char *word, enum refusal_when *out);

/** refusal_is_due() - is a certificate with this verdict to be recorded? */
bool refusal_is_due(const struct message_verdict *verdict, enum refusal_when when);

/** refusal_find_sha256() - of the certificate that was asked about; false: it could not be read */
bool refusal_find_sha256(const struct message_verdict *verdict, uint8_t out[32]);

/** refusal_count_bytes() - what was presented */
size_t refusal_count_bytes(const struct answers_item *answer);

/**
 * refusal_make() - an item of one refusal
 * @is_new: with the certificates
 * @out:    rejected_item_deinit() it; written on success only
 *
 * Return: 0 or -ENOMEM.
 */
int refusal_make(const struct answers_item *answer, int64_t now_s, bool is_new,
                 struct rejected_item *out);

/**
 * refusal_fold() - one more of the same certificate; what memory is too short for stays as it was
 */
void refusal_fold(const struct answers_item *answer, int64_t now_s, struct rejected_item *item);
