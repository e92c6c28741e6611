/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Refuse - system calls that fail on purpose. librefuse.so is preloaded (LD_PRELOAD) and stands before the C library
 * for the calls below, made by the program itself; those of libraries are let through. What is to fail is told through
 * a struct refuse in the file named by UATRUST_REFUSE, which the test writes to as it likes.
 */

#include <stdint.h>

enum refuse_call {
        REFUSE_OPEN, /* the folder of a source; the way to a watched directory begins with one, too */
        REFUSE_OPENAT,
        REFUSE_OPENAT2,
        REFUSE_READ,
        REFUSE_FSTATAT,
        REFUSE_READDIR,
        REFUSE_INOTIFY_INIT1,
        REFUSE_INOTIFY_ADD_WATCH,
};

struct refuse {
        _Atomic int32_t call;  /* enum refuse_call */
        _Atomic int32_t error; /* the errno */
        _Atomic int64_t left;  /* so many fail, then none */
};
