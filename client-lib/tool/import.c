/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What PKI folders and files hold comes into a store in one update. uatrust-own reads them; what
 * the store's lists hold already is read from the agent and given again, so that it stays.
 */

#include "change.h"
#include "keep.h"
#include "output.h"
#include "own.h"
#include "parcel.h"
#include "progress.h"
#include "verb.h"

#include <uatrust/admin.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
        "usage: uatrust import [OPTION...] DIR|FILE...\n"
        "\n"
        "Takes what the lists trusted and issuers of PKI folders hold, or files with\n"
        "certificates and revocation lists, PEM, DER or PKCS#7 (.p7b), into a store, all\n"
        "in one update. Private keys, own and rejected certificates are left out. See\n"
        "also: uatrust check DIR.\n"
        "\n"
        "      --layout NAME          of a folder: default, qt, annex-f, open62541, net,\n"
        "                             milo, node-opcua or s2opc; auto: whichever it is\n"
        "      --group GROUP          which of its lists: application (default), user or\n"
        "                             https\n"
        "      --list LIST            of files: trusted (default) or issuers\n"
        "      --replace              what is not in them goes from the lists trusted and\n"
        "                             issuers\n"
        "      --skip                 leave out what the agent refuses, in place of "
        "all\n" CHANGE_HELP;

enum {
        LAYOUT = CHANGE_OWN,
        GROUP,
        LIST,
        REPLACE,
        SKIP,
        SHOWN_MAX = 50,
};

static const struct option rows[] = {
        { "layout", required_argument, NULL, LAYOUT },
        { "group", required_argument, NULL, GROUP },
        { "list", required_argument, NULL, LIST },
        { "replace", no_argument, NULL, REPLACE },
        { "skip", no_argument, NULL, SKIP },
        CHANGE_ROWS,
        { NULL, 0, NULL, 0 },
};

struct import {
        struct change_orders orders;
        const char *layout, *group, *list;
        bool may_replace, may_skip;
        struct uatrust_client *client;
        struct uatrust_change *change;
        struct parcel parcel; /* what was found */
};

/*
 * What is found.
 */

static int collect(struct import *import, char **paths, size_t n_paths)
{
        const char *words[OWN_ARGUMENTS_MAX + 1] = { "collect", "--layout", import->layout };
        size_t n = 3;
        struct own own;
        bool is_whole;
        int code;

        if (n_paths > OWN_ARGUMENTS_MAX - 10)
                return options_usage(&import->orders.options, "more than %d files",
                                     OWN_ARGUMENTS_MAX - 10);

        words[n++] = "--group";
        words[n++] = import->group;
        words[n++] = "--list";
        words[n++] = import->list;
        words[n++] = "--";
        for (size_t i = 0; i < n_paths; i++)
                words[n++] = paths[i];

        progress_tell(import->orders.options.progress, "reading", 0, 0);
        code = own_open(&import->orders.options, words, OWN_READ, &own);
        if (code)
                return code;
        is_whole = parcel_read(own.file, &import->parcel);
        code = own_close(&own);
        if (code)
                return code;
        if (!is_whole)
                return options_complain(&import->orders.options, VERB_EXIT_SYSTEM, "out of memory");

        parcel_drop_repeats(&import->parcel);
        return VERB_EXIT_OK;
}

/* Return: bits of enum uatrust_list, which are those of parcel kinds. */
static unsigned int lists_of(const struct import *import)
{
        unsigned int lists = 0;

        if (import->may_replace)
                return (1u << PARCEL_LISTS) - 1;
        for (size_t i = 0; i < import->parcel.n; i++)
                if (import->parcel.items[i].kind < PARCEL_LISTS)
                        lists |= 1u << import->parcel.items[i].kind;
        return lists;
}

/*
 * One try.
 */

struct attempt {
        struct import *import;
        struct keep keep; /* what it gives stands before ours in each list */
};

static int send(struct attempt *attempt)
{
        const struct parcel *parcel = &attempt->import->parcel;
        struct progress *progress = attempt->import->orders.options.progress;
        struct uatrust_error *error = NULL;

        for (size_t i = 0; i < parcel->n && !error; i++) {
                const struct parcel_item *item = &parcel->items[i];

                if (item->kind < PARCEL_LISTS)
                        uatrust_transaction_add(attempt->keep.transaction,
                                                (enum uatrust_list)(1u << item->kind), item->data,
                                                item->n, &error);
                progress_tell(progress, "sending", i + 1, parcel->n);
        }
        return error ? options_fail(&attempt->import->orders.options, error, NULL) : VERB_EXIT_OK;
}

/* Which of our objects the agent names, as "trustedCertificates[3]"; NULL: none of ours. */
static struct parcel_item *find_refused(const struct attempt *attempt, const char *subject)
{
        struct parcel *parcel = &attempt->import->parcel;
        char name[32];
        unsigned long index;

