/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/key.h"

#include "pki/der.h"
#include "pki/ossl_private.h"
#include "proto/compiler.h"

#include <openssl/ec.h>
#include <openssl/err.h>

#include <errno.h>
#include <stdio.h>

static const struct curve_row {
        enum key_curve curve;
        enum ossl_curve ossl;
        struct bytes oid;
        const char *text;
        unsigned int bits, cost;
} curve_rows[] = {
        { KEY_CURVE_P256, OSSL_CURVE_P256, BYTES("\x2a\x86\x48\xce\x3d\x03\x01\x07"), "EC nistP256",
          256, 3 },
        { KEY_CURVE_P384, OSSL_CURVE_P384, BYTES("\x2b\x81\x04\x00\x22"), "EC nistP384", 384, 30 },
        { KEY_CURVE_P521, OSSL_CURVE_P521, BYTES("\x2b\x81\x04\x00\x23"), "EC nistP521", 521, 25 },
        { KEY_CURVE_BRAINPOOL_P256R1, OSSL_CURVE_BRAINPOOL_P256R1,
          BYTES("\x2b\x24\x03\x03\x02\x08\x01\x01\x07"), "EC brainpoolP256r1", 256, 30 },
        { KEY_CURVE_BRAINPOOL_P384R1, OSSL_CURVE_BRAINPOOL_P384R1,
          BYTES("\x2b\x24\x03\x03\x02\x08\x01\x01\x0b"), "EC brainpoolP384r1", 384, 40 },
        { KEY_CURVE_BRAINPOOL_P512R1, OSSL_CURVE_BRAINPOOL_P512R1,
          BYTES("\x2b\x24\x03\x03\x02\x08\x01\x01\x0d"), "EC brainpoolP512r1", 512, 45 },
};

/* In the order of enum key_hash. */
static const struct hash_row {
        struct bytes oid;
        const char *text;
        bool is_computable;
} hash_rows[] = {
        [KEY_HASH_NONE] = { { NULL, 0 }, "none", false },
        [KEY_HASH_MD2] = { BYTES("\x2a\x86\x48\x86\xf7\x0d\x02\x02"), "MD2", false },
        [KEY_HASH_MD4] = { BYTES("\x2a\x86\x48\x86\xf7\x0d\x02\x04"), "MD4", false },
        [KEY_HASH_MD5] = { BYTES("\x2a\x86\x48\x86\xf7\x0d\x02\x05"), "MD5", true },
        [KEY_HASH_SHA1] = { BYTES("\x2b\x0e\x03\x02\x1a"), "SHA-1", true },
        [KEY_HASH_SHA224] = { BYTES("\x60\x86\x48\x01\x65\x03\x04\x02\x04"), "SHA-224", true },
        [KEY_HASH_SHA256] = { BYTES("\x60\x86\x48\x01\x65\x03\x04\x02\x01"), "SHA-256", true },
        [KEY_HASH_SHA384] = { BYTES("\x60\x86\x48\x01\x65\x03\x04\x02\x02"), "SHA-384", true },
        [KEY_HASH_SHA512] = { BYTES("\x60\x86\x48\x01\x65\x03\x04\x02\x03"), "SHA-512", true },
        [KEY_HASH_OTHER] = { { NULL, 0 }, "unknown", false },
};

