/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Attacks - seen on real OPC UA stacks. Each is asked twice: as it comes, and with every suppression on that an
 * administrator has; neither may be Good.
 *
 * Elsewhere: impostors (conformance/impostors), what costs too much (conformance/budgets), and what is no matter of a
 * verdict: file names, a bad file beside good ones, and verdicts that outlive a change (the tests of store and service).
 */

#include "conformance/cast.h"
#include "conformance/odd_key.h"
#include "conformance/row.h"
#include "harness/must.h"
#include "proto/compiler.h"

#include <unistd.h>

#define LOOPS     "CVE-2022-37013: A signed by B signed by A"
#define CHILD     "Attack: a child of a trusted leaf"
#define TOLERATED "Attack: a child of a tolerated cA TRUE application"
#define CROSS     "Attack: a cross-certificate under the attacker's own root"
#define CURVEBALL "CVE-2020-0601"
#define LENGTHS   "CVE-2023-28831: integer overflow in lengths"
#define SYSTEM    "Attack: the trust store of the operating system consulted by mistake"

#define INCOMPLETE_AT(place) .findings = { FAIL(CHAIN_INCOMPLETE, CHAIN, place) }
#define NO_ISSUER_AT(place)  .findings = { FAIL(ISSUER_USE_NOT_ALLOWED, USAGE, place) }
#define IS_INVALID           .findings = { FAIL(INVALID, STRUCTURE, 0) }
#define IS_UNREADABLE        .findings = { FAIL(INVALID, STRUCTURE, ROW_NOWHERE) }

/* --- loops --- */

static const struct mint_cert LOOP_B, LOOP_Z;
static const struct mint_cert
        LOOP_A = { .ca = true, .subject = "CN=A", .key = "rsa2048-5", .issuer = &LOOP_B },
        LOOP_LEAF = { .issuer = &LOOP_A },
        /* three of them */
        LOOP_X = { .ca = true, .subject = "CN=X", .key = "p256-x", .issuer = &LOOP_Z },
        LOOP_Y = { .ca = true, .subject = "CN=Y", .key = "p256-y", .issuer = &LOOP_X },
        LOOP_XYZ_LEAF = { .issuer = &LOOP_X, .key = "p256-leaf" };
static const struct mint_cert LOOP_B = {
        .ca = true, .subject = "CN=B", .key = "rsa2048-6", .issuer = &LOOP_A
};
static const struct mint_cert LOOP_Z = {
        .ca = true, .subject = "CN=Z", .key = "p256-z", .issuer = &LOOP_Y
};

/* Two keys of one name that certify each other: self-issued, and no root. */
static const struct mint_cert TWIN_2;
static const struct mint_cert TWIN_1 = { .ca = true,
                                         .subject = "CN=Twin",
                                         .key = "rsa2048-5",
                                         .issuer = &TWIN_2 },
                              TWIN_LEAF = { .issuer = &TWIN_1 };
static const struct mint_cert TWIN_2 = {
        .ca = true, .subject = "CN=Twin", .key = "rsa2048-6", .issuer = &TWIN_1
};

/* --- children --- */

static const struct mint_cert
        CHILD_OF_LEAF = { .issuer = &LEAF, .key = "rsa2048-6", .subject = "CN=Child" },
        CHILD_OF_SELF = { .issuer = &SELF, .key = "rsa2048-6", .subject = "CN=Child" },
        CHILD_OF_EC_SELF = { .issuer = &EC_SELF, .key = "p256-child", .subject = "CN=Child" },
        SELF_CA = { .subject = "CN=Tolerated", .basic_constraints = "critical,CA:TRUE" },
        CHILD_OF_SELF_CA = { .issuer = &SELF_CA, .key = "rsa2048-6", .subject = "CN=Child" },
        /* not critical, so that more of it might be suppressed */
        SOFT_CA = { .subject = "CN=Tolerated",
                    .basic_constraints = "CA:TRUE",
                    .key_usage = "digitalSignature,nonRepudiation,keyEncipherment,dataEncipherment,"
                                 "keyCertSign" },
        CHILD_OF_SOFT_CA = { .issuer = &SOFT_CA, .key = "rsa2048-6", .subject = "CN=Child" },
        /* an attacker's CA below a trusted application */
        CA_OF_LEAF = { .ca = true, .subject = "CN=Evil CA", .key = "rsa2048-6", .issuer = &LEAF },
        GRANDCHILD = { .issuer = &CA_OF_LEAF, .key = "rsa2048-7", .subject = "CN=Child" };

