/* SPDX-License-Identifier: Apache-2.0 */
#include "own/check.h"

#include "base/clock.h"
#include "own/complain.h"
#include "own/examine.h"
#include "own/folder.h"
#include "own/paint.h"
#include "own/permission.h"
#include "own/remark.h"
#include "own/verb.h"
#include "proto/buf.h"
#include "proto/compiler.h"
#include "proto/json.h"
#include "store/layout.h"
#include "trust/settings.h"
#include "trust/snapshot.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>

static const char HELP[] =
        "usage: uatrust check [OPTION...] DIR\n"
        "\n"
        "Says what of an existing PKI folder the rules would refuse, and why; changes\n"
        "nothing. Every certificate in its lists is judged as what it may be presented\n"
        "as. The agent is not asked.\n"
        "\n"
        "      --layout NAME          default, qt, annex-f, open62541, net, milo,\n"
        "                             node-opcua or s2opc; auto: whichever it is\n"
        "      --group GROUP          which of its lists: application (default), user or\n"
        "                             https\n"
        "      --set KEY=VALUE        a setting of the store that it is to be, as in\n"
        "                             uatrustd.conf(5); may be repeated\n"
        "      --notes                show oddities, too, from which nothing follows\n"
        "      --json                 print JSON\n"
        "  -h, --help                 print this\n"
        "\n"
        "Exit codes: 0 nothing would be refused, 1 something would, 66 DIR is unreadable.\n";

enum {
        LAYOUT = 256,
        GROUP,
        SET,
        NOTES,
        JSON,
};

static const struct option ROWS[] = {
        { "layout", required_argument, NULL, LAYOUT },
        { "group", required_argument, NULL, GROUP },
        { "set", required_argument, NULL, SET },
        { "notes", no_argument, NULL, NOTES },
        { "json", no_argument, NULL, JSON },
        { "help", no_argument, NULL, 'h' },
        { NULL, 0, NULL, 0 },
};

struct check {
        const char *layout_name;
        const struct layout *layout;
        struct examine_terms terms;
        bool wants_json;
        struct settings *settings;
        const char *path;
        struct remark_list remarks;
};

/* --- output --- */

/* What is said first of each file. */
static void print_file(const struct remark *remark)
{
        paint(PAINT_BOLD);
        print_text(stdout, *remark->file ? remark->file : ".");
        paint(PAINT_PLAIN);
        if (remark->subject) {
                fputs("  ", stdout);
                print_text(stdout, remark->subject);
        }
        putchar('\n');
}

static void print_remarks(const struct check *check, const struct snapshot *snap)
{
        const struct remark_list *list = &check->remarks;

        for (size_t i = 0; i < list->n_items; i++) {
                const struct remark *remark = &list->items[i];

                if (i == 0 || strcmp(remark->file, list->items[i - 1].file) != 0)
                        print_file(remark);
                paint(strcmp(remark->level, "refused") == 0   ? PAINT_BAD
                      : strcmp(remark->level, "warning") == 0 ? PAINT_WARN
                                                              : PAINT_PLAIN);
                printf("  %s  ", remark->level);
                paint(PAINT_PLAIN);
                if (remark->status_name)
                        printf("%s: ", remark->status_name);
                print_text(stdout, remark->message);
                putchar('\n');
        }
        printf("%s%zu certificates, %zu revocation lists: %zu would be refused, %zu other "
               "remarks\n",
               list->n_items ? "\n" : "", snap->n_certs, snap->n_crls, list->n_refused,
               list->n_items - list->n_refused);
}

static int print_json(const struct check *check, const struct folder *folder)
{
        CLEANUP(buf_deinit) struct buf text = BUF_NULL;

        buf_add_text(&text, "{\"directory\":");
        json_encode_string(folder->path, &text);
        buf_printf(&text, ",\"layout\":\"%s\",\"certificates\":%zu,\"crls\":%zu,\"refused\":%zu",
                   check->layout_name, folder->snap->n_certs, folder->snap->n_crls,
                   check->remarks.n_refused);
        buf_add_text(&text, ",\"remarks\":[");
        for (size_t i = 0; i < check->remarks.n_items; i++) {
                if (i)
                        buf_add_byte(&text, ',');
                json_encode(&remark_schema, &check->remarks.items[i], &text);
        }
        buf_add_text(&text, "]}\n");
        if (buf_error(&text))
                return complain(VERB_EXIT_SYSTEM, "out of memory");

        fwrite(text.data, 1, text.n, stdout);
        return VERB_EXIT_OK;
}

