/* SPDX-License-Identifier: Apache-2.0 */

/* The verbs that change what is trusted: trust, untrust, block, unblock, reload. */

#include "options.h"
#include "output.h"
#include "select.h"
#include "verb.h"

#include <uatrust/admin.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
        STORE = OPTIONS_OWN,
        REASON,
        ISSUER,
        DRY_RUN,
        YES,
        ADMIN_SOCKET,
};

#define CHANGE_HELP                                                                                \
        "      --store NAME           default: $UATRUST_STORE, or the agent's\n"                   \
        "      --reason TEXT          why, for the audit\n"                                        \
        "  -n, --dry-run              only say what would change\n"                                \
        "  -y, --yes                  do not ask; a thumbprint must then have all its digits\n"    \
        "      --admin-socket PATH    default: $UATRUST_ADMIN_SOCKET, or the "                     \
        "host's\n" OPTIONS_HELP

static const struct option rows[] = {
        { "store", required_argument, NULL, STORE },
        { "reason", required_argument, NULL, REASON },
        { "issuer", no_argument, NULL, ISSUER },
        { "dry-run", no_argument, NULL, 'n' },
        { "yes", no_argument, NULL, 'y' },
        { "admin-socket", required_argument, NULL, ADMIN_SOCKET },
        OPTIONS_ROWS,
        { NULL, 0, NULL, 0 },
};

typedef int (*change_fn)(struct uatrust_client *client, const struct uatrust_change *change,
                         const char *what, struct uatrust_update **out,
                         struct uatrust_error **error);

/* What the verbs differ in. */
struct verb {
        const char *name, *help;
        enum select_from from;
        change_fn by_thumbprint;
        change_fn by_file;           /* NULL: not by one */
        const char *added, *removed; /* what is said of what came, and went */
        const char *done;            /* of what the lists do not show */
        const char *goal;            /* in which list it is then; NULL: in none */
};

static const struct verb trust = {
        .name = "trust",
        .help = "usage: uatrust trust [OPTION...] FILE|THUMBPRINT...\n"
                "\n"
                "Trusts the certificate in a file, or one that was rejected: see uatrust "
                "rejected.\n"
                "8 digits of its SHA-256 do; what is meant is then shown, and asked.\n"
                "\n"
                "      --issuer               to complete chains only, of a file: it gives no "
                "trust\n" CHANGE_HELP,
        .from = SELECT_REJECTED,
        .by_thumbprint = uatrust_trust_rejected,
        .by_file = uatrust_add_certificate_file,
        .added = "trusted",
        .removed = "no longer there",
        .done = "trusted",
        .goal = "trusted",
};

static const struct verb untrust = {
        .name = "untrust",
        .help = "usage: uatrust untrust [OPTION...] THUMBPRINT...\n"
                "\n"
                "Takes a certificate out of the lists trusted and issuers, a CA's revocation "
                "lists\n"
                "too. What a trusted CA has issued stays trusted: see uatrust block.\n"
                "\n" CHANGE_HELP,
        .from = SELECT_JUDGED,
        .by_thumbprint = uatrust_remove_certificate,
        .added = "added",
        .removed = "removed",
        .done = "untrusted",
};

static const struct verb block = {
        .name = "block",
        .help = "usage: uatrust block [OPTION...] THUMBPRINT...\n"
                "\n"
                "Never again trusts a certificate, whatever else does: the only way to stop one\n"
                "client of a trusted CA without the CA.\n"
                "\n" CHANGE_HELP,
        .from = SELECT_ALL,
        .by_thumbprint = uatrust_block,
        .added = "blocked",
        .removed = "removed",
        .done = "blocked",
};

static const struct verb unblock = {
        .name = "unblock",
        .help = "usage: uatrust unblock [OPTION...] THUMBPRINT...\n"
                "\n"
                "Ends what uatrust block began.\n"
                "\n" CHANGE_HELP,
        .from = SELECT_BLOCKED,
        .by_thumbprint = uatrust_unblock,
        .added = "added",
        .removed = "unblocked",
        .done = "unblocked",
};

struct orders {
        struct options options;
        const char *store;
        bool is_dry_run, is_sure, is_issuer;
        struct uatrust_change *change;
        struct uatrust_client *client;
};

