/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UATRUST_UATRUST_H
#define UATRUST_UATRUST_H

/*
 * libuatrust - ask the OPC UA trust agent of this host whether a certificate is to be trusted.
 *
 *         struct uatrust_client *client = uatrust_client_new();
 *         struct uatrust_request *request = uatrust_request_new(UATRUST_PURPOSE_CLIENT);
 *         struct uatrust_verdict *verdict = NULL;
 *         struct uatrust_error *error = NULL;
 *
 *         uatrust_request_add_certificate(request, der, n_der);
 *         if (uatrust_validate(client, request, &verdict, &error))
 *                 refuse(uatrust_error_get_text(error));
 *         else if (!uatrust_verdict_is_trusted(verdict))
 *                 refuse(uatrust_verdict_get_wire_status_name(verdict));
 *
 * Fail closed: "not trusted" is a verdict, "could not ask" is an error, and no error is ever a
 * verdict. An agent that is away, hung or in doubt gives an error; new connections are to be
 * refused then, open sessions may live on.
 *
 * Calls here block, at most as long as the client's time limit; <uatrust/async.h> has the same
 * calls without blocking, for any event loop, <uatrust/news.h> what the agent tells by itself, and
 * <uatrust/admin.h> the changes. A client connects when it is first asked, and again after the
 * agent was away. No thread is made, no signal is used or raised.
 *
 * Ownership: what a function named _new, or an out-parameter, gives is the caller's to free by the
 * _free of its type. All _free take NULL. What a _new could not make, NULL, may be passed on: who is
 * asked by it reports that memory is short. What a _get gives is borrowed from the object asked.
 * Strings are UTF-8. Getters with an index give NULL past the last. Out-parameters are written on
 * success only.
 *
 * Threads: one object is used by one thread at a time; different objects need no lock. There is no
 * global state. A client, made before a fork, may be used on both sides: the child's makes its own
 * connections when it is first used there.
 *
 * Promise: types are opaque, enums only get more, functions are only added, until the SONAME
 * changes.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

struct uatrust_client;
struct uatrust_request;
struct uatrust_verdict;
struct uatrust_finding;
struct uatrust_chain_element;
struct uatrust_stores;
struct uatrust_store;
struct uatrust_certificates;
struct uatrust_certificate;
struct uatrust_broken_file;
struct uatrust_crls;
struct uatrust_crl;
struct uatrust_freshness;
struct uatrust_authority;
struct uatrust_expiry;
struct uatrust_weakenings;
struct uatrust_weakening;
struct uatrust_info;

/** uatrust_version() - of the library, such as "0.1.0" */
const char *uatrust_version(void);

/*
 * Errors. Functions that can fail return 0 or an enum uatrust_code, and take a last parameter
 * @error: NULL, or where to put an object that says more; it is written on failure only.
 */

enum uatrust_code {
        UATRUST_OK = 0,

        /* the agent answered that it cannot */
        UATRUST_E_NO_SUCH_STORE = 1,
        UATRUST_E_STORE_NOT_READY = 2, /* its directories could not be read yet */
        UATRUST_E_STORE_IN_DOUBT = 3,  /* its directories changed, and cannot be read since */
        UATRUST_E_BUSY = 4,
        UATRUST_E_QUOTA_EXCEEDED = 5,
        UATRUST_E_TOO_LARGE = 6,
        UATRUST_E_CONFLICT = 7,
        UATRUST_E_BAD_REQUEST = 8,
        UATRUST_E_NO_SUCH_CERTIFICATE = 9,
        UATRUST_E_READ_ONLY = 10,           /* it lies where the agent may not write */
        UATRUST_E_INTERFACE_NOT_FOUND = 20, /* an agent older than what was asked */
        UATRUST_E_METHOD_NOT_FOUND = 21,
        UATRUST_E_METHOD_NOT_IMPLEMENTED = 22,
        UATRUST_E_INVALID_PARAMETER = 23,
        UATRUST_E_PERMISSION_DENIED = 24, /* also: we may not open its socket */
        UATRUST_E_EXPECTED_MORE = 25,

        /* the agent did not answer */
        UATRUST_E_UNREACHABLE = 40,
        UATRUST_E_TIMED_OUT = 41,
        UATRUST_E_PROTOCOL = 42, /* it did, but nobody can understand it */

        /* nobody was asked */
        UATRUST_E_NO_MEMORY = 43,
        UATRUST_E_INVALID_ARGUMENT = 44,
        UATRUST_E_FILE = 45,
        UATRUST_E_SYSTEM = 46,
};

