/* SPDX-License-Identifier: Apache-2.0 */
#include "store/update_base.h"

#include "pki/cert.h"
#include "pki/crl.h"
#include "proto/compiler.h"
#include "trust/entry.h"
#include "trust/snapshot.h"

#include <string.h>

static void count_object(struct update_base *base, const uint8_t sha256[32])
{
        uint64_t words[ARRAY_SIZE(base->sum)];

        memcpy(words, sha256, sizeof(words));
        for (size_t i = 0; i < ARRAY_SIZE(words); i++)
                base->sum[i] += words[i];
        base->n++;
}

static bool lies_in(const struct snapshot_crl *crl, enum role role)
{
        for (size_t i = 0; i < crl->n_entries; i++)
                if (crl->entries[i]->role == role && !crl->entries[i]->is_last_good)
                        return true;
        return false;
}

struct update_base update_base_make(const struct snapshot *snap, enum role role, bool is_crls)
{
        struct update_base base = { .n = 0 };

        for (size_t i = 0; i < snap->n_crls && is_crls; i++)
                if (lies_in(&snap->crls[i], role))
                        count_object(&base, snap->crls[i].crl->sha256);
        for (size_t i = 0; i < snap->n_certs && !is_crls; i++)
                if (snap->certs[i].roles >> role & 1)
                        count_object(&base, snap->certs[i].cert->sha256);
        return base;
}

bool update_base_is_equal(const struct update_base *a, const struct update_base *b)
{
        return a->n == b->n && memcmp(a->sum, b->sum, sizeof(a->sum)) == 0;
}
