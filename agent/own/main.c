/* SPDX-License-Identifier: Apache-2.0 */

/*
 * uatrust-own - what the command uatrust does without the agent: an application's own certificate,
 * and looking at files. It is a program of its own since it holds private keys, which the agent
 * never does. The command uatrust runs it; it is in no PATH.
 */

#include "own/check.h"
#include "own/collect.h"
#include "own/complain.h"
#include "own/create.h"
#include "own/inspect.h"
#include "own/install.h"
#include "own/lay.h"
#include "own/recover.h"
#include "own/renew.h"
#include "own/request.h"
#include "own/show.h"
#include "own/verb.h"
#include "pki/ossl.h"
#include "proto/compiler.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct row {
        const char *group; /* the word before the verb's name; NULL: none */
        const char *name;
        int (*run)(int argc, char **argv);
        const char *line; /* NULL: not for people */
};

static const struct row ROWS[] = {
        { NULL, "check", check_run, "say what of a PKI folder would be refused, and why" },
        { NULL, "show", show_run, "show what files hold, as a person reads it" },
        { "own", "create", create_run, "make a key and a self-signed certificate" },
        { "own", "request", request_run, "make a request for a CA" },
        { "own", "install", install_run, "put a CA's answer into place" },
        { "own", "renew", renew_run, "make a successor with the same names" },
        { "own", "check", inspect_run, "say what is wrong with the pair in use" },
        { "own", "recover", recover_run, "put in order what an interrupted run left" },
        { NULL, "collect", collect_run, NULL },
        { NULL, "lay", lay_run, NULL },
        { NULL, NULL, NULL, NULL },
};

static void print_help(const char *group)
{
        printf("usage: uatrust %s%sVERB [OPTION...] [ARGUMENT...]\n\n", group ? group : "",
               group ? " " : "");
        for (const struct row *row = ROWS; row->name; row++) {
                if (!row->line)
                        continue;
                if (!group)
                        printf("  %s%s%-*s %s\n", row->group ? row->group : "",
                               row->group ? " " : "",
                               row->group ? 13 - (int)strlen(row->group) : 14, row->name,
                               row->line);
                else if (row->group && !strcmp(row->group, group))
                        printf("  %-10s %s\n", row->name, row->line);
        }
        printf("\nuatrust %s%sVERB --help tells more.\n", group ? group : "", group ? " " : "");
}

/* A result that nobody could read is none. */
static int finish(int code)
{
        if (!fflush(stdout) && !ferror(stdout))
                return code;

        perror("uatrust: standard output");
        return VERB_EXIT_OUTPUT;
}

static int run_verb(const struct row *row, int argc, char **argv)
{
        char name[64];
        int code;

        if (ossl_init())
                return complain(VERB_EXIT_SYSTEM, "OpenSSL cannot be set up");

        snprintf(name, sizeof(name), "uatrust %s%s%s", row->group ? row->group : "",
                 row->group ? " " : "", row->name);
        argv[0] = name;
        code = row->run(argc, argv);
        ossl_deinit();
        return code;
}

static bool is_group(const char *word)
{
        return !strcmp(word, "own");
}

static bool is_row(const struct row *row, const char *group, const char *name)
{
        return !strcmp(row->name, name) && !row->group == !group &&
               (!group || !strcmp(row->group, group));
}

int main(int argc, char **argv)
{
        const char *group = argc > 1 && is_group(argv[1]) ? argv[1] : NULL;

        argc -= group ? 2 : 1;
        argv += group ? 2 : 1;

        if (argc && (!strcmp(argv[0], "--help") || !strcmp(argv[0], "-h"))) {
                print_help(group);
                return finish(VERB_EXIT_OK);
        }
        if (argc && !strcmp(argv[0], "--version")) {
                puts("uatrust-own " UATRUST_VERSION);
                return finish(VERB_EXIT_OK);
        }

        for (const struct row *row = ROWS; argc && row->name; row++)
                if (is_row(row, group, argv[0]))
                        return finish(run_verb(row, argc, argv));

        if (argc)
                return complain_usage(group ? "uatrust own" : "uatrust", "\"%s\" is no verb",
                                      argv[0]);
        return complain_usage(group ? "uatrust own" : "uatrust", "a verb is missing");
}
