/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz/objects.h"

#include "fuzz/fuzz.h"
#include "fuzz/tlv.h"
#include "harness/mint.h"
#include "harness/mint_part.h"
#include "harness/must.h"
#include "pki/der.h"
#include "proto/compiler.h"

#define EDITS_MAX 8

#define POINT(name) "crlDistributionPoints=dp\n[dp]\nfullname=URI:http://example.com/crl\n" name

static const struct mint_cert ROOT = { .ca = true, .subject = "CN=Root", .key = "p256-root" };
static const struct mint_cert PLANT = {
        .ca = true, .subject = "CN=Plant", .key = "p256-plant", .issuer = &ROOT
};
static const struct mint_cert TWIN = { .ca = true, .subject = "CN=Root", .key = "p256-twin" };
static const struct mint_cert CROSS = {
        .ca = true, .subject = "CN=Plant", .key = "p256-plant", .issuer = &TWIN
};
static const struct mint_cert SUB = { .ca = true,
                                      .subject = "CN=Sub",
                                      .key = "p256-sub",
                                      .issuer = &PLANT,
                                      .basic_constraints = "critical,CA:TRUE,pathlen:0" };
static const struct mint_cert DEEP = {
        .ca = true, .subject = "CN=Deep", .key = "p256-deep", .issuer = &SUB
};
static const struct mint_cert LEAF = { .key = "p256-leaf", .issuer = &PLANT };
static const struct mint_cert POINTED = {
        .subject = "CN=Pointed",
        .key = "p256-pointed",
        .issuer = &PLANT,
        .extra = POINT("CRLissuer=dirName:who\n[who]\nCN=Root\n"),
};
static const struct mint_cert SUB_LEAF = { .key = "p256-leaf", .issuer = &SUB };
static const struct mint_cert DEEP_LEAF = { .key = "p256-leaf", .issuer = &DEEP };
static const struct mint_cert SELF = { .subject = "CN=Self", .key = "p256-self" };
static const struct mint_cert LATE = { .subject = "CN=Late",
                                       .key = "p256-leaf",
                                       .issuer = &PLANT,
                                       .not_after_s = MINT_NOW_S - MINT_DAY_S };
static const struct mint_cert USER = { .subject = "CN=User",
                                       .key = "p256-user",
                                       .issuer = &PLANT,
                                       .san = MINT_NONE,
                                       .eku = "clientAuth" };
static const struct mint_cert LOOP_B;
static const struct mint_cert LOOP_A = {
        .ca = true, .subject = "CN=A", .key = "p256-a", .issuer = &LOOP_B
};
static const struct mint_cert LOOP_B = {
        .ca = true, .subject = "CN=B", .key = "p256-b", .issuer = &LOOP_A
};
static const struct mint_cert EVIL_ROOT = { .ca = true, .subject = "CN=Root", .key = "p256-evil" };
static const struct mint_cert EVIL_PLANT = {
        .ca = true, .subject = "CN=Plant", .key = "p256-evil plant", .issuer = &EVIL_ROOT
};
static const struct mint_cert EVIL_LEAF = { .key = "p256-leaf", .issuer = &EVIL_PLANT };
static const struct mint_cert NAMING = {
        .ca = true,
        .subject = "CN=Naming",
        .key = "p256-naming",
        .issuer = &ROOT,
        .extra = "nameConstraints=critical,permitted;DNS:example.com,excluded;DNS:evil.example.com",
};
static const struct mint_cert NAMED = { .key = "p256-leaf", .issuer = &NAMING };
static const struct mint_cert STRICT = {
        .ca = true,
        .subject = "CN=Strict",
        .key = "p256-strict",
        .issuer = &ROOT,
        .extra = "policyConstraints=critical,requireExplicitPolicy:0,inhibitPolicyMapping:0\n"
                 "certificatePolicies=1.2.3.4\n",
};
static const struct mint_cert POLITE = { .key = "p256-leaf",
                                         .issuer = &STRICT,
                                         .extra = "certificatePolicies=1.2.3.4\n" };
static const struct mint_cert CHILD = { .subject = "CN=Child",
                                        .key = "p256-child",
                                        .issuer = &SELF };
static const struct mint_cert RSA_LEAF = { .issuer = &PLANT };

static const struct mint_cert *const certs[] = {
        &ROOT,       &PLANT,     &TWIN,   &CROSS, &SUB,    &DEEP,   &LEAF,   &POINTED,
        &SUB_LEAF,   &DEEP_LEAF, &SELF,   &LATE,  &USER,   &LOOP_A, &LOOP_B, &EVIL_ROOT,
        &EVIL_PLANT, &EVIL_LEAF, &NAMING, &NAMED, &STRICT, &POLITE, &CHILD,  &RSA_LEAF,
};

#define LISTING(cert_, ...)                                                                        \
        .entries = &(const struct mint_crl_entry){ .cert = (cert_), __VA_ARGS__ }, .n_entries = 1

