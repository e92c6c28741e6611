/* SPDX-License-Identifier: Apache-2.0 */
#include "store/goal.h"

#include "pki/cert.h"
#include "pki/crl.h"
#include "pki/der.h"
#include "pki/fault.h"
#include "pki/link.h"
#include "proto/names.h"
#include "proto/status.h"
#include "trust/block.h"
#include "trust/snapshot.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BIT(role) (1u << (role))
#define BOTH      (BIT(ROLE_TRUSTED) | BIT(ROLE_ISSUERS))

struct reader {
        struct goal *goal;
        const char *own;
        const struct snapshot *snap;
        struct update_outcome *out;
};

bool goal_is_own(const char *own, const struct entry *entry)
{
        size_t n = strlen(own);

        return strncmp(entry->origin, own, n) == 0 && entry->origin[n] == '/';
}

/* -- what is given ----------------------------------------------------------------------------- */

static int refuse(struct reader *reader, const struct goal_object *object, const char *reason)
{
        struct update_refusal refusal = {
                .list = object->list,
                .index = object->index,
                .status_code = STATUS_CERTIFICATE_INVALID,
                .reason = strdup(reason),
        };

        memcpy(refusal.sha256, object->sha256, sizeof(refusal.sha256));
        return update_outcome_refuse(reader->out, &refusal);
}

/* Takes the references that @object holds. */
static int give(struct reader *reader, const struct goal_object *object)
{
        int r = VEC_PUSH(&reader->goal->given, *object);

        if (r < 0) {
                cert_unref(object->cert);
                crl_unref(object->crl);
        }
        return r;
}

static int give_cert(struct reader *reader, struct goal_object *object)
{
        const struct fault *fault;
        const char *reason;
        size_t at = 0;
        int r;

        r = cert_new(object->der, &reason, &object->cert);
        if (r)
                return r < 0 ? r : refuse(reader, object, reason);

        memcpy(object->sha256, object->cert->sha256, sizeof(object->sha256));
        r = give(reader, object);
        if (r < 0 || !faults_have_error(&object->cert->faults))
                return r;

        fault = faults_next(&object->cert->faults, &at);
        return refuse(reader, object, fault->text);
}

static int give_crl(struct reader *reader, struct goal_object *object)
{
        const char *reason;
        int r;

        r = crl_new(object->der, &reason, &object->crl);
        if (r)
                return r < 0 ? r : refuse(reader, object, reason);

        memcpy(object->sha256, object->crl->sha256, sizeof(object->sha256));
        return give(reader, object);
}

static int give_list(struct reader *reader, enum update_list list)
{
        const struct buf *der = &reader->goal->request->der[list];
        struct bytes rest = { der->data, der->n };
        int r = 0;

        for (size_t i = 0; !r && rest.n > 0; i++) {
                struct goal_object object = { .list = list, .index = i };

                if (reader->goal->given.n >= NAMES_UPDATE_OBJECTS_MAX)
                        return update_outcome_end(reader->out, UPDATE_TOO_LARGE,
                                                  "20000 certificates and CRLs", NULL);
                if (!der_read_element(&rest, DER_SEQUENCE, &object.der))
                        return refuse(reader, &object, "it is no DER, or cut off");

                r = update_list_is_crls(list) ? give_crl(reader, &object)
                                              : give_cert(reader, &object);
        }
        return r;
}

static int compare_keys(const struct goal_object *a, enum update_list list,
                        const uint8_t sha256[32])
{
        if (a->list != list)
                return a->list < list ? -1 : 1;
        return memcmp(a->sha256, sha256, 32);
}

static int compare_objects(const void *left, const void *right)
{
        const struct goal_object *const *a = left, *const *b = right;
        int order = compare_keys(*a, (*b)->list, (*b)->sha256);

        return order != 0 ? order : (*a)->index < (*b)->index ? -1 : 1;
}

static int sort_given(struct goal *goal)
{
        int r = VEC_RESERVE(&goal->by_sha256, goal->given.n + 1);

        if (r < 0)
                return r;

        goal->by_sha256.n = 0;
        for (size_t i = 0; i < goal->given.n; i++)
                goal->by_sha256.items[goal->by_sha256.n++] = &goal->given.items[i];
        qsort(goal->by_sha256.items, goal->by_sha256.n, sizeof(*goal->by_sha256.items),
              compare_objects);

        for (size_t i = 1; i < goal->by_sha256.n; i++) {
                const struct goal_object *before = goal->by_sha256.items[i - 1];
                const struct goal_object *object = goal->by_sha256.items[i];

                if (compare_keys(before, object->list, object->sha256) == 0)
                        goal->given.items[object - goal->given.items].is_repeat = true;
        }
        return 0;
}

