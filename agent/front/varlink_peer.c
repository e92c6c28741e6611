/* SPDX-License-Identifier: Apache-2.0 */
#include "front/varlink_peer.h"

#include "base/clock.h"
#include "base/log.h"
#include "front/outbox.h"
#include "front/turns.h"
#include "loop/fd.h"
#include "loop/timer.h"
#include "proto/buf.h"
#include "proto/frame.h"
#include "proto/names.h"
#include "service/caller.h"
#include "service/catalog.h"
#include "service/quota.h"
#include "service/service.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TURN_NS         INT64_C(1000000) /* so long one connection is answered before others are */
#define ROOM_KEPT_BYTES (64 * 1024)      /* for replies, while nothing is unsent */
#define ROOM_FREE_BYTES (8 * 1024)       /* for calls: more is counted as the caller's */

struct varlink_peer {
        const struct varlink_host *host;
        struct caller *caller;
        int fd;
        struct loop_fd *handle;
        struct loop_timer *timer; /* runs while something is unsent; NULL until then */
        struct frame frame;
        size_t n_counted; /* bytes of its room */
        struct outbox out;

        struct turn *turn;
        struct varlink_answer answer; /* to the call at hand */
        bool is_paused;

        bool is_advancing; /* replies are only gathered: advance() sends them */
        bool is_drained;   /* no whole message is left in the frame */
        bool wants_turn;   /* others have theirs first, then there is more to answer */
        bool is_readable;  /* there is something to read, when it is our turn */
        bool is_held;      /* there is something to read, which has to wait */
        bool is_hung_up;   /* what there is to read is the last */
        bool is_ended;     /* all is read */
        bool is_closing;   /* answer nothing more, close when all is sent */
        bool is_broken;    /* close */
};

