/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Role - which list of a store a file belongs to. The words are those of OPC 10000-12 Annex F.1; blocked
 * is ours.
 */

#include <stdbool.h>

enum role {
        ROLE_TRUSTED,  /* certificates that are trusted, and the CRLs beside them */
        ROLE_ISSUERS,  /* CA certificates that complete chains but give no trust, and their CRLs */
        ROLE_OWN,      /* the applications' own certificates; shown, never judged by */
        ROLE_REJECTED, /* what was presented and not trusted; shown, never judged by */
        ROLE_BLOCKED,  /* blocks, by certificate or by record; they win over everything */
        ROLE_N,
};

/** role_name() - "trusted", "issuers", "own", "rejected" or "blocked" */
const char *role_name(enum role role);

/** role_find() - the role of that name; Return: false if there is none, with @out untouched */
bool role_find(const char *name, enum role *out);

/** role_is_judged() - can an object of this role change a verdict? */
bool role_is_judged(enum role role);
