/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Access - who may do what to a store. Pure: a caller, what the method does and the store's lists
 * give a decision; who asks polkit, and how, is the bus's door.
 *
 *                   client socket      admin socket   bus
 *         reads     Readers=           yes            Readers=, or root
 *         changes   no                 yes            root; Writers= their own store; else ask polkit
 *
 * The mode and group of the admin socket decided already who gets there. At the client socket uid 0
 * means nothing: its folder may be mounted into containers, whose root has that number. A store
 * without Readers= is read by everybody; one with it by those and by its Writers=.
 *
 * Lists are frozen once a store has them; names were made numbers when the configuration was read.
 */

#include "proto/compiler.h"

#include <stdbool.h>
#include <sys/types.h>

struct access;
struct caller;

enum access_list {
        ACCESS_READERS,   /* Readers=: who may ask about the store and read it */
        ACCESS_WRITERS,   /* Writers=: who may change it over the bus, without polkit */
        ACCESS_RECORDERS, /* Recorders=: whose rejected certificates are kept */
        ACCESS_LIST_N,
};

enum access_decision {
        ACCESS_ALLOW,
        ACCESS_DENY,
        ACCESS_ASK, /* polkit; where there is none: deny */
};

/** access_new() - no list is set: everybody reads and is recorded, nobody writes; Return: 0 or -ENOMEM */
int access_new(struct access **out);

struct access *access_ref(const struct access *access);
struct access *access_unref(struct access *access);
DEFINE_CLEANUP(struct access *, access_unref)

/**
 * access_set() - from now on the list holds those only that are added; an empty list is nobody.
 * @access: not yet given to a service
 */
void access_set(struct access *access, enum access_list list);

/** access_add_user(), _group(), _unit() - add to a list, setting it; Return: 0 or -ENOMEM */
int access_add_user(struct access *access, enum access_list list, uid_t uid);
int access_add_group(struct access *access, enum access_list list, gid_t gid);
int access_add_unit(struct access *access, enum access_list list, const char *unit);

/** access_is_equal() - do both say the same of every caller, written in the same order? NULL: no lists */
bool access_is_equal(const struct access *a, const struct access *b);

/**
 * access_decide() - may @caller make a call?
 * @method_flags: of struct schema_method: SCHEMA_METHOD_ADMIN is a change, anything else reads
 * @access:       of the store that the call is about; NULL: of none, or it has no lists
 *
 * Cost: linear in the length of the lists and of the caller's groups.
 */
enum access_decision access_decide(const struct caller *caller, unsigned int method_flags,
                                   const struct access *access);

/** access_may_read() - access_decide() of a method without flags */
bool access_may_read(const struct caller *caller, const struct access *access);

/** access_may_record() - is what this caller had rejected to be kept for the administrator? */
bool access_may_record(const struct caller *caller, const struct access *access);