static const struct signature_row {
        struct bytes oid;
        enum key_scheme scheme;
        enum key_hash hash;
} signature_rows[] = {
        { BYTES("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b"), KEY_SCHEME_RSA_PKCS1, KEY_HASH_SHA256 },
        { BYTES("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0c"), KEY_SCHEME_RSA_PKCS1, KEY_HASH_SHA384 },
        { BYTES("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0d"), KEY_SCHEME_RSA_PKCS1, KEY_HASH_SHA512 },
        { BYTES("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0e"), KEY_SCHEME_RSA_PKCS1, KEY_HASH_SHA224 },
        { BYTES("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05"), KEY_SCHEME_RSA_PKCS1, KEY_HASH_SHA1 },
        { BYTES("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x04"), KEY_SCHEME_RSA_PKCS1, KEY_HASH_MD5 },
        { BYTES("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x03"), KEY_SCHEME_RSA_PKCS1, KEY_HASH_MD4 },
        { BYTES("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x02"), KEY_SCHEME_RSA_PKCS1, KEY_HASH_MD2 },
        { BYTES("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a"), KEY_SCHEME_RSA_PSS, KEY_HASH_SHA1 },
        { BYTES("\x2a\x86\x48\xce\x3d\x04\x03\x02"), KEY_SCHEME_ECDSA, KEY_HASH_SHA256 },
        { BYTES("\x2a\x86\x48\xce\x3d\x04\x03\x03"), KEY_SCHEME_ECDSA, KEY_HASH_SHA384 },
        { BYTES("\x2a\x86\x48\xce\x3d\x04\x03\x04"), KEY_SCHEME_ECDSA, KEY_HASH_SHA512 },
        { BYTES("\x2a\x86\x48\xce\x3d\x04\x03\x01"), KEY_SCHEME_ECDSA, KEY_HASH_SHA224 },
        { BYTES("\x2a\x86\x48\xce\x3d\x04\x01"), KEY_SCHEME_ECDSA, KEY_HASH_SHA1 },
        { BYTES("\x2b\x65\x70"), KEY_SCHEME_ED25519, KEY_HASH_NONE },
        { BYTES("\x2b\x65\x71"), KEY_SCHEME_ED448, KEY_HASH_NONE },
};

static const struct bytes oid_rsa = BYTES("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01");
static const struct bytes oid_ec = BYTES("\x2a\x86\x48\xce\x3d\x02\x01");
static const struct bytes oid_ed25519 = BYTES("\x2b\x65\x70");
static const struct bytes oid_ed448 = BYTES("\x2b\x65\x71");
static const struct bytes oid_mgf1 = BYTES("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08");
static const struct bytes der_null = BYTES("\x05\x00");

/* --- SubjectPublicKeyInfo --- */

static const struct curve_row *find_curve(enum key_curve curve)
{
        for (size_t i = 0; i < ARRAY_SIZE(curve_rows); i++)
                if (curve_rows[i].curve == curve)
                        return &curve_rows[i];

        return NULL;
}

static unsigned int count_bits(struct bytes number)
{
        unsigned int bits;

        if (number.n > UINT16_MAX)
                return UINT16_MAX * 8;

        bits = (unsigned int)(number.n - 1) * 8;
        for (unsigned int first = number.data[0]; first; first >>= 1)
                bits++;
        return bits;
}

static struct bytes skip_sign(struct bytes integer)
{
        if (integer.n > 1 && !integer.data[0])
                return (struct bytes){ integer.data + 1, integer.n - 1 };
        return integer;
}

static bool is_odd(struct bytes number)
{
        return number.data[number.n - 1] & 1;
}

/*
 * What parameters an rsaEncryption or a PKCS #1 v1.5 signature has: NULL, or nothing, as some
 * write.
 */
static void check_null(struct bytes parameters, struct faults *faults)
{
        if (!parameters.n)
                faults_add(faults, FAULT_ALGORITHM_NULL);
        else if (!bytes_equal(parameters, der_null))
                faults_add(faults, FAULT_ALGORITHM_PARAMETERS);
}

static void read_rsa(struct bytes parameters, struct faults *faults, struct key_info *info)
{
        struct bytes sequence, modulus, exponent;

        check_null(parameters, faults);
        if (!der_read_only(info->key, DER_SEQUENCE, &sequence) ||
            !der_read_integer(&sequence, &modulus) || !der_read_integer(&sequence, &exponent) ||
            sequence.n) {
                faults_add(faults, FAULT_KEY_UNREADABLE);
                return;
        }

        if (modulus.data[0] >= 0x80 || !is_odd(modulus))
                faults_add(faults, FAULT_KEY_RSA_MODULUS);
        if (exponent.data[0] >= 0x80 || !is_odd(exponent) ||
            bytes_equal(exponent, (struct bytes)BYTES("\x01")))
                faults_add(faults, FAULT_KEY_RSA_EXPONENT);

        info->modulus = skip_sign(modulus);
        info->exponent = skip_sign(exponent);
        if (info->exponent.n > 4)
                faults_add(faults, FAULT_KEY_RSA_EXPONENT);

        info->bits = count_bits(info->modulus);
        if (info->bits > KEY_RSA_MAX_BITS)
                faults_add(faults, FAULT_KEY_RSA_TOO_LONG);
}

