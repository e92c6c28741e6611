/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Peer list - watched peers that stand as Good now, for who is about to change a store and wants to
 * know first whose sessions that would end.
 */

#include "engine/cause.h"
#include "proto/compiler.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct peer_list;
struct peer_question;
struct snapshot;

struct peer_fall {
        const char *key; /* the application's name for it; borrowed from the list */
        const struct peer_question *question; /* likewise */
        uid_t uid;                            /* whose it is */
        uint32_t status;
        enum cause cause;
};

/** peer_list_new() - an empty one; the moment is that of struct terms; Return: 0 or -ENOMEM */
int peer_list_new(int64_t now_s, int64_t at_least_s, struct peer_list **out);

struct peer_list *peer_list_free(struct peer_list *list);

/** peer_list_add() - one that was judged before; takes a reference of its own; Return: 0 or -ENOMEM */
int peer_list_add(struct peer_list *list, struct peer_question *question, uid_t uid);

/**
 * peer_list_would_fall() - which of them would not be Good by another picture
 * @out: an array of @out_n, to be freed before the list
 *
 * Pure: any thread. Cost: a judgement each. Return: 0 or -ENOMEM.
 */
int peer_list_would_fall(const struct peer_list *list, const struct snapshot *hypothetical,
                         struct peer_fall **out, size_t *out_n);

DEFINE_CLEANUP(struct peer_list *, peer_list_free)
