/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Message - every message of the API as a C struct, with the table that describes it. Those of trust lists, of
 * peers and of what changes trust stand in message_trust.h, message_peers.h and message_admin.h.
 *
 * Members are named as the fields on the wire; what each means is written in the tables' doc texts, which are also
 * the text of proto/org.uatrust.agent1.varlink. All pointers are owned by the struct and malloc()ed; schema_init()
 * makes an empty one, schema_deinit() frees it. A writer may also fill one with borrowed pointers and forget it.
 */

#include "proto/schema.h"
#include "proto/status.h"

#include <stdbool.h>

struct buf;

/*
 * Types.
 */

struct message_finding {
        char *step, *severity, *status_name;
        int64_t status_code;
        int64_t chain_index; /* place in the verdict's chain, leaf 0; -1: none */
        char *thumbprint; /* SHA-1 of that certificate in hex, as OPC UA names certificates; "" if none */
        char *audit_event_type;
        char *message;
};

struct message_chain_element {
        char *sha256, *thumbprint, *subject, *list;
        char *origin; /* optional */
};

struct message_verdict {
        bool trusted;
        int64_t status_code;
        char *status_name;
        int64_t wire_status_code;
        char *wire_status_name;
        struct message_finding *findings;
        size_t n_findings;
        char **not_checked;
        size_t n_not_checked;
        struct message_chain_element *chain;
        size_t n_chain;
        char *store, *agent_id;
        int64_t generation;
        int64_t valid_until;  /* optional */
        char *audit_event_id; /* optional */
};

struct message_context {
        char *application, *peer_address, *endpoint_url; /* optional */
};

struct message_event {
        char *kind, *store, *agent_id;
        int64_t generation;
        char **added, **removed, **broken, **healed, **affected_issuers;
        size_t n_added, n_removed, n_broken, n_healed, n_affected_issuers;
};

struct message_store {
        char *name;
        bool ready;
        char *reason; /* optional */
        int64_t generation, trusted, issuers, crls, own, rejected, broken;
        char **sources;
        size_t n_sources;
        char *state_hash;         /* optional */
        int64_t last_update_time; /* optional */
        int64_t soonest_expiry;   /* optional */
        int64_t problems;         /* optional */
};

struct message_certificate {
        char *sha256, *thumbprint, *subject, *issuer, *serial_number;
        int64_t not_before, not_after;
        char *application_uri; /* optional */
        bool is_ca;
        char *key_type, *list;
        char **origins;
        size_t n_origins;
};

struct message_broken_file {
        char *list, *origin, *reason;
};

struct message_crl {
        char *sha256, *issuer;
        int64_t this_update;
        int64_t next_update; /* optional */
        char *crl_number;    /* optional */
        bool is_delta;
        int64_t entries;
        char *state;
        char *signer; /* optional */
        char *list;
        char **origins;
        size_t n_origins;
};

/*
 * Calls and their replies. A method without parameters has message_nothing_schema.
 */

struct message_nothing {
        char nothing;
};

struct message_validate {
        struct schema_bytes *certificates;
        size_t n_certificates;
        char *purpose;
        char *store, *security_policy_uri, *application_uri, *host_name; /* optional */
        char **suppress;                                                 /* optional */
        size_t n_suppress;
        int64_t at;                      /* optional */
        struct message_context *context; /* optional */
        char *thumbprint;                /* optional */
};

struct message_validate_reply {
        struct message_verdict verdict;
};

struct message_monitor {
        char **stores; /* optional */
        size_t n_stores;
};

struct message_monitor_reply {
        struct message_event event;
};

struct message_list_stores_reply {
        char *agent_id;
        struct message_store *stores;
        size_t n_stores;
};

struct message_list_certificates {
        char *store, *list, *after; /* optional */
        int64_t limit;              /* optional */
};

struct message_list_certificates_reply {
        char *store, *agent_id;
        int64_t generation;
        struct message_certificate *certificates;
        size_t n_certificates;
        struct message_broken_file *broken;
        size_t n_broken;
        char *next; /* optional */
};

struct message_list_crls {
        char *store, *after; /* optional */
        int64_t limit;       /* optional */
};

struct message_list_crls_reply {
        char *store, *agent_id;
        int64_t generation;
        struct message_crl *crls;
        size_t n_crls;
        char *next; /* optional */
};

