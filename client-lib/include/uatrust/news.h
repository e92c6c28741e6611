/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UATRUST_NEWS_H
#define UATRUST_NEWS_H

/*
 * libuatrust, what the agent tells by itself - of stores, whose trust changes, and of peers, whose
 * sessions may have to be ended. All that <uatrust/uatrust.h> and <uatrust/async.h> say holds here.
 *
 * An agent that is away, restarts or is replaced ends nothing: the library connects again, after 10
 * ms at first, then ever later, up to 1 s, and tells what is different then. Callbacks run in
 * uatrust_process(). Where one is told an error, nothing is known for the time being: no session is
 * to be ended for that. An error is told once, and again only if it becomes another one.
 */

#include <uatrust/async.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

struct uatrust_monitor;
struct uatrust_event;
struct uatrust_watch;
struct uatrust_news;

/*
 * Monitor: news of stores.
 */

/**
 * uatrust_monitor_fn - one event
 * @event: borrowed; NULL: there is none, because of
 * @error: borrowed; the agent is away, or refuses; the next event says that it is so no more
 */
typedef void (*uatrust_monitor_fn)(struct uatrust_monitor *monitor,
                                   const struct uatrust_event *event,
                                   const struct uatrust_error *error, void *userdata);

/**
 * uatrust_monitor_new() - begin to watch stores
 * @stores: @n_stores names, copied; NULL: all stores, also those that come later
 *
 * It does not block: nobody reachable is told as an error, later. Whenever it has connected, the
 * first event of each store is of kind state.
 */
int uatrust_monitor_new(struct uatrust_client *client, const char *const *stores, size_t n_stores,
                        struct uatrust_monitor **out, struct uatrust_error **error);

/** uatrust_monitor_free() - at any time, also in a callback */
void uatrust_monitor_free(struct uatrust_monitor *monitor);

/** uatrust_monitor_set_callback() - give events to @callback from now on; NULL: to nobody */
void uatrust_monitor_set_callback(struct uatrust_monitor *monitor, uatrust_monitor_fn callback,
                                  void *userdata);

/**
 * uatrust_monitor_next() - block until the next event; for monitors without a callback
 * @timeout_ms: 0: only if it is there already; -1: wait for ever
 *
 * Events wait in the agent until they are asked for; of those too many to wait, the agent makes a
 * resync.
 *
 * Return: 0; UATRUST_E_TIMED_OUT: none yet; any other is what a callback is told as an error: one
 * may go on asking.
 */
int uatrust_monitor_next(struct uatrust_monitor *monitor, int timeout_ms,
                         struct uatrust_event **out, struct uatrust_error **error);
void uatrust_event_free(struct uatrust_event *event);

/*
 * state: as it is now. changed: a new generation. resync: events were missed; what was known of the
 * store is void.
 */
const char *uatrust_event_get_kind(const struct uatrust_event *event);

/**
 * uatrust_event_is_resync() - is what was known of this store void: did events go by unseen?
 *
 * So it is by kind resync, and by a state that is not of the agent and generation that this monitor
 * told last: after the agent was away, or was replaced. The first state of a store is none.
 */
bool uatrust_event_is_resync(const struct uatrust_event *event);
const char *uatrust_event_get_store(const struct uatrust_event *event);
const char *uatrust_event_get_agent_id(const struct uatrust_event *event);
int64_t uatrust_event_get_generation(const struct uatrust_event *event);
const char *uatrust_event_get_added(const struct uatrust_event *event,
                                    size_t i); /* SHA-256 in hex */
const char *uatrust_event_get_removed(const struct uatrust_event *event, size_t i);
const char *uatrust_event_get_broken(const struct uatrust_event *event,
                                     size_t i); /* origin of a file */
const char *uatrust_event_get_healed(const struct uatrust_event *event, size_t i);
const char *uatrust_event_get_affected_issuer(const struct uatrust_event *event,
                                              size_t i); /* SHA-256 in hex */
char *uatrust_event_to_json(const struct uatrust_event *event);

/*
 * Watch: the certificates of open sessions. Each of these peers was judged before its session
 * began; from then on the agent judges it again after every change, and what has become of it is
 * told. OPC 10000-12 7.8.2.5 says that sessions whose certificate is trusted no more shall be
 * closed.
 *
 *         static void on_news(struct uatrust_watch *watch, const struct uatrust_news *news,
 *                             const struct uatrust_error *error, void *server)
 *         {
 *                 if (news && uatrust_news_asks_to_cut(news))
 *                         close_session(uatrust_news_get_peer(news));
 *         }
 */

/**
 * uatrust_watch_fn - one of
 * @news and no @error: the state of a peer is not the one that was told last; at first, good
 * @error and no @news: the agent is away, or refuses: nothing is known of any peer
 * both:    the agent refuses to watch this peer, and will be asked again
 * neither: the agent watches all peers that were added, and all news of them were told
 *
 * That an agent has not read its store yet, as when it has just started, is told after 10 s: until
 * then it is no news.
 */
typedef void (*uatrust_watch_fn)(struct uatrust_watch *watch, const struct uatrust_news *news,
                                 const struct uatrust_error *error, void *userdata);

/** uatrust_watch_new() - of no peers yet; @callback: never NULL; Return: NULL if memory is short */
struct uatrust_watch *uatrust_watch_new(struct uatrust_client *client, uatrust_watch_fn callback,
                                        void *userdata);

/** uatrust_watch_free() - and forget its peers; at any time, also in a callback */
void uatrust_watch_free(struct uatrust_watch *watch);

/**
 * uatrust_watch_add() - one more peer
 * @key:     the caller's name for it, of 1 to 256 bytes, such as a session's id; a peer that has it
 *           already is replaced
 * @request: what it was judged by, copied; without a moment (uatrust_request_set_at())
 * @peer:    the caller's own, for uatrust_news_get_peer()
 *
 * It does not block; the agent is told by uatrust_process(), and again whenever it was away.
 */
int uatrust_watch_add(struct uatrust_watch *watch, const char *key,
                      const struct uatrust_request *request, void *peer,
                      struct uatrust_error **error);

/**
 * uatrust_watch_remove() - the session is over: nothing more is told of it; none of that key:
 * nothing
 */
void uatrust_watch_remove(struct uatrust_watch *watch, const char *key);

/**
 * uatrust_news_asks_to_cut() - is the session to be ended?
 *
 * Only knowledge cuts: true for the causes revoked, untrusted and blocked; not where an agent
 * restarts, a revocation list has run out, or a clock is wrong.
 */
bool uatrust_news_asks_to_cut(const struct uatrust_news *news);

/**
 * uatrust_news_get_cause() - the first that holds: blocked, revoked, unknown, untrusted, expired,
 * good
 */
const char *uatrust_news_get_cause(const struct uatrust_news *news);
const char *uatrust_news_get_key(const struct uatrust_news *news);
void *uatrust_news_get_peer(const struct uatrust_news *news);
uint32_t uatrust_news_get_status_code(const struct uatrust_news *news);
const char *uatrust_news_get_status_name(const struct uatrust_news *news);
const char *uatrust_news_get_store(const struct uatrust_news *news);
int64_t uatrust_news_get_generation(const struct uatrust_news *news);

/**
 * uatrust_news_get_verdict() - borrowed; NULL: not known in full, as of what happened while the
 * peer was not watched: ask
 */
const struct uatrust_verdict *uatrust_news_get_verdict(const struct uatrust_news *news);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
