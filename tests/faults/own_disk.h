/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Own disk - the system calls by which faults/own changes the disk: counted, made to fail or to end
 * the process, and written down.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum {
        CERTS,
        KEYS,
        DIRS,

        ENDED = 9, /* exit code of a process that was to end */
        FDS_MAX = 64,
};

/* What was done to the disk, in order. */
struct op {
        enum {
                OP_CREATE,
                OP_LINK,
                OP_RENAME,
                OP_REMOVE,
                OP_SYNC_DIR,
                OP_SYNC_FILE
        } kind;
        int dir;
        char name[64], to[64];
        int file; /* of OP_CREATE and OP_SYNC_FILE: its number */
};

struct ops {
        struct op *items;
        size_t n, n_room; /* as VEC() has it */
};

struct scene {
        int fds[DIRS];
        unsigned int *n_calls; /* shared with children */
        unsigned int at;       /* the call that something befalls; 0: none */
        int error;             /* 0: the process ends */
        bool is_for_good;      /* all calls from then on that need room fail */

        bool records;
        struct ops ops;
        int files[FDS_MAX]; /* number of the file that a descriptor is of, + 1 */
        int n_files;
};

extern struct scene scene;

/* The calls themselves, which nothing befalls. */
int __real_openat(int dir_fd, const char *name, int flags, ...);
ssize_t __real_write(int fd, const void *data, size_t n);
int __real_fsync(int fd);
int __real_unlinkat(int fd, const char *name, int flags);
int __real_renameat(int from_fd, const char *from, int to_fd, const char *to);
int __real_linkat(int from_fd, const char *from, int to_fd, const char *to, int flags);
