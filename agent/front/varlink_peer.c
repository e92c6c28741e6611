/* SPDX-License-Identifier: Apache-2.0 */
#include "front/varlink_peer.h"

#include "base/clock.h"
#include "base/log.h"
#include "front/replies.h"
#include "loop/fd.h"
#include "loop/timer.h"
#include "proto/buf.h"
#include "proto/call.h"
#include "proto/frame.h"
#include "proto/idl.h"
#include "proto/json.h"
#include "proto/message.h"
#include "proto/names.h"
#include "service/caller.h"
#include "service/service.h"
#include "service/service_call.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TURN_NS         INT64_C(1000000) /* so long one connection is answered before others are */
#define ROOM_KEPT_BYTES (64 * 1024)      /* for replies, while nothing is unsent */

struct varlink_peer {
        const struct varlink_host *host;
        struct caller *caller;
        int fd;
        struct loop_fd *handle;
        struct loop_timer *timer; /* runs while something is unsent; NULL until then */
        struct frame frame;
        struct buf out;
        size_t n_sent; /* of out */

        /* the call at hand */
        const char *message; /* that it came in, for as long as nothing else is read; else NULL */
        size_t n_message;
        const struct schema_method *method;
        struct service_pending *pending;
        bool is_busy, is_oneway, is_streaming, is_paused;

        bool is_advancing; /* replies are only gathered: advance() sends them */
        bool is_drained;   /* no whole message is left in the frame */
        bool wants_turn;   /* others have theirs first, then there is more to answer */
        bool is_held;      /* there is something to read, which has to wait */
        bool is_hung_up;   /* what there is to read is the last */
        bool is_ended;     /* all is read */
        bool is_closing;   /* answer nothing more, close when all is sent */
        bool is_broken;    /* close */
};

static size_t count_unsent(const struct varlink_peer *peer)
{
        return peer->out.n - peer->n_sent;
}

/* -- replies ---------------------------------------------------------------------------------- */

static void reply_error(struct varlink_peer *peer, enum status_error error, const char *subject,
                        const char *reason)
{
        struct message_error message = { error, (char *)subject, (char *)reason };

        if (!peer->is_oneway)
                call_reply_encode_error(&message, &peer->out);
}

/* A reply that the client would have to refuse for its size becomes an error that it can read. */
static void reply(struct varlink_peer *peer, const void *value, bool continues)
{
        size_t n_before = peer->out.n;

        if (peer->is_oneway)
                return;

        call_reply_encode(peer->method->out, value, continues, &peer->out);
        if (peer->out.n - n_before <= NAMES_REPLY_MAX_BYTES)
                return;

        peer->out.n = n_before;
        reply_error(peer, STATUS_E_TOO_LARGE, "reply", NULL);
}

static void reply_json_error(struct varlink_peer *peer, int r, const struct json_error *error)
{
        if (r == JSON_E_FIELD && error->field[0])
                reply_error(peer, STATUS_E_INVALID_PARAMETER, error->field, error->reason);
        else
                reply_error(peer, STATUS_E_BAD_REQUEST, error->field, error->reason);
}

/* -- sending ---------------------------------------------------------------------------------- */

static void on_timeout(struct loop_timer *timer, void *userdata)
{
        struct varlink_peer *peer = userdata;

        (void)timer;
        log_debug(peer->host->log, "uid %u reads nothing: closed", (unsigned int)peer->caller->uid);
        peer->host->on_over(peer, peer->host->userdata);
}

/* The client does not read. Any progress starts the time anew. */
static void await_reader(struct varlink_peer *peer, bool has_progress)
{
        if (!peer->timer && loop_timer_new(peer->host->loop, on_timeout, peer, &peer->timer)) {
                peer->is_broken = true;
                return;
        }

        if (has_progress || !loop_timer_is_started(peer->timer))
                loop_timer_start(peer->timer, peer->host->unsent_max_ms);
}

static void forget_sent(struct varlink_peer *peer)
{
        if (count_unsent(peer) > 0) {
                peer->out.n -= peer->n_sent;
                memmove(peer->out.data, peer->out.data + peer->n_sent, peer->out.n);
        } else if (peer->out.n_room > ROOM_KEPT_BYTES) {
                buf_deinit(&peer->out);
        } else {
                buf_reset(&peer->out);
        }
        peer->n_sent = 0;
}

