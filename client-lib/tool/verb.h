/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Verb - the words of the command uatrust: one function and one file each. argv[0] is the verb;
 * what it prints goes to stdout, complaints to stderr.
 */

enum {
        VERB_EXIT_OK = 0,          /* of validate: trusted */
        VERB_EXIT_NOT_TRUSTED = 1, /* a verdict, never a failure to ask */
        VERB_EXIT_USAGE = 2,

        /* what uatrust_error_get_exit_code() gives, among others */
        VERB_EXIT_NO_INPUT = 66,
        VERB_EXIT_UNREACHABLE = 69,
        VERB_EXIT_SYSTEM = 71,
        VERB_EXIT_OUTPUT = 74,
        VERB_EXIT_DENIED = 77,
};

int verb_block(int argc, char **argv);
int verb_check(int argc, char **argv);
int verb_complete(int argc, char **argv);
int verb_export(int argc, char **argv);
int verb_import(int argc, char **argv);
int verb_list(int argc, char **argv);
int verb_metrics(int argc, char **argv);
int verb_monitor(int argc, char **argv);
int verb_own(int argc, char **argv);
int verb_rejected(int argc, char **argv);
int verb_reload(int argc, char **argv);
int verb_show(int argc, char **argv);
int verb_status(int argc, char **argv);
int verb_trust(int argc, char **argv);
int verb_unblock(int argc, char **argv);
int verb_untrust(int argc, char **argv);
int verb_validate(int argc, char **argv);
