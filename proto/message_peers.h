/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Message peers - News: what changed since, whose verdict changed, warnings, refusals and audit
 * events; and what was counted. As proto/message.h.
 */

#include "proto/message_trust.h"

struct message_peer {
        char *key;
        struct schema_bytes *certificates;
        size_t n_certificates;
        char *purpose;
        char *store;               /* optional */
        char *security_policy_uri; /* optional */
        char *application_uri;     /* optional */
        char *host_name;           /* optional */
        char **suppress;           /* optional */
        size_t n_suppress;
        struct message_context *context; /* optional */
};

struct message_peer_state {
        char *key;
        int64_t seq;
        char *cause;
        char *status_name;
        int64_t status_code;
        char *store;
        int64_t generation;
};

struct message_peer_news {
        char *key;
        int64_t seq;
        char *cause;
        struct message_verdict verdict;
};

struct message_warning {
        char *kind;
        char *store;
        int64_t generation;
        int64_t time;
        bool is_over;
        char *message;
        char *sha256;  /* optional */
        char *subject; /* optional */
        char *list;    /* optional */
        int64_t until; /* optional */
};

struct message_audit_event {
        char *event_id;
        char *event_type;
        int64_t event_type_id;
        char *source_name;
        int64_t time;
        char *store;
        char *status_name;
        char *severity;
        char *message;
        int64_t count;
        int64_t generation;  /* optional */
        int64_t status_code; /* optional */
        char *thumbprint;    /* optional */
        char *subject;       /* optional */
        int64_t uid;         /* optional */
        int64_t pid;         /* optional */
        char *unit;          /* optional */
        char *application;   /* optional */
};

struct message_count {
        char *name;
        int64_t count;
};

struct message_latency {
        char *door;
        int64_t below_microseconds;
        int64_t count;
};

/*
 * Calls and their replies.
 */

struct message_changes {
        char *agent_id;
        int64_t since;
        char *store; /* optional */
};

struct message_changes_reply {
        struct message_event *events;
        size_t n_events;
};

struct message_watch_peers_reply {
        char *watch_id;                 /* optional */
        struct message_peer_news *news; /* optional */
};

struct message_register_peers {
        char *watch_id;
        struct message_peer *peers;
        size_t n_peers;
};

struct message_register_peers_reply {
        struct message_peer_state *states;
        size_t n_states;
};

struct message_unregister_peers {
        char *watch_id;
        char **keys;
        size_t n_keys;
};

struct message_monitor_notices {
        char **stores; /* optional */
        size_t n_stores;
};

struct message_monitor_notices_reply {
        struct message_warning *warning;   /* optional */
        struct message_rejected *rejected; /* optional */
        struct message_audit_event *audit; /* optional */
        int64_t missed;                    /* optional */
};

struct message_statistics_reply {
        char *agent_id;
        int64_t since;
        struct message_count *requests;
        size_t n_requests;
        struct message_count *verdicts;
        size_t n_verdicts;
        struct message_count *refusals;
        size_t n_refusals;
        int64_t cached;
        int64_t kept;
        int64_t judged_inline;
        int64_t judged_in_jobs;
        int64_t generations;
        int64_t connections;
        int64_t subscribers;
        int64_t watched_peers;
        int64_t audit_events;
        int64_t rejected_records;
        struct message_latency *latencies;
        size_t n_latencies;
};

extern const struct schema message_peer_schema, message_peer_state_schema, message_peer_news_schema,
        message_warning_schema, message_audit_event_schema, message_count_schema,
        message_latency_schema, message_changes_schema, message_changes_reply_schema,
        message_watch_peers_reply_schema, message_register_peers_schema,
        message_register_peers_reply_schema, message_unregister_peers_schema,
        message_monitor_notices_schema, message_monitor_notices_reply_schema,
        message_statistics_reply_schema;
