/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Rejected list - which certificates the directory of refused ones holds, with what is known of
 * each. A look at the directory makes one; store/rejected, which writes there, keeps it in step
 * with what it does; then it is frozen.
 */

#include "base/ref.h"
#include "base/vec.h"
#include "proto/compiler.h"
#include "store/rejected_record.h"
#include "store/scan.h"

#include <stdbool.h>
#include <stdint.h>

#define REJECTED_MAX_MAX 10000 /* certificates; of more only so many are looked at */

/* The two files of one certificate. */
struct rejected_file {
        uint8_t sha256[32];
        struct rejected_record *record; /* NULL: no note, or none that reads */
        bool has_cert, has_note;        /* which of the two are there */
        struct scan_stamp cert, note;   /* of those; else zero */
};

/* Counted; shares its records with the one before. */
struct rejected_list {
        struct ref ref;
        VEC(struct rejected_file) files; /* in order of SHA-256 */
        int64_t n_bytes;                 /* of all these */
        bool is_cut; /* there are more than REJECTED_MAX_MAX: the rest was not looked at */
};

/** rejected_list_new() - an empty one; Return: 0 or -ENOMEM */
int rejected_list_new(struct rejected_list **out);

struct rejected_list *rejected_list_ref(const struct rejected_list *list);
struct rejected_list *rejected_list_unref(struct rejected_list *list);
DEFINE_CLEANUP(struct rejected_list *, rejected_list_unref)

/** rejected_list_find() - borrowed, or NULL; @list: NULL is an empty one; Cost: O(log n) */
const struct rejected_file *rejected_list_find(const struct rejected_list *list,
                                               const uint8_t sha256[32]);

/**
 * rejected_list_look() - what is in the directory
 * @before:    whose notes need not be read again where their stamps are the same, or NULL
 * @out:       NULL if the directory cannot be read
 * @out_error: then why: a positive errno
 *
 * Names that are not ours are passed over. Errors: what is about the agent: -ENOMEM, -EMFILE,
 * -ENFILE. Return: 0 or a negative errno.
 */
int rejected_list_look(const struct scan_dir *dir, const struct rejected_list *before,
                       struct rejected_list **out, int *out_error);

/**
 * rejected_list_read_note() - the note of a certificate, from its file, with the issuers' DER
 *
 * Return: 0, REJECTED_RECORD_E_INVALID: there is none that reads, or a negative errno of ours.
 */
int rejected_list_read_note(const struct scan_dir *dir, const uint8_t sha256[32],
                            struct rejected_note *out);

/* -- while it is nobody else's ------------------------------------------------------------------ */

/** rejected_list_at() - as rejected_list_find(), to be changed */
struct rejected_file *rejected_list_at(struct rejected_list *list, const uint8_t sha256[32]);

/** rejected_list_add() - one that is not in it, without files yet; Return: 0 or -ENOMEM */
int rejected_list_add(struct rejected_list *list, const uint8_t sha256[32],
                      struct rejected_file **out);

/** rejected_list_remove() - it is there no longer; others move */
void rejected_list_remove(struct rejected_list *list, struct rejected_file *file);

/** rejected_list_set_cert(), rejected_list_set_note() - the file was written */
void rejected_list_set_cert(struct rejected_list *list, struct rejected_file *file,
                            struct scan_stamp stamp);
void rejected_list_set_note(struct rejected_list *list, struct rejected_file *file,
                            struct scan_stamp stamp);
