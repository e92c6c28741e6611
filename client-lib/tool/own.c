/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The verbs that need no agent are those of a program of their own, uatrust-own, which may hold
 * private keys and has the agent's parser and engine; this one has the library alone. It is looked
 * for where it was installed beside this program, wherever both were moved to, then where it was to
 * be installed.
 */

#include "own.h"

#include "options.h"
#include "verb.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/wait.h>
#include <unistd.h>

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

/* Return: only if it cannot be run, with errno. */
static void execute(char **arguments)
{
        char beside[PATH_MAX];

        if (find_beside(beside))
                execv(beside, arguments);
        execv(TOOL_OWN_PROGRAM, arguments);
}

static int complain(void)
{
        fprintf(stderr, "uatrust: %s: %s\n", TOOL_OWN_PROGRAM, strerror(errno));
        return VERB_EXIT_SYSTEM;
}

static int run(const char *word, int argc, char **argv)
{
        char *arguments[OWN_ARGUMENTS_MAX + 3] = { (char *)"uatrust-own", (char *)word };

        if (argc - 1 > OWN_ARGUMENTS_MAX)
                return options_usage(word, "more than %d arguments", OWN_ARGUMENTS_MAX);
        for (int i = 1; i < argc; i++)
                arguments[i + 1] = argv[i];

        execute(arguments);
        return complain();
}

/*
 * As a helper of ours.
 */

static void become(const char *const *words, bool is_read, const int ends[2])
{
        char *arguments[OWN_ARGUMENTS_MAX + 2] = { (char *)"uatrust-own" };

        for (size_t i = 0; i < OWN_ARGUMENTS_MAX && words[i]; i++)
                arguments[i + 1] = (char *)words[i];
        signal(SIGPIPE, SIG_DFL);
        if (dup2(ends[is_read ? 1 : 0], is_read ? STDOUT_FILENO : STDIN_FILENO) >= 0) {
                close(ends[0]);
                close(ends[1]);
                execute(arguments);
        }
        _exit(complain());
}

int own_open(const char *const *words, bool is_read, struct own *out)
{
        const struct sigaction ignore = { .sa_handler = SIG_IGN };
        struct own own = { .file = NULL };
        int ends[2];

        if (pipe(ends) < 0)
                return complain();

        fflush(stdout);
        own.pid = fork();
        if (own.pid == 0)
                become(words, is_read, ends);
        close(ends[is_read ? 1 : 0]);
        if (own.pid > 0)
                own.file = fdopen(ends[is_read ? 0 : 1], is_read ? "r" : "w");
        if (!own.file) {
                close(ends[is_read ? 0 : 1]);
                return complain();
        }

        sigaction(SIGPIPE, &ignore, &own.old_pipe);
        *out = own;
        return VERB_EXIT_OK;
}

int own_close(struct own *own)
{
        int status;
        pid_t pid;

        fclose(own->file);
        sigaction(SIGPIPE, &own->old_pipe, NULL);
        do
                pid = waitpid(own->pid, &status, 0);
        while (pid < 0 && errno == EINTR);

        return pid == own->pid && WIFEXITED(status) ? WEXITSTATUS(status) : VERB_EXIT_SYSTEM;
}

int verb_check(int argc, char **argv)
{
        return run("check", argc, argv);
}

int verb_own(int argc, char **argv)
{
        return run("own", argc, argv);
}

int own_show(int argc, char **argv)
{
        return run("show", argc, argv);
}
