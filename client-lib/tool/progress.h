/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Progress - how far it is, on a terminal's stderr, of what takes longer than a second. A thread
 * tells it, so that it goes on while a call waits for the agent.
 */

#include <stddef.h>

struct progress;

/** progress_new() - Return: NULL: stderr is no terminal that can show it, or it cannot be had */
struct progress *progress_new(void);

/** progress_free() - nothing of it is left to be seen; takes NULL; Return: NULL */
struct progress *progress_free(struct progress *progress);

/**
 * progress_tell() - what is done now
 * @progress: NULL: nobody is told
 * @what:     kept; "sending"
 * @n_all:    at least 2: so many, of which @n_done are done; else how long it takes is told
 */
void progress_tell(struct progress *progress, const char *what, size_t n_done, size_t n_all);

/** progress_wait() - progress_tell() that the agent is waited for */
void progress_wait(struct progress *progress);

/**
 * progress_hide() - before anything else is printed: nothing of it is to be seen until the next
 * progress_tell(); NULL allowed
 */
void progress_hide(struct progress *progress);
