/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Departures - what departs from RFC 5280 and is noted, not refused, because certificates like that are in use. Each
 * row says in its clause where one was seen, or which foreign case demands what we do not; every note that pki/fault
 * knows of a certificate has a row.
 */

#include "conformance/cast.h"
#include "conformance/odd_key.h"
#include "conformance/row.h"
#include "harness/must.h"
#include "harness/test.h"
#include "pki/fault.h"
#include "proto/compiler.h"

/* A leaf of the plant that is different in some way, and what is noted of it. */
#define LIKE(...)         PLANT, .presented = { CERT(.issuer = &CA, __VA_ARGS__) }
#define IS_NOTED(code)    .findings = { NOTE(STRUCTURE, 0, "(" code ")") }
#define IS_NOTED_OF(code) .findings = { NOTE(STRUCTURE, 1, "(" code ")") }

#define CA_LIKE(...)                                                                               \
        .trusted = { CERT(.ca = true, .subject = "CN=Plant CA", .key = "rsa2048-3",                \
                          .issuer = &ROOT, __VA_ARGS__) },                                         \
        .issuers = { &ROOT }, .crls = { &ROOT_CRL, &CA_CRL }, .presented = { &LEAF }

#define USAGES "digitalSignature,nonRepudiation,keyEncipherment,dataEncipherment"

/* 70 characters; 64 are allowed. */
#define LONG_NAME "CN=nifi-0-node.nifi-headless.name-space-longername.svc.cluster.local-0000"

/* Adds the subjectUniqueID [2] of one bit before the extensions. */
static void add_unique_id(struct mint_der *tbs)
{
        struct mint_der tag = mint_hex("a3 81"), id = mint_hex("82 02 00 01"), head, tail;
        uint8_t *place = memmem(tbs->data, tbs->n, tag.data, tag.n);
        size_t n_head = (size_t)(place - tbs->data);
        unsigned int n;

        must(place && tbs->data[1] == 0x82, "no extensions");
        n = (unsigned int)(tbs->data[2] << 8 | tbs->data[3]) + (unsigned int)id.n;
        tbs->data[2] = (uint8_t)(n >> 8);
        tbs->data[3] = (uint8_t)n;
        head = (struct mint_der){ must_calloc(1, n_head), n_head };
        tail = (struct mint_der){ must_calloc(1, tbs->n - n_head), tbs->n - n_head };
        memcpy(head.data, tbs->data, head.n);
        memcpy(tail.data, place, tail.n);
        mint_der_deinit(&tag);
        mint_der_deinit(tbs);
        *tbs = mint_join(mint_join(head, id), tail);
}

/* A public RSA key whose algorithm has no parameters; its key is set by main(). */
static struct mint_cert without_null = { .issuer = &CA };

