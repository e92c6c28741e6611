/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UATRUST_READING_H
#define UATRUST_READING_H

/*
 * libuatrust, reading in full - the objects of a trust list themselves, what changed since, what
 * the agent has counted, and what an administrator should hear of. All that <uatrust/uatrust.h>,
 * <uatrust/async.h> and <uatrust/news.h> say of ownership, errors, threads and callbacks holds
 * here.
 */

#include <uatrust/admin.h>
#include <uatrust/async.h>
#include <uatrust/news.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

struct uatrust_trust_list;
struct uatrust_stored_certificate;
struct uatrust_stored_crl;
struct uatrust_changes;
struct uatrust_statistics;
struct uatrust_count;
struct uatrust_latency;
struct uatrust_notices;
struct uatrust_notice;
struct uatrust_warning;
struct uatrust_audit_event;

/*
 * Trust list: the DER of all that makes a store's trust, as OPC 10000-12 TrustListDataType has it.
 */

/**
 * uatrust_read_trust_list() - the trust list of @store, NULL: the client's
 *
 * It comes in pages, and CRLs of over 1 MiB in parts: the time limit holds for each. It is of one
 * generation; if the store changes meanwhile, it is read anew. CRLs that are superseded or that
 * nobody's key verifies are left out.
 */
int uatrust_read_trust_list(struct uatrust_client *client, const char *store,
                            struct uatrust_trust_list **out, struct uatrust_error **error);
int uatrust_read_trust_list_start(struct uatrust_call *call, const char *store,
                                  struct uatrust_error **error);
int uatrust_read_trust_list_finish(struct uatrust_call *call, struct uatrust_trust_list **out,
                                   struct uatrust_error **error);
void uatrust_trust_list_free(struct uatrust_trust_list *list);
const char *uatrust_trust_list_get_store(const struct uatrust_trust_list *list);
const char *uatrust_trust_list_get_agent_id(const struct uatrust_trust_list *list);
int64_t uatrust_trust_list_get_generation(const struct uatrust_trust_list *list);

/* DER of number @i, and how many bytes; NULL past the last. */
const void *uatrust_trust_list_get_trusted_certificate(const struct uatrust_trust_list *list,
                                                       size_t i, size_t *n_out);
const void *uatrust_trust_list_get_trusted_crl(const struct uatrust_trust_list *list, size_t i,
                                               size_t *n_out);
const void *uatrust_trust_list_get_issuer_certificate(const struct uatrust_trust_list *list,
                                                      size_t i, size_t *n_out);
const void *uatrust_trust_list_get_issuer_crl(const struct uatrust_trust_list *list, size_t i,
                                              size_t *n_out);

/**
 * uatrust_read_certificate() - one certificate of @store, NULL: the client's, in any of its lists
 * @thumbprint: SHA-1 or SHA-256 in hex
 */
int uatrust_read_certificate(struct uatrust_client *client, const char *store,
                             const char *thumbprint, struct uatrust_stored_certificate **out,
                             struct uatrust_error **error);
int uatrust_read_certificate_start(struct uatrust_call *call, const char *store,
                                   const char *thumbprint, struct uatrust_error **error);
int uatrust_read_certificate_finish(struct uatrust_call *call,
                                    struct uatrust_stored_certificate **out,
                                    struct uatrust_error **error);
void uatrust_stored_certificate_free(struct uatrust_stored_certificate *stored);
const char *uatrust_stored_certificate_get_store(const struct uatrust_stored_certificate *stored);
const char *uatrust_stored_certificate_get_agent_id(
        const struct uatrust_stored_certificate *stored);
int64_t uatrust_stored_certificate_get_generation(const struct uatrust_stored_certificate *stored);

/** uatrust_stored_certificate_get_certificate() - what it says; never NULL */
const struct uatrust_certificate *uatrust_stored_certificate_get_certificate(
        const struct uatrust_stored_certificate *stored);
const void *uatrust_stored_certificate_get_der(const struct uatrust_stored_certificate *stored,
                                               size_t *n_out);

/**
 * uatrust_read_crl() - the DER of one revocation list of @store, NULL: the client's
 * @sha256: in hex; see uatrust_crl_get_sha256()
 *
 * It comes in parts of 1 MiB; the time limit holds for each.
 */
int uatrust_read_crl(struct uatrust_client *client, const char *store, const char *sha256,
                     struct uatrust_stored_crl **out, struct uatrust_error **error);
int uatrust_read_crl_start(struct uatrust_call *call, const char *store, const char *sha256,
                           struct uatrust_error **error);
int uatrust_read_crl_finish(struct uatrust_call *call, struct uatrust_stored_crl **out,
                            struct uatrust_error **error);
