/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/message.h"

#include "proto/buf.h"
#include "proto/compiler.h"
#include "proto/names.h"

#include <string.h>

/* Rows: the message's struct without its prefix, the member, the name on the wire, the type. */
#define FIELD(of, member, wire, kind)                                                              \
        {                                                                                          \
                .name = wire, .type = SCHEMA_##kind,                                               \
                .offset = offsetof(struct message_##of, member)                                    \
        }
#define OPTIONAL(of, member, wire, kind)                                                           \
        {                                                                                          \
                .name = wire, .type = SCHEMA_##kind, .flags = SCHEMA_OPTIONAL,                     \
                .offset = offsetof(struct message_##of, member)                                    \
        }
#define LIST(of, member, wire, kind)                                                               \
        {                                                                                          \
                .name = wire, .type = SCHEMA_##kind, .flags = SCHEMA_ARRAY,                        \
                .offset = offsetof(struct message_##of, member),                                   \
                .n_offset = offsetof(struct message_##of, n_##member)                              \
        }
#define OPTIONAL_LIST(of, member, wire, kind)                                                      \
        {                                                                                          \
                .name = wire, .type = SCHEMA_##kind, .flags = SCHEMA_ARRAY | SCHEMA_OPTIONAL,      \
                .offset = offsetof(struct message_##of, member),                                   \
                .n_offset = offsetof(struct message_##of, n_##member)                              \
        }

/* The same for structures: their table in place of the type. */
#define NESTED(of, member, wire, table)                                                            \
        {                                                                                          \
                .name = wire, .type = SCHEMA_STRUCT, .nested = &(table),                           \
                .offset = offsetof(struct message_##of, member)                                    \
        }
#define OPTIONAL_NESTED(of, member, wire, table)                                                   \
        {                                                                                          \
                .name = wire, .type = SCHEMA_STRUCT, .flags = SCHEMA_OPTIONAL, .nested = &(table), \
                .offset = offsetof(struct message_##of, member)                                    \
        }
#define NESTED_LIST(of, member, wire, table)                                                       \
        {                                                                                          \
                .name = wire, .type = SCHEMA_STRUCT, .flags = SCHEMA_ARRAY, .nested = &(table),    \
                .offset = offsetof(struct message_##of, member),                                   \
                .n_offset = offsetof(struct message_##of, n_##member)                              \
        }

/* What the rows make: a type of the description has a name and a doc text, parameters have neither. */
#define TYPE(of, rows, type_name, type_doc)                                                        \
        {                                                                                          \
                .name = type_name, .doc = type_doc, .size_bytes = sizeof(struct message_##of),     \
                .fields = rows, .n_fields = ARRAY_SIZE(rows)                                       \
        }
#define PARAMETERS(of, rows) TYPE(of, rows, NULL, NULL)

/*
 * Types.
 */

static const struct schema_field finding_rows[] = {
        FIELD(finding, step, "step", STRING),
        FIELD(finding, severity, "severity", STRING),
        FIELD(finding, status_name, "statusName", STRING),
        FIELD(finding, status_code, "statusCode", INT),
        FIELD(finding, chain_index, "chainIndex", INT),
        FIELD(finding, thumbprint, "thumbprint", STRING),
        FIELD(finding, audit_event_type, "auditEventType", STRING),
        FIELD(finding, message, "message", STRING),
};

static const struct schema finding_schema =
        TYPE(finding, finding_rows, "Finding",
             "One thing that validation found. severity: error (decides unless another comes "
             "first), suppressed, or "
             "note. step:\n"
             "structure, chain, signature, policy, trust, validity, hostName, uri, usage, "
             "findRevocationList, "
             "revocation.\n"
             "chainIndex: place in the verdict's chain, 0 the certificate in question, -1 none. "
             "thumbprint: SHA-1 of "
             "that\n"
             "certificate, as OPC UA names certificates; empty if none.");

static const struct schema_field chain_element_rows[] = {
        FIELD(chain_element, sha256, "sha256", STRING),
        FIELD(chain_element, thumbprint, "thumbprint", STRING),
        FIELD(chain_element, subject, "subject", STRING),
        FIELD(chain_element, list, "list", STRING),
        OPTIONAL(chain_element, origin, "origin", STRING),
};

static const struct schema chain_element_schema =
        TYPE(chain_element, chain_element_rows, "ChainElement",
             "list: trusted, issuers or presented. origin: the source and file it came from, null "
             "if presented.");

static const struct schema_field verdict_rows[] = {
        FIELD(verdict, trusted, "trusted", BOOL),
        FIELD(verdict, status_code, "statusCode", INT),
        FIELD(verdict, status_name, "statusName", STRING),
        FIELD(verdict, wire_status_code, "wireStatusCode", INT),
        FIELD(verdict, wire_status_name, "wireStatusName", STRING),
        NESTED_LIST(verdict, findings, "findings", finding_schema),
        LIST(verdict, not_checked, "notChecked", STRING),
        NESTED_LIST(verdict, chain, "chain", chain_element_schema),
        FIELD(verdict, store, "store", STRING),
        FIELD(verdict, agent_id, "agentId", STRING),
        FIELD(verdict, generation, "generation", INT),
        OPTIONAL(verdict, valid_until, "validUntil", INT),
        OPTIONAL(verdict, audit_event_id, "auditEventId", STRING),
};

const struct schema message_verdict_schema =
        TYPE(verdict, verdict_rows, "Verdict",
             "statusName is for the caller and its log, wireStatusName is what a server may tell "
             "its client. "
             "notChecked names what\n"
             "the request left out (hostName, uri, policy). agentId and generation belong "
             "together. validUntil: "
             "seconds since 1970,\n"
             "exclusive, null if time alone changes nothing. auditEventId goes into the caller's "
             "own audit event.");

static const struct schema_field context_rows[] = {
        OPTIONAL(context, application, "application", STRING),
        OPTIONAL(context, peer_address, "peerAddress", STRING),
        OPTIONAL(context, endpoint_url, "endpointUrl", STRING),
};

static const struct schema context_schema = TYPE(
        context, context_rows, "Context", "Where a peer came from; recorded, never judged by.");

static const struct schema_field event_rows[] = {
        FIELD(event, kind, "kind", STRING),
        FIELD(event, store, "store", STRING),
        FIELD(event, agent_id, "agentId", STRING),
        FIELD(event, generation, "generation", INT),
        LIST(event, added, "added", STRING),
        LIST(event, removed, "removed", STRING),
        LIST(event, broken, "broken", STRING),
        LIST(event, healed, "healed", STRING),
        LIST(event, affected_issuers, "affectedIssuers", STRING),
};

const struct schema message_event_schema = TYPE(
        event, event_rows, "Event",
        "kind: state, what is now; changed; resync, there is more news than was kept: read the "
        "lists anew. added, removed\n"
        "and affectedIssuers hold SHA-256 thumbprints; broken and healed hold origins: source, "
        "role and file name.");

static const struct schema_field store_rows[] = {
        FIELD(store, name, "name", STRING),        FIELD(store, ready, "ready", BOOL),
        OPTIONAL(store, reason, "reason", STRING), FIELD(store, generation, "generation", INT),
        FIELD(store, trusted, "trusted", INT),     FIELD(store, issuers, "issuers", INT),
        FIELD(store, crls, "crls", INT),           FIELD(store, own, "own", INT),
        FIELD(store, rejected, "rejected", INT),   FIELD(store, broken, "broken", INT),
        LIST(store, sources, "sources", STRING),   OPTIONAL(store, state_hash, "stateHash", STRING),
};

const struct schema message_store_schema =
        TYPE(store, store_rows, "Store",
             "A store as it is now. reason: why it is not ready. trusted to broken: how many "
             "certificates, CRLs and "
             "files there\n"
             "are. sources: the directories it is read from. stateHash: equal where all that "
             "decides verdicts is equal; null\n"
             "if not ready.");

static const struct schema_field certificate_rows[] = {
        FIELD(certificate, sha256, "sha256", STRING),
        FIELD(certificate, thumbprint, "thumbprint", STRING),
        FIELD(certificate, subject, "subject", STRING),
        FIELD(certificate, issuer, "issuer", STRING),
        FIELD(certificate, serial_number, "serialNumber", STRING),
        FIELD(certificate, not_before, "notBefore", INT),
        FIELD(certificate, not_after, "notAfter", INT),
        OPTIONAL(certificate, application_uri, "applicationUri", STRING),
        FIELD(certificate, is_ca, "isCa", BOOL),
        FIELD(certificate, key_type, "keyType", STRING),
        FIELD(certificate, list, "list", STRING),
        LIST(certificate, origins, "origins", STRING),
};

const struct schema message_certificate_schema =
        TYPE(certificate, certificate_rows, "Certificate",
             "A certificate of a store. thumbprint: SHA-1. serialNumber: hex. notBefore, notAfter: "
             "seconds since "
             "1970, inclusive.\n"
             "keyType: such as RSA-2048 or EC nistP256. list: trusted, issuers, own or rejected. "
             "origins: the files "
             "that hold it.");

static const struct schema_field broken_file_rows[] = {
        FIELD(broken_file, list, "list", STRING),
        FIELD(broken_file, origin, "origin", STRING),
        FIELD(broken_file, reason, "reason", STRING),
};

static const struct schema broken_file_schema = TYPE(broken_file, broken_file_rows, "BrokenFile",
                                                     "A file that counts for nothing, and why.");

static const struct schema_field crl_rows[] = {
        FIELD(crl, sha256, "sha256", STRING),
        FIELD(crl, issuer, "issuer", STRING),
        FIELD(crl, this_update, "thisUpdate", INT),
        OPTIONAL(crl, next_update, "nextUpdate", INT),
        OPTIONAL(crl, crl_number, "crlNumber", STRING),
        FIELD(crl, is_delta, "isDelta", BOOL),
        FIELD(crl, entries, "entries", INT),
        FIELD(crl, state, "state", STRING),
        OPTIONAL(crl, signer, "signer", STRING),
        FIELD(crl, list, "list", STRING),
        LIST(crl, origins, "origins", STRING),
};

const struct schema message_crl_schema =
        TYPE(crl, crl_rows, "Crl",
             "A revocation list of a store. crlNumber: hex. state: current, notYetValid, "
             "outOfDate, superseded, "
             "unverified,\n"
             "unusable. signer: SHA-256 of the certificate whose key verified it.");

/*
 * Calls and replies.
 */

const struct schema message_nothing_schema = { .size_bytes = sizeof(struct message_nothing) };

static const struct schema_field validate_rows[] = {
        LIST(validate, certificates, "certificates", BYTES),
        FIELD(validate, purpose, "purpose", STRING),
        OPTIONAL(validate, store, "store", STRING),
        OPTIONAL(validate, security_policy_uri, "securityPolicyUri", STRING),
        OPTIONAL(validate, application_uri, "applicationUri", STRING),
        OPTIONAL(validate, host_name, "hostName", STRING),
        OPTIONAL_LIST(validate, suppress, "suppress", STRING),
        OPTIONAL(validate, at, "at", INT),
        OPTIONAL_NESTED(validate, context, "context", context_schema),
};

const struct schema message_validate_schema = PARAMETERS(validate, validate_rows);

static const struct schema_field validate_reply_rows[] = {
        NESTED(validate_reply, verdict, "verdict", message_verdict_schema),
};

const struct schema message_validate_reply_schema = PARAMETERS(validate_reply, validate_reply_rows);

static const struct schema_field monitor_rows[] = {
        OPTIONAL_LIST(monitor, stores, "stores", STRING),
};

const struct schema message_monitor_schema = PARAMETERS(monitor, monitor_rows);

static const struct schema_field monitor_reply_rows[] = {
        NESTED(monitor_reply, event, "event", message_event_schema),
};

const struct schema message_monitor_reply_schema = PARAMETERS(monitor_reply, monitor_reply_rows);

static const struct schema_field list_stores_reply_rows[] = {
        FIELD(list_stores_reply, agent_id, "agentId", STRING),
        NESTED_LIST(list_stores_reply, stores, "stores", message_store_schema),
};

const struct schema message_list_stores_reply_schema =
        PARAMETERS(list_stores_reply, list_stores_reply_rows);

static const struct schema_field list_certificates_rows[] = {
        OPTIONAL(list_certificates, store, "store", STRING),
        OPTIONAL(list_certificates, list, "list", STRING),
        OPTIONAL(list_certificates, after, "after", STRING),
        OPTIONAL(list_certificates, limit, "limit", INT),
};

const struct schema message_list_certificates_schema =
        PARAMETERS(list_certificates, list_certificates_rows);

static const struct schema_field list_certificates_reply_rows[] = {
        FIELD(list_certificates_reply, store, "store", STRING),
        FIELD(list_certificates_reply, agent_id, "agentId", STRING),
        FIELD(list_certificates_reply, generation, "generation", INT),
        NESTED_LIST(list_certificates_reply, certificates, "certificates",
                    message_certificate_schema),
        NESTED_LIST(list_certificates_reply, broken, "broken", broken_file_schema),
        OPTIONAL(list_certificates_reply, next, "next", STRING),
};

const struct schema message_list_certificates_reply_schema =
        PARAMETERS(list_certificates_reply, list_certificates_reply_rows);

static const struct schema_field list_crls_rows[] = {
        OPTIONAL(list_crls, store, "store", STRING),
        OPTIONAL(list_crls, after, "after", STRING),
        OPTIONAL(list_crls, limit, "limit", INT),
};

const struct schema message_list_crls_schema = PARAMETERS(list_crls, list_crls_rows);

static const struct schema_field list_crls_reply_rows[] = {
        FIELD(list_crls_reply, store, "store", STRING),
        FIELD(list_crls_reply, agent_id, "agentId", STRING),
        FIELD(list_crls_reply, generation, "generation", INT),
        NESTED_LIST(list_crls_reply, crls, "crls", message_crl_schema),
        OPTIONAL(list_crls_reply, next, "next", STRING),
};

const struct schema message_list_crls_reply_schema =
        PARAMETERS(list_crls_reply, list_crls_reply_rows);

static const struct schema_field get_info_reply_rows[] = {
        FIELD(get_info_reply, vendor, "vendor", STRING),
        FIELD(get_info_reply, product, "product", STRING),
        FIELD(get_info_reply, version, "version", STRING),
        FIELD(get_info_reply, url, "url", STRING),
        LIST(get_info_reply, interfaces, "interfaces", STRING),
};

const struct schema message_get_info_reply_schema = PARAMETERS(get_info_reply, get_info_reply_rows);

static const struct schema_field get_interface_description_rows[] = {
        FIELD(get_interface_description, interface, "interface", STRING),
};

const struct schema message_get_interface_description_schema =
        PARAMETERS(get_interface_description, get_interface_description_rows);

static const struct schema_field get_interface_description_reply_rows[] = {
        FIELD(get_interface_description_reply, description, "description", STRING),
};

const struct schema message_get_interface_description_reply_schema =
        PARAMETERS(get_interface_description_reply, get_interface_description_reply_rows);

static const struct schema_field manager_rows[] = {
        FIELD(manager, version, "version", STRING),
        FIELD(manager, agent_id, "agentId", STRING),
};

const struct schema message_manager_schema = PARAMETERS(manager, manager_rows);

/*
 * Errors: one table for each set of fields, all within struct message_error.
 */

static const struct schema_field error_store_rows[] = {
        FIELD(error, subject, "store", STRING),
        FIELD(error, reason, "reason", STRING),
};

static const struct schema_field error_limit_rows[] = { FIELD(error, subject, "limit", STRING) };
static const struct schema_field error_path_rows[] = { FIELD(error, subject, "path", STRING) };
static const struct schema_field error_interface_rows[] = { FIELD(error, subject, "interface",
                                                                  STRING) };
static const struct schema_field error_method_rows[] = { FIELD(error, subject, "method", STRING) };
static const struct schema_field error_parameter_rows[] = { FIELD(error, subject, "parameter",
                                                                  STRING) };

static const struct schema_field error_field_rows[] = {
        FIELD(error, subject, "field", STRING),
        FIELD(error, reason, "reason", STRING),
};

static const struct schema error_nothing = { .size_bytes = sizeof(struct message_error) };
static const struct schema error_store = {
        .size_bytes = sizeof(struct message_error),
        .fields = error_store_rows,
        .n_fields = 1,
};
static const struct schema error_store_reason = PARAMETERS(error, error_store_rows);
static const struct schema error_limit = PARAMETERS(error, error_limit_rows);
static const struct schema error_path = PARAMETERS(error, error_path_rows);
static const struct schema error_field = PARAMETERS(error, error_field_rows);
static const struct schema error_interface = PARAMETERS(error, error_interface_rows);
static const struct schema error_method = PARAMETERS(error, error_method_rows);
static const struct schema error_parameter = PARAMETERS(error, error_parameter_rows);

/*
 * Interfaces.
 */

static const struct schema *const agent_types[] = {
        &finding_schema,
        &chain_element_schema,
        &message_verdict_schema,
        &context_schema,
        &message_event_schema,
        &message_store_schema,
        &message_certificate_schema,
        &broken_file_schema,
        &message_crl_schema,
};

static const struct schema_method agent_methods[] = {
        { MESSAGE_VALIDATE, "Validate",
          "Judges a certificate. certificates: base64 of DER, the one in question first; an "
          "element may hold several "
          "DER\n"
          "certificates one after another, as OPC UA sends them. purpose, what it is presented as: "
          "client, server, "
          "user, https.\n"
          "at: judge as of this moment (seconds since 1970), recording nothing.",
          &message_validate_schema, &message_validate_reply_schema, 0 },
        { MESSAGE_MONITOR, "Monitor",
          "With more: first the present state of the stores asked for, then every change in order.",
          &message_monitor_schema, &message_monitor_reply_schema, SCHEMA_METHOD_MORE },
        { MESSAGE_LIST_STORES, "ListStores", "The stores that there are.", &message_nothing_schema,
          &message_list_stores_reply_schema, 0 },
        { MESSAGE_LIST_CERTIFICATES, "ListCertificates",
          "The certificates of a store, or of one of its lists, in a lasting order, and after them "
          "its broken files.\n"
          "limit: rows of both, at most and by default 1,000. next: what to give as after to get "
          "the "
          "next page; null at the\n"
          "end. A page of another agentId or generation than the one before: begin again.",
          &message_list_certificates_schema, &message_list_certificates_reply_schema, 0 },
        { MESSAGE_LIST_CRLS, "ListCrls",
          "The revocation lists of a store, in pages as ListCertificates has them.",
          &message_list_crls_schema, &message_list_crls_reply_schema, 0 },
};

static const struct schema_error agent_errors[] = {
        { STATUS_E_NO_SUCH_STORE, NULL, &error_store },
        { STATUS_E_STORE_NOT_READY, NULL, &error_store_reason },
        { STATUS_E_STORE_IN_DOUBT, NULL, &error_store_reason },
        { STATUS_E_BUSY, NULL, &error_nothing },
        { STATUS_E_QUOTA_EXCEEDED, NULL, &error_limit },
        { STATUS_E_TOO_LARGE, NULL, &error_limit },
        { STATUS_E_CONFLICT, NULL, &error_path },
        { STATUS_E_BAD_REQUEST,
          "A value that cannot be accepted; a field missing or of the wrong type is "
          "org.varlink.service.InvalidParameter.",
          &error_field },
};

const struct schema_interface message_agent_interface = {
        .name = NAMES_AGENT_INTERFACE,
        .doc = "One OPC UA trust store for every application on this host.",
        .types = agent_types,
        .n_types = ARRAY_SIZE(agent_types),
        .methods = agent_methods,
        .n_methods = ARRAY_SIZE(agent_methods),
        .errors = agent_errors,
        .n_errors = ARRAY_SIZE(agent_errors),
};

static const struct schema_method service_methods[] = {
        { MESSAGE_GET_INFO, "GetInfo",
          "Get a list of all the interfaces a service provides and information\n"
          "about the implementation.",
          &message_nothing_schema, &message_get_info_reply_schema, 0 },
        { MESSAGE_GET_INTERFACE_DESCRIPTION, "GetInterfaceDescription",
          "Get the description of an interface that is implemented by this service.",
          &message_get_interface_description_schema,
          &message_get_interface_description_reply_schema, 0 },
};

static const struct schema_error service_errors[] = {
        { STATUS_E_INTERFACE_NOT_FOUND, "The requested interface was not found.",
          &error_interface },
        { STATUS_E_METHOD_NOT_FOUND, "The requested method was not found", &error_method },
        { STATUS_E_METHOD_NOT_IMPLEMENTED,
          "The interface defines the requested method, but the service does not\nimplement it.",
          &error_method },
        { STATUS_E_INVALID_PARAMETER, "One of the passed parameters is invalid.",
          &error_parameter },
        { STATUS_E_PERMISSION_DENIED, "Client is denied access", &error_nothing },
        { STATUS_E_EXPECTED_MORE,
          "Method is expected to be called with 'more' set to true, but wasn't", &error_nothing },
};

const struct schema_interface message_service_interface = {
        .name = NAMES_SERVICE_INTERFACE,
        .doc = "The Varlink Service Interface is provided by every varlink service. It\n"
               "describes the service and the interfaces it implements.",
        .methods = service_methods,
        .n_methods = ARRAY_SIZE(service_methods),
        .errors = service_errors,
        .n_errors = ARRAY_SIZE(service_errors),
};

static const struct schema_interface *const interfaces[] = {
        &message_agent_interface,
        &message_service_interface,
};

const struct schema_interface *message_find_interface(const char *name)
{
        for (size_t i = 0; i < ARRAY_SIZE(interfaces); i++)
                if (!strcmp(interfaces[i]->name, name))
                        return interfaces[i];
        return NULL;
}

const struct schema_method *message_find_method(const char *name,
                                                const struct schema_interface **interface_out)
{
        const char *dot = strrchr(name, '.');
        size_t n = dot ? (size_t)(dot - name) : 0;

        *interface_out = NULL;
        for (size_t i = 0; i < ARRAY_SIZE(interfaces); i++) {
                if (strlen(interfaces[i]->name) != n || memcmp(interfaces[i]->name, name, n))
                        continue;

                *interface_out = interfaces[i];
                return schema_find_method(interfaces[i], dot + 1);
        }
        return NULL;
}

void message_error_deinit(struct message_error *error)
{
        free(error->subject);
        free(error->reason);
        *error = (struct message_error)MESSAGE_ERROR_NULL;
}

void message_error_set(struct message_error *out, enum status_error error, const char *subject,
                       const char *reason)
{
        struct message_error set = {
                .error = error,
                .subject = subject ? strdup(subject) : NULL,
                .reason = reason ? strdup(reason) : NULL,
        };

        message_error_deinit(out);
        *out = set;
}

const struct schema *message_error_fields(enum status_error error)
{
        for (size_t i = 0; i < ARRAY_SIZE(interfaces); i++) {
                const struct schema_error *row = schema_find_error(interfaces[i], (int)error);

                if (row)
                        return row->fields;
        }
        return &error_nothing;
}

void message_error_text(const struct message_error *error, struct buf *out)
{
        buf_add_text(out, status_error_get(error->error)->text);
        if (error->subject && *error->subject)
                buf_printf(out, ": %s", error->subject);
        if (error->reason && *error->reason)
                buf_printf(out, " (%s)", error->reason);
}