/* org.varlink.service */
struct message_get_info_reply {
        char *vendor, *product, *version, *url;
        char **interfaces;
        size_t n_interfaces;
};

struct message_get_interface_description {
        char *interface;
};

struct message_get_interface_description_reply {
        char *description;
};

/* Properties of org.uatrust.Agent1.Manager; those of .Store are struct message_store. */
struct message_manager {
        char *version, *agent_id;
};

extern const struct schema message_nothing_schema, message_validate_schema,
        message_validate_reply_schema, message_monitor_schema, message_monitor_reply_schema,
        message_list_stores_reply_schema, message_list_certificates_schema,
        message_list_certificates_reply_schema, message_list_crls_schema,
        message_list_crls_reply_schema, message_get_info_reply_schema,
        message_get_interface_description_schema, message_get_interface_description_reply_schema;

extern const struct schema message_verdict_schema, message_event_schema, message_store_schema,
        message_certificate_schema, message_crl_schema, message_manager_schema,
        message_finding_schema, message_chain_element_schema, message_context_schema,
        message_broken_file_schema;

/*
 * Interfaces.
 */

enum message_method {
        MESSAGE_VALIDATE,
        MESSAGE_MONITOR,
        MESSAGE_LIST_STORES,
        MESSAGE_LIST_CERTIFICATES,
        MESSAGE_LIST_CRLS,
        MESSAGE_GET_CERTIFICATE,
        MESSAGE_READ_TRUST_LIST,
        MESSAGE_READ_CRL,
        MESSAGE_GET_FRESHNESS,
        MESSAGE_LIST_WEAKENINGS,
        MESSAGE_LIST_REJECTED,
        MESSAGE_LIST_BLOCKS,
        MESSAGE_CHANGES,
        MESSAGE_WATCH_PEERS,
        MESSAGE_REGISTER_PEERS,
        MESSAGE_UNREGISTER_PEERS,
        MESSAGE_MONITOR_NOTICES,
        MESSAGE_STATISTICS,

        /* org.uatrust.admin1 */
        MESSAGE_UPDATE_TRUST_LIST,
        MESSAGE_BEGIN_UPDATE,
        MESSAGE_ADD_TO_UPDATE,
        MESSAGE_APPLY_UPDATE,
        MESSAGE_CANCEL_UPDATE,
        MESSAGE_ADD_CERTIFICATE,
        MESSAGE_REMOVE_CERTIFICATE,
        MESSAGE_ADD_CRL,
        MESSAGE_REMOVE_CRL,
        MESSAGE_TRUST_REJECTED,
        MESSAGE_REMOVE_REJECTED,
        MESSAGE_BLOCK,
        MESSAGE_UNBLOCK,
        MESSAGE_RELOAD,

        /* org.varlink.service, answered by the front end itself */
        MESSAGE_GET_INFO,
        MESSAGE_GET_INTERFACE_DESCRIPTION,
};

extern const struct schema_interface message_agent_interface, message_admin_interface,
        message_service_interface;

/* What each socket serves; NULL-terminated. */
extern const struct schema_interface *const message_client_interfaces[],
        *const message_admin_interfaces[];

/** message_get_method() - Return: the row of a method; static */
const struct schema_method *message_get_method(enum message_method method);

/*
 * Errors. subject and reason are the fields of the error by position, those of BadRequest "field" and "reason";
 * an error of fewer fields leaves the rest NULL. On the bus both are in the error's text.
 */

struct message_error {
        enum status_error error;
        char *subject; /* which store, limit, path, field, method ... */
        char *reason;
};

#define MESSAGE_ERROR_NULL                                                                         \
        {                                                                                          \
                STATUS_OK, NULL, NULL                                                              \
        }

void message_error_deinit(struct message_error *error);

/**
 * message_error_set() - fill @out, freeing what it held; texts are copied, and dropped if memory is short
 * @subject, @reason: NULL allowed
 */
void message_error_set(struct message_error *out, enum status_error error, const char *subject,
                       const char *reason);

/** message_error_fields() - Return: the table of @error's fields within struct message_error; static */
const struct schema *message_error_fields(enum status_error error);

/** message_error_text() - append one line for people, such as "no such store: plant"; see buf_error() */
void message_error_text(const struct message_error *error, struct buf *out);
