/* SPDX-License-Identifier: Apache-2.0 */
#include "service/admin_audit.h"

#include "proto/buf.h"
#include "proto/message_peers.h"
#include "proto/names.h"
#include "service/audit.h"
#include "service/caller.h"
#include "service/catalog.h"

#include <stdio.h>

#define EVENT_TYPE    "TrustListUpdatedAuditEventType"
#define EVENT_TYPE_ID 12561

/* Spec: OPC 10000-12 7.8.2: SourceName of these events is "Method/" and the method's name there. */
static const char *find_source(enum message_method method)
{
        switch (method) {
        case MESSAGE_UPDATE_TRUST_LIST:
        case MESSAGE_APPLY_UPDATE:
                return "CloseAndUpdate";
        case MESSAGE_TRUST_REJECTED:
                return "AddCertificate";
        default:
                return message_get_method(method)->name;
        }
}

/* "RemoveCertificate 1f3a...: 0 added, 2 removed; reason: decommissioned" */
static int write_message(const struct admin_audit *what, char **out)
{
        struct buf text = BUF_NULL;

        buf_add_text(&text, message_get_method(what->method)->name);
        if (what->subject)
                buf_printf(&text, " %s", what->subject);
        buf_printf(&text, ": %zu added, %zu removed", what->n_added, what->n_removed);
        if (what->reason)
                buf_printf(&text, "; reason: %s", what->reason);
        return buf_take_text(&text, out);
}

void admin_audit_tell(const struct admin_audit *what, struct audit *audit)
{
        const struct caller *caller = what->caller;
        CLEANUP(freep) char *message = NULL;
        struct message_audit_event event;
        char source[64];

        snprintf(source, sizeof(source), "Method/%s", find_source(what->method));
        if (write_message(what, &message))
                message = NULL;

        schema_init(&message_audit_event_schema, &event);
        event.event_type = (char *)EVENT_TYPE;
        event.event_type_id = EVENT_TYPE_ID;
        event.source_name = source;
        event.time = what->time_s;
        event.store = (char *)what->store;
        event.status_name = (char *)status_code_name(STATUS_GOOD);
        event.severity = (char *)NAMES_SEVERITY_NOTE;
        event.message = message;
        event.generation = what->generation;
        event.uid = caller->uid;
        event.pid = caller->pid ? caller->pid : SCHEMA_INT_ABSENT;
        event.unit = caller->cgroup && *caller->cgroup ? (char *)caller->cgroup : NULL;
        audit_event(audit, &event, CATALOG_TRUST_LIST_CHANGED);
}
