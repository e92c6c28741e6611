/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/key.h"

#include "harness/objects.h"
#include "harness/test.h"
#include "proto/compiler.h"

/* FAULT_KEY_* and FAULT_ALGORITHM_* as a set. */
#define F(kind) (UINT64_C(1) << FAULT_##kind)

static void a_key_is_told_by_its_bytes(void **state)
{
        static const struct {
                const char *key;
                enum key_type type;
                enum key_curve curve;
                unsigned int bits, cost;
                const char *text;
        } rows[] = {
                { "rsa1024-1", KEY_TYPE_RSA, KEY_CURVE_NONE, 1024, 1, "RSA-1024" },
                { "rsa2048-1", KEY_TYPE_RSA, KEY_CURVE_NONE, 2048, 1, "RSA-2048" },
                { "rsa3072-1", KEY_TYPE_RSA, KEY_CURVE_NONE, 3072, 3, "RSA-3072" },
                { "rsa4096-1", KEY_TYPE_RSA, KEY_CURVE_NONE, 4096, 6, "RSA-4096" },
                { "rsa8192-1", KEY_TYPE_RSA, KEY_CURVE_NONE, 8192, 30, "RSA-8192" },
                { "p256-a", KEY_TYPE_EC, KEY_CURVE_P256, 256, 3, "EC nistP256" },
                { "p384-a", KEY_TYPE_EC, KEY_CURVE_P384, 384, 30, "EC nistP384" },
                { "p521-a", KEY_TYPE_EC, KEY_CURVE_P521, 521, 25, "EC nistP521" },
                { "bp256-a", KEY_TYPE_EC, KEY_CURVE_BRAINPOOL_P256R1, 256, 30,
                  "EC brainpoolP256r1" },
                { "bp384-a", KEY_TYPE_EC, KEY_CURVE_BRAINPOOL_P384R1, 384, 40,
                  "EC brainpoolP384r1" },
                { "bp512-a", KEY_TYPE_EC, KEY_CURVE_BRAINPOOL_P512R1, 512, 45,
                  "EC brainpoolP512r1" },
                { "secp256k1-a", KEY_TYPE_EC, KEY_CURVE_OTHER, 0, 1, "EC other" },
                { "p224-a", KEY_TYPE_EC, KEY_CURVE_OTHER, 0, 1, "EC other" },
                { "ed25519-a", KEY_TYPE_ED25519, KEY_CURVE_NONE, 256, 5, "Ed25519" },
                { "ed448-a", KEY_TYPE_ED448, KEY_CURVE_NONE, 456, 10, "Ed448" },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                struct mint_der spki = mint_spki(rows[i].key);
                struct faults faults = { 0 };
                struct key_info info;
                char text[KEY_TYPE_TEXT_MAX];

                assert_int_equal(key_info_read(bytes_of(&spki), &faults, &info), 0);
                assert_int_equal(faults.bits, 0);
                assert_int_equal(info.type, rows[i].type);
                assert_int_equal(info.curve, rows[i].curve);
                assert_int_equal(info.bits, rows[i].bits);
                assert_int_equal(key_info_cost(&info), rows[i].cost);
                assert_string_equal(key_info_text(&info, text), rows[i].text);
                mint_der_deinit(&spki);
        }
}

#define RSA "30 0d 06 09 2a864886f70d010101 05 00"

