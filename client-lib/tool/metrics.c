/* SPDX-License-Identifier: Apache-2.0 */
#include "measures.h"
#include "openmetrics.h"
#include "options.h"
#include "progress.h"
#include "verb.h"

#include <uatrust/uatrust.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char help[] =
        "usage: uatrust metrics [OPTION...]\n"
        "\n"
        "Prints what the agent has counted, and how its stores are, as OpenMetrics text.\n"
        "An agent that does not answer is told of by uatrust_up 0.\n"
        "\n"
        "      --output FILE          write FILE in its place, whole or not at all\n"
        "      --socket PATH          default: $UATRUST_SOCKET, or the host's\n"
        "      --timeout MS           for each answer; default: 12000; 0: no limit\n"
        "  -h, --help                 print this\n";

enum {
        OUTPUT = OPTIONS_OWN,
};

static const struct option rows[] = {
        { "output", required_argument, NULL, OUTPUT },
        OPTIONS_ROWS,
        { NULL, 0, NULL, 0 },
};

/* Beside @path, under a name that no collector takes for a file of its own. */
static FILE *open_beside(const char *path, char **out_temporary)
{
        FILE *file = NULL;
        char *temporary;
        int fd;

        temporary = malloc(strlen(path) + sizeof(".XXXXXX"));
        if (!temporary)
                return NULL;

        sprintf(temporary, "%s.XXXXXX", path);
        fd = mkstemp(temporary);
        if (fd >= 0)
                file = fchmod(fd, 0644) == 0 ? fdopen(fd, "w") : NULL;
        if (fd >= 0 && !file) {
                close(fd);
                unlink(temporary);
        }
        if (file)
                *out_temporary = temporary;
        else
                free(temporary);
        return file;
}

/* Return: 0 or -1 with errno */
static int write_file(const struct measures *measures, const char *path)
{
        char *temporary = NULL;
        FILE *file = open_beside(path, &temporary);
        int has_failed;

        if (!file)
                return -1;

        measures_write(measures, file);
        has_failed = ferror(file);
        has_failed |= fclose(file);
        if (!has_failed)
                has_failed = rename(temporary, path);
        if (has_failed)
                unlink(temporary);
        free(temporary);
        return has_failed ? -1 : 0;
}

static int tell(const struct options *options, struct uatrust_client *client, const char *path)
{
        struct uatrust_error *error = NULL;
        struct measures *measures = NULL;
        int code = VERB_EXIT_OK;

        progress_wait(options->progress);
        if (measures_ask(client, &measures, &error))
                code = error ? options_fail(options, error, NULL) : VERB_EXIT_SYSTEM;
        progress_hide(options->progress);
        if (!path)
                measures_write(measures, stdout);
        else if (write_file(measures, path))
                code = options_complain(options, VERB_EXIT_OUTPUT, "%s: %s", path, strerror(errno));
        measures_free(measures);
        return code;
}

int verb_metrics(int argc, char **argv)
{
        struct options options = OPTIONS_DEFAULT;
        struct uatrust_client *client;
        const char *path = NULL;
        int option, code;

        while ((option = options_next(&options, argc, argv, "h", rows)) >= 0) {
                if (option == 'h') {
                        fputs(help, stdout);
                        return VERB_EXIT_OK;
                }
                if (option == OUTPUT)
                        path = optarg;
                else if (option == OPTIONS_JSON)
                        return options_usage(&options,
                                             "there is no JSON of it: see uatrust status");
                else if (!options_take(&options, option, optarg))
                        return VERB_EXIT_USAGE;
        }
        if (optind < argc)
                return options_usage(&options, "\"%s\" is too much", argv[optind]);
        if (path && !*path)
                return options_usage(&options, "--output: FILE is empty");

        client = options_connect(&options);
        if (!client)
                return VERB_EXIT_SYSTEM;

        code = tell(&options, client, path);
        options_disconnect(&options, client);
        return code;
}
