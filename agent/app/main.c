/* SPDX-License-Identifier: Apache-2.0 */

/*
 * uatrustd - one OPC UA trust store for every application on this host.
 */

#include "app/app.h"
#include "app/options.h"

#include <getopt.h>
#include <malloc.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#define EXIT_USAGE 2

/*
 * A store on a network that hangs occupies a worker of libuv: there are more than stores may hang.
 */
#define WORKERS "16"

static const char help[] =
        "uatrustd [OPTION...]: one OPC UA trust store for every application on this host\n"
        "\n"
        "  --store DIR           serve the PKI directory DIR as the store named default\n"
        "  --config FILE         read FILE and FILE.d/*.conf (/etc/uatrust/uatrustd.conf)\n"
        "  --check-config        say what is wrong with the configuration, and end\n"
        "  --socket PATH         listen for applications at PATH\n"
        "  --admin-socket PATH   listen for administrators at PATH\n"
        "  --bus BUS             system, session, none, or the address of a bus\n"
        "  --sandbox             give up what stores and sockets do not need\n"
        "  --help, --version\n"
        "\n"
        "SIGHUP reloads the configuration, SIGTERM ends.\n";

enum option_id {
        OPTION_STORE = 256,
        OPTION_CONFIG,
        OPTION_CHECK_CONFIG,
        OPTION_SOCKET,
        OPTION_ADMIN_SOCKET,
        OPTION_BUS,
        OPTION_SANDBOX,
        OPTION_HELP,
        OPTION_VERSION,
};

static const struct option long_options[] = {
        { "store", required_argument, NULL, OPTION_STORE },
        { "config", required_argument, NULL, OPTION_CONFIG },
        { "check-config", no_argument, NULL, OPTION_CHECK_CONFIG },
        { "socket", required_argument, NULL, OPTION_SOCKET },
        { "admin-socket", required_argument, NULL, OPTION_ADMIN_SOCKET },
        { "bus", required_argument, NULL, OPTION_BUS },
        { "sandbox", no_argument, NULL, OPTION_SANDBOX },
        { "help", no_argument, NULL, OPTION_HELP },
        { "version", no_argument, NULL, OPTION_VERSION },
        { NULL, 0, NULL, 0 },
};

static int fail_usage(const char *what)
{
        fprintf(stderr, "uatrustd: %s\nTry uatrustd --help.\n", what);
        return EXIT_USAGE;
}

static void raise_limits(void)
{
        struct rlimit limit;

        signal(SIGPIPE, SIG_IGN);
        setenv("UV_THREADPOOL_SIZE", WORKERS, 0);
        mallopt(M_ARENA_MAX, 2); /* one for the loop, one for all workers: they hold little */
        if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
                limit.rlim_cur = limit.rlim_max;
                setrlimit(RLIMIT_NOFILE, &limit);
        }
}

int main(int argc, char **argv)
{
        struct options options = { .store = NULL };
        bool wants_check = false;
        int id;

        while ((id = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
                switch (id) {
                case OPTION_STORE:
                        options.store = optarg;
                        break;
                case OPTION_CONFIG:
                        options.config = optarg;
                        break;
                case OPTION_CHECK_CONFIG:
                        wants_check = true;
                        break;
                case OPTION_SOCKET:
                        options.socket = optarg;
                        break;
                case OPTION_ADMIN_SOCKET:
                        options.admin_socket = optarg;
                        break;
                case OPTION_BUS:
                        options.bus = optarg;
                        break;
                case OPTION_SANDBOX:
                        options.wants_sandbox = true;
                        break;
                case OPTION_HELP:
                        fputs(help, stdout);
                        return EXIT_SUCCESS;
                case OPTION_VERSION:
                        puts("uatrustd " UATRUST_VERSION);
                        return EXIT_SUCCESS;
                default: /* getopt_long() has said what is wrong */
                        fputs("Try uatrustd --help.\n", stderr);
                        return EXIT_USAGE;
                }
        }

        if (optind < argc)
                return fail_usage("there are options only, no arguments");
        if (options.store && options.config)
                return fail_usage("either --store or --config");
        if (wants_check)
                return app_check_config(&options);

        raise_limits();
        return app_run(&options);
}
