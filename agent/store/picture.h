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
#include "store/entries.h"
#include "store/retry.h"
#include "store/scan.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct batch;
struct entry;
struct snapshot;

/* What still has to be done about a file, at due_ns. */
enum picture_todo {
        PICTURE_SETTLED,
        /*
         * It was read so soon after its stamps that a later write might leave them as they are; or
         * it could not be read, for a reason that may pass.
         */
        PICTURE_READ_AGAIN,
        PICTURE_LOOK_AGAIN,    /* it changed while it was looked at or read */
        PICTURE_LARGE,         /* somebody else loads it: what it held before stays until then */
        PICTURE_BEING_WRITTEN, /* somebody writes: what it held before stays until that is over */
};

struct picture_file {
        struct ref ref;
        enum picture_todo todo;
        int64_t due_ns;   /* monotonic; if there is something to do */
        int64_t doubt_ns; /* since when it may be other than the picture says; if it may */
        bool is_alias;    /* as in struct scan_row */
        bool is_whole;    /* as in struct load */
        bool has_sha256;
        uint8_t sha256[32];
        struct scan_stamp stamp;
        struct retry retry; /* of reading it */
        struct entries entries;

        /*
         * For a file that is damaged, or may be: the last good content of its CRLs, and a broken
         * entry if there is none above. Of a whole file it counts while a CRL in it is not
         * verified.
         */
        struct entries held;

        /*
         * Of a file that is not whole, or whose directory is not there: what it held when it last
         * was. It counts for nothing, but see snapshot.known.
         */
        struct entries lost;

        const char *foreign; /* static: why it is none of ours; NULL: it is, or it is broken */

        char name[];
};

/*
 * Some files of a directory that follow each other by name. Of ten thousand files of which one is
 * new, all but one shelf are shared with the picture before, each by one reference.
 */
struct picture_shelf {
        struct ref ref;
        struct batch *batch; /* what its files say, and what is held of those that are not whole */
        size_t n_todos, n_aliases, n_held, n_lost, n_foreign; /* files of which that is so */
        size_t n;                                             /* 1.. */
        struct picture_file *files[]; /* in strcmp() order of name; owned references */
};

/* A shelf is as long as that; when it grows to twice as much it is made two. */
#define PICTURE_SHELF_FILES 128

/* One that was changed and is shorter than that takes in the next. */
#define PICTURE_SHELF_FILES_MIN 32

/* Whether a directory counts. */
enum picture_presence {
        PICTURE_COUNTS,
        PICTURE_DISPLACED, /* another one stands in its place: as if it were empty */
        /* its source has, or nobody knows if another one does: what its files held is lost */
        PICTURE_VANISHED,
};

struct picture_dir {
        struct ref ref;
        enum picture_presence presence;
        uint64_t dev, ino;                           /* 0, 0: it is missing, or cannot be read */
        VEC(struct picture_shelf *) shelves;         /* in order of name; owned references */
        VEC(const struct picture_file *) todos;      /* which there is something left to do about */
        size_t n_files;                              /* in all */
        size_t n_aliases, n_held, n_lost, n_foreign; /* files of which that is so */
        struct entries foreign;                      /* see store/foreign.h */
        struct entry *broken; /* why the directory itself cannot be read, or NULL */
        struct retry retry;   /* then */

        VEC(struct picture_file *) loose; /* while it is made: in no shelf yet */
};

/* Which directory it is, whatever its name. */
struct root_id {
        uint64_t dev, ino;
};

struct picture {
        struct ref ref;
        /* The store's own folder when it last had lists; ino 0: it never had. */
        struct root_id root;
        bool is_root_vanished; /* another one is in its place, and has none */
        /* One for each that store_list_dirs() names, in that order; none if it is not ready. */
        VEC(struct picture_dir *) dirs;
        struct entries broken; /* folders of further sources that cannot be opened */
        struct retry retry;    /* of opening folders of sources */

        struct snapshot *snapshot; /* NULL: the store is not ready */
        struct snapshot *last;     /* the newest there ever was, or NULL: changes are against it */
};

/** picture_ref(), picture_unref() - any thread; unref takes NULL and returns NULL */
struct picture *picture_ref(const struct picture *picture);
struct picture *picture_unref(struct picture *picture);

/** picture_get_snapshot() - borrowed; NULL if the store is not ready */
struct snapshot *picture_get_snapshot(const struct picture *picture);

#define PICTURE_NEVER_NS INT64_MIN

/**
 * picture_last_change_ns() - the latest stamp of a file that holds something of a judged list,
 * since 1970; PICTURE_NEVER_NS: there is none
 *
 * It outlives the agent; what was taken away left no stamp. Cost: O(n).
 */
int64_t picture_last_change_ns(const struct picture *picture);

/**
 * picture_file_new() - a copy of @like under @name, to be completed before it is shared
 * @like: NULL: all zero; entries and held get references of their own
 *
 * Return: 0 or -ENOMEM.
 */
int picture_file_new(const char *name, const struct picture_file *like, struct picture_file **out);

/** picture_file_is_doubtful() - may it hold something else than the picture says? */
bool picture_file_is_doubtful(const struct picture_file *file);

struct picture_file *picture_file_ref(const struct picture_file *file);
struct picture_file *picture_file_unref(struct picture_file *file);
struct picture_dir *picture_dir_ref(const struct picture_dir *dir);
struct picture_dir *picture_dir_unref(struct picture_dir *dir);

/**
 * picture_dir_new() - an empty one, to be filled in order of name and then ended; Return: 0 or
 * -ENOMEM
 */
int picture_dir_new(struct picture_dir **out);

/** picture_dir_new_like() - the same, but for the files; Return: 0 or -ENOMEM */
int picture_dir_new_like(const struct picture_dir *like, struct picture_dir **out);

/** picture_dir_add() - append @file, which sorts last; takes the reference, also on failure */
int picture_dir_add(struct picture_dir *dir, struct picture_file *file);

/**
 * picture_dir_share() - append the files of @shelf, which sort last; mostly the shelf itself, to
 * which a reference is taken
 */
int picture_dir_share(struct picture_dir *dir, const struct picture_shelf *shelf);

/** picture_dir_end() - nothing is appended any more; Return: 0 or -ENOMEM */
int picture_dir_end(struct picture_dir *dir);

/** picture_dir_is_same() - do both share all shelves, and are the same directory? */
bool picture_dir_is_same(const struct picture_dir *a, const struct picture_dir *b);

/** picture_shelf_unref() - any thread; takes NULL and returns NULL */
struct picture_shelf *picture_shelf_unref(struct picture_shelf *shelf);

DEFINE_CLEANUP(struct picture *, picture_unref)
DEFINE_CLEANUP(struct picture_dir *, picture_dir_unref)
DEFINE_CLEANUP(struct picture_file *, picture_file_unref)
DEFINE_CLEANUP(struct picture_shelf *, picture_shelf_unref)
