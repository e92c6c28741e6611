/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Replay - a fuzzer without its engine: `fuzz-TARGET PATH...` gives it every file that is a PATH or lies below one. A
 * path that begins with "corpora/" lies in the folder of foreign test data; without that folder it is skipped, loudly.
 */

#include "fuzz/fuzz.h"
#include "harness/must.h"

#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECONDS_MAX 20 /* an input; under sanitizers on a busy machine */
#define CORPORA     "corpora/"

/* Of the compiler's run-time, where there are sanitizers. */
void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));

/* What the handlers tell. */
static const char *at = "no input";
static size_t n_inputs;

static void say(const char *text)
{
        if (write(STDERR_FILENO, text, strlen(text)) < 0)
                return;
}

static void name_input(void)
{
        say("\nthe input was ");
        say(at);
        say("\n");
}

static void on_signal(int signal)
{
        if (signal == SIGALRM)
                say("it hangs");
        name_input();
        _exit(1);
}

static int run(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
        size_t n = (size_t)st->st_size;
        uint8_t *data;
        int fd;

        (void)ftw;
        if (flag != FTW_F)
                return 0;

        fd = open(path, O_RDONLY | O_CLOEXEC);
        data = malloc(n);
        must(fd >= 0 && (data || !n) && read(fd, data, n) == (ssize_t)n, "read %s", path);
        close(fd);
        at = path;
        alarm(SECONDS_MAX);
        LLVMFuzzerTestOneInput(data, n);
        alarm(0);
        free(data);
        n_inputs++;
        return 0;
}

/* Where foreign test data lies; free() it. */
static char *corpora_path(const char *name)
{
        const char *folder = getenv("UATRUST_CORPORA");
        char *path;

        must(asprintf(&path, "%s/%s", folder ? folder : TESTS_CORPORA_DIR, name) > 0, "asprintf");
        return path;
}

static void replay(const char *name)
{
        bool is_foreign = !strncmp(name, CORPORA, strlen(CORPORA));
        char *path = is_foreign ? corpora_path(name + strlen(CORPORA)) : must_strdup(name);

        if (is_foreign && access(path, F_OK) < 0)
                printf("SKIPPED: fuzz: no foreign test data at %s; UATRUST_CORPORA names the "
                       "folder\n",
                       path);
        else
                must(nftw(path, run, 16, FTW_PHYS) == 0, "walk %s", path);
        free(path);
}

int main(int argc, char **argv)
{
        signal(SIGALRM, on_signal);
        signal(SIGABRT, on_signal);
        if (__sanitizer_set_death_callback)
                __sanitizer_set_death_callback(name_input);

        LLVMFuzzerInitialize(&argc, &argv);
        for (int i = 1; i < argc; i++)
                replay(argv[i]);

        at = "none: it is said at the end";
        printf("%zu inputs\n", n_inputs);
        return 0;
}