struct uatrust_error;

enum uatrust_code uatrust_error_get_code(const struct uatrust_error *error);

/** uatrust_error_get_text() - one line for people, such as "no such store: plant"; never NULL */
const char *uatrust_error_get_text(const struct uatrust_error *error);

/*
 * The parts of that text: what it is about, such as the field of a bad request or the path of a
 * conflict, and why. NULL: none is told.
 */
const char *uatrust_error_get_subject(const struct uatrust_error *error);
const char *uatrust_error_get_reason(const struct uatrust_error *error);

/**
 * uatrust_error_get_exit_code() - for commands: 2 usage, 69 agent not reachable, 77 denied, others
 * of sysexits.h
 */
int uatrust_error_get_exit_code(const struct uatrust_error *error);

void uatrust_error_free(struct uatrust_error *error);

/*
 * Client: the connection to the agent, and what holds for all calls on it.
 */

/**
 * uatrust_client_new() - a client that is not yet connected
 *
 * The socket is that of the environment variable UATRUST_SOCKET; else
 * /run/uatrust/client/org.uatrust.agent1; where that does not exist,
 * uatrust/client/org.uatrust.agent1 below $XDG_RUNTIME_DIR. The store is that of UATRUST_STORE,
 * else the agent's default one. Both variables are ignored in set-user-id programs.
 *
 * Return: NULL if memory is short.
 */
struct uatrust_client *uatrust_client_new(void);

/**
 * uatrust_client_free() - closes its connections
 *
 * What was made of it (calls, monitors, watches) is over, and tells nothing any more; it is still
 * to be freed, before or after. In a callback it may be called, too.
 */
void uatrust_client_free(struct uatrust_client *client);

/**
 * uatrust_client_set_socket() - connect to @path instead, from now on; NULL: the default again
 *
 * Calls under way are asked there once more; monitors and watches go there when they connect next.
 */
int uatrust_client_set_socket(struct uatrust_client *client, const char *path,
                              struct uatrust_error **error);

/** uatrust_client_set_store() - the store of requests that name none; NULL: the agent's default */
int uatrust_client_set_store(struct uatrust_client *client, const char *store,
                             struct uatrust_error **error);

/**
 * uatrust_client_set_timeout() - time limit of each call, connecting included; 200 ms at first; 0:
 * no limit
 */
void uatrust_client_set_timeout(struct uatrust_client *client, unsigned int timeout_ms);

/*
 * Request: one question about one certificate. Memory that runs short while it is filled is
 * reported by uatrust_validate(). A request may be asked any number of times.
 */

enum uatrust_purpose {
        UATRUST_PURPOSE_CLIENT = 1, /* an OPC UA client presents it */
        UATRUST_PURPOSE_SERVER = 2,
        UATRUST_PURPOSE_USER = 3,  /* as a user identity token */
        UATRUST_PURPOSE_HTTPS = 4, /* a TLS server presents it */
};

struct uatrust_request *uatrust_request_new(enum uatrust_purpose purpose);
void uatrust_request_free(struct uatrust_request *request);

/**
 * uatrust_request_add_certificate() - the certificate in question first, then its chain
 * @der: copied; may be several DER certificates one after another, as OPC UA sends them
 */
void uatrust_request_add_certificate(struct uatrust_request *request, const void *der,
                                     size_t n_der);

/**
 * uatrust_request_add_file() - all certificates of a file, PEM or DER
 *
 * Whatever else the file holds, private keys for one, is not sent. Errors: UATRUST_E_FILE: it
 * cannot be read, is larger than 1 MiB, or holds no certificate, or PEM that is damaged.
 */
int uatrust_request_add_file(struct uatrust_request *request, const char *path,
                             struct uatrust_error **error);

void uatrust_request_set_store(struct uatrust_request *request, const char *store);

/**
 * uatrust_request_set_security_policy_uri() - such as
 * http://opcfoundation.org/UA/SecurityPolicy#Basic256Sha256
 */
void uatrust_request_set_security_policy_uri(struct uatrust_request *request, const char *uri);

/**
 * uatrust_request_set_application_uri() - what the application says it is; unset, the URI is not
 * checked
 */
void uatrust_request_set_application_uri(struct uatrust_request *request, const char *uri);

/** uatrust_request_set_host_name() - where the server was found; unset, it is not checked */
void uatrust_request_set_host_name(struct uatrust_request *request, const char *host_name);