static const struct mint_crl crls[] = {
        { .issuer = &ROOT },
        { .issuer = &PLANT },
        { .issuer = &SUB },
        { .issuer = &DEEP },
        { .issuer = &NAMING },
        { .issuer = &STRICT },
        { .issuer = &LOOP_A },
        { .issuer = &LOOP_B },
        { .issuer = &TWIN },
        { .issuer = &EVIL_PLANT },
        { .issuer = &ROOT, .number = "02", LISTING(&PLANT) },
        { .issuer = &PLANT, .number = "02", LISTING(&LEAF) },
        { .issuer = &PLANT, .number = "03", LISTING(&LEAF, .reason = 6) },
        { .issuer = &PLANT, .number = "04", .delta = "03", LISTING(&LEAF, .reason = 8) },
        { .issuer = &PLANT, .number = "04", .delta = "01", LISTING(&POINTED) },
        { .issuer = &PLANT, .idp = "critical,onlyuser:TRUE", LISTING(&SUB_LEAF) },
        { .issuer = &PLANT, .idp = "critical,onlyCA:TRUE" },
        { .issuer = &PLANT, .idp = "critical,onlysomereasons:keyCompromise" },
        { .issuer = &PLANT, .idp = "critical,fullname:URI:http://example.com/crl" },
        { .issuer = &ROOT,
          .idp = "critical,indirectCRL:TRUE",
          LISTING(&POINTED, .issuer = "CN=Plant") },
        { .issuer = &PLANT, .next_update_s = MINT_NOW_S - 1 },
        { .issuer = &PLANT, .next_update_s = MINT_ABSENT_S },
        { .issuer = &PLANT, .extra = "1.2.3.4=critical,ASN1:NULL\n", LISTING(&LATE) },
        { .issuer = &PLANT, .version = 1, .number = MINT_NONE, LISTING(&USER) },
};

/* Certificates, then CRLs; those who read them keep them. */
static struct mint_der minted[ARRAY_SIZE(certs) + ARRAY_SIZE(crls)];

void objects_new(void)
{
        for (size_t i = 0; i < ARRAY_SIZE(certs); i++)
                minted[i] = mint_cert(certs[i]);
        for (size_t i = 0; i < ARRAY_SIZE(crls); i++)
                minted[ARRAY_SIZE(certs) + i] = mint_crl(&crls[i]);
}

static bool is_crl(size_t i)
{
        return i >= ARRAY_SIZE(certs);
}

static struct bytes bytes_of(size_t i)
{
        return (struct bytes){ minted[i].data, minted[i].n };
}

static const struct mint_cert *signer_of(size_t i)
{
        const struct mint_cert *cert;

        if (is_crl(i))
                return crls[i - ARRAY_SIZE(certs)].issuer;

        cert = certs[i];
        return cert->issuer ? cert->issuer : cert;
}

static struct mint_der copy_of(struct bytes bytes)
{
        struct mint_der copy = { (uint8_t *)fuzz_text(bytes), bytes.n };

        return copy;
}

/* XORs the bytes that the input names. */
static void bend(struct mint_der *der, size_t n_edits, struct bytes *input)
{
        for (size_t i = 0; i < n_edits && der->n; i++) {
                size_t at = fuzz_take_number(input, 2) % der->n;

                der->data[at] ^= fuzz_take_byte(input);
        }
}

/* Puts bytes of the input, or another element, in the place of an element that it names. */
static void splice(struct mint_der *der, struct bytes *input)
{
        struct bytes old = { der->data, der->n }, by;
        size_t n = tlv_count(old), which = fuzz_take_number(input, 2);
        uint8_t n_by = fuzz_take_byte(input);
        struct mint_der made;
        struct tlv other;

        if (!n)
                return;

        other = tlv_find(old, n_by % n);
        by = n_by & 0x80 ? (struct bytes){ der->data + other.at, other.n } : fuzz_take(input, n_by);
        made = tlv_replace(old, which % n, by);
        mint_der_deinit(der);
        *der = made;
}

/* What is signed of the object number @i, and how. */
static void split(size_t i, struct bytes *out_tbs, struct bytes *out_algorithm)
{
        struct bytes fields;

        must(der_read_only(bytes_of(i), DER_SEQUENCE, &fields) &&
                     der_read_element(&fields, DER_SEQUENCE, out_tbs) &&
                     der_read_element(&fields, DER_SEQUENCE, out_algorithm),
             "split");
}

static struct mint_der bend_signed(size_t i, uint8_t how, struct bytes *input)
{
        struct bytes tbs, algorithm;
        const uint8_t *p;
        X509_ALGOR *parsed;
        struct mint_der der;

        split(i, &tbs, &algorithm);
        der = copy_of(tbs);
        bend(&der, how % EDITS_MAX, input);
        if (how & 0x20)
                splice(&der, input);
        p = algorithm.data;
        parsed = d2i_X509_ALGOR(NULL, &p, (long)algorithm.n);
        der = mint_assemble(der, parsed, mint_signing(mint_key_name(signer_of(i)), NULL, false));
        X509_ALGOR_free(parsed);
        return der;
}

struct mint_der objects_take(struct bytes *input, bool *out_is_crl)
{
        size_t i = fuzz_take_byte(input) % ARRAY_SIZE(minted);
        uint8_t how = fuzz_take_byte(input);
        struct mint_der der;

        *out_is_crl = is_crl(i);
        if (how & 0x80)
                return bend_signed(i, how, input);

        der = copy_of(bytes_of(i));
        if (how & 0x40)
                bend(&der, how % EDITS_MAX, input);
        return der;
}
