/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Select - from what a person types to one certificate: a thumbprint, whole or its first digits, is
 * looked for in a store, and confirmed by the person where it is not whole.
 */

#include <stdbool.h>
#include <stddef.h>

struct options;
struct uatrust_client;

#define SELECT_SHORT_MIN 8  /* digits of SHA-256 */
#define SELECT_WHOLE     64 /* digits of SHA-256 */

struct selection {
        char sha256[SELECT_WHOLE + 1];
        /* about it, for people: subject, URI, address, count; free() it; NULL: it is in no list */
        char *line;
};

/* Where to look. */
enum select_from {
        SELECT_REJECTED,
        SELECT_JUDGED, /* trusted and issuers */
        SELECT_ALL,
        SELECT_BLOCKED,
};

/** select_is_thumbprint() - could @text be one: 8 to 64 hex digits? */
bool select_is_thumbprint(const char *text);

/** select_may_be_meant_so() - nothing but hex digits and colons, however many */
bool select_may_be_meant_so(const char *text);

struct select_place {
        const struct options *options;
        struct uatrust_client *client;
        const char *store; /* NULL: the client's */
        enum select_from from;
};

/**
 * select_find() - the one certificate that @text begins the SHA-256 of
 * @out: written on success only
 *
 * A whole thumbprint that is in no list is one all the same. What is wrong was printed.
 *
 * Return: 0 or an exit code.
 */
int select_find(const struct select_place *place, const char *text, struct selection *out);

/** select_must_ask() - is a person to be asked? Not with --yes, nor where there is no terminal */
bool select_must_ask(bool is_sure);

/**
 * select_may_pass() - where nobody is asked the thumbprint must be whole; Return: 0 or an exit
 * code, printed
 */
int select_may_pass(const struct options *options, const char *text);

/** select_print() - to stderr, who is meant */
void select_print(const struct selection *selection);

/**
 * select_ask() - "QUESTION [y/N] "; Return: 0, or an exit code: that nothing was changed was
 * printed
 */
int select_ask(const struct options *options, const char *question);
