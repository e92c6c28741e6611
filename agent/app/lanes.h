/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Lanes - what the service asks of app (service/lane.h): changes of a store go to its keeper, a
 * reload is carried out on the loop a moment later, never from within the call that asks for it,
 * and has ended when no question is judged by what was there before.
 */

#include "proto/compiler.h"

struct keepers;
struct lane;
struct lanes;
struct loop;

struct lanes_config {
        struct loop *loop;
        struct keepers *const *keepers; /* may be made later, but before any call */

        /** reload() - Return: 0, or a negative errno with what is wrong, if it is known; free() it */
        int (*reload)(void *userdata, char **out_fault);

        /** tick() - see struct lane */
        void (*tick)(void *userdata);
        void *userdata;
};

/** lanes_new() - @config is copied; Return: 0 or -ENOMEM */
int lanes_new(const struct lanes_config *config, struct lanes **out);

/** lanes_free() - a reload that is to come does not; takes NULL; Return: NULL */
struct lanes *lanes_free(struct lanes *lanes);
DEFINE_CLEANUP(struct lanes *, lanes_free)

/** lanes_get() - for the service; borrowed */
const struct lane *lanes_get(const struct lanes *lanes);
