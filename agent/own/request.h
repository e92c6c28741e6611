/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Request - the verb own request: a PKCS#10 request for a CA, in the names of the certificate there
 * or of this host, and with it the key that waits for the answer (own/pending). What is in use stays
 * as it is.
 */

struct work;

/** request_run() - Return: the exit code */
int request_run(int argc, char **argv);

/** request_make() - the same where the place is open; Return: the exit code */
int request_make(struct work *work);
