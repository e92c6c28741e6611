/* SPDX-License-Identifier: Apache-2.0 */
#include "own/arguments.h"

#include "own/complain.h"
#include "own/key_kind.h"
#include "own/review.h"
#include "own/verb.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MAKING   (ARGUMENTS_CREATE | ARGUMENTS_REQUEST | ARGUMENTS_RENEW)
#define WRITING  (MAKING | ARGUMENTS_INSTALL)
#define WITH_KEY (WRITING | ARGUMENTS_CHECK)
#define ALL      (WITH_KEY | ARGUMENTS_RECOVER)

enum option_id {
        DIRECTORY = 256,
        LAYOUT,
        FILE_NAME,
        APPLICATION_URI,
        NAME,
        ORGANIZATION,
        HOST_NAME,
        IP,
        KEY_TYPE,
        KEEP_KEY,
        DAYS,
        DAYS_LEFT,
        FORMAT,
        ISSUER,
        WITH_CHAIN,
        PURPOSE,
        OUTPUT,
        PASSPHRASE_FILE,
        PASSPHRASE_FD,
        PASSPHRASE,
        REPLACE,
        JSON,
};

/* clang-format off */
static const struct row {
        const char *name, *argument; /* argument NULL: it takes none */
        enum option_id id;
        unsigned int verbs;
        const char *help; /* lines behind the first begin with a line end */
} ROWS[] = {
        { "directory", "DIR", DIRECTORY, ALL, "the application's PKI folder" },
        { "layout", "LAYOUT", LAYOUT, ALL,
          "as in uatrustd.conf(5); default: what it looks like" },
        { "file-name", "NAME", FILE_NAME, ALL,
          "of certificate and key, without ending; default:\n"
          "that of the only pair there, else made of the\n"
          "application's name" },
        { "name", "TEXT", NAME, MAKING, "the application: common name of the subject" },
        { "organization", "TEXT", ORGANIZATION, MAKING, "whose it is" },
        { "application-uri", "URI", APPLICATION_URI, WRITING,
          "default: that of the certificate there, else\n"
          "urn:HOST:NAME" },
        { "host-name", "NAME", HOST_NAME, MAKING,
          "by which clients reach it; may be given several\n"
          "times, then there are no others; default: those of\n"
          "this host" },
        { "ip", "ADDRESS", IP, MAKING, "the same" },
        { "key-type", "TYPE", KEY_TYPE, MAKING,
          "RSA-2048 (default), RSA-3072, RSA-4096, nistP256,\n"
          "nistP384, brainpoolP256r1, brainpoolP384r1,\n"
          "Ed25519, Ed448; nistP521 and brainpoolP512r1 fit no\n"
          "SecurityPolicy" },
        { "keep-key", NULL, KEEP_KEY, ARGUMENTS_REQUEST | ARGUMENTS_RENEW,
          "for the key that is there; default: a new one" },
        { "days", "N", DAYS, ARGUMENTS_CREATE | ARGUMENTS_RENEW,
          "how long it is valid; default: 1825" },
        { "when-days-left", "N", DAYS_LEFT, ARGUMENTS_RENEW,
          "do nothing while it is valid for more than N days" },
        { "format", "FORMAT", FORMAT, ARGUMENTS_CREATE | ARGUMENTS_INSTALL,
          "of the key's file: pem, or pfx, which is PKCS#12;\n"
          "default: as it is, else pem" },
        { "issuer", "FILE", ISSUER, ARGUMENTS_INSTALL | ARGUMENTS_CHECK,
          "certificates of its CAs, to judge it by; default:\n"
          "what the answer holds, and the folder's trusted and\n"
          "issuers" },
        { "with-chain", NULL, WITH_CHAIN, ARGUMENTS_INSTALL,
          "put the answer's intermediate CAs behind it" },
        { "purpose", "PURPOSE", PURPOSE, WITH_KEY & ~(unsigned int)ARGUMENTS_REQUEST,
          "as what it is judged: client, server or both, the\n"
          "default" },
        { "output", "FILE", OUTPUT, ARGUMENTS_REQUEST | ARGUMENTS_RENEW,
          "a copy of the request; - is standard output" },
        { "passphrase-file", "FILE", PASSPHRASE_FILE, WITH_KEY,
          "its first line encrypts and decrypts the key" },
        { "passphrase-fd", "N", PASSPHRASE_FD, WITH_KEY, "the same, of an open descriptor" },
        { "passphrase", NULL, PASSPHRASE, WITH_KEY, "ask for it at the terminal" },
        { "replace", NULL, REPLACE, WRITING, "take the place of what is there" },
        { "json", NULL, JSON, ALL, "print JSON" },
        { "help", NULL, (enum option_id)'h', ALL, "print this" },
};
/* clang-format on */

void arguments_deinit(struct arguments *arguments)
{
        identity_deinit(&arguments->hosts);
}

/* -- help ---------------------------------------------------------------------------------------- */

