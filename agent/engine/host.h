/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Host - does a certificate name the host that was dialled? Comparing only: nothing is looked up,
 * no name is short for another, and the common name is never one.
 *
 * Spec: OPC 10000-4 Table 106, Host Name; RFC 6125 6.4 for https.
 */

#include <stdbool.h>

struct cert;

enum host_rules {
        /*
         * An OPC UA server: dNSName in ASCII without case, one trailing dot dropped. Reading: an
         * address is compared with iPAddress by value and with dNSName as text, where old products
         * put it; the DCs of the subject count only if there is neither, joined with dots, in
         * either order.
         */
        HOST_RULES_OPC,
        /*
         * The same below a CA with name constraints. Reading: there the DCs never count, as a
         * constraint on dNSNames does not reach them (RFC 5280 4.2.1.10).
         */
        HOST_RULES_OPC_CONSTRAINED,
        /*
         * A TLS server: dNSName for names, iPAddress for addresses; a wildcard is the whole
         * left-most label of three or more.
         */
        HOST_RULES_TLS,
};

/**
 * host_is_named() - @host: as in the URL, an address without brackets
 *
 * Cost: O(names in the certificate).
 */
bool host_is_named(const struct cert *cert, const char *host, enum host_rules rules);
