/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Message trust - What a store holds and how fresh it is: certificates by thumbprint, whole trust
 * lists, CRLs, freshness, what weakens checking, rejected certificates, blocks. As proto/message.h.
 */

#include "proto/message.h"

struct message_authority {
        char *sha256;
        char *subject;
        char *list;
        char *state;
        char *revocation_check;
        char *crl;           /* optional */
        int64_t this_update; /* optional */
        int64_t next_update; /* optional */
        bool in_grace;       /* optional */
};

struct message_expiry {
        char *sha256;
        char *thumbprint;
        char *subject;
        char *list;
        int64_t not_after;
        char *state;
};

struct message_weakening {
        char *store;
        char *setting;
        char *value;
        char *subject; /* optional */
};

struct message_rejected {
        char *store;
        char *sha256;
        char *thumbprint;
        char *subject;
        char *issuer;
        char *application_uri; /* optional */
        char *status_name;
        char *reason;
        char *purpose;
        struct message_context *context; /* optional */
        int64_t uid;                     /* optional */
        char *unit;                      /* optional */
        int64_t first_seen;
        int64_t last_seen;
        int64_t count;
        char **chain;
        size_t n_chain;
};

struct message_block {
        char *sha256;        /* optional */
        char *issuer;        /* optional */
        char *serial_number; /* optional */
        char *reason;        /* optional */
        int64_t since;       /* optional */
        int64_t uid;         /* optional */
        char *origin;
};

/*
 * Calls and their replies.
 */

struct message_get_certificate {
        char *thumbprint;
        char *store; /* optional */
};

struct message_get_certificate_reply {
        char *store;
        char *agent_id;
        int64_t generation;
        struct message_certificate certificate;
        struct schema_bytes der;
};

struct message_read_trust_list {
        char **lists; /* optional */
        size_t n_lists;
        char *store;   /* optional */
        char *after;   /* optional */
        int64_t limit; /* optional */
};

struct message_read_trust_list_reply {
        char *store;
        char *agent_id;
        int64_t generation;
        struct schema_bytes *trusted_certificates;
        size_t n_trusted_certificates;
        struct schema_bytes *trusted_crls;
        size_t n_trusted_crls;
        struct schema_bytes *issuer_certificates;
        size_t n_issuer_certificates;
        struct schema_bytes *issuer_crls;
        size_t n_issuer_crls;
        char **large_trusted_crls;
        size_t n_large_trusted_crls;
        char **large_issuer_crls;
        size_t n_large_issuer_crls;
        char *next; /* optional */
};

struct message_read_crl {
        char *sha256;
        int64_t offset;
        char *store; /* optional */
};

struct message_read_crl_reply {
        struct schema_bytes data;
        int64_t total;
};

struct message_get_freshness {
        char *store;   /* optional */
        char *after;   /* optional */
        int64_t limit; /* optional */
};

struct message_get_freshness_reply {
        char *store;
        char *agent_id;
        int64_t generation;
        bool clock_is_plausible;
        bool is_out_of_date;
        int64_t last_update_time; /* optional */
        int64_t update_frequency; /* optional */
        struct message_authority *authorities;
        size_t n_authorities;
        struct message_expiry *expiries;
        size_t n_expiries;
        char *next; /* optional */
};

struct message_list_weakenings_reply {
        struct message_weakening *weakenings;
        size_t n_weakenings;
};

struct message_list_rejected {
        char *store;   /* optional */
        char *after;   /* optional */
        int64_t limit; /* optional */
};

struct message_list_rejected_reply {
        char *store;
        struct message_rejected *rejected;
        size_t n_rejected;
        char *next; /* optional */
};

struct message_list_blocks {
        char *store;   /* optional */
        char *after;   /* optional */
        int64_t limit; /* optional */
};

struct message_list_blocks_reply {
        char *store;
        char *agent_id;
        int64_t generation;
        struct message_block *blocks;
        size_t n_blocks;
        char *next; /* optional */
};

extern const struct schema message_authority_schema, message_expiry_schema,
        message_weakening_schema, message_rejected_schema, message_block_schema,
        message_get_certificate_schema, message_get_certificate_reply_schema,
        message_read_trust_list_schema, message_read_trust_list_reply_schema,
        message_read_crl_schema, message_read_crl_reply_schema, message_get_freshness_schema,
        message_get_freshness_reply_schema, message_list_weakenings_reply_schema,
        message_list_rejected_schema, message_list_rejected_reply_schema,
        message_list_blocks_schema, message_list_blocks_reply_schema;