/**
 * uatrust_request_add_suppress() - a finding that shall not decide, such as
 * BadCertificateTimeInvalid
 */
void uatrust_request_add_suppress(struct uatrust_request *request, const char *status_name);

/**
 * uatrust_request_set_at() - judge as of this moment, in seconds since 1970; the answer leaves no
 * trace
 */
void uatrust_request_set_at(struct uatrust_request *request, int64_t at_s);

/** uatrust_request_set_context() - where the peer came from, for records only; each may be NULL */
void uatrust_request_set_context(struct uatrust_request *request, const char *application,
                                 const char *peer_address, const char *endpoint_url);

/*
 * Verdict.
 */

/**
 * uatrust_validate() - ask the agent
 * @out: the verdict, good or bad; uatrust_verdict_free() it
 *
 * Return: 0 if there is a verdict, else why there is none.
 */
int uatrust_validate(struct uatrust_client *client, const struct uatrust_request *request,
                     struct uatrust_verdict **out, struct uatrust_error **error);
void uatrust_verdict_free(struct uatrust_verdict *verdict);

bool uatrust_verdict_is_trusted(const struct uatrust_verdict *verdict);

/* The OPC UA status code for the caller and its log ... */
uint32_t uatrust_verdict_get_status_code(const struct uatrust_verdict *verdict);
const char *uatrust_verdict_get_status_name(const struct uatrust_verdict *verdict);

/* ... and the one that a server may tell its client. */
uint32_t uatrust_verdict_get_wire_status_code(const struct uatrust_verdict *verdict);
const char *uatrust_verdict_get_wire_status_name(const struct uatrust_verdict *verdict);

const struct uatrust_finding *uatrust_verdict_get_finding(const struct uatrust_verdict *verdict,
                                                          size_t i);

/** uatrust_verdict_get_not_checked() - what the request left out: "hostName", "uri", "policy" */
const char *uatrust_verdict_get_not_checked(const struct uatrust_verdict *verdict, size_t i);

/** uatrust_verdict_get_chain() - the chain that was judged, the certificate in question first */
const struct uatrust_chain_element *uatrust_verdict_get_chain(const struct uatrust_verdict *verdict,
                                                              size_t i);

const char *uatrust_verdict_get_store(const struct uatrust_verdict *verdict);

/* Which agent, since its start, and which state of the store; they belong together. */
const char *uatrust_verdict_get_agent_id(const struct uatrust_verdict *verdict);
int64_t uatrust_verdict_get_generation(const struct uatrust_verdict *verdict);

/**
 * uatrust_verdict_get_valid_until() - seconds since 1970, exclusive; Return: false if time alone
 * changes nothing
 */
bool uatrust_verdict_get_valid_until(const struct uatrust_verdict *verdict, int64_t *out);

/** uatrust_verdict_get_audit_event_id() - for the caller's own audit event; NULL: none */
const char *uatrust_verdict_get_audit_event_id(const struct uatrust_verdict *verdict);

/*
 * Held verdicts. A client keeps what it was told, and the agent keeps a page beside its socket that
 * says at every moment which verdicts still stand. So uatrust_validate() of a question that was
 * answered before costs no system call while nothing changed: it gives the same verdict again.
 *
 * Held is what is trusted and left no audit event: Good, with nothing suppressed. Everything else
 * is asked each time, so that every refusal is audited, counted and recorded. Of an answer that was
 * held the agent hears nothing: its statistics do not count it, and the context of that request is
 * recorded nowhere; the context makes no other question of it. Requests with
 * uatrust_request_set_at() are asked each time.
 *
 * A verdict stands as long as its agent lives (the kernel says when it does not), judges by the
 * same generation of the store, and has said within the last 2 s that it knows of no change that it
 * has not read, and until uatrust_verdict_get_valid_until(). In any other case the agent is asked:
 * who is away, hung or in doubt gives an error, whatever is held.
 *
 * The agent says so only to somebody: while a client is connected, which it is from its first
 * question on. Nothing is held where there is no page that can be trusted: the agent is older or
 * not able to make one, others may write into the socket's folder, or this process is in a time
 * namespace with a clock of its own. A child after fork holds what its parent held; one that is
 * forked into a new time namespace must not use clients and verdicts of its parent.
 */

/**
 * uatrust_verdict_holds() - would the agent still say the same?
 * @verdict: that uatrust_validate() gave, good or bad, held by the client or not; NULL: false
 *
 * For verdicts in hand, such as those of open sessions, before each use. False means ask again: it
 * is not known to be still so, which need not mean that anything changed. Always false for a
 * verdict about another moment (uatrust_request_set_at()) or in news.
 *
 * Cost: 50 ns, no system call. Thread: any, also while others ask about the same verdict.
 */