/* --- cross-certificates --- */

static const struct mint_cert
        /* the plant's CA, key and all, as a stranger certified it */
        CA_BY_EVIL = { .ca = true,
                       .subject = "CN=Plant CA",
                       .key = "rsa2048-3",
                       .issuer = &EVIL_ROOT },
        /* the plant's CA by name and key id, with the stranger's key */
        FALSE_CA = { .ca = true,
                     .subject = "CN=Plant CA",
                     .key = "rsa2048-8",
                     .issuer = &EVIL_ROOT },
        FALSE_LEAF = { .issuer = &FALSE_CA },
        /* the plant's root by name, with the stranger's key */
        FALSE_ROOT = { .ca = true, .subject = "CN=Root", .key = "rsa2048-7" },
        CA_BY_FALSE_ROOT = { .ca = true,
                             .subject = "CN=Plant CA",
                             .key = "rsa2048-8",
                             .issuer = &FALSE_ROOT },
        LEAF_BY_FALSE_ROOT = { .issuer = &CA_BY_FALSE_ROOT };

/* --- keys; what is set by main() --- */

static struct mint_cert explicit_leaf = { .issuer = &EC_CA, .key = "p256-leaf" };
static struct mint_cert explicit_root = { .ca = true, .subject = "CN=EC Root", .key = "p256-root" };
static struct mint_cert explicit_ca = {
        .ca = true, .subject = "CN=EC CA", .key = "p256-ca", .issuer = &EC_ROOT
};
static struct mint_cert full_exponent = { .issuer = &CA, .key = "rsa3072-1" };
static struct mint_cert exponent_1 = { .issuer = &CA };
static struct mint_cert self_of_exponent_1 = { .subject = "CN=Self-signed" };

/* --- lengths --- */

static void become(struct mint_der *element, const char *hex)
{
        mint_der_deinit(element);
        *element = mint_hex(hex);
}

static void claim_4_gib(struct mint_der *element)
{
        become(element, "30 84 ff ff ff ff 30 82 02 00 a0 03 02 01 02");
}

static void claim_all_of_size_t(struct mint_der *element)
{
        become(element, "30 88 ff ff ff ff ff ff ff ff 30 82 02 00 a0 03");
}

static void claim_more_than_size_t(struct mint_der *element)
{
        become(element, "30 89 01 00 00 00 00 00 00 00 04 30 02 05 00");
}

static void claim_a_negative_length(struct mint_der *element)
{
        become(element, "30 84 80 00 00 00 30 82 02 00 a0 03 02 01 02");
}

static void claim_126_octets_of_length(struct mint_der *element)
{
        become(element, "30 fe ff ff ff ff ff ff ff ff ff ff ff ff ff ff");
}

/* The length of an extension's value inside the certificate, all of a certificate's other lengths being right. */
static void claim_4_gib_inside(struct mint_der *tbs)
{
        mint_replace(tbs, "06 03 55 1d 0f 01 01 ff 04 04", "06 03 55 1d 0f 01 01 ff 04 84");
}

