/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Read - the bytes of a CRL, which no picture keeps, from one of the files that held it when the
 * picture was made. It does disk I/O, so it runs in a job.
 *
 * What is found is what was asked for, told by its SHA-256, or nothing: a file may have changed
 * since.
 */

#include <stddef.h>
#include <stdint.h>

struct snapshot_crl;
struct sources;

enum {
        READ_E_CHANGED = 1, /* none of its files holds it now */
};

/**
 * read_crl() - read it, whichever of its files it is in
 * @sources: of the store that the CRL is of
 * @out:     its DER; free() it
 *
 * Errors: READ_E_CHANGED; what is about us: -ENOMEM, -EMFILE, -ENFILE. Cost: the whole file is read
 * and hashed. Any thread.
 * Return: 0 with @out and @out_n, or as said.
 */
int read_crl(const struct sources *sources, const struct snapshot_crl *crl, uint8_t **out,
             size_t *out_n);