static size_t count_unsent(const struct varlink_peer *peer)
{
        return outbox_count(&peer->out);
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

static ssize_t send_parts(struct varlink_peer *peer)
{
        struct iovec parts[OUTBOX_PARTS];
        struct msghdr message = { .msg_iov = parts };

        message.msg_iovlen = outbox_peek(&peer->out, parts);
        return sendmsg(peer->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* Sends what the socket takes; the rest goes when it takes more. */
static void send_unsent(struct varlink_peer *peer)
{
        size_t n_before = count_unsent(peer);
        ssize_t n = 0;

        if (buf_error(&peer->out.own) || peer->answer.is_broken) {
                catalog_tell(peer->host->log, CATALOG_MEMORY_SHORT, NULL,
                             "no memory for a reply: connection closed");
                peer->is_broken = true;
        }

        while (!peer->is_broken && count_unsent(peer) > 0 && n >= 0) {
                n = send_parts(peer);
                if (n >= 0)
                        outbox_skip(&peer->out, (size_t)n);
                else if (errno == EAGAIN)
                        await_reader(peer, count_unsent(peer) < n_before);
                else
                        peer->is_broken = true; /* the client is gone: nobody to tell */
        }

        if (!count_unsent(peer) && peer->timer)
                loop_timer_stop(peer->timer);
        outbox_trim(&peer->out, ROOM_KEPT_BYTES);
}

static void select_events(struct varlink_peer *peer, bool wants_call)
{
        bool is_waiting = turns_is_waiting(peer->turn);
        unsigned int events = 0;

        if ((wants_call && !is_waiting) || count_unsent(peer) > 0)
                events |= LOOP_FD_WRITABLE;
        if (!is_waiting && !peer->is_held && !peer->is_ended && !peer->is_closing)
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
        if (!peer->answer.pending)
                peer->is_paused = false; /* it ended in the meantime */
        if (!peer->answer.pending || peer->is_paused || !is_slow(peer))
                return;

        peer->is_paused = true;
        service_pause(peer->answer.pending);
}

/*
 * A reply came while the service is at work: only send, and go on when it has returned. After one of several
 * replies there is nothing to go on with; to ask the kernel all the same would double the cost of news to many.
 */
static void on_reply(void *userdata)
{
        struct varlink_peer *peer = userdata;

        if (peer->is_advancing)
                return;

        send_unsent(peer);
        pause_if_slow(peer);
        select_events(peer, !peer->answer.is_streaming || peer->is_broken);
}

/* -- the connection --------------------------------------------------------------------------- */

/* Answers what has been read, as long as the replies find room and it is this connection's turn. */
static void answer_messages(struct varlink_peer *peer)
{
        int64_t begin_ns = clock_monotonic_ns();
        const char *message;
        size_t n_message;

        peer->is_drained = false;
        while (!peer->answer.is_busy && !peer->is_closing && !peer->is_broken && !is_slow(peer)) {
                int r = frame_next(&peer->frame, &message, &n_message);

                if (r == FRAME_E_PARTIAL) {
                        peer->is_drained = true;
                        return;
                }
                if (r == FRAME_E_TOO_LARGE) {
                        varlink_answer_refuse(&peer->answer, STATUS_E_TOO_LARGE, "message");
                        peer->is_closing = true;
                        return;
                }
                if (varlink_answer_begin(&peer->answer, message, n_message))
                        continue;
                if (clock_monotonic_ns() - begin_ns > TURN_NS) {
                        peer->wants_turn = true;
                        return;
                }
        }
}

/* An administrator's calls are long, and his own matter. Return: 0, QUOTA_E_EXCEEDED or -ENOMEM */
static int count_room(struct varlink_peer *peer, const char **out_limit)
{
        struct quota *quota = service_quota(peer->host->shared.service);
        size_t n_room = peer->frame.n_room;
        size_t n = n_room > ROOM_FREE_BYTES ? n_room - ROOM_FREE_BYTES : 0;
        int r = 0;

        if (peer->caller->door == CALLER_DOOR_ADMIN)
                return 0;

        if (n > peer->n_counted)
                r = quota_take(quota, peer->caller, QUOTA_BYTES, n - peer->n_counted, out_limit);
        else if (n < peer->n_counted)
                quota_give(quota, peer->caller, QUOTA_BYTES, peer->n_counted - n);
        if (!r)
                peer->n_counted = n;
        return r;
}

static bool is_over(const struct varlink_peer *peer)
{
        bool is_idle = peer->answer.is_streaming || (peer->is_drained && !peer->answer.is_busy);

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
                may_go_on = !peer->is_drained && !peer->answer.is_busy && !peer->wants_turn;
                send_unsent(peer);
                pause_if_slow(peer);
                if (peer->is_paused && !count_unsent(peer) && !peer->is_broken) {
                        peer->is_paused = false;
                        may_go_on = true;
                        service_resume(peer->answer.pending);
                }
        } while (may_go_on && !count_unsent(peer) && !peer->is_broken && !peer->is_closing);
        peer->is_advancing = false;
        peer->is_held &= !peer->is_drained;
        if (!peer->answer.is_busy || peer->answer.is_streaming) {
                varlink_answer_forget_message(&peer->answer);
                frame_trim(&peer->frame);
                count_room(peer, NULL);
        }

        if (peer->wants_turn)
                turns_wait(peer->turn);
        select_events(peer, false);
        if (is_over(peer))
                peer->host->on_over(peer, peer->host->userdata);
}

/* What reads ahead does with less room; a call that is too long for what its caller has left ends here. */
static bool find_room(struct varlink_peer *peer, char **out, size_t *n_out)
{
        const char *limit;
        int r;

        r = frame_get_room(&peer->frame, out, n_out);
        if (!r)
                r = count_room(peer, NULL);
        if (r == QUOTA_E_EXCEEDED) {
                frame_read_less(&peer->frame);
                r = frame_get_room(&peer->frame, out, n_out);
                if (!r)
                        r = count_room(peer, &limit);
        }
        if (!r)
                return true;

        if (r == QUOTA_E_EXCEEDED && !peer->answer.is_busy) {
                varlink_answer_refuse(&peer->answer, STATUS_E_QUOTA_EXCEEDED, limit);
                peer->is_closing = true;
        } else {
                peer->is_broken = true;
        }
        frame_deinit(&peer->frame);
        count_room(peer, NULL);
        return false;
}

static void receive(struct varlink_peer *peer)
{
        size_t n_room;
        char *room;
        ssize_t n;

        varlink_answer_forget_message(&peer->answer);
        if (!find_room(peer, &room, &n_room))
                return;

        n = recv(peer->fd, room, n_room, MSG_DONTWAIT);
        if (n > 0)
                frame_add(&peer->frame, (size_t)n);
        else if (n == 0)
                peer->is_ended = true;
        else if (errno != EAGAIN && errno != EINTR)
                peer->is_broken = true;
}

static void go_on(struct varlink_peer *peer)
{
        if (peer->is_readable) {
                peer->is_readable = false;
                peer->is_held = !peer->is_drained;
                if (!peer->is_held)
                        receive(peer);
        }
        advance(peer);
}

static void on_turn(void *userdata)
{
        go_on(userdata);
}

static void on_event(struct loop_fd *handle, unsigned int events, void *userdata)
{
        struct varlink_peer *peer = userdata;

        (void)handle;
        if (events & LOOP_FD_HANGUP) {
                peer->is_hung_up = true;
                peer->is_ended |= peer->answer.is_streaming;
        }
        peer->is_readable |= (events & LOOP_FD_READABLE) != 0;
        if (turns_is_waiting(peer->turn) || !turns_may_begin(peer->turn)) {
                turns_wait(peer->turn);
                send_unsent(peer);
                select_events(peer, false);
        } else {
                go_on(peer);
        }
}

struct varlink_peer *varlink_peer_free(struct varlink_peer *peer)
{
        if (!peer)
                return NULL;

        varlink_answer_cancel(&peer->answer);
        turns_leave(peer->turn);
        loop_timer_free(peer->timer);
        loop_fd_free(peer->handle);
        if (peer->fd >= 0)
                close(peer->fd);
        frame_deinit(&peer->frame);
        if (peer->n_counted)
                count_room(peer, NULL);
        outbox_deinit(&peer->out);
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
        peer->answer = (struct varlink_answer){
                .shared = &host->shared,
                .caller = peer->caller,
                .out = &peer->out,
                .on_reply = on_reply,
                .userdata = peer,
        };
        frame_init(&peer->frame, caller->door == CALLER_DOOR_ADMIN ? NAMES_ADMIN_CALL_MAX_BYTES
                                                                   : NAMES_CALL_MAX_BYTES);
        r = turns_join(host->turns, caller, on_turn, peer, &peer->turn);
        if (!r)
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