static void an_unsound_key_is_told_without_computing(void **state)
{
        static const struct {
                const char *what, *hex;
                uint64_t faults;
        } rows[] = {
                { "sound", "301b" RSA "030a 00 3007 0202 00c5 0201 03", 0 },
                { "even modulus", "301b" RSA "030a 00 3007 0202 00c4 0201 03", F(KEY_RSA_MODULUS) },
                { "negative modulus", "301a" RSA "0309 00 3006 0201 c5 0201 03",
                  F(KEY_RSA_MODULUS) },
                { "modulus 0", "301a" RSA "0309 00 3006 0201 00 0201 03", F(KEY_RSA_MODULUS) },
                { "padded modulus", "301c" RSA "030b 00 3008 0203 0000c5 0201 03",
                  F(KEY_UNREADABLE) },
                { "exponent 1", "301b" RSA "030a 00 3007 0202 00c5 0201 01", F(KEY_RSA_EXPONENT) },
                { "exponent 0", "301b" RSA "030a 00 3007 0202 00c5 0201 00", F(KEY_RSA_EXPONENT) },
                { "exponent even", "301b" RSA "030a 00 3007 0202 00c5 0201 04",
                  F(KEY_RSA_EXPONENT) },
                { "exponent negative", "301b" RSA "030a 00 3007 0202 00c5 0201 ff",
                  F(KEY_RSA_EXPONENT) },
                { "exponent 2^32 - 1", "301f" RSA "030e 00 300b 0202 00c5 0205 00ffffffff", 0 },
                { "exponent 2^32 + 1", "301f" RSA "030e 00 300b 0202 00c5 0205 0100000001",
                  F(KEY_RSA_EXPONENT) },
                { "no exponent", "3018" RSA "0307 00 3004 0202 00c5", F(KEY_UNREADABLE) },
                { "a third number", "301e" RSA "030d 00 300a 0202 00c5 0201 03 0201 03",
                  F(KEY_UNREADABLE) },
                { "bytes behind the key", "301d" RSA "030c 00 3007 0202 00c5 0201 03 0500",
                  F(KEY_UNREADABLE) },
                { "unused bits", "301b" RSA "030a 01 3007 0202 00c4 0201 02", F(KEY_UNREADABLE) },
                { "no NULL", "3019 300b 06092a864886f70d010101 030a 00 3007 0202 00c5 0201 03",
                  F(ALGORITHM_NULL) },
                { "other parameters",
                  "301c 300e 06092a864886f70d010101 020100 030a 00 3007 0202 00c5 0201 03",
                  F(ALGORITHM_PARAMETERS) },
                { "curve implicit", "3011 300b 06072a8648ce3d0201 0500 0302 00 04",
                  F(KEY_CURVE_EXPLICIT) },
                { "curve inherited", "300f 3009 06072a8648ce3d0201 0302 00 04",
                  F(KEY_CURVE_EXPLICIT) },
                { "curve explicit", "3014 300e 06072a8648ce3d0201 3003 020101 0302 00 04",
                  F(KEY_CURVE_EXPLICIT) },
                { "point at infinity",
                  "3019 3013 06072a8648ce3d0201 06082a8648ce3d030107 0302 00 00", F(KEY_POINT) },
                { "Ed25519 of 31 bytes",
                  "3029 3005 06032b6570 0320 00 "
                  "00112233445566778899aabbccddeeff00112233445566778899aabbccddee",
                  F(KEY_UNREADABLE) },
                { "Ed25519 with parameters",
                  "302c 3007 06032b6570 0500 0321 00 "
                  "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
                  F(ALGORITHM_PARAMETERS) },
                { "nothing", "", F(KEY_UNREADABLE) },
                { "an unknown algorithm", "300a 3004 06022a03 0302 00 00", 0 },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                struct mint_der spki = mint_hex(rows[i].hex);
                struct faults faults = { 0 };
                struct key_info info;

                assert_int_equal(key_info_read(bytes_of(&spki), &faults, &info), 0);
                if (faults.bits != rows[i].faults)
                        fail_msg("%s: %llx", rows[i].what, (unsigned long long)faults.bits);
                mint_der_deinit(&spki);
        }
}

static void a_point_is_on_its_curve_in_one_of_two_forms(void **state)
{
        static const char *const keys[] = { "p256-a",  "p384-a",  "p521-a",
                                            "bp256-a", "bp384-a", "bp512-a" };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
                struct mint_der spki = mint_spki(keys[i]);
                struct faults faults = { 0 };
                struct key_info info;

                /* the last bit of y: on the curve no more */
                spki.data[spki.n - 1] ^= 1;
                assert_int_equal(key_info_read(bytes_of(&spki), &faults, &info), 0);
                assert_int_equal(faults.bits, F(KEY_POINT));

                /* hybrid */
                spki.data[spki.n - 1] ^= 1;
                faults.bits = 0;
                spki.data[spki.n - info.key.n] = 0x06 | (spki.data[spki.n - 1] & 1);
                assert_int_equal(key_info_read(bytes_of(&spki), &faults, &info), 0);
                assert_int_equal(faults.bits, F(KEY_POINT));
                mint_der_deinit(&spki);
        }
}

static void a_key_has_a_longest_length(void **state)
{
        static const struct {
                size_t n_modulus;
                uint64_t faults;
        } rows[] = { { 1024, 0 }, { 1025, F(KEY_RSA_TOO_LONG) } };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                size_t n = rows[i].n_modulus;
                uint8_t data[1100] = { 0x30, 0x82, 0,    0,    0x30, 0x0d, 0x06, 0x09, 0x2a,
                                       0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05,
                                       0x00, 0x03, 0x82, 0,    0,    0x00, 0x30, 0x82, 0,
                                       0,    0x02, 0x82, 0,    0,    0x00, 0x80 };
                static const size_t lengths[] = { 2, 21, 26, 30 };
                const size_t n_all = 33 + n + 3;
                struct faults faults = { 0 };
                struct key_info info;

                for (size_t k = 0; k < ARRAY_SIZE(lengths); k++) {
                        size_t n_content = k == 3 ? n + 1 : n_all - lengths[k] - 2;

                        data[lengths[k]] = (uint8_t)(n_content >> 8);
                        data[lengths[k] + 1] = (uint8_t)n_content;
                }

                data[32 + n] = 1; /* odd */
                memcpy(data + 33 + n, "\x02\x01\x03", 3);
                assert_int_equal(key_info_read((struct bytes){ data, n_all }, &faults, &info), 0);
                assert_int_equal(faults.bits, rows[i].faults);
                assert_int_equal(info.bits, n * 8);
        }
}

