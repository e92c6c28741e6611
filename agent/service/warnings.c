/* SPDX-License-Identifier: Apache-2.0 */
#include "service/warnings.h"

#include "base/vec.h"
#include "engine/freshness.h"
#include "engine/moment.h"
#include "pki/cert.h"
#include "pki/crl.h"
#include "proto/hex.h"
#include "proto/message_peers.h"
#include "proto/names.h"
#include "service/catalog.h"
#include "service/host_clock.h"
#include "service/notices.h"
#include "service/stores.h"
#include "trust/snapshot.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* In order of how many a store can have, so that the few come before the many. */
enum kind {
        KIND_CLOCK,
        KIND_LISTS,
        KIND_CRL_MISSING,
        KIND_CRL_DAMAGED,
        KIND_CRL_EARLY,
        KIND_CRL_OUT_OF_DATE,
        KIND_CRL_SOON,
        KIND_CERT_EXPIRED,
        KIND_CERT_SOON,
};

static const struct {
        const char *name;
        enum catalog_id id;
        const char *before, *after; /* what the name of the CA or certificate stands between */
        bool has_time;              /* of until_s, behind that */
} KINDS[] = {
        [KIND_CLOCK] = { NAMES_WARNING_CLOCK_NOT_PLAUSIBLE, CATALOG_CLOCK_NOT_PLAUSIBLE,
                         "the clock stands wrong: it is no earlier than", "", true },
        [KIND_LISTS] = { NAMES_WARNING_TRUST_LIST_OUT_OF_DATE, CATALOG_TRUST_LIST_OUT_OF_DATE,
                         "the trust list should have been updated by", "", true },
        [KIND_CRL_MISSING] = { NAMES_WARNING_CRL_MISSING, CATALOG_CRL_MISSING,
                               "there is no CRL of ", "", false },
        [KIND_CRL_DAMAGED] = { NAMES_WARNING_CRL_DAMAGED, CATALOG_CRL_DAMAGED, "the CRL of ",
                               " cannot be used", false },
        [KIND_CRL_EARLY] = { NAMES_WARNING_CRL_NOT_YET_VALID, CATALOG_CRL_NOT_YET_VALID,
                             "the CRL of ", " is not valid yet", false },
        [KIND_CRL_OUT_OF_DATE] = { NAMES_WARNING_CRL_OUT_OF_DATE, CATALOG_CRL_OUT_OF_DATE,
                                   "the CRL of ", " is out of date since", true },
        [KIND_CRL_SOON] = { NAMES_WARNING_CRL_SOON_OUT_OF_DATE, CATALOG_CRL_SOON_OUT_OF_DATE,
                            "the CRL of ", " will be out of date after", true },
        [KIND_CERT_EXPIRED] = { NAMES_WARNING_CERTIFICATE_EXPIRED, CATALOG_CERTIFICATE_EXPIRED, "",
                                " expired at", true },
        [KIND_CERT_SOON] = { NAMES_WARNING_CERTIFICATE_SOON_EXPIRED,
                             CATALOG_CERTIFICATE_SOON_EXPIRED, "", " will expire after", true },
};

/* What stands about a store. */
struct item {
        enum kind kind;
        enum role role; /* ROLE_N: of no certificate */
        uint8_t sha256[32];
        int64_t until_s;            /* FRESHNESS_NEVER_S: there is no such second */
        const struct name *subject; /* borrowed from the picture while it is looked at; then NULL */
};

struct items {
        VEC(struct item) list; /* in order of compare_items() */
};

struct watched {
        size_t store;
        bool has_picture;
        int64_t due_s;
        struct items standing;
};

struct warnings {
        struct warnings_config config;
        VEC(struct watched) watched;
        bool is_clock_told;
        int64_t clock_due_s;
};

/*
 * -- life ---------------------------------------------------------------------------------------
 */

int warnings_new(const struct warnings_config *config, struct warnings **out)
{
        struct warnings *warnings = calloc(1, sizeof(*warnings));

        if (!warnings)
                return -ENOMEM;

        warnings->config = *config;
        warnings->clock_due_s = config->clock->now_s();
        *out = warnings;
        return 0;
}