static void print_fallen(const struct uatrust_update *update, bool is_dry_run)
{
        const struct uatrust_fallen_peer *peer;

        for (size_t i = 0; (peer = uatrust_update_get_fallen(update, i)); i++) {
                const char *address = uatrust_fallen_peer_get_peer_address(peer);

                output_colour(OUTPUT_WARN);
                fputs(is_dry_run ? "  would end a session: " : "  ends a session: ", stdout);
                output_colour(OUTPUT_PLAIN);
                output_text(stdout, uatrust_fallen_peer_get_subject(peer));
                if (address) {
                        fputs(" from ", stdout);
                        output_text(stdout, address);
                }
                printf(" (%s)\n", uatrust_fallen_peer_get_cause(peer));
        }
}

static void print_nothing(const struct orders *orders)
{
        puts(orders->options.wants_json ? "{\"update\":{\"changed\":false}}" : "nothing to change");
}

static void print_update(const struct verb *verb, const struct orders *orders, const char *what,
                         const struct uatrust_update *update)
{
        const char *would = orders->is_dry_run ? "would be " : "";
        const char *sha256;

        if (orders->options.wants_json) {
                char *json = uatrust_update_to_json(update);

                puts(json ? json : "");
                free(json);
                return;
        }
        if (!uatrust_update_is_changed(update))
                print_nothing(orders);
        else if (!uatrust_update_get_added(update, 0) && !uatrust_update_get_removed(update, 0))
                printf("%s%s: %s\n", would, verb->done, what);
        for (size_t i = 0; (sha256 = uatrust_update_get_added(update, i)); i++)
                printf("%s%s: %s\n", would, verb->added, sha256);
        for (size_t i = 0; (sha256 = uatrust_update_get_removed(update, i)); i++)
                printf("%s%s: %s\n", would, verb->removed, sha256);
        if (uatrust_update_is_changed(update) && !orders->is_dry_run)
                printf("store %s, generation %lld\n", uatrust_update_get_store(update),
                       (long long)uatrust_update_get_generation(update));
        print_fallen(update, orders->is_dry_run);
}

/* What was done before is no error. */
static bool is_done(const struct verb *verb, const struct orders *orders, const char *sha256)
{
        const struct uatrust_certificate *certificate;
        struct uatrust_certificates *certificates;
        bool is_there = false;

        if (!verb->goal)
                return true;
        if (uatrust_list_certificates(orders->client, orders->store, verb->goal, &certificates,
                                      NULL))
                return false;

        for (size_t i = 0; (certificate = uatrust_certificates_get_certificate(certificates, i));
             i++)
                is_there |= strcmp(uatrust_certificate_get_sha256(certificate), sha256) == 0;
        uatrust_certificates_free(certificates);
        return is_there;
}

static int change_one(const struct verb *verb, const struct orders *orders, const char *what)
{
        struct selection selection = { .sha256 = "" };
        struct uatrust_update *update;
        struct uatrust_error *error = NULL;
        int code = VERB_EXIT_OK, r;

        if (verb->by_file && !select_is_thumbprint(what)) {
                r = verb->by_file(orders->client, orders->change, what, &update, &error);
        } else {
                code = select_find(orders->client, orders->store, verb->from, what, &selection);
                if (!code && !orders->is_dry_run)
                        code = select_confirm(&selection, what, verb->name, orders->is_sure);
                free(selection.line);
                if (code)
                        return code;
                r = verb->by_thumbprint(orders->client, orders->change, selection.sha256, &update,
                                        &error);
        }
        if (r == UATRUST_E_NO_SUCH_CERTIFICATE && is_done(verb, orders, selection.sha256)) {
                uatrust_error_free(error);
                print_nothing(orders);
                return VERB_EXIT_OK;
        }
        if (r)
                return options_fail(error, what);

        print_update(verb, orders, *selection.sha256 ? selection.sha256 : what, update);
        uatrust_update_free(update);
        return VERB_EXIT_OK;
}

static int change_all(const struct verb *verb, struct orders *orders, char **whats, int n)
{
        int code = VERB_EXIT_OK;

        for (int i = 0; i < n; i++) {
                bool is_thumbprint = select_is_thumbprint(whats[i]);

                if (!is_thumbprint && !verb->by_file)
                        return options_usage(verb->name,
                                             "\"%s\" is no thumbprint of %d to %d hex digits",
                                             whats[i], SELECT_SHORT_MIN, SELECT_WHOLE);
                if (is_thumbprint && orders->is_issuer)
                        return options_usage(verb->name, "--issuer is for files");
        }
        for (int i = 0; i < n && !code; i++)
                code = change_one(verb, orders, whats[i]);
        return code;
}

