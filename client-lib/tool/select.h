/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Select - from what a person types to one certificate: a thumbprint, whole or its first digits, is
 * looked for in a store, and confirmed by the person where it is not whole.
 */

#include <stdbool.h>
#include <stddef.h>

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

/**
 * select_find() - the one certificate that @text begins the SHA-256 of
 * @store: NULL: the client's
 * @out:   written on success only
 *
 * A whole thumbprint that is in no list is one all the same. What is wrong was printed.
 *
 * Return: 0 or an exit code.
 */
int select_find(struct uatrust_client *client, const char *store, enum select_from from,
                const char *text, struct selection *out);

/**
 * select_confirm() - does the person want it?
 * @question: such as "trust"
 * @is_sure:  --yes was given, which wants the whole thumbprint
 *
 * Return: 0 or an exit code; why was printed.
 */
int select_confirm(const struct selection *selection, const char *text, const char *question,
                   bool is_sure);
