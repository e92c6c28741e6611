/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Portrait - what there is to say of one certificate or CRL, as texts and numbers: what a person
 * reads, and, by the tables here, the JSON that a script does.
 *
 * Names and URIs are what somebody else wrote. In these texts control characters, backslashes and
 * what is no UTF-8 stand as "\" and two hex digits, so that nothing is hidden and nothing harms.
 */

#include "pki/bytes.h"
#include "proto/schema.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cert;
struct crl;

/* A fault that the parser found; severity: "error" (step 1 refuses it) or "note". */
struct portrait_fault {
        char *severity, *message;
};

struct portrait_cert {
        char *subject, *issuer, *serial_number; /* hex */
        bool is_self_signed;                    /* by the signature, not by the names */
        int64_t not_before_s, not_after_s;      /* since 1970; the latter absent: no end */
        char *application_uri;                  /* the first URI; NULL: none */
        char **uris, **dns_names, **ip_addresses;
        size_t n_uris, n_dns_names, n_ip_addresses;
        char *key_type, *signature; /* "RSA-2048"; "RSA with SHA-256" */
        bool is_ca;
        int64_t path_length;                    /* absent: not limited */
        char **key_usage, **extended_key_usage; /* NULL: it has no such extension */
        size_t n_key_usage, n_extended_key_usage;
        bool is_key_usage_critical, is_extended_key_usage_critical;
        char *subject_key_id, *authority_key_id; /* hex; NULL: none */
        char **crl_urls;                         /* of the distribution points; never fetched */
        size_t n_crl_urls;
        struct portrait_fault *faults;
        size_t n_faults;
        char *thumbprint, *sha256; /* hex; the former is SHA-1, OPC UA's */
};

struct portrait_revoked {
        char *serial_number; /* hex */
        int64_t time_s;      /* since 1970 */
        char *reason;        /* as in RFC 5280 5.3.1; NULL: the entry gives none */
};

struct portrait_crl {
        char *issuer;
        char *crl_number, *base_number; /* hex; NULL: none, and no delta */
        int64_t this_update_s;          /* since 1970 */
        int64_t next_update_s;          /* absent: none is promised */
        char *signature;
        char *authority_key_id; /* hex; NULL: none */
        char **scope;           /* what it speaks about, if not about all that its issuer issued */
        size_t n_scope;
        int64_t entries;                  /* how many it has */
        struct portrait_revoked *revoked; /* the first of them */
        size_t n_revoked;
        struct portrait_fault *faults;
        size_t n_faults;
        char *sha256;
};

extern const struct schema portrait_cert_schema, portrait_crl_schema;

/** portrait_cert() - @out: schema_deinit() it; written on success only; Return: 0 or -ENOMEM */
int portrait_cert(const struct cert *cert, struct portrait_cert *out);

/**
 * portrait_crl() - the same of a CRL
 * @der: the whole CRL that @crl was read from
 * @n_max: how many entries are described, the first in its order
 *
 * Return: 0 or -ENOMEM.
 */
int portrait_crl(const struct crl *crl, struct bytes der, size_t n_max, struct portrait_crl *out);
