/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Turns - who of many connections goes on next, so that nobody who has a thousand of them makes
 * others wait for a thousand. As long as the loop has time for all, everybody goes on at once. When
 * it has not, they wait and have their turns round about: the users one after another, of each user
 * the control groups one after another, of each of these the connections in the order in which they
 * came to wait. So whoever is alone of his user waits for one turn of each other user.
 *
 * How long a turn is, is for whoever has it to see.
 */

#include "proto/compiler.h"

#include <stdbool.h>

struct caller;
struct loop;
struct turn;
struct turns;

/** turns_fn - your turn; may leave */
typedef void (*turns_fn)(void *userdata);

/** turns_new() - nobody takes turns; @loop outlives them; Return: 0 or a negative errno */
int turns_new(struct loop *loop, struct turns **out);

/** turns_free() - everybody has left; takes NULL; Return: NULL */
struct turns *turns_free(struct turns *turns);
DEFINE_CLEANUP(struct turns *, turns_free)

/** turns_join() - take turns as one of @caller's; @out: turns_leave() it; Return: 0 or -ENOMEM */
int turns_join(struct turns *turns, const struct caller *caller, turns_fn fn, void *userdata,
               struct turn **out);

/** turns_leave() - takes NULL; Return: NULL */
struct turn *turns_leave(struct turn *turn);

/** turns_may_begin() - is it yours at once? False: somebody waits, or others had enough time just now */
bool turns_may_begin(struct turn *turn);

/** turns_wait() - be called when it is yours; at once is nobody's. Again while waiting means nothing */
void turns_wait(struct turn *turn);

bool turns_is_waiting(const struct turn *turn);
