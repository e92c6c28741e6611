/* SPDX-License-Identifier: Apache-2.0 */
#include "change.h"

#include "output.h"
#include "own.h"
#include "parcel.h"
#include "progress.h"
#include "verb.h"

#include <uatrust/admin.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FALLEN_SHOWN_MAX 20

/* While it is carried out. */
struct run {
        const struct change_verb *verb;
        const struct change_orders *orders;
        struct uatrust_client *client;
        struct uatrust_change *change, *dry_change;
        size_t n_all, n_done; /* of what is to be changed */
        size_t n_told;        /* JSON objects so far */
        bool has_changed;
};

bool change_take(struct change_orders *orders, int option, const char *value)
{
        switch (option) {
        case CHANGE_STORE:
                orders->store = value;
                return true;
        case CHANGE_REASON:
                orders->reason = value;
                return true;
        case CHANGE_ADMIN_SOCKET:
                orders->admin_socket = value;
                return true;
        case 'n':
                orders->is_dry_run = true;
                return true;
        case 'y':
                orders->is_sure = true;
                return true;
        default:
                return options_take(&orders->options, option, value);
        }
}

struct uatrust_client *change_connect(struct change_orders *orders)
{
        struct uatrust_client *client = options_connect(&orders->options);

        if (client && orders->admin_socket)
                uatrust_client_set_admin_socket(client, orders->admin_socket, NULL);
        return client;
}

struct uatrust_change *change_make(const struct change_orders *orders, bool is_dry_run)
{
        struct uatrust_change *change = uatrust_change_new();

        if (!change) {
                options_complain(&orders->options, VERB_EXIT_SYSTEM, "out of memory");
                return NULL;
        }
        uatrust_change_set_store(change, orders->store);
        uatrust_change_set_list(change, orders->list);
        uatrust_change_set_reason(change, orders->reason);
        uatrust_change_set_dry_run(change, is_dry_run);
        return change;
}

/*
 * Telling.
 */

void change_print_fallen(FILE *file, const struct uatrust_update *update, bool is_dry_run)
{
        const struct uatrust_fallen_peer *peer;
        size_t n = 0;

        for (; (peer = uatrust_update_get_fallen(update, n)); n++) {
                const char *address = uatrust_fallen_peer_get_peer_address(peer);

                if (n >= FALLEN_SHOWN_MAX)
                        continue;
                fputs(is_dry_run ? "  would end a session: " : "  ends a session: ", file);
                output_text(file, uatrust_fallen_peer_get_subject(peer));
                if (address) {
                        fputs(" from ", file);
                        output_text(file, address);
                }
                fprintf(file, " (%s)\n", uatrust_fallen_peer_get_cause(peer));
        }
        if (n > FALLEN_SHOWN_MAX)
                fprintf(file, "  and %zu more\n", n - FALLEN_SHOWN_MAX);
}

/* {"updates":[{...},...],"changed":...}, written as it comes. */
static void print_json(struct run *run, const struct uatrust_update *update)
{
        char *json = update ? uatrust_update_to_json(update) : NULL;

        printf("%s%s", run->n_told++ ? "," : "", json ? json : "{\"changed\":false}");
        free(json);
}

static void print_text(const struct run *run, const char *what, const struct uatrust_update *update)
{
        const char *would = run->orders->is_dry_run ? "would be " : "";
        const struct change_verb *verb = run->verb;
        const char *sha256;

        if (!update || !uatrust_update_is_changed(update)) {
                puts("nothing to change");
                return;
        }
        if (!uatrust_update_get_added(update, 0) && !uatrust_update_get_removed(update, 0))
                printf("%s%s: %s\n", would, verb->done, what);
        for (size_t i = 0; (sha256 = uatrust_update_get_added(update, i)); i++)
                printf("%s%s: %s\n", would, verb->added, sha256);
        for (size_t i = 0; (sha256 = uatrust_update_get_removed(update, i)); i++)
                printf("%s%s: %s\n", would, verb->removed, sha256);
        if (!run->orders->is_dry_run)
                printf("store %s, generation %lld\n", uatrust_update_get_store(update),
                       (long long)uatrust_update_get_generation(update));
        change_print_fallen(stdout, update, run->orders->is_dry_run);
}

/* @update: NULL: it was so before. */
static int tell(struct run *run, const char *what, const struct uatrust_update *update)
{
        run->has_changed |= update && uatrust_update_is_changed(update);
        if (run->orders->options.wants_json)
                print_json(run, update);
        else
                print_text(run, what, update);
        return VERB_EXIT_OK;
}

/*
 * Doing.
 */

/* What was done before is no error. */
static bool is_done(const struct run *run, const char *sha256)
{
        const struct uatrust_certificate *certificate;
        struct uatrust_certificates *certificates;
        bool is_there = false;

        if (!run->verb->goal)
                return true;
        if (uatrust_list_certificates(run->client, run->orders->store, run->verb->goal,
                                      &certificates, NULL))
                return false;

        for (size_t i = 0; (certificate = uatrust_certificates_get_certificate(certificates, i));
             i++)
                is_there |= strcmp(uatrust_certificate_get_sha256(certificate), sha256) == 0;
        uatrust_certificates_free(certificates);
        return is_there;
}

static void tell_progress(const struct run *run)
{
        progress_tell(run->orders->options.progress,
                      run->n_all > 1 ? "changing" : "waiting for the agent", run->n_done,
                      run->n_all);
}

/* Return: an exit code; 0 with *@out, which is NULL where nothing is to be done. */
static int do_it(const struct run *run, change_fn how, const char *what, bool is_dry_run,
                 struct uatrust_update **out)
{
        struct uatrust_error *error = NULL;
        int r;

