/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Own folder - the store's own folder, opened for writing, so that what is written survives a power
 * cut. Nobody but an update writes through it, and one process at a time: own_folder_lock().
 *
 * A file is written under a name that nobody reads, and renamed to its place. If possible that is
 * in the folder itself and not beside its place: some programs stumble over any strange file in the
 * lists (open62541 answers BadInternalError to everybody). Nothing outside the
 * folder is touched: names come from the agent, files are looked at beneath their directory only;
 * the folder and its directories may be links, which is the administrator's act.
 *
 * What the disk refuses is OWN_FOLDER_E_FAILED, and own_folder_describe() says what it was.
 */

#include "base/vec.h"
#include "pki/bytes.h"
#include "proto/compiler.h"
#include "store/scan.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define OWN_FOLDER_LOCK ".uatrust-lock"

/* More files than that, made in one go, are not fsynced each, but all with their file system. */
#define OWN_FOLDER_FSYNCS_MAX 32

enum {
        OWN_FOLDER_E_FAILED = 1,
        OWN_FOLDER_E_ABSENT, /* it is not there */
        OWN_FOLDER_E_BUSY,   /* another process has the lock */
};

struct own_folder_dir {
        char *path; /* below the folder; "." is the folder itself */
        struct scan_dir scan;
        bool is_near;  /* on the mount of the folder: what is written there can be renamed to it */
        bool is_dirty; /* names in it changed since the last own_folder_sync() */
};

struct own_folder {
        const struct store_source *source;
        const char *path;                /* its */
        VEC(struct own_folder_dir) dirs; /* those that were opened; number 0 is the folder itself */
        int lock_fd;                     /* -1: not locked */
        bool is_bulk;                    /* many files: see OWN_FOLDER_FSYNCS_MAX */

        int error;        /* the errno of the last OWN_FOLDER_E_FAILED */
        char *failed;     /* the path that it is about; NULL: the folder's */
        char *failed_dir; /* the directory of that, below the folder; NULL: the folder */
};

#define OWN_FOLDER_NULL                                                                            \
        {                                                                                          \
                .lock_fd = -1                                                                      \
        }

struct buf;
struct store_source;

/* What a name in a directory is now. */
struct own_folder_file {
        bool is_there;
        bool has_sha256; /* else it is no file of ours: a directory, a private key, too large */
        uint8_t sha256[32];
        mode_t mode; /* of what has_sha256 */
        uid_t uid;
        gid_t gid;
};

/**
 * own_folder_open() - open the folder
 * @source: borrowed
 * @folder: OWN_FOLDER_NULL; own_folder_close() it, also on failure
 *
 * Return: 0, OWN_FOLDER_E_FAILED, OWN_FOLDER_E_ABSENT, or a negative errno that is about us, as of
 * all functions here.
 */
int own_folder_open(const struct store_source *source, struct own_folder *folder);

void own_folder_close(struct own_folder *folder);

/**
 * own_folder_lock() - be the only one who writes, until own_folder_close()
 * @is_made: make the file if it is missing; else that is OWN_FOLDER_E_ABSENT
 *
 * Return: also OWN_FOLDER_E_BUSY.
 */
int own_folder_lock(struct own_folder *folder, bool is_made);

/**
 * own_folder_find_dir() - open a directory of it, once
 * @path: below the folder
 * @is_made: make it, with those above it; else a missing one is OWN_FOLDER_E_ABSENT
 * @out: its number
 */
int own_folder_find_dir(struct own_folder *folder, const char *path, bool is_made, size_t *out);

/**
 * own_folder_read() - read and hash what has this name
 * @content: BUF_NULL; if out->has_sha256, all of it. buf_deinit() it; NULL: not wanted
 *
 * Return: also OWN_FOLDER_E_FAILED if it cannot be read.
 */
int own_folder_read(struct own_folder *folder, size_t dir, const char *name,
                    struct own_folder_file *out, struct buf *content);

/** own_folder_look() - the same without its content */
int own_folder_look(struct own_folder *folder, size_t dir, const char *name,
                    struct own_folder_file *out);

/**
 * own_folder_write() - make a file of a name that nobody reads, anew if it is there
 * @like: whose mode and, if possible, owner it gets; NULL: readable by everybody
 */
int own_folder_write(struct own_folder *folder, size_t dir, const char *name, struct bytes content,
                     const struct own_folder_file *like);

/** own_folder_stage_dir() - where to write what is to be renamed to a name in @dir */
size_t own_folder_stage_dir(const struct own_folder *folder, size_t dir);

/* From one directory to another. */
struct own_folder_move {
        size_t from_dir, to_dir;
        const char *from, *to;
        bool is_new; /* if anything has the new name by now, leave it: OWN_FOLDER_E_BUSY */
};

/** own_folder_rename() - give it its name; OWN_FOLDER_E_ABSENT: there is nothing to be renamed */
int own_folder_rename(struct own_folder *folder, const struct own_folder_move *move);

/** own_folder_remove() - remove a name; that it is gone already is no failure */
int own_folder_remove(struct own_folder *folder, size_t dir, const char *name);

/** own_folder_sync() - after this, what was written, renamed and removed survives a power cut */
int own_folder_sync(struct own_folder *folder);

/** own_folder_fail() - note @error about @name in a directory; Return: as the functions above */
int own_folder_fail(struct own_folder *folder, size_t dir, const char *name, int error);

/**
 * own_folder_describe() - what failed last, with the command that mends it, if there is one
 * @user: who we are, see struct store_config
 * @out:  "PATH: it cannot be written: No space left on device; see: df -h PATH"; free() it
 *
 * Return: 0 or -ENOMEM.
 */
int own_folder_describe(const struct own_folder *folder, const char *user, char **out);
