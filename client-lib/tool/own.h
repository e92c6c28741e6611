/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Own - the program uatrust-own, which reads and writes files that this one does not. What it
 * complains of is told as our own complaints are, in JSON too.
 */

#include <signal.h>
#include <stdio.h>
#include <sys/types.h>

struct options;

#define OWN_ARGUMENTS_MAX 1024

struct own {
        const struct options *options;
        pid_t pid;
        FILE *file;       /* its stdout to be read, or its stdin to be written */
        FILE *output;     /* what it prints; NULL: stdout has it */
        FILE *complaints; /* its stderr */
        struct sigaction old_pipe;
};

enum own_mode {
        OWN_READ,  /* its stdout is read */
        OWN_WRITE, /* its stdin is written; what it prints is passed on when it has ended */
        OWN_SHOW,  /* the same, but what it prints goes to our stdout, where it may paint it */
};

/**
 * own_open() - run a verb of it
 * @words: the verb and its arguments, ended by NULL, at most OWN_ARGUMENTS_MAX
 * @out: own_close() it on success
 *
 * Until then SIGPIPE is ignored: it may end before it has read all, and says why by its exit code.
 *
 * Return: 0 or an exit code; why was printed.
 */
int own_open(const struct options *options, const char *const *words, enum own_mode mode,
             struct own *out);

/**
 * own_close() - wait for its end, pass on what it printed and complained of; Return: its exit code,
 * VERB_EXIT_SYSTEM if it was killed
 */
int own_close(struct own *own);

/** own_show() - run its "show" in our place; Return: an exit code */
int own_show(const struct options *options, int argc, char **argv);
