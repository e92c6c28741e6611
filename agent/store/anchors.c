/* SPDX-License-Identifier: Apache-2.0 */
#include "store/anchors.h"

#include "pki/cert.h"
#include "pki/link.h"
#include "trust/snapshot.h"

#include <errno.h>
#include <stdlib.h>

static size_t number_of(const struct anchors *anchors, const struct snapshot_cert *cert)
{
        return (size_t)(cert - anchors->snap->certs);
}

static int verify(const struct cert *issuer, const struct cert *subject, bool *out)
{
        enum link_result result;
        int r = link_verify_cert(issuer, subject, &result);

        if (!r)
                *out = result == LINK_VERIFIED;
        return r;
}

/* Did one of the certificates that have a chain sign it, or it itself? */
static int look_at(const struct anchors *anchors, const struct cert *cert, bool *out)
{
        const struct snapshot_cert *const *issuers;
        size_t n;
        int r = 0;

        *out = false;
        if (cert->is_self_issued)
                r = verify(cert, cert, out);

        issuers = snapshot_find_by_subject(anchors->snap, &cert->issuer, &n);
        for (size_t i = 0; !r && !*out && i < n && i < ANCHORS_ISSUERS_MAX; i++)
                if (anchors->is_anchored[number_of(anchors, issuers[i])])
                        r = verify(issuers[i]->cert, cert, out);
        return r;
}

static bool is_judged(const struct snapshot_cert *cert)
{
        return cert->roles & (1u << ROLE_TRUSTED | 1u << ROLE_ISSUERS);
}

/* Return: is any of them new? */
static bool want_issuers_of(struct anchors *anchors, const struct cert *cert)
{
        const struct snapshot_cert *const *issuers;
        bool has_found = false;
        size_t n;

        issuers = snapshot_find_by_subject(anchors->snap, &cert->issuer, &n);
        for (size_t i = 0; i < n && i < ANCHORS_ISSUERS_MAX; i++) {
                bool *is_wanted = &anchors->is_wanted[number_of(anchors, issuers[i])];

                has_found |= !*is_wanted;
                *is_wanted = true;
        }
        return has_found;
}

/* Those that may have issued one that is wanted are wanted, too. */
static void want_issuers(struct anchors *anchors)
{
        bool has_found = true;

        for (int depth = 0; has_found && depth < ANCHORS_DEPTH_MAX; depth++) {
                has_found = false;
                for (size_t i = 0; i < anchors->snap->n_certs; i++)
                        if (anchors->is_wanted[i])
                                has_found |= want_issuers_of(anchors, anchors->snap->certs[i].cert);
        }
}

/* Those one step further from a root. */
static int look_once(struct anchors *anchors, bool *out_has_found)
{
        *out_has_found = false;
        for (size_t i = 0; i < anchors->snap->n_certs; i++) {
                int r;

                if (anchors->is_anchored[i] || !anchors->is_wanted[i])
                        continue;
                r = look_at(anchors, anchors->snap->certs[i].cert, &anchors->is_anchored[i]);
                if (r)
                        return r;
                *out_has_found |= anchors->is_anchored[i];
        }
        return 0;
}

int anchors_find(const struct snapshot *snap, const struct cert *const *wanted, size_t n,
                 struct anchors *out)
{
        struct anchors anchors = { snap, calloc(snap->n_certs + 1, sizeof(bool)),
                                   calloc(snap->n_certs + 1, sizeof(bool)) };
        bool has_found = true;
        int r = anchors.is_wanted && anchors.is_anchored ? 0 : -ENOMEM;

        for (size_t i = 0; !r && i < n; i++) {
                const struct snapshot_cert *cert = snapshot_find_cert(snap, wanted[i]->sha256);

                if (cert && is_judged(cert))
                        anchors.is_wanted[number_of(&anchors, cert)] = true;
        }
        if (!r)
                want_issuers(&anchors);
        for (int i = 0; !r && has_found && i < ANCHORS_DEPTH_MAX; i++)
                r = look_once(&anchors, &has_found);
        if (r) {
                anchors_deinit(&anchors);
                return r;
        }

        *out = anchors;
        return 0;
}

void anchors_deinit(struct anchors *anchors)
{
        free(anchors->is_wanted);
        free(anchors->is_anchored);
        anchors->is_wanted = anchors->is_anchored = NULL;
}

bool anchors_has(const struct anchors *anchors, const uint8_t sha256[32])
{
        const struct snapshot_cert *cert = snapshot_find_cert(anchors->snap, sha256);

        return cert && anchors->is_anchored[number_of(anchors, cert)];
}

int anchors_explain(const struct anchors *anchors, const struct cert *cert, enum anchors_lack *out)
{
        const struct snapshot_cert *const *issuers;
        bool is_verified = false;
        size_t n;
        int r = 0;

        issuers = snapshot_find_by_subject(anchors->snap, &cert->issuer, &n);
        for (size_t i = 0; !r && !is_verified && i < n && i < ANCHORS_ISSUERS_MAX; i++)
                r = verify(issuers[i]->cert, cert, &is_verified);
        if (!r)
                *out = is_verified                     ? ANCHORS_LACK_ROOT
                       : n > 0 || cert->is_self_issued ? ANCHORS_LACK_KEY
                                                       : ANCHORS_LACK_ISSUER;
        return r;
}
