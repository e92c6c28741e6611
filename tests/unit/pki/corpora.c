/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/objects.h"
#include "harness/test.h"
#include "pki/cert.h"
#include "pki/crl.h"
#include "pki/decode.h"
#include "pki/link.h"
#include "proto/compiler.h"

#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <dirent.h>
#include <limits.h>

/*
 * Files that others made: nothing crashes, and whatever is read as sound, OpenSSL reads, and reads the same in it.
 * Skipped, loudly, where the folder is not there: it is not part of the project.
 */

#define FILE_BYTES_MAX (1 << 20)

/* What one walk over a folder is to do with each file: @content is of that very size, for the sanitizer. */
typedef void (*visit_fn)(const char *name, struct bytes content, void *userdata);

static const char *corpora(void)
{
        const char *path = getenv("UATRUST_CORPORA");

        return path ? path : TESTS_SOURCE_DIR "/../shared/corpora";
}

static struct mint_der read_file(const char *path)
{
        static uint8_t room[FILE_BYTES_MAX];
        FILE *file = fopen(path, "rb");
        struct mint_der content;

        must(file, "%s", path);
        content.n = fread(room, 1, sizeof(room), file);
        must(content.n < sizeof(room), "%s is too large", path);
        content.data = malloc(content.n ? content.n : 1);
        must(content.data, "malloc");
        memcpy(content.data, room, content.n);
        fclose(file);
        return content;
}

/* Return: how many files there were. */
static size_t visit(const char *folder, visit_fn fn, void *userdata)
{
        char path[1024];
        struct dirent *entry;
        struct mint_der content;
        size_t n = 0;
        DIR *dir;

        snprintf(path, sizeof(path), "%s/%s", corpora(), folder);
        dir = opendir(path);
        if (!dir) {
                print_message("SKIPPED: there is no %s\n", path);
                skip();
        }

        while ((entry = readdir(dir))) {
                if (entry->d_type != DT_REG)
                        continue;

                snprintf(path, sizeof(path), "%s/%s/%s", corpora(), folder, entry->d_name);
                content = read_file(path);
                fn(entry->d_name, bytes_of(&content), userdata);
                mint_der_deinit(&content);
                n++;
        }

        closedir(dir);
        return n;
}

/* --- the same as OpenSSL reads --- */

static int64_t seconds(const ASN1_TIME *time)
{
        struct tm tm;

        assert_int_equal(ASN1_TIME_to_tm(time, &tm), 1);
        return timegm(&tm);
}

static void compare_extensions(const struct cert *cert, X509 *x509)
{
        uint32_t flags = X509_get_extension_flags(x509), usage = X509_get_key_usage(x509);
        uint32_t purposes = X509_get_extended_key_usage(x509);

        assert_int_equal(!!(flags & EXFLAG_CA), cert->basic_constraints.is_ca);
        assert_int_equal(!!(flags & EXFLAG_SI), cert->is_self_issued);
        if (cert->basic_constraints.is_ca && cert->basic_constraints.path_len < INT_MAX)
                assert_int_equal(X509_get_pathlen(x509), cert->basic_constraints.path_len);

        assert_int_equal(!!(flags & EXFLAG_KUSAGE), cert->key_usage.is_present);
        if (cert->key_usage.is_present) {
                assert_int_equal(!!(usage & KU_DIGITAL_SIGNATURE),
                                 !!(cert->key_usage.bits & CERT_USAGE_DIGITAL_SIGNATURE));
                assert_int_equal(!!(usage & KU_DATA_ENCIPHERMENT),
                                 !!(cert->key_usage.bits & CERT_USAGE_DATA_ENCIPHERMENT));
                assert_int_equal(!!(usage & KU_KEY_CERT_SIGN),
                                 !!(cert->key_usage.bits & CERT_USAGE_KEY_CERT_SIGN));
                assert_int_equal(!!(usage & KU_CRL_SIGN),
                                 !!(cert->key_usage.bits & CERT_USAGE_CRL_SIGN));
                assert_int_equal(!!(usage & KU_DECIPHER_ONLY),
                                 !!(cert->key_usage.bits & CERT_USAGE_DECIPHER_ONLY));
        }

        assert_int_equal(!!(flags & EXFLAG_XKUSAGE), cert->extended_key_usage.is_present);
        if (cert->extended_key_usage.is_present) {
                assert_int_equal(!!(purposes & XKU_SSL_SERVER),
                                 !!(cert->extended_key_usage.bits & CERT_PURPOSE_SERVER));
                assert_int_equal(!!(purposes & XKU_SSL_CLIENT),
                                 !!(cert->extended_key_usage.bits & CERT_PURPOSE_CLIENT));
                assert_int_equal(!!(purposes & XKU_ANYEKU),
                                 !!(cert->extended_key_usage.bits & CERT_PURPOSE_ANY));
        }

        assert_int_equal(!!X509_get0_subject_key_id(x509), !!cert->subject_key_id.n);
        assert_int_equal(!!X509_get0_authority_key_id(x509), !!cert->authority_key_id.n);
}

