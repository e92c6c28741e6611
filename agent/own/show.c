/* SPDX-License-Identifier: Apache-2.0 */
#include "own/show.h"

#include "base/clock.h"
#include "own/complain.h"
#include "own/paint.h"
#include "own/portrait.h"
#include "own/verb.h"
#include "own/when.h"
#include "pki/crl.h"
#include "pki/decode.h"
#include "proto/buf.h"
#include "proto/compiler.h"
#include "proto/json.h"
#include "store/content.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char HELP[] =
        "usage: uatrust show [OPTION...] FILE...\n"
        "       uatrust show [OPTION...] THUMBPRINT\n"
        "\n"
        "Shows the certificates and revocation lists of each FILE, PEM or DER, \"-\" being\n"
        "the standard input; or what a store holds, by 8 to 64 digits of its SHA-256. Of\n"
        "private keys nothing is shown but that they are there.\n"
        "\n"
        "      --entries N            of a revocation list, at most so many; default: 20\n"
        "      --json                 print JSON\n"
        "  -h, --help                 print this\n"
        "\n"
        "With a THUMBPRINT:\n"
        "      --store NAME           default: $UATRUST_STORE, or the agent's\n"
        "      --socket PATH          default: $UATRUST_SOCKET, or the host's\n"
        "      --timeout MS           for each answer; default: 12000; 0: no limit\n";

enum {
        ENTRIES = 256,
        JSON,
        NAME,

        ENTRIES_DEFAULT = 20,
        ENTRIES_MAX = 1000000,
        LABEL_WIDTH = 16,
};

static const struct option ROWS[] = {
        { "entries", required_argument, NULL, ENTRIES },
        { "json", no_argument, NULL, JSON },
        { "name", required_argument, NULL, NAME }, /* for the command uatrust: of "-" */
        { "help", no_argument, NULL, 'h' },
        { NULL, 0, NULL, 0 },
};

struct show {
        size_t n_entries; /* of a CRL, at most */
        bool wants_json;
        const char *name; /* what "-" is called */
        int64_t now_s;
        size_t n_shown;
        struct buf json; /* the objects so far, parted by commas */
};

/* --- for people --- */

static void print_row(const char *label, const char *text)
{
        printf("  %-*s ", LABEL_WIDTH, label);
        print_text(stdout, text);
        putchar('\n');
}

static void print_optional(const char *label, const char *text)
{
        if (text)
                print_row(label, text);
}

/* The label stands at the first only. */
static void print_list(const char *label, char *const *items, size_t n)
{
        for (size_t i = 0; i < n; i++)
                print_row(i ? "" : label, items[i]);
}

static void print_usage(const char *label, char *const *items, size_t n, bool is_critical)
{
        if (!items) {
                print_row(label, "not given");
                return;
        }

        printf("  %-*s ", LABEL_WIDTH, label);
        for (size_t i = 0; i < n; i++)
                printf("%s%s", i ? ", " : "", items[i]);
        puts(is_critical ? " (critical)" : "");
}

static void print_faults(const struct portrait_fault *faults, size_t n)
{
        for (size_t i = 0; i < n; i++)
                print_row(faults[i].severity, faults[i].message);
}

static void print_over(const char *moment, const char *span)
{
        printf("%s, ", moment);
        paint(PAINT_BAD);
        printf("passed %s ago", span);
        paint(PAINT_PLAIN);
        putchar('\n');
}

/* @end_s: absent: there is none. */
static void print_end(const struct show *show, const char *label, int64_t end_s)
{
        char moment[WHEN_TEXT_MAX], span[WHEN_TEXT_MAX];

        printf("  %-*s ", LABEL_WIDTH, label);
        if (end_s == SCHEMA_INT_ABSENT)
                puts("none");
        else if (end_s < show->now_s)
                print_over(when_text(end_s, moment), when_span(show->now_s - end_s, span));
        else
                printf("%s, %s left\n", when_text(end_s, moment),
                       when_span(end_s - show->now_s, span));
}

static void print_begin(const struct show *show, const char *label, int64_t begin_s)
{
        char moment[WHEN_TEXT_MAX], span[WHEN_TEXT_MAX];

        printf("  %-*s %s", LABEL_WIDTH, label, when_text(begin_s, moment));
        if (begin_s > show->now_s)
                printf(", not yet: in %s", when_span(begin_s - show->now_s, span));
        putchar('\n');
}

static void print_kind(const struct portrait_cert *cert)
{
        const char *self = cert->is_self_signed ? ", self-signed" : "";

        printf("  %-*s %s%s", LABEL_WIDTH, "kind", cert->is_ca ? "CA" : "end entity", self);
        if (cert->path_length != SCHEMA_INT_ABSENT)
                printf(", path length %" PRId64, cert->path_length);
        putchar('\n');
}

