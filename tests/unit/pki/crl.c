/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/crl.h"

#include "harness/objects.h"
#include "harness/test.h"
#include "proto/compiler.h"

static const struct mint_cert ca = { .ca = true, .subject = "CN=Plant CA" };

static struct bytes hex_bytes(const char *hex, struct mint_der *hold)
{
        *hold = mint_hex(hex);
        return bytes_of(hold);
}

/* The reason for which @crl lists a serial number of @issuer, or -1. */
static int find(const struct crl *crl, const struct name *issuer, const char *serial)
{
        struct mint_der hold;
        struct bytes number = hex_bytes(serial, &hold);
        enum crl_reason reason = CRL_REASON_UNSPECIFIED;
        bool is_found = crl_find(crl, issuer, number, &reason);

        mint_der_deinit(&hold);
        return is_found ? (int)reason : -1;
}

static void a_crl_says_what_is_in_it(void **state)
{
        static const struct mint_crl_entry entries[] = {
                { .serial = "02", .reason = CRL_REASON_KEY_COMPROMISE },
                { .serial = "0102030405060708090a0b0c0d0e0f10" },
                { .serial = "03", .reason = CRL_REASON_CERTIFICATE_HOLD, .invalidity_s = 1 },
        };
        const struct mint_crl spec = { .issuer = &ca,
                                       .number = "0100",
                                       .entries = entries,
                                       .n_entries = ARRAY_SIZE(entries) };
        const struct cert *issuer = make_cert(&ca), *other = make_cert(&(struct mint_cert){ 0 });
        struct mint_der der = mint_crl(&spec), again = mint_crl(&spec);
        const struct crl *crl = NULL;
        uint8_t sha256[32];

        (void)state;
        assert_int_equal(crl_new(bytes_of(&der), NULL, &crl), 0);
        ossl_sha256(bytes_of(&der), sha256);
        assert_memory_equal(crl->sha256, sha256, sizeof(sha256));
        assert_int_equal(crl->n_der, der.n);
        mint_der_deinit(&der); /* nothing points into it */

        assert_int_equal(crl->version, 2);
        assert_true(name_equal(&crl->issuer, &issuer->subject));
        assert_true(crl->this_update_s == MINT_NOW_S - MINT_DAY_S);
        assert_true(crl->next_update_s == MINT_NOW_S + 30 * MINT_DAY_S);
        assert_int_equal(crl->number.n, 2);
        assert_memory_equal(crl->number.data, "\1\0", 2);
        assert_false(crl->is_delta || crl->scope.is_present || crl->has_unknown_critical);
        assert_true(bytes_equal(crl->authority_key_id, issuer->subject_key_id));
        assert_int_equal(crl->n_entries, 3);
        assert_int_equal(crl->faults.bits, 0);

        assert_int_equal(find(crl, &issuer->subject, "02"), CRL_REASON_KEY_COMPROMISE);
        assert_int_equal(find(crl, &issuer->subject, "03"), CRL_REASON_CERTIFICATE_HOLD);
        assert_int_equal(find(crl, &issuer->subject, "0102030405060708090a0b0c0d0e0f10"),
                         CRL_REASON_UNSPECIFIED);
        assert_int_equal(find(crl, &issuer->subject, "0102030405060708090a0b0c0d0e0f11"), -1);
        assert_int_equal(find(crl, &issuer->subject, "04"), -1);
        assert_int_equal(find(crl, &other->subject, "02"), -1);

        crl_unref(crl);
        cert_unref(issuer);
        cert_unref(other);
        mint_der_deinit(&again);
}

static void an_empty_crl_lists_nobody(void **state)
{
        const struct crl *crl = make_crl(&(struct mint_crl){ .issuer = &ca,
                                                             .next_update_s = MINT_ABSENT_S,
                                                             .number = MINT_NONE,
                                                             .aki = MINT_NONE });

        (void)state;
        assert_int_equal(crl->n_entries, 0);
        assert_int_equal(find(crl, &crl->issuer, "02"), -1);
        assert_true(crl->next_update_s == CRL_NO_NEXT_UPDATE_S);
        assert_int_equal(crl->number.n, 0);
        assert_true(faults_has(&crl->faults, FAULT_CRL_NUMBER_MISSING));
        assert_true(faults_has(&crl->faults, FAULT_AUTHORITY_KEY_ID_MISSING));
        crl_unref(crl);
}

