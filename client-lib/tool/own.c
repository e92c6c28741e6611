/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The verbs that need no agent are those of a program of their own, uatrust-own, which may hold
 * private keys and has the agent's parser and engine; this one has the library alone. It is looked
 * for where it was installed beside this program, wherever both were moved to, then where it was to
 * be installed.
 */

#include "own.h"

#include "options.h"
#include "progress.h"
#include "verb.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
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

static int complain(const struct options *options)
{
        return options_complain(options, VERB_EXIT_SYSTEM, "%s: %s", TOOL_OWN_PROGRAM,
                                strerror(errno));
}

/*
 * As a helper of ours.
 */

static void release(struct own *own)
{
        if (own->file)
                fclose(own->file);
        if (own->output)
                fclose(own->output);
        if (own->complaints)
                fclose(own->complaints);
}

/* Return: a file in memory, NULL with errno. */
static FILE *open_memory(const char *name)
{
        int fd = memfd_create(name, MFD_CLOEXEC);
        FILE *file = fd < 0 ? NULL : fdopen(fd, "r");

        if (!file && fd >= 0)
                close(fd);
        return file;
}

/* @its: its stdin, stdout and stderr; -1: that which we have. */
static void become(char **arguments, const int its[3])
{
        signal(SIGPIPE, SIG_DFL);
        for (int fd = 0; fd < 3; fd++)
                if (its[fd] >= 0 && dup2(its[fd], fd) < 0)
                        _exit(VERB_EXIT_SYSTEM);
        execute(arguments);
        fprintf(stderr, "uatrust: %s: %s\n", TOOL_OWN_PROGRAM, strerror(errno));
        _exit(VERB_EXIT_SYSTEM);
}

/* @target: which of its descriptors is our file; -1: none. Return: false, with errno. */
static bool start(struct own *own, char **arguments, int target)
{
        int its[3] = { -1, own->output ? fileno(own->output) : -1, fileno(own->complaints) };
        int ends[2];

        if (target >= 0) {
                if (pipe2(ends, O_CLOEXEC) < 0)
                        return false;
                its[target] = ends[target];
                own->file = fdopen(ends[1 - target], target == STDIN_FILENO ? "w" : "r");
                if (!own->file)
                        close(ends[1 - target]);
        }
        fflush(stdout);
        own->pid = target >= 0 && !own->file ? -1 : fork();
        if (own->pid == 0)
                become(arguments, its);
        if (target >= 0)
                close(ends[target]);
        return own->pid > 0;
}

/* @is_kept: what it prints, to be passed on later. Return: an exit code. */
static int begin(char **arguments, int target, bool is_kept, struct own *out)
{
        const struct sigaction ignore = { .sa_handler = SIG_IGN };
        struct own own = { .options = out->options };

        signal(SIGCHLD, SIG_DFL); /* who ran us may have ignored it, and nobody's end be told */
        own.complaints = open_memory("complaints");
        own.output = is_kept ? open_memory("output") : NULL;
        if (!own.complaints || (is_kept && !own.output) || !start(&own, arguments, target)) {
                int code = complain(own.options);

                release(&own);
                return code;
        }

        sigaction(SIGPIPE, &ignore, &own.old_pipe);
        *out = own;
        return VERB_EXIT_OK;
}

int own_open(const struct options *options, const char *const *words, enum own_mode mode,
             struct own *out)
{
        bool is_kept = mode == OWN_WRITE || (mode == OWN_SHOW && options->wants_json);
        char *arguments[OWN_ARGUMENTS_MAX + 2] = { (char *)"uatrust-own" };

        for (size_t i = 0; i < OWN_ARGUMENTS_MAX && words[i]; i++)
                arguments[i + 1] = (char *)words[i];
        out->options = options;
        return begin(arguments, mode == OWN_READ ? STDOUT_FILENO : STDIN_FILENO, is_kept, out);
}

/* Return: was there any? */
static bool pass_on_output(const struct own *own)
{
        char bytes[BUFSIZ];
        bool has_any = false;
        size_t n;

        if (!own->output)
                return false;

        rewind(own->output);
        while ((n = fread(bytes, 1, sizeof(bytes), own->output))) {
                fwrite(bytes, 1, n, stdout);
                has_any = true;
        }
        return has_any;
}

/* In JSON the last complaint is the error, where there is no object of its own. */
static void pass_on_complaints(const struct own *own, int code, bool has_object)
{
        char *line = NULL, *last = NULL;
        size_t n_room = 0;
        ssize_t n;

        rewind(own->complaints);
        while ((n = getline(&line, &n_room, own->complaints)) > 0) {
                fputs(line, stderr);
                if (strncmp(line, "uatrust: warning: ", 18) == 0)
                        continue;
                free(last);
                last = strndup(line, (size_t)n - (line[n - 1] == '\n'));
        }
        if (code && !has_object && last)
                options_retell(own->options, code, last);
        else if (code == VERB_EXIT_SYSTEM && !has_object)
                options_complain(own->options, code, "uatrust-own ended without a word");
        free(line);
        free(last);
}

int own_close(struct own *own)
{
        int status, code;
        pid_t pid;

        if (own->file)
                fclose(own->file);
        own->file = NULL;
        sigaction(SIGPIPE, &own->old_pipe, NULL);
        do
                pid = waitpid(own->pid, &status, 0);
        while (pid < 0 && errno == EINTR);

        code = pid == own->pid && WIFEXITED(status) ? WEXITSTATUS(status) : VERB_EXIT_SYSTEM;
        progress_hide(own->options->progress);
        pass_on_complaints(own, code, pass_on_output(own));
        release(own);
        return code;
}

/*
 * In our place.
 */

static int run(const struct options *options, const char *word, int argc, char **argv)
{
        char *arguments[OWN_ARGUMENTS_MAX + 3] = { (char *)"uatrust-own", (char *)word };
        struct own own = { .options = options };
        int code;

        if (argc - 1 > OWN_ARGUMENTS_MAX)
                return options_usage(options, "more than %d arguments", OWN_ARGUMENTS_MAX);
        for (int i = 1; i < argc; i++)
                arguments[i + 1] = argv[i];

        if (!options->wants_json) {
                execute(arguments);
                return complain(options);
        }
        code = begin(arguments, -1, true, &own);
        return code ? code : own_close(&own);
}

static int run_verb(const char *word, int argc, char **argv)
{
        const struct options options = { .verb = argv[0],
                                         .wants_json = options_ask_for_json(argc, argv),
                                         OPTIONS_ERROR };

        return run(&options, word, argc, argv);
}

int verb_check(int argc, char **argv)
{
        return run_verb("check", argc, argv);
}

int verb_own(int argc, char **argv)
{
        return run_verb("own", argc, argv);
}

int own_show(const struct options *options, int argc, char **argv)
{
        return run(options, "show", argc, argv);
}
