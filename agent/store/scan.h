/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Scan - what names are in a directory, and the stamp of what each leads to. No content is read.
 *
 * The directory itself may be a link, the administrator's act. A name in it may be one, too, but
 * only to something below that directory; FIFOs, devices and sockets are told apart before they
 * are opened. What cannot be looked at is a row with the errno, not an error of ours.
 */

#include "base/vec.h"
#include "proto/compiler.h"

#include <stdbool.h>
#include <stdint.h>

/* How often a look-up is repeated that others disturb by renaming (openat2: EAGAIN). */
#define SCAN_TRIES_MAX 32

/* Says that a file is another than before. Equal stamps alone do not say that it is the same. */
struct scan_stamp {
        uint64_t dev, ino;
        int64_t size;
        int64_t mtime_ns, ctime_ns; /* since 1970 */
};

struct scan_dir {
        int fd;    /* -1 if it could not be opened */
        int error; /* then why: ENOENT if there is none */
        uint64_t dev, ino;
        bool is_local, folds_names; /* see base/fs.h */
};

#define SCAN_DIR_NULL                                                                              \
        {                                                                                          \
                .fd = -1                                                                           \
        }

enum scan_kind {
        SCAN_NOTHING, /* no such name any more, or a directory: both are no file of ours */
        SCAN_FILE,
        SCAN_SPECIAL,    /* FIFO, device, socket */
        SCAN_UNREADABLE, /* see error */
        SCAN_BUSY,       /* look again: others renamed things all the while */
};

struct scan_row {
        char *name; /* owned */
        enum scan_kind kind;
        int error;     /* SCAN_UNREADABLE: ENOENT (a link to nothing), EXDEV (out), ELOOP, ... */
        bool is_alias; /* may change by another name: a link, of several hard links, or mounted */
        struct scan_stamp stamp; /* SCAN_FILE; for others zero */
};

struct scan_list {
        VEC(struct scan_row) rows; /* in strcmp() order of name; no SCAN_NOTHING */
        int error;                 /* 0, or why the list is not complete: E2BIG, EIO, ... */
};

/**
 * scan_open_dir() - open a directory to be scanned
 * @root_fd: where @path starts, unless that is absolute
 * @out:     scan_close_dir() it; if the directory is not there or may not be read, says so
 *
 * Errors: what is about us, not about the directory: -ENOMEM, -EMFILE, -ENFILE.
 */
int scan_open_dir(int root_fd, const char *path, struct scan_dir *out);

void scan_close_dir(struct scan_dir *dir);

/**
 * scan_directory() - look at every name but temporary ones, at most LAYOUT_FILES_MAX
 * @dir: open
 * @out: scan_list_deinit() it
 *
 * Cost: two system calls a name. Return: 0 or a negative errno as above.
 */
int scan_directory(const struct scan_dir *dir, struct scan_list *out);

void scan_list_deinit(struct scan_list *list);

/**
 * scan_name() - look at one name
 * @out: free() its name
 *
 * Return: 0 or a negative errno as above.
 */
int scan_name(const struct scan_dir *dir, const char *name, struct scan_row *out);

/**
 * scan_open() - open the file that a name in a directory leads to, beneath that directory only
 * @flags:     of open(2)
 * @out_error: why there is no descriptor; EAGAIN if others disturbed each of SCAN_TRIES_MAX tries
 *
 * Return: 0 with *@out_fd, -1 if @out_error says why not; or a negative errno as above.
 */
int scan_open(const struct scan_dir *dir, const char *name, int flags, int *out_fd, int *out_error);

struct stat;

/** scan_stamp_of() - what fstat() tells, as a stamp */
struct scan_stamp scan_stamp_of(const struct stat *st);

bool scan_stamp_equal(const struct scan_stamp *a, const struct scan_stamp *b);
