/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Rejected record - what is known of a certificate that was presented and refused: why, by whom,
 * when, how often. Beside the certificate it lies as one JSON object, of the fields of struct
 * rejected_note; whoever reads it needs nothing else, as the issuers that came with the certificate
 * are in it, too.
 *
 * It is told to an administrator and decides nothing.
 */

#include "base/ref.h"
#include "pki/bytes.h"
#include "proto/compiler.h"
#include "proto/message.h"
#include "proto/schema.h"

#include <stdbool.h>
#include <stdint.h>

struct buf;

/* Nine issuers of 64 KiB in base64, and texts. */
#define REJECTED_RECORD_MAX_BYTES (1024 * 1024)

/* Who asked. */
struct rejected_caller {
        int64_t uid; /* optional */
        char *unit;  /* optional: the service or scope that it runs in */
};

/* As it stands in the file; of a schema, so schema_deinit() frees it. */
struct rejected_note {
        char *sha256; /* of the certificate, in hex */
        char *status_name;
        char *reason;                    /* the deciding finding's message */
        char *purpose;                   /* NAMES_PURPOSE_* */
        struct message_context *context; /* optional */
        struct rejected_caller caller;   /* who asked last */
        int64_t first_uid;               /* optional: who asked first; kept on his account */
        int64_t first_seen, last_seen;   /* seconds since 1970 */
        int64_t count;                   /* how often it was refused */
        struct schema_bytes *issuers;    /* DER of what was presented with it, in that order */
        size_t n_issuers;
};

extern const struct schema rejected_note_schema;

struct rejected_thumbprint {
        uint8_t sha256[32];
};

/* Frozen and counted. */
struct rejected_record {
        struct ref ref;
        uint8_t sha256[32];        /* of the certificate */
        struct rejected_note note; /* without the issuers' DER: issuers is empty */
        struct rejected_thumbprint *issuers;
        size_t n_issuers;
};

enum {
        REJECTED_RECORD_E_INVALID = 1,
};

/**
 * rejected_record_new() - of a note
 * @note: taken, also on failure; its sha256 has to agree
 *
 * Return: 0, REJECTED_RECORD_E_INVALID (sha256 is none), or -ENOMEM.
 */
int rejected_record_new(struct rejected_note *note, struct rejected_record **out);

struct rejected_record *rejected_record_ref(const struct rejected_record *record);
struct rejected_record *rejected_record_unref(struct rejected_record *record);
DEFINE_CLEANUP(struct rejected_record *, rejected_record_unref)

/**
 * rejected_note_read() - from the whole content of a file
 * @out: rejected_note_deinit() it; written on success only
 *
 * Return: 0, REJECTED_RECORD_E_INVALID: it is no such object, or -ENOMEM.
 */
int rejected_note_read(struct bytes content, struct rejected_note *out);

/** rejected_note_write() - append the file's content; see buf_error() */
void rejected_note_write(const struct rejected_note *note, struct buf *out);

void rejected_note_deinit(struct rejected_note *note);
