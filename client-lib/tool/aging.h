/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Aging - the part of `uatrust status` that says what asks for an administrator: what has run out or
 * will, and what makes checking weaker.
 */

#include <uatrust/uatrust.h>

struct aging; /* what the agent said of it */

/**
 * aging_ask() - of all stores that are ready
 * @out: aging_free() it; what this agent does not know or does not tell us is left out
 *
 * Return: 0 or an enum uatrust_code; UATRUST_E_NO_MEMORY may come without an error.
 */
int aging_ask(struct uatrust_client *client, const struct uatrust_stores *stores,
              struct aging **out, struct uatrust_error **error);

/** aging_free() - takes NULL */
void aging_free(struct aging *aging);

/** aging_print() - tables, each behind an empty line; nothing where all is well */
void aging_print(const struct aging *aging);

/** aging_print_json() - "freshness":[...],"weakenings":{...} */
void aging_print_json(const struct aging *aging);
