/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Rights - whose stores a call is about, and whether its caller may make it. What a call names is
 * found by its fields, so that a new method needs nothing here: "store" is one store, "stores" are
 * several. A method that names none shows of each store only what service/access lets its caller
 * read.
 */

#include "service/access.h"
#include "service/service_call.h"

struct stores;

/**
 * rights_find_store_name() - the name of the one store that a call is about
 * @out: borrowed; NULL: the default one
 *
 * Return: false: it is about none, or about several.
 */
bool rights_find_store_name(const struct service_call *call, const char **out);

/**
 * rights_decide() - may the caller make this call, as far as is known without polkit?
 *
 * A store that there is not forbids nothing: to say so is the method's.
 */
enum access_decision rights_decide(const struct stores *stores, const struct service_call *call);
