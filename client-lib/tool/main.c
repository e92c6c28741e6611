/* SPDX-License-Identifier: Apache-2.0 */

/*
 * uatrust - the agent at the command line.
 */

#include "options.h"
#include "output.h"
#include "verb.h"

#include <uatrust/uatrust.h>

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const struct {
        const char *name;
        int (*run)(int argc, char **argv);
        const char *line; /* NULL: not for people */
} verbs[] = {
        { "validate", verb_validate, "judge certificates" },
        { "list", verb_list, "show what is in a store" },
        { "rejected", verb_rejected, "show which certificates were refused" },
        { "trust", verb_trust, "trust a certificate" },
        { "untrust", verb_untrust, "trust it no longer" },
        { "block", verb_block, "never trust a certificate, whatever else does" },
        { "unblock", verb_unblock, "end that" },
        { "import", verb_import, "take a PKI folder's trust list into a store" },
        { "export", verb_export, "write a store's trust list into a PKI folder" },
        { "monitor", verb_monitor, "tell each change of a store" },
        { "status", verb_status, "show the agent and its stores" },
        { "metrics", verb_metrics, "print what was counted, for Prometheus" },
        { "reload", verb_reload, "have the agent read its configuration anew" },
        { "show", verb_show, "show a certificate or revocation list" },
        { "check", verb_check, "say what of a PKI folder would be refused, and why" },
        { "own", verb_own, "make, renew and check an application's own certificate" },
        { "complete", verb_complete, NULL },
};

static void print_help(void)
{
        puts("usage: uatrust VERB [OPTION...] [ARGUMENT...]\n");
        for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
                if (verbs[i].line)
                        printf("  %-10s %s\n", verbs[i].name, verbs[i].line);
        puts("\n"
             "uatrust help VERB tells more; uatrust --version tells which this is.\n"
             "Exit codes: 0 trusted or done, 1 not trusted, 2 usage, 69 agent not reachable,\n"
             "75 try again, 77 denied; 1 never means that the agent could not be asked.");
}

/* A result that nobody could read is none. */
static int finish(int code)
{
        if (!fflush(stdout) && !ferror(stdout))
                return code;

        perror("uatrust: standard output");
        return VERB_EXIT_OUTPUT;
}

/* Complaints are in the name of argv[0]. */
static int run_verb(size_t i, int argc, char **argv)
{
        char name[32];

        snprintf(name, sizeof(name), "uatrust %s", verbs[i].name);
        argv[0] = name;
        return verbs[i].run(argc, argv);
}

static int run(int argc, char **argv)
{
        const struct options options = { .verb = "uatrust",
                                         .wants_json = options_ask_for_json(argc, argv),
                                         OPTIONS_ERROR };

        for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
                if (!strcmp(argv[0], verbs[i].name))
                        return run_verb(i, argc, argv);

        return options_usage(&options, "\"%s\" is no verb%s", argv[0],
                             *argv[0] == '-' ? ": options stand behind it" : "");
}

/* "help VERB" is "VERB --help". */
static int show_help(int argc, char **argv)
{
        char *arguments[] = { argv[0], (char *)"--help", NULL, NULL };

        if (argc == 0) {
                print_help();
                return VERB_EXIT_OK;
        }
        if (argc == 1)
                return run(2, arguments);

        /* own has verbs of its own */
        arguments[1] = argv[1];
        arguments[2] = (char *)"--help";
        return run(3, arguments);
}

static bool is_one_of(const char *word, const char *one, const char *other, const char *third)
{
        return !strcmp(word, one) || !strcmp(word, other) || !strcmp(word, third);
}

int main(int argc, char **argv)
{
        output_init();

        if (argc == 1) {
                fputs("uatrust: a verb is missing; see: uatrust --help\n", stderr);
                return VERB_EXIT_USAGE;
        }
        if (is_one_of(argv[1], "help", "--help", "-h"))
                return finish(show_help(argc - 2, argv + 2));
        if (is_one_of(argv[1], "version", "--version", "-V")) {
                printf("uatrust %s\n", uatrust_version());
                return finish(VERB_EXIT_OK);
        }

        return finish(run(argc - 1, argv + 1));
}
