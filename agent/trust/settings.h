/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Settings - what an administrator set for one store and what changes a verdict. Part of every
 * snapshot, so that a changed setting is a new generation like a changed file. Frozen once the
 * first snapshot holds it. Beside it stands when to be warned, which changes no verdict.
 *
 * The text form is that of the configuration: settings_set() takes each key of a [Store NAME]
 * section that belongs here, so that one table says which keys exist, what they mean and what they
 * accept.
 */

#include "base/ref.h"
#include "base/vec.h"
#include "proto/compiler.h"
#include "trust/suppress.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct crl;
struct policy;

#define SETTINGS_CRL_MAX_AGE_S      (INT64_C(30) * 24 * 3600)
#define SETTINGS_CLOCK_SKEW_MAX_S   INT64_C(3600)
#define SETTINGS_WARN_CERTIFICATE_S (INT64_C(14) * 24 * 3600)
#define SETTINGS_WARN_CRL_AUTO      INT64_C(-1)
#define SETTINGS_PERIOD_MAX_S       (INT64_C(3660) * 24 * 3600)

/*
 * How step 10 treats what one CA issued (OPC 10000-4 Table 106: "disables revocation checks for a
 * CA").
 */
enum settings_revocation {
        SETTINGS_REVOCATION_REQUIRED,   /* a current CRL must be there (default) */
        SETTINGS_REVOCATION_IF_PRESENT, /* no CRL of this CA at all: step 10 passes */
        SETTINGS_REVOCATION_OFF,        /* step 10 passes; CRLs that are there still revoke */
};

struct settings_ca {
        uint8_t sha256[32];
        enum settings_revocation revocation;
};

struct settings {
        struct ref ref;
        unsigned int suppress;       /* Suppress=: enum suppress; suppressed without asking */
        unsigned int tolerated;      /* Strictness=field: likewise, the "/absent" ones */
        unsigned int may_suppress;   /* MaySuppress=: what a request may name */
        const struct policy *policy; /* Policy=: of requests that name none; NULL: the default */
        bool allows_deprecated;      /* DeprecatedPolicies=: Basic128Rsa15, Basic256, SHA-1 */
        bool wants_single_uri;       /* SingleUri= */
        int64_t clock_skew_s;        /* ClockSkew=: added at both ends of a validity */
        /* CrlMaxAge=: since thisUpdate; 0: SETTINGS_CRL_MAX_AGE_S, if it has no nextUpdate */
        int64_t crl_max_age_s;
        int64_t crl_grace_s; /* CrlGrace=: after nextUpdate step 10 is a suppressed finding */
        VEC(struct settings_ca) cas; /* RevocationCheck= of single CAs, in order of sha256 */

        /* These are not written by settings_write(). */
        int64_t warn_certificate_s; /* WarnCertificate=: before it expires */
        /* WarnCrl=: before it is out of date; SETTINGS_WARN_CRL_AUTO: as engine/freshness says */
        int64_t warn_crl_s;
        int64_t update_frequency_s; /* UpdateFrequency=: the lists should change so often; 0: need not */
};

enum {
        SETTINGS_E_UNKNOWN_KEY = 1,
        SETTINGS_E_BAD_VALUE = 2,
};

/** settings_new() - the defaults of every key; Return: 0 or -ENOMEM */
int settings_new(struct settings **out);

struct settings *settings_ref(const struct settings *settings);
struct settings *settings_unref(struct settings *settings);

/**
 * settings_set() - take one key of the configuration
 * @settings: not yet part of a snapshot
 * @key:      as written in a [Store NAME] section, e.g. "Suppress"
 * @value:    as written; a list is separated by blanks or commas; periods are "30d",
 *            "12h", "5min", "10s" or seconds
 * @out_reason: what is wrong with the value, one phrase for the administrator; written
 *              for SETTINGS_E_BAD_VALUE only; free() it
 *
 * Keys: Suppress, MaySuppress, Strictness (spec, field), Policy, DeprecatedPolicies, SingleUri,
 * ClockSkew, CrlMaxAge, CrlGrace, WarnCertificate, WarnCrl, UpdateFrequency.
 *
 * Return: 0, a SETTINGS_E_* condition, or -ENOMEM.
 */
int settings_set(struct settings *settings, const char *key, const char *value, char **out_reason);

/**
 * settings_set_ca() - RevocationCheck= of one CA
 * @value: "required", "if-present" or "off"
 *
 * Return: 0, SETTINGS_E_BAD_VALUE (also where the CA was named before), or -ENOMEM.
 */
int settings_set_ca(struct settings *settings, const uint8_t sha256[32], const char *value);

/** settings_revocation_of() - what holds for the CA of that SHA-256 */
enum settings_revocation settings_revocation_of(const struct settings *settings,
                                                const uint8_t sha256[32]);

/** settings_revocation_name() - "required", "if-present" or "off" */
const char *settings_revocation_name(enum settings_revocation revocation);

/**
 * settings_crl_last_s() - the last second at which a CRL is current
 *
 * Its nextUpdate; but no later than CrlMaxAge= after its thisUpdate, which holds for every CRL
 * where it is set, else for those without nextUpdate.
 */
int64_t settings_crl_last_s(const struct settings *settings, const struct crl *crl);

/**
 * settings_write() - append what distinguishes these settings from others, for hashing
 *
 * Equal bytes mean that no verdict differs. See buf_error().
 */
void settings_write(const struct settings *settings, struct buf *out);

DEFINE_CLEANUP(struct settings *, settings_unref)