static bool is_given(const struct goal *goal, enum update_list list, const uint8_t sha256[32])
{
        size_t low = 0, high = goal->by_sha256.n;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                int order = compare_keys(goal->by_sha256.items[middle], list, sha256);

                if (order == 0)
                        return true;
                if (order < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return false;
}

/* -- what is to go ----------------------------------------------------------------------------- */

static int add_target(struct reader *reader, enum entry_kind kind, unsigned int roles,
                      const uint8_t sha256[32])
{
        struct goal_target target = { .kind = kind, .roles = roles };

        memcpy(target.sha256, sha256, sizeof(target.sha256));
        return VEC_PUSH(&reader->goal->targets, target);
}

static int not_found(struct reader *reader, const char *what)
{
        return update_outcome_end(reader->out, UPDATE_NOT_FOUND, what, NULL);
}

/* What lies in a source that is only read cannot go; @entries are of one object. */
static bool is_foreign(struct reader *reader, const struct entry *const *entries, size_t n,
                       unsigned int roles, int *out_r)
{
        for (size_t i = 0; i < n; i++) {
                if (!(roles & BIT(entries[i]->role)) || entries[i]->is_last_good ||
                    goal_is_own(reader->own, entries[i]))
                        continue;

                *out_r = update_outcome_end(reader->out, UPDATE_FOREIGN, entries[i]->origin,
                                            "it lies in a source that the agent only reads");
                return true;
        }
        return false;
}

static bool has_thumbprint(const struct update_request *request, const struct cert *cert)
{
        return request->n_thumbprint == sizeof(cert->sha1)
                       ? memcmp(cert->sha1, request->thumbprint, sizeof(cert->sha1)) == 0
                       : memcmp(cert->sha256, request->thumbprint, sizeof(cert->sha256)) == 0;
}

static const struct snapshot_cert *find_cert(const struct reader *reader, unsigned int roles)
{
        for (size_t i = 0; i < reader->snap->n_certs; i++) {
                const struct snapshot_cert *cert = &reader->snap->certs[i];

                if (cert->roles & roles && has_thumbprint(reader->goal->request, cert->cert))
                        return cert;
        }
        return NULL;
}

/* Does a certificate of the same name and key stay, which needs the same CRLs? */
static int has_key_left(const struct reader *reader, const struct snapshot_cert *gone,
                        unsigned int roles, bool *out)
{
        const struct snapshot_cert *const *others;
        uint64_t key_id, other_id;
        size_t n;
        int r;

        *out = gone->roles & BOTH & ~roles;
        others = snapshot_find_by_subject(reader->snap, &gone->cert->subject, &n);
        r = cert_get_key_id(gone->cert, &key_id);
        for (size_t i = 0; !r && !*out && i < n; i++) {
                r = cert_get_key_id(others[i]->cert, &other_id);
                *out = !r && others[i] != gone && other_id == key_id;
        }
        return r;
}

/* The CRLs that its key issued, which are of no use without it. */
static int remove_crls_of(struct reader *reader, const struct snapshot_cert *gone,
                          unsigned int roles)
{
        const struct snapshot_crl *crls;
        uint64_t key_id;
        bool is_left;
        size_t n;
        int r;

        r = has_key_left(reader, gone, roles, &is_left);
        if (!r)
                r = cert_get_key_id(gone->cert, &key_id);
        if (r < 0 || is_left)
                return r;

        crls = snapshot_find_crls(reader->snap, &gone->cert->subject, &n);
        for (size_t i = 0; !r && i < n; i++)
                if (crls[i].signer && crl_get_verified_by(crls[i].crl) == key_id)
                        r = add_target(reader, ENTRY_CRL, BOTH, crls[i].crl->sha256);
        return r;
}

static int remove_cert(struct reader *reader)
{
        unsigned int roles = reader->goal->request->roles ? reader->goal->request->roles : BOTH;
        const struct snapshot_cert *cert = find_cert(reader, roles);
        int r = 0;

        if (!cert)
                return not_found(reader, "certificate");
        if (is_foreign(reader, cert->entries, cert->n_entries, roles, &r))
                return r;

        r = add_target(reader, ENTRY_CERT, roles, cert->cert->sha256);
        return r ? r : remove_crls_of(reader, cert, roles);
}

/* The entries of one object, which follow each other; a CRL or a block, of which there is no index. */
static const struct entry *const *find_entries(const struct snapshot *snap, enum entry_kind kind,
                                               const uint8_t sha256[32], size_t *out_n)
{
        size_t end = snapshot_find_kind(snap, kind + 1), i = snapshot_find_kind(snap, kind);

        while (i < end && memcmp(entry_sha256(snap->entries[i]), sha256, 32) != 0)
                i++;

        for (*out_n = 0; i + *out_n < end; ++*out_n)
                if (memcmp(entry_sha256(snap->entries[i + *out_n]), sha256, 32) != 0)
                        break;
        return snap->entries + i;
}

static int remove_entries(struct reader *reader, enum entry_kind kind, unsigned int roles,
                          const uint8_t sha256[32])
{
        size_t n, n_wanted = 0;
        const struct entry *const *entries = find_entries(reader->snap, kind, sha256, &n);
        int r = 0;

        for (size_t i = 0; i < n; i++)
                n_wanted += (roles & BIT(entries[i]->role)) != 0;
        if (n_wanted == 0)
                return not_found(reader, kind == ENTRY_CRL ? "revocation list" : "block");
        if (is_foreign(reader, entries, n, roles, &r))
                return r;

        return add_target(reader, kind, roles, sha256);
}

static int remove_crl(struct reader *reader)
{
        const struct update_request *request = reader->goal->request;

        if (request->n_thumbprint != 32)
                return update_outcome_end(reader->out, UPDATE_BAD_REQUEST, "thumbprint",
                                          "that of a revocation list is its SHA-256");

        return remove_entries(reader, ENTRY_CRL, request->roles ? request->roles : BOTH,
                              request->thumbprint);
}

static int trust_rejected(struct reader *reader)
{
        const struct snapshot_cert *cert = find_cert(reader, BIT(ROLE_REJECTED));
        struct goal_object object = { .list = UPDATE_TRUSTED_CERTS };

        if (!cert)
                return not_found(reader, "certificate");

        object.der = (struct bytes){ cert->cert->der, cert->cert->n_der };
        return give_cert(reader, &object);
}

static int remove_rejected(struct reader *reader)
{
        const struct snapshot_cert *cert = find_cert(reader, BIT(ROLE_REJECTED));
        int r = 0;

        if (!cert)
                return not_found(reader, "certificate");
        if (is_foreign(reader, cert->entries, cert->n_entries, BIT(ROLE_REJECTED), &r))
                return r;

        return add_target(reader, ENTRY_CERT, BIT(ROLE_REJECTED), cert->cert->sha256);
}

/* -- one object more --------------------------------------------------------------------------- */

static bool is_single(const struct reader *reader, bool is_crls)
{
        const struct goal *goal = reader->goal;

        return reader->out->status == UPDATE_DONE && goal->given.n == 1 &&
               update_list_is_crls(goal->given.items[0].list) == is_crls;
}

static int give_all(struct reader *reader)
{
        int r = 0;

        for (int list = 0; !r && list < UPDATE_LIST_N; list++)
                r = give_list(reader, (enum update_list)list);
        return r;
}

static int not_single(struct reader *reader, const char *reason)
{
        if (reader->out->status != UPDATE_DONE)
                return 0;
        return update_outcome_end(reader->out, UPDATE_BAD_REQUEST, "data", reason);
}

static int add_cert(struct reader *reader)
{
        int r = give_all(reader);

        if (r < 0 || !is_single(reader, false))
                return r < 0 ? r : not_single(reader, "is not one certificate");

        return add_target(reader, ENTRY_CERT, BIT(ROLE_REJECTED),
                          reader->goal->given.items[0].sha256);
}

/* Trusted ones come first. */
static int find_signer(const struct reader *reader, const struct crl *crl,
                       const struct snapshot_cert **out)
{
        const struct snapshot_cert *const *candidates;
        size_t n;

        *out = NULL;
        candidates = snapshot_find_by_subject(reader->snap, &crl->issuer, &n);
        for (size_t i = 0; i < n && !*out; i++) {
                enum link_result result;
                int r = link_verify_crl(candidates[i]->cert, crl, &result);

                if (r < 0)
                        return r;
                if (result == LINK_VERIFIED)
                        *out = candidates[i];
        }
        return 0;
}

static bool is_newer(const struct crl *a, const struct crl *b)
{
        if (a->this_update_s != b->this_update_s)
                return a->this_update_s > b->this_update_s;
        return crl_compare_number(a->number, b->number) > 0;
}

/* Those that it replaces go. */
static int supersede(struct reader *reader, const struct goal_object *object)
{
        const struct snapshot_crl *others;
        size_t n;
        int r = 0;

        others = snapshot_find_crls(reader->snap, &object->crl->issuer, &n);
        for (size_t i = 0; !r && i < n; i++) {
                const struct crl *other = others[i].crl;

                if (!others[i].signer || crl_compare_scope(other, object->crl) != 0 ||
                    crl_get_verified_by(other) != crl_get_verified_by(object->crl) ||
                    memcmp(other->sha256, object->sha256, 32) == 0)
                        continue;
                if (is_newer(other, object->crl))
                        return refuse(reader, object, "a newer one of the same CA is there");
                r = add_target(reader, ENTRY_CRL, BOTH, other->sha256);
        }
        return r;
}

static int add_crl(struct reader *reader)
{
        const struct snapshot_cert *signer;
        struct goal_object *object;
        int r = give_all(reader);

        if (r < 0 || !is_single(reader, true))
                return r < 0 ? r : not_single(reader, "is not one revocation list");

        object = &reader->goal->given.items[0];
        r = find_signer(reader, object->crl, &signer);
        if (r < 0)
                return r;
        if (!signer)
                return refuse(reader, object, "no certificate of the store verifies it");

        if (!reader->goal->request->lists)
                object->list = signer->roles & BIT(ROLE_TRUSTED) ? UPDATE_TRUSTED_CRLS
                                                                 : UPDATE_ISSUER_CRLS;
        return supersede(reader, object);
}

static int replace(struct reader *reader)
{
        int r = 0;

        if (!reader->goal->request->lists)
                return update_outcome_end(reader->out, UPDATE_BAD_REQUEST, "lists",
                                          "no list is given");

        for (int list = 0; !r && list < UPDATE_LIST_N; list++)
                if (reader->goal->request->lists & 1u << list)
                        r = give_list(reader, (enum update_list)list);
        return r;
}

/* -- all of it --------------------------------------------------------------------------------- */

static int read_request(struct reader *reader)
{
        const struct update_request *request = reader->goal->request;
        int r;

        switch (request->kind) {
        case UPDATE_REPLACE:
                return replace(reader);
        case UPDATE_ADD_CERT:
                return add_cert(reader);
        case UPDATE_ADD_CRL:
                return add_crl(reader);
        case UPDATE_REMOVE_CERT:
                return remove_cert(reader);
        case UPDATE_REMOVE_CRL:
                return remove_crl(reader);
        case UPDATE_TRUST_REJECTED:
                r = trust_rejected(reader);
                return r || reader->goal->given.n == 0
                               ? r
                               : add_target(reader, ENTRY_CERT, BIT(ROLE_REJECTED),
                                            reader->goal->given.items[0].sha256);
        case UPDATE_REMOVE_REJECTED:
                return remove_rejected(reader);
        case UPDATE_BLOCK:
                return 0;
        case UPDATE_UNBLOCK:
                return remove_entries(reader, ENTRY_BLOCK, BIT(ROLE_BLOCKED), request->block->id);
        }
        return -EINVAL;
}

int goal_make(const struct update_request *request, const char *own, const struct snapshot *snap,
              struct goal *goal, struct update_outcome *out)
{
        struct reader reader = { goal, own, snap, out };
        int r;

        goal->request = request;
        r = read_request(&reader);
        return r < 0 ? r : sort_given(goal);
}

void goal_deinit(struct goal *goal)
{
        for (size_t i = 0; i < goal->given.n; i++) {
                cert_unref(goal->given.items[i].cert);
                crl_unref(goal->given.items[i].crl);
        }
        VEC_FREE(&goal->given);
        VEC_FREE(&goal->by_sha256);
        VEC_FREE(&goal->targets);
}

static bool is_replaced(const struct goal *goal, enum role role, enum entry_kind kind,
                        const uint8_t sha256[32])
{
        enum update_list list;

        if ((role != ROLE_TRUSTED && role != ROLE_ISSUERS) ||
            (kind != ENTRY_CERT && kind != ENTRY_CRL))
                return false;

        list = role == ROLE_TRUSTED ? UPDATE_TRUSTED_CERTS : UPDATE_ISSUER_CERTS;
        if (kind == ENTRY_CRL)
                list++;
        return goal->request->lists & 1u << list && !is_given(goal, list, sha256);
}

bool goal_removes(const struct goal *goal, enum role role, enum entry_kind kind,
                  const uint8_t sha256[32], bool is_last_good)
{
        if (goal->request->kind == UPDATE_REPLACE) {
                static const uint8_t NONE[32];

                return is_replaced(goal, role, kind, is_last_good ? NONE : sha256);
        }

        for (size_t i = 0; i < goal->targets.n; i++) {
                const struct goal_target *target = &goal->targets.items[i];

                if (target->kind == kind && target->roles & BIT(role) &&
                    memcmp(target->sha256, sha256, 32) == 0)
                        return true;
        }
        return false;
}
