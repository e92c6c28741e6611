/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Lay - the verb lay, for the command uatrust and in no help text: writes the trust list that comes
 * as a parcel on stdin into a PKI folder as an SDK lays it out. Nothing is written before the
 * parcel has come whole; each file appears whole, and what it replaces goes after that.
 */

/** lay_run() - Return: the exit code */
int lay_run(int argc, char **argv);
