/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Config - what the administrator wrote: FILE, then the .conf files of FILE.d in order of name, a
 * later file's key in place of an earlier one's.
 *
 *         [Agent]                 MaxDoubt=  LogLevel=
 *         [Store NAME]            Path=  Layout=  Group=  those of app/config_access.h, and the keys
 *                                 of trust/settings.h
 *         [Source NAME]           see app/config_source.h
 *         [CA NAME]               Store=  Sha256=  RevocationCheck=
 *
 * Read wholly or not at all: an unknown section or key, a bad value or a stray line is an error
 * with file and line, at start and at reload alike. A configuration is one value; whoever reloads
 * compares it with the one in force.
 */

#include "base/log.h"
#include "base/vec.h"
#include "proto/compiler.h"
#include "service/recorder.h"

#include <stdbool.h>
#include <stdint.h>

struct access;
struct settings;
struct sources;

#define CONFIG_MAX_DOUBT_MS 2000

struct config_store {
        char *name;
        struct settings *settings;
        struct access *access;              /* who may do what with it; changes no verdict */
        struct recorder_settings recording; /* of what is refused */
        struct sources *sources; /* its own folder first; the others in order of first mention */
};

struct config {
        int64_t max_doubt_ms;
        enum log_level max_level;
        VEC(struct config_store) stores; /* at least one; in order of first mention */
};

enum {
        CONFIG_E_INVALID = 1,
};

/**
 * config_read() - read the configuration
 * @path: of the main file
 * @may_lack: that it is not there is like an empty file
 * @out: config_free() it; written on success only
 * @out_fault: "FILE:LINE: what is wrong"; written on CONFIG_E_INVALID only; free() it
 *
 * Without any [Store NAME] there is one named default. A store without Path= lies below
 * /var/lib/uatrust.
 *
 * Return: 0, CONFIG_E_INVALID, or -ENOMEM.
 */
int config_read(const char *path, bool may_lack, struct config **out, char **out_fault);

/**
 * config_of_store() - one store named default at @path, absolute, and defaults for all else;
 * Return: 0 or -ENOMEM
 */
int config_of_store(const char *path, struct config **out);

/** config_free() - takes NULL; Return: NULL */
struct config *config_free(struct config *config);
DEFINE_CLEANUP(struct config *, config_free)