struct warnings *warnings_free(struct warnings *warnings)
{
        if (!warnings)
                return NULL;

        for (size_t i = 0; i < warnings->watched.n; i++)
                VEC_FREE(&warnings->watched.items[i].standing.list);
        VEC_FREE(&warnings->watched);
        free(warnings);
        return NULL;
}

/*
 * -- telling ------------------------------------------------------------------------------------
 */

/* The sentence for people. Return: 0 or -ENOMEM. */
static int write_message(const struct item *item, const char *subject, char **out)
{
        char text[MOMENT_TEXT_MAX] = "";
        int n;

        if (KINDS[item->kind].has_time)
                moment_text(item->until_s, text);
        n = asprintf(out, "%s%s%s%s%s", KINDS[item->kind].before, subject, KINDS[item->kind].after,
                     text[0] ? " " : "", text);
        if (n >= 0)
                return 0;
        *out = NULL;
        return -ENOMEM;
}

/* The fields that say which warning it is; those texts are not to be freed. */
static void identify(const struct warnings *warnings, const struct store_state *state,
                     const struct item *item, struct message_warning *out)
{
        schema_init(&message_warning_schema, out);
        out->kind = (char *)KINDS[item->kind].name;
        out->store = state ? state->name : (char *)"";
        out->generation = state ? state->generation : 0;
        out->time = warnings->config.clock->now_s();
        if (item->role != ROLE_N)
                out->list = (char *)role_name(item->role);
}

static int tell(const struct warnings *warnings, const struct store_state *state,
                const struct item *item, bool is_over)
{
        CLEANUP(freep) char *subject = NULL;
        CLEANUP(freep) char *message = NULL;
        struct message_warning warning;
        char sha256[65];
        int r = 0;

        identify(warnings, state, item, &warning);
        hex_encode(item->sha256, sizeof(item->sha256), sha256);
        if (item->role != ROLE_N)
                warning.sha256 = sha256;
        warning.is_over = is_over;
        if (is_over)
                return notices_warning(warnings->config.notices, &warning);

        if (item->subject)
                r = name_text(item->subject, &subject);
        if (!r)
                r = write_message(item, subject ? subject : "", &message);
        if (r)
                return r;

        warning.message = message;
        warning.subject = subject;
        if (item->until_s != FRESHNESS_NEVER_S)
                warning.until = item->until_s;
        return notices_warning(warnings->config.notices, &warning);
}

static void write_log(const struct warnings *warnings, const struct store_state *state,
                      const struct item *item)
{
        CLEANUP(freep) char *subject = NULL;
        CLEANUP(freep) char *message = NULL;
        char sha256[65] = "";

        if (item->subject && name_text(item->subject, &subject))
                return;
        if (item->role != ROLE_N)
                hex_encode(item->sha256, sizeof(item->sha256), sha256);
        if (!write_message(item, subject ? subject : "", &message))
                catalog_tell(warnings->config.log, KINDS[item->kind].id,
                             &(struct catalog_about){ .store = state ? state->name : NULL,
                                                      .subject = subject,
                                                      .sha256 = *sha256 ? sha256 : NULL },
                             "%s", message);
}

/*
 * -- what stands --------------------------------------------------------------------------------
 */

static int compare_items(const void *pa, const void *pb)
{
        const struct item *a = pa, *b = pb;

        if (a->kind != b->kind)
                return a->kind < b->kind ? -1 : 1;
        if (a->role != b->role)
                return a->role < b->role ? -1 : 1;
        return memcmp(a->sha256, b->sha256, sizeof(a->sha256));
}

static int add_item(struct items *items, enum kind kind, const struct snapshot_cert *cert,
                    int64_t until_s)
{
        struct item item = {
                .kind = kind,
                .role = cert ? freshness_role(cert) : ROLE_N,
                .until_s = until_s,
                .subject = cert ? &cert->cert->subject : NULL,
        };

        if (cert)
                memcpy(item.sha256, cert->cert->sha256, sizeof(item.sha256));
        return VEC_PUSH(&items->list, item);
}