static void of_two_entries_the_graver_counts(void **state)
{
        static const struct {
                int first, second, wanted;
        } rows[] = {
                { CRL_REASON_REMOVE_FROM_CRL, CRL_REASON_CERTIFICATE_HOLD,
                  CRL_REASON_CERTIFICATE_HOLD },
                { CRL_REASON_CERTIFICATE_HOLD, CRL_REASON_KEY_COMPROMISE,
                  CRL_REASON_KEY_COMPROMISE },
                { CRL_REASON_SUPERSEDED, CRL_REASON_REMOVE_FROM_CRL, CRL_REASON_SUPERSEDED },
                { CRL_REASON_REMOVE_FROM_CRL, CRL_REASON_REMOVE_FROM_CRL,
                  CRL_REASON_REMOVE_FROM_CRL },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                const struct mint_crl_entry entries[] = {
                        { .serial = "02", .reason = rows[i].first },
                        { .serial = "02", .reason = rows[i].second },
                };
                const struct crl *crl = make_crl(&(struct mint_crl){
                        .issuer = &ca, .entries = entries, .n_entries = ARRAY_SIZE(entries) });

                assert_int_equal(find(crl, &crl->issuer, "02"), rows[i].wanted);
                crl_unref(crl);
        }
}

static void an_indirect_crl_tells_issuers_apart(void **state)
{
        static const struct mint_crl_entry entries[] = {
                { .serial = "01" },
                { .serial = "02", .issuer = "CN=Someone" },
                { .serial = "03" }, /* the one named last goes on */
                { .serial = "01", .issuer = "CN=Another", .reason = CRL_REASON_SUPERSEDED },
        };
        struct mint_crl spec = { .issuer = &ca,
                                 .idp = "critical,indirectCRL:TRUE",
                                 .entries = entries,
                                 .n_entries = ARRAY_SIZE(entries) };
        const struct cert *someone = make_cert(&(struct mint_cert){ .subject = "CN=someone" });
        const struct cert *another = make_cert(&(struct mint_cert){ .subject = "CN=Another" });
        const struct crl *crl = make_crl(&spec);

        (void)state;
        assert_true(crl->scope.is_indirect);
        assert_false(crl->has_unknown_critical);
        assert_int_equal(find(crl, &crl->issuer, "01"), CRL_REASON_UNSPECIFIED);
        assert_int_equal(find(crl, &crl->issuer, "02"), -1);
        assert_int_equal(find(crl, &someone->subject, "02"), CRL_REASON_UNSPECIFIED);
        assert_int_equal(find(crl, &someone->subject, "03"), CRL_REASON_UNSPECIFIED);
        assert_int_equal(find(crl, &someone->subject, "01"), -1);
        assert_int_equal(find(crl, &another->subject, "01"), CRL_REASON_SUPERSEDED);
        crl_unref(crl);

        /* In a CRL that is not indirect such an entry still revokes, and the CRL satisfies nothing. */
        spec.idp = NULL;
        crl = make_crl(&spec);
        assert_true(crl->has_unknown_critical);
        assert_int_equal(find(crl, &crl->issuer, "02"), CRL_REASON_UNSPECIFIED);
        crl_unref(crl);
        cert_unref(someone);
        cert_unref(another);
}

static void a_crl_may_be_limited(void **state)
{
        static const struct {
                const char *idp;
                bool has_only_user, has_only_ca, has_only_attribute, has_point;
                unsigned int reasons;
        } rows[] = {
                { "critical,onlyuser:TRUE", true, false, false, false, 0 },
                { "critical,onlyCA:TRUE", false, true, false, false, 0 },
                { "critical,onlyAA:TRUE", false, false, true, false, 0 },
                { "critical,fullname:URI:http://a/", false, false, false, true, 0 },
                { "critical,onlysomereasons:keyCompromise", false, false, false, false, 2 },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                const struct crl *crl =
                        make_crl(&(struct mint_crl){ .issuer = &ca, .idp = rows[i].idp });

                assert_true(crl->scope.is_present);
                assert_int_equal(crl->scope.has_only_user, rows[i].has_only_user);
                assert_int_equal(crl->scope.has_only_ca, rows[i].has_only_ca);
                assert_int_equal(crl->scope.has_only_attribute, rows[i].has_only_attribute);
                assert_int_equal(crl->scope.point.n > 0, rows[i].has_point);
                assert_int_equal(crl->scope.reasons, rows[i].reasons);
                crl_unref(crl);
        }
}

