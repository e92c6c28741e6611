/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/message_trust.h"

#include "proto/message_rows.h"

static const struct schema_field authority_rows[] = {
        FIELD(authority, sha256, "sha256", STRING),
        FIELD(authority, subject, "subject", STRING),
        FIELD(authority, list, "list", STRING),
        FIELD(authority, state, "state", STRING),
        FIELD(authority, revocation_check, "revocationCheck", STRING),
        OPTIONAL(authority, crl, "crl", STRING),
        OPTIONAL(authority, this_update, "thisUpdate", INT),
        OPTIONAL(authority, next_update, "nextUpdate", INT),
        OPTIONAL(authority, in_grace, "inGrace", BOOL),
};

const struct schema message_authority_schema =
        TYPE(authority, authority_rows, "Authority",
             "A CA of a store, and how fresh its revocation list is. sha256: of the CA's "
             "certificate. state: missing, current,\n"
             "soonOutOfDate, outOfDate, notYetValid, damaged. revocationCheck: required, "
             "if-present, off. crl: SHA-256 of the\n"
             "newest one. nextUpdate: the last second at which it is current. inGrace: out of "
             "date, within CrlGrace=.");

static const struct schema_field expiry_rows[] = {
        FIELD(expiry, sha256, "sha256", STRING),   FIELD(expiry, thumbprint, "thumbprint", STRING),
        FIELD(expiry, subject, "subject", STRING), FIELD(expiry, list, "list", STRING),
        FIELD(expiry, not_after, "notAfter", INT), FIELD(expiry, state, "state", STRING),
};

const struct schema message_expiry_schema =
        TYPE(expiry, expiry_rows, "Expiry",
             "A certificate that has expired or will soon. state: soonExpired, expired.");

static const struct schema_field weakening_rows[] = {
        FIELD(weakening, store, "store", STRING),
        FIELD(weakening, setting, "setting", STRING),
        FIELD(weakening, value, "value", STRING),
        OPTIONAL(weakening, subject, "subject", STRING),
};

const struct schema message_weakening_schema =
        TYPE(weakening, weakening_rows, "Weakening",
             "One setting that weakens checking. setting: its key in the configuration. subject: "
             "which CA, if it is about one.");

static const struct schema_field rejected_rows[] = {
        FIELD(rejected, store, "store", STRING),
        FIELD(rejected, sha256, "sha256", STRING),
        FIELD(rejected, thumbprint, "thumbprint", STRING),
        FIELD(rejected, subject, "subject", STRING),
        FIELD(rejected, issuer, "issuer", STRING),
        OPTIONAL(rejected, application_uri, "applicationUri", STRING),
        FIELD(rejected, status_name, "statusName", STRING),
        FIELD(rejected, reason, "reason", STRING),
        FIELD(rejected, purpose, "purpose", STRING),
        OPTIONAL_NESTED(rejected, context, "context", message_context_schema),
        OPTIONAL(rejected, uid, "uid", INT),
        OPTIONAL(rejected, unit, "unit", STRING),
        FIELD(rejected, first_seen, "firstSeen", INT),
        FIELD(rejected, last_seen, "lastSeen", INT),
        FIELD(rejected, count, "count", INT),
        LIST(rejected, chain, "chain", STRING),
};

const struct schema message_rejected_schema = TYPE(
        rejected, rejected_rows, "Rejected",
        "A certificate that was presented and refused, and is kept for an administrator to "
        "look at. reason: what was found.\n"
        "uid, unit: who asked last. firstSeen, lastSeen: seconds since 1970. chain: SHA-256 "
        "of the issuers that came with it.\n"
        "Of a file that somebody else laid there nothing is known: statusName is empty, firstSeen "
        "and count are 0.");

static const struct schema_field block_rows[] = {
        OPTIONAL(block, sha256, "sha256", STRING),
        OPTIONAL(block, issuer, "issuer", STRING),
        OPTIONAL(block, serial_number, "serialNumber", STRING),
        OPTIONAL(block, reason, "reason", STRING),
        OPTIONAL(block, since, "since", INT),
        OPTIONAL(block, uid, "uid", INT),
        FIELD(block, origin, "origin", STRING),
};

const struct schema message_block_schema =
        TYPE(block, block_rows, "Block",
             "A certificate that the administrator has blocked, whatever else trusts it: by "
             "sha256, or by issuer (a name) and\n"
             "serialNumber (hex). since, uid: when and by whom.");

/*
 * Calls and replies.
 */

static const struct schema_field get_certificate_rows[] = {
        FIELD(get_certificate, thumbprint, "thumbprint", STRING),
        OPTIONAL(get_certificate, store, "store", STRING),
};

const struct schema message_get_certificate_schema =
        PARAMETERS(get_certificate, get_certificate_rows);

static const struct schema_field get_certificate_reply_rows[] = {
        FIELD(get_certificate_reply, store, "store", STRING),
        FIELD(get_certificate_reply, agent_id, "agentId", STRING),
        FIELD(get_certificate_reply, generation, "generation", INT),
        NESTED(get_certificate_reply, certificate, "certificate", message_certificate_schema),
        FIELD(get_certificate_reply, der, "der", BYTES),
};

const struct schema message_get_certificate_reply_schema =
        PARAMETERS(get_certificate_reply, get_certificate_reply_rows);

