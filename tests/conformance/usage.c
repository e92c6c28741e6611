/* SPDX-License-Identifier: Apache-2.0 */
#include "conformance/cast.h"
#include "conformance/row.h"
#include "proto/compiler.h"

#define STEP9  "OPC 10000-4 6.1.3 step 9"
#define UNLESS "OPC 10000-4 Table 106: unless the certificate indicates that the usage is mandatory"
#define RSA_USAGES                                                                                 \
        "OPC 10000-6 6.2.2: digitalSignature, nonRepudiation, keyEncipherment, dataEncipherment"
#define CA_FLAG "Reading: cA TRUE on a leaf"

#define SUPPRESS     .settings = "Suppress=BadCertificateUseNotAllowed"
#define SUPPRESS_CAS .settings = "Suppress=BadCertificateIssuerUseNotAllowed"
#define FIELD        .settings = "Strictness=field"

#define IS_WRONG  .findings = { FAIL(USE_NOT_ALLOWED, USAGE, 0) }
#define IS_LET    .findings = { LET(USE_NOT_ALLOWED, USAGE, 0) }
#define IS_ABSENT .findings = { FAIL_ABSENT(USE_NOT_ALLOWED, USAGE, 0) }

/* Leaves of the plant with some keyUsage or extendedKeyUsage. */
#define USAGE(text)    PLANT, .presented = { CERT(.issuer = &CA, .key_usage = (text)) }
#define EXTENDED(text) PLANT, .presented = { CERT(.issuer = &CA, .eku = (text)) }
#define EC(...)        EC_PLANT, .presented = { CERT(.issuer = &EC_CA, .key = "p256-leaf", __VA_ARGS__) }

#define FULL "digitalSignature,nonRepudiation,keyEncipherment,dataEncipherment"

/* Self-signed ones. */
static const struct mint_cert
        NO_CERT_SIGN = { .key_usage = "critical," FULL },
        SELF_CA = { .basic_constraints = "critical,CA:TRUE" },
        SELF_CRL_SIGNER = { .basic_constraints = "critical,CA:TRUE",
                            .key_usage = "critical," FULL ",cRLSign" },
        SELF_REAL_CA = { .basic_constraints = "critical,CA:TRUE",
                         .key_usage = "critical," FULL ",keyCertSign,cRLSign" },
        SELF_CA_NO_USAGE = { .basic_constraints = "critical,CA:TRUE", .key_usage = MINT_NONE },
        EC_SELF_CA = { .key = "p256-self", .basic_constraints = "critical,CA:TRUE" },
        QT = { .key_usage = "critical,nonRepudiation,digitalSignature,keyEncipherment",
               .eku = MINT_NONE },
        NO_EKU = { .eku = MINT_NONE };