static void compare_with_openssl(const char *name, const struct cert *cert)
{
        const uint8_t *at = cert->der;
        X509 *x509 = d2i_X509(NULL, &at, (long)cert->n_der);
        GENERAL_NAMES *names;
        int64_t not_after_s;
        int critical;

        if (!x509)
                fail_msg("%s: sound, but OpenSSL cannot read it", name);

        assert_int_equal(X509_get_version(x509) + 1, cert->version);
        assert_true(seconds(X509_get0_notBefore(x509)) == cert->not_before_s);
        not_after_s = seconds(X509_get0_notAfter(x509));
        assert_true(cert->not_after_s == CERT_NO_END_S || not_after_s == cert->not_after_s);
        compare_extensions(cert, x509);

        names = X509_get_ext_d2i(x509, NID_subject_alt_name, &critical, NULL);
        assert_int_equal(names ? sk_GENERAL_NAME_num(names) : 0, (int)cert->alt_names.n_names);
        GENERAL_NAMES_free(names);
        X509_free(x509);
}

/* The names of two certificates, by us and by OpenSSL. */
static void compare_names(const struct cert *a, const struct cert *b)
{
        const struct name *names[] = { &a->subject, &a->issuer, &b->subject, &b->issuer };
        X509_NAME *parsed[ARRAY_SIZE(names)];

        for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
                const uint8_t *at = names[i]->der.data;

                parsed[i] = d2i_X509_NAME(NULL, &at, (long)names[i]->der.n);
                assert_non_null(parsed[i]);
        }

        for (size_t i = 0; i < ARRAY_SIZE(names); i++)
                for (size_t k = 0; k < ARRAY_SIZE(names); k++)
                        assert_int_equal(name_equal(names[i], names[k]),
                                         X509_NAME_cmp(parsed[i], parsed[k]) == 0);

        for (size_t i = 0; i < ARRAY_SIZE(names); i++)
                X509_NAME_free(parsed[i]);
}

/* What was met, and the certificate before, to be related with the next one. */
struct tally {
        size_t n[DECODE_BROKEN + 1], n_sound;
        const struct cert *before;
};

static void relate(const struct cert *cert, struct tally *tally)
{
        const struct cert *chain[] = { cert, tally->before };
        enum link_policies policies;
        enum link_result result;
        enum link_names names;
        size_t at;
        char *text;

        assert_int_equal(name_text(&cert->subject, &text), 0);
        free(text);
        assert_int_equal(link_verify_cert(cert, cert, &result), 0);
        if (tally->before) {
                compare_names(cert, tally->before);
                link_key_id(tally->before, cert);
                assert_int_equal(link_verify_cert(tally->before, cert, &result), 0);
                assert_int_equal(link_check_names(chain, 2, &at, &names), 0);
                assert_int_equal(link_check_policies(chain, 2, &policies), 0);
        }

        cert_unref(tally->before);
        tally->before = cert_ref(cert);
}

static void ask(const struct crl *crl, const struct cert *cert)
{
        enum link_result result;
        enum crl_reason reason;
        unsigned int reasons;

        if (!cert)
                return;

        assert_int_equal(link_crl_scope(crl, cert, &reasons), 0);
        assert_int_equal(link_verify_crl(cert, crl, &result), 0);
        crl_find(crl, &cert->issuer, cert->serial, &reason);
}

static void take_in(const char *name, struct bytes content, void *userdata)
{
        struct decode_list list = DECODE_LIST_NULL;
        struct tally *tally = userdata;
        const struct cert *cert = NULL;
        const struct crl *crl = NULL;

        /* also what decode_file() would not take for one */
        cert_new(content, NULL, &cert);
        crl_new(content, NULL, &crl);
        cert_unref(cert);
        crl_unref(crl);

        assert_int_equal(decode_file(content, &list), 0);
        for (size_t i = 0; i < list.items.n; i++) {
                const struct decode_item *item = &list.items.items[i];

                tally->n[item->kind]++;
                if (item->cert && !faults_have_error(&item->cert->faults)) {
                        tally->n_sound++;
                        compare_with_openssl(name, item->cert);
                }

                if (item->cert)
                        relate(item->cert, tally);
                if (item->crl)
                        ask(item->crl, tally->before);
        }

        decode_list_deinit(&list);
}

static void what_we_read_openssl_reads_the_same(void **state)
{
        static const char *const folders[] = { "fuzz/x509",       "fuzz/crl",
                                               "boringssl/parse", "x509test/certs",
                                               "x509test/certs2", "pkits/certs",
                                               "pkits/crls" };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
                struct tally tally = { .n_sound = 0 };
                size_t n = visit(folders[i], take_in, &tally);

                print_message("%s: %zu files: %zu certificates (%zu sound), %zu CRLs, %zu broken, "
                              "%zu foreign\n",
                              folders[i], n, tally.n[DECODE_CERT], tally.n_sound,
                              tally.n[DECODE_CRL], tally.n[DECODE_BROKEN], tally.n[DECODE_FOREIGN]);
                cert_unref(tally.before);
        }
}

