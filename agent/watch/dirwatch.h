/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Dirwatch - which of a set of directories may look different from when they were last read.
 *
 * One inotify queue for the directories of one store. It tells what to look at, never what
 * happened: what is on disk decides, and a name is only a hint of where to look first. Whatever
 * leaves a doubt (the queue ran over, the directory or one above it was moved, removed, replaced,
 * unmounted or had its permissions changed, a link on the way was re-pointed, a directory that was
 * missing came to be) means: the whole directory.
 *
 * A directory is named by its path and need not exist. Each directory on the way, links followed,
 * is watched for what could make the path lead elsewhere, before a name in it is looked up: no
 * change falls between, and nobody else has to watch parents.
 *
 * How to use it, in this order, or a change is lost:
 *
 *      dirwatch_new(), dirwatch_add() for each directory;      watch first,
 *      read all directories;                                   then look
 *      poll dirwatch_get_fd() for reading; when it is readable:
 *              dirwatch_drain(), then read what the events name
 *      at each sweep and when the mounts changed (watch/mounts):
 *              dirwatch_rearm(), then read all directories
 *
 * Add, drain and rearm look directories up and may block where a network file system hangs, so a
 * store's serial lane is a better place for them than the loop: when the descriptor is readable,
 * stop polling it, run drain and refresh in one job, and poll again when that is done. The level
 * stays high as long as anything is unread. One owner: never two threads at a time.
 *
 * Not told by the kernel: writes through mmap, and by a name that a file got elsewhere or from where
 * it is mounted; and whatever others do to a network file system or behind FUSE. For these there is
 * the sweep; dirwatch_is_blind() says when it has to be frequent.
 */

#include "proto/compiler.h"

#include <stdbool.h>
#include <stddef.h>

/* More names than that in one directory and one drain: the whole directory. */
#define DIRWATCH_NAMES_MAX 256

/* Links on the way to a directory: more are taken for a loop. As many as the kernel follows. */
#define DIRWATCH_LINKS_MAX 40

struct dirwatch;

struct dirwatch_event {
        size_t dir; /* what dirwatch_add() returned */

        /*
         * NULL: look at the whole directory; no other event of this directory is there then. Else
         * a name in it as the kernel told it, each name once: of a file, a link, a directory, or
         * of nothing any more; perhaps a dot-file.
         */
        char *name;

        /*
         * The name was made or written to, and nothing was heard of it since: more may follow. Or
         * not: truncate(2), link(2) and symlink(2) leave no other trace.
         */
        bool is_being_written;
};

struct dirwatch_events {
        struct dirwatch_event *items; /* by dir, then in the order in which names were first told */
        size_t n;
};

/*
 * Where memory or descriptors are wanting (base/fs.h), add, drain and rearm fail, and nothing is
 * lost: what could not be looked up is a doubt of the next drain.
 */

/** dirwatch_new() - an empty set; Return: 0, -EMFILE (or fs.inotify.max_user_instances), -ENOMEM */
int dirwatch_new(struct dirwatch **out);

/** dirwatch_free() - takes NULL; Return: NULL */
struct dirwatch *dirwatch_free(struct dirwatch *watch);
DEFINE_CLEANUP(struct dirwatch *, dirwatch_free)

/** dirwatch_get_fd() - poll it for reading, do nothing else with it; valid as long as @watch */
int dirwatch_get_fd(const struct dirwatch *watch);

/**
 * dirwatch_add() - watch one directory more
 * @path:    absolute; copied; may be missing, no directory, or not to be read yet
 * @out_dir: its number in events: 0 for the first one added, then one more each
 *
 * Return: 0, -ENAMETOOLONG (PATH_MAX) or as above. A path that cannot be watched is no error, see
 * dirwatch_is_blind().
 */
int dirwatch_add(struct dirwatch *watch, const char *path, size_t *out_dir);

/**
 * dirwatch_drain() - take what the kernel has told so far
 * @out: dirwatch_events_deinit() it; written on success only; no events if none concern us
 *
 * Does not wait. Directories whose path may lead elsewhere now are looked up and watched anew
 * before this returns, so what is read afterwards is what is watched.
 *
 * Return: 0 or a negative errno as above.
 */
int dirwatch_drain(struct dirwatch *watch, struct dirwatch_events *out);

/**
 * dirwatch_peek() - has the kernel told of something that the next drain will say?
 *
 * What concerns no directory is forgotten, so that afterwards the descriptor is readable for what
 * is new alone; what does is kept, although the descriptor may not be readable any more.
 */
bool dirwatch_peek(struct dirwatch *watch);

/**
 * dirwatch_rearm() - look all paths up again and watch what they lead to now
 *
 * For what the kernel does not tell: a file system mounted on the way. Directories that were not
 * changed stay watched throughout. Whoever calls this reads all directories afterwards.
 *
 * Return: 0 or a negative errno as above.
 */
int dirwatch_rearm(struct dirwatch *watch);

/**
 * dirwatch_is_blind() - could a change go unnoticed?
 *
 * True while a directory lies on a file system of which the kernel does not tell everything, or
 * while it, or one on its way, may not be watched (no permission, fs.inotify.max_user_watches). A
 * directory that is missing and whose nearest parent is watched is not blind.
 */
bool dirwatch_is_blind(const struct dirwatch *watch);

/** dirwatch_events_deinit() - free the items; leaves an empty list behind */
void dirwatch_events_deinit(struct dirwatch_events *events);
