/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Loop - the one thread that owns everything mutable. This floor wraps libuv so that everybody
 * above may forget that uv_close() exists: every x_free() returns at once, no callback comes after
 * it, and the memory goes when libuv has let go of it. Freeing the very handle whose callback is
 * running is allowed.
 */

#include "proto/compiler.h"

struct loop;
struct uv_loop_s;

/** loop_new() - Return: 0, or a negative errno */
int loop_new(struct loop **out);

/**
 * loop_free() - wait for what is under way, then end
 * @loop: may be NULL
 *
 * Every handle must have been freed before; one that was not is our mistake, and asserts. Jobs that
 * run on a worker are waited for, and their completions are called.
 *
 * Return: NULL
 */
struct loop *loop_free(struct loop *loop);
DEFINE_CLEANUP(struct loop *, loop_free)

/**
 * loop_end_workers() - end the worker threads, which all loops share, so that each frees what a
 * library keeps for it, while that library still is there; no loop may be used afterwards
 */
void loop_end_workers(void);

/**
 * loop_run() - call what is due until loop_stop(), or until nothing is left that could ever happen
 */
void loop_run(struct loop *loop);

/** loop_run_once() - poll once, waiting if nothing is ready, and call what is due */
void loop_run_once(struct loop *loop);

/** loop_stop() - make loop_run() return after the present round; loop thread only */
void loop_stop(struct loop *loop);

/** loop_get_uv() - for the modules of this floor alone; borrowed */
struct uv_loop_s *loop_get_uv(struct loop *loop);
