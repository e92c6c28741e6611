/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/verdict.h"

#include "pki/cert.h"
#include "proto/names.h"
#include "proto/status.h"

#include <stdlib.h>

static const char *const STEPS[STEP_N] = {
        [STEP_STRUCTURE] = "structure",   [STEP_CHAIN] = "chain",
        [STEP_SIGNATURE] = "signature",   [STEP_POLICY] = "policy",
        [STEP_TRUST] = "trust",           [STEP_VALIDITY] = "validity",
        [STEP_HOST_NAME] = "hostName",    [STEP_URI] = "uri",
        [STEP_USAGE] = "usage",           [STEP_FIND_REVOCATION_LIST] = "findRevocationList",
        [STEP_REVOCATION] = "revocation",
};

static const char *const SEVERITIES[] = {
        [SEVERITY_ERROR] = NAMES_SEVERITY_ERROR,
        [SEVERITY_SUPPRESSED] = NAMES_SEVERITY_SUPPRESSED,
        [SEVERITY_NOTE] = NAMES_SEVERITY_NOTE,
};

static const char *const LISTS[] = {
        [CHAIN_LIST_PRESENTED] = NAMES_LIST_PRESENTED,
        [CHAIN_LIST_TRUSTED] = NAMES_LIST_TRUSTED,
        [CHAIN_LIST_ISSUERS] = NAMES_LIST_ISSUERS,
};

static const enum status_audit AUDITS[STEP_N] = {
        [STEP_STRUCTURE] = STATUS_AUDIT_INVALID,
        [STEP_CHAIN] = STATUS_AUDIT_INVALID,
        [STEP_SIGNATURE] = STATUS_AUDIT_INVALID,
        [STEP_POLICY] = STATUS_AUDIT_INVALID,
        [STEP_TRUST] = STATUS_AUDIT_UNTRUSTED,
        [STEP_VALIDITY] = STATUS_AUDIT_EXPIRED,
        [STEP_HOST_NAME] = STATUS_AUDIT_DATA_MISMATCH,
        [STEP_URI] = STATUS_AUDIT_DATA_MISMATCH,
        [STEP_USAGE] = STATUS_AUDIT_MISMATCH,
        [STEP_FIND_REVOCATION_LIST] = STATUS_AUDIT_REVOKED,
        [STEP_REVOCATION] = STATUS_AUDIT_REVOKED,
};

void verdict_deinit(struct verdict *verdict)
{
        for (size_t i = 0; i < verdict->findings.n; i++)
                free(verdict->findings.items[i].message);
        VEC_FREE(&verdict->findings);

        for (size_t i = 0; i < verdict->chain.n; i++) {
                cert_unref(verdict->chain.items[i].cert);
                free(verdict->chain.items[i].origin);
        }
        VEC_FREE(&verdict->chain);
}

const char *step_name(enum step step)
{
        return STEPS[step];
}

const char *severity_name(enum severity severity)
{
        return SEVERITIES[severity];
}

const char *chain_list_name(enum chain_list list)
{
        return LISTS[list];
}

const char *finding_audit_event_type(const struct finding *finding)
{
        return status_audit_name(AUDITS[finding->step]);
}
