/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Error - makes the library's error objects. Each function returns the code it was given, so that reporting and
 * returning are one line; @out may be NULL.
 */

#include "proto/status.h"

#include <stdint.h>

struct message_error;
struct uatrust_error;

/** error_report() - @subject and @reason, NULL allowed, as of struct message_error; Return: @code */
int error_report(struct uatrust_error **out, enum status_error code, const char *subject,
                 const char *reason);

/** error_report_message() - what the agent answered; Return: its code */
int error_report_message(struct uatrust_error **out, const struct message_error *message);

/** error_report_errno() - @r: negative errno; Return: STATUS_E_NO_MEMORY or STATUS_E_SYSTEM */
int error_report_errno(struct uatrust_error **out, int r, const char *subject);
