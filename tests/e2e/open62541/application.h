/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the applications under test share: JSON lines for the driver, of which tests/e2e/application.py
 * says more, and a logger that tells what the adapter logs.
 */

#include "uatrust_open62541.h"

#include <json-c/json.h>

struct uatrust_open62541_options;

/** tell() - one line of JSON, with the clock that the driver has too; @more: its fields, taken; NULL: none */
void tell(const char *event, struct json_object *more);

/** texts() - an object of names and texts in turns, ended by NULL */
struct json_object *texts(const char *name, ...);

/** read_whole() - the file @identity + @ending; ends the program where there is none */
UA_ByteString read_whole(const char *identity, const char *ending);

/** options_of() - how the driver wants the agent to be asked */
struct uatrust_open62541_options options_of(void);

/**
 * logger_new() - tells what the adapter and the stack log
 * @name: of the connection, to be told that its channel was renewed; NULL: none
 *
 * All of it goes to stdout, too, where the driver takes what is no JSON for a log.
 */
UA_Logger *logger_new(const char *name);

/** must() - ends the program, unless @status is good */
void must(UA_StatusCode status, const char *what);
