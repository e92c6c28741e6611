/* SPDX-License-Identifier: Apache-2.0 */
#include "service/admin_audit.h"

#include "base/log.h"
#include "proto/buf.h"
#include "proto/hex.h"
#include "proto/message_peers.h"
#include "proto/names.h"
#include "service/caller.h"
#include "service/notices.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#define EVENT_ID_BYTES 16
#define EVENT_TYPE     "TrustListUpdatedAuditEventType"
#define EVENT_TYPE_ID  12561

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
static int write_message(const struct admin_audit *audit, char **out)
{
        struct buf text = BUF_NULL;

        buf_add_text(&text, message_get_method(audit->method)->name);
        if (audit->subject)
                buf_printf(&text, " %s", audit->subject);
        buf_printf(&text, ": %zu added, %zu removed", audit->n_added, audit->n_removed);
        if (audit->reason)
                buf_printf(&text, "; reason: %s", audit->reason);
        return buf_take_text(&text, out);
}

void admin_audit_tell(const struct admin_audit *audit, struct notices *notices,
                      const struct log *log)
{
        char event_id[2 * EVENT_ID_BYTES + 1], source[64];
        CLEANUP(freep) char *message = NULL;
        struct message_audit_event event;
        uint8_t id[EVENT_ID_BYTES];

        if (getrandom(id, sizeof(id), 0) != sizeof(id))
                memset(id, 0, sizeof(id));
        hex_encode(id, sizeof(id), event_id);
        snprintf(source, sizeof(source), "Method/%s", find_source(audit->method));
        if (write_message(audit, &message))
                message = NULL;

        schema_init(&message_audit_event_schema, &event);
        event.event_id = event_id;
        event.event_type = (char *)EVENT_TYPE;
        event.event_type_id = EVENT_TYPE_ID;
        event.source_name = source;
        event.time = audit->time_s;
        event.store = (char *)audit->store;
        event.status_name = (char *)"Good";
        event.severity = (char *)NAMES_SEVERITY_NOTE;
        event.message = message;
        event.count = 1;
        event.generation = audit->generation;
        event.uid = audit->caller->uid;
        event.pid = audit->caller->pid ? audit->caller->pid : SCHEMA_INT_ABSENT;

        log_notice(log, "audit %s: store %s, generation %lld, by uid %u: %s", event_id,
                   audit->store, (long long)audit->generation, (unsigned int)audit->caller->uid,
                   message ? message : message_get_method(audit->method)->name);
        if (notices)
                notices_audit(notices, &event);
}