/* Sends what the socket takes; the rest goes when it takes more. */
static void send_unsent(struct varlink_peer *peer)
{
        size_t n_before = count_unsent(peer);
        ssize_t n = 0;

        if (buf_error(&peer->out)) {
                log_warning(peer->host->log, "no memory for a reply: connection closed");
                peer->is_broken = true;
        }

        while (!peer->is_broken && count_unsent(peer) > 0 && n >= 0) {
                n = send(peer->fd, peer->out.data + peer->n_sent, count_unsent(peer),
                         MSG_NOSIGNAL | MSG_DONTWAIT);
                if (n >= 0)
                        peer->n_sent += (size_t)n;
                else if (errno == EAGAIN)
                        await_reader(peer, count_unsent(peer) < n_before);
                else
                        peer->is_broken = true; /* the client is gone: nobody to tell */
        }

        if (!count_unsent(peer) && peer->timer)
                loop_timer_stop(peer->timer);
        if (peer->n_sent > 0)
                forget_sent(peer);
}

static void select_events(struct varlink_peer *peer, bool wants_call)
{
        unsigned int events = 0;

        if (wants_call || count_unsent(peer) > 0)
                events |= LOOP_FD_WRITABLE;
        if (!peer->is_held && !peer->is_ended && !peer->is_closing)
                events |= LOOP_FD_READABLE;
        if (!peer->is_hung_up)
                events |= LOOP_FD_HANGUP;
        if (loop_fd_select(peer->handle, events))
                peer->is_broken = true;
}

static bool is_slow(const struct varlink_peer *peer)
{
        return count_unsent(peer) > NAMES_BACKLOG_MAX_BYTES;
}

static void pause_if_slow(struct varlink_peer *peer)
{
        if (!peer->pending || peer->is_paused || !is_slow(peer))
                return;

        peer->is_paused = true;
        service_pause(peer->pending);
}

/* -- calls ------------------------------------------------------------------------------------ */

static struct replies_question question_of(const struct varlink_peer *peer)
{
        return (struct replies_question){
                .caller = peer->caller,
                .message = peer->message,
                .n_message = peer->n_message,
        };
}

/* Keeps the reply that begins at @n_before, if it may be said again. */
static void keep_reply(struct varlink_peer *peer, const struct service_stamp *stamp,
                       size_t n_before)
{
        struct replies_question question = question_of(peer);

        if (!peer->message || !stamp->is_keepable || peer->is_oneway || buf_error(&peer->out))
                return;

        replies_keep(peer->host->replies, &question,
                     &(struct replies_kept){ .stamp = *stamp,
                                             .reply = peer->out.data + n_before,
                                             .n_reply = peer->out.n - n_before });
}

/* Return: was the very same asked before, and does the answer still stand? Then it was given. */
static bool answer_as_before(struct varlink_peer *peer)
{
        struct replies_question question = question_of(peer);
        const struct replies_kept *kept = replies_find(peer->host->replies, &question);

        if (!kept || !service_stamp_holds(peer->host->service, &kept->stamp))
                return false;

        buf_add(&peer->out, kept->reply, kept->n_reply);
        return true;
}

static void on_reply(const struct service_reply *answer, void *userdata)
{
        struct varlink_peer *peer = userdata;
        const struct message_error *error = answer->error;
        size_t n_before = peer->out.n;

        if (error)
                reply_error(peer, error->error, error->subject, error->reason);
        else
                reply(peer, answer->out, answer->continues);

        keep_reply(peer, &answer->stamp, n_before);
        peer->is_streaming = answer->continues;
        if (!answer->continues) {
                peer->is_busy = false;
                peer->pending = NULL;
        }
        if (peer->is_advancing)
                return;

        /* The service is at work: send only, and go on when it has returned. */
        send_unsent(peer);
        pause_if_slow(peer);
        select_events(peer, true);
}

static void call_service(struct varlink_peer *peer, const struct call *call)
{
        const struct schema *schema = peer->method->in;
        CLEANUP(freep) void *in = malloc(schema->size_bytes);
        struct json_error error;
        int r;

        r = in ? call_decode(call, schema, in, &error) : -ENOMEM;
        if (r < 0) {
                reply_error(peer, STATUS_E_BUSY, NULL, NULL);
                return;
        }
        if (r > 0) {
                reply_json_error(peer, r, &error);
                return;
        }

        peer->is_busy = true;
        peer->pending = service_call(peer->host->service, &(struct service_call){
                                                                  .method = peer->method->id,
                                                                  .caller = peer->caller,
                                                                  .in = in,
                                                                  .wants_more = call->more,
                                                                  .reply = on_reply,
                                                                  .userdata = peer,
                                                          });
        schema_deinit(schema, in);
}

