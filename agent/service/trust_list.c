/* SPDX-License-Identifier: Apache-2.0 */
#include "service/trust_list.h"

#include "pki/cert.h"
#include "pki/crl.h"
#include "proto/hex.h"
#include "proto/message_trust.h"
#include "proto/names.h"
#include "service/pages.h"
#include "store/read.h"
#include "trust/entry.h"
#include "trust/snapshot.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHA256_DIGITS 64
#define PAGE_FULL     100 /* of the adders below: the rest is for the next page */

/* A page as it is being filled. */
struct page {
        const struct snapshot *snap;
        const struct sources *sources;
        struct message_read_trust_list_reply *out;
        size_t n_rows_left, n_bytes_left;
        enum update_list last_part; /* the last row; none if last is NULL */
        const uint8_t *last;
        const char *path; /* see trust_list_gather() */
};

/* One list of the page. */
struct sheet {
        struct schema_bytes *items;
        size_t *n;
        char **large; /* NULL: of certificates */
        size_t *n_large;
};

/* -- what is asked ------------------------------------------------------------------------------ */

static bool read_cursor(const char *text, struct trust_list_query *out)
{
        const char *slash = strchr(text, '/');
        char name[32];

        if (!slash || (size_t)(slash - text) >= sizeof(name) || strlen(slash + 1) != SHA256_DIGITS)
                return false;

        snprintf(name, sizeof(name), "%.*s", (int)(slash - text), text);
        out->has_cursor = true;
        return update_list_find(name, &out->after) &&
               hex_decode(slash + 1, SHA256_DIGITS, out->sha256) == 0;
}

int trust_list_read_query(const struct message_read_trust_list *in, struct trust_list_query *out)
{
        enum update_list part;

        *out = (struct trust_list_query){ .n_page = pages_length(in->limit) };
        for (size_t i = 0; i < in->n_lists; i++) {
                if (!update_list_find(in->lists[i], &part))
                        return TRUST_LIST_E_NO_LIST;
                out->parts |= 1u << part;
        }
        if (!in->lists)
                out->parts = (1u << UPDATE_LIST_N) - 1;

        if (out->n_page == 0)
                return TRUST_LIST_E_NO_PAGE;
        return !in->after || read_cursor(in->after, out) ? 0 : TRUST_LIST_E_NO_CURSOR;
}

/* -- the page ----------------------------------------------------------------------------------- */

static struct sheet get_sheet(struct message_read_trust_list_reply *out, enum update_list part)
{
        switch (part) {
        case UPDATE_TRUSTED_CERTS:
                return (struct sheet){ .items = out->trusted_certificates,
                                       .n = &out->n_trusted_certificates };
        case UPDATE_TRUSTED_CRLS:
                return (struct sheet){ out->trusted_crls, &out->n_trusted_crls,
                                       out->large_trusted_crls, &out->n_large_trusted_crls };
        case UPDATE_ISSUER_CERTS:
                return (struct sheet){ .items = out->issuer_certificates,
                                       .n = &out->n_issuer_certificates };
        case UPDATE_ISSUER_CRLS:
        case UPDATE_LIST_N:
                break;
        }
        return (struct sheet){ out->issuer_crls, &out->n_issuer_crls, out->large_issuer_crls,
                               &out->n_large_issuer_crls };
}

static int make_room(struct message_read_trust_list_reply *out, size_t n)
{
        out->trusted_certificates = calloc(n, sizeof(*out->trusted_certificates));
        out->trusted_crls = calloc(n, sizeof(*out->trusted_crls));
        out->issuer_certificates = calloc(n, sizeof(*out->issuer_certificates));
        out->issuer_crls = calloc(n, sizeof(*out->issuer_crls));
        out->large_trusted_crls = calloc(n, sizeof(*out->large_trusted_crls));
        out->large_issuer_crls = calloc(n, sizeof(*out->large_issuer_crls));
        return out->trusted_certificates && out->trusted_crls && out->issuer_certificates &&
                               out->issuer_crls && out->large_trusted_crls && out->large_issuer_crls
                       ? 0
                       : -ENOMEM;
}

/* Is there room for one row more, of so many bytes? Then it is taken. For the first there is. */
static bool take_room(struct page *page, enum update_list part, const uint8_t sha256[32],
                      size_t n_bytes)
{
        if (page->n_rows_left == 0 || (page->last && n_bytes > page->n_bytes_left))
                return false;

        page->n_rows_left--;
        page->n_bytes_left -= n_bytes < page->n_bytes_left ? n_bytes : page->n_bytes_left;
        page->last_part = part;
        page->last = sha256;
        return true;
}

