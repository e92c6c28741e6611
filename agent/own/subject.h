/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Subject - single attributes of a Name, as text in their own case.
 */

#include "pki/bytes.h"

/**
 * subject_find_common_name(), subject_find_organization() - the first of that kind
 * @name: a Name in DER
 *
 * Return: text to free(); NULL: there is none, or none that is plain text.
 */
char *subject_find_common_name(struct bytes name);
char *subject_find_organization(struct bytes name);