static const struct schema_field read_trust_list_rows[] = {
        OPTIONAL_LIST(read_trust_list, lists, "lists", STRING),
        OPTIONAL(read_trust_list, store, "store", STRING),
        OPTIONAL(read_trust_list, after, "after", STRING),
        OPTIONAL(read_trust_list, limit, "limit", INT),
};

const struct schema message_read_trust_list_schema =
        PARAMETERS(read_trust_list, read_trust_list_rows);

static const struct schema_field read_trust_list_reply_rows[] = {
        FIELD(read_trust_list_reply, store, "store", STRING),
        FIELD(read_trust_list_reply, agent_id, "agentId", STRING),
        FIELD(read_trust_list_reply, generation, "generation", INT),
        LIST(read_trust_list_reply, trusted_certificates, "trustedCertificates", BYTES),
        LIST(read_trust_list_reply, trusted_crls, "trustedCrls", BYTES),
        LIST(read_trust_list_reply, issuer_certificates, "issuerCertificates", BYTES),
        LIST(read_trust_list_reply, issuer_crls, "issuerCrls", BYTES),
        LIST(read_trust_list_reply, large_trusted_crls, "largeTrustedCrls", STRING),
        LIST(read_trust_list_reply, large_issuer_crls, "largeIssuerCrls", STRING),
        OPTIONAL(read_trust_list_reply, next, "next", STRING),
};

const struct schema message_read_trust_list_reply_schema =
        PARAMETERS(read_trust_list_reply, read_trust_list_reply_rows);

static const struct schema_field read_crl_rows[] = {
        FIELD(read_crl, sha256, "sha256", STRING),
        FIELD(read_crl, offset, "offset", INT),
        OPTIONAL(read_crl, store, "store", STRING),
};

const struct schema message_read_crl_schema = PARAMETERS(read_crl, read_crl_rows);

static const struct schema_field read_crl_reply_rows[] = {
        FIELD(read_crl_reply, data, "data", BYTES),
        FIELD(read_crl_reply, total, "total", INT),
};

const struct schema message_read_crl_reply_schema = PARAMETERS(read_crl_reply, read_crl_reply_rows);

static const struct schema_field get_freshness_rows[] = {
        OPTIONAL(get_freshness, store, "store", STRING),
        OPTIONAL(get_freshness, after, "after", STRING),
        OPTIONAL(get_freshness, limit, "limit", INT),
};

const struct schema message_get_freshness_schema = PARAMETERS(get_freshness, get_freshness_rows);

static const struct schema_field get_freshness_reply_rows[] = {
        FIELD(get_freshness_reply, store, "store", STRING),
        FIELD(get_freshness_reply, agent_id, "agentId", STRING),
        FIELD(get_freshness_reply, generation, "generation", INT),
        FIELD(get_freshness_reply, clock_is_plausible, "clockIsPlausible", BOOL),
        FIELD(get_freshness_reply, is_out_of_date, "isOutOfDate", BOOL),
        OPTIONAL(get_freshness_reply, last_update_time, "lastUpdateTime", INT),
        OPTIONAL(get_freshness_reply, update_frequency, "updateFrequency", INT),
        NESTED_LIST(get_freshness_reply, authorities, "authorities", message_authority_schema),
        NESTED_LIST(get_freshness_reply, expiries, "expiries", message_expiry_schema),
        OPTIONAL(get_freshness_reply, next, "next", STRING),
};

const struct schema message_get_freshness_reply_schema =
        PARAMETERS(get_freshness_reply, get_freshness_reply_rows);

static const struct schema_field list_weakenings_reply_rows[] = {
        NESTED_LIST(list_weakenings_reply, weakenings, "weakenings", message_weakening_schema),
};

const struct schema message_list_weakenings_reply_schema =
        PARAMETERS(list_weakenings_reply, list_weakenings_reply_rows);

static const struct schema_field list_rejected_rows[] = {
        OPTIONAL(list_rejected, store, "store", STRING),
        OPTIONAL(list_rejected, after, "after", STRING),
        OPTIONAL(list_rejected, limit, "limit", INT),
};

const struct schema message_list_rejected_schema = PARAMETERS(list_rejected, list_rejected_rows);

static const struct schema_field list_rejected_reply_rows[] = {
        FIELD(list_rejected_reply, store, "store", STRING),
        NESTED_LIST(list_rejected_reply, rejected, "rejected", message_rejected_schema),
        OPTIONAL(list_rejected_reply, next, "next", STRING),
};

const struct schema message_list_rejected_reply_schema =
        PARAMETERS(list_rejected_reply, list_rejected_reply_rows);

static const struct schema_field list_blocks_rows[] = {
        OPTIONAL(list_blocks, store, "store", STRING),
        OPTIONAL(list_blocks, after, "after", STRING),
        OPTIONAL(list_blocks, limit, "limit", INT),
};

const struct schema message_list_blocks_schema = PARAMETERS(list_blocks, list_blocks_rows);

static const struct schema_field list_blocks_reply_rows[] = {
        FIELD(list_blocks_reply, store, "store", STRING),
        FIELD(list_blocks_reply, agent_id, "agentId", STRING),
        FIELD(list_blocks_reply, generation, "generation", INT),
        NESTED_LIST(list_blocks_reply, blocks, "blocks", message_block_schema),
        OPTIONAL(list_blocks_reply, next, "next", STRING),
};

const struct schema message_list_blocks_reply_schema =
        PARAMETERS(list_blocks_reply, list_blocks_reply_rows);