/* Return: -1: go on, or an exit code. */
static int read_options(const struct verb *verb, struct orders *orders, int argc, char **argv,
                        const char **admin_socket)
{
        int option;

        while ((option = getopt_long(argc, argv, "hny", rows, NULL)) >= 0) {
                if (option == 'h') {
                        fputs(verb->help, stdout);
                        return VERB_EXIT_OK;
                }
                if (option == STORE)
                        uatrust_change_set_store(orders->change, orders->store = optarg);
                else if (option == REASON)
                        uatrust_change_set_reason(orders->change, optarg);
                else if (option == ISSUER)
                        orders->is_issuer = true;
                else if (option == 'n')
                        orders->is_dry_run = true;
                else if (option == 'y')
                        orders->is_sure = true;
                else if (option == ADMIN_SOCKET)
                        *admin_socket = optarg;
                else if (!options_take(&orders->options, option, optarg))
                        return VERB_EXIT_USAGE;
        }
        if (optind == argc)
                return options_usage(verb->name, verb->by_file ? "FILE or THUMBPRINT is missing"
                                                               : "THUMBPRINT is missing");
        if (orders->is_issuer && verb != &trust)
                return options_usage(verb->name, "--issuer is for trust");
        return -1;
}

static int run(const struct verb *verb, int argc, char **argv)
{
        struct orders orders = { .options = OPTIONS_DEFAULT, .change = uatrust_change_new() };
        const char *admin_socket = NULL;
        int code;

        code = read_options(verb, &orders, argc, argv, &admin_socket);
        if (code < 0) {
                uatrust_change_set_dry_run(orders.change, orders.is_dry_run);
                if (orders.is_issuer)
                        uatrust_change_set_list(orders.change, "issuers");
                orders.client = options_connect(&orders.options);
                code = orders.client ? VERB_EXIT_OK : VERB_EXIT_SYSTEM;
        }
        if (orders.client) {
                if (admin_socket)
                        uatrust_client_set_admin_socket(orders.client, admin_socket, NULL);
                code = change_all(verb, &orders, argv + optind, argc - optind);
        }
        uatrust_client_free(orders.client);
        uatrust_change_free(orders.change);
        return code;
}

int verb_trust(int argc, char **argv)
{
        return run(&trust, argc, argv);
}

int verb_untrust(int argc, char **argv)
{
        return run(&untrust, argc, argv);
}

int verb_block(int argc, char **argv)
{
        return run(&block, argc, argv);
}

int verb_unblock(int argc, char **argv)
{
        return run(&unblock, argc, argv);
}

int verb_reload(int argc, char **argv)
{
        static const char help[] =
                "usage: uatrust reload [OPTION...]\n"
                "\n"
                "Has the agent read its configuration anew, and look at all directories.\n"
                "\n"
                "      --admin-socket PATH    default: $UATRUST_ADMIN_SOCKET, or the "
                "host's\n" OPTIONS_HELP;
        static const struct option reload_rows[] = {
                { "admin-socket", required_argument, NULL, ADMIN_SOCKET },
                OPTIONS_ROWS,
                { NULL, 0, NULL, 0 },
        };
        struct options options = OPTIONS_DEFAULT;
        const char *admin_socket = NULL;
        struct uatrust_client *client;
        struct uatrust_error *error = NULL;
        int option, code = VERB_EXIT_OK;

        while ((option = getopt_long(argc, argv, "h", reload_rows, NULL)) >= 0) {
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
                return options_usage("reload", "\"%s\" is too much", argv[optind]);

        client = options_connect(&options);
        if (!client)
                return VERB_EXIT_SYSTEM;

        if (admin_socket)
                uatrust_client_set_admin_socket(client, admin_socket, NULL);
        if (uatrust_reload(client, &error))
                code = options_fail(error, NULL);
        else
                puts(options.wants_json ? "{\"reloaded\":true}" : "reloaded");
        uatrust_client_free(client);
        return code;
}
