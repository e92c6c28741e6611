/* SPDX-License-Identifier: Apache-2.0 */
#include "service/lists.h"

#include "pki/cert.h"
#include "pki/crl.h"
#include "proto/hex.h"
#include "proto/names.h"
#include "service/access.h"
#include "service/pages.h"
#include "service/report.h"
#include "service/stores.h"
#include "trust/entry.h"
#include "trust/snapshot.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHA256_DIGITS 64

static int copy_text(char **out, const char *text)
{
        *out = strdup(text);
        return *out ? 0 : -ENOMEM;
}

/* -- stores ------------------------------------------------------------------------------------- */

void lists_stores(const struct stores *stores, const char *agent_id,
                  const struct service_call *call)
{
        struct message_list_stores_reply out;
        int r;

        schema_init(&message_list_stores_reply_schema, &out);
        r = copy_text(&out.agent_id, agent_id);
        out.stores = calloc(stores->states.n + 1, sizeof(*out.stores));
        if (!out.stores)
                r = -ENOMEM;

        for (size_t i = 0; i < stores->states.n && !r; i++)
                if (access_may_read(call->caller, stores->states.items[i]->access))
                        r = report_store(stores->states.items[i], &out.stores[out.n_stores++]);
        pages_answer(call, &message_list_stores_reply_schema, &out, r);
}

/* -- certificates ------------------------------------------------------------------------------- */

/*
 * All rows of a store in one order: the lists one after another, each by SHA-256, then the broken
 * files. A cursor is "LIST/SHA256" or "broken/ORIGIN".
 */
struct cursor {
        int role; /* ROLE_N: among the broken files */
        uint8_t sha256[32];
        bool has_sha256;
        const char *origin;
};

#define CURSOR_BROKEN "broken/"

static bool read_cursor(const char *text, struct cursor *out)
{
        enum role role;
        const char *slash;
        char list[16];

        *out = (struct cursor){ .role = 0 };
        if (!text)
                return true;

        if (strncmp(text, CURSOR_BROKEN, strlen(CURSOR_BROKEN)) == 0) {
                *out = (struct cursor){ .role = ROLE_N, .origin = text + strlen(CURSOR_BROKEN) };
                return true;
        }

        slash = strchr(text, '/');
        if (!slash || (size_t)(slash - text) >= sizeof(list) || strlen(slash + 1) != SHA256_DIGITS)
                return false;
        snprintf(list, sizeof(list), "%.*s", (int)(slash - text), text);
        if (!role_find(list, &role) || hex_decode(slash + 1, SHA256_DIGITS, out->sha256) != 0)
                return false;

        out->role = role;
        out->has_sha256 = true;
        return true;
}

static int write_cursor(const struct message_list_certificates_reply *page, char **out)
{
        int n;

        if (page->n_broken > 0) {
                const struct message_broken_file *last = &page->broken[page->n_broken - 1];

                n = asprintf(out, CURSOR_BROKEN "%s", last->origin);
        } else {
                const struct message_certificate *last =
                        &page->certificates[page->n_certificates - 1];

                n = asprintf(out, "%s/%s", last->list, last->sha256);
        }
        if (n < 0) {
                *out = NULL;
                return -ENOMEM;
        }
        return 0;
}

static bool is_listed(const struct snapshot_cert *cert, int role, const struct cursor *after)
{
        if (!(cert->roles >> role & 1))
                return false;
        return !after->has_sha256 || role != after->role ||
               memcmp(cert->cert->sha256, after->sha256, sizeof(after->sha256)) > 0;
}

/* Return: 1 if the page was full before the end, 0, or -ENOMEM. */
static int add_certificates(const struct snapshot *snap, int role, const struct cursor *after,
                            size_t n_page, struct message_list_certificates_reply *out)
{
        int r = 0;

        for (size_t i = 0; i < snap->n_certs && !r; i++) {
                if (!is_listed(&snap->certs[i], role, after))
                        continue;
                if (out->n_certificates == n_page)
                        return 1;
                r = report_certificate(&snap->certs[i], role,
                                       &out->certificates[out->n_certificates++]);
        }
        return r;
}

