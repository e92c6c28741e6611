/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/lookup.h"

#include "engine/judgement.h"
#include "pki/cert.h"

static void note(struct judgement *judgement, struct bytes key)
{
        footprint_note(&judgement->footprint, key);
}

static void note_cert(struct judgement *judgement, const struct cert *cert)
{
        note(judgement, (struct bytes){ cert->sha256, sizeof(cert->sha256) });
}

const struct snapshot_cert *lookup_cert(struct judgement *judgement, const struct cert *cert)
{
        note_cert(judgement, cert);
        return snapshot_find_cert(judgement->snap, cert->sha256);
}

const struct snapshot_cert *const *lookup_by_subject(struct judgement *judgement,
                                                     const struct name *subject, size_t *out_n)
{
        note(judgement, subject->canon);
        return snapshot_find_by_subject(judgement->snap, subject, out_n);
}

const struct snapshot_cert *const *lookup_by_key_id(struct judgement *judgement,
                                                    struct bytes key_id, size_t *out_n)
{
        note(judgement, key_id);
        return snapshot_find_by_key_id(judgement->snap, key_id, out_n);
}

const struct snapshot_crl *lookup_crls(struct judgement *judgement, const struct name *issuer,
                                       size_t *out_n)
{
        note(judgement, issuer->canon);
        return snapshot_find_crls(judgement->snap, issuer, out_n);
}

bool lookup_is_trusted(struct judgement *judgement, const struct cert *cert)
{
        note_cert(judgement, cert);
        return snapshot_is_trusted(judgement->snap, cert);
}

/* By SHA-256, or by issuer and serial number. */
bool lookup_is_blocked(struct judgement *judgement, const struct cert *cert)
{
        note_cert(judgement, cert);
        note(judgement, cert->issuer.canon);
        return snapshot_is_blocked(judgement->snap, cert);
}
