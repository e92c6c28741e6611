/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Result - what a verb has done or found, for people or as one JSON object.
 */

#include <stdbool.h>
#include <stdint.h>

struct arguments;
struct cert;
struct findings;

struct result {
        const char *what; /* "created", "requested", "installed", "renewed", "unchanged", ... */
        bool has_changed;
        const char *cert_path, *key_path, *request_path; /* NULL: none */
        const struct cert *cert;                         /* NULL: none */
        const struct findings *findings;
        int64_t now_s;
};

/** result_print() - to stdout */
void result_print(const struct result *result, const struct arguments *arguments);
