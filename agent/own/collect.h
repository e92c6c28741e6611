/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Collect - the verb collect, for the command uatrust and in no help text: the trust list that PKI
 * folders and files hold, as a parcel on stdout. Only certificates and CRLs of the lists trusted
 * and issuers are; whatever else is there, private keys first of all, is left out and said to be.
 */

/** collect_run() - Return: the exit code */
int collect_run(int argc, char **argv);
