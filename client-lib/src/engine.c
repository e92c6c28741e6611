/* SPDX-License-Identifier: Apache-2.0 */
#include "engine.h"

#include "door.h"

#include <errno.h>
#include <limits.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

uint64_t engine_now_us(void)
{
        struct timespec now;

        clock_gettime(CLOCK_MONOTONIC, &now);
        return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

void engine_init(struct engine *engine)
{
        *engine = (struct engine){ .epoll_fd = -1, .owner = getpid() };
}

void engine_deinit(struct engine *engine)
{
        if (engine->epoll_fd >= 0)
                close(engine->epoll_fd);
        engine->epoll_fd = -1;
}

int engine_get_fd(struct engine *engine)
{
        if (engine->epoll_fd < 0)
                engine->epoll_fd = epoll_create1(EPOLL_CLOEXEC);

        return engine->epoll_fd < 0 ? -errno : engine->epoll_fd;
}

/*
 * Both processes have the same sockets and the same epoll: what is taken out of that here would be
 * taken from the parent, so that ours are only closed.
 */
void engine_enter(struct engine *engine)
{
        if (engine->owner == getpid())
                return;

        engine->owner = getpid();
        engine_deinit(engine);
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

static int take_ready(struct engine *engine, uint64_t until_us)
{
        uint64_t due_us = until_us ? engine_due_us(engine) : 0;
        struct epoll_event events[ENGINE_BATCH];
        int n;

        n = engine_get_fd(engine);
        if (n < 0)
                return n;

        n = epoll_wait(n, events, ENGINE_BATCH,
                       milliseconds_until(due_us < until_us ? due_us : until_us));
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