        tell_progress(run);
        r = how(run->client, is_dry_run ? run->dry_change : run->change, what, out, &error);
        if (r && (r != UATRUST_E_NO_SUCH_CERTIFICATE || how != run->verb->by_thumbprint ||
                  !is_done(run, what)))
                return options_fail(&run->orders->options, error,
                                    uatrust_error_get_code(error) == UATRUST_E_FILE ? NULL : what);

        progress_hide(run->orders->options.progress);
        if (!r)
                return VERB_EXIT_OK;

        uatrust_error_free(error);
        *out = NULL;
        return VERB_EXIT_OK;
}

/*
 * Shows who is meant and what would follow. Return: -1: it is wanted; 0: there is nothing to do; or
 * an exit code.
 */
static int confirm(struct run *run, const struct selection *selection)
{
        struct uatrust_update *update = NULL;
        int code = do_it(run, run->verb->by_thumbprint, selection->sha256, true, &update);

        if (code)
                return code;
        if (!update || !uatrust_update_is_changed(update)) {
                uatrust_update_free(update);
                return tell(run, selection->sha256, NULL);
        }

        select_print(selection);
        change_print_fallen(stderr, update, true);
        uatrust_update_free(update);
        code = select_ask(&run->orders->options, run->verb->question);
        return code ? code : -1;
}

static int change_thumbprint(struct run *run, const char *what)
{
        const struct change_orders *orders = run->orders;
        const struct select_place place = { &orders->options, run->client, orders->store,
                                            run->verb->from };
        struct selection selection = { .sha256 = "" };
        struct uatrust_update *update = NULL;
        int code = select_find(&place, what, &selection);

        if (code)
                return code;

        code = -1;
        if (!orders->is_dry_run && select_must_ask(orders->is_sure))
                code = confirm(run, &selection);
        else if (!orders->is_dry_run && select_may_pass(&orders->options, what))
                code = VERB_EXIT_USAGE;
        free(selection.line);
        if (code >= 0)
                return code;

        code = do_it(run, run->verb->by_thumbprint, selection.sha256, orders->is_dry_run, &update);
        if (!code)
                code = tell(run, selection.sha256, update);
        uatrust_update_free(update);
        return code;
}

/* A file stands for the thumbprint of the one certificate in it. */
static int read_thumbprint(const struct run *run, const char *file, char out[SELECT_WHOLE + 1])
{
        const char *const words[] = { "collect", "--", file, NULL };
        struct parcel parcel = { .items = NULL };
        struct own own;
        bool is_whole;
        int code = own_open(&run->orders->options, words, OWN_READ, &own);

        if (code)
                return code;

        is_whole = parcel_read(own.file, &parcel);
        code = own_close(&own);
        if (!code && !is_whole)
                code = options_complain(&run->orders->options, VERB_EXIT_SYSTEM, "out of memory");
        else if (!code && parcel_count(&parcel, PARCEL_TRUSTED_CERTIFICATES) != 1)
                code = options_complain(&run->orders->options, VERB_EXIT_NO_INPUT,
                                        "%s: it does not hold one certificate", file);
        for (size_t i = 0; i < parcel.n && !code; i++)
                if (parcel.items[i].kind == PARCEL_TRUSTED_CERTIFICATES)
                        snprintf(out, SELECT_WHOLE + 1, "%s", parcel.items[i].sha256);
        parcel_deinit(&parcel);
        return code;
}

static int change_file(struct run *run, const char *file)
{
        char sha256[SELECT_WHOLE + 1];
        struct uatrust_update *update = NULL;
        int code;

        if (!run->verb->by_file) {
                code = read_thumbprint(run, file, sha256);
                return code ? code : change_thumbprint(run, sha256);
        }

        code = do_it(run, run->verb->by_file, file, run->orders->is_dry_run, &update);
        if (!code)
                code = tell(run, file, update);
        uatrust_update_free(update);
        return code;
}

static int change_all(struct run *run, char **whats)
{
        size_t n = run->n_all;
        bool wants_json = run->orders->options.wants_json;
        int code = VERB_EXIT_OK;

        if (wants_json)
                fputs("{\"updates\":[", stdout);
        for (size_t i = 0; i < n && !code; run->n_done = ++i)
                code = select_is_thumbprint(whats[i]) ? change_thumbprint(run, whats[i])
                                                      : change_file(run, whats[i]);
        if (wants_json)
                printf("%s\"changed\":%s}\n", code ? "," : "],",
                       run->has_changed ? "true" : "false");
        return code;
}

int change_carry_out(const struct change_verb *verb, struct change_orders *orders, char **whats,
                     int n)
{
        struct run run = { .verb = verb, .orders = orders, .n_all = (size_t)n };
        int code = VERB_EXIT_SYSTEM;

        for (int i = 0; i < n; i++)
                if (!select_is_thumbprint(whats[i]) && access(whats[i], F_OK) < 0 &&
                    (!verb->by_file || select_may_be_meant_so(whats[i])))
                        return options_usage(
                                &orders->options,
                                "\"%s\" is no file, and no thumbprint of %d to %d hex digits",
                                whats[i], SELECT_SHORT_MIN, SELECT_WHOLE);

        run.client = change_connect(orders);
        run.change = run.client ? change_make(orders, orders->is_dry_run) : NULL;
        run.dry_change = run.change ? change_make(orders, true) : NULL;
        if (run.dry_change) {
                orders->options.error_begin = "],";
                orders->options.error_end = "";
                code = change_all(&run, whats);
        }

        uatrust_change_free(run.dry_change);
        uatrust_change_free(run.change);
        options_disconnect(&orders->options, run.client);
        return code;
}