static void print_cert(const struct show *show, const struct portrait_cert *cert)
{
        puts("certificate");
        print_row("subject", cert->subject);
        print_row("issuer", cert->issuer);
        print_row("serial number", cert->serial_number);
        print_list("ApplicationUri", cert->uris, cert->n_uris);
        print_list("DNS names", cert->dns_names, cert->n_dns_names);
        print_list("IP addresses", cert->ip_addresses, cert->n_ip_addresses);
        print_kind(cert);
        print_begin(show, "not before", cert->not_before_s);
        print_end(show, "not after", cert->not_after_s);
        print_row("key", cert->key_type);
        print_row("signed with", cert->signature);
        print_usage("key usage", cert->key_usage, cert->n_key_usage, cert->is_key_usage_critical);
        print_usage("extended usage", cert->extended_key_usage, cert->n_extended_key_usage,
                    cert->is_extended_key_usage_critical);
        print_optional("subject key id", cert->subject_key_id);
        print_optional("issuer's key id", cert->authority_key_id);
        print_list("CRL at", cert->crl_urls, cert->n_crl_urls);
        print_row("SHA-1", cert->thumbprint);
        print_row("SHA-256", cert->sha256);
        print_faults(cert->faults, cert->n_faults);
}

static void print_entries(const struct portrait_crl *crl)
{
        char moment[WHEN_TEXT_MAX];

        printf("  %-*s %" PRId64 "\n", LABEL_WIDTH, "entries", crl->entries);
        for (size_t i = 0; i < crl->n_revoked; i++) {
                const struct portrait_revoked *entry = &crl->revoked[i];

                printf("    %s  %s  %s\n", when_text(entry->time_s, moment), entry->serial_number,
                       entry->reason ? entry->reason : "");
        }
        if (crl->n_revoked && (int64_t)crl->n_revoked < crl->entries)
                printf("    and %" PRId64 " more\n", crl->entries - (int64_t)crl->n_revoked);
}

static void print_crl(const struct show *show, const struct portrait_crl *crl)
{
        puts("revocation list");
        print_row("issuer", crl->issuer);
        print_optional("number", crl->crl_number);
        print_optional("changes since", crl->base_number);
        print_list("speaks about", crl->scope, crl->n_scope);
        print_begin(show, "this update", crl->this_update_s);
        print_end(show, "next update", crl->next_update_s);
        print_row("signed with", crl->signature);
        print_optional("signer's key id", crl->authority_key_id);
        print_row("SHA-256", crl->sha256);
        print_faults(crl->faults, crl->n_faults);
        print_entries(crl);
}

/* --- one object --- */

static void print_file(const struct show *show, const char *file)
{
        if (show->n_shown)
                putchar('\n');
        paint(PAINT_BOLD);
        print_text(stdout, file);
        paint(PAINT_PLAIN);
        fputs(": ", stdout);
}

static void begin_json(struct show *show, const char *file)
{
        buf_add_text(&show->json, show->json.n ? ",{\"file\":" : "{\"file\":");
        json_encode_string(file, &show->json);
}

static int show_cert(struct show *show, const char *file, const struct cert *cert)
{
        struct portrait_cert portrait;
        int r = portrait_cert(cert, &portrait);

        if (r)
                return r;

        if (show->wants_json) {
                begin_json(show, file);
                buf_add_text(&show->json, ",\"certificate\":");
                json_encode(&portrait_cert_schema, &portrait, &show->json);
                buf_add_byte(&show->json, '}');
        } else {
                print_file(show, file);
                print_cert(show, &portrait);
        }
        schema_deinit(&portrait_cert_schema, &portrait);
        return 0;
}

static int show_crl(struct show *show, const char *file, const struct crl *crl, struct bytes der)
{
        struct portrait_crl portrait;
        int r = portrait_crl(crl, der, show->n_entries, &portrait);

        if (r)
                return r;

        if (show->wants_json) {
                begin_json(show, file);
                buf_add_text(&show->json, ",\"crl\":");
                json_encode(&portrait_crl_schema, &portrait, &show->json);
                buf_add_byte(&show->json, '}');
        } else {
                print_file(show, file);
                print_crl(show, &portrait);
        }
        schema_deinit(&portrait_crl_schema, &portrait);
        return 0;
}

static int show_crl_of(struct show *show, const char *file, const struct crl *crl,
                       struct bytes content)
{
        CLEANUP(freep) uint8_t *der = NULL;
        size_t n_der;
        int r = decode_find_crl(content, crl->sha256, &der, &n_der);

        return r ? r : show_crl(show, file, crl, (struct bytes){ der, n_der });
}

static void show_reason(struct show *show, const char *file, const char *reason)
{
        if (show->wants_json) {
                begin_json(show, file);
                buf_add_text(&show->json, ",\"reason\":");
                json_encode_string(reason, &show->json);
                buf_add_byte(&show->json, '}');
        } else {
                print_file(show, file);
                puts(reason);
        }
}

