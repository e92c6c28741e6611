/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Fail - memory that runs out on purpose. libfail.so is preloaded (LD_PRELOAD) and leads all allocations of a program
 * and its libraries. What is to fail is told through a struct fail that it shares with the test: with the program itself
 * by fail_get(), with another one through the file named by UATRUST_FAIL. With UATRUST_FAIL_TRACE it says where it
 * failed.
 *
 * What ends the process inside a library, whatever we do, is let through: allocations by libuv, which aborts where it
 * cannot keep a handle; by libeconf 0.5, and by strdup() in json-c 0.16, which do not look at what they got.
 */

#include <stdint.h>

#define FAIL_NEVER INT64_C(-1)

struct fail {
        _Atomic int64_t left;  /* allocations that succeed before one fails, once; FAIL_NEVER */
        _Atomic int64_t count; /* allocations so far */
};

/** fail_get() - Return: what to write to; NULL, if the symbol is weak, where nothing is preloaded */
struct fail *fail_get(void) __attribute__((weak));
