/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Hosts - by which names and addresses this host is reached, as far as it knows itself.
 */

#include <stdbool.h>
#include <stddef.h>

struct identity;
struct sockaddr;

/** hosts_is_reachable() - may others reach us at this address: no loopback, no link-local, no
 * multicast, none that means "any"? Kinds other than IPv4 and IPv6: false */
bool hosts_is_reachable(const struct sockaddr *address);

/**
 * hosts_find() - add the host's own name, its full name as the resolver has it, and the addresses
 * of its interfaces that are up
 *
 * What cannot be found is left out, as is a name "localhost". It may wait for the resolver.
 *
 * Return: 0 or -ENOMEM.
 */
int hosts_find(struct identity *identity);

/** hosts_get_name() - the host's own name; "localhost" if it has none */
void hosts_get_name(char *out, size_t n_out);
