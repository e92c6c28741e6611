/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/message.h"

#include "proto/message_rows.h"

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

const struct schema message_finding_schema =
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

const struct schema message_chain_element_schema =
        TYPE(chain_element, chain_element_rows, "ChainElement",
             "list: trusted, issuers or presented. origin: the source and file it came from, null "
             "if presented.");

static const struct schema_field verdict_rows[] = {
        FIELD(verdict, trusted, "trusted", BOOL),
        FIELD(verdict, status_code, "statusCode", INT),
        FIELD(verdict, status_name, "statusName", STRING),
        FIELD(verdict, wire_status_code, "wireStatusCode", INT),
        FIELD(verdict, wire_status_name, "wireStatusName", STRING),
        NESTED_LIST(verdict, findings, "findings", message_finding_schema),
        LIST(verdict, not_checked, "notChecked", STRING),
        NESTED_LIST(verdict, chain, "chain", message_chain_element_schema),
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

const struct schema message_context_schema = TYPE(
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
        FIELD(store, name, "name", STRING),
        FIELD(store, ready, "ready", BOOL),
        OPTIONAL(store, reason, "reason", STRING),
        FIELD(store, generation, "generation", INT),
        FIELD(store, trusted, "trusted", INT),
        FIELD(store, issuers, "issuers", INT),
        FIELD(store, crls, "crls", INT),
        FIELD(store, own, "own", INT),
        FIELD(store, rejected, "rejected", INT),
        FIELD(store, broken, "broken", INT),
        LIST(store, sources, "sources", STRING),
        OPTIONAL(store, state_hash, "stateHash", STRING),
        OPTIONAL(store, last_update_time, "lastUpdateTime", INT),
        OPTIONAL(store, soonest_expiry, "soonestExpiry", INT),
        OPTIONAL(store, problems, "problems", INT),
};

const struct schema message_store_schema =
        TYPE(store, store_rows, "Store",
             "A store as it is now. reason: why it is not ready. trusted to broken: how many "
             "certificates, CRLs and "
             "files there\n"
             "are. sources: the directories it is read from. stateHash: equal where all that "
             "decides verdicts is equal; null\n"
             "if not ready. lastUpdateTime: when its lists changed last. soonestExpiry: the last "
             "second of the first certificate or\n"
             "CRL to run out. problems: how many warnings stand. All three are null if not known "
             "yet.");

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

const struct schema message_broken_file_schema = TYPE(broken_file, broken_file_rows, "BrokenFile",
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
        OPTIONAL_NESTED(validate, context, "context", message_context_schema),
        OPTIONAL(validate, thumbprint, "thumbprint", STRING),
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
        NESTED_LIST(list_certificates_reply, broken, "broken", message_broken_file_schema),
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
