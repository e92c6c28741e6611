/* SPDX-License-Identifier: Apache-2.0 */
#include "store/vet.h"

#include "base/vec.h"
#include "pki/cert.h"
#include "pki/crl.h"
#include "proto/buf.h"
#include "proto/status.h"
#include "store/anchors.h"
#include "store/goal.h"
#include "store/update_outcome.h"
#include "trust/snapshot.h"

#include <stdlib.h>
#include <string.h>

struct vet {
        const struct goal *goal;
        const struct snapshot *before, *after;
        struct update_outcome *out;
};

/* Takes @reason, which may be NULL for want of memory. */
static int refuse(struct vet *vet, const struct goal_object *object, uint32_t status, char *reason)
{
        struct update_refusal refusal = {
                .list = object->list,
                .index = object->index,
                .status_code = status,
                .reason = reason,
        };

        memcpy(refusal.sha256, object->sha256, sizeof(refusal.sha256));
        return update_outcome_refuse(vet->out, &refusal);
}

/* -- chains ------------------------------------------------------------------------------------ */

static int describe_lack(const struct cert *cert, enum anchors_lack lack, bool has_stayed,
                         char **out)
{
        static const char *const TEXTS[] = {
                [ANCHORS_LACK_ISSUER] = "is in no list",
                [ANCHORS_LACK_KEY] = "has not signed it",
                [ANCHORS_LACK_ROOT] = "has no chain to a root in the lists",
        };
        CLEANUP(buf_deinit) struct buf text = BUF_NULL;
        CLEANUP(freep) char *issuer = NULL, *subject = NULL;
        int r;

        r = name_text(&cert->issuer, &issuer);
        if (!r)
                r = name_text(&cert->subject, &subject);
        if (r)
                return r;

        if (has_stayed)
                buf_printf(&text, "%s needs it: ", subject);
        buf_printf(&text, "its issuer %s %s", issuer, TEXTS[lack]);
        return buf_take_text(&text, out);
}

static int refuse_chain(struct vet *vet, const struct anchors *anchors, const struct cert *cert,
                        const struct goal_object *object)
{
        char *reason = NULL;
        enum anchors_lack lack;
        bool has_stayed = object->index == SIZE_MAX;
        int r;

        r = anchors_explain(anchors, cert, &lack);
        if (!r)
                r = describe_lack(cert, lack, has_stayed, &reason);
        if (r)
                return r;

        return refuse(vet, object,
                      lack == ANCHORS_LACK_KEY && !has_stayed ? STATUS_CERTIFICATE_INVALID
                                                              : STATUS_CERTIFICATE_CHAIN_INCOMPLETE,
                      reason);
}

struct certs {
        VEC(const struct cert *) list; /* borrowed */
};

static void certs_deinit(struct certs *certs)
{
        VEC_FREE(&certs->list);
}

static bool is_judged(const struct snapshot_cert *cert)
{
        return cert && cert->roles & (1u << ROLE_TRUSTED | 1u << ROLE_ISSUERS);
}

static int compare_subjects(const void *left, const void *right)
{
        const struct cert *const *a = left, *const *b = right;

        return name_compare(&(*a)->subject, &(*b)->subject);
}

static int compare_issuer(const void *key, const void *item)
{
        const struct cert *const *removed = item;

        return name_compare(key, &(*removed)->subject);
}

/* What leaves the judged lists, in order of subject. */
static int find_removed(const struct vet *vet, struct certs *out)
{
        for (size_t i = 0; i < vet->before->n_certs; i++) {
                const struct snapshot_cert *cert = &vet->before->certs[i];
                int r;

                if (!is_judged(cert) ||
                    is_judged(snapshot_find_cert(vet->after, cert->cert->sha256)))
                        continue;
                r = VEC_PUSH(&out->list, cert->cert);
                if (r)
                        return r;
        }

        if (out->list.n > 0)
                qsort(out->list.items, out->list.n, sizeof(*out->list.items), compare_subjects);
        return 0;
}

/*
 * What stays and bears the name of something that goes as its issuer. If each of these keeps its
 * chain, so does all that is below them.
 */
static int find_orphans(const struct vet *vet, struct certs *out)
{
        CLEANUP(certs_deinit) struct certs removed = { VEC_NULL };
        int r = find_removed(vet, &removed);

        for (size_t i = 0; !r && removed.list.n > 0 && i < vet->after->n_certs; i++) {
                const struct cert *cert = vet->after->certs[i].cert;

                if (is_judged(&vet->after->certs[i]) &&
                    bsearch(&cert->issuer, removed.list.items, removed.list.n,
                            sizeof(*removed.list.items), compare_issuer))
                        r = VEC_PUSH(&out->list, cert);
        }
        return r;
}

static int refuse_orphan(struct vet *vet, const struct anchors *after, const struct cert *cert)
{
        const struct snapshot_cert *found = snapshot_find_cert(vet->after, cert->sha256);
        struct goal_object object = {
                .index = SIZE_MAX,
                .list = found->roles & 1u << ROLE_TRUSTED ? UPDATE_TRUSTED_CERTS
                                                          : UPDATE_ISSUER_CERTS,
        };

        memcpy(object.sha256, cert->sha256, sizeof(object.sha256));
        return refuse_chain(vet, after, cert, &object);
}

