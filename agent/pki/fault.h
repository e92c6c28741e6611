/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Fault - what is odd about the structure of a certificate or CRL, each kind with a code and a
 * plain sentence.
 *
 * An error makes a certificate ambiguous or its check unsound: step 1 answers Invalid. A note is
 * any other departure from RFC 5280, of which the field is full: it is told and decides nothing.
 * Kinds are a set: an object that has a fault in ten places has it once.
 *
 * Spec: OPC 10000-4 6.1.3, step "Certificate structure".
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum fault_kind {
        /* errors */
        FAULT_ALGORITHM_MISMATCH,
        FAULT_ALGORITHM_PARAMETERS,
        FAULT_SIGNATURE_BITS,
        FAULT_BAD_TIME,
        FAULT_EMPTY_SUBJECT,
        FAULT_EMPTY_ISSUER,
        FAULT_FIELD_VERSION,
        FAULT_EXTENSION_TWICE,
        FAULT_EXTENSION_UNKNOWN_CRITICAL,
        FAULT_EXTENSION_CONTENT,
        FAULT_BASIC_CONSTRAINTS_CONTENT,
        FAULT_KEY_USAGE_CONTENT,
        FAULT_EXTENDED_KEY_USAGE_CONTENT,
        FAULT_SUBJECT_ALT_NAME_CONTENT,
        FAULT_KEY_ID_CONTENT,
        FAULT_CRL_POINTS_CONTENT,
        FAULT_NAME_CONSTRAINTS_CONTENT,
        FAULT_POLICIES_CONTENT,
        FAULT_NAMES_TOO_MANY,
        FAULT_KEY_UNREADABLE,
        FAULT_KEY_RSA_MODULUS,
        FAULT_KEY_RSA_EXPONENT,
        FAULT_KEY_RSA_TOO_LONG,
        FAULT_KEY_CURVE_EXPLICIT,
        FAULT_KEY_POINT,
        FAULT_KEY_LAST = FAULT_KEY_POINT,

        /* notes */
        FAULT_N_ERRORS,
        FAULT_SERIAL_ZERO = FAULT_N_ERRORS,
        FAULT_SERIAL_NEGATIVE,
        FAULT_SERIAL_LONG,
        FAULT_TIME_FORM,
        FAULT_VALIDITY_REVERSED,
        FAULT_DEFAULT_WRITTEN,
        FAULT_UNIQUE_ID,
        FAULT_NAME_TEXT,
        FAULT_NAME_LONG,
        FAULT_ALGORITHM_NULL,
        FAULT_CRITICALITY,
        FAULT_PATH_LENGTH_NO_CA,
        FAULT_CERT_SIGN_NO_CA,
        FAULT_KEY_USAGE_FORM,
        FAULT_CONSTRAINTS_NO_CA,
        FAULT_SUBJECT_KEY_ID_MISSING,
        FAULT_AUTHORITY_KEY_ID_MISSING,
        FAULT_AUTHORITY_KEY_ID_INDIRECT,
        FAULT_URI_ODD,
        FAULT_DNS_NAME_ODD,
        FAULT_EMAIL_ODD,
        FAULT_CRL_NUMBER_MISSING,
        FAULT_CRL_VERSION,
        FAULT_N,
};

struct faults {
        uint64_t bits; /* 1 << enum fault_kind */
};

/* What is to be said about one kind; static. */
struct fault {
        enum fault_kind kind;
        bool is_error;
        const char *code; /* "extension-twice": short, stable, [a-z-] */
        const char *
                /* "an extension stands in it twice": a sentence without a full stop, static */
                text;
};

static inline void faults_add(struct faults *faults, enum fault_kind kind)
{
        faults->bits |= UINT64_C(1) << kind;
}

static inline bool faults_has(const struct faults *faults, enum fault_kind kind)
{
        return faults->bits >> kind & 1;
}

/** faults_have_error() - is one of them an error? */
static inline bool faults_have_error(const struct faults *faults)
{
        return faults->bits & ((UINT64_C(1) << FAULT_N_ERRORS) - 1);
}

/** faults_have_key_error() - is it the key that is unsound? */
static inline bool faults_have_key_error(const struct faults *faults)
{
        const uint64_t up_to = (UINT64_C(2) << FAULT_KEY_LAST) - 1;

        return faults->bits & (up_to ^ ((UINT64_C(1) << FAULT_KEY_UNREADABLE) - 1));
}

/**
 * faults_next() - walk the set, errors first
 * @at: 0 to begin with
 *
 * Return: the next one, or NULL at the end.
 */
const struct fault *faults_next(const struct faults *faults, size_t *at);
