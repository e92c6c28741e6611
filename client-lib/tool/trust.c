/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The verbs that change what is trusted, one certificate at a time: trust, untrust, block, unblock.
 */

#include "change.h"
#include "verb.h"

#include <uatrust/admin.h>

#include <stdio.h>

enum {
        ISSUER = CHANGE_OWN,
};

static const struct option rows[] = {
        { "issuer", no_argument, NULL, ISSUER },
        CHANGE_ROWS,
        { NULL, 0, NULL, 0 },
};

static const struct change_verb trust = {
        .question = "trust it?",
        .from = SELECT_REJECTED,
        .by_thumbprint = uatrust_trust_rejected,
        .by_file = uatrust_add_certificate_file,
        .added = "trusted",
        .removed = "no longer there",
        .done = "trusted",
        .goal = "trusted",
};

static const struct change_verb untrust = {
        .question = "untrust it?",
        .from = SELECT_JUDGED,
        .by_thumbprint = uatrust_remove_certificate,
        .added = "added",
        .removed = "removed",
        .done = "untrusted",
};

static const struct change_verb block = {
        .question = "block it?",
        .from = SELECT_ALL,
        .by_thumbprint = uatrust_block,
        .added = "blocked",
        .removed = "removed",
        .done = "blocked",
};

static const struct change_verb unblock = {
        .question = "unblock it?",
        .from = SELECT_BLOCKED,
        .by_thumbprint = uatrust_unblock,
        .added = "added",
        .removed = "unblocked",
        .done = "unblocked",
};

static const char trust_help[] =
        "usage: uatrust trust [OPTION...] FILE|THUMBPRINT...\n"
        "\n"
        "Trusts the certificate in a file, or one that was refused: see uatrust rejected.\n"
        "8 digits of its SHA-256 do; what is meant is then shown, and asked.\n"
        "\n"
        "      --issuer               of a file: to complete chains only, gives no "
        "trust\n" CHANGE_HELP;

static const char untrust_help[] =
        "usage: uatrust untrust [OPTION...] FILE|THUMBPRINT...\n"
        "\n"
        "Takes a certificate out of the lists trusted and issuers, a CA's revocation\n"
        "lists too. What a trusted CA has issued stays trusted: see uatrust block.\n"
        "\n" CHANGE_HELP;

static const char block_help[] =
        "usage: uatrust block [OPTION...] FILE|THUMBPRINT...\n"
        "\n"
        "Never again trusts a certificate, whatever else does: the only way to stop one\n"
        "client of a trusted CA without the CA.\n"
        "\n" CHANGE_HELP;

static const char unblock_help[] = "usage: uatrust unblock [OPTION...] FILE|THUMBPRINT...\n"
                                   "\n"
                                   "Ends what uatrust block began.\n"
                                   "\n" CHANGE_HELP;

static int check_issuer(const struct change_verb *verb, const struct change_orders *orders,
                        char **whats, int n)
{
        if (verb != &trust)
                return options_usage(&orders->options, "--issuer is for trust");
        for (int i = 0; i < n; i++)
                if (select_is_thumbprint(whats[i]))
                        return options_usage(&orders->options, "--issuer is for files");
        return VERB_EXIT_OK;
}

static int run(const struct change_verb *verb, const char *help, int argc, char **argv)
{
        struct change_orders orders = { .options = OPTIONS_DEFAULT };
        int option;

        while ((option = options_next(&orders.options, argc, argv, "hny", rows)) >= 0) {
                if (option == 'h') {
                        fputs(help, stdout);
                        return VERB_EXIT_OK;
                }
                if (option == ISSUER)
                        orders.list = "issuers";
                else if (!change_take(&orders, option, optarg))
                        return VERB_EXIT_USAGE;
        }
        if (optind == argc)
                return options_usage(&orders.options, "FILE or THUMBPRINT is missing");
        if (orders.list && check_issuer(verb, &orders, argv + optind, argc - optind))
                return VERB_EXIT_USAGE;

        return change_carry_out(verb, &orders, argv + optind, argc - optind);
}

int verb_trust(int argc, char **argv)
{
        return run(&trust, trust_help, argc, argv);
}

int verb_untrust(int argc, char **argv)
{
        return run(&untrust, untrust_help, argc, argv);
}

int verb_block(int argc, char **argv)
{
        return run(&block, block_help, argc, argv);
}

int verb_unblock(int argc, char **argv)
{
        return run(&unblock, unblock_help, argc, argv);
}