bool uatrust_verdict_holds(const struct uatrust_verdict *verdict);

/**
 * uatrust_client_set_held_max() - how many verdicts the client holds; 0: every question is asked
 * @n_max: at first, and at most, 4,096; together with their questions they take at most 24 MiB
 *
 * Those least recently asked for go first.
 */
void uatrust_client_set_held_max(struct uatrust_client *client, size_t n_max);

/* "error" (decides unless another comes first), "suppressed" or "note". */
const char *uatrust_finding_get_severity(const struct uatrust_finding *finding);

/*
 * structure, chain, signature, policy, trust, validity, hostName, uri, usage, findRevocationList,
 * revocation
 */
const char *uatrust_finding_get_step(const struct uatrust_finding *finding);
uint32_t uatrust_finding_get_status_code(const struct uatrust_finding *finding);
const char *uatrust_finding_get_status_name(const struct uatrust_finding *finding);

/** uatrust_finding_get_chain_index() - place in the verdict's chain; -1: none */
int64_t uatrust_finding_get_chain_index(const struct uatrust_finding *finding);
const char *uatrust_finding_get_thumbprint(const struct uatrust_finding *finding);
const char *uatrust_finding_get_audit_event_type(const struct uatrust_finding *finding);

/** uatrust_finding_get_message() - one plain sentence */
const char *uatrust_finding_get_message(const struct uatrust_finding *finding);

const char *uatrust_chain_element_get_sha256(const struct uatrust_chain_element *element);
const char *uatrust_chain_element_get_thumbprint(
        const struct uatrust_chain_element *element); /* SHA-1 */
const char *uatrust_chain_element_get_subject(const struct uatrust_chain_element *element);

/* trusted, issuers or presented */
const char *uatrust_chain_element_get_list(const struct uatrust_chain_element *element);

/** uatrust_chain_element_get_origin() - the source and file; NULL if presented */
const char *uatrust_chain_element_get_origin(const struct uatrust_chain_element *element);

/*
 * Lists. Large ones come from the agent in pages; the time limit holds for each, and a list is
 * always of one generation.
 */

int uatrust_list_stores(struct uatrust_client *client, struct uatrust_stores **out,
                        struct uatrust_error **error);
void uatrust_stores_free(struct uatrust_stores *stores);
const char *uatrust_stores_get_agent_id(const struct uatrust_stores *stores);
const struct uatrust_store *uatrust_stores_get_store(const struct uatrust_stores *stores, size_t i);

const char *uatrust_store_get_name(const struct uatrust_store *store);
bool uatrust_store_is_ready(const struct uatrust_store *store);
const char *uatrust_store_get_reason(
        const struct uatrust_store *store); /* why not ready; NULL: none */
int64_t uatrust_store_get_generation(const struct uatrust_store *store);
int64_t uatrust_store_get_trusted(
        const struct uatrust_store *store); /* how many, as the next ones */
int64_t uatrust_store_get_issuers(const struct uatrust_store *store);
int64_t uatrust_store_get_crls(const struct uatrust_store *store);
int64_t uatrust_store_get_own(const struct uatrust_store *store);
int64_t uatrust_store_get_rejected(const struct uatrust_store *store);
int64_t uatrust_store_get_broken(const struct uatrust_store *store);
const char *uatrust_store_get_source(const struct uatrust_store *store, size_t i); /* a directory */

/*
 * When its lists changed last; the last second of what runs out next. Seconds since 1970; false:
 * not known, none.
 */
bool uatrust_store_get_last_update_time(const struct uatrust_store *store, int64_t *out);
bool uatrust_store_get_soonest_expiry(const struct uatrust_store *store, int64_t *out);

/** uatrust_store_get_problems() - how many warnings stand; Return: false if it is not known yet */
bool uatrust_store_get_problems(const struct uatrust_store *store, int64_t *out);

/**
 * uatrust_list_certificates() - certificates and broken files of a store
 * @store: NULL: the client's
 * @list: trusted, issuers, own or rejected; NULL: all
 */
int uatrust_list_certificates(struct uatrust_client *client, const char *store, const char *list,
                              struct uatrust_certificates **out, struct uatrust_error **error);