/*
 * Is it a point in one of the forms of RFC 5480 2.2, neither hybrid nor at infinity, and on the
 * curve?
 */
static int check_point(const struct curve_row *row, struct bytes point, struct faults *faults)
{
        const EC_GROUP *group = ossl_get()->curves[row->ossl];
        size_t n_field = (row->bits + 7) / 8;
        EC_POINT *decoded;
        bool is_on_curve;

        if (!point.n || point.data[0] < 2 || point.data[0] > 4 ||
            point.n != 1 + n_field * (point.data[0] == 4 ? 2 : 1)) {
                faults_add(faults, FAULT_KEY_POINT);
                return 0;
        }

        ERR_clear_error();
        decoded = EC_POINT_new(group);
        if (!decoded)
                return -ENOMEM;

        is_on_curve = EC_POINT_oct2point(group, decoded, point.data, point.n, NULL) == 1;
        EC_POINT_free(decoded);
        if (is_on_curve)
                return 0;
        if (ossl_is_out_of_memory())
                return -ENOMEM;

        faults_add(faults, FAULT_KEY_POINT);
        return 0;
}

static int read_ec(struct bytes parameters, struct faults *faults, struct key_info *info)
{
        const struct curve_row *row = NULL;
        struct bytes oid;

        info->curve = KEY_CURVE_OTHER;
        if (!der_read_only(parameters, DER_OID, &oid)) {
                faults_add(faults, FAULT_KEY_CURVE_EXPLICIT);
                return 0;
        }

        for (size_t i = 0; i < ARRAY_SIZE(curve_rows); i++)
                if (bytes_equal(curve_rows[i].oid, oid))
                        row = &curve_rows[i];

        if (!row)
                return 0;

        info->curve = row->curve;
        info->bits = row->bits;
        return check_point(row, info->key, faults);
}

static void read_eddsa(struct bytes parameters, size_t n_key, struct faults *faults,
                       struct key_info *info)
{
        info->bits = (unsigned int)n_key * 8;
        if (parameters.n)
                faults_add(faults, FAULT_ALGORITHM_PARAMETERS);
        if (info->key.n != n_key)
                faults_add(faults, FAULT_KEY_UNREADABLE);
}

/* An AlgorithmIdentifier; its parameters as they stand, one element or none. */
static bool read_algorithm(struct bytes *cursor, struct bytes *out_oid,
                           struct bytes *out_parameters)
{
        struct bytes sequence, rest, parameter;
        uint8_t tag;

        if (!der_read(cursor, DER_SEQUENCE, &sequence) || !der_read(&sequence, DER_OID, out_oid) ||
            !out_oid->n)
                return false;

        *out_parameters = rest = sequence;
        return !rest.n || (der_next(&rest, &tag, &parameter) && !rest.n);
}

int key_info_read(struct bytes spki, struct faults *faults, struct key_info *out)
{
        struct key_info info = { .spki = spki };
        struct bytes sequence, oid, parameters;
        unsigned int unused;
        int r = 0;

        if (!der_read_only(spki, DER_SEQUENCE, &sequence) ||
            !read_algorithm(&sequence, &oid, &parameters) ||
            !der_read_bits(&sequence, &info.key, &unused) || unused || sequence.n) {
                faults_add(faults, FAULT_KEY_UNREADABLE);
                *out = info;
                return 0;
        }

        if (bytes_equal(oid, oid_rsa)) {
                info.type = KEY_TYPE_RSA;
                read_rsa(parameters, faults, &info);
        } else if (bytes_equal(oid, oid_ec)) {
                info.type = KEY_TYPE_EC;
                r = read_ec(parameters, faults, &info);
        } else if (bytes_equal(oid, oid_ed25519)) {
                info.type = KEY_TYPE_ED25519;
                read_eddsa(parameters, 32, faults, &info);
        } else if (bytes_equal(oid, oid_ed448)) {
                info.type = KEY_TYPE_ED448;
                read_eddsa(parameters, 57, faults, &info);
        }

        if (!r)
                *out = info;
        return r;
}

