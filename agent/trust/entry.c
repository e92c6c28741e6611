/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/entry.h"

#include "pki/cert.h"
#include "pki/crl.h"
#include "trust/block.h"

#include <errno.h>
#include <string.h>

static int make_entry(enum entry_kind kind, enum role role, const char *origin, struct entry **out)
{
        CLEANUP(entry_unrefp) struct entry *entry = calloc(1, sizeof(*entry));

        if (!entry)
                return -ENOMEM;

        *entry = (struct entry){ .ref = REF_INIT, .kind = kind, .role = role };
        entry->origin = strdup(origin);
        if (!entry->origin)
                return -ENOMEM;

        *out = TAKE(entry);
        return 0;
}

int entry_new_cert(enum role role, const char *origin, const struct cert *cert, struct entry **out)
{
        int r = make_entry(ENTRY_CERT, role, origin, out);

        if (!r)
                (*out)->cert = cert_ref(cert);
        return r;
}

int entry_new_crl(enum role role, const char *origin, const struct crl *crl, bool is_last_good,
                  struct entry **out)
{
        int r = make_entry(ENTRY_CRL, role, origin, out);

        if (!r) {
                (*out)->crl = crl_ref(crl);
                (*out)->is_last_good = is_last_good;
        }
        return r;
}

int entry_new_block(enum role role, const char *origin, const struct block *block,
                    bool is_last_good, struct entry **out)
{
        int r = make_entry(ENTRY_BLOCK, role, origin, out);

        if (!r) {
                (*out)->block = block_ref(block);
                (*out)->is_last_good = is_last_good;
        }
        return r;
}

int entry_new_broken(enum role role, const char *origin, const char *reason, struct entry **out)
{
        CLEANUP(entry_unrefp) struct entry *entry = NULL;
        int r;

        r = make_entry(ENTRY_BROKEN, role, origin, &entry);
        if (r)
                return r;

        entry->reason = strdup(reason);
        if (!entry->reason)
                return -ENOMEM;

        *out = TAKE(entry);
        return 0;
}

int entry_new_foreign(enum role role, const char *origin, const char *reason, struct entry **out)
{
        int r = entry_new_broken(role, origin, reason, out);

        if (!r)
                (*out)->is_foreign = true;
        return r;
}

const uint8_t *entry_sha256(const struct entry *entry)
{
        switch (entry->kind) {
        case ENTRY_CERT:
                return entry->cert->sha256;
        case ENTRY_CRL:
                return entry->crl->sha256;
        case ENTRY_BLOCK:
                return entry->block->id;
        case ENTRY_BROKEN:
                break;
        }
        return NULL;
}

int entry_compare(const struct entry *a, const struct entry *b)
{
        int order;

        if (a == b)
                return 0;
        if (a->kind != b->kind)
                return a->kind < b->kind ? -1 : 1;
        if (a->kind != ENTRY_BROKEN) {
                order = memcmp(entry_sha256(a), entry_sha256(b), 32);
                if (order != 0)
                        return order;
        }
        if (a->role != b->role)
                return a->role < b->role ? -1 : 1;

        order = strcmp(a->origin, b->origin);
        return order != 0 ? order : (uintptr_t)a < (uintptr_t)b ? -1 : 1;
}

struct entry *entry_ref(const struct entry *entry)
{
        struct entry *counted = (struct entry *)entry;

        ref_get(&counted->ref);
        return counted;
}

struct entry *entry_unref(struct entry *entry)
{
        if (!entry || !ref_put(&entry->ref))
                return NULL;

        cert_unref(entry->cert);
        crl_unref(entry->crl);
        block_unref((struct block *)entry->block);
        free((char *)entry->origin);
        free((char *)entry->reason);
        free(entry);
        return NULL;
}