static void a_delta_names_its_base(void **state)
{
        const struct crl *delta =
                make_crl(&(struct mint_crl){ .issuer = &ca, .number = "05", .delta = "03" });
        const struct crl *full = make_crl(&(struct mint_crl){ .issuer = &ca, .number = "05" });
        const struct crl *user =
                make_crl(&(struct mint_crl){ .issuer = &ca, .idp = "critical,onlyuser:TRUE" });

        (void)state;
        assert_true(delta->is_delta);
        assert_int_equal(delta->delta_base.n, 1);
        assert_int_equal(delta->delta_base.data[0], 3);
        assert_int_equal(crl_compare_number(delta->number, full->number), 0);
        assert_true(crl_compare_scope(full, delta) < 0);
        assert_true(crl_compare_scope(full, full) == 0);
        assert_true(crl_compare_scope(full, user) != 0);
        crl_unref(delta);
        crl_unref(full);
        crl_unref(user);
}

static void numbers_are_compared_by_value(void **state)
{
        static const char *const ascending[] = { "00", "01",   "7f",   "80",
                                                 "ff", "0100", "0200", "010203040506070809" };

        (void)state;
        for (size_t i = 0; i + 1 < ARRAY_SIZE(ascending); i++) {
                const struct crl *a =
                        make_crl(&(struct mint_crl){ .issuer = &ca, .number = ascending[i] });
                const struct crl *b =
                        make_crl(&(struct mint_crl){ .issuer = &ca, .number = ascending[i + 1] });

                assert_true(crl_compare_number(a->number, b->number) < 0);
                assert_true(crl_compare_number((struct bytes){ NULL, 0 }, a->number) < 0);
                crl_unref(a);
                crl_unref(b);
        }
}

static void what_is_unknown_and_critical_is_told(void **state)
{
        static const struct mint_crl_entry entry = { .serial = "02",
                                                     .extra = "1.2.3.4 = critical,DER:0500\n" };
        static const struct mint_crl_entry plain = { .serial = "02",
                                                     .extra = "1.2.3.4 = DER:0500\n" };
        static const struct {
                struct mint_crl spec;
                bool is_unknown;
        } rows[] = {
                { { .issuer = &ca, .extra = "1.2.3.4 = critical,DER:0500\n" }, true },
                { { .issuer = &ca, .extra = "1.2.3.4 = DER:0500\n" }, false },
                { { .issuer = &ca, .entries = &entry, .n_entries = 1 }, true },
                { { .issuer = &ca, .entries = &plain, .n_entries = 1 }, false },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                const struct crl *crl = make_crl(&rows[i].spec);

                assert_int_equal(crl->has_unknown_critical, rows[i].is_unknown);
                assert_int_equal(find(crl, &crl->issuer, "02"),
                                 rows[i].spec.n_entries ? CRL_REASON_UNSPECIFIED : -1);
                crl_unref(crl);
        }
}

static void write_version_1(struct mint_der *tbs)
{
        mint_replace(tbs, "020101300d", "020100300d");
}

static void write_version_3(struct mint_der *tbs)
{
        mint_replace(tbs, "020101300d", "020102300d");
}

static void change_inner_algorithm(struct mint_der *tbs)
{
        mint_replace(tbs, "2a864886f70d01010b", "2a864886f70d01010c");
}

