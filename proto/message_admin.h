/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Message admin - What changes trust: the interface org.uatrust.admin1.
 * As proto/message.h.
 */

#include "proto/message.h"

struct message_fallen_peer {
        char *key;
        char *cause;
        char *status_name;
        char *subject;
        int64_t uid;
        struct message_context *context; /* optional */
};

struct message_update {
        bool changed;
        char *store;
        char *agent_id;
        int64_t generation;
        char **added;
        size_t n_added;
        char **removed;
        size_t n_removed;
        struct message_fallen_peer *fallen;
        size_t n_fallen;
};

/*
 * Calls and their replies.
 */

struct message_update_reply {
        struct message_update update;
};

struct message_update_trust_list {
        struct schema_bytes *trusted_certificates; /* optional */
        size_t n_trusted_certificates;
        struct schema_bytes *trusted_crls; /* optional */
        size_t n_trusted_crls;
        struct schema_bytes *issuer_certificates; /* optional */
        size_t n_issuer_certificates;
        struct schema_bytes *issuer_crls; /* optional */
        size_t n_issuer_crls;
        char *store;  /* optional */
        char *reason; /* optional */
        bool dry_run; /* optional */
};

struct message_begin_update {
        char **lists;
        size_t n_lists;
        char *store;  /* optional */
        char *reason; /* optional */
};

struct message_begin_update_reply {
        char *update_id;
};

struct message_add_to_update {
        char *update_id;
        char *list;
        struct schema_bytes data;
};

struct message_apply_update {
        char *update_id;
        bool dry_run; /* optional */
};

struct message_cancel_update {
        char *update_id;
};

struct message_add_object {
        struct schema_bytes data;
        char *list;   /* optional */
        char *store;  /* optional */
        char *reason; /* optional */
        bool dry_run; /* optional */
};

struct message_remove_object {
        char *thumbprint;
        char *list;   /* optional */
        char *store;  /* optional */
        char *reason; /* optional */
        bool dry_run; /* optional */
};

struct message_rejected_object {
        char *thumbprint;
        char *store;  /* optional */
        char *reason; /* optional */
        bool dry_run; /* optional */
};

struct message_block_object {
        char *thumbprint;        /* optional */
        char *issuer_thumbprint; /* optional */
        char *serial_number;     /* optional */
        char *store;             /* optional */
        char *reason;            /* optional */
        bool dry_run;            /* optional */
};

extern const struct schema message_fallen_peer_schema, message_update_schema,
        message_update_reply_schema, message_update_trust_list_schema, message_begin_update_schema,
        message_begin_update_reply_schema, message_add_to_update_schema,
        message_apply_update_schema, message_cancel_update_schema, message_add_object_schema,
        message_remove_object_schema, message_rejected_object_schema, message_block_object_schema;
