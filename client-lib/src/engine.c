/* SPDX-License-Identifier: Apache-2.0 */
#include "engine.h"

#include "door.h"

#include <errno.h>
#include <limits.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

uint64_t engine_now_us(void)
{
        struct timespec now;

        clock_gettime(CLOCK_MONOTONIC, &now);
        return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* A page of its own, which costs no system call to look at. */
static size_t mark_bytes(void)
{
        return (size_t)sysconf(_SC_PAGESIZE);
}

static uint8_t *make_mark(void)
{
        uint8_t *mark = mmap(NULL, mark_bytes(), PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        if (mark == MAP_FAILED)
                return NULL;
        if (madvise(mark, mark_bytes(), MADV_WIPEONFORK)) {
                munmap(mark, mark_bytes());
                return NULL;
        }

        *mark = 1;
        return mark;
}

void engine_init(struct engine *engine)
{
        *engine = (struct engine){ .epoll_fd = -1, .owner = getpid(), .mark = make_mark() };
}

static void close_epoll(struct engine *engine)
{
        if (engine->epoll_fd >= 0)
                close(engine->epoll_fd);
        engine->epoll_fd = -1;
}

void engine_deinit(struct engine *engine)
{
        close_epoll(engine);
        if (engine->mark)
                munmap(engine->mark, mark_bytes());
        engine->mark = NULL;
}

int engine_get_fd(struct engine *engine)
{
        if (engine->epoll_fd < 0)
                engine->epoll_fd = epoll_create1(EPOLL_CLOEXEC);

        return engine->epoll_fd < 0 ? -errno : engine->epoll_fd;
}

static bool is_child(const struct engine *engine)
{
        return engine->mark ? !*engine->mark : engine->owner != getpid();
}

/*
 * Both processes have the same sockets and the same epoll: what is taken out of that here would be
 * taken from the parent, so that ours are only closed.
 */
void engine_enter(struct engine *engine)
{
        if (!is_child(engine))
                return;

        engine->owner = getpid();
        if (engine->mark)
                *engine->mark = 1;
        close_epoll(engine);
        for (struct link *link = engine->links; link; link = link->next) {
                connection_close(&link->connection);
                link->selected = 0;
        }
        for (struct link *link = engine->links; link; link = link->next)
                link->rules->on_fork(link);
}

uint64_t engine_due_us(const struct engine *engine)
{
        uint64_t due_us = ENGINE_NEVER;

        for (const struct link *link = engine->links; link; link = link->next) {
                uint64_t its_us = link->rules->get_due(link);

                if (its_us < due_us)
                        due_us = its_us;
        }
        return due_us;
}

/* In milliseconds, rounded up: what is due is due then. */
static int milliseconds_until(uint64_t until_us)
{
        uint64_t now_us = engine_now_us(), left_ms;

        if (until_us == ENGINE_NEVER)
                return -1;
        if (until_us <= now_us)
                return 0;

        left_ms = (until_us - now_us + 999) / 1000;
        return left_ms > INT_MAX ? INT_MAX : (int)left_ms;
}

/* The one link that is waited for; NULL: none is, or several are, or it has something to send. */
static struct link *find_only(const struct engine *engine)
{
        struct link *only = NULL;

        for (struct link *link = engine->links; link; link = link->next) {
                if (!link->selected)
                        continue;
                if (only || link->selected != EPOLLIN)
                        return NULL;
                only = link;
        }
        return only;
}

/*
 * Mostly one call waits for its reply: it does so in receiving, without asking epoll first. Not if
 * a time is near, as that wait may end a tick late.
 */
static bool wait_in_receiving(struct engine *engine, int wait_ms)
{
        struct link *link = NULL;

        if (wait_ms < 0 || wait_ms >= 2 * CONNECTION_WAIT_MS)
                link = find_only(engine);
        if (!link || !connection_wait(&link->connection))
                return false;

        engine->ready[0] = link;
        return true;
}

static int take_ready(struct engine *engine, uint64_t until_us)
{
        uint64_t due_us = until_us ? engine_due_us(engine) : 0;
        int wait_ms = milliseconds_until(due_us < until_us ? due_us : until_us);
        struct epoll_event events[ENGINE_BATCH];
        int n;

        n = engine_get_fd(engine);
        if (n < 0)
                return n;
        if (wait_in_receiving(engine, wait_ms))
                return 1;

        n = epoll_wait(n, events, ENGINE_BATCH, wait_ms);
        if (n < 0)
                return errno == EINTR ? 0 : -errno;

        for (int i = 0; i < n; i++)
                engine->ready[i] = events[i].data.ptr;
        return n;
}

int engine_step(struct engine *engine, uint64_t until_us)
{
        uint64_t now_us;
        int n;

        n = take_ready(engine, until_us);
        for (int i = 0; i < n; i++)
                if (engine->ready[i])
                        engine->ready[i]->rules->on_ready(engine->ready[i]);

        now_us = engine_now_us();
        for (struct link *link = engine->links; link; link = link->next)
                if (link->rules->get_due(link) <= now_us)
                        link->rules->on_due(link, now_us);
        return n < 0 ? n : 0;
}

int engine_wait(struct engine *engine, uint64_t until_us)
{
        uint64_t due_us = engine_due_us(engine);
        struct epoll_event event;
        int r;

        r = engine_get_fd(engine);
        if (r < 0)
                return r;

        r = epoll_wait(r, &event, 1, milliseconds_until(due_us < until_us ? due_us : until_us));
        return r < 0 && errno != EINTR ? -errno : 0;
}

/*
 * Links.
 */

void link_init(struct link *link, struct engine *engine, const struct link_rules *rules)
{
        *link = (struct link){ rules, engine, engine->links, CONNECTION_NULL, 0 };
        engine->links = link;
}

void link_deinit(struct link *link)
{
        struct link **at = &link->engine->links;

        link_close(link);
        while (*at != link)
                at = &(*at)->next;
        *at = link->next;
}

bool link_is_open(const struct link *link)
{
        return link->connection.fd >= 0;
}

int link_open(struct link *link, const struct door *door, char *tried)
{
        int r = engine_get_fd(link->engine);

        return r < 0 ? r : door_open(door, &link->connection, tried);
}

void link_close(struct link *link)
{
        if (link->selected)
                epoll_ctl(link->engine->epoll_fd, EPOLL_CTL_DEL, link->connection.fd, NULL);
        link->selected = 0;
        connection_close(&link->connection);

        for (int i = 0; i < ENGINE_BATCH; i++)
                if (link->engine->ready[i] == link)
                        link->engine->ready[i] = NULL;
}

/* One that waits for nothing is taken out: else epoll would tell of its end again and again. */
int link_select(struct link *link, uint32_t events)
{
        struct epoll_event event = { .events = events, .data.ptr = link };
        int how = EPOLL_CTL_MOD;

        if (events == link->selected)
                return 0;
        if (!events)
                how = EPOLL_CTL_DEL;
        else if (!link->selected)
                how = EPOLL_CTL_ADD;

        if (epoll_ctl(link->engine->epoll_fd, how, link->connection.fd, &event))
                return -errno;

        link->selected = events;
        return 0;
}
