/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Reply - what the agent answered, as a struct or as an error object.
 */

#include <stdbool.h>
#include <stddef.h>

struct schema;
struct uatrust_error;

struct reply {
        void *value;                 /* of the schema; malloc()ed; NULL: there is none, but */
        struct uatrust_error *error; /* what the agent says, or why it cannot be read */
        bool is_garbled;             /* what was read is no reply at all */
        bool continues;              /* more will come */
};

#define REPLY_NULL                                                                                 \
        {                                                                                          \
                .value = NULL                                                                      \
        }

/**
 * reply_read() - never fails, as failing is in its result; @out: the caller's are value and error
 */
void reply_read(const char *text, size_t n, const struct schema *schema, struct reply *out);

/** reply_free_value() - free one, as of @schema; takes NULL */
void reply_free_value(const struct schema *schema, void *value);

/**
 * reply_report_failure() - of a connection; @r: CONNECTION_E_* or a negative errno; Return: an enum
 * uatrust_code
 */
int reply_report_failure(struct uatrust_error **error, int r, const char *path);
