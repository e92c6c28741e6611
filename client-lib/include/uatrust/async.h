/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UATRUST_ASYNC_H
#define UATRUST_ASYNC_H

/*
 * libuatrust without blocking - a client in an event loop, and calls that are begun now and
 * finished when their answer is there. All that <uatrust/uatrust.h> says of ownership, errors and
 * threads holds here, too.
 *
 *         static void on_verdict(struct uatrust_call *call, void *session)
 *         {
 *                 struct uatrust_verdict *verdict;
 *
 *                 if (uatrust_validate_finish(call, &verdict, NULL))
 *                         refuse(session);
 *                 ...
 *                 uatrust_call_free(call);
 *         }
 *
 *         call = uatrust_call_new(client, on_verdict, session);
 *         if (uatrust_validate_start(call, request, &error))
 *                 ...
 *
 * Callbacks run in uatrust_process() and nowhere else: neither in a _start, nor in a call that
 * blocks, nor when something is freed. In a callback everything is allowed but uatrust_process()
 * and uatrust_wait() of the same client: begin calls, finish or free any, block, free the client.
 */

#include <uatrust/uatrust.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/*
 * Event loop, as with sd-bus. Before each wait, ask what to wait for; after it, process:
 *
 *         struct pollfd fd = { uatrust_get_fd(client), uatrust_get_events(client), 0 };
 *
 *         poll(&fd, 1, milliseconds_until(uatrust_get_timeout(client)));
 *         uatrust_process(client, &error);
 */

/**
 * uatrust_get_fd() - what to wait for: one file descriptor, the client's own
 *
 * It is the same as long as the client lives, whatever becomes of its connections; but in the child
 * of a fork it is another one. Not to be read from or closed.
 *
 * Return: -1 if the machine has no more.
 */
int uatrust_get_fd(struct uatrust_client *client);

/** uatrust_get_events() - for poll(): always POLLIN */
int uatrust_get_events(struct uatrust_client *client);

/**
 * uatrust_get_timeout() - when to process though nothing was read, in microseconds of
 * CLOCK_MONOTONIC
 *
 * Any other call on the client may change it. Return: 0: at once; UINT64_MAX: never.
 */
uint64_t uatrust_get_timeout(struct uatrust_client *client);

/**
 * uatrust_process() - do what can be done without waiting, then run the callbacks that are due
 *
 * Whatever fails on the way is told where it belongs, to calls, monitors and watches.
 *
 * Return: 0, or UATRUST_E_SYSTEM, UATRUST_E_NO_MEMORY: the machine cannot, try later;
 * UATRUST_E_INVALID_ARGUMENT: from inside a callback.
 */
int uatrust_process(struct uatrust_client *client, struct uatrust_error **error);

/**
 * uatrust_wait() - for programs without an event loop: block until there is something to process
 * @timeout_ms: 0: do not; -1: for ever
 *
 * Return: 0; UATRUST_E_TIMED_OUT; others as of uatrust_process().
 */
int uatrust_wait(struct uatrust_client *client, int timeout_ms, struct uatrust_error **error);

/*
 * Call: one question and its answer. It is made, started once by any _start below or in other
 * headers, and finished once by the _finish of the same name.
 *
 * The time limit that the client has at the start holds as for calls that block. Calls are answered
 * in the order of their start, but those of <uatrust/admin.h>, each of which has a connection of
 * its own.
 */

struct uatrust_call;

/** uatrust_call_fn - @call is done, well or not; finish it, then or later */
typedef void (*uatrust_call_fn)(struct uatrust_call *call, void *userdata);

/**
 * uatrust_call_new() - a call that is not started
 * @callback: NULL: who started it asks uatrust_call_is_done(), or lets _finish wait
 *
 * Return: NULL if memory is short, which the _start will report.
 */
struct uatrust_call *uatrust_call_new(struct uatrust_client *client, uatrust_call_fn callback,
                                      void *userdata);

/**
 * uatrust_call_free() - at any time, also in its own callback; one that is not done is cancelled
 *
 * Its callback will not run any more. A change that is cancelled may be carried out all the same.
 */
void uatrust_call_free(struct uatrust_call *call);

/** uatrust_call_is_done() - would _finish return at once? */
bool uatrust_call_is_done(const struct uatrust_call *call);

/*
 * _start: what it is given is copied. Return: 0, or why it was not started; nobody reachable is
 * told by _finish only.
 *
 * _finish: blocks if the call is not done yet, as long as its time limit. A call that was finished
 * does not run its callback any more. Return: 0, or why there is no answer;
 * UATRUST_E_INVALID_ARGUMENT: it was started as something else, or not at all, or finished before.
 */

/** uatrust_call_finish() - of any call: only whether it went well */
int uatrust_call_finish(struct uatrust_call *call, struct uatrust_error **error);

int uatrust_validate_start(struct uatrust_call *call, const struct uatrust_request *request,
                           struct uatrust_error **error);
int uatrust_validate_finish(struct uatrust_call *call, struct uatrust_verdict **out,
                            struct uatrust_error **error);

/* Lists: the time limit holds for each page. */

int uatrust_list_stores_start(struct uatrust_call *call, struct uatrust_error **error);
int uatrust_list_stores_finish(struct uatrust_call *call, struct uatrust_stores **out,
                               struct uatrust_error **error);

int uatrust_list_certificates_start(struct uatrust_call *call, const char *store, const char *list,
                                    struct uatrust_error **error);
int uatrust_list_certificates_finish(struct uatrust_call *call, struct uatrust_certificates **out,
                                     struct uatrust_error **error);

int uatrust_list_crls_start(struct uatrust_call *call, const char *store,
                            struct uatrust_error **error);
int uatrust_list_crls_finish(struct uatrust_call *call, struct uatrust_crls **out,
                             struct uatrust_error **error);

int uatrust_get_freshness_start(struct uatrust_call *call, const char *store,
                                struct uatrust_error **error);
int uatrust_get_freshness_finish(struct uatrust_call *call, struct uatrust_freshness **out,
                                 struct uatrust_error **error);

int uatrust_list_weakenings_start(struct uatrust_call *call, struct uatrust_error **error);
int uatrust_list_weakenings_finish(struct uatrust_call *call, struct uatrust_weakenings **out,
                                   struct uatrust_error **error);

int uatrust_get_info_start(struct uatrust_call *call, struct uatrust_error **error);
int uatrust_get_info_finish(struct uatrust_call *call, struct uatrust_info **out,
                            struct uatrust_error **error);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
