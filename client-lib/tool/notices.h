/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Notices - what an administrator should hear of, told as it comes: warnings, refused certificates,
 * audit events.
 */

#include <stddef.h>

struct options;
struct uatrust_client;

struct notices_wish {
        const char *const *stores; /* NULL: all */
        size_t n_stores;
        unsigned int count; /* end after so many; 0: never */
};

/** notices_tell() - until interrupted; Return: an exit code */
int notices_tell(const struct options *options, struct uatrust_client *client,
                 const struct notices_wish *wish);
