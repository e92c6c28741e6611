/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Audit - the audit events of OPC UA: one for every verdict that is not Good, one for every
 * suppressed finding, on each answer, however it was come by; and those of updates. They go to the
 * log as structured fields and to who listens to notices; the EventId of the first stands in the
 * verdict, for the caller to quote in an event of its own.
 *
 * Repeats are folded and never lost count of: what is like an event of the last AUDIT_FOLD_S (same
 * store, status, severity, certificate, and user and control group that asked) is told with the
 * count once these are over, under the EventId that all those verdicts bore. Who has more than
 * AUDIT_USER_FOLDS_MAX different ones at a time has the rest told by store, status and severity
 * alone, so that nobody floods the journal with certificates.
 *
 * Spec: OPC 10000-4 6.1.3, Table 106; OPC 10000-5 6.4.12 and after (AuditCertificateEventType).
 */

#include "proto/compiler.h"
#include "service/catalog.h"

#include <stddef.h>
#include <stdint.h>

struct audit;
struct log;
struct message_audit_event;
struct message_context;
struct message_verdict;
struct notices;
struct caller;

#define AUDIT_FOLD_S         60
#define AUDIT_USER_FOLDS_MAX 64
#define AUDIT_FOLDS_MAX      1024 /* of all users; those told without a certificate come on top */
#define AUDIT_EVENT_ID_SIZE  33   /* 128 random bits in hex, and NUL */

struct audit_config {
        const struct log *log;
        struct notices *notices; /* NULL: nobody listens */
        int64_t (*now_s)(void);
};

/** audit_new() - @config is copied, what it points to outlives it; Return: 0 or -ENOMEM */
int audit_new(const struct audit_config *config, struct audit **out);

/** audit_free() - tells what is still folded; takes NULL, returns NULL */
struct audit *audit_free(struct audit *audit);
DEFINE_CLEANUP(struct audit *, audit_free)

/**
 * audit_verdict() - a verdict is about to be given
 * @context: of the request, or NULL
 * @out_event_id: what is to be its auditEventId; "" where it is no event
 */
void audit_verdict(struct audit *audit, const struct message_verdict *verdict,
                   const struct caller *caller, const struct message_context *context,
                   char out_event_id[AUDIT_EVENT_ID_SIZE]);

/**
 * audit_event() - an event that is none of a verdict, and is not folded: an update
 * @event: borrowed; its event_id is given here, its count is 1
 * @id: under which the journal has it
 */
void audit_event(struct audit *audit, const struct message_audit_event *event, enum catalog_id id);

/** audit_due_s() - the second at which audit_run_due() has something to tell; INT64_MAX: none */
int64_t audit_due_s(const struct audit *audit);

/** audit_run_due() - tell what was folded long enough */
void audit_run_due(struct audit *audit);

/** audit_count() - events since the start, those that were folded included */
int64_t audit_count(const struct audit *audit);