/* --- one file --- */

static int show_item(struct show *show, const char *file, const struct decode_item *item,
                     struct bytes content)
{
        int r = 0;

        switch (item->kind) {
        case DECODE_CERT:
                r = show_cert(show, file, item->cert);
                break;
        case DECODE_CRL:
                r = show_crl_of(show, file, item->crl, content);
                break;
        case DECODE_PRIVATE_KEY:
        case DECODE_FOREIGN:
        case DECODE_BROKEN:
                show_reason(show, file, item->reason);
                break;
        }
        show->n_shown++;
        return r;
}

/* Return: how many certificates and CRLs, or a negative errno. */
static int show_content(struct show *show, const char *file, struct bytes content)
{
        CLEANUP(decode_list_deinit) struct decode_list list = DECODE_LIST_NULL;
        int n = 0, r = decode_file(content, &list);

        for (size_t i = 0; !r && i < list.items.n; i++) {
                n += list.items.items[i].kind == DECODE_CERT ||
                     list.items.items[i].kind == DECODE_CRL;
                r = show_item(show, file, &list.items.items[i], content);
        }
        return r ? r : n;
}

/* What cannot be shown is told on stderr, and has its place among the objects. */
static int fail(struct show *show, const char *file, int code, const char *reason)
{
        if (show->wants_json)
                show_reason(show, file, reason);
        return complain(code, "%s: %s", file, reason);
}

static int fail_errno(struct show *show, const char *file, int error)
{
        return fail(show, file, complain_code(error), strerror(error));
}

static int show_open(struct show *show, const char *file, int fd)
{
        CLEANUP(content_deinit) struct content content = CONTENT_NULL;
        int n, r = content_read(fd, 0, &content);

        if (r == CONTENT_E_TOO_LARGE)
                return fail(show, file, VERB_EXIT_NO_INPUT, "it is too large");
        if (r == CONTENT_E_PRIVATE_KEY) {
                content_wipe(&content);
                return fail(show, file, VERB_EXIT_NO_INPUT,
                            "it is a private key, which was not read");
        }
        if (r)
                return fail_errno(show, file, -r);

        n = show_content(show, file, (struct bytes){ content.data, content.n });
        if (n < 0)
                return complain(VERB_EXIT_SYSTEM, "%s: %s", file, strerror(-n));
        return n ? VERB_EXIT_OK
                 : complain(VERB_EXIT_NO_INPUT, "%s: it holds no certificate and no CRL", file);
}

static int show_file(struct show *show, const char *path)
{
        int fd, code;

        if (!strcmp(path, "-"))
                return show_open(show, show->name, STDIN_FILENO);

        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        if (fd < 0)
                return fail_errno(show, path, errno);

        code = show_open(show, path, fd);
        close(fd);
        return code;
}

/* --- the verb --- */

static bool read_entries(struct show *show, const char *text)
{
        char *end;
        unsigned long n;

        errno = 0;
        n = strtoul(text, &end, 10);
        if (*text < '0' || *text > '9' || *end || errno || n > ENTRIES_MAX) {
                complain_usage("uatrust show", "--entries: \"%s\" is no number up to %d", text,
                               ENTRIES_MAX);
                return false;
        }
        show->n_entries = n;
        return true;
}

/* Return: -1: go on, or an exit code. */
static int read_options(struct show *show, int argc, char **argv)
{
        int option;

        while ((option = getopt_long(argc, argv, "h", ROWS, NULL)) >= 0) {
                if (option == 'h') {
                        fputs(HELP, stdout);
                        return VERB_EXIT_OK;
                }
                if (option == JSON)
                        show->wants_json = true;
                else if (option == NAME)
                        show->name = optarg;
                else if (option != ENTRIES || !read_entries(show, optarg))
                        return VERB_EXIT_USAGE;
        }
        return optind == argc ? complain_usage("uatrust show", "FILE or THUMBPRINT is missing")
                              : -1;
}

static int show_files(struct show *show, char **files, int n)
{
        int worst = VERB_EXIT_OK;

        for (int i = 0; i < n; i++) {
                int code = show_file(show, files[i]);

                worst = worst ? worst : code;
        }
        if (!show->wants_json)
                return worst;

        if (buf_error(&show->json))
                return complain(VERB_EXIT_SYSTEM, "out of memory");
        printf("{\"objects\":[%.*s]}\n", (int)show->json.n, (const char *)show->json.data);
        return worst;
}

int show_run(int argc, char **argv)
{
        struct show show = {
                .n_entries = ENTRIES_DEFAULT,
                .name = "standard input",
                .now_s = clock_realtime_s(),
                .json = BUF_NULL,
        };
        int code = read_options(&show, argc, argv);

        if (code < 0)
                code = show_files(&show, argv + optind, argc - optind);
        buf_deinit(&show.json);
        return code;
}
