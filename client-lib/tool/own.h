/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Own - the program uatrust-own, which reads and writes files that this one does not. What it
 * complains of is told as our own complaints are, in JSON too.
 */

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

struct options;

#define OWN_ARGUMENTS_MAX 1024

struct own {
        const struct options *options;
        pid_t pid;
        FILE *file;       /* its stdout to be read, or its stdin to be written */
        FILE *output;     /* what it prints, in JSON; NULL: stdout has it */
        FILE *complaints; /* its stderr */
        struct sigaction old_pipe;
};

/**
 * own_open() - run a verb of it
 * @words: the verb and its arguments, ended by NULL, at most OWN_ARGUMENTS_MAX
 * @is_read: its stdout is read; else its stdin is written, and what it prints goes to ours
 * @out: own_close() it; written on success only
 *
 * Until then SIGPIPE is ignored: it may end before it has read all, and says why by its exit code.
 *
 * Return: 0 or an exit code; why was printed.
 */
int own_open(const struct options *options, const char *const *words, bool is_read,
             struct own *out);

/**
 * own_close() - wait for its end, tell what it complained of; Return: its exit code,
 * VERB_EXIT_SYSTEM if it was killed
 */
int own_close(struct own *own);

/** own_show() - run its "show" in our place; Return: an exit code */
int own_show(const struct options *options, int argc, char **argv);
