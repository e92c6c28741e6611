/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Update call - a call of org.uatrust.admin1 that changes a store at once, read as a request to the
 * store; and how what came of it is said in the words of the call.
 */

#include "proto/message_admin.h"
#include "service/service_call.h"
#include "store/update_request.h"

#include <stdint.h>

struct snapshot;
struct store_state;
struct update_outcome;

enum {
        UPDATE_CALL_E_REFUSED = 1,
};

/**
 * update_call_read() - what a call asks for
 * @call: of UpdateTrustList, AddCertificate to Unblock
 * @snap: of the store that it is about; a CA or a certificate that it names by SHA-1 is found there
 * @now_s: when a block begins
 * @out:  update_request_unref() it
 *
 * Only what needs no look at the store's folder is checked. @out_error of all
 * functions here is to be freed by message_error_deinit().
 *
 * Return: 0, UPDATE_CALL_E_REFUSED with @out_error, or -ENOMEM.
 */
int update_call_read(const struct service_call *call, const struct snapshot *snap, int64_t now_s,
                     struct update_request **out, struct message_error *out_error);

/** update_call_reason() - the reason that a call gives for itself, or NULL; borrowed from its in */
const char *update_call_reason(const struct service_call *call);

/** update_call_check_reason() - is it short enough? Return: 0 or UPDATE_CALL_E_REFUSED */
int update_call_check_reason(const char *reason, struct message_error *out_error);

/* What an outcome is said about. */
struct update_asked {
        enum message_method method;
        const char *subject; /* the thumbprint or serial number that it named, or NULL */
        const char *store;   /* name */
};

/**
 * update_call_judge() - is an outcome a refusal?
 *
 * Return: 0: it is UPDATE_DONE; UPDATE_CALL_E_REFUSED with @out_error.
 */
int update_call_judge(const struct update_outcome *outcome, const struct update_asked *asked,
                      struct message_error *out_error);

/**
 * update_call_report() - an outcome that is UPDATE_DONE, without who falls
 * @state: of the store as it is now
 * @out:   schema_deinit() it, also after a failure
 *
 * Return: 0 or -ENOMEM.
 */
int update_call_report(const struct update_outcome *outcome, const struct store_state *state,
                       const char *agent_id, struct message_update *out);