void uatrust_certificates_free(struct uatrust_certificates *certificates);
const char *uatrust_certificates_get_store(const struct uatrust_certificates *certificates);
const char *uatrust_certificates_get_agent_id(const struct uatrust_certificates *certificates);
int64_t uatrust_certificates_get_generation(const struct uatrust_certificates *certificates);
const struct uatrust_certificate *uatrust_certificates_get_certificate(
        const struct uatrust_certificates *certificates, size_t i);
const struct uatrust_broken_file *uatrust_certificates_get_broken(
        const struct uatrust_certificates *certificates, size_t i);

const char *uatrust_certificate_get_sha256(const struct uatrust_certificate *certificate);
const char *uatrust_certificate_get_thumbprint(
        const struct uatrust_certificate *certificate); /* SHA-1 */
const char *uatrust_certificate_get_subject(const struct uatrust_certificate *certificate);
const char *uatrust_certificate_get_issuer(const struct uatrust_certificate *certificate);
const char *uatrust_certificate_get_serial_number(
        const struct uatrust_certificate *certificate); /* hex */
int64_t uatrust_certificate_get_not_before(
        const struct uatrust_certificate *certificate); /* seconds since 1970 */
int64_t uatrust_certificate_get_not_after(
        const struct uatrust_certificate *certificate); /* inclusive */
const char *uatrust_certificate_get_application_uri(
        const struct uatrust_certificate *certificate); /* NULL: none */
bool uatrust_certificate_is_ca(const struct uatrust_certificate *certificate);
const char *uatrust_certificate_get_key_type(
        const struct uatrust_certificate *certificate); /* "RSA-2048" */
const char *uatrust_certificate_get_list(const struct uatrust_certificate *certificate);
const char *uatrust_certificate_get_origin(const struct uatrust_certificate *certificate,
                                           size_t i); /* a file */

const char *uatrust_broken_file_get_list(const struct uatrust_broken_file *file);
const char *uatrust_broken_file_get_origin(const struct uatrust_broken_file *file);
const char *uatrust_broken_file_get_reason(const struct uatrust_broken_file *file);

/** uatrust_list_crls() - the revocation lists of @store, NULL: the client's */
int uatrust_list_crls(struct uatrust_client *client, const char *store, struct uatrust_crls **out,
                      struct uatrust_error **error);
void uatrust_crls_free(struct uatrust_crls *crls);
const char *uatrust_crls_get_store(const struct uatrust_crls *crls);
const char *uatrust_crls_get_agent_id(const struct uatrust_crls *crls);
int64_t uatrust_crls_get_generation(const struct uatrust_crls *crls);
const struct uatrust_crl *uatrust_crls_get_crl(const struct uatrust_crls *crls, size_t i);

const char *uatrust_crl_get_sha256(const struct uatrust_crl *crl);
const char *uatrust_crl_get_issuer(const struct uatrust_crl *crl);
int64_t uatrust_crl_get_this_update(const struct uatrust_crl *crl); /* seconds since 1970 */
bool uatrust_crl_get_next_update(const struct uatrust_crl *crl, int64_t *out); /* false: none */
const char *uatrust_crl_get_crl_number(const struct uatrust_crl *crl);         /* hex; NULL: none */
bool uatrust_crl_is_delta(const struct uatrust_crl *crl);
int64_t uatrust_crl_get_entries(const struct uatrust_crl *crl);

/* current, notYetValid, outOfDate, superseded, unverified or unusable */
const char *uatrust_crl_get_state(const struct uatrust_crl *crl);

/** uatrust_crl_get_signer() - SHA-256 of the certificate whose key verified it; NULL: none did */
const char *uatrust_crl_get_signer(const struct uatrust_crl *crl);
const char *uatrust_crl_get_list(const struct uatrust_crl *crl);
const char *uatrust_crl_get_origin(const struct uatrust_crl *crl, size_t i);

/**
 * uatrust_get_freshness() - the revocation list of each CA of @store, and which certificates expire
 * @store: NULL: the client's
 */
int uatrust_get_freshness(struct uatrust_client *client, const char *store,
                          struct uatrust_freshness **out, struct uatrust_error **error);
void uatrust_freshness_free(struct uatrust_freshness *freshness);
const char *uatrust_freshness_get_store(const struct uatrust_freshness *freshness);
const char *uatrust_freshness_get_agent_id(const struct uatrust_freshness *freshness);
int64_t uatrust_freshness_get_generation(const struct uatrust_freshness *freshness);

/**
 * uatrust_freshness_is_clock_plausible() - false: the clock of the host stands earlier than can be
 */
