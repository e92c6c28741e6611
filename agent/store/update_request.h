/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Update request - what somebody wants changed in a store's own folder. Filled in on one thread,
 * then frozen: the job that carries it out holds a reference, and nobody changes it any more.
 *
 *      update_request_new(UPDATE_REPLACE, &request);
 *      request->lists |= 1u << UPDATE_TRUSTED_CERTS;           given, even if it is to be empty
 *      update_request_add(request, UPDATE_TRUSTED_CERTS, der); as often as needed
 *      ... keeper_update(), or store_update() ...
 *      update_request_unref(request);
 *
 * What is asked is checked when it is carried out, but for what does not fit the limits: that is
 * refused as soon as it comes.
 */

#include "base/ref.h"
#include "pki/bytes.h"
#include "proto/buf.h"
#include "proto/compiler.h"
#include "store/update_base.h"
#include "trust/role.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct block;
struct snapshot;

/* Their order is that of the bits of OPC 10000-12 TrustListMasks: 1, 2, 4, 8. */
enum update_list {
        UPDATE_TRUSTED_CERTS,
        UPDATE_TRUSTED_CRLS,
        UPDATE_ISSUER_CERTS,
        UPDATE_ISSUER_CRLS,
        UPDATE_LIST_N,
};

enum update_kind {
        /*
         * The lists of @lists are what was added, and nothing else; the others stay as they are.
         * Spec: OPC 10000-12 7.8.2.5 CloseAndUpdate.
         */
        UPDATE_REPLACE,

        /*
         * One certificate, in UPDATE_TRUSTED_CERTS or UPDATE_ISSUER_CERTS; copies of it in the
         * rejected list go. Spec: OPC 10000-12 7.8.2.6 AddCertificate.
         */
        UPDATE_ADD_CERT,

        /*
         * One CRL, in UPDATE_TRUSTED_CRLS or UPDATE_ISSUER_CRLS; without a bit in @lists, into the
         * list of its CA, whichever it was added to. CRLs of the same signer and scope that it
         * replaces go.
         */
        UPDATE_ADD_CRL,

        /*
         * The certificate of @thumbprint, from the lists of @roles; once none of its key is left,
         * the CRLs that its key issued go with it. Spec: OPC 10000-12 7.8.2.7 RemoveCertificate.
         */
        UPDATE_REMOVE_CERT,

        UPDATE_REMOVE_CRL, /* the CRL of @thumbprint, from the lists of @roles */

        UPDATE_TRUST_REJECTED,  /* the certificate of @thumbprint, with its record: as ADD_CERT */
        UPDATE_REMOVE_REJECTED, /* the same, removed */

        UPDATE_BLOCK,   /* as @block says; once more: the newer reason stays */
        UPDATE_UNBLOCK, /* every block in the own folder of what @block is about */
};

enum {
        UPDATE_REQUEST_E_TOO_LARGE = 1, /* more than NAMES_UPDATE_MAX_BYTES */
};

struct update_request {
        struct ref ref;
        enum update_kind kind;
        bool is_dry_run; /* say what would be, change nothing */

        unsigned int lists;            /* REPLACE, ADD_CRL: 1u << enum update_list */
        struct buf der[UPDATE_LIST_N]; /* DER of objects, one after another */

        /*
         * REPLACE: what the lists of @lists held when it was begun; if one holds another thing when
         * it is carried out, that is a conflict, whose subject is the list's name.
         */
        bool has_base;
        struct update_base base[UPDATE_LIST_N];

        /* REMOVE_*: 1u << ROLE_TRUSTED, 1u << ROLE_ISSUERS, or both; 0: both */
        unsigned int roles;

        /* REMOVE_*, *_REJECTED: SHA-256, or SHA-1 of a certificate */
        uint8_t thumbprint[32];
        size_t n_thumbprint; /* 32 or 20 */

        struct block *block; /* BLOCK, UNBLOCK: owned */
};

/**
 * update_request_new() - an empty one, of which the rest is to be filled in; Return: 0 or -ENOMEM
 */
int update_request_new(enum update_kind kind, struct update_request **out);

/**
 * update_request_add() - append to what a list is given
 * @der: copied; DER of objects, one after another; the last may go on in what is added next
 *
 * Return: 0, UPDATE_REQUEST_E_TOO_LARGE with nothing added, or -ENOMEM.
 */
int update_request_add(struct update_request *request, enum update_list list, struct bytes der);

/** update_request_count_bytes() - of all lists together */
size_t update_request_count_bytes(const struct update_request *request);

struct update_request *update_request_ref(const struct update_request *request);
struct update_request *update_request_unref(struct update_request *request);

/** update_request_set_base() - that it is begun on this picture of the store */
void update_request_set_base(struct update_request *request, const struct snapshot *snap);

/**
 * update_request_is_stale() - has a list that it replaces changed since it was begun?
 * @out_list: which
 */
bool update_request_is_stale(const struct update_request *request, const struct snapshot *now,
                             enum update_list *out_list);

/** update_list_name() - "trustedCertificates", ... */
const char *update_list_name(enum update_list list);

/** update_list_find() - the list of that name; Return: false if there is none */
bool update_list_find(const char *name, enum update_list *out);

/** update_list_role() - ROLE_TRUSTED or ROLE_ISSUERS */
enum role update_list_role(enum update_list list);

/** update_list_is_crls() - else it is one of certificates */
bool update_list_is_crls(enum update_list list);

DEFINE_CLEANUP(struct update_request *, update_request_unref)
