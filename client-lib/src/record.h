/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Record - what the API hands out are the messages of the wire, wrapped so that their types stay
 * opaque outside. Elements of a message's arrays are records too: a record is its message at the
 * same address.
 */

#include "proto/message_admin.h"
#include "proto/message_peers.h"
#include "proto/message_trust.h"
#include "verdict.h"

struct uatrust_stores {
        struct message_list_stores_reply m;
};

struct uatrust_certificates {
        struct message_list_certificates_reply m;
};

struct uatrust_crls {
        struct message_list_crls_reply m;
};

struct uatrust_freshness {
        struct message_get_freshness_reply m;
};

struct uatrust_weakenings {
        struct message_list_weakenings_reply m;
};

struct uatrust_rejected_list {
        struct message_list_rejected_reply m;
};

struct uatrust_blocks {
        struct message_list_blocks_reply m;
};

struct uatrust_update {
        struct message_update_reply m;
};

struct uatrust_info {
        struct message_get_info_reply m;
};

struct uatrust_event {
        struct message_event m;
        bool is_resync;
};

struct uatrust_trust_list {
        struct message_read_trust_list_reply m;
};

struct uatrust_stored_certificate {
        struct message_get_certificate_reply m;
};

struct uatrust_stored_crl {
        struct message_read_crl_reply m;
};

struct uatrust_changes {
        struct message_changes_reply m;
        struct uatrust_event *events; /* as many, which borrow from m */
};

struct uatrust_statistics {
        struct message_statistics_reply m;
};

struct uatrust_notice {
        struct message_monitor_notices_reply m;
};
