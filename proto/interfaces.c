/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/buf.h"
#include "proto/compiler.h"
#include "proto/message.h"
#include "proto/message_admin.h"
#include "proto/message_peers.h"
#include "proto/message_rows.h"
#include "proto/message_trust.h"
#include "proto/names.h"

#include <assert.h>
#include <string.h>

/*
 * Errors: one table for each set of fields, all within struct message_error.
 */

static const struct schema_field error_store_rows[] = {
        FIELD(error, subject, "store", STRING),
        FIELD(error, reason, "reason", STRING),
};

static const struct schema_field error_limit_rows[] = { FIELD(error, subject, "limit", STRING) };
static const struct schema_field error_path_rows[] = {
        FIELD(error, subject, "path", STRING),
        FIELD(error, reason, "reason", STRING),
};
static const struct schema_field error_thumbprint_rows[] = { FIELD(error, subject, "thumbprint",
                                                                   STRING) };
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
static const struct schema error_path = {
        .size_bytes = sizeof(struct message_error),
        .fields = error_path_rows,
        .n_fields = 1,
};
static const struct schema error_path_reason = PARAMETERS(error, error_path_rows);
static const struct schema error_thumbprint = PARAMETERS(error, error_thumbprint_rows);
static const struct schema error_field = PARAMETERS(error, error_field_rows);
static const struct schema error_interface = PARAMETERS(error, error_interface_rows);
static const struct schema error_method = PARAMETERS(error, error_method_rows);
static const struct schema error_parameter = PARAMETERS(error, error_parameter_rows);

/*
 * Interfaces.
 */

static const struct schema *const agent_types[] = {
        &message_finding_schema,     &message_chain_element_schema, &message_verdict_schema,
        &message_context_schema,     &message_event_schema,         &message_store_schema,
        &message_certificate_schema, &message_broken_file_schema,   &message_crl_schema,
        &message_authority_schema,   &message_expiry_schema,        &message_weakening_schema,
        &message_rejected_schema,    &message_block_schema,         &message_peer_schema,
        &message_peer_state_schema,  &message_peer_news_schema,     &message_warning_schema,
        &message_audit_event_schema, &message_count_schema,         &message_latency_schema,
};