static void print_row(const struct row *row)
{
        char option[40];

        snprintf(option, sizeof(option), "%s--%s%s%s",
                 row->id == (enum option_id)'h' ? "-h, " : "    ", row->name,
                 row->argument ? " " : "", row->argument ? row->argument : "");
        printf("  %-27s", option);
        for (const char *c = row->help; *c; c++) {
                putchar(*c);
                if (*c == '\n')
                        printf("%29s", "");
        }
        putchar('\n');
}

static void print_help(enum arguments_verb verb, const char *text)
{
        printf("%s\n", text);
        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++)
                if (ROWS[i].verbs & verb)
                        print_row(&ROWS[i]);
}

/* -- single values ------------------------------------------------------------------------------- */

static int complain_value(const struct arguments *arguments, const char *option, const char *value,
                          const char *what)
{
        return complain_usage(arguments->name, "%s: \"%s\" %s", option, value, what);
}

static bool read_number(const char *text, unsigned int max, unsigned int *out)
{
        char *end;
        unsigned long number;

        if (*text < '0' || *text > '9')
                return false;

        errno = 0;
        number = strtoul(text, &end, 10);
        if (errno || *end || number > max)
                return false;

        *out = (unsigned int)number;
        return true;
}

/* @r: of adding it. */
static int take_host(struct arguments *arguments, const char *option, const char *value, int r)
{
        arguments->has_hosts = true;
        if (r == IDENTITY_E_TOO_MANY)
                return complain_value(arguments, option, value, "is one too many");
        if (r > 0)
                return complain_value(arguments, option, value, "is none");
        return r ? complain(VERB_EXIT_SYSTEM, "out of memory") : 0;
}

static int take_text(struct arguments *arguments, const char *option, const char *value,
                     const char **out)
{
        *out = value;
        return identity_is_text(value)
                       ? 0
                       : complain_value(arguments, option, value, "has to be 1 to 64 characters");
}

static int take_purpose(struct arguments *arguments, const char *value)
{
        if (!strcmp(value, "client"))
                arguments->purposes = REVIEW_CLIENT;
        else if (!strcmp(value, "server"))
                arguments->purposes = REVIEW_SERVER;
        else if (!strcmp(value, "both"))
                arguments->purposes = REVIEW_CLIENT | REVIEW_SERVER;
        else
                return complain_value(arguments, "--purpose", value,
                                      "is none of client, server, both");
        return 0;
}

static int take_format(struct arguments *arguments, const char *value)
{
        arguments->has_format = true;
        arguments->wants_pfx = !strcmp(value, "pfx");
        return arguments->wants_pfx || !strcmp(value, "pem")
                       ? 0
                       : complain_value(arguments, "--format", value, "is neither pem nor pfx");
}

static int take_issuer(struct arguments *arguments, const char *value)
{
        if (arguments->n_issuers == ARGUMENTS_FILES_MAX)
                return complain_value(arguments, "--issuer", value, "is one too many");

        arguments->issuers[arguments->n_issuers++] = value;
        return 0;
}

static int take_days(struct arguments *arguments, const char *value)
{
        if (read_number(value, ARGUMENTS_DAYS_MAX, &arguments->days) && arguments->days)
                return 0;
        return complain_value(arguments, "--days", value, "is no number from 1 to 36500");
}

static int take_days_left(struct arguments *arguments, const char *value)
{
        arguments->has_days_left = true;
        if (read_number(value, ARGUMENTS_DAYS_MAX, &arguments->days_left))
                return 0;
        return complain_value(arguments, "--when-days-left", value, "is no number up to 36500");
}

static int take_fd(struct arguments *arguments, const char *value)
{
        unsigned int fd;

        if (!read_number(value, INT32_MAX, &fd))
                return complain_value(arguments, "--passphrase-fd", value, "is no descriptor");

        arguments->passphrase_fd = (int)fd;
        return 0;
}

static int take_uri(struct arguments *arguments, const char *value)
{
        arguments->application_uri = value;
        return identity_is_uri(value)
                       ? 0
                       : complain_value(arguments, "--application-uri", value, "is no URI");
}

static int take_key_type(struct arguments *arguments, const char *value)
{
        arguments->kind = key_kind_find(value);
        return arguments->kind ? 0
                               : complain_value(arguments, "--key-type", value,
                                                "is none of those that --help names");
}

/* What need not be looked at. Return: where @id's text goes; NULL: it is none of these. */
static const char **find_text(struct arguments *arguments, enum option_id id)
{
        switch ((int)id) {
        case DIRECTORY:
                return &arguments->place.directory;
        case LAYOUT:
                return &arguments->place.layout;
        case FILE_NAME:
                return &arguments->place.name;
        case OUTPUT:
                return &arguments->output;
        case PASSPHRASE_FILE:
                return &arguments->passphrase_file;
        default:
                return NULL;
        }
}