/* Return: false: there is nothing to warn of. */
static bool kind_of(const struct freshness_authority *authority, enum kind *out)
{
        if (authority->revocation == SETTINGS_REVOCATION_OFF)
                return false;

        switch (authority->state) {
        case FRESHNESS_CURRENT:
                return false;
        case FRESHNESS_SOON_OUT_OF_DATE:
                *out = KIND_CRL_SOON;
                return true;
        case FRESHNESS_OUT_OF_DATE:
                *out = KIND_CRL_OUT_OF_DATE;
                return true;
        case FRESHNESS_NOT_YET_VALID:
                *out = KIND_CRL_EARLY;
                return true;
        case FRESHNESS_DAMAGED:
                *out = KIND_CRL_DAMAGED;
                return true;
        case FRESHNESS_MISSING:
                *out = KIND_CRL_MISSING;
                return authority->revocation == SETTINGS_REVOCATION_REQUIRED;
        }
        return false;
}

static int gather(const struct freshness *freshness, const struct store_state *state,
                  struct items *out)
{
        int r = 0;

        if (freshness->is_out_of_date)
                r = add_item(out, KIND_LISTS, NULL,
                             state->last_update_s + state->snap->settings->update_frequency_s);

        for (size_t i = 0; i < freshness->authorities.n && !r; i++) {
                const struct freshness_authority *authority = &freshness->authorities.items[i];
                enum kind kind;

                if (kind_of(authority, &kind))
                        r = add_item(out, kind, authority->ca, authority->last_s);
        }
        for (size_t i = 0; i < freshness->expiries.n && !r; i++) {
                const struct freshness_expiry *expiry = &freshness->expiries.items[i];

                r = add_item(out, expiry->is_expired ? KIND_CERT_EXPIRED : KIND_CERT_SOON,
                             expiry->cert, expiry->cert->cert->not_after_s);
        }

        if (out->list.n > 1)
                qsort(out->list.items, out->list.n, sizeof(*out->list.items), compare_items);
        if (out->list.n > WARNINGS_STORE_MAX)
                out->list.n = WARNINGS_STORE_MAX;
        return r;
}

/* Return: is it in @items as it is? */
static bool has_item(const struct items *items, const struct item *item, bool whatever_until)
{
        const struct item *found = NULL;

        if (items->list.n > 0)
                found = bsearch(item, items->list.items, items->list.n, sizeof(*item),
                                compare_items);
        return found && (whatever_until || found->until_s == item->until_s);
}

/*
 * What is new first, then what is over: a listener that counts sees no moment without a warning.
 * Saying one again does no harm, so a failure in the middle needs no undoing.
 */
static int tell_difference(const struct warnings *warnings, const struct store_state *state,
                           const struct items *before, const struct items *now)
{
        size_t n_new = 0;
        int r = 0;

        for (size_t i = 0; i < now->list.n && !r; i++) {
                const struct item *item = &now->list.items[i];

                if (has_item(before, item, false))
                        continue;
                r = tell(warnings, state, item, false);
                if (!r && n_new++ < WARNINGS_LINES_MAX)
                        write_log(warnings, state, item);
        }
        if (n_new > WARNINGS_LINES_MAX)
                catalog_tell(warnings->config.log, CATALOG_MORE_WARNINGS,
                             CATALOG_STORE(state->name), "%zu more warnings",
                             n_new - WARNINGS_LINES_MAX);

        for (size_t i = 0; i < before->list.n && !r; i++)
                if (!has_item(now, &before->list.items[i], true))
                        r = tell(warnings, state, &before->list.items[i], true);
        return r;
}

static void replace(struct items *standing, struct items *now)
{
        VEC_FREE(&standing->list);
        *standing = *now;
        for (size_t i = 0; i < standing->list.n; i++)
                standing->list.items[i].subject = NULL;
}

/*
 * -- looking ------------------------------------------------------------------------------------
 */