static int add_cert(struct page *page, enum update_list part, const struct cert *cert)
{
        struct sheet sheet = get_sheet(page->out, part);
        struct schema_bytes *item = &sheet.items[*sheet.n];

        if (!take_room(page, part, cert->sha256, cert->n_der))
                return PAGE_FULL;

        item->data = malloc(cert->n_der);
        if (!item->data)
                return -ENOMEM;
        memcpy(item->data, cert->der, cert->n_der);
        item->n = cert->n_der;
        (*sheet.n)++;
        return 0;
}

static int add_certs(struct page *page, enum update_list part, const uint8_t *after)
{
        int r = 0;

        for (size_t i = 0; i < page->snap->n_certs && !r; i++) {
                const struct snapshot_cert *cert = &page->snap->certs[i];

                if (!(cert->roles >> update_list_role(part) & 1))
                        continue;
                if (after && memcmp(cert->cert->sha256, after, sizeof(cert->cert->sha256)) <= 0)
                        continue;
                r = add_cert(page, part, cert->cert);
        }
        return r;
}

static int name_large(struct page *page, enum update_list part, const struct crl *crl)
{
        struct sheet sheet = get_sheet(page->out, part);
        char *text;

        if (!take_room(page, part, crl->sha256, 0))
                return PAGE_FULL;

        text = malloc(SHA256_DIGITS + 1);
        if (!text)
                return -ENOMEM;
        hex_encode(crl->sha256, sizeof(crl->sha256), text);
        sheet.large[(*sheet.n_large)++] = text;
        return 0;
}

static int add_crl(struct page *page, enum update_list part, const struct snapshot_crl *crl)
{
        struct sheet sheet = get_sheet(page->out, part);
        struct schema_bytes *item = &sheet.items[*sheet.n];
        int r;

        if (crl->crl->n_der > NAMES_PART_MAX_BYTES)
                return name_large(page, part, crl->crl);
        if (!take_room(page, part, crl->crl->sha256, crl->crl->n_der))
                return PAGE_FULL;

        r = page->sources ? read_crl(page->sources, crl, &item->data, &item->n) : READ_E_CHANGED;
        if (r == READ_E_CHANGED) {
                page->path = crl->entries[0]->origin;
                return TRUST_LIST_E_CHANGED;
        }
        if (!r)
                (*sheet.n)++;
        return r;
}

/* What could not be written back is not read: a list with it would be refused. */
static bool counts(const struct snapshot_crl *crl)
{
        return crl->state == SNAPSHOT_CRL_NEWEST;
}

static bool lies_in(const struct snapshot_crl *crl, enum role role)
{
        for (size_t i = 0; i < crl->n_entries; i++)
                if (crl->entries[i]->role == role && !crl->entries[i]->is_last_good)
                        return true;
        return false;
}

static int add_crls(struct page *page, enum update_list part, const uint8_t *after)
{
        const struct snapshot *snap = page->snap;
        const struct snapshot_crl *last = after ? trust_list_find_crl(snap, after) : NULL;
        int r = 0;

        if (after && !last)
                return TRUST_LIST_E_NO_CURSOR;

        for (size_t i = last ? (size_t)(last - snap->crls) + 1 : 0; i < snap->n_crls && !r; i++)
                if (counts(&snap->crls[i]) && lies_in(&snap->crls[i], update_list_role(part)))
                        r = add_crl(page, part, &snap->crls[i]);
        return r;
}

static int write_next(const struct page *page)
{
        char sha256[SHA256_DIGITS + 1];

        hex_encode(page->last, SHA256_DIGITS / 2, sha256);
        if (asprintf(&page->out->next, "%s/%s", update_list_name(page->last_part), sha256) < 0) {
                page->out->next = NULL;
                return -ENOMEM;
        }
        return 0;
}

int trust_list_gather(const struct snapshot *snap, const struct sources *sources,
                      const struct trust_list_query *query,
                      struct message_read_trust_list_reply *out, const char **out_path)
{
        struct page page = { .snap = snap,
                             .sources = sources,
                             .out = out,
                             .n_rows_left = query->n_page,
                             .n_bytes_left = NAMES_PART_MAX_BYTES };
        int r;

        r = make_room(out, query->n_page);
        for (int i = query->has_cursor ? (int)query->after : 0; i < UPDATE_LIST_N && !r; i++) {
                enum update_list part = (enum update_list)i;
                const uint8_t *after =
                        query->has_cursor && part == query->after ? query->sha256 : NULL;

                if (query->parts >> part & 1)
                        r = update_list_is_crls(part) ? add_crls(&page, part, after)
                                                      : add_certs(&page, part, after);
        }
        *out_path = page.path;
        return r == PAGE_FULL ? write_next(&page) : r;
}

const struct snapshot_crl *trust_list_find_crl(const struct snapshot *snap,
                                               const uint8_t sha256[32])
{
        for (size_t i = 0; i < snap->n_crls; i++)
                if (memcmp(snap->crls[i].crl->sha256, sha256, 32) == 0)
                        return &snap->crls[i];
        return NULL;
}