bool uatrust_freshness_is_clock_plausible(const struct uatrust_freshness *freshness);

/**
 * uatrust_freshness_is_out_of_date() - the lists did not change for longer than their update
 * frequency, in seconds
 */
bool uatrust_freshness_is_out_of_date(const struct uatrust_freshness *freshness);
bool uatrust_freshness_get_last_update_time(const struct uatrust_freshness *freshness,
                                            int64_t *out); /* false: not known */
bool uatrust_freshness_get_update_frequency(const struct uatrust_freshness *freshness,
                                            int64_t *out); /* false: none is set */
const struct uatrust_authority *uatrust_freshness_get_authority(
        const struct uatrust_freshness *freshness, size_t i);
const struct uatrust_expiry *uatrust_freshness_get_expiry(const struct uatrust_freshness *freshness,
                                                          size_t i);

const char *uatrust_authority_get_sha256(const struct uatrust_authority *authority);
const char *uatrust_authority_get_subject(const struct uatrust_authority *authority);
const char *uatrust_authority_get_list(const struct uatrust_authority *authority);

/* missing, current, soonOutOfDate, outOfDate, notYetValid or damaged */
const char *uatrust_authority_get_state(const struct uatrust_authority *authority);

/* required, if-present or off */
const char *uatrust_authority_get_revocation_check(const struct uatrust_authority *authority);
const char *uatrust_authority_get_crl(
        const struct uatrust_authority *authority); /* SHA-256; NULL: none */
bool uatrust_authority_get_this_update(const struct uatrust_authority *authority, int64_t *out);
bool uatrust_authority_get_next_update(const struct uatrust_authority *authority, int64_t *out);

/** uatrust_authority_is_in_grace() - out of date, but within the CrlGrace= of the store */
bool uatrust_authority_is_in_grace(const struct uatrust_authority *authority);

const char *uatrust_expiry_get_sha256(const struct uatrust_expiry *expiry);
const char *uatrust_expiry_get_thumbprint(const struct uatrust_expiry *expiry); /* SHA-1 */
const char *uatrust_expiry_get_subject(const struct uatrust_expiry *expiry);
const char *uatrust_expiry_get_list(const struct uatrust_expiry *expiry);
int64_t uatrust_expiry_get_not_after(const struct uatrust_expiry *expiry); /* inclusive */
const char *uatrust_expiry_get_state(
        const struct uatrust_expiry *expiry); /* soonExpired or expired */

/**
 * uatrust_list_weakenings() - every setting on this host that makes checking weaker than OPC UA has
 * it
 */
int uatrust_list_weakenings(struct uatrust_client *client, struct uatrust_weakenings **out,
                            struct uatrust_error **error);
void uatrust_weakenings_free(struct uatrust_weakenings *weakenings);
const struct uatrust_weakening *uatrust_weakenings_get_weakening(
        const struct uatrust_weakenings *weakenings, size_t i);
const char *uatrust_weakening_get_store(const struct uatrust_weakening *weakening);
const char *uatrust_weakening_get_setting(const struct uatrust_weakening *weakening); /* its key */
const char *uatrust_weakening_get_value(const struct uatrust_weakening *weakening);
const char *uatrust_weakening_get_subject(
        const struct uatrust_weakening *weakening); /* a CA; NULL: of all */

/** uatrust_get_info() - which agent answers */
int uatrust_get_info(struct uatrust_client *client, struct uatrust_info **out,
                     struct uatrust_error **error);
void uatrust_info_free(struct uatrust_info *info);
const char *uatrust_info_get_vendor(const struct uatrust_info *info);
const char *uatrust_info_get_product(const struct uatrust_info *info);
const char *uatrust_info_get_version(const struct uatrust_info *info);
const char *uatrust_info_get_url(const struct uatrust_info *info);

/*
 * The same objects as JSON, one line, in the words of the agent's Varlink interface. free() it;
 * NULL if memory is short.
 */

char *uatrust_verdict_to_json(const struct uatrust_verdict *verdict);
char *uatrust_stores_to_json(const struct uatrust_stores *stores);
char *uatrust_certificates_to_json(const struct uatrust_certificates *certificates);
char *uatrust_crls_to_json(const struct uatrust_crls *crls);
char *uatrust_freshness_to_json(const struct uatrust_freshness *freshness);
char *uatrust_weakenings_to_json(const struct uatrust_weakenings *weakenings);
char *uatrust_info_to_json(const struct uatrust_info *info);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