static const struct schema_method agent_methods[] = {
        { MESSAGE_VALIDATE, "Validate",
          "Judges a certificate. certificates: base64 of DER, the one in question first; an "
          "element may hold several "
          "DER\n"
          "certificates one after another, as OPC UA sends them. purpose, what it is presented as: "
          "client, server, "
          "user, https.\n"
          "at: judge as of this moment (seconds since 1970), recording nothing. thumbprint: in "
          "place of certificates, which is\n"
          "empty then: one that lies in a list of the store, by its SHA-1 or SHA-256 in hex.",
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
        { MESSAGE_GET_CERTIFICATE, "GetCertificate",
          "One certificate of a store, in any of its lists. thumbprint: SHA-1 or SHA-256 in hex.",
          &message_get_certificate_schema, &message_get_certificate_reply_schema, 0 },
        { MESSAGE_READ_TRUST_LIST, "ReadTrustList",
          "The DER of what lies in the lists asked for: trustedCertificates, trustedCrls, "
          "issuerCertificates, issuerCrls; all\n"
          "by default; in pages as ListCertificates has them. A CRL too large for a reply is named "
          "by its SHA-256: see ReadCrl.\n"
          "CRLs that are superseded or unverified are left out, so that UpdateTrustList takes what "
          "is read.",
          &message_read_trust_list_schema, &message_read_trust_list_reply_schema, 0 },
        { MESSAGE_READ_CRL, "ReadCrl",
          "A part of a revocation list's DER, from offset on. total: bytes of the whole.",
          &message_read_crl_schema, &message_read_crl_reply_schema, 0 },
        { MESSAGE_GET_FRESHNESS, "GetFreshness",
          "How fresh a store is: the revocation list of each of its CAs, and which certificates "
          "expire; in pages as\n"
          "ListCertificates has them. lastUpdateTime: when its lists changed last. "
          "updateFrequency: seconds within which they\n"
          "should change; isOutOfDate: they did not (OPC 10000-12 TrustListType).",
          &message_get_freshness_schema, &message_get_freshness_reply_schema, 0 },
        { MESSAGE_LIST_WEAKENINGS, "ListWeakenings",
          "Everything in force on this host that makes checking weaker than OPC 10000-4 has it.",
          &message_nothing_schema, &message_list_weakenings_reply_schema, 0 },
        { MESSAGE_LIST_REJECTED, "ListRejected",
          "The certificates that were refused, last seen first, in pages as ListCertificates has "
          "them.",
          &message_list_rejected_schema, &message_list_rejected_reply_schema, 0 },
        { MESSAGE_LIST_BLOCKS, "ListBlocks",
          "The certificates that are blocked, in pages as ListCertificates has them.",
          &message_list_blocks_schema, &message_list_blocks_reply_schema, 0 },
        { MESSAGE_CHANGES, "Changes",
          "What Monitor has told after generation since of this agentId. A single event of kind "
          "resync where that is not known\n"
          "any more: read the lists anew.",
          &message_changes_schema, &message_changes_reply_schema, 0 },
        { MESSAGE_WATCH_PEERS, "WatchPeers",
          "With more: first a watchId, then news of every peer that RegisterPeers gave it, once "
          "for each change of its verdict.\n"
          "The peers are forgotten when the call ends.",
          &message_nothing_schema, &message_watch_peers_reply_schema, SCHEMA_METHOD_MORE },
        { MESSAGE_REGISTER_PEERS, "RegisterPeers",
          "Watches peers from now on, on another connection of the same user; a key that is "
          "watched already is replaced. How\n"
          "each stands is the reply; what changes later goes to WatchPeers.",
          &message_register_peers_schema, &message_register_peers_reply_schema, 0 },
        { MESSAGE_UNREGISTER_PEERS, "UnregisterPeers",
          "Watches these peers no more; keys that are not watched are passed over.",
          &message_unregister_peers_schema, &message_nothing_schema, 0 },
        { MESSAGE_MONITOR_NOTICES, "MonitorNotices",
          "With more: first the warnings that stand, then every warning, rejected certificate and "
          "audit event as it comes, one\n"
          "a reply. missed: how many were dropped since the reply before, because they were not "
          "read in time.",
          &message_monitor_notices_schema, &message_monitor_notices_reply_schema,
          SCHEMA_METHOD_MORE },
        { MESSAGE_STATISTICS, "Statistics",
          "What was counted since the agent started (seconds since 1970), over all doors.",
          &message_nothing_schema, &message_statistics_reply_schema, 0 },
};

static const struct schema_error agent_errors[] = {
        { STATUS_E_NO_SUCH_STORE, NULL, &error_store },
        { STATUS_E_STORE_NOT_READY, NULL, &error_store_reason },
        { STATUS_E_STORE_IN_DOUBT, NULL, &error_store_reason },
        { STATUS_E_BUSY, NULL, &error_nothing },
        { STATUS_E_QUOTA_EXCEEDED, NULL, &error_limit },
        { STATUS_E_TOO_LARGE, NULL, &error_limit },
        { STATUS_E_CONFLICT, NULL, &error_path },
        { STATUS_E_NO_SUCH_CERTIFICATE, "No list of the store that was asked about holds it.",
          &error_thumbprint },
        { STATUS_E_READ_ONLY,
          "It lies where the agent may not write; reason: the command that mends it.",
          &error_path_reason },
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

static const struct schema *const admin_types[] = {
        &message_context_schema,
        &message_fallen_peer_schema,
        &message_update_schema,
};

static const struct schema_method admin_methods[] = {
        { MESSAGE_UPDATE_TRUST_LIST, "UpdateTrustList",
          "Replaces those lists that are given, all or nothing (OPC 10000-12 TrustListType). Each "
          "element is the DER of one\n"
          "certificate or CRL.",
          &message_update_trust_list_schema, &message_update_reply_schema, SCHEMA_METHOD_ADMIN },
        { MESSAGE_BEGIN_UPDATE, "BeginUpdate",
          "Begins an update in parts. lists: which are replaced, of trustedCertificates, "
          "trustedCrls, issuerCertificates,\n"
          "issuerCrls. Forgotten if not used for a minute. If one of them changes until "
          "ApplyUpdate, that is a Conflict which\n"
          "names it.",
          &message_begin_update_schema, &message_begin_update_reply_schema, SCHEMA_METHOD_ADMIN },
        { MESSAGE_ADD_TO_UPDATE, "AddToUpdate",
          "Adds to one of its lists: DER of objects one after another, which may go on in the next "
          "call's data.",
          &message_add_to_update_schema, &message_nothing_schema, SCHEMA_METHOD_ADMIN },
        { MESSAGE_APPLY_UPDATE, "ApplyUpdate",
          "Puts an update that was sent in parts into force, as UpdateTrustList does. A dry run "
          "leaves it to be applied.",
          &message_apply_update_schema, &message_update_reply_schema, SCHEMA_METHOD_ADMIN },
        { MESSAGE_CANCEL_UPDATE, "CancelUpdate", "Forgets an update that was begun.",
          &message_cancel_update_schema, &message_nothing_schema, SCHEMA_METHOD_ADMIN },
        { MESSAGE_ADD_CERTIFICATE, "AddCertificate",
          "Adds a certificate. list: trusted (the default) or issuers.", &message_add_object_schema,
          &message_update_reply_schema, SCHEMA_METHOD_ADMIN },
        { MESSAGE_REMOVE_CERTIFICATE, "RemoveCertificate",
          "Removes a certificate, and with a CA its revocation lists. list: from this one only.",
          &message_remove_object_schema, &message_update_reply_schema, SCHEMA_METHOD_ADMIN },
        { MESSAGE_ADD_CRL, "AddCrl",
          "Adds a revocation list; older ones of the same signer go. list: trusted or issuers; by "
          "default that of its CA.",
          &message_add_object_schema, &message_update_reply_schema, SCHEMA_METHOD_ADMIN },
        { MESSAGE_REMOVE_CRL, "RemoveCrl", "Removes a revocation list. thumbprint: its SHA-256.",
          &message_remove_object_schema, &message_update_reply_schema, SCHEMA_METHOD_ADMIN },
        { MESSAGE_TRUST_REJECTED, "TrustRejected",
          "Moves a certificate from the rejected to the trusted list.",
          &message_rejected_object_schema, &message_update_reply_schema, SCHEMA_METHOD_ADMIN },
        { MESSAGE_REMOVE_REJECTED, "RemoveRejected",
          "Removes a certificate from the rejected list.", &message_rejected_object_schema,
          &message_update_reply_schema, SCHEMA_METHOD_ADMIN },
        { MESSAGE_BLOCK, "Block",
          "Blocks a certificate, whatever else trusts it: by thumbprint (SHA-256; SHA-1 of one that "
          "a list of the store holds),\n"
          "or by issuerThumbprint (of its CA, which a list holds) and serialNumber in hex.",
          &message_block_object_schema, &message_update_reply_schema, SCHEMA_METHOD_ADMIN },
        { MESSAGE_UNBLOCK, "Unblock", "Ends a block.", &message_block_object_schema,
          &message_update_reply_schema, SCHEMA_METHOD_ADMIN },
        { MESSAGE_RELOAD, "Reload",
          "Reads the configuration anew, all or nothing, and looks at all directories.",
          &message_nothing_schema, &message_nothing_schema, SCHEMA_METHOD_ADMIN },
};

const struct schema_interface message_admin_interface = {
        .name = NAMES_ADMIN_INTERFACE,
        .doc = "Changes what this host trusts. Served on the admin socket; errors are those "
               "of " NAMES_AGENT_INTERFACE ".\n"
               "reason: why, for the audit. dryRun: only say what would change.",
        .types = admin_types,
        .n_types = ARRAY_SIZE(admin_types),
        .methods = admin_methods,
        .n_methods = ARRAY_SIZE(admin_methods),
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

const struct schema_interface *const message_client_interfaces[] = {
        &message_service_interface,
        &message_agent_interface,
        NULL,
};

const struct schema_interface *const message_admin_interfaces[] = {
        &message_service_interface,
        &message_agent_interface,
        &message_admin_interface,
        NULL,
};

const struct schema_method *message_get_method(enum message_method method)
{
        const struct schema_interface *const *all = message_admin_interfaces;

        for (size_t i = 0; all[i]; i++)
                for (size_t k = 0; k < all[i]->n_methods; k++)
                        if (all[i]->methods[k].id == (int)method)
                                return &all[i]->methods[k];
        assert(false);
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
        const struct schema_interface *const *all = message_admin_interfaces;

        for (size_t i = 0; all[i]; i++) {
                const struct schema_error *row = schema_find_error(all[i], (int)error);

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
