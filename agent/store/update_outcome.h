/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Update outcome - how an update ended: what changed, or what stands against it.
 */

#include "base/vec.h"
#include "store/store.h"
#include "store/update_request.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct snapshot;

/* What it is at the doors stands beside each; @subject and @reason are those of the outcome. */
enum update_status {
        UPDATE_DONE, /* or nothing was to be done: see has_changed */

        UPDATE_REFUSED,     /* refusals say why: BadRequest (field, reason) of the first of them */
        UPDATE_NOT_FOUND,   /* nothing of this thumbprint, no such block: NoSuchCertificate */
        UPDATE_BAD_REQUEST, /* BadRequest (subject, reason): not one object where one is wanted */
        UPDATE_TOO_LARGE,   /* TooLarge (subject: the limit's name) */

        /* It lies in a read-only source, too: ReadOnly (subject: the origin, reason). */
        UPDATE_FOREIGN,
        /*
         * We may not write, or there is no room: ReadOnly (subject: the path, reason: the mending)
         */
        UPDATE_NOT_WRITABLE,

        UPDATE_CONFLICT,  /* Conflict (subject: the path): somebody else changes it now */
        UPDATE_BUSY,      /* Busy: another process writes this folder now */
        UPDATE_NOT_READY, /* StoreNotReady (reason) */
};

struct update_refusal {
        enum update_list list;
        size_t index;         /* which object of what the list is given; SIZE_MAX: one that stays */
        uint32_t status_code; /* STATUS_CERTIFICATE_* */
        uint8_t sha256[32];   /* of the object; zeros if it does not read */
        char *reason;         /* a clause: "its issuer CN=Plant CA is in no list" */
};

struct update_thumbprint {
        uint8_t sha256[32];
};

struct update_outcome {
        enum update_status status;
        bool has_changed;       /* DONE: something was written, or would be */
        char *subject, *reason; /* see enum update_status; NULL where it has none */
        VEC(struct update_refusal)
        refusals; /* at most UPDATE_REFUSALS_MAX, in order of the request */

        /* DONE: SHA-256 of the certificates and CRLs that came into a judged list, and left one. */
        VEC(struct update_thumbprint) added, removed;

        /*
         * DONE: the store as it is now or would be, for asking what falls. Of a dry run, @result
         * shows the store as it is.
         */
        struct snapshot *after;

        /*
         * It was interrupted when it was in force already, and neither the old list nor the new one
         * is whole on disk: NOT_READY, and store_recover() before anything else.
         */
        bool is_stuck;

        /*
         * What is to be published, whatever the status, as of any refresh. Its picture is NULL if
         * the update is in force on disk but could not be read back: look at everything again.
         */
        struct store_result result;
};

#define UPDATE_REFUSALS_MAX 100

#define UPDATE_OUTCOME_NULL                                                                        \
        {                                                                                          \
                .result = STORE_RESULT_NULL                                                        \
        }

/** update_outcome_deinit() - drops what is left in it */
void update_outcome_deinit(struct update_outcome *outcome);

/**
 * update_outcome_end() - it ends so, for this reason
 * @subject, @reason: copied; may be NULL
 *
 * Return: 0 or -ENOMEM.
 */
int update_outcome_end(struct update_outcome *outcome, enum update_status status,
                       const char *subject, const char *reason);

/**
 * update_outcome_refuse() - one object more that is refused; past UPDATE_REFUSALS_MAX it is dropped
 * @refusal: its reason is taken, also on failure; NULL: there was no memory for it
 *
 * Return: 0 or -ENOMEM.
 */
int update_outcome_refuse(struct update_outcome *outcome, struct update_refusal *refusal);
