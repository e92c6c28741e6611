/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Match - which file is a certificate and which its key, by nothing but their names: those of the
 * same root belong together, "pump.der" and "pump.pem". A pure choice among names.
 *
 * Spec: OPC 10000-12 F.1.
 */

#include <stdbool.h>
#include <stddef.h>

struct match_names {
        char *const *certs; /* file names for which match_is_cert() is true */
        size_t n_certs;
        char *const *keys; /* the same of match_is_key() */
        size_t n_keys;
};

struct match {
        const char *cert, *key; /* of the lists; NULL: there is none */
        size_t n_root; /* length of what the pair is called: of the certificate, else of the key */
};

enum {
        MATCH_E_UNCLEAR = 1, /* there are several pairs, or several files and no pair */
};

/** match_is_cert() - .der, .crt, .cer or .pem, in either case, and none that somebody is writing */
bool match_is_cert(const char *name);

/** match_is_key() - .pem, .key, .pfx or .p12, the same; and not the key of a request (own/pending) */
bool match_is_key(const char *name);

/**
 * match_choose() - the pair of that root, in whole or in part
 * @root: NULL: the only pair; where there is none, the only certificate and the only key, whatever
 *        they are called
 *
 * Of files that differ only in their ending the first ending above counts.
 *
 * Return: 0 with @out, which may have neither; MATCH_E_UNCLEAR only without @root.
 */
int match_choose(const struct match_names *names, const char *root, struct match *out);
