/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Options - what the command line said; NULL where it said nothing.
 */

#include <stdbool.h>

struct options {
        const char *store;  /* a directory; then there is no configuration file */
        const char *config; /* a file; not both */
        const char *socket, *admin_socket;
        bool wants_sandbox;
        const char *bus; /* "system", "session", "none" or an address */
};
