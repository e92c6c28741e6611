/* SPDX-License-Identifier: Apache-2.0 */
#include "conformance/cast.h"
#include "conformance/odd_key.h"
#include "conformance/row.h"
#include "harness/must.h"
#include "proto/compiler.h"

#define STEP1 "OPC 10000-4 6.1.3 step 1"
#define DER   "X.690 8 and 10: DER; Reading: undecodable is Invalid"
#define TWICE "RFC 5280 4.2: not more than one instance of a particular extension"
#define TIMES "RFC 5280 4.1.2.5"

#define SUPPRESS                                                                                   \
        .settings = "Suppress=BadCertificatePolicyCheckFailed BadCertificateUseNotAllowed "        \
                    "BadCertificateIssuerUseNotAllowed BadCertificateTimeInvalid"

#define IS_INVALID_AT(place) .findings = { FAIL(INVALID, STRUCTURE, place) }
#define IS_INVALID           IS_INVALID_AT(0)
#define IS_UNREADABLE        IS_INVALID_AT(ROW_NOWHERE)

/* A leaf of the plant that is different in some way, and one below a CA that is. */
#define LIKE(...) PLANT, .presented = { CERT(.issuer = &CA, __VA_ARGS__) }
#define EC(...)   EC_PLANT, .presented = { CERT(.issuer = &EC_CA, .key = "p256-leaf", __VA_ARGS__) }
#define BELOW(...)                                                                                 \
        .trusted = { CERT(.ca = true, .subject = "CN=Plant CA", .key = "rsa2048-3",                \
                          .issuer = &ROOT, __VA_ARGS__) },                                         \
        .issuers = { &ROOT }, .crls = { &ROOT_CRL, &CA_CRL }, .presented = { &LEAF }

/* --- what is done to the bytes presented --- */

static void cut_short(struct mint_der *element)
{
        element->n -= 1;
}

static void empty(struct mint_der *element)
{
        element->n = 0;
}

static void keep_a_header(struct mint_der *element)
{
        element->n = 4;
}

static void replace_all(struct mint_der *element, const char *hex)
{
        mint_der_deinit(element);
        *element = mint_hex(hex);
}

static void become_text(struct mint_der *element)
{
        replace_all(element, "2d 2d 2d 2d 2d 42 45 47 49 4e 20 43 45 52 54");
}

static void become_null(struct mint_der *element)
{
        replace_all(element, "05 00");
}

static void become_empty_sequence(struct mint_der *element)
{
        replace_all(element, "30 00");
}

/* Three empty parts where a TBSCertificate, an algorithm and a signature belong. */
static void become_hollow(struct mint_der *element)
{
        replace_all(element, "30 07 30 00 30 00 03 01 00");
}

/* The outer SEQUENCE of indefinite length, as BER has it. */
static void become_indefinite(struct mint_der *element)
{
        element->data[1] = 0x80;
        *element = mint_join(*element, mint_hex("00 00"));
}

/* A length of five octets, and of more than there are. */
static void lie_about_length(struct mint_der *element)
{
        mint_replace(element, "30 82", "30 84");
}

static void lengthen(struct mint_der *element)
{
        element->data[3] ^= 0x7f;
}

/* The length of the TBSCertificate points behind the end. */
static void lengthen_inside(struct mint_der *element)
{
        must(element->data[4] == 0x30 && element->data[5] == 0x82, "no TBSCertificate");
        element->data[6] = 0x7f;
}

/* --- what is done to the TBSCertificate before it is signed --- */

/* sha256WithRSAEncryption inside becomes sha384WithRSAEncryption. */
static void name_another_algorithm(struct mint_der *tbs)
{
        mint_replace(tbs, "2a 86 48 86 f7 0d 01 01 0b", "2a 86 48 86 f7 0d 01 01 0c");
}

/* ecdsa-with-SHA256 inside becomes ecdsa-with-SHA384. */
static void name_another_ec_algorithm(struct mint_der *tbs)
{
        mint_replace(tbs, "2a 86 48 ce 3d 04 03 02", "2a 86 48 ce 3d 04 03 03");
}

