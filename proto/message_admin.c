/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/message_admin.h"

#include "proto/message_rows.h"

static const struct schema_field fallen_peer_rows[] = {
        FIELD(fallen_peer, key, "key", STRING),
        FIELD(fallen_peer, cause, "cause", STRING),
        FIELD(fallen_peer, status_name, "statusName", STRING),
        FIELD(fallen_peer, subject, "subject", STRING),
        FIELD(fallen_peer, uid, "uid", INT),
        OPTIONAL_NESTED(fallen_peer, context, "context", message_context_schema),
};

const struct schema message_fallen_peer_schema =
        TYPE(fallen_peer, fallen_peer_rows, "FallenPeer",
             "A watched peer that is good now and would be no more. key, cause: as in "
             "org.uatrust.agent1.PeerState.");

static const struct schema_field update_rows[] = {
        FIELD(update, changed, "changed", BOOL),
        FIELD(update, store, "store", STRING),
        FIELD(update, agent_id, "agentId", STRING),
        FIELD(update, generation, "generation", INT),
        LIST(update, added, "added", STRING),
        LIST(update, removed, "removed", STRING),
        NESTED_LIST(update, fallen, "fallen", message_fallen_peer_schema),
};

const struct schema message_update_schema =
        TYPE(update, update_rows, "Update",
             "What an update has done, or would do. generation: the one in which it is in force. "
             "added, removed: SHA-256 of\n"
             "certificates and CRLs.");

/*
 * Calls and replies.
 */

static const struct schema_field update_reply_rows[] = {
        NESTED(update_reply, update, "update", message_update_schema),
};

const struct schema message_update_reply_schema = PARAMETERS(update_reply, update_reply_rows);

static const struct schema_field update_trust_list_rows[] = {
        OPTIONAL_LIST(update_trust_list, trusted_certificates, "trustedCertificates", BYTES),
        OPTIONAL_LIST(update_trust_list, trusted_crls, "trustedCrls", BYTES),
        OPTIONAL_LIST(update_trust_list, issuer_certificates, "issuerCertificates", BYTES),
        OPTIONAL_LIST(update_trust_list, issuer_crls, "issuerCrls", BYTES),
        OPTIONAL(update_trust_list, store, "store", STRING),
        OPTIONAL(update_trust_list, reason, "reason", STRING),
        OPTIONAL(update_trust_list, dry_run, "dryRun", BOOL),
};

const struct schema message_update_trust_list_schema =
        PARAMETERS(update_trust_list, update_trust_list_rows);

static const struct schema_field begin_update_rows[] = {
        LIST(begin_update, lists, "lists", STRING),
        OPTIONAL(begin_update, store, "store", STRING),
        OPTIONAL(begin_update, reason, "reason", STRING),
};

const struct schema message_begin_update_schema = PARAMETERS(begin_update, begin_update_rows);

static const struct schema_field begin_update_reply_rows[] = {
        FIELD(begin_update_reply, update_id, "updateId", STRING),
};

const struct schema message_begin_update_reply_schema =
        PARAMETERS(begin_update_reply, begin_update_reply_rows);

static const struct schema_field add_to_update_rows[] = {
        FIELD(add_to_update, update_id, "updateId", STRING),
        FIELD(add_to_update, list, "list", STRING),
        FIELD(add_to_update, data, "data", BYTES),
};

const struct schema message_add_to_update_schema = PARAMETERS(add_to_update, add_to_update_rows);

static const struct schema_field apply_update_rows[] = {
        FIELD(apply_update, update_id, "updateId", STRING),
        OPTIONAL(apply_update, dry_run, "dryRun", BOOL),
};

const struct schema message_apply_update_schema = PARAMETERS(apply_update, apply_update_rows);

static const struct schema_field cancel_update_rows[] = {
        FIELD(cancel_update, update_id, "updateId", STRING),
};

const struct schema message_cancel_update_schema = PARAMETERS(cancel_update, cancel_update_rows);

static const struct schema_field add_object_rows[] = {
        FIELD(add_object, data, "data", BYTES),
        OPTIONAL(add_object, list, "list", STRING),
        OPTIONAL(add_object, store, "store", STRING),
        OPTIONAL(add_object, reason, "reason", STRING),
        OPTIONAL(add_object, dry_run, "dryRun", BOOL),
};

const struct schema message_add_object_schema = PARAMETERS(add_object, add_object_rows);

static const struct schema_field remove_object_rows[] = {
        FIELD(remove_object, thumbprint, "thumbprint", STRING),
        OPTIONAL(remove_object, list, "list", STRING),
        OPTIONAL(remove_object, store, "store", STRING),
        OPTIONAL(remove_object, reason, "reason", STRING),
        OPTIONAL(remove_object, dry_run, "dryRun", BOOL),
};

const struct schema message_remove_object_schema = PARAMETERS(remove_object, remove_object_rows);

static const struct schema_field rejected_object_rows[] = {
        FIELD(rejected_object, thumbprint, "thumbprint", STRING),
        OPTIONAL(rejected_object, store, "store", STRING),
        OPTIONAL(rejected_object, reason, "reason", STRING),
        OPTIONAL(rejected_object, dry_run, "dryRun", BOOL),
};

const struct schema message_rejected_object_schema =
        PARAMETERS(rejected_object, rejected_object_rows);

static const struct schema_field block_object_rows[] = {
        OPTIONAL(block_object, thumbprint, "thumbprint", STRING),
        OPTIONAL(block_object, issuer_thumbprint, "issuerThumbprint", STRING),
        OPTIONAL(block_object, serial_number, "serialNumber", STRING),
        OPTIONAL(block_object, store, "store", STRING),
        OPTIONAL(block_object, reason, "reason", STRING),
        OPTIONAL(block_object, dry_run, "dryRun", BOOL),
};

const struct schema message_block_object_schema = PARAMETERS(block_object, block_object_rows);
