/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Sockets - at which sockets this agent listens: those that the service manager handed over
 * (LISTEN_FDS; one named "admin" is the admin socket, any other a client socket), else those of the
 * command line, else those of the default places.
 */

#include "base/vec.h"
#include "proto/compiler.h"
#include "service/caller.h"

struct options;
struct log;

struct sockets_item {
        int fd; /* -1: taken away */
        enum caller_door door;
        char *path; /* the file is ours to remove; NULL: somebody else's */
};

struct sockets {
        VEC(struct sockets_item) items;
        char *page_path; /* beside the first client socket; NULL: there is none with a name */
};

/**
 * sockets_open() - listen everywhere, or nowhere
 * @out: sockets_close() it; written on success only. Fds may be taken out of the items
 *
 * What goes wrong is logged, with the path.
 *
 * Return: 0, or a negative errno.
 */
int sockets_open(const struct options *options, const struct log *log, struct sockets **out);

/** sockets_remove_files() - nobody new shall find us; before the sockets are closed */
void sockets_remove_files(struct sockets *sockets);

/** sockets_close() - remove the files, close what was not taken; takes NULL; Return: NULL */
struct sockets *sockets_close(struct sockets *sockets);
DEFINE_CLEANUP(struct sockets *, sockets_close)
