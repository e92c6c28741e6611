/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/message_peers.h"

#include "proto/message_rows.h"

static const struct schema_field peer_rows[] = {
        FIELD(peer, key, "key", STRING),
        LIST(peer, certificates, "certificates", BYTES),
        FIELD(peer, purpose, "purpose", STRING),
        OPTIONAL(peer, store, "store", STRING),
        OPTIONAL(peer, security_policy_uri, "securityPolicyUri", STRING),
        OPTIONAL(peer, application_uri, "applicationUri", STRING),
        OPTIONAL(peer, host_name, "hostName", STRING),
        OPTIONAL_LIST(peer, suppress, "suppress", STRING),
        OPTIONAL_NESTED(peer, context, "context", message_context_schema),
};

const struct schema message_peer_schema =
        TYPE(peer, peer_rows, "Peer",
             "The other end of an open session. key: the application's own name for it, such as "
             "its session id. The rest as in\n"
             "Validate.");

static const struct schema_field peer_state_rows[] = {
        FIELD(peer_state, key, "key", STRING),
        FIELD(peer_state, seq, "seq", INT),
        FIELD(peer_state, cause, "cause", STRING),
        FIELD(peer_state, status_name, "statusName", STRING),
        FIELD(peer_state, status_code, "statusCode", INT),
        FIELD(peer_state, store, "store", STRING),
        FIELD(peer_state, generation, "generation", INT),
};

const struct schema message_peer_state_schema =
        TYPE(peer_state, peer_state_rows, "PeerState",
             "How a peer stands. seq: rises with every news of it. cause, the first that holds: "
             "blocked, revoked, unknown,\n"
             "untrusted, expired, good. Only blocked, revoked and untrusted ask for its session to "
             "be ended.");

static const struct schema_field peer_news_rows[] = {
        FIELD(peer_news, key, "key", STRING),
        FIELD(peer_news, seq, "seq", INT),
        FIELD(peer_news, cause, "cause", STRING),
        NESTED(peer_news, verdict, "verdict", message_verdict_schema),
};

const struct schema message_peer_news_schema =
        TYPE(peer_news, peer_news_rows, "PeerNews",
             "News of a watched peer, whose verdict has changed. Fields as in PeerState.");

static const struct schema_field warning_rows[] = {
        FIELD(warning, kind, "kind", STRING),
        FIELD(warning, store, "store", STRING),
        FIELD(warning, generation, "generation", INT),
        FIELD(warning, time, "time", INT),
        FIELD(warning, is_over, "isOver", BOOL),
        FIELD(warning, message, "message", STRING),
        OPTIONAL(warning, sha256, "sha256", STRING),
        OPTIONAL(warning, subject, "subject", STRING),
        OPTIONAL(warning, list, "list", STRING),
        OPTIONAL(warning, until, "until", INT),
};

const struct schema message_warning_schema =
        TYPE(warning, warning_rows, "Warning",
             "What an administrator should look at. kind: crlMissing, crlDamaged, crlNotYetValid, "
             "crlSoonOutOfDate, crlOutOfDate,\n"
             "certificateSoonExpired, certificateExpired, trustListOutOfDate, clockNotPlausible. "
             "isOver: it is no more so. store: empty\n"
             "if it is about the host. sha256, subject, list: of the certificate or CA. until: its "
             "last good second.");

static const struct schema_field audit_event_rows[] = {
        FIELD(audit_event, event_id, "eventId", STRING),
        FIELD(audit_event, event_type, "eventType", STRING),
        FIELD(audit_event, event_type_id, "eventTypeId", INT),
        FIELD(audit_event, source_name, "sourceName", STRING),
        FIELD(audit_event, time, "time", INT),
        FIELD(audit_event, store, "store", STRING),
        FIELD(audit_event, status_name, "statusName", STRING),
        FIELD(audit_event, severity, "severity", STRING),
        FIELD(audit_event, message, "message", STRING),
        FIELD(audit_event, count, "count", INT),
        OPTIONAL(audit_event, generation, "generation", INT),
        OPTIONAL(audit_event, status_code, "statusCode", INT),
        OPTIONAL(audit_event, thumbprint, "thumbprint", STRING),
        OPTIONAL(audit_event, subject, "subject", STRING),
        OPTIONAL(audit_event, uid, "uid", INT),
        OPTIONAL(audit_event, pid, "pid", INT),
        OPTIONAL(audit_event, unit, "unit", STRING),
        OPTIONAL(audit_event, application, "application", STRING),
};

const struct schema message_audit_event_schema =
        TYPE(audit_event, audit_event_rows, "AuditEvent",
             "An audit event of OPC 10000-3 to 10000-12. eventTypeId: number of the event type's "
             "NodeId in namespace 0. time:\n"
             "seconds since 1970. severity: error or suppressed; of an update note. count: how "
             "many like it since the one told\n"
             "before. thumbprint: SHA-1 of the certificate. uid, pid, unit: of the process that "
             "asked.");

