/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * IDL - the Varlink description of an interface, from its tables. What GetInterfaceDescription answers, and the
 * golden files proto/NAME.varlink.
 */

struct buf;
struct schema_interface;

/** idl_print() - append the description, ended by a newline; see buf_error() */
void idl_print(const struct schema_interface *interface, struct buf *out);
