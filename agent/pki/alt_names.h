/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Alt names - subjectAltName, in the three lists that rules ask for.
 *
 * Names are the bytes that stand in the certificate, NULs and all; comparing them is the engine's.
 *
 * Spec: RFC 5280 4.2.1.6.
 */

#include "pki/bytes.h"
#include "pki/fault.h"

#include <stdbool.h>
#include <stddef.h>

#define ALT_NAMES_MAX 1000 /* of one certificate; more is FAULT_NAMES_TOO_MANY */

struct alt_names {
        bool is_present, is_critical;
        const struct bytes *uris; /* the start of one allocation that holds all three lists */
        size_t n_uris;
        const struct bytes *dns_names;
        size_t n_dns_names;
        const struct bytes *ips; /* 4 or 16 bytes each */
        size_t n_ips;
        size_t n_names; /* all of them, other kinds too; up to which they could be read */
};

/**
 * alt_names_read() - read the value of the extension
 * @value:  borrowed; what @out lists lies in it
 * @faults: FAULT_SUBJECT_ALT_NAME_CONTENT or FAULT_NAMES_TOO_MANY is added where it lists nothing,
 *          and what is odd about a name
 * @out:    zeroed; written also if there are faults; alt_names_deinit() it
 *
 * Return: 0 or -ENOMEM.
 */
int alt_names_read(struct bytes value, struct faults *faults, struct alt_names *out);

/** alt_names_deinit() - frees the lists; zeroed names may be passed */
void alt_names_deinit(struct alt_names *names);
