/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Sheet - one generation page (proto/page.h) as it is mapped, shared by the client that found it
 * and the verdicts that stand by it.
 *
 * An agent that was replaced has left its sheet behind for good: no verdict stands by it any more,
 * and it is unmapped with the last of them.
 */

#include "proto/compiler.h"

#include <stdbool.h>
#include <stdint.h>

struct sheet;

/**
 * sheet_open() - map the page that lies beside a client socket
 * @socket: path of the socket
 *
 * Return: 0, a PAGE_E_* condition, a negative errno, or -EPERM: others may write into the folder,
 * so that what lies there need not be the agent's.
 */
int sheet_open(const char *socket, struct sheet **out);

/** sheet_ref() - takes NULL; any thread */
struct sheet *sheet_ref(struct sheet *sheet);

/** sheet_unref() - takes NULL; any thread; Return: NULL */
struct sheet *sheet_unref(struct sheet *sheet);
DEFINE_CLEANUP(struct sheet *, sheet_unref)

/** sheet_is_held() - does its agent live? NULL: no */
bool sheet_is_held(const struct sheet *sheet);

/** sheet_find() - the slot of a store; false: it is another agent's sheet, or has no such store */
bool sheet_find(const struct sheet *sheet, const char *agent_id, const char *store, uint32_t *out);

/**
 * sheet_holds() - does a verdict of this store's slot stand now?
 * @valid_until_s: exclusive; INT64_MAX: time alone changes nothing
 *
 * Cost: a few loads and two clocks that the kernel maps into the process: no system call. Any
 * thread.
 */
bool sheet_holds(const struct sheet *sheet, uint32_t slot, int64_t generation,
                 int64_t valid_until_s);