/* Broken files stand in the order of role and origin; a cursor's origin holds its role. */
static int add_broken(const struct snapshot *snap, int only_role, const struct cursor *after,
                      size_t n_page, struct message_list_certificates_reply *out)
{
        bool is_past = !after->origin;
        int r = 0;

        for (size_t i = snap->n_entries - snap->n_broken; i < snap->n_entries && !r; i++) {
                const struct entry *entry = snap->entries[i];

                if (!is_past) {
                        is_past = strcmp(entry->origin, after->origin) == 0;
                        continue;
                }
                if (only_role != ROLE_N && (int)entry->role != only_role)
                        continue;
                if (out->n_certificates + out->n_broken == n_page)
                        return 1;
                r = report_broken(entry, &out->broken[out->n_broken++]);
        }
        return r;
}

static int gather(const struct snapshot *snap, int only_role, const struct cursor *after,
                  size_t n_page, struct message_list_certificates_reply *out)
{
        int r = 0;

        out->certificates = calloc(n_page, sizeof(*out->certificates));
        out->broken = calloc(n_page, sizeof(*out->broken));
        if (!out->certificates || !out->broken)
                return -ENOMEM;

        for (int role = after->role; role < ROLE_N && !r; role++)
                if (only_role == ROLE_N || only_role == role)
                        r = add_certificates(snap, role, after, n_page, out);
        if (!r)
                r = add_broken(snap, only_role, after, n_page, out);
        return r > 0 ? write_cursor(out, &out->next) : r;
}

void lists_certificates(const struct store_state *state, const char *agent_id,
                        const struct service_call *call)
{
        const struct message_list_certificates *in = call->in;
        struct message_list_certificates_reply out;
        size_t n_page;
        enum role role = ROLE_N;
        struct cursor after;
        int r;

        if (in->list && !role_find(in->list, &role)) {
                service_call_refuse(call, STATUS_E_BAD_REQUEST, "list",
                                    "is not trusted, issuers, own, rejected or blocked");
                return;
        }
        if (!pages_begin(call, in->limit, read_cursor(in->after, &after), &n_page))
                return;

        schema_init(&message_list_certificates_reply_schema, &out);
        out.generation = state->generation;
        r = copy_text(&out.store, state->name);
        if (!r)
                r = copy_text(&out.agent_id, agent_id);
        if (!r)
                r = gather(state->snap, role, &after, n_page, &out);
        pages_answer(call, &message_list_certificates_reply_schema, &out, r);
}

/*
 * -- CRLs
 * ------------------------------------------------------------------------------------------
 */

/* The index behind the CRL of that SHA-256; n_crls + 1: there is none. */
static size_t find_after(const struct snapshot *snap, const char *after)
{
        uint8_t sha256[32];

        if (!after)
                return 0;
        if (strlen(after) != SHA256_DIGITS || hex_decode(after, SHA256_DIGITS, sha256) != 0)
                return snap->n_crls + 1;

        for (size_t i = 0; i < snap->n_crls; i++)
                if (memcmp(snap->crls[i].crl->sha256, sha256, sizeof(sha256)) == 0)
                        return i + 1;
        return snap->n_crls + 1;
}

void lists_crls(const struct store_state *state, const char *agent_id, int64_t now_s,
                const struct service_call *call)
{
        const struct message_list_crls *in = call->in;
        const struct snapshot *snap = state->snap;
        struct message_list_crls_reply out;
        size_t at = find_after(snap, in->after), n_page;
        int r;

        if (!pages_begin(call, in->limit, at <= snap->n_crls, &n_page))
                return;

        schema_init(&message_list_crls_reply_schema, &out);
        out.generation = state->generation;
        r = copy_text(&out.store, state->name);
        if (!r)
                r = copy_text(&out.agent_id, agent_id);
        out.crls = calloc(n_page, sizeof(*out.crls));
        if (!out.crls)
                r = -ENOMEM;

        for (; at < snap->n_crls && out.n_crls < n_page && !r; at++)
                r = report_crl(&snap->crls[at], snap->settings, now_s, &out.crls[out.n_crls++]);
        if (!r && at < snap->n_crls)
                r = copy_text(&out.next, out.crls[out.n_crls - 1].sha256);
        pages_answer(call, &message_list_crls_reply_schema, &out, r);
}