const char *key_info_text(const struct key_info *info, char out[KEY_TYPE_TEXT_MAX])
{
        const struct curve_row *row = find_curve(info->curve);
        const char *text = "other";

        switch (info->type) {
        case KEY_TYPE_RSA:
                snprintf(out, KEY_TYPE_TEXT_MAX, "RSA-%u", info->bits);
                return out;
        case KEY_TYPE_EC:
                text = row ? row->text : "EC other";
                break;
        case KEY_TYPE_ED25519:
                text = "Ed25519";
                break;
        case KEY_TYPE_ED448:
                text = "Ed448";
                break;
        case KEY_TYPE_OTHER:
                break;
        }

        snprintf(out, KEY_TYPE_TEXT_MAX, "%s", text);
        return out;
}

/*
 * Time grows with the square of the length; an exponent beyond 65537 takes up to four times as many
 * steps.
 */
static unsigned int rsa_cost(const struct key_info *info)
{
        static const struct {
                unsigned int bits, cost;
        } rows[] = { { 2048, 1 }, { 3072, 3 }, { 4096, 6 }, { 6144, 17 } };
        unsigned int factor = info->exponent.n && count_bits(info->exponent) > 17 ? 4 : 1;

        for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
                if (info->bits <= rows[i].bits)
                        return rows[i].cost * factor;

        return 30 * factor;
}

unsigned int key_info_cost(const struct key_info *info)
{
        const struct curve_row *row = find_curve(info->curve);

        switch (info->type) {
        case KEY_TYPE_RSA:
                return rsa_cost(info);
        case KEY_TYPE_EC:
                return row ? row->cost : 1;
        case KEY_TYPE_ED25519:
                return 5;
        case KEY_TYPE_ED448:
                return 10;
        case KEY_TYPE_OTHER:
                return 1;
        }

        return 1;
}

/* --- signatures --- */

static enum key_hash find_hash(struct bytes oid)
{
        for (unsigned int i = KEY_HASH_MD2; i < KEY_HASH_OTHER; i++)
                if (bytes_equal(hash_rows[i].oid, oid))
                        return (enum key_hash)i;

        return KEY_HASH_OTHER;
}

/* A hash's AlgorithmIdentifier, NULL or nothing as parameters. */
static bool read_hash(struct bytes *cursor, enum key_hash *out)
{
        struct bytes oid, parameters;

        if (!read_algorithm(cursor, &oid, &parameters))
                return false;

        *out = find_hash(oid);
        return !parameters.n || bytes_equal(parameters, der_null);
}