/* notBefore is 250101000000Z. */
static void name_month_13(struct mint_der *tbs)
{
        mint_replace(tbs, "32 35 30 31 30 31 30 30", "32 35 31 33 30 31 30 30");
}

static void name_february_30(struct mint_der *tbs)
{
        mint_replace(tbs, "32 35 30 31 30 31 30 30", "32 35 30 32 33 30 30 30");
}

static void name_a_zone(struct mint_der *tbs)
{
        mint_replace(tbs, "32 35 30 31 30 31 30 30 30 30 30 30 5a",
                     "32 35 30 31 30 31 30 30 2b 30 31 30 30");
}

static void name_a_fraction(struct mint_der *tbs)
{
        mint_replace(tbs, "32 35 30 31 30 31 30 30 30 30 30 30 5a",
                     "32 35 30 31 30 31 30 30 30 30 2e 35 5a");
}

static void put_a_letter_into_time(struct mint_der *tbs)
{
        mint_replace(tbs, "32 35 30 31 30 31 30 30", "32 35 30 31 30 31 30 61");
}

/* The public exponent is 65537; three octets for 1 are no DER. */
static void waste_octets_on_the_exponent(struct mint_der *tbs)
{
        mint_replace(tbs, "02 03 01 00 01", "02 03 00 00 01");
}

static void take_an_even_exponent(struct mint_der *tbs)
{
        mint_replace(tbs, "02 03 01 00 01", "02 03 01 00 02");
}

static void take_a_negative_exponent(struct mint_der *tbs)
{
        mint_replace(tbs, "02 03 01 00 01", "02 03 81 00 01");
}

/* The octet before the exponent is the modulus's last. */
static void take_an_even_modulus(struct mint_der *tbs)
{
        struct mint_der exponent = mint_hex("02 03 01 00 01");
        uint8_t *place = memmem(tbs->data, tbs->n, exponent.data, exponent.n);

        must(place, "no exponent");
        place[-1] &= 0xfe;
        mint_der_deinit(&exponent);
}

/* An uncompressed point of P-256, of which one coordinate becomes another. */
static void leave_the_curve(struct mint_der *tbs)
{
        struct mint_der point = mint_hex("03 42 00 04");
        uint8_t *place = memmem(tbs->data, tbs->n, point.data, point.n);

        must(place, "no point");
        place[4 + 63] ^= 0x01;
        mint_der_deinit(&point);
}

/* secp256r1 becomes an object identifier that names no curve. */
static void name_no_curve(struct mint_der *tbs)
{
        mint_replace(tbs, "2a 86 48 ce 3d 03 01 07", "2a 86 48 ce 3d 03 01 7f");
}

/* basicConstraints cA FALSE written out as a BOOLEAN of 1, which DER does not have. */
static void write_odd_boolean(struct mint_der *tbs)
{
        mint_replace(tbs, "30 03 01 01 ff", "30 03 01 01 01");
}

static void write_version_4(struct mint_der *tbs)
{
        mint_replace(tbs, "a0 03 02 01 02", "a0 03 02 01 03");
}

static void write_version_2(struct mint_der *tbs)
{
        mint_replace(tbs, "a0 03 02 01 02", "a0 03 02 01 01");
}

