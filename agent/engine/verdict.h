/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Verdict - what the engine found, as a value of its own: it holds references to the certificates
 * of its chain, but none into the snapshot that it was judged by.
 *
 * Spec: OPC 10000-4 6.1.3, Table 106.
 */

#include "base/vec.h"
#include "engine/footprint.h"
#include "proto/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cert;

/* In the order that is normative. */
enum step {
        STEP_STRUCTURE,
        STEP_CHAIN,
        STEP_SIGNATURE,
        STEP_POLICY,
        STEP_TRUST,
        STEP_VALIDITY,
        STEP_HOST_NAME,
        STEP_URI,
        STEP_USAGE,
        STEP_FIND_REVOCATION_LIST,
        STEP_REVOCATION,
        STEP_N,
};

enum severity {
        SEVERITY_ERROR,      /* decides, unless another error comes first */
        SEVERITY_SUPPRESSED, /* would decide, had the store or the request not let it pass */
        SEVERITY_NOTE,       /* decides nothing */
};

/* What a request left out, so that a Good verdict says what it does not mean. */
enum not_checked {
        NOT_CHECKED_HOST_NAME = 1 << 0,
        NOT_CHECKED_URI = 1 << 1,
        NOT_CHECKED_POLICY = 1 << 2,
};

struct finding {
        enum step step;
        enum severity severity;
        uint32_t status; /* a StatusCode; 0 for a note that has none */
        /* static: "absent" where the status name bears "/absent", else NULL */
        const char *qualifier;
        /* into the verdict's chain, 0 the certificate in question; -1: not in the chain */
        int chain_index;
        bool has_thumbprint;
        uint8_t thumbprint[20]; /* SHA-1 of the certificate that it is about */
        char *message;          /* one plain sentence with names and times; owned */
};

enum chain_list {
        CHAIN_LIST_PRESENTED, /* known from the request only */
        CHAIN_LIST_TRUSTED,
        CHAIN_LIST_ISSUERS,
};

struct verdict_link {
        const struct cert *cert; /* a reference of its own */
        enum chain_list list;
        /* of the first file that holds it; NULL if presented only; owned */
        char *origin;
};

struct verdict {
        uint32_t status;      /* 0: Good */
        uint32_t wire_status; /* what a server may tell its client */
        /* in order of step, then of place in the chain; Revoked before step 10 */
        VEC(struct finding) findings;
        VEC(struct verdict_link) chain; /* leaf first; as far as it could be built */
        unsigned int not_checked;       /* enum not_checked */
        /* first second at which it may no longer hold; INT64_MAX: time changes nothing */
        int64_t valid_until_s;
        bool is_blocked;            /* the certificate or one of its chain is blocked */
        bool is_unfinished;         /* the budget ran out before it was judged */
        unsigned int cost_units;    /* what was spent of the budget */
        struct footprint footprint; /* what it rests on in the snapshot, beside its settings */
};

/** verdict_deinit() - frees what it holds; a zeroed verdict may be passed */
void verdict_deinit(struct verdict *verdict);

/** step_name() - as on the wire: "structure", "chain", ... "findRevocationList", "revocation" */
const char *step_name(enum step step);

/** severity_name() - "error", "suppressed" or "note" */
const char *severity_name(enum severity severity);

/** chain_list_name() - "presented", "trusted" or "issuers" */
const char *chain_list_name(enum chain_list list);

/**
 * finding_audit_event_type() - the AuditEventType that Table 106 names for a finding
 *
 * Return: e.g. "AuditCertificateExpiredEventType", static.
 */
const char *finding_audit_event_type(const struct finding *finding);
