/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Request - what the library's other parts need of one.
 */

#include "proto/message.h"

struct uatrust_client;
struct uatrust_error;
struct uatrust_request;

/**
 * request_read() - the question as it is asked now
 * @out: borrowed from @request and @client; written on success only
 *
 * Return: 0, or an enum uatrust_code: it was not made as a whole.
 */
int request_read(const struct uatrust_request *request, const struct uatrust_client *client,
                 struct message_validate *out, struct uatrust_error **error);
