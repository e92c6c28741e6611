/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Quota - how much of the agent each user, and each control group, has at a time, so that one
 * application that misbehaves starves no other. What is counted is taken and given back; the loop's
 * own time is a bucket that fills by itself. All limits are those of proto/names.h: a control group
 * has half of what a user has, so that of several services of one user none takes all.
 *
 * Both counts hold for every door together. A caller whose control group nobody knows counts as its
 * user only.
 */

#include "proto/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct caller;
struct log;
struct quota;

enum quota_kind {
        QUOTA_CONNECTIONS, /* to the sockets */
        QUOTA_CALLS,       /* that wait for a store or a job */
        QUOTA_BYTES,       /* of long calls that are not answered */
        QUOTA_QUESTIONS,   /* to polkit */
        QUOTA_PEERS,       /* watched */
        QUOTA_KIND_N,
};

enum {
        QUOTA_E_EXCEEDED = 1,
};

/** quota_new() - nobody has anything; Return: 0 or -ENOMEM */
int quota_new(struct quota **out);

/** quota_set_log() - tell an administrator of who is refused, once a minute a user at the most */
void quota_set_log(struct quota *quota, const struct log *log);

/** quota_free() - takes NULL; Return: NULL */
struct quota *quota_free(struct quota *quota);
DEFINE_CLEANUP(struct quota *, quota_free)

/**
 * quota_take() - count @n more of a kind, all or none
 * @out_limit: the limit that was hit, as the error QuotaExceeded names it, such as "2048
 *             connections a user"; static; written on QUOTA_E_EXCEEDED only; NULL: the
 *             caller can do with less, and no refusal is told of
 *
 * Return: 0: quota_give() it; QUOTA_E_EXCEEDED; or -ENOMEM.
 */
int quota_take(struct quota *quota, const struct caller *caller, enum quota_kind kind, size_t n,
               const char **out_limit);

/** quota_give() - @n that were taken for the same caller are over */
void quota_give(struct quota *quota, const struct caller *caller, enum quota_kind kind, size_t n);

/** quota_count() - how many of a kind a user has */
size_t quota_count(const struct quota *quota, uid_t uid, enum quota_kind kind);

/**
 * quota_has_units() - may a judgement of this caller be made on the loop thread?
 * @now_ns: of the monotonic clock
 *
 * False once its user or control group has spent more units (of engine/budget) than the bucket had:
 * then a job does it, in the lane of the user, until the bucket has filled again.
 */
bool quota_has_units(const struct quota *quota, const struct caller *caller, int64_t now_ns);

/**
 * quota_spend() - so many units were spent on the loop thread; where memory is short, uncounted
 */
void quota_spend(struct quota *quota, const struct caller *caller, unsigned int units,
                 int64_t now_ns);