static const struct row ROWS[] = {
        /* --- loops --- */
        { .id = "a loop of two CAs",
          .clause = LOOPS,
          .trusted = { &LOOP_A },
          .issuers = { &LOOP_B },
          .presented = { &LOOP_LEAF },
          INCOMPLETE_AT(2) },
        { .id = "a loop of two CAs, both trusted",
          .clause = LOOPS,
          .trusted = { &LOOP_A, &LOOP_B },
          .presented = { &LOOP_LEAF, &LOOP_A, &LOOP_B },
          INCOMPLETE_AT(2) },
        { .id = "a loop of two CAs that are presented",
          .clause = LOOPS,
          .presented = { &LOOP_LEAF, &LOOP_A, &LOOP_B },
          INCOMPLETE_AT(2) },
        { .id = "a loop of three CAs",
          .clause = LOOPS,
          .trusted = { &LOOP_X, &LOOP_Y, &LOOP_Z },
          .presented = { &LOOP_XYZ_LEAF },
          INCOMPLETE_AT(3) },
        { .id = "a loop that is asked about itself",
          .clause = LOOPS,
          .trusted = { &LOOP_A, &LOOP_B },
          .presented = { &LOOP_A, &LOOP_B },
          INCOMPLETE_AT(1) },
        { .id = "two keys of one name that certify each other",
          .clause = LOOPS,
          .trusted = { &TWIN_1, &TWIN_2 },
          .presented = { &TWIN_LEAF },
          INCOMPLETE_AT(2) },

        /* --- lengths --- */
        { .id = "a length of 4 GiB",
          .clause = LENGTHS,
          PLANT,
          .presented = { &LEAF },
          .spoil = claim_4_gib,
          IS_UNREADABLE },
        { .id = "a length of all that can be counted",
          .clause = LENGTHS,
          PLANT,
          .presented = { &LEAF },
          .spoil = claim_all_of_size_t,
          IS_UNREADABLE },
        { .id = "a length of more than can be counted",
          .clause = LENGTHS,
          PLANT,
          .presented = { &LEAF },
          .spoil = claim_more_than_size_t,
          IS_UNREADABLE },
        { .id = "a length that would be negative",
          .clause = LENGTHS,
          PLANT,
          .presented = { &LEAF },
          .spoil = claim_a_negative_length,
          IS_UNREADABLE },
        { .id = "a length of 126 octets",
          .clause = LENGTHS,
          PLANT,
          .presented = { &LEAF },
          .spoil = claim_126_octets_of_length,
          IS_UNREADABLE },
        { .id = "a length of 4 GiB inside an extension",
          .clause = LENGTHS,
          PLANT,
          .presented = { CERT(.issuer = &CA, .edit = claim_4_gib_inside) },
          IS_INVALID },

        /* --- children --- */
        { .id = "a child of a trusted leaf",
          .clause = CHILD,
          .trusted = { &LEAF },
          .issuers = { &CA, &ROOT },
          .crls = { &ROOT_CRL, &CA_CRL },
          .presented = { &CHILD_OF_LEAF },
          .findings = { FAIL(ISSUER_USE_NOT_ALLOWED, USAGE, 1),
                        FAIL(REVOCATION_UNKNOWN, FIND_REVOCATION_LIST, 0) } },
        { .id = "a child of a trusted leaf that has CRLs of its own",
          .clause = CHILD,
          .trusted = { &LEAF },
          .issuers = { &CA, &ROOT },
          .crls = { &ROOT_CRL, &CA_CRL, CRL(.issuer = &LEAF) },
          .presented = { &CHILD_OF_LEAF, &LEAF },
          NO_ISSUER_AT(1) },
        { .id = "a child of a trusted self-signed application",
          .clause = CHILD,
          .trusted = { &SELF },
          .crls = { CRL(.issuer = &SELF) },
          .presented = { &CHILD_OF_SELF, &SELF },
          NO_ISSUER_AT(1) },
        { .id = "a child of a trusted self-signed EC application",
          .clause = CHILD,
          .trusted = { &EC_SELF },
          .crls = { CRL(.issuer = &EC_SELF) },
          .presented = { &CHILD_OF_EC_SELF },
          NO_ISSUER_AT(1) },
        { .id = "a child of a tolerated cA TRUE application",
          .clause = TOLERATED,
          .trusted = { &SELF_CA },
          .crls = { CRL(.issuer = &SELF_CA) },
          .presented = { &CHILD_OF_SELF_CA },
          NO_ISSUER_AT(1) },
        { .id = "a child of a tolerated cA TRUE application without critical extensions",
          .clause = TOLERATED,
          .trusted = { &SOFT_CA },
          .crls = { CRL(.issuer = &SOFT_CA) },
          .presented = { &CHILD_OF_SOFT_CA },
          NO_ISSUER_AT(1) },
        { .id = "a child that asks as a user",
          .clause = TOLERATED,
          .trusted = { &SOFT_CA },
          .crls = { CRL(.issuer = &SOFT_CA) },
          .presented = { &CHILD_OF_SOFT_CA },
          .purpose = PURPOSE_USER,
          NO_ISSUER_AT(1) },
        { .id = "a child that asks as a TLS server",
          .clause = TOLERATED,
          .trusted = { &SOFT_CA },
          .crls = { CRL(.issuer = &SOFT_CA) },
          .presented = { &CHILD_OF_SOFT_CA },
          .purpose = PURPOSE_HTTPS,
          .host = MINT_HOST,
          .findings = { FAIL(ISSUER_USE_NOT_ALLOWED, USAGE, 1),
                        FAIL(REVOCATION_UNKNOWN, FIND_REVOCATION_LIST, 0) } },
        { .id = "a CA below a trusted leaf, and its child",
          .clause = CHILD,
          .trusted = { &LEAF },
          .issuers = { &CA, &ROOT },
          .crls = { &ROOT_CRL, &CA_CRL, CRL(.issuer = &LEAF), CRL(.issuer = &CA_OF_LEAF) },
          .presented = { &GRANDCHILD, &CA_OF_LEAF },
          NO_ISSUER_AT(2) },

        /* --- cross-certificates --- */
        { .id = "a cross-certificate for a missing CA",
          .clause = CROSS,
          .trusted = { &LEAF },
          .issuers = { &ROOT },
          .crls = { &ROOT_CRL, &CA_CRL },
          .presented = { &LEAF, &CA_BY_EVIL, &EVIL_ROOT },
          INCOMPLETE_AT(1) },
        { .id = "a cross-certificate for a missing CA, its root among the issuers",
          .clause = CROSS,
          .issuers = { &EVIL_ROOT, &ROOT },
          .crls = { &EVIL_ROOT_CRL, &ROOT_CRL, &CA_CRL },
          .presented = { &LEAF, &CA_BY_EVIL },
          .findings = { FAIL(UNTRUSTED, TRUST, 0) } },
        { .id = "a cross-certificate for a revoked CA",
          .clause = CROSS,
          .trusted = { &CA },
          .issuers = { &ROOT },
          .crls = { CRL_LISTING(&CA, .issuer = &ROOT), &CA_CRL },
          .presented = { &LEAF, &CA_BY_EVIL, &EVIL_ROOT },
          .findings = { FAIL(ISSUER_REVOKED, REVOCATION, 1) } },
        { .id = "a cross-certificate for a revoked CA that is presented itself",
          .clause = CROSS,
          .trusted = { &ROOT },
          .crls = { CRL_LISTING(&CA, .issuer = &ROOT), &CA_CRL },
          .presented = { &LEAF, &CA_BY_EVIL, &CA, &EVIL_ROOT },
          .findings = { FAIL(ISSUER_REVOKED, REVOCATION, 1) } },
        { .id = "a false CA of the right name",
          .clause = CROSS,
          PLANT,
          .presented = { &FALSE_LEAF, &FALSE_CA, &EVIL_ROOT },
          INCOMPLETE_AT(1) },
        { .id = "a false CA of the right name below a false root of the right name",
          .clause = CROSS,
          PLANT,
          .presented = { &LEAF_BY_FALSE_ROOT, &CA_BY_FALSE_ROOT, &FALSE_ROOT },
          INCOMPLETE_AT(1) },
        { .id = "a stranger's whole chain",
          .clause = CROSS,
          PLANT,
          .presented = { &EVIL_LEAF, &EVIL_CA, &EVIL_ROOT },
          INCOMPLETE_AT(1) },
        { .id = "a stranger's whole chain with the plant's certificates behind it",
          .clause = "Reading: trust is decided on the very chain that was verified",
          PLANT,
          .presented = { &EVIL_LEAF, &EVIL_CA, &EVIL_ROOT, &LEAF, &CA, &ROOT },
          INCOMPLETE_AT(1) },

        /* --- keys --- */
        { .id = "RSA with exponent 1",
          .clause = "Attack: RSA with exponent 1",
          PLANT,
          .presented = { &exponent_1 },
          IS_INVALID },
        { .id = "a trusted self-signed one of exponent 1",
          .clause = "Attack: RSA with exponent 1: any signature is the message",
          .trusted = { &self_of_exponent_1 },
          .presented = { &self_of_exponent_1 },
          IS_INVALID },
        { .id = "RSA with an exponent of 3072 bits",
          .clause = "Attack: 20 s of CPU for one certificate",
          PLANT,
          .presented = { &full_exponent },
          IS_INVALID },
        { .id = "a curve with explicit parameters",
          .clause = CURVEBALL,
          EC_PLANT,
          .presented = { &explicit_leaf },
          IS_INVALID },
        { .id = "a root's key again, by explicit parameters",
          .clause = CURVEBALL,
          .trusted = { &EC_ROOT },
          .crls = { &EC_ROOT_CRL, &EC_CA_CRL },
          .presented = { &EC_LEAF, &explicit_ca, &explicit_root },
          .findings = { FAIL(INVALID, SIGNATURE, 0) } },
        { .id = "a root's key again, by explicit parameters, and trusted",
          .clause = CURVEBALL,
          .trusted = { &explicit_root },
          .issuers = { &EC_CA },
          .crls = { &EC_ROOT_CRL, &EC_CA_CRL },
          .presented = { &EC_LEAF },
          .findings = { FAIL(INVALID, SIGNATURE, 1) } },

        /* --- names --- */
        { .id = "a CN that is a path",
          .clause = "open62541-SA-2026-0011",
          .presented = { CERT(.subject = "CN=../../evil") },
          .findings = { FAIL_SAYS(UNTRUSTED, TRUST, 0, "../../evil") } },

        /* --- the operating system, see main() --- */
        { .id = "a root that the operating system trusts",
          .clause = SYSTEM,
          PLANT,
          .presented = { &EVIL_LEAF, &EVIL_CA },
          INCOMPLETE_AT(1) },
        { .id = "a root that the operating system trusts and the message has",
          .clause = SYSTEM,
          .presented = { &EVIL_LEAF, &EVIL_CA, &EVIL_ROOT },
          INCOMPLETE_AT(1) },
};

