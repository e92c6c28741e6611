/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * PEM - certificates in files as people have them: RFC 7468 text, or DER as it is.
 */

#include <stddef.h>
#include <stdint.h>

struct uatrust_error;

enum {
        PEM_E_NONE = 1,    /* neither PEM of a certificate nor what could be DER of one */
        PEM_E_DAMAGED = 2, /* a PEM block that does not end, or is no base64 */
};

/** pem_found_fn - one certificate, or several as DER one after another; Return: 0, or what ends pem_read() */
typedef int (*pem_found_fn)(const uint8_t *der, size_t n_der, void *userdata);

/**
 * pem_read() - every certificate of a file's content, in order; blocks of other kinds are passed over
 *
 * Return: 0, PEM_E_*, a negative errno, or what @found returned.
 */
int pem_read(const char *text, size_t n, pem_found_fn found, void *userdata);

/**
 * pem_read_file() - the same of the file at @path
 * @found: may return -ENOMEM, or -E2BIG: one certificate was enough
 *
 * Return: 0 or an enum uatrust_code.
 */
int pem_read_file(const char *path, pem_found_fn found, void *userdata,
                  struct uatrust_error **error);
