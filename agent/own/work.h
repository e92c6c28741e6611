/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Work - what the verbs `own ...` have in common: a place that is open, what was in it, the
 * passphrase, and what was found; and the steps that more than one of them takes.
 *
 * Functions return 0, or an exit code after a complaint.
 */

#include "own/findings.h"
#include "own/pair.h"
#include "own/place.h"
#include "own/secret.h"

#include <openssl/types.h>

#include <stdint.h>

struct arguments;
struct identity;
struct known;

struct work {
        const struct arguments *arguments;
        struct secret passphrase;
        struct place place;
        struct pair old;
        struct findings findings;
        int64_t now_s;
};

#define WORK_NULL                                                                                  \
        {                                                                                          \
                .passphrase = SECRET_NULL, .place = PLACE_NULL, .old = PAIR_NULL,                  \
                .findings = FINDINGS_NULL                                                          \
        }

/**
 * work_open() - take the passphrase, open the place, read what is there
 * @arguments: kept
 *
 * The passphrase's file is read first, with the rights of whoever started this.
 */
int work_open(const struct arguments *arguments, enum place_access access, struct work *out);

void work_close(struct work *work);

/**
 * work_choose_identity() - the names to give: those that were asked for, else those of the
 * certificate there, else of this host
 * @finds_hosts: hosts that were not asked for are those of this host, also if there is a certificate
 */
int work_choose_identity(const struct work *work, bool finds_hosts, struct identity *out);

/** work_name() - have the files a name, where there are none yet, from @identity */
int work_name(struct work *work, const struct identity *identity);

/** work_check_format() - a key that is there in the other format than was asked for is a complaint */
int work_check_format(const struct work *work);

/** work_make_key() - a new one: of the kind that is asked for, else as it was, else the default */
int work_make_key(const struct work *work, EVP_PKEY **out);

/** work_read_key() - the one that is there */
int work_read_key(struct work *work, EVP_PKEY **out);

/**
 * work_judge() - review and judge a certificate; what is found goes to work->findings
 * @known: its issuers; NULL: none
 * @uri:   that it has to bear; NULL: its own
 *
 * Errors among the findings are no failure.
 */
int work_judge(struct work *work, const struct cert *cert, const struct known *known,
               const char *uri);

/**
 * work_end() - print the result
 * @what: as in struct result
 * @cert: the one that is there now, or that was refused; NULL: none
 */
void work_end(const struct work *work, const char *what, bool has_changed, const struct cert *cert);

/**
 * work_put_self_signed() - make a self-signed certificate, judge it, put it into place, tell
 * @what: for the result
 *
 * Return: 0; VERB_EXIT_NOT_GOOD: it was refused, nothing has changed, and that was told; or an exit
 * code after a complaint.
 */
int work_put_self_signed(struct work *work, EVP_PKEY *key, const struct identity *identity,
                         const char *what);