static void a_crl_reads_whole_or_not_at_all(void **state)
{
        static const struct mint_crl_entry entry = { .serial = "02", .reason = 1 };
        static const struct mint_crl specs[] = {
                { .issuer = &ca, .edit = write_version_1 },
                { .issuer = &ca, .edit = write_version_3 },
                { .issuer = &ca, .edit = change_inner_algorithm },
                { .issuer = &ca, .idp = "critical,DER:3000" },
                { .issuer = &ca, .idp = "critical,onlyuser:TRUE,onlyCA:TRUE" },
                { .issuer = &ca, .number = "-01" },
                { .issuer = &ca, .issuer_name = "" },
                { .issuer = &ca, .version = 1, .entries = &entry, .n_entries = 1 },
        };
        const struct crl *crl = NULL;

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(specs); i++) {
                struct mint_der der = mint_crl(&specs[i]);
                const char *reason = NULL;

                if (crl_new(bytes_of(&der), &reason, &crl) != CRL_E_UNREADABLE)
                        fail_msg("row %zu", i);
                assert_non_null(reason);
                mint_der_deinit(&der);
        }
}

static void no_part_of_a_crl_is_a_crl(void **state)
{
        static const struct mint_crl_entry entries[] = { { .serial = "02", .reason = 1 },
                                                         { .serial = "03" } };
        struct mint_der der = mint_crl(&(struct mint_crl){
                .issuer = &ca, .entries = entries, .n_entries = ARRAY_SIZE(entries) });
        const struct crl *crl = NULL;

        (void)state;
        for (size_t n = 0; n < der.n; n++) {
                uint8_t *cut = malloc(n ? n : 1); /* of that very size, for the sanitizer */

                memcpy(cut, der.data, n);
                assert_int_equal(crl_new((struct bytes){ cut, n }, NULL, &crl), CRL_E_UNREADABLE);
                free(cut);
        }

        mint_der_deinit(&der);
}

/* A changed bit is either seen at once or changes what the signature is checked against. */
static void no_bit_of_a_crl_may_change(void **state)
{
        static const struct mint_crl_entry entries[] = { { .serial = "02", .reason = 1 },
                                                         { .serial = "03" } };
        struct mint_der der = mint_crl(&(struct mint_crl){
                .issuer = &ca, .entries = entries, .n_entries = ARRAY_SIZE(entries) });
        const struct crl *good = NULL, *crl;

        (void)state;
        assert_int_equal(crl_new(bytes_of(&der), NULL, &good), 0);
        for (size_t bit = 0; bit < der.n * 8; bit++) {
                int r;

                der.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
                r = crl_new(bytes_of(&der), NULL, &crl);
                der.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
                if (r == CRL_E_UNREADABLE)
                        continue;

                assert_int_equal(r, 0);
                assert_false(bytes_equal(crl_get_signed(crl), crl_get_signed(good)) &&
                             bytes_equal(crl->signature.value, good->signature.value) &&
                             crl->signature.scheme == good->signature.scheme);
                crl_unref(crl);
        }

        crl_unref(good);
        mint_der_deinit(&der);
}

static void eddsa_keeps_the_signed_bytes(void **state)
{
        const struct mint_cert ed = { .ca = true, .key = "ed25519-ca" };
        const struct crl *crl = make_crl(&(struct mint_crl){ .issuer = &ed });

        (void)state;
        assert_int_equal(crl->signature.scheme, KEY_SCHEME_ED25519);
        assert_true(crl_get_signed(crl).n > 64);
        assert_int_equal(crl_get_signed(crl).data[0], 0x30);
        crl_unref(crl);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_crl_says_what_is_in_it),
                cmocka_unit_test(an_empty_crl_lists_nobody),
                cmocka_unit_test(of_two_entries_the_graver_counts),
                cmocka_unit_test(an_indirect_crl_tells_issuers_apart),
                cmocka_unit_test(a_crl_may_be_limited),
                cmocka_unit_test(a_delta_names_its_base),
                cmocka_unit_test(numbers_are_compared_by_value),
                cmocka_unit_test(what_is_unknown_and_critical_is_told),
                cmocka_unit_test(a_crl_reads_whole_or_not_at_all),
                cmocka_unit_test(no_part_of_a_crl_is_a_crl),
                cmocka_unit_test(no_bit_of_a_crl_may_change),
                cmocka_unit_test(eddsa_keeps_the_signed_bytes),
        };

        return cmocka_run_group_tests(tests, set_up_ossl, tear_down_ossl);
}
