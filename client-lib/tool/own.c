/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The verbs that need no agent are those of a program of their own, uatrust-own, which may hold private keys and has
 * the agent's parser and engine; this one has the library alone. It is looked for where it was installed beside this
 * program, wherever both were moved to, then where it was to be installed.
 */

#include "options.h"
#include "verb.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

enum {
        ARGUMENTS_MAX = 1024,
};

/* Return: false: not to be known, or it is not ours to choose: we run with another's rights. */
static bool find_beside(char out[PATH_MAX])
{
        char own[PATH_MAX];
        ssize_t n = getauxval(AT_SECURE) ? -1 : readlink("/proc/self/exe", own, sizeof(own) - 1);
        char *slash;

        if (n <= 0)
                return false;

        own[n] = '\0';
        slash = strrchr(own, '/');
        if (!slash)
                return false;

        *slash = '\0';
        n = snprintf(out, PATH_MAX, "%s/" TOOL_OWN_BESIDE, own);
        return n > 0 && n < PATH_MAX;
}

static int run(const char *word, int argc, char **argv)
{
        char *arguments[ARGUMENTS_MAX + 3] = { (char *)"uatrust-own", (char *)word };
        char beside[PATH_MAX];

        if (argc - 1 > ARGUMENTS_MAX)
                return options_usage(word, "more than %d arguments", ARGUMENTS_MAX);
        for (int i = 1; i < argc; i++)
                arguments[i + 1] = argv[i];

        if (find_beside(beside))
                execv(beside, arguments);
        execv(TOOL_OWN_PROGRAM, arguments);

        fprintf(stderr, "uatrust: %s: %s\n", TOOL_OWN_PROGRAM, strerror(errno));
        return VERB_EXIT_SYSTEM;
}

int verb_check(int argc, char **argv)
{
        return run("check", argc, argv);
}

int verb_own(int argc, char **argv)
{
        return run("own", argc, argv);
}

int verb_show(int argc, char **argv)
{
        return run("show", argc, argv);
}