/* RSASSA-PSS-params, RFC 4055 3.1; what is absent has its default: SHA-1, MGF1 with SHA-1, 20. */
static bool read_pss(struct bytes parameters, struct key_signature *out)
{
        struct bytes fields, hash, mask, salt, trailer, oid, mask_hash;
        int salt_bytes = 20, trailer_field = 1;

        out->hash = out->mask_hash = KEY_HASH_SHA1;
        if (!der_read_only(parameters, DER_SEQUENCE, &fields) ||
            !der_read_optional(&fields, DER_CONTEXT_CONSTRUCTED(0), &hash) ||
            !der_read_optional(&fields, DER_CONTEXT_CONSTRUCTED(1), &mask) ||
            !der_read_optional(&fields, DER_CONTEXT_CONSTRUCTED(2), &salt) ||
            !der_read_optional(&fields, DER_CONTEXT_CONSTRUCTED(3), &trailer) || fields.n)
                return false;

        if (hash.data && (!read_hash(&hash, &out->hash) || hash.n))
                return false;

        if (mask.data) {
                if (!read_algorithm(&mask, &oid, &mask_hash) || mask.n)
                        return false;
                if (!bytes_equal(oid, oid_mgf1))
                        out->mask_hash = KEY_HASH_OTHER;
                else if (!read_hash(&mask_hash, &out->mask_hash) || mask_hash.n)
                        return false;
        }

        if (salt.data &&
            (!der_read_integer(&salt, &oid) || salt.n || !der_integer_small(oid, &salt_bytes)))
                return false;
        if (trailer.data && (!der_read_integer(&trailer, &oid) || trailer.n ||
                             !der_integer_small(oid, &trailer_field)))
                return false;

        out->salt_bytes = (unsigned int)salt_bytes;
        return trailer_field == 1;
}

void key_signature_read(struct bytes algorithm, struct bytes value, struct faults *faults,
                        struct key_signature *out)
{
        const struct signature_row *row = NULL;
        struct bytes oid, parameters;

        *out = (struct key_signature){ .hash = KEY_HASH_OTHER, .value = value };
        if (!read_algorithm(&algorithm, &oid, &parameters)) {
                faults_add(faults, FAULT_ALGORITHM_PARAMETERS);
                return;
        }

        for (size_t i = 0; i < ARRAY_SIZE(signature_rows) && !row; i++)
                if (bytes_equal(signature_rows[i].oid, oid))
                        row = &signature_rows[i];

        if (!row)
                return;

        out->scheme = row->scheme;
        out->hash = row->hash;
        switch (row->scheme) {
        case KEY_SCHEME_RSA_PKCS1:
                check_null(parameters, faults);
                break;
        case KEY_SCHEME_RSA_PSS:
                if (!read_pss(parameters, out))
                        faults_add(faults, FAULT_ALGORITHM_PARAMETERS);
                break;
        case KEY_SCHEME_ECDSA:
        case KEY_SCHEME_ED25519:
        case KEY_SCHEME_ED448:
                if (parameters.n)
                        faults_add(faults, FAULT_ALGORITHM_PARAMETERS);
                break;
        case KEY_SCHEME_OTHER:
                break;
        }
}

const char *key_hash_name(enum key_hash hash)
{
        return hash_rows[hash].text;
}

bool key_signs_digest(const struct key_signature *signature)
{
        return signature->scheme != KEY_SCHEME_ED25519 && signature->scheme != KEY_SCHEME_ED448;
}

enum key_outcome key_could_verify(const struct key_info *info,
                                  const struct key_signature *signature)
{
        static const enum key_type types[] = {
                [KEY_SCHEME_OTHER] = KEY_TYPE_OTHER,     [KEY_SCHEME_RSA_PKCS1] = KEY_TYPE_RSA,
                [KEY_SCHEME_RSA_PSS] = KEY_TYPE_RSA,     [KEY_SCHEME_ECDSA] = KEY_TYPE_EC,
                [KEY_SCHEME_ED25519] = KEY_TYPE_ED25519, [KEY_SCHEME_ED448] = KEY_TYPE_ED448,
        };

        if (signature->scheme == KEY_SCHEME_OTHER)
                return KEY_OUTCOME_UNSUPPORTED;
        if (info->type != types[signature->scheme])
                return KEY_OUTCOME_MISMATCH;
        if (info->type == KEY_TYPE_EC && info->curve == KEY_CURVE_OTHER)
                return KEY_OUTCOME_UNSUPPORTED;
        if (key_signs_digest(signature) && !hash_rows[signature->hash].is_computable)
                return KEY_OUTCOME_UNSUPPORTED;
        if (signature->scheme == KEY_SCHEME_RSA_PSS &&
            !hash_rows[signature->mask_hash].is_computable)
                return KEY_OUTCOME_UNSUPPORTED;

        return KEY_OUTCOME_VERIFIED;
}
