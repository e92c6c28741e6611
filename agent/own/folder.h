/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Folder - a PKI folder, read once as the agent reads a source. Nothing is changed.
 */

#include "proto/compiler.h"
#include "store/store.h"

struct layout;
struct settings;
struct snapshot;
struct sources;

struct folder {
        char *path; /* absolute */
        struct sources *sources;
        struct store_result result;
        const struct snapshot *snap; /* borrowed from the result */
};

#define FOLDER_NULL                                                                                \
        {                                                                                          \
                .result = STORE_RESULT_NULL                                                        \
        }

/**
 * folder_read() - read it
 * @out: FOLDER_NULL; folder_deinit() it, also on failure
 *
 * A folder that has none of the layout's directories is the wrong one: nothing said of it would
 * mean anything. Return: 0 or an exit code; why was printed.
 */
int folder_read(const char *path, const struct layout *layout, struct settings *settings,
                struct folder *out);

void folder_deinit(struct folder *folder);
