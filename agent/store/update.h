/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Update - changes a store's own folder as somebody asked, all or nothing, and reads it in the same
 * go: one picture, hence one generation and one event. A function of values like store_refresh();
 * it runs in a job of the store's serial lane, so that no refresh sees half of one.
 *
 *      lock            one writer of a folder: whoever else tries is told UPDATE_BUSY
 *      recover         what an update before this one left (store_recover)
 *      look            the picture of now, so that only what changes this very moment is a conflict
 *      plan            which files are made, rewritten and removed
 *      vet             a snapshot of how it would be; every object that is given is checked in it
 *      commit          temporary files, then a journal, all fsynced; from the journal's rename on
 *                      the update is in force, also across kill -9 and power cut
 *      carry out       renames, fsync of the directories, the journal removed
 *      look            the picture that is to be published
 *
 * Only what lies in the first source, the store's own folder, is ever written. Files that are made
 * are named by the SHA-256 of what they hold: "<sha256>.der", "<sha256>.crl", "<sha256>.json".
 * Where a file of another name holds an object that is to go, it is removed, or rewritten without
 * it where it holds more; of a link, the link.
 *
 * What is refused, for each object by itself:
 *      BadCertificateInvalid           it does not read strictly, its structure is unsound, its
 *                                      signature is wrong; of a CRL: no certificate of the list as
 *                                      it would be verifies it, or a newer one is there
 *      BadCertificateChainIncomplete   an issuer on the way to a root is in no list, unless the list
 *                                      that it is given to held it without one before; also of a
 *                                      certificate that stays and would lose its issuer
 *      BadCertificateRevoked           ADD_CERT, TRUST_REJECTED: a CRL of the store lists it
 *      BadCertificateUntrusted         ADD_CERT, TRUST_REJECTED: it is blocked
 * Reading: OPC 10000-12 7.8.2.5 wants every certificate of the new list valid, suppressible errors
 * apart. A list with a certificate that its own CRLs revoke is accepted all the same: refused, the
 * revocation would not come into force.
 */

#include "base/vec.h"
#include "store/recovery.h"
#include "store/store.h"
#include "store/update_outcome.h"
#include "store/update_request.h"

/* What an update is done with; all borrowed. */
struct update {
        const struct store_config *config;
        const struct picture *picture;   /* as of the last refresh, or NULL */
        const struct store_hints *hints; /* is_all or not, everything is looked at, large or not */
        const struct store_now *now;
        const struct update_request *request;
};

/**
 * store_update() - carry out a request
 * @out: update_outcome_deinit() it, or take what it holds; written on success only
 *
 * Whoever is told UPDATE_DONE loses it no more: the directories were fsynced before.
 *
 * Errors: what is about the agent: -ENOMEM, -EMFILE, -ENFILE; nothing was changed, but something
 * that an earlier update had left may be. Cost: a look at everything, what is read, decoded,
 * verified and written, and some fsyncs. Any thread, one a store.
 *
 * Return: 0 or a negative errno.
 */
int store_update(const struct update *update, struct update_outcome *out);