/* --- what each corpus says --- */

static void pkits_is_read_whole(void **state)
{
        struct tally certs = { .n_sound = 0 }, crls = { .n_sound = 0 };

        (void)state;
        visit("pkits/certs", take_in, &certs);
        visit("pkits/crls", take_in, &crls);
        assert_int_equal(certs.n[DECODE_CERT], 405);
        assert_int_equal(certs.n[DECODE_BROKEN], 0);

        /* "Bad CRL Signature" has a signature that is no whole number of octets. */
        assert_int_equal(crls.n[DECODE_CRL], 172);
        assert_int_equal(crls.n[DECODE_BROKEN], 1);
        cert_unref(certs.before);
        cert_unref(crls.before);
}

struct x509test {
        size_t n_ok, n_ok_accepted, n_xf, n_xf_accepted;
};

static void count_x509test(const char *name, struct bytes content, void *userdata)
{
        struct x509test *counts = userdata;
        const struct cert *cert = NULL;
        bool is_accepted = cert_new(content, NULL, &cert) == 0 && !faults_have_error(&cert->faults);

        if (strncmp(name, "ok-", 3) == 0) {
                counts->n_ok++;
                counts->n_ok_accepted += is_accepted;
        } else {
                counts->n_xf++;
                counts->n_xf_accepted += is_accepted;
        }

        cert_unref(cert);
}

/* Of those accepted, some fall later: what they break is in the chain, the key's curve, or a usage. */
static void structure_alone_refuses_so_many_of_x509test(void **state)
{
        struct x509test counts = { 0 };

        (void)state;
        visit("x509test/certs", count_x509test, &counts);
        print_message("ok- %zu of %zu accepted, xf- %zu of %zu\n", counts.n_ok_accepted,
                      counts.n_ok, counts.n_xf_accepted, counts.n_xf);
        assert_int_equal(counts.n_ok_accepted, counts.n_ok);
        assert_int_equal(counts.n_xf_accepted, 43);
}

static void find_every_entry(const char *name, struct bytes content, void *userdata)
{
        const uint8_t *at = content.data;
        X509_CRL *parsed = d2i_X509_CRL(NULL, &at, (long)content.n);
        STACK_OF(X509_REVOKED) *revoked = X509_CRL_get_REVOKED(parsed);
        const struct crl *crl = NULL;

        (void)name;
        (void)userdata;
        assert_int_equal(crl_new(content, NULL, &crl), 0);
        assert_int_equal(crl->n_entries, 10625);
        for (int i = 0; i < sk_X509_REVOKED_num(revoked); i++) {
                const X509_REVOKED *entry = sk_X509_REVOKED_value(revoked, i);
                const ASN1_INTEGER *serial = X509_REVOKED_get0_serialNumber(entry);
                uint8_t *der = NULL;
                int n = i2d_ASN1_INTEGER((ASN1_INTEGER *)serial, &der);
                enum crl_reason reason;

                assert_true(n > 2);
                assert_true(crl_find(crl, &crl->issuer, (struct bytes){ der + 2, (size_t)n - 2 },
                                     &reason));
                OPENSSL_free(der);
        }

        crl_unref(crl);
        X509_CRL_free(parsed);
}

static void every_entry_of_a_real_crl_is_found(void **state)
{
        (void)state;
        visit("crl", find_every_entry, NULL);
}

/* Each file with one bit of every 64 flipped: what is read stays within its bytes, a sound key is made. */
static void flip_bits(const char *name, struct bytes content, void *userdata)
{
        uint8_t *data = (uint8_t *)content.data;
        const struct verifier *verifier;
        const struct cert *cert;
        const char *reason;

        (void)name;
        (void)userdata;
        for (size_t bit = content.n % 64; bit < content.n * 8; bit += 64) {
                data[bit / 8] ^= (uint8_t)(1 << bit % 8);
                if (cert_new(content, &reason, &cert) == 0) {
                        assert_true(cert_get_verifier(cert, &verifier) >= 0);
                        cert_unref(cert);
                }

                data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
}

static void a_flipped_bit_harms_nobody(void **state)
{
        (void)state;
        visit("x509test/certs", flip_bits, NULL);
        visit("pkits/certs", flip_bits, NULL);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_we_read_openssl_reads_the_same),
                cmocka_unit_test(pkits_is_read_whole),
                cmocka_unit_test(structure_alone_refuses_so_many_of_x509test),
                cmocka_unit_test(every_entry_of_a_real_crl_is_found),
                cmocka_unit_test(a_flipped_bit_harms_nobody),
        };

        return cmocka_run_group_tests(tests, set_up_ossl, tear_down_ossl);
}