static int look_at_clock(struct warnings *warnings)
{
        const struct host_clock *clock = warnings->config.clock;
        bool is_wrong = !host_clock_is_plausible(clock);
        struct item item = { .kind = KIND_CLOCK, .role = ROLE_N, .until_s = clock->at_least_s };
        int r = 0;

        if (is_wrong != warnings->is_clock_told)
                r = tell(warnings, NULL, &item, !is_wrong);
        if (r)
                return r;

        if (is_wrong && !warnings->is_clock_told)
                write_log(warnings, NULL, &item);
        warnings->is_clock_told = is_wrong;
        warnings->clock_due_s = is_wrong ? clock->at_least_s : WARNINGS_NEVER_S;
        return 0;
}

/* A store that cannot be read keeps the warnings that it had: nothing else is known of it. */
static int look_at_store(const struct warnings *warnings, struct watched *watched)
{
        struct host_clock *clock = warnings->config.clock;
        struct store_state *state = stores_at(warnings->config.stores, watched->store);
        struct freshness freshness = { .is_out_of_date = false };
        struct items now = { VEC_NULL };
        int r;

        watched->due_s = WARNINGS_NEVER_S;
        if (!state->snap)
                return 0;

        host_clock_learn(clock, freshness_newest_crl_s(state->snap, clock->now_s()));
        r = freshness_read(state->snap,
                           &(struct freshness_terms){ .now_s = host_clock_later_s(clock),
                                                      .last_update_s = state->last_update_s },
                           &freshness);
        if (!r)
                r = gather(&freshness, state, &now);
        if (!r) { /* before anybody is told, who may then look at the store */
                state->soonest_s = freshness.soonest_s;
                state->n_problems = now.list.n;
                r = tell_difference(warnings, state, &watched->standing, &now);
        }
        if (!r) {
                watched->due_s = freshness.next_s;
                replace(&watched->standing, &now);
        } else {
                VEC_FREE(&now.list);
        }
        freshness_deinit(&freshness);
        return r;
}

void warnings_run(struct warnings *warnings)
{
        int64_t now_s = warnings->config.clock->now_s();

        for (size_t i = 0; i < warnings->watched.n; i++) {
                struct watched *watched = &warnings->watched.items[i];

                if (watched->due_s <= now_s && look_at_store(warnings, watched))
                        watched->due_s = now_s + 1;
        }
        if (warnings->clock_due_s <= now_s && look_at_clock(warnings))
                warnings->clock_due_s = now_s + 1;
}

/*
 * -- when ---------------------------------------------------------------------------------------
 */

static struct watched *find(const struct warnings *warnings, size_t store)
{
        for (size_t i = 0; i < warnings->watched.n; i++)
                if (warnings->watched.items[i].store == store)
                        return &warnings->watched.items[i];
        return NULL;
}

int warnings_add(struct warnings *warnings, size_t store)
{
        struct watched watched = { .store = store, .due_s = WARNINGS_NEVER_S };

        return VEC_PUSH(&warnings->watched, watched);
}

/* The first picture is looked at now. */
void warnings_note(struct warnings *warnings, size_t store)
{
        struct watched *watched = find(warnings, store);
        int64_t due_s = warnings->config.clock->now_s() + (watched->has_picture ? 1 : 0);

        watched->has_picture = true;
        if (watched->due_s > due_s)
                watched->due_s = due_s;
}

void warnings_note_step(struct warnings *warnings)
{
        warnings->clock_due_s = warnings->config.clock->now_s();
        for (size_t i = 0; i < warnings->watched.n; i++)
                warnings->watched.items[i].due_s = warnings->clock_due_s;
}

void warnings_forget(struct warnings *warnings, size_t store)
{
        static const struct items NONE;
        struct watched *watched = find(warnings, store);

        tell_difference(warnings, stores_at(warnings->config.stores, store), &watched->standing,
                        &NONE);
        VEC_FREE(&watched->standing.list);
        *watched = warnings->watched.items[--warnings->watched.n];
}

int64_t warnings_due_s(const struct warnings *warnings)
{
        int64_t due_s = warnings->clock_due_s;

        for (size_t i = 0; i < warnings->watched.n; i++)
                if (warnings->watched.items[i].due_s < due_s)
                        due_s = warnings->watched.items[i].due_s;
        return due_s;
}