static const struct row READ_ROWS[] = {
        { .id = "a certificate as it should be", .clause = STEP1, PLANT, .presented = { &LEAF } },
        { .id = "one octet is missing",
          .clause = DER,
          LIKE(.version = 3),
          .spoil = cut_short,
          IS_UNREADABLE },
        { .id = "one octet of an EC certificate is missing",
          .clause = DER,
          EC(.version = 3),
          .spoil = cut_short,
          IS_UNREADABLE },
        { .id = "nothing at all",
          .clause = DER,
          LIKE(.version = 3),
          .spoil = empty,
          IS_UNREADABLE },
        { .id = "a header alone",
          .clause = DER,
          LIKE(.version = 3),
          .spoil = keep_a_header,
          IS_UNREADABLE },
        { .id = "text", .clause = DER, LIKE(.version = 3), .spoil = become_text, IS_UNREADABLE },
        { .id = "a NULL", .clause = DER, LIKE(.version = 3), .spoil = become_null, IS_UNREADABLE },
        { .id = "an empty SEQUENCE",
          .clause = DER,
          LIKE(.version = 3),
          .spoil = become_empty_sequence,
          IS_UNREADABLE },
        { .id = "a certificate without content",
          .clause = DER,
          LIKE(.version = 3),
          .spoil = become_hollow,
          IS_UNREADABLE },
        { .id = "an indefinite length",
          .clause = DER,
          LIKE(.version = 3),
          .spoil = become_indefinite,
          IS_UNREADABLE },
        { .id = "a length of four octets for one of two",
          .clause = "CVE-2023-28831",
          LIKE(.version = 3),
          .spoil = lie_about_length,
          IS_UNREADABLE },
        { .id = "a length of more than there is",
          .clause = "CVE-2023-28831",
          LIKE(.version = 3),
          .spoil = lengthen,
          IS_UNREADABLE },
        { .id = "an inner length of more than there is",
          .clause = "CVE-2023-28831",
          LIKE(.version = 3),
          .spoil = lengthen_inside,
          IS_UNREADABLE },
        { .id = "unreadable, suppressed in vain",
          .clause = "OPC 10000-4 Table 106: step 1",
          LIKE(.version = 3),
          .spoil = cut_short,
          SUPPRESS,
          IS_UNREADABLE },
        { .id = "unreadable, though what follows it is trusted",
          .clause = STEP1,
          .trusted = { &SELF },
          .presented = { &LEAF, &SELF },
          .spoil = cut_short,
          IS_UNREADABLE },
};