        if (!subject || sscanf(subject, "%31[A-Za-z][%lu]", name, &index) != 2)
                return NULL;

        for (size_t i = 0; i < parcel->n; i++) {
                struct parcel_item *item = &parcel->items[i];

                if (item->kind >= PARCEL_LISTS || strcmp(parcel_list_name(item->kind), name) != 0)
                        continue;
                if (index == attempt->keep.n[item->kind])
                        return item;
                index--;
        }
        return NULL;
}

/* Return: true: it is left out, and the rest may be tried again. */
static bool skip(struct parcel_item *item, const char *reason)
{
        unsigned char *copy = (unsigned char *)strdup(reason ? reason : "it is refused");

        if (!copy)
                return false;

        free(item->data);
        item->data = copy;
        item->n = strlen((char *)copy);
        item->kind = PARCEL_LEFT_OUT;
        return true;
}

/* Return: an exit code; -1: something was left out, try again. */
static int apply(struct attempt *attempt, bool is_dry_run, struct uatrust_update **out)
{
        const struct import *import = attempt->import;
        struct uatrust_error *error = NULL;
        struct parcel_item *refused;
        int code;

        progress_wait(import->orders.options.progress);
        if (!uatrust_transaction_apply(attempt->keep.transaction, is_dry_run, out, &error))
                return VERB_EXIT_OK;

        refused = uatrust_error_get_code(error) == UATRUST_E_BAD_REQUEST
                          ? find_refused(attempt, uatrust_error_get_subject(error))
                          : NULL;
        if (!refused)
                return options_fail(&import->orders.options, error, NULL);

        if (import->may_skip && skip(refused, uatrust_error_get_reason(error))) {
                uatrust_error_free(error);
                return -1;
        }
        code = options_complain(&import->orders.options, uatrust_error_get_exit_code(error),
                                "%s: %s; nothing was changed: --skip leaves it out", refused->name,
                                uatrust_error_get_reason(error));
        uatrust_error_free(error);
        return code;
}

static int try_once(struct import *import, bool is_dry_run, struct uatrust_update **out)
{
        struct attempt attempt = {
                .import = import,
                .keep = { .options = &import->orders.options,
                          .client = import->client,
                          .store = import->orders.store,
                          .lists = lists_of(import) },
        };
        struct uatrust_error *error = NULL;
        int code = import->may_replace ? VERB_EXIT_OK : keep_check(&attempt.keep);

        if (code)
                return code;
        if (uatrust_transaction_new(import->client, import->change, attempt.keep.lists,
                                    &attempt.keep.transaction, &error))
                return options_fail(&import->orders.options, error, NULL);

        if (!import->may_replace)
                code = keep_all(&attempt.keep);
        if (!code)
                code = send(&attempt);
        if (!code)
                code = apply(&attempt, is_dry_run, out);
        uatrust_transaction_free(attempt.keep.transaction);
        return code;
}

/* With nothing left to be given there is nothing to try: *@out is NULL then. */
static int try(struct import *import, bool is_dry_run, struct uatrust_update **out)
{
        int code = -1;

        *out = NULL;
        while (code < 0 && lists_of(import))
                code = try_once(import, is_dry_run, out);
        progress_hide(import->orders.options.progress);
        return code < 0 ? VERB_EXIT_OK : code;
}

/*
 * Telling.
 */

static const char *find_name(const struct parcel *parcel, const char *sha256)
{
        for (size_t i = 0; i < parcel->n; i++)
                if (strcmp(parcel->items[i].sha256, sha256) == 0)
                        return parcel->items[i].name;
        return NULL;
}

static void print_objects(FILE *file, const struct import *import, const char *word,
                          const char *(*get)(const struct uatrust_update *update, size_t i),
                          const struct uatrust_update *update)
{
        const char *sha256;
        size_t n = 0;

        for (; (sha256 = get(update, n)); n++) {
                const char *name = find_name(&import->parcel, sha256);

                if (n >= SHOWN_MAX)
                        continue;
                fprintf(file, "  %s ", word);
                output_text(file, name ? name : sha256);
                fputc('\n', file);
        }
        if (n > SHOWN_MAX)
                fprintf(file, "  and %zu more\n", n - SHOWN_MAX);
}

static void print_left_out(FILE *file, const struct import *import)
{
        for (size_t i = 0; i < import->parcel.n; i++) {
                const struct parcel_item *item = &import->parcel.items[i];

                if (item->kind != PARCEL_LEFT_OUT)
                        continue;
                fputs("  left out ", file);
                output_text(file, item->name);
                fputs(": ", file);
                output_text(file, (const char *)item->data);
                fputc('\n', file);
        }
}