static void an_unusual_exponent_costs_more(void **state)
{
        const uint8_t small[] = { 1, 0, 1 }, large[] = { 0xff, 0xff, 0xff, 0xff };
        struct key_info info = { .type = KEY_TYPE_RSA, .bits = 2048 };

        (void)state;
        info.exponent = (struct bytes){ small, sizeof(small) };
        assert_int_equal(key_info_cost(&info), 1);
        info.exponent = (struct bytes){ large, sizeof(large) };
        assert_int_equal(key_info_cost(&info), 4);
}

static void a_signature_algorithm_is_told_with_its_parameters(void **state)
{
        static const struct {
                const char *hex;
                enum key_scheme scheme;
                enum key_hash hash;
                uint64_t faults;
        } rows[] = {
                { "300d 06092a864886f70d01010b 0500", KEY_SCHEME_RSA_PKCS1, KEY_HASH_SHA256, 0 },
                { "300b 06092a864886f70d01010b", KEY_SCHEME_RSA_PKCS1, KEY_HASH_SHA256,
                  F(ALGORITHM_NULL) },
                { "300e 06092a864886f70d01010b 020100", KEY_SCHEME_RSA_PKCS1, KEY_HASH_SHA256,
                  F(ALGORITHM_PARAMETERS) },
                { "300d 06092a864886f70d010105 0500", KEY_SCHEME_RSA_PKCS1, KEY_HASH_SHA1, 0 },
                { "300d 06092a864886f70d010104 0500", KEY_SCHEME_RSA_PKCS1, KEY_HASH_MD5, 0 },
                { "300d 06092a864886f70d010102 0500", KEY_SCHEME_RSA_PKCS1, KEY_HASH_MD2, 0 },
                { "300a 06082a8648ce3d040302", KEY_SCHEME_ECDSA, KEY_HASH_SHA256, 0 },
                { "300c 06082a8648ce3d040302 0500", KEY_SCHEME_ECDSA, KEY_HASH_SHA256,
                  F(ALGORITHM_PARAMETERS) },
                { "3009 06072a8648ce3d0401", KEY_SCHEME_ECDSA, KEY_HASH_SHA1, 0 },
                { "3005 06032b6570", KEY_SCHEME_ED25519, KEY_HASH_NONE, 0 },
                { "3005 06032b6571", KEY_SCHEME_ED448, KEY_HASH_NONE, 0 },
                { "300d 06092a864886f70d01010a 3000", KEY_SCHEME_RSA_PSS, KEY_HASH_SHA1, 0 },
                { "300b 06092a864886f70d01010a", KEY_SCHEME_RSA_PSS, KEY_HASH_SHA1,
                  F(ALGORITHM_PARAMETERS) },
                { "3041 06092a864886f70d01010a 3034 a00f300d0609608648016503040201 0500 "
                  "a11c301a06092a864886f70d010108300d0609608648016503040201 0500 a203020120",
                  KEY_SCHEME_RSA_PSS, KEY_HASH_SHA256, 0 },
                { "3004 06022a03", KEY_SCHEME_OTHER, KEY_HASH_OTHER, 0 },
                { "3000", KEY_SCHEME_OTHER, KEY_HASH_OTHER, F(ALGORITHM_PARAMETERS) },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                struct mint_der der = mint_hex(rows[i].hex);
                struct key_signature signature;
                struct faults faults = { 0 };

                key_signature_read(bytes_of(&der), (struct bytes){ NULL, 0 }, &faults, &signature);
                if (signature.scheme != rows[i].scheme || signature.hash != rows[i].hash ||
                    faults.bits != rows[i].faults)
                        fail_msg("%s", rows[i].hex);
                mint_der_deinit(&der);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_key_is_told_by_its_bytes),
                cmocka_unit_test(an_unsound_key_is_told_without_computing),
                cmocka_unit_test(a_point_is_on_its_curve_in_one_of_two_forms),
                cmocka_unit_test(a_key_has_a_longest_length),
                cmocka_unit_test(an_unusual_exponent_costs_more),
                cmocka_unit_test(a_signature_algorithm_is_told_with_its_parameters),
        };

        return cmocka_run_group_tests(tests, set_up_ossl, tear_down_ossl);
}