static const struct row FAULT_ROWS[] = {
        { .id = "an extension twice", .clause = TWICE, LIKE(.twice = "keyUsage"), IS_INVALID },
        { .id = "an extension twice in an EC certificate",
          .clause = TWICE,
          EC(.twice = "subjectAltName"),
          IS_INVALID },
        { .id = "an extension twice in the CA",
          .clause = TWICE,
          BELOW(.twice = "keyUsage"),
          IS_INVALID_AT(1) },
        { .id = "an extension twice, suppressed in vain",
          .clause = TWICE,
          LIKE(.twice = "extendedKeyUsage"),
          SUPPRESS,
          IS_INVALID },
        { .id = "an extension that nobody knows, twice",
          .clause = TWICE,
          LIKE(.extra = "1.2.3.4=DER:0500", .twice = "1.2.3.4"),
          IS_INVALID },
        { .id = "an unknown critical extension",
          .clause = "RFC 5280 4.2",
          LIKE(.extra = "1.2.3.4=critical,DER:0500"),
          IS_INVALID },
        { .id = "an unknown critical extension of an EC CA",
          .clause = "RFC 5280 4.2",
          .trusted = { CERT(.ca = true, .subject = "CN=EC CA", .key = "p256-ca", .issuer = &EC_ROOT,
                            .extra = "1.2.3.4=critical,DER:0500") },
          .issuers = { &EC_ROOT },
          .crls = { &EC_ROOT_CRL, &EC_CA_CRL },
          .presented = { &EC_LEAF },
          IS_INVALID_AT(1) },
        { .id = "an unknown extension that is not critical",
          .clause = "RFC 5280 4.2",
          LIKE(.extra = "1.2.3.4=DER:0500") },
        { .id = "an extension that cannot be read",
          .clause = "RFC 5280 4.2",
          LIKE(.key_usage = MINT_NONE, .extra = "keyUsage=critical,DER:0500"),
          IS_INVALID },
        { .id = "a keyUsage that names no usage",
          .clause = "RFC 5280 4.2.1.3: at least one bit",
          LIKE(.key_usage = MINT_NONE, .extra = "keyUsage=critical,DER:030100"),
          IS_INVALID },
        { .id = "an extendedKeyUsage that names no purpose",
          .clause = "RFC 5280 4.2.1.12",
          LIKE(.eku = MINT_NONE, .extra = "extendedKeyUsage=DER:3000"),
          IS_INVALID },
        { .id = "a subjectAltName that has no name",
          .clause = "RFC 5280 4.2.1.6",
          LIKE(.san = MINT_NONE, .extra = "subjectAltName=DER:3000"),
          IS_INVALID },
        { .id = "an address of five octets",
          .clause = "RFC 5280 4.2.1.6",
          LIKE(.san = MINT_NONE, .extra = "subjectAltName=DER:300787050102030405"),
          IS_INVALID },
        { .id = "bytes behind an extension's content",
          .clause = "Reading: trailing bytes inside",
          LIKE(.key_usage = MINT_NONE, .extra = "keyUsage=critical,DER:030206f000"),
          IS_INVALID },
        { .id = "a BOOLEAN that is neither TRUE nor FALSE",
          .clause = DER,
          BELOW(.edit = write_odd_boolean),
          IS_INVALID_AT(1) },
        { .id = "algorithms that differ inside and outside",
          .clause = "RFC 5280 4.1.1.2",
          LIKE(.edit = name_another_algorithm),
          IS_INVALID },
        { .id = "EC algorithms that differ inside and outside",
          .clause = "RFC 5280 4.1.1.2",
          EC(.edit = name_another_ec_algorithm),
          IS_INVALID },
        { .id = "algorithms that differ inside and outside in the CA",
          .clause = "RFC 5280 4.1.1.2",
          BELOW(.edit = name_another_algorithm),
          IS_INVALID_AT(1) },
        { .id = "the 13th month", .clause = TIMES, LIKE(.edit = name_month_13), IS_INVALID },
        { .id = "the 30th of February",
          .clause = TIMES,
          LIKE(.edit = name_february_30),
          IS_INVALID },
        { .id = "a time with a zone", .clause = TIMES, LIKE(.edit = name_a_zone), IS_INVALID },
        { .id = "a time with a fraction",
          .clause = TIMES,
          LIKE(.edit = name_a_fraction),
          IS_INVALID },
        { .id = "a time with a letter",
          .clause = TIMES,
          LIKE(.edit = put_a_letter_into_time),
          IS_INVALID },
        { .id = "a bad time in the CA, suppressed in vain",
          .clause = TIMES,
          BELOW(.edit = name_month_13),
          SUPPRESS,
          IS_INVALID_AT(1) },
        { .id = "an empty subject",
          .clause = "Reading: empty subject or issuer",
          LIKE(.subject = ""),
          IS_INVALID },
        { .id = "an empty issuer",
          .clause = "RFC 5280 4.1.2.4: MUST contain a non-empty name",
          .trusted = { CERT(.issuer = &CA, .issuer_name = "") },
          .issuers = { &CA, &ROOT },
          .presented = { CERT(.issuer = &CA, .issuer_name = "") },
          IS_INVALID },
        { .id = "a version that there is not",
          .clause = "RFC 5280 4.1.2.1",
          LIKE(.edit = write_version_4),
          IS_UNREADABLE },
        { .id = "extensions in a certificate of version 2",
          .clause = "RFC 5280 4.1.2.9",
          LIKE(.edit = write_version_2),
          IS_INVALID },
};

/* Keys that are set by main(). */
static struct mint_cert of_exponent_1 = { .issuer = &CA }, of_exponent_3 = { .issuer = &CA },
                        of_4_octets = { .issuer = &CA }, of_5_octets = { .issuer = &CA },
                        of_8200_bits = { .issuer = &CA }, of_explicit_curve = { .issuer = &EC_CA };
static struct mint_cert ca_of_exponent_1 = {
        .ca = true, .subject = "CN=Plant CA", .key = "rsa2048-3", .issuer = &ROOT
};