static size_t count(const char *(*get)(const struct uatrust_update *update, size_t i),
                    const struct uatrust_update *update)
{
        size_t n = 0;

        while (get(update, n))
                n++;
        return n;
}

static void print_text(FILE *file, const struct import *import, const struct uatrust_update *update,
                       bool is_dry_run)
{
        if (!update || !uatrust_update_is_changed(update)) {
                fputs("nothing to change\n", file);
                print_left_out(file, import);
                return;
        }
        fprintf(file, "store %s: %zu %s, %zu %s\n", uatrust_update_get_store(update),
                count(uatrust_update_get_added, update), is_dry_run ? "would come" : "came",
                count(uatrust_update_get_removed, update), is_dry_run ? "would go" : "went");
        print_objects(file, import, "added", uatrust_update_get_added, update);
        print_objects(file, import, "removed", uatrust_update_get_removed, update);
        print_left_out(file, import);
        change_print_fallen(file, update, is_dry_run);
}

static void print_json(const struct import *import, const struct uatrust_update *update)
{
        bool is_first = true;

        printf("{\"changed\":%s,\"update\":",
               update && uatrust_update_is_changed(update) ? "true" : "false");
        output_json(update ? uatrust_update_to_json(update) : NULL);
        fputs(",\"leftOut\":[", stdout);
        for (size_t i = 0; i < import->parcel.n; i++) {
                const struct parcel_item *item = &import->parcel.items[i];

                if (item->kind != PARCEL_LEFT_OUT)
                        continue;
                printf("%s{\"file\":", is_first ? "" : ",");
                output_json_string(item->name);
                fputs(",\"reason\":", stdout);
                output_json_string((const char *)item->data);
                putchar('}');
                is_first = false;
        }
        puts("]}");
}

static void tell(const struct import *import, const struct uatrust_update *update)
{
        if (import->orders.options.wants_json)
                print_json(import, update);
        else
                print_text(stdout, import, update, import->orders.is_dry_run);
}

/*
 * The verb.
 */

/* Return: 0: it is wanted, or an exit code. */
static int confirm(const struct import *import, const struct uatrust_update *update)
{
        const struct options *options = &import->orders.options;
        char question[128];

        if (import->orders.is_sure)
                return VERB_EXIT_OK;
        if (!select_must_ask(false))
                return options_complain(options, VERB_EXIT_USAGE,
                                        "where nobody can be asked --yes is wanted");

        print_text(stderr, import, update, true);
        snprintf(question, sizeof(question), "import (%zu come, %zu go)?",
                 count(uatrust_update_get_added, update),
                 count(uatrust_update_get_removed, update));
        return select_ask(options, question);
}

static int carry_out(struct import *import)
{
        struct uatrust_update *update = NULL;
        int code = try(import, true, &update);

        if (code)
                return code;
        if (!import->orders.is_dry_run && update && uatrust_update_is_changed(update)) {
                code = confirm(import, update);
                uatrust_update_free(update);
                update = NULL;
                if (!code)
                        code = try(import, false, &update);
        }
        if (!code)
                tell(import, update);
        uatrust_update_free(update);
        return code;
}

static bool take_option(struct import *import, int option, const char *value)
{
        switch (option) {
        case LAYOUT:
                import->layout = value;
                return true;
        case GROUP:
                import->group = value;
                return true;
        case LIST:
                import->list = value;
                return true;
        case REPLACE:
                import->may_replace = true;
                return true;
        case SKIP:
                import->may_skip = true;
                return true;
        default:
                return change_take(&import->orders, option, value);
        }
}

static int run(struct import *import, char **paths, int n)
{
        int code;

        import->client = change_connect(&import->orders);
        import->change = import->client ? change_make(&import->orders, false) : NULL;
        if (!import->change)
                return VERB_EXIT_SYSTEM;

        code = collect(import, paths, (size_t)n);
        return code ? code : carry_out(import);
}

int verb_import(int argc, char **argv)
{
        struct import import = { .orders = { .options = OPTIONS_DEFAULT },
                                 .layout = "auto",
                                 .group = "application",
                                 .list = "trusted" };
        int option, code;

        while ((option = options_next(&import.orders.options, argc, argv, "hny", rows)) >= 0) {
                if (option == 'h') {
                        fputs(help, stdout);
                        return VERB_EXIT_OK;
                }
                if (!take_option(&import, option, optarg))
                        return VERB_EXIT_USAGE;
        }
        if (optind == argc)
                return options_usage(&import.orders.options, "DIR or FILE is missing");

        code = run(&import, argv + optind, argc - optind);
        uatrust_change_free(import.change);
        options_disconnect(&import.orders.options, import.client);
        parcel_deinit(&import.parcel);
        return code;
}
