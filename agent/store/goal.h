/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Goal - what a request means for the store as it is: which objects are to be there, and which are
 * to go. Values only; no file is looked at.
 */

#include "base/vec.h"
#include "pki/bytes.h"
#include "store/update_outcome.h"
#include "store/update_request.h"
#include "trust/entry.h"
#include "trust/role.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cert;
struct crl;
struct snapshot;

/* An object that is to be in a list. */
struct goal_object {
        enum update_list list;
        size_t index;            /* in the request's list */
        const struct cert *cert; /* owned; NULL of a CRL */
        const struct crl *crl;   /* owned; NULL of a certificate */
        struct bytes der;        /* borrowed from the request, or the certificate */
        uint8_t sha256[32];
        bool is_repeat; /* the same stands before it in the same list */
};

/* An object that is to go from the lists of @roles. */
struct goal_target {
        enum entry_kind kind;
        unsigned int roles; /* 1u << enum role */
        uint8_t sha256[32]; /* as entry_sha256() */
};

struct goal {
        const struct update_request *request;
        VEC(struct goal_object) given;
        VEC(const struct goal_object *) by_sha256; /* those given, in order of list and SHA-256 */
        VEC(struct goal_target) targets;
};

#define GOAL_NULL                                                                                  \
        {                                                                                          \
                .request = NULL                                                                    \
        }

/**
 * goal_make() - read a request
 * @own:  name of the source that is the store's own folder
 * @snap: the store as it is
 * @goal: GOAL_NULL; goal_deinit() it, also on failure
 * @out:  a status other than UPDATE_DONE, if the request ends here
 *
 * Return: 0 or -ENOMEM.
 */
int goal_make(const struct update_request *request, const char *own, const struct snapshot *snap,
              struct goal *goal, struct update_outcome *out);

void goal_deinit(struct goal *goal);

/** goal_removes() - is such an object in such a list to go? @is_last_good: as of struct entry */
bool goal_removes(const struct goal *goal, enum role role, enum entry_kind kind,
                  const uint8_t sha256[32], bool is_last_good);

/** goal_is_own() - does an entry come from the source of that name? */
bool goal_is_own(const char *own, const struct entry *entry);
