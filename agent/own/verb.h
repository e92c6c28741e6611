/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Verb - the words of uatrust-own: one function and one module each. argv[0] is the verb's whole
 * name, as "uatrust own create"; what it prints goes to stdout, complaints to stderr (own/complain).
 *
 * Exit codes are those of the command uatrust, which runs this program in its place.
 */

enum {
        VERB_EXIT_OK = 0,
        VERB_EXIT_NOT_GOOD = 1, /* a judgement: what was looked at, or would be made, is not Good */
        VERB_EXIT_USAGE = 2,

        /* those of sysexits.h */
        VERB_EXIT_DATA = 65,     /* a file's content is not what it has to be */
        VERB_EXIT_NO_INPUT = 66, /* a file cannot be read */
        VERB_EXIT_SYSTEM = 71,
        VERB_EXIT_CREATE = 73, /* a file is there already, or cannot be made */
        VERB_EXIT_OUTPUT = 74,
        VERB_EXIT_TRY_AGAIN = 75,
        VERB_EXIT_DENIED = 77,
};
