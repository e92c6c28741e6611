/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Picture - what a store knew of its directories after a refresh: every file with its stamp, the
 * hash of its content and its entries, and the snapshot made of them all. Frozen and shared: the
 * next refresh makes a new one that shares each file and directory that is as it was.
 *
 * Whoever runs refreshes holds one, and looks at nothing in it but the snapshot.
 */

#include "base/ref.h"
#include "base/vec.h"
#include "proto/compiler.h"
#include "store/scan.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct entry;
struct snapshot;

/* What still has to be done about a file. */
enum picture_todo {
        PICTURE_SETTLED,
        /* It was read so soon after its stamps that a later write might leave them as they are. */
        PICTURE_READ_AGAIN,
        PICTURE_LOOK_AGAIN, /* it could not be read for the noise around it, or changed meanwhile */
        PICTURE_BEING_WRITTEN, /* somebody writes; what it held before stays until that is over */
};

struct picture_file {
        struct ref ref;
        enum picture_todo todo;
        int64_t since_ns; /* PICTURE_BEING_WRITTEN: the monotonic clock when that was first told */
        bool is_alias;    /* as in struct scan_row */
        struct scan_stamp stamp;
        bool has_sha256;
        uint8_t sha256[32];

        /*
         * Owned references. Of a file that is damaged now: what it still holds, one broken entry or
         * more, and the last good content of its CRLs.
         */
        struct entry **entries;
        size_t n_entries;

        char name[];
};

struct picture_dir {
        struct ref ref;
        uint64_t dev, ino; /* 0, 0: it is missing, or cannot be read */
        bool has_aliases;  /* one of the files is */
        bool is_local;
        struct picture_file **files; /* in strcmp() order of name; owned references */
        size_t n_files;
        struct entry *broken; /* why the directory itself cannot be read, or NULL */
};

struct picture {
        struct ref ref;
        struct picture_dir **dirs; /* one for each that store_list_dirs() names, in that order */
        size_t n_dirs;

        struct snapshot *snapshot; /* NULL: the store is not ready */
        struct snapshot *last;     /* the newest there ever was, or NULL: changes are against it */
};

/** picture_ref(), picture_unref() - any thread; unref takes NULL and returns NULL */
struct picture *picture_ref(const struct picture *picture);
struct picture *picture_unref(struct picture *picture);

/** picture_get_snapshot() - borrowed; NULL if the store is not ready */
struct snapshot *picture_get_snapshot(const struct picture *picture);

struct picture_file *picture_file_ref(const struct picture_file *file);
struct picture_file *picture_file_unref(struct picture_file *file);
struct picture_dir *picture_dir_ref(const struct picture_dir *dir);
struct picture_dir *picture_dir_unref(struct picture_dir *dir);

/** picture_dir_find() - the file of that name, borrowed, or NULL; Cost: O(log n) */
const struct picture_file *picture_dir_find(const struct picture_dir *dir, const char *name);

DEFINE_CLEANUP(struct picture *, picture_unref)
DEFINE_CLEANUP(struct picture_dir *, picture_dir_unref)
DEFINE_CLEANUP(struct picture_file *, picture_file_unref)