static const struct row KEY_ROWS[] = {
        { .id = "an RSA key of exponent 1",
          .clause = "Reading: an unsound key",
          PLANT,
          .presented = { &of_exponent_1 },
          IS_INVALID },
        { .id = "an RSA key of exponent 1, suppressed in vain",
          .clause = "Reading: an unsound key",
          PLANT,
          .presented = { &of_exponent_1 },
          SUPPRESS,
          IS_INVALID },
        { .id = "an RSA key of exponent 3",
          .clause = "Reading: below 3",
          PLANT,
          .presented = { &of_exponent_3 } },
        { .id = "an RSA key of the largest exponent",
          .clause = "Reading: above 2^32",
          PLANT,
          .presented = { &of_4_octets } },
        { .id = "an RSA key of a larger exponent",
          .clause = "Reading: above 2^32",
          PLANT,
          .presented = { &of_5_octets },
          IS_INVALID },
        { .id = "an RSA key whose exponent is not written as DER has it",
          .clause = DER,
          LIKE(.edit = waste_octets_on_the_exponent),
          IS_INVALID },
        { .id = "an RSA key of more than 8192 bits",
          .clause = "Budget: RSA keys up to 8192 bits",
          PLANT,
          .presented = { &of_8200_bits },
          IS_INVALID },
        { .id = "a curve by explicit parameters",
          .clause = "Reading: a curve given by explicit parameters",
          EC_PLANT,
          .presented = { &of_explicit_curve },
          IS_INVALID },
        { .id = "an RSA key of an even exponent",
          .clause = "Reading: an unsound key",
          LIKE(.edit = take_an_even_exponent),
          IS_INVALID },
        { .id = "an RSA key of a negative exponent",
          .clause = "Reading: an unsound key",
          LIKE(.edit = take_a_negative_exponent),
          IS_INVALID },
        { .id = "an RSA key of an even modulus",
          .clause = "Reading: an unsound key",
          LIKE(.edit = take_an_even_modulus),
          IS_INVALID },
        { .id = "a CA's key of exponent 1 verifies nothing",
          .clause = "Reading: keys are looked at before any signature is computed",
          .trusted = { &ca_of_exponent_1 },
          .issuers = { &ROOT },
          .crls = { &ROOT_CRL, &CA_CRL },
          .presented = { CERT(.issuer = &ca_of_exponent_1) },
          .findings = { FAIL(INVALID, SIGNATURE, 0) } },
        { .id = "a point that is not on its curve",
          .clause = "Reading: a point not on its curve",
          EC(.edit = leave_the_curve),
          IS_INVALID },
        { .id = "a CA's point that is not on its curve",
          .clause = "Reading: a point not on its curve",
          .trusted = { CERT(.ca = true, .subject = "CN=EC CA", .key = "p256-ca", .issuer = &EC_ROOT,
                            .edit = leave_the_curve) },
          .issuers = { &EC_ROOT },
          .crls = { &EC_ROOT_CRL, &EC_CA_CRL },
          .presented = { &EC_LEAF },
          .findings = { FAIL(INVALID, SIGNATURE, 0) } },
        { .id = "a curve that nobody knows",
          .clause = "Reading: the floor: a named curve of this table",
          EC(.edit = name_no_curve),
          .findings = { FAIL(POLICY_CHECK_FAILED, POLICY, 0) } },
};

int main(void)
{
        struct mint_der *const keys[] = { &of_exponent_1.spki,   &of_exponent_3.spki,
                                          &of_4_octets.spki,     &of_5_octets.spki,
                                          &of_8200_bits.spki,    &of_explicit_curve.spki,
                                          &ca_of_exponent_1.spki };
        int n_failed;

        of_exponent_1.spki = odd_key_exponent("rsa2048-1", "01");
        of_exponent_3.spki = odd_key_exponent("rsa2048-1", "03");
        of_4_octets.spki = odd_key_exponent("rsa2048-1", "00 ff ff ff ff");
        of_5_octets.spki = odd_key_exponent("rsa2048-1", "01 00 00 00 01");
        of_8200_bits.spki = odd_key_long();
        of_explicit_curve.spki = odd_key_explicit("p256-leaf");
        ca_of_exponent_1.spki = odd_key_exponent("rsa2048-3", "01");

        n_failed = row_run("structure, reading", READ_ROWS, ARRAY_SIZE(READ_ROWS)) +
                   row_run("structure, faults", FAULT_ROWS, ARRAY_SIZE(FAULT_ROWS)) +
                   row_run("structure, keys", KEY_ROWS, ARRAY_SIZE(KEY_ROWS));

        for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
                mint_der_deinit(keys[i]);
        return n_failed;
}