static void reply_info(struct varlink_peer *peer)
{
        const char *interfaces[] = { NAMES_SERVICE_INTERFACE, NAMES_AGENT_INTERFACE };
        struct message_get_info_reply info = {
                .vendor = (char *)NAMES_VENDOR,
                .product = (char *)NAMES_PRODUCT,
                .version = (char *)peer->host->version,
                .url = (char *)NAMES_URL,
                .interfaces = (char **)interfaces,
                .n_interfaces = ARRAY_SIZE(interfaces),
        };

        reply(peer, &info, false);
}

static void reply_description(struct varlink_peer *peer, const struct call *call)
{
        struct message_get_interface_description in;
        struct message_get_interface_description_reply out = { NULL };
        CLEANUP(buf_deinit) struct buf text = BUF_NULL;
        const struct schema_interface *interface;
        struct json_error error;
        int r;

        r = call_decode(call, peer->method->in, &in, &error);
        if (r) {
                if (r > 0)
                        reply_json_error(peer, r, &error);
                peer->is_broken |= r < 0;
                return;
        }

        interface = message_find_interface(in.interface);
        if (interface) {
                idl_print(interface, &text);
                buf_add_byte(&text, '\0');
                out.description = (char *)text.data;
                peer->is_broken |= buf_error(&text) != 0;
                reply(peer, &out, false);
        } else {
                reply_error(peer, STATUS_E_INVALID_PARAMETER, "interface", NULL);
        }
        schema_deinit(peer->method->in, &in);
}

/* Return: the row of the method; NULL after an error was replied */
static const struct schema_method *find_method(struct varlink_peer *peer, const struct call *call)
{
        const struct schema_interface *interface = NULL;
        const struct schema_method *method = message_find_method(call->method, &interface);
        const char *dot = strrchr(call->method, '.');
        CLEANUP(freep) char *name = NULL;

        if (!interface) {
                name = strndup(call->method, dot ? (size_t)(dot - call->method) : SIZE_MAX);
                reply_error(peer, STATUS_E_INTERFACE_NOT_FOUND, name, NULL);
                return NULL;
        }
        if (!method) {
                reply_error(peer, STATUS_E_METHOD_NOT_FOUND, call->method, NULL);
                return NULL;
        }
        if (call->upgrade) {
                reply_error(peer, STATUS_E_METHOD_NOT_IMPLEMENTED, call->method, NULL);
                return NULL;
        }
        if ((method->flags & SCHEMA_METHOD_MORE) && !call->more) {
                reply_error(peer, STATUS_E_EXPECTED_MORE, NULL, NULL);
                return NULL;
        }

        return method;
}

static void answer_call(struct varlink_peer *peer, const struct call *call)
{
        peer->is_oneway = call->oneway;
        peer->is_streaming = false;
        peer->method = find_method(peer, call);
        if (!peer->method)
                return;

        /* Replies that nobody wants to get would occupy the connection for good. */
        if (peer->is_oneway && (peer->method->flags & SCHEMA_METHOD_MORE))
                return;

        if (peer->method->id == MESSAGE_GET_INFO)
                reply_info(peer);
        else if (peer->method->id == MESSAGE_GET_INTERFACE_DESCRIPTION)
                reply_description(peer, call);
        else
                call_service(peer, call);
}

/* Return: was it answered as it was before, at next to no cost? */
static bool answer_message(struct varlink_peer *peer, const char *message, size_t n_message)
{
        CLEANUP(call_deinit) struct call call = CALL_NULL;
        struct json_error error;
        int r;

        peer->message = message;
        peer->n_message = n_message;
        if (answer_as_before(peer))
                return true;

        peer->is_oneway = false;
        r = call_parse(message, n_message, &call, &error);
        if (!r)
                answer_call(peer, &call);
        else if (r > 0)
                reply_json_error(peer, r, &error);
        else
                peer->is_broken = true;
        return false;
}

/* -- the connection --------------------------------------------------------------------------- */

