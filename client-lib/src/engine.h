/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Engine - the sockets of one client and their times, behind one epoll descriptor. It carries bytes
 * and runs none of the caller's code: a step may be made by whoever waits for anything.
 *
 * A link is one connection of it: it is open or not, is selected for what it waits for, and has a
 * time at which it is due. In the child of a fork the engine begins anew, with every link closed.
 */

#include "connection.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct door;
struct link;

#define ENGINE_NEVER UINT64_MAX

enum {
        ENGINE_BATCH = 16,
};

struct engine {
        int epoll_fd;  /* -1: not needed yet */
        pid_t owner;   /* the process that it is of */
        uint8_t *mark; /* 1 there, and 0 in its child after a fork; NULL: not to be had */
        struct link *links;
        struct link *ready[ENGINE_BATCH]; /* of the step under way; NULL: gone since */
};

/* What links of one kind do; each may close and open its own link. */
struct link_rules {
        void (*on_ready)(struct link *link);          /* there may be something to do */
        uint64_t (*get_due)(const struct link *link); /* when on_due, in us; ENGINE_NEVER */
        void (*on_due)(struct link *link, uint64_t now_us);
        void (*on_fork)(struct link *link); /* it was closed, as the other process has it */
};

struct link {
        const struct link_rules *rules;
        struct engine *engine;
        struct link *next;
        struct connection connection;
        uint32_t selected; /* EPOLLIN, EPOLLOUT */
};

/** engine_now_us() - in microseconds of CLOCK_MONOTONIC */
uint64_t engine_now_us(void);

void engine_init(struct engine *engine);

/** engine_deinit() - its links are gone already */
void engine_deinit(struct engine *engine);

/** engine_get_fd() - Return: the epoll descriptor, or a negative errno */
int engine_get_fd(struct engine *engine);

/** engine_enter() - to be called first by whatever a caller calls: are we the child of a fork? */
void engine_enter(struct engine *engine);

/**
 * engine_step() - wait until something can be done, or this moment, and do it
 * @until_us: 0: without waiting; ENGINE_NEVER
 *
 * Return: 0 or a negative errno.
 */
int engine_step(struct engine *engine, uint64_t until_us);

/** engine_due_us() - when there is something to do though nothing came */
uint64_t engine_due_us(const struct engine *engine);

/** engine_wait() - only wait for that; Return: 0 or a negative errno */
int engine_wait(struct engine *engine, uint64_t until_us);

void link_init(struct link *link, struct engine *engine, const struct link_rules *rules);
void link_deinit(struct link *link);

/** link_is_open() */
bool link_is_open(const struct link *link);

/** link_open() - selected for nothing; all as of door_open(), @tried too */
int link_open(struct link *link, const struct door *door, char *tried);

/** link_close() - takes one that is closed */
void link_close(struct link *link);

/**
 * link_select() - wait for these events, of EPOLLIN and EPOLLOUT; 0: not even for its end
 *
 * Return: 0 or a negative errno, after which it waits for what it did before.
 */
int link_select(struct link *link, uint32_t events);