/* Whoever consults OpenSSL's usual places finds the stranger's root there. */
static void make_the_system_trust(const struct mint_cert *root, char path[])
{
        struct mint_der der = mint_cert(root), pem = mint_pem(&der, "CERTIFICATE");
        int fd = mkstemp(path);

        must(fd >= 0 && write(fd, pem.data, pem.n) == (ssize_t)pem.n && close(fd) == 0, "write %s",
             path);
        must(setenv("SSL_CERT_FILE", path, 1) == 0, "environment");
        mint_der_deinit(&der);
        mint_der_deinit(&pem);
}

int main(void)
{
        char path[] = "/tmp/uatrust-attacks-XXXXXX";
        int n_failed;

        make_the_system_trust(&EVIL_ROOT, path);
        explicit_leaf.spki = odd_key_explicit("p256-leaf");
        explicit_root.spki = odd_key_explicit("p256-root");
        explicit_ca.spki = odd_key_explicit("p256-ca");
        exponent_1.spki = odd_key_exponent("rsa2048-1", "01");
        self_of_exponent_1.spki = odd_key_exponent("rsa2048-1", "01");
        full_exponent.spki = odd_key_full_exponent();

        n_failed = row_run_attacks(ROWS, ARRAY_SIZE(ROWS));

        mint_der_deinit(&explicit_leaf.spki);
        mint_der_deinit(&explicit_root.spki);
        mint_der_deinit(&explicit_ca.spki);
        mint_der_deinit(&exponent_1.spki);
        mint_der_deinit(&self_of_exponent_1.spki);
        mint_der_deinit(&full_exponent.spki);
        must(unlink(path) == 0, "remove %s", path);
        return n_failed;
}