/* --- the folder --- */

static int check_folder(struct check *check)
{
        CLEANUP(folder_deinit) struct folder folder = FOLDER_NULL;
        int r = folder_read(check->path, check->layout, check->settings, &folder);

        if (r)
                return r;

        r = examine(folder.snap, &check->terms, &check->remarks);
        if (!r)
                r = permission_examine(folder.path, &check->remarks);
        if (r)
                return complain(VERB_EXIT_SYSTEM, "%s: %s", check->path, strerror(-r));

        remark_list_sort(&check->remarks);
        if (check->wants_json)
                r = print_json(check, &folder);
        else
                print_remarks(check, folder.snap);
        if (!r && check->remarks.n_refused)
                r = VERB_EXIT_NOT_GOOD;
        return r;
}

/* --- the verb --- */

static bool take_setting(struct check *check, const char *text)
{
        const char *equals = strchr(text, '=');
        CLEANUP(freep) char *key = equals ? strndup(text, (size_t)(equals - text)) : NULL;
        CLEANUP(freep) char *reason = NULL;
        int r;

        if (!key) {
                complain_usage("uatrust check", "--set: \"%s\" is no KEY=VALUE", text);
                return false;
        }

        r = settings_set(check->settings, key, equals + 1, &reason);
        if (r == SETTINGS_E_UNKNOWN_KEY)
                complain_usage("uatrust check",
                               "--set: \"%s\" is no setting that changes a verdict", key);
        else if (r)
                complain_usage("uatrust check", "--set: %s: %s", text,
                               reason ? reason : strerror(ENOMEM));
        return !r;
}

static bool take_option(struct check *check, int option, const char *value)
{
        switch (option) {
        case LAYOUT:
                check->layout_name = value;
                return true;
        case GROUP:
                if (layout_find_group(value, &check->terms.group))
                        return true;
                complain_usage("uatrust check",
                               "--group: \"%s\" is none of application, user, https", value);
                return false;
        case SET:
                return take_setting(check, value);
        case NOTES:
                check->terms.wants_notes = true;
                return true;
        case JSON:
                check->wants_json = true;
                return true;
        default: /* getopt_long() has complained */
                return false;
        }
}

/* Return: -1: go on, or an exit code. */
static int read_options(struct check *check, int argc, char **argv)
{
        int option;

        while ((option = getopt_long(argc, argv, "h", ROWS, NULL)) >= 0) {
                if (option == 'h') {
                        fputs(HELP, stdout);
                        return VERB_EXIT_OK;
                }
                if (!take_option(check, option, optarg))
                        return VERB_EXIT_USAGE;
        }
        if (optind == argc)
                return complain_usage("uatrust check", "DIR is missing");
        if (optind + 1 < argc)
                return complain_usage("uatrust check", "\"%s\" is too much", argv[optind + 1]);

        if (!*argv[optind])
                return complain_usage("uatrust check", "DIR is empty");

        check->layout = layout_find(check->layout_name, check->terms.group);
        if (!check->layout)
                return complain_usage("uatrust check",
                                      "--layout: \"%s\" is none, or has no such group",
                                      check->layout_name);

        check->path = argv[optind];
        return -1;
}

int check_run(int argc, char **argv)
{
        struct check check = {
                .layout_name = "auto",
                .terms = { .group = LAYOUT_APPLICATION, .now_s = clock_realtime_s() },
        };
        int code;

        if (settings_new(&check.settings))
                return complain(VERB_EXIT_SYSTEM, "out of memory");

        code = read_options(&check, argc, argv);
        if (code < 0)
                code = check_folder(&check);
        settings_unref(check.settings);
        remark_list_deinit(&check.remarks);
        return code;
}
