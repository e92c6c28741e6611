/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Test - cmocka with what it wants included before it; programs of tests include this and not cmocka itself;
 * and a clock for those that wait.
 */

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
/* clang-format on */

#include <time.h>

/** test_now_ms() - by the clock that never steps, from some moment */
static inline int64_t test_now_ms(void)
{
        struct timespec now;

        clock_gettime(CLOCK_MONOTONIC, &now);
        return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}