/* Answers what has been read, as long as the replies find room and it is this connection's turn. */
static void answer_messages(struct varlink_peer *peer)
{
        int64_t begin_ns = clock_monotonic_ns();
        const char *message;
        size_t n_message;

        peer->is_drained = false;
        while (!peer->is_busy && !peer->is_closing && !peer->is_broken && !is_slow(peer)) {
                int r = frame_next(&peer->frame, &message, &n_message);

                if (r == FRAME_E_PARTIAL) {
                        peer->is_drained = true;
                        return;
                }
                if (r == FRAME_E_TOO_LARGE) {
                        peer->is_oneway = false;
                        reply_error(peer, STATUS_E_TOO_LARGE, "message", NULL);
                        peer->is_closing = true;
                        return;
                }
                if (answer_message(peer, message, n_message))
                        continue;
                if (clock_monotonic_ns() - begin_ns > TURN_NS) {
                        peer->wants_turn = true;
                        return;
                }
        }
}

static bool is_over(const struct varlink_peer *peer)
{
        bool is_idle = peer->is_streaming || (peer->is_drained && !peer->is_busy);

        return peer->is_broken ||
               ((peer->is_closing || (peer->is_ended && is_idle)) && !count_unsent(peer));
}

/*
 * Answers and sends until nothing more can be done now. May end the life of @peer; not from within
 * the service.
 */
static void advance(struct varlink_peer *peer)
{
        bool may_go_on;

        peer->is_advancing = true;
        peer->wants_turn = false;
        do {
                answer_messages(peer);
                may_go_on = !peer->is_drained && !peer->is_busy && !peer->wants_turn;
                send_unsent(peer);
                pause_if_slow(peer);
                if (peer->is_paused && !count_unsent(peer) && !peer->is_broken) {
                        peer->is_paused = false;
                        may_go_on = true;
                        service_resume(peer->pending);
                }
        } while (may_go_on && !count_unsent(peer) && !peer->is_broken && !peer->is_closing);
        peer->is_advancing = false;
        peer->is_held &= !peer->is_drained;
        if (!peer->is_busy || peer->is_streaming) {
                peer->message = NULL;
                frame_trim(&peer->frame);
        }

        select_events(peer, peer->wants_turn);
        if (is_over(peer))
                peer->host->on_over(peer, peer->host->userdata);
}

static void receive(struct varlink_peer *peer)
{
        size_t n_room;
        char *room;
        ssize_t n;

        peer->message = NULL;
        if (frame_get_room(&peer->frame, &room, &n_room)) {
                peer->is_broken = true;
                return;
        }

        n = recv(peer->fd, room, n_room, MSG_DONTWAIT);
        if (n > 0)
                frame_add(&peer->frame, (size_t)n);
        else if (n == 0)
                peer->is_ended = true;
        else if (errno != EAGAIN && errno != EINTR)
                peer->is_broken = true;
}

static void on_event(struct loop_fd *handle, unsigned int events, void *userdata)
{
        struct varlink_peer *peer = userdata;

        (void)handle;
        if (events & LOOP_FD_HANGUP) {
                peer->is_hung_up = true;
                peer->is_ended |= peer->is_streaming;
        }
        if (events & LOOP_FD_READABLE) {
                peer->is_held = !peer->is_drained;
                if (!peer->is_held)
                        receive(peer);
        }
        advance(peer);
}

struct varlink_peer *varlink_peer_free(struct varlink_peer *peer)
{
        if (!peer)
                return NULL;

        service_cancel(peer->pending);
        loop_timer_free(peer->timer);
        loop_fd_free(peer->handle);
        if (peer->fd >= 0)
                close(peer->fd);
        frame_deinit(&peer->frame);
        buf_deinit(&peer->out);
        caller_unref(peer->caller);
        free(peer);
        return NULL;
}

int varlink_peer_new(const struct varlink_host *host, int fd, const struct caller *caller,
                     struct varlink_peer **out)
{
        CLEANUP(varlink_peer_freep) struct varlink_peer *peer = calloc(1, sizeof(*peer));
        int r;

        if (!peer) {
                close(fd);
                return -ENOMEM;
        }

        peer->host = host;
        peer->fd = fd;
        peer->caller = caller_ref(caller);
        peer->is_drained = true;
        frame_init(&peer->frame, NAMES_CALL_MAX_BYTES);
        r = loop_fd_new(host->loop, fd, on_event, peer, &peer->handle);
        if (!r)
                r = loop_fd_select(peer->handle, LOOP_FD_READABLE | LOOP_FD_HANGUP);
        if (r)
                return r;

        *out = TAKE(peer);
        return 0;
}

const struct caller *varlink_peer_caller(const struct varlink_peer *peer)
{
        return peer->caller;
}
