/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Sandbox - shuts the agent in what it is for, so that somebody who finds a fault in it finds nothing
 * else: with --sandbox it can, from its start on and with all its threads, read only the folders of
 * its stores and what the C library needs of the system (/etc, /usr, /proc, /run), write only the
 * stores' own folders, its state directory and the folder of its page, execute nothing, reach
 * nobody by TCP and signal nobody else. Kernels without Landlock are told of, and pass.
 *
 * Landlock never widens. So what is allowed to be read of a store is the folder in which its folder
 * lies: it may be removed, made anew, mounted over, or come to be later. A reload that names a
 * directory elsewhere is refused, with the advice to restart the agent: its clients reconnect by
 * themselves. The state directory is always allowed, and with it every store without Path=.
 *
 * What lies right below "/" has no such folder above it but "/" itself: it is allowed as it is at
 * the start; if it is not there then, reading is not confined at all, and that is told.
 */

#include "proto/compiler.h"

struct config;
struct log;
struct sandbox;
struct sockets;

struct sandbox_config {
        const struct config *config;   /* whose directories; links are followed once, now */
        const char *config_path;       /* absolute */
        const struct sockets *sockets; /* beside the first is the page; own ones are removed */
        const char *state_directory;   /* NULL: there is none */
        const struct log *log;
};

enum {
        SANDBOX_E_OUTSIDE = 1,
};

/**
 * sandbox_enter() - for good; before any other thread is started
 * @out: sandbox_free() it; NULL if the kernel cannot, which is logged
 *
 * Return: 0, or a negative errno: the agent is not confined, and should not go on.
 */
int sandbox_enter(const struct sandbox_config *config, struct sandbox **out);

/**
 * sandbox_check() - could the agent use this configuration?
 * @sandbox: NULL: it could
 * @out_fault: what lies outside, and what to do; written on SANDBOX_E_OUTSIDE only; free() it
 *
 * Return: 0, SANDBOX_E_OUTSIDE, or -ENOMEM.
 */
int sandbox_check(const struct sandbox *sandbox, const struct config *config, char **out_fault);

/** sandbox_free() - what is known of it, not the confinement; takes NULL; Return: NULL */
struct sandbox *sandbox_free(struct sandbox *sandbox);
DEFINE_CLEANUP(struct sandbox *, sandbox_free)