/* What had a chain and has none any more, although it stays. */
static int check_what_stays(struct vet *vet)
{
        CLEANUP(anchors_deinit) struct anchors before = ANCHORS_NULL;
        CLEANUP(anchors_deinit) struct anchors after = ANCHORS_NULL;
        CLEANUP(certs_deinit) struct certs orphans = { VEC_NULL };
        int r;

        r = find_orphans(vet, &orphans);
        if (r || orphans.list.n == 0)
                return r;

        r = anchors_find(vet->before, orphans.list.items, orphans.list.n, &before);
        if (!r)
                r = anchors_find(vet->after, orphans.list.items, orphans.list.n, &after);
        for (size_t i = 0; !r && i < orphans.list.n; i++)
                if (!anchors_has(&after, orphans.list.items[i]->sha256) &&
                    anchors_has(&before, orphans.list.items[i]->sha256))
                        r = refuse_orphan(vet, &after, orphans.list.items[i]);
        return r;
}

/* What is given, as far as it is a certificate; borrowed. */
static int list_given(const struct vet *vet, struct certs *out)
{
        int r = 0;

        for (size_t i = 0; !r && i < vet->goal->given.n; i++)
                if (vet->goal->given.items[i].cert)
                        r = VEC_PUSH(&out->list, vet->goal->given.items[i].cert);
        return r;
}

/*
 * What a list held without a chain may be given to it again, so that who reads a list can write it
 * back with something more: the update brings nothing that was not there.
 */
static bool was_so(const struct vet *vet, const struct anchors *before,
                   const struct goal_object *object)
{
        const struct snapshot_cert *found = snapshot_find_cert(vet->before, object->sha256);

        return found && found->roles & 1u << update_list_role(object->list) &&
               !anchors_has(before, object->sha256);
}

static int check_what_is_given(struct vet *vet)
{
        CLEANUP(anchors_deinit) struct anchors before = ANCHORS_NULL;
        CLEANUP(anchors_deinit) struct anchors after = ANCHORS_NULL;
        CLEANUP(certs_deinit) struct certs given = { VEC_NULL };
        int r = list_given(vet, &given);

        if (!r)
                r = anchors_find(vet->before, given.list.items, given.list.n, &before);
        if (!r)
                r = anchors_find(vet->after, given.list.items, given.list.n, &after);

        for (size_t i = 0; !r && i < vet->goal->given.n; i++) {
                const struct goal_object *object = &vet->goal->given.items[i];

                if (object->cert && !anchors_has(&after, object->sha256) &&
                    !was_so(vet, &before, object))
                        r = refuse_chain(vet, &after, object->cert, object);
        }
        return r;
}

static int check_chains(struct vet *vet)
{
        int r = check_what_is_given(vet);

        return r || vet->out->status != UPDATE_DONE ? r : check_what_stays(vet);
}

/* -- CRLs -------------------------------------------------------------------------------------- */

static bool is_verified(const struct snapshot *snap, const struct crl *crl)
{
        const struct snapshot_crl *found;
        size_t n;

        found = snapshot_find_crls(snap, &crl->issuer, &n);
        for (size_t i = 0; i < n; i++)
                if (memcmp(found[i].crl->sha256, crl->sha256, sizeof(crl->sha256)) == 0)
                        return found[i].signer;
        return false;
}

static int check_crls(struct vet *vet)
{
        int r = 0;

        for (size_t i = 0; !r && i < vet->goal->given.n; i++) {
                const struct goal_object *object = &vet->goal->given.items[i];

                if (object->crl && !is_verified(vet->after, object->crl))
                        r = refuse(vet, object, STATUS_CERTIFICATE_INVALID,
                                   strdup("no certificate of the lists verifies it"));
        }
        return r;
}

/* -- one certificate more ---------------------------------------------------------------------- */

static bool is_revoked(const struct snapshot *snap, const struct cert *cert)
{
        const struct snapshot_crl *crls;
        enum crl_reason reason;
        size_t n;

        crls = snapshot_find_crls(snap, &cert->issuer, &n);
        for (size_t i = 0; i < n; i++)
                if (crls[i].signer && crls[i].state != SNAPSHOT_CRL_SUPERSEDED &&
                    crl_find(crls[i].crl, &cert->issuer, cert->serial, &reason) &&
                    reason != CRL_REASON_REMOVE_FROM_CRL)
                        return true;
        return false;
}

static int check_standing(struct vet *vet)
{
        const struct goal_object *object = vet->goal->given.items;

        if (snapshot_is_blocked(vet->after, object->cert))
                return refuse(vet, object, STATUS_CERTIFICATE_UNTRUSTED,
                              strdup("it is blocked: unblock it first"));
        if (is_revoked(vet->after, object->cert))
                return refuse(vet, object, STATUS_CERTIFICATE_REVOKED,
                              strdup("its issuer has revoked it"));
        return 0;
}

/* -- all of it --------------------------------------------------------------------------------- */

static bool wants_chains(enum update_kind kind)
{
        switch (kind) {
        case UPDATE_REPLACE:
        case UPDATE_ADD_CERT:
        case UPDATE_REMOVE_CERT:
        case UPDATE_TRUST_REJECTED:
                return true;
        case UPDATE_ADD_CRL:
        case UPDATE_REMOVE_CRL:
        case UPDATE_REMOVE_REJECTED:
        case UPDATE_BLOCK:
        case UPDATE_UNBLOCK:
                break;
        }
        return false;
}

int vet_plan(const struct goal *goal, const struct snapshot *before, const struct snapshot *after,
             struct update_outcome *out)
{
        struct vet vet = { goal, before, after, out };
        enum update_kind kind = goal->request->kind;
        int r = 0;

        if (wants_chains(kind))
                r = check_chains(&vet);
        if (!r)
                r = check_crls(&vet);
        if (!r && (kind == UPDATE_ADD_CERT || kind == UPDATE_TRUST_REJECTED))
                r = check_standing(&vet);
        return r;
}
