/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"
#include "progress.h"
#include "verb.h"

#include <uatrust/admin.h>

#include <stdio.h>

static const char help[] =
        "usage: uatrust reload [OPTION...]\n"
        "\n"
        "Has the agent read its configuration anew, and look at all directories.\n"
        "\n"
        "      --admin-socket PATH    default: $UATRUST_ADMIN_SOCKET, or the "
        "host's\n" OPTIONS_HELP;

enum {
        ADMIN_SOCKET = OPTIONS_OWN,
};

static const struct option rows[] = {
        { "admin-socket", required_argument, NULL, ADMIN_SOCKET },
        OPTIONS_ROWS,
        { NULL, 0, NULL, 0 },
};

int verb_reload(int argc, char **argv)
{
        struct options options = OPTIONS_DEFAULT;
        const char *admin_socket = NULL;
        struct uatrust_client *client;
        struct uatrust_error *error = NULL;
        int option, code = VERB_EXIT_OK;

        while ((option = options_next(&options, argc, argv, "h", rows)) >= 0) {
                if (option == 'h') {
                        fputs(help, stdout);
                        return VERB_EXIT_OK;
                }
                if (option == ADMIN_SOCKET)
                        admin_socket = optarg;
                else if (!options_take(&options, option, optarg))
                        return VERB_EXIT_USAGE;
        }
        if (optind < argc)
                return options_usage(&options, "\"%s\" is too much", argv[optind]);

        client = options_connect(&options);
        if (!client)
                return VERB_EXIT_SYSTEM;

        if (admin_socket)
                uatrust_client_set_admin_socket(client, admin_socket, NULL);
        progress_wait(options.progress);
        if (uatrust_reload(client, &error))
                code = options_fail(&options, error, NULL);
        progress_hide(options.progress);
        if (!code)
                puts(options.wants_json ? "{\"reloaded\":true}" : "reloaded");
        options_disconnect(&options, client);
        return code;
}