void uatrust_stored_crl_free(struct uatrust_stored_crl *stored);
const void *uatrust_stored_crl_get_der(const struct uatrust_stored_crl *stored, size_t *n_out);

/*
 * Changes: what a monitor would have told.
 */

/**
 * uatrust_get_changes() - the events of @store, NULL: the client's, after generation @since
 * @agent_id: of that generation
 *
 * One event of kind resync alone, where that is not known any more: read the lists anew.
 */
int uatrust_get_changes(struct uatrust_client *client, const char *store, const char *agent_id,
                        int64_t since, struct uatrust_changes **out, struct uatrust_error **error);
int uatrust_get_changes_start(struct uatrust_call *call, const char *store, const char *agent_id,
                              int64_t since, struct uatrust_error **error);
int uatrust_get_changes_finish(struct uatrust_call *call, struct uatrust_changes **out,
                               struct uatrust_error **error);
void uatrust_changes_free(struct uatrust_changes *changes);
const struct uatrust_event *uatrust_changes_get_event(const struct uatrust_changes *changes,
                                                      size_t i);

/*
 * Statistics: what the agent has counted since it started, over all doors and all who ask.
 */

int uatrust_get_statistics(struct uatrust_client *client, struct uatrust_statistics **out,
                           struct uatrust_error **error);
int uatrust_get_statistics_start(struct uatrust_call *call, struct uatrust_error **error);
int uatrust_get_statistics_finish(struct uatrust_call *call, struct uatrust_statistics **out,
                                  struct uatrust_error **error);
void uatrust_statistics_free(struct uatrust_statistics *statistics);
const char *uatrust_statistics_get_agent_id(const struct uatrust_statistics *statistics);

/** uatrust_statistics_get_since() - when the agent started, in seconds since 1970 */
int64_t uatrust_statistics_get_since(const struct uatrust_statistics *statistics);

/* By name: calls by method, verdicts by status, refusals by error. */
const struct uatrust_count *uatrust_statistics_get_request(
        const struct uatrust_statistics *statistics, size_t i);
const struct uatrust_count *uatrust_statistics_get_verdict(
        const struct uatrust_statistics *statistics, size_t i);
const struct uatrust_count *uatrust_statistics_get_refusal(
        const struct uatrust_statistics *statistics, size_t i);
const char *uatrust_count_get_name(const struct uatrust_count *count);
int64_t uatrust_count_get_count(const struct uatrust_count *count);

/* Verdicts that were known already, replies that were kept, judgements made at once and by jobs. */
int64_t uatrust_statistics_get_cached(const struct uatrust_statistics *statistics);
int64_t uatrust_statistics_get_kept(const struct uatrust_statistics *statistics);
int64_t uatrust_statistics_get_judged_inline(const struct uatrust_statistics *statistics);
int64_t uatrust_statistics_get_judged_in_jobs(const struct uatrust_statistics *statistics);
int64_t uatrust_statistics_get_generations(const struct uatrust_statistics *statistics);
int64_t uatrust_statistics_get_audit_events(const struct uatrust_statistics *statistics);
int64_t uatrust_statistics_get_rejected_records(const struct uatrust_statistics *statistics);

/* As it is now. */
int64_t uatrust_statistics_get_connections(const struct uatrust_statistics *statistics);
int64_t uatrust_statistics_get_subscribers(const struct uatrust_statistics *statistics);
int64_t uatrust_statistics_get_watched_peers(const struct uatrust_statistics *statistics);

/** uatrust_statistics_get_latency() - how many answers of a door took so long */
const struct uatrust_latency *uatrust_statistics_get_latency(
        const struct uatrust_statistics *statistics, size_t i);
const char *uatrust_latency_get_door(const struct uatrust_latency *latency);

/** uatrust_latency_get_below_microseconds() - less than this, and not less than the one before */
int64_t uatrust_latency_get_below_microseconds(const struct uatrust_latency *latency);
int64_t uatrust_latency_get_count(const struct uatrust_latency *latency);

/*
 * Notices: what an administrator should hear of.
 */

/**
 * uatrust_notices_fn - one of
 * @notice and no @error: borrowed
 * @error and no @notice: borrowed; the agent is away, or refuses; the next notice says that it is
 * so no more
 */
typedef void (*uatrust_notices_fn)(struct uatrust_notices *notices,
                                   const struct uatrust_notice *notice,
                                   const struct uatrust_error *error, void *userdata);

/**
 * uatrust_notices_new() - be told, from now on
 * @stores: @n_stores names, copied; NULL: all stores
 *
 * First come the warnings that stand, then every warning, refused certificate and audit event.
 * After the agent was away the warnings that stand come again; what happened meanwhile does not.
 */
