/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Measures - what `uatrust metrics` tells: the agent's counters, and of each store that this user may read how it is
 * and when what is in it runs out.
 */

#include <uatrust/uatrust.h>

#include <stdio.h>

struct measures;

/**
 * measures_ask() - all of it
 * @out: measures_free() it; written on success only. A store that is kept from us, or was just lost, is left out
 *
 * Return: 0 or an enum uatrust_code; UATRUST_E_NO_MEMORY may come without an error.
 */
int measures_ask(struct uatrust_client *client, struct measures **out,
                 struct uatrust_error **error);

/** measures_free() - takes NULL */
void measures_free(struct measures *measures);

/** measures_write() - as OpenMetrics text; @measures: NULL: the agent does not answer */
void measures_write(const struct measures *measures, FILE *file);
