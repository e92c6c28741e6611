/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Known - the CAs by which a CA's answer is judged: of given files, and of what the application's
 * folder has as trusted or issuers. Where they come from matters little: nothing is trusted for it,
 * the question is whether a whole chain can be built.
 */

#include "base/vec.h"
#include "pki/bytes.h"

struct cert;
struct place;

#define KNOWN_MAX 1000 /* further ones are not looked at */

struct known {
        VEC(const struct cert *) certs;
};

#define KNOWN_NULL                                                                                 \
        {                                                                                          \
                VEC_NULL                                                                           \
        }

void known_deinit(struct known *known);

/** known_add() - one more; takes a reference of its own; Return: 0 or -ENOMEM */
int known_add(struct known *known, const struct cert *cert);

/** known_add_file() - all certificates of a file, PEM, DER or PKCS#7; Return: 0, or an exit code after a complaint */
int known_add_file(struct known *known, const char *path);

/** known_add_folder() - the CAs of the folder's lists; what cannot be read is left out; Return: 0 or -ENOMEM */
int known_add_folder(struct known *known, const struct place *place);

/** known_bytes() - the DER of each, borrowed; free() the array; Return: NULL: out of memory */
struct bytes *known_bytes(const struct known *known);