static const struct row ROWS[] = {
        /* --- keyUsage of an RSA leaf --- */
        { .id = "all usages", .clause = RSA_USAGES, USAGE("critical," FULL) },
        { .id = "all usages and more",
          .clause = RSA_USAGES,
          USAGE("critical," FULL ",keyAgreement") },
        {
                .id = "without digitalSignature",
                .clause = RSA_USAGES,
                USAGE("critical,nonRepudiation,keyEncipherment,dataEncipherment"),
                IS_WRONG,
        },
        {
                .id = "without keyEncipherment",
                .clause = RSA_USAGES,
                USAGE("critical,digitalSignature,nonRepudiation,dataEncipherment"),
                IS_WRONG,
        },
        {
                .id = "without dataEncipherment",
                .clause = RSA_USAGES,
                USAGE("critical,digitalSignature,nonRepudiation,keyEncipherment"),
                IS_WRONG,
        },
        {
                .id = "without dataEncipherment in a critical keyUsage, suppressed in vain",
                .clause = UNLESS,
                USAGE("critical,digitalSignature,nonRepudiation,keyEncipherment"),
                SUPPRESS,
                IS_WRONG,
        },
        {
                .id = "without dataEncipherment in a keyUsage that is not critical",
                .clause = UNLESS,
                USAGE("digitalSignature,nonRepudiation,keyEncipherment"),
                IS_WRONG,
        },
        {
                .id = "without dataEncipherment in a keyUsage that is not critical, suppressed",
                .clause = UNLESS,
                USAGE("digitalSignature,nonRepudiation,keyEncipherment"),
                SUPPRESS,
                IS_LET,
        },
        {
                .id = "Strictness=field does not let a usage be missing",
                .clause = "Reading: field suppresses the absent ones",
                USAGE("digitalSignature,nonRepudiation,keyEncipherment"),
                FIELD,
                IS_WRONG,
        },
        {
                .id = "without nonRepudiation",
                .clause = "Reading: nonRepudiation missing: UseNotAllowed/absent",
                USAGE("critical,digitalSignature,keyEncipherment,dataEncipherment"),
                IS_ABSENT,
        },
        {
                .id = "without nonRepudiation in a store of the field",
                .clause = "Reading: nonRepudiation missing: UseNotAllowed/absent, suppressible",
                USAGE("critical,digitalSignature,keyEncipherment,dataEncipherment"),
                FIELD,
                .findings = { LET_ABSENT(USE_NOT_ALLOWED, USAGE, 0) },
        },
        {
                .id = "without nonRepudiation, suppressed by the whole name",
                .clause = "Reading: UseNotAllowed contains UseNotAllowed/absent",
                USAGE("critical,digitalSignature,keyEncipherment,dataEncipherment"),
                SUPPRESS,
                .findings = { LET_ABSENT(USE_NOT_ALLOWED, USAGE, 0) },
        },
        { .id = "no keyUsage", .clause = RSA_USAGES, USAGE(MINT_NONE), IS_ABSENT },
        {
                .id = "no keyUsage, suppressed by the request",
                .clause = RSA_USAGES,
                USAGE(MINT_NONE),
                .suppress = "BadCertificateUseNotAllowed/absent",
                .findings = { LET_ABSENT(USE_NOT_ALLOWED, USAGE, 0) },
        },
        {
                .id = "self-signed without keyCertSign",
                .clause = "OPC 10000-6 6.2.2: wanted, noted if missing",
                .trusted = { &NO_CERT_SIGN },
                .presented = { &NO_CERT_SIGN },
                .findings = { NOTE(USAGE, 0, "keyCertSign") },
        },

        /* --- keyUsage of an EC leaf --- */
        { .id = "EC: digitalSignature",
          .clause = STEP9,
          EC(.key_usage = "critical,digitalSignature") },
        {
                .id = "EC: further usages",
                .clause = "Reading: at least digitalSignature; further bits allowed",
                EC(.key_usage = "critical," FULL ",keyAgreement"),
        },
        { .id = "EC: without digitalSignature",
          .clause = STEP9,
          EC(.key_usage = "critical,keyAgreement"),
          IS_WRONG },
        {
                .id = "EC: without digitalSignature, not critical, suppressed",
                .clause = UNLESS,
                EC(.key_usage = "keyAgreement"),
                SUPPRESS,
                IS_LET,
        },
        { .id = "EC: no keyUsage", .clause = STEP9, EC(.key_usage = MINT_NONE), IS_ABSENT },

        /* --- extendedKeyUsage --- */
        { .id = "clientAuth of a client", .clause = STEP9, EXTENDED("clientAuth") },
        { .id = "serverAuth of a client", .clause = STEP9, EXTENDED("serverAuth"), IS_WRONG },
        { .id = "serverAuth of a server",
          .clause = STEP9,
          EXTENDED("serverAuth"),
          .purpose = PURPOSE_SERVER },
        { .id = "clientAuth of a server",
          .clause = STEP9,
          EXTENDED("clientAuth"),
          .purpose = PURPOSE_SERVER,
          IS_WRONG },
        { .id = "any usage",
          .clause = STEP9,
          EXTENDED("anyExtendedKeyUsage"),
          .purpose = PURPOSE_SERVER },
        { .id = "another usage beside it", .clause = STEP9, EXTENDED("codeSigning,clientAuth") },
        { .id = "another usage alone", .clause = STEP9, EXTENDED("codeSigning"), IS_WRONG },
        { .id = "another usage alone, suppressed",
          .clause = UNLESS,
          EXTENDED("codeSigning"),
          SUPPRESS,
          IS_LET },
        {
                .id = "another usage alone and critical, suppressed in vain",
                .clause = UNLESS,
                EXTENDED("critical,codeSigning"),
                SUPPRESS,
                IS_WRONG,
        },
        {
                .id = "a critical keyUsage does not keep extendedKeyUsage from being suppressed",
                .clause = "OPC 10000-4 Table 106: that very extension",
                PLANT,
                .presented = { CERT(.issuer = &CA, .key_usage = "critical," FULL,
                                    .eku = "codeSigning") },
                SUPPRESS,
                IS_LET,
        },
        { .id = "EC: serverAuth of a client", .clause = STEP9, EC(.eku = "serverAuth"), IS_WRONG },
        { .id = "EC: no extendedKeyUsage",
          .clause = "Reading: absent: ECC fine",
          EC(.eku = MINT_NONE) },
        {
                .id = "RSA: no extendedKeyUsage",
                .clause = "OPC 10000-6 6.2.2: serverAuth and clientAuth",
                EXTENDED(MINT_NONE),
                IS_ABSENT,
        },
        {
                .id = "RSA: no extendedKeyUsage in a store of the field",
                .clause = "Reading: certificates made after the Qt tutorial have no EKU",
                .trusted = { &NO_EKU },
                .presented = { &NO_EKU },
                FIELD,
                .findings = { LET_ABSENT(USE_NOT_ALLOWED, USAGE, 0) },
        },
        {
                .id = "the Qt tutorial's certificate lacks dataEncipherment under a critical "
                      "keyUsage",
                .clause = "OPC 10000-6 6.2.2",
                .trusted = { &QT },
                .presented = { &QT },
                .settings = "Strictness=field; Suppress=BadCertificateUseNotAllowed",
                .findings = { FAIL_SAYS(USE_NOT_ALLOWED, USAGE, 0, "dataEncipherment"),
                              LET_ABSENT(USE_NOT_ALLOWED, USAGE, 0) },
        },

        /* --- basicConstraints of a leaf --- */
        {
                .id = "no basicConstraints",
                .clause = "RFC 5280 4.2.1.9: absent: no CA",
                PLANT,
                .presented = { CERT(.issuer = &CA, .basic_constraints = MINT_NONE) },
        },
        {
                .id = "a real CA is no application, and the client is not told why",
                .clause = CA_FLAG,
                PLANT,
                .presented = { CERT(.issuer = &CA, .basic_constraints = "critical,CA:TRUE",
                                    .key_usage = "critical," FULL ",keyCertSign,cRLSign") },
                .findings = { FAIL(USE_NOT_ALLOWED, USAGE, 0) },
                .wire = STATUS_SECURITY_CHECKS_FAILED,
        },
        {
                .id = "a real EC CA is no application",
                .clause = CA_FLAG,
                EC(.basic_constraints = "critical,CA:TRUE",
                   .key_usage = "digitalSignature,keyCertSign,cRLSign"),
                SUPPRESS,
                .findings = { FAIL(USE_NOT_ALLOWED, USAGE, 0) },
                .wire = STATUS_SECURITY_CHECKS_FAILED,
        },
        {
                .id = "cA TRUE on a leaf that is not self-signed, never suppressed",
                .clause = CA_FLAG,
                PLANT,
                .presented = { CERT(.issuer = &CA, .basic_constraints = "CA:TRUE") },
                SUPPRESS,
                IS_WRONG,
        },
        {
                .id = "cA TRUE on a self-signed one without cRLSign is noted",
                .clause = "Reading: the compliance test's own are such",
                .trusted = { &SELF_CA },
                .presented = { &SELF_CA },
                .findings = { NOTE(USAGE, 0, "cA") },
        },
        {
                .id = "cA TRUE on a self-signed EC one without cRLSign is noted",
                .clause = "Reading: the compliance test's own are such",
                .trusted = { &EC_SELF_CA },
                .presented = { &EC_SELF_CA },
                .findings = { NOTE(USAGE, 0, "cA") },
        },
        {
                .id = "cA TRUE on a self-signed one with cRLSign is not accepted",
                .clause = "Reading: self-signed with cA TRUE without cRLSign: accepted",
                .trusted = { &SELF_CRL_SIGNER },
                .presented = { &SELF_CRL_SIGNER },
                SUPPRESS,
                IS_WRONG,
        },
        {
                .id = "a self-signed real CA is no application",
                .clause = CA_FLAG,
                .trusted = { &SELF_REAL_CA },
                .presented = { &SELF_REAL_CA },
                SUPPRESS,
                .findings = { FAIL(USE_NOT_ALLOWED, USAGE, 0) },
                .wire = STATUS_SECURITY_CHECKS_FAILED,
        },
        {
                .id = "a self-signed CA without keyUsage is a real one",
                .clause = "RFC 5280 4.2.1.3: absent: no restriction",
                .trusted = { &SELF_CA_NO_USAGE },
                .presented = { &SELF_CA_NO_USAGE },
                .findings = { FAIL(USE_NOT_ALLOWED, USAGE, 0),
                              FAIL_ABSENT(USE_NOT_ALLOWED, USAGE, 0) },
                .wire = STATUS_SECURITY_CHECKS_FAILED,
        },
};

int main(void)
{
        return row_run("usage", ROWS, ARRAY_SIZE(ROWS));
}