int uatrust_notices_new(struct uatrust_client *client, const char *const *stores, size_t n_stores,
                        uatrust_notices_fn callback, void *userdata, struct uatrust_notices **out,
                        struct uatrust_error **error);

/** uatrust_notices_free() - at any time, also in the callback */
void uatrust_notices_free(struct uatrust_notices *notices);

/* One of these; the others are NULL. */
const struct uatrust_warning *uatrust_notice_get_warning(const struct uatrust_notice *notice);
const struct uatrust_rejected *uatrust_notice_get_rejected(const struct uatrust_notice *notice);
const struct uatrust_audit_event *uatrust_notice_get_audit_event(
        const struct uatrust_notice *notice);

/** uatrust_notice_get_missed() - how many were dropped before this one; Return: false: none */
bool uatrust_notice_get_missed(const struct uatrust_notice *notice, int64_t *out);

/*
 * crlMissing, crlDamaged, crlNotYetValid, crlSoonOutOfDate, crlOutOfDate, certificateSoonExpired,
 * certificateExpired, trustListOutOfDate, clockNotPlausible
 */
const char *uatrust_warning_get_kind(const struct uatrust_warning *warning);

/** uatrust_warning_get_store() - "" if it is about the host */
const char *uatrust_warning_get_store(const struct uatrust_warning *warning);
int64_t uatrust_warning_get_generation(const struct uatrust_warning *warning);
int64_t uatrust_warning_get_time(const struct uatrust_warning *warning); /* since 1970 */

/** uatrust_warning_is_over() - it is no more so */
bool uatrust_warning_is_over(const struct uatrust_warning *warning);

/** uatrust_warning_get_message() - one plain sentence */
const char *uatrust_warning_get_message(const struct uatrust_warning *warning);

/* Of the certificate or CA that it is about; NULL: none. */
const char *uatrust_warning_get_sha256(const struct uatrust_warning *warning);
const char *uatrust_warning_get_subject(const struct uatrust_warning *warning);
const char *uatrust_warning_get_list(const struct uatrust_warning *warning);

/** uatrust_warning_get_until() - its last good second; Return: false: none */
bool uatrust_warning_get_until(const struct uatrust_warning *warning, int64_t *out);

/* As OPC 10000-3 to 10000-12 have it; NULL, false: it has none. */
const char *uatrust_audit_event_get_event_id(const struct uatrust_audit_event *event);
const char *uatrust_audit_event_get_event_type(const struct uatrust_audit_event *event);

/** uatrust_audit_event_get_event_type_id() - number of the type's NodeId in namespace 0 */
int64_t uatrust_audit_event_get_event_type_id(const struct uatrust_audit_event *event);
const char *uatrust_audit_event_get_source_name(const struct uatrust_audit_event *event);
int64_t uatrust_audit_event_get_time(const struct uatrust_audit_event *event); /* since 1970 */
const char *uatrust_audit_event_get_store(const struct uatrust_audit_event *event);
const char *uatrust_audit_event_get_status_name(const struct uatrust_audit_event *event);

/** uatrust_audit_event_get_severity() - error or suppressed; of an update: note */
const char *uatrust_audit_event_get_severity(const struct uatrust_audit_event *event);
const char *uatrust_audit_event_get_message(const struct uatrust_audit_event *event);

/** uatrust_audit_event_get_count() - how many like it since the one told before */
int64_t uatrust_audit_event_get_count(const struct uatrust_audit_event *event);
bool uatrust_audit_event_get_generation(const struct uatrust_audit_event *event, int64_t *out);
bool uatrust_audit_event_get_status_code(const struct uatrust_audit_event *event, int64_t *out);
const char *uatrust_audit_event_get_thumbprint(const struct uatrust_audit_event *event);
const char *uatrust_audit_event_get_subject(const struct uatrust_audit_event *event);

/* Who asked. */
bool uatrust_audit_event_get_uid(const struct uatrust_audit_event *event, int64_t *out);
bool uatrust_audit_event_get_pid(const struct uatrust_audit_event *event, int64_t *out);
const char *uatrust_audit_event_get_unit(const struct uatrust_audit_event *event);
const char *uatrust_audit_event_get_application(const struct uatrust_audit_event *event);

/* The same objects as JSON, as in <uatrust/uatrust.h>. */
char *uatrust_trust_list_to_json(const struct uatrust_trust_list *list);
char *uatrust_stored_certificate_to_json(const struct uatrust_stored_certificate *stored);
char *uatrust_stored_crl_to_json(const struct uatrust_stored_crl *stored);
char *uatrust_changes_to_json(const struct uatrust_changes *changes);
char *uatrust_statistics_to_json(const struct uatrust_statistics *statistics);
char *uatrust_notice_to_json(const struct uatrust_notice *notice);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
