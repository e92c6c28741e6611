/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Notify - tells the service manager how the agent is, and that it lives (sd_notify). Without a
 * manager all of this does nothing.
 */

#include "proto/compiler.h"

struct loop;
struct notify;

/** notify_new() - begin to answer the watchdog, if there is one; Return: 0, or a negative errno */
int notify_new(struct loop *loop, struct notify **out);

/** notify_free() - takes NULL; Return: NULL */
struct notify *notify_free(struct notify *notify);
DEFINE_CLEANUP(struct notify *, notify_free)

/** notify_ready() - start or reload is done */
void notify_ready(void);

/** notify_reloading() - until notify_ready() */
void notify_reloading(void);

void notify_stopping(void);

/** notify_status() - one line for people */
void notify_status(const char *format, ...) PRINTF(1, 2);
