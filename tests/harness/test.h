/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Test - cmocka with what it wants included before it; programs of tests include this and not cmocka itself.
 */

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
/* clang-format on */