static const struct row ROWS[] = {
        /* --- serial numbers --- */
        { .id = "serial number 0",
          .clause = "Seen: Chambers of Commerce Root (zmap/zlint#584)",
          LIKE(.serial = "00"),
          IS_NOTED("serial-zero") },
        { .id = "a negative serial number",
          .clause = "Seen: Samba (authelia/authelia#8767); "
                    "Azure/secrets-store-csi-driver-provider-azure#1748",
          LIKE(.serial = "-7f01"),
          IS_NOTED("serial-negative") },
        { .id = "a serial number of 21 octets",
          .clause = "Seen: crt.sh 137592758 (awslabs/certlint#47)",
          LIKE(.serial = "8000000000000000000000000000000000000001"),
          IS_NOTED("serial-long") },

        /* --- encodings --- */
        { .id = "GeneralizedTime before 2050",
          .clause = "Seen: pyOpenSSL (pyca/pyopenssl#311), CCF (microsoft/CCF#2243)",
          LIKE(.generalized_time = true),
          IS_NOTED("time-form") },
        { .id = "cA FALSE written out",
          .clause = "Seen: GoDaddy until 2014 (awslabs/certlint#11), rcgen (rustls/rcgen#443)",
          LIKE(.basic_constraints = MINT_NONE, .extra = "basicConstraints=critical,DER:3003010100"),
          IS_NOTED("default-written") },
        { .id = "keyUsage with trailing zero bits",
          .clause = "Case of x509test: xf-ext-key-usage-wrong-der",
          LIKE(.key_usage = MINT_NONE, .extra = "keyUsage=critical,DER:030200f0"),
          IS_NOTED("key-usage-form") },
        { .id = "rsaEncryption without NULL",
          .clause = "RFC 3279 2.3.1 wants NULL; OpenSSL takes it without",
          PLANT,
          .presented = { &without_null },
          IS_NOTED("algorithm-null") },
        { .id = "a unique identifier",
          .clause = "RFC 5280 4.1.2.8: be capable of parsing them",
          LIKE(.edit = add_unique_id),
          IS_NOTED("unique-id") },
        { .id = "a PrintableString with a character that it has not",
          .clause = "Case of x509test: xf-subject-nonprintable",
          LIKE(.subject = "CN=plc_1@plant", .printable = true),
          IS_NOTED("name-text") },
        { .id = "a CN of more than 64 characters",
          .clause = "Seen: names of services in clusters (OpenVPN/easy-rsa#1095)",
          LIKE(.subject = LONG_NAME),
          IS_NOTED("name-long") },

        /* --- extensions --- */
        { .id = "basicConstraints of a CA not critical",
          .clause = "Seen: whatever the section v3_ca of OpenSSL 1.0 made",
          CA_LIKE(.basic_constraints = "CA:TRUE"),
          IS_NOTED_OF("criticality") },
        { .id = "keyUsage not critical",
          .clause = "Seen: open62541's examples (open62541/open62541#3161, #7363)",
          LIKE(.key_usage = USAGES),
          IS_NOTED("criticality") },
        { .id = "pathlen of no CA",
          .clause = "Seen: code signing certificates (pyca/cryptography#3856)",
          LIKE(.basic_constraints = "critical,CA:FALSE,pathlen:0"),
          IS_NOTED("path-length-no-ca") },
        { .id = "keyCertSign of no CA, self-signed",
          .clause = "OPC 10000-6 6.2.2 demands it; seen: node-opcua, open62541 "
                    "(open62541/open62541#6733)",
          .trusted = { &SELF },
          .presented = { &SELF },
          IS_NOTED("cert-sign-no-ca") },
        { .id = "keyCertSign of no CA, not self-signed",
          .clause = "Seen: requests with the keyUsage of a self-signed one "
                    "(open62541/open62541#7363)",
          LIKE(.key_usage = "critical," USAGES ",keyCertSign"),
          IS_NOTED("cert-sign-no-ca") },
        { .id = "name constraints of no CA",
          .clause = "Case of x509test: xf-ext-name-constraints-nonca",
          LIKE(.extra = "nameConstraints=critical,permitted;DNS:a"),
          IS_NOTED("constraints-no-ca") },
        { .id = "no subject key identifier in a CA",
          .clause = "Case of x509test: xf-ext-subject-keyid-ca-absent",
          CA_LIKE(.ski = MINT_NONE),
          IS_NOTED_OF("no-subject-key-id") },
        { .id = "no extensions but what OPC UA asks for",
          .clause = "Seen: open62541/open62541#3161",
          LIKE(.ski = MINT_NONE, .aki = MINT_NONE),
          IS_NOTED("no-authority-key-id") },
        { .id = "no authority key identifier",
          .clause = "Seen: node-opcua-crypto 4.3.1 (node-opcua/node-opcua#1296)",
          LIKE(.aki = MINT_NONE),
          IS_NOTED("no-authority-key-id") },
        { .id = "an authority key identifier by issuer and serial number",
          .clause = "Seen: the Qt OPC UA tutorial; .NET (OPCFoundation/UA-.NETStandard#3517)",
          LIKE(.aki = "issuer:always"),
          IS_NOTED("authority-key-id-by-serial") },

        /* --- names --- */
        { .id = "a URI with blanks",
          .clause = "Seen: common in OPC UA (eclipse-milo/milo#672, #709)",
          LIKE(.san = "URI:urn:plc:My Application"),
          IS_NOTED("uri-odd") },
        { .id = "a URI that is relative",
          .clause = "Case of x509test: xf-ext-altname-relative-uri",
          LIKE(.san = "URI:MyApplication"),
          IS_NOTED("uri-odd") },
        { .id = "a URI without authority needs no note",
          .clause = "Seen: every urn: of OPC UA (libressl/openbsd#131)",
          LIKE(.san = "URI:urn:a:b") },
        { .id = "an empty dNSName",
          .clause = "Case of x509test: xf-ext-altname-blank-domain",
          LIKE(.san = MINT_NONE, .extra = "subjectAltName=DER:300782008603753a61"),
          IS_NOTED("dns-name-odd") },
        { .id = "a dNSName of question marks",
          .clause = "Seen: .NET on hosts with a Unicode name (OPCFoundation/UA-.NETStandard#1289)",
          LIKE(.san = "URI:urn:a,DNS:\\?\\?"),
          IS_NOTED("dns-name-odd") },
        { .id = "an rfc822Name that is none",
          .clause = "Case of x509test: xf-ext-altname-invalid-email",
          LIKE(.san = "URI:urn:a,email:nobody"),
          IS_NOTED("email-odd") },

        /* --- what is a departure and decides, by another step --- */
        { .id = "an end before the beginning",
          .clause = "RFC 5280 4.1.2.5",
          LIKE(.not_before_s = MINT_NOW_S, .not_after_s = MINT_NOW_S - 1),
          .findings = { NOTE(STRUCTURE, 0, "(validity-reversed)"),
                        FAIL(TIME_INVALID, VALIDITY, 0) } },
};

/* CRLs have no place in a chain, so a verdict has no note of theirs; conformance/crl has rows of both kinds. */
static bool is_of_crl(enum fault_kind kind)
{
        return kind == FAULT_CRL_NUMBER_MISSING || kind == FAULT_CRL_VERSION;
}

static bool has_row(const char *code)
{
        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++)
                if (strstr(ROWS[i].findings[0].says ? ROWS[i].findings[0].says : "", code))
                        return true;
        return false;
}

static void every_note_has_a_row(void **state)
{
        struct faults all = { .bits = (UINT64_C(1) << FAULT_N) - 1 };
        const struct fault *fault;
        size_t at = 0;

        (void)state;
        while ((fault = faults_next(&all, &at)))
                if (!fault->is_error && !is_of_crl(fault->kind) && !has_row(fault->code))
                        fail_msg("%s has no row", fault->code);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(every_note_has_a_row) };
        int n_failed;

        without_null.spki = odd_key_without_null("rsa2048-1");
        n_failed = row_run("departures", ROWS, ARRAY_SIZE(ROWS)) +
                   cmocka_run_group_tests_name("departures, all", tests, NULL, NULL);
        mint_der_deinit(&without_null.spki);
        return n_failed;
}
