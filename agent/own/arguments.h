/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Arguments - of the verbs `own ...`: one table says which there are, which verb takes which, and
 * what --help says of each.
 */

#include "own/identity.h"
#include "own/place.h"
#include "own/secret.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct key_kind;

#define ARGUMENTS_DAYS      1825
#define ARGUMENTS_DAYS_MAX  36500
#define ARGUMENTS_FILES_MAX 64

enum arguments_verb {
        ARGUMENTS_CREATE = 1 << 0,
        ARGUMENTS_REQUEST = 1 << 1,
        ARGUMENTS_INSTALL = 1 << 2,
        ARGUMENTS_RENEW = 1 << 3,
        ARGUMENTS_CHECK = 1 << 4,
        ARGUMENTS_RECOVER = 1 << 5,
};

struct arguments {
        const char *name; /* of the verb, as "uatrust own create" */
        struct place_options place;
        const char *application_uri, *common_name, *organization; /* NULL: not given */
        struct identity hosts;                                    /* only these are of interest */
        bool has_hosts;
        const struct key_kind *kind; /* NULL: not given */
        unsigned int days;           /* 0: not given */
        unsigned int purposes;       /* enum review_purpose */
        bool has_format, wants_pfx;
        const char *passphrase_file;
        int passphrase_fd; /* -1: not given */
        bool asks_passphrase;
        bool replaces, keeps_key, wants_chain, wants_json;
        bool has_days_left;
        unsigned int days_left;
        const char *output;
        const char *issuers[ARGUMENTS_FILES_MAX];
        size_t n_issuers;
        char **files; /* what is no option; borrowed of argv */
        size_t n_files;
};

#define ARGUMENTS_NULL                                                                             \
        {                                                                                          \
                .passphrase_fd = -1                                                                \
        }

/**
 * arguments_read() - what a verb was given
 * @text: what --help says of it: usage and what it does
 * @out:  ARGUMENTS_NULL; arguments_deinit() it
 *
 * Return: -1: go on; else the exit code: help was printed, or a complaint.
 */
int arguments_read(enum arguments_verb verb, const char *text, int argc, char **argv,
                   struct arguments *out);

void arguments_deinit(struct arguments *arguments);

/**
 * arguments_passphrase() - the passphrase that was given, by file, descriptor or at the terminal
 * @is_new: ask twice at the terminal
 *
 * Return: 0 with @out, SECRET_NULL if none was given; or an exit code after a complaint.
 */
int arguments_passphrase(const struct arguments *arguments, bool is_new, struct secret *out);