/* The same for what takes no argument. */
static bool *find_flag(struct arguments *arguments, enum option_id id)
{
        switch ((int)id) {
        case KEEP_KEY:
                return &arguments->keeps_key;
        case WITH_CHAIN:
                return &arguments->wants_chain;
        case PASSPHRASE:
                return &arguments->asks_passphrase;
        case REPLACE:
                return &arguments->replaces;
        case JSON:
                return &arguments->wants_json;
        default:
                return NULL;
        }
}

static int take_value(struct arguments *arguments, enum option_id id, const char *value)
{
        struct identity *hosts = &arguments->hosts;

        switch ((int)id) {
        case APPLICATION_URI:
                return take_uri(arguments, value);
        case NAME:
                return take_text(arguments, "--name", value, &arguments->common_name);
        case ORGANIZATION:
                return take_text(arguments, "--organization", value, &arguments->organization);
        case HOST_NAME:
                return take_host(arguments, "--host-name", value, identity_add_host(hosts, value));
        case IP:
                return take_host(arguments, "--ip", value, identity_add_address(hosts, value));
        case KEY_TYPE:
                return take_key_type(arguments, value);
        case DAYS:
                return take_days(arguments, value);
        case DAYS_LEFT:
                return take_days_left(arguments, value);
        case FORMAT:
                return take_format(arguments, value);
        case ISSUER:
                return take_issuer(arguments, value);
        case PURPOSE:
                return take_purpose(arguments, value);
        case PASSPHRASE_FD:
                return take_fd(arguments, value);
        default: /* getopt_long() has complained */
                return VERB_EXIT_USAGE;
        }
}

static int take_option(struct arguments *arguments, enum option_id id, const char *value)
{
        const char **text = find_text(arguments, id);
        bool *flag = find_flag(arguments, id);

        if (text)
                *text = value;
        else if (flag)
                *flag = true;
        else
                return take_value(arguments, id, value);
        return 0;
}

/* -- the whole ----------------------------------------------------------------------------------- */

static void make_options(enum arguments_verb verb, struct option out[ARRAY_SIZE(ROWS) + 1])
{
        size_t n = 0;

        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++)
                if (ROWS[i].verbs & verb)
                        out[n++] =
                                (struct option){ ROWS[i].name,
                                                 ROWS[i].argument ? required_argument : no_argument,
                                                 NULL, (int)ROWS[i].id };
        out[n] = (struct option){ NULL, 0, NULL, 0 };
}

static int check(const struct arguments *arguments, enum arguments_verb verb)
{
        int n_passphrases = (arguments->passphrase_file != NULL) + (arguments->passphrase_fd >= 0) +
                            arguments->asks_passphrase;

        if (!arguments->place.directory)
                return complain_usage(arguments->name, "--directory is missing");
        if (!*arguments->place.directory)
                return complain_usage(arguments->name, "--directory is empty");
        if (n_passphrases > 1)
                return complain_usage(arguments->name, "the passphrase is given more than once");
        if (arguments->keeps_key && arguments->kind)
                return complain_usage(arguments->name, "--keep-key and --key-type are at odds");
        if (verb == ARGUMENTS_INSTALL && !arguments->n_files)
                return complain_usage(arguments->name, "FILE, the CA's answer, is missing");
        if (verb != ARGUMENTS_INSTALL && arguments->n_files)
                return complain_usage(arguments->name, "\"%s\" is no option", arguments->files[0]);
        if (arguments->n_files > ARGUMENTS_FILES_MAX)
                return complain_usage(arguments->name, "more than %d files", ARGUMENTS_FILES_MAX);
        return -1;
}

int arguments_read(enum arguments_verb verb, const char *text, int argc, char **argv,
                   struct arguments *out)
{
        struct option options[ARRAY_SIZE(ROWS) + 1];
        int option, r;

        make_options(verb, options);
        out->name = argv[0];
        out->purposes = REVIEW_CLIENT | REVIEW_SERVER;
        while ((option = getopt_long(argc, argv, "h", options, NULL)) >= 0) {
                if (option == 'h') {
                        print_help(verb, text);
                        return VERB_EXIT_OK;
                }
                r = take_option(out, (enum option_id)option, optarg);
                if (r)
                        return r;
        }
        out->files = argv + optind;
        out->n_files = (size_t)(argc - optind);
        return check(out, verb);
}

int arguments_passphrase(const struct arguments *arguments, bool is_new, struct secret *out)
{
        int fd, r;

        if (arguments->asks_passphrase)
                return secret_ask("passphrase of the private key", is_new, out);
        if (arguments->passphrase_fd >= 0)
                return secret_read_passphrase(arguments->passphrase_fd, "--passphrase-fd", out);
        if (!arguments->passphrase_file)
                return 0;

        fd = open(arguments->passphrase_file, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return complain_file(arguments->passphrase_file, errno);
        r = secret_read_passphrase(fd, arguments->passphrase_file, out);
        close(fd);
        return r;
}
