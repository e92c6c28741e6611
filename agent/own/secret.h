/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Secret - bytes that nobody else may see: passphrases, and private keys on their way to or from a
 * file. They are overwritten before their memory is given back.
 */

#include "pki/bytes.h"
#include "proto/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SECRET_PASSPHRASE_MAX 1024
#define SECRET_FILE_MAX       (1024 * 1024)

struct secret {
        uint8_t *data; /* NULL: there is none; with a NUL behind it that does not count */
        size_t n;
};

#define SECRET_NULL                                                                                \
        {                                                                                          \
                NULL, 0                                                                            \
        }

/** secret_deinit() - overwrite and free; leaves SECRET_NULL; CLEANUP(secret_deinit) */
void secret_deinit(struct secret *secret);

/** secret_copy() - of bytes that the caller overwrites; Return: 0 or -ENOMEM */
int secret_copy(const void *data, size_t n, struct secret *out);

static inline struct bytes secret_bytes(const struct secret *secret)
{
        return (struct bytes){ secret->data, secret->n };
}

/**
 * secret_read_all() - the whole content of a descriptor, at most SECRET_FILE_MAX bytes
 *
 * Return: 0, or a negative errno; -EFBIG: it is longer.
 */
int secret_read_all(int fd, struct secret *out);

/**
 * secret_read_passphrase() - the first line of what @fd gives, without its end
 * @name: of the file or option, for complaints
 *
 * Return: 0, or an exit code after a complaint: empty, too long, with a NUL, not to be read.
 */
int secret_read_passphrase(int fd, const char *name, struct secret *out);

/**
 * secret_ask() - have a person type a passphrase at the terminal, unseen
 * @question: such as "passphrase of own/private/x.pem"
 * @is_new:   ask twice
 *
 * Return: 0, or an exit code after a complaint: no terminal, empty, two different ones.
 */
int secret_ask(const char *question, bool is_new, struct secret *out);
