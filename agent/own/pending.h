/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Pending - the key of a request that a CA has not answered yet, and the request: beside the key in
 * use, as own/private/NAME.request.pem and NAME.csr.
 */

#include <stdbool.h>

#define PENDING_KEY_ENDING     ".request.pem"
#define PENDING_REQUEST_ENDING ".csr"

/** pending_is_name() - is a file of this name the key of a request? */
bool pending_is_name(const char *file_name);

/** pending_key_name(), pending_request_name() - of the pair @name; free() it; NULL: out of memory */
char *pending_key_name(const char *name);
char *pending_request_name(const char *name);

/**
 * pending_find() - the only file of a directory that is the key of a request
 * @out: the name of the pair that it is for, to free(); NULL where there is none or several
 *
 * Return: 0 or a negative errno.
 */
int pending_find(int keys_fd, char **out);
