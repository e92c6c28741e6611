/* SPDX-License-Identifier: Apache-2.0 */
#include "getters.h"

#include <uatrust/reading.h>

struct uatrust_count {
        struct message_count m;
};

struct uatrust_latency {
        struct message_latency m;
};

struct uatrust_warning {
        struct message_warning m;
};

struct uatrust_audit_event {
        struct message_audit_event m;
};

TEXT(trust_list, store)
TEXT(trust_list, agent_id)
NUMBER(trust_list, generation)
BYTES_AT(trust_list, trusted_certificate, trusted_certificates)
BYTES_AT(trust_list, trusted_crl, trusted_crls)
BYTES_AT(trust_list, issuer_certificate, issuer_certificates)
BYTES_AT(trust_list, issuer_crl, issuer_crls)

TEXT(stored_certificate, store)
TEXT(stored_certificate, agent_id)
NUMBER(stored_certificate, generation)
BYTES(stored_certificate, der, der)

const struct uatrust_certificate *uatrust_stored_certificate_get_certificate(
        const struct uatrust_stored_certificate *stored)
{
        return (const struct uatrust_certificate *)&stored->m.certificate;
}

BYTES(stored_crl, der, data)

const struct uatrust_event *uatrust_changes_get_event(const struct uatrust_changes *changes,
                                                      size_t i)
{
        return i < changes->m.n_events ? &changes->events[i] : NULL;
}

TEXT(statistics, agent_id)
NUMBER(statistics, since)
RECORD_AT(statistics, request, count, requests)
RECORD_AT(statistics, verdict, count, verdicts)
RECORD_AT(statistics, refusal, count, refusals)
NUMBER(statistics, cached)
NUMBER(statistics, kept)
NUMBER(statistics, judged_inline)
NUMBER(statistics, judged_in_jobs)
NUMBER(statistics, generations)
NUMBER(statistics, audit_events)
NUMBER(statistics, rejected_records)
NUMBER(statistics, connections)
NUMBER(statistics, subscribers)
NUMBER(statistics, watched_peers)
RECORD_AT(statistics, latency, latency, latencies)

TEXT(count, name)
NUMBER(count, count)

TEXT(latency, door)
NUMBER(latency, below_microseconds)
NUMBER(latency, count)

OPTIONAL_RECORD(notice, warning, warning, warning)
OPTIONAL_RECORD(notice, rejected, rejected, rejected)
OPTIONAL_RECORD(notice, audit_event, audit_event, audit)
OPTIONAL_NUMBER(notice, missed)

TEXT(warning, kind)
TEXT(warning, store)
NUMBER(warning, generation)
NUMBER(warning, time)
FLAG(warning, is_over, is_over)
TEXT(warning, message)
OPTIONAL_TEXT(warning, sha256)
OPTIONAL_TEXT(warning, subject)
OPTIONAL_TEXT(warning, list)
OPTIONAL_NUMBER(warning, until)

TEXT(audit_event, event_id)
TEXT(audit_event, event_type)
NUMBER(audit_event, event_type_id)
TEXT(audit_event, source_name)
NUMBER(audit_event, time)
TEXT(audit_event, store)
TEXT(audit_event, status_name)
TEXT(audit_event, severity)
TEXT(audit_event, message)
NUMBER(audit_event, count)
OPTIONAL_NUMBER(audit_event, generation)
OPTIONAL_NUMBER(audit_event, status_code)
OPTIONAL_TEXT(audit_event, thumbprint)
OPTIONAL_TEXT(audit_event, subject)
OPTIONAL_NUMBER(audit_event, uid)
OPTIONAL_NUMBER(audit_event, pid)
OPTIONAL_TEXT(audit_event, unit)
OPTIONAL_TEXT(audit_event, application)

OWNED(trust_list, message_read_trust_list_reply_schema)
OWNED(stored_certificate, message_get_certificate_reply_schema)
OWNED(stored_crl, message_read_crl_reply_schema)
OWNED(statistics, message_statistics_reply_schema)
JSON(changes, message_changes_reply_schema)
JSON(notice, message_monitor_notices_reply_schema)

void uatrust_changes_free(struct uatrust_changes *changes)
{
        if (!changes)
                return;

        schema_deinit(&message_changes_reply_schema, &changes->m);
        free(changes->events);
        free(changes);
}
