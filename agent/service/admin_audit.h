/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Admin audit - an update of a store as an audit event.
 *
 * Spec: OPC 10000-12 7.8.2.13 TrustListUpdatedAuditEventType, i=12561: raised when a trust list was
 * changed, whoever did it.
 */

#include "proto/message.h"

#include <stddef.h>
#include <stdint.h>

struct audit;
struct caller;

struct admin_audit {
        enum message_method method;
        const struct caller *caller; /* who did it */
        const char *store;
        int64_t generation;        /* in which it is in force */
        const char *reason;        /* that was given, or NULL */
        const char *subject;       /* what the call named, or NULL */
        size_t n_added, n_removed; /* certificates and CRLs */
        int64_t time_s;
};

void admin_audit_tell(const struct admin_audit *what, struct audit *audit);