static const struct schema_field count_rows[] = {
        FIELD(count, name, "name", STRING),
        FIELD(count, count, "count", INT),
};

const struct schema message_count_schema =
        TYPE(count, count_rows, "Count", "How often something was counted.");

static const struct schema_field latency_rows[] = {
        FIELD(latency, door, "door", STRING),
        FIELD(latency, below_microseconds, "belowMicroseconds", INT),
        FIELD(latency, count, "count", INT),
};

const struct schema message_latency_schema =
        TYPE(latency, latency_rows, "Latency",
             "How many answers took less than this, and not less than the row before.");

/*
 * Calls and replies.
 */

static const struct schema_field changes_rows[] = {
        FIELD(changes, agent_id, "agentId", STRING),
        FIELD(changes, since, "since", INT),
        OPTIONAL(changes, store, "store", STRING),
};

const struct schema message_changes_schema = PARAMETERS(changes, changes_rows);

static const struct schema_field changes_reply_rows[] = {
        NESTED_LIST(changes_reply, events, "events", message_event_schema),
};

const struct schema message_changes_reply_schema = PARAMETERS(changes_reply, changes_reply_rows);

static const struct schema_field watch_peers_reply_rows[] = {
        OPTIONAL(watch_peers_reply, watch_id, "watchId", STRING),
        OPTIONAL_NESTED(watch_peers_reply, news, "news", message_peer_news_schema),
};

const struct schema message_watch_peers_reply_schema =
        PARAMETERS(watch_peers_reply, watch_peers_reply_rows);

static const struct schema_field register_peers_rows[] = {
        FIELD(register_peers, watch_id, "watchId", STRING),
        NESTED_LIST(register_peers, peers, "peers", message_peer_schema),
};

const struct schema message_register_peers_schema = PARAMETERS(register_peers, register_peers_rows);

static const struct schema_field register_peers_reply_rows[] = {
        NESTED_LIST(register_peers_reply, states, "states", message_peer_state_schema),
};

const struct schema message_register_peers_reply_schema =
        PARAMETERS(register_peers_reply, register_peers_reply_rows);

static const struct schema_field unregister_peers_rows[] = {
        FIELD(unregister_peers, watch_id, "watchId", STRING),
        LIST(unregister_peers, keys, "keys", STRING),
};

const struct schema message_unregister_peers_schema =
        PARAMETERS(unregister_peers, unregister_peers_rows);

static const struct schema_field monitor_notices_rows[] = {
        OPTIONAL_LIST(monitor_notices, stores, "stores", STRING),
};

const struct schema message_monitor_notices_schema =
        PARAMETERS(monitor_notices, monitor_notices_rows);

static const struct schema_field monitor_notices_reply_rows[] = {
        OPTIONAL_NESTED(monitor_notices_reply, warning, "warning", message_warning_schema),
        OPTIONAL_NESTED(monitor_notices_reply, rejected, "rejected", message_rejected_schema),
        OPTIONAL_NESTED(monitor_notices_reply, audit, "audit", message_audit_event_schema),
        OPTIONAL(monitor_notices_reply, missed, "missed", INT),
};

const struct schema message_monitor_notices_reply_schema =
        PARAMETERS(monitor_notices_reply, monitor_notices_reply_rows);

static const struct schema_field statistics_reply_rows[] = {
        FIELD(statistics_reply, agent_id, "agentId", STRING),
        FIELD(statistics_reply, since, "since", INT),
        NESTED_LIST(statistics_reply, requests, "requests", message_count_schema),
        NESTED_LIST(statistics_reply, verdicts, "verdicts", message_count_schema),
        NESTED_LIST(statistics_reply, refusals, "refusals", message_count_schema),
        FIELD(statistics_reply, cached, "cached", INT),
        FIELD(statistics_reply, kept, "kept", INT),
        FIELD(statistics_reply, judged_inline, "judgedInline", INT),
        FIELD(statistics_reply, judged_in_jobs, "judgedInJobs", INT),
        FIELD(statistics_reply, generations, "generations", INT),
        FIELD(statistics_reply, connections, "connections", INT),
        FIELD(statistics_reply, subscribers, "subscribers", INT),
        FIELD(statistics_reply, watched_peers, "watchedPeers", INT),
        FIELD(statistics_reply, audit_events, "auditEvents", INT),
        FIELD(statistics_reply, rejected_records, "rejectedRecords", INT),
        NESTED_LIST(statistics_reply, latencies, "latencies", message_latency_schema),
};

const struct schema message_statistics_reply_schema =
        PARAMETERS(statistics_reply, statistics_reply_rows);
