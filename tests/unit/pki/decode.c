/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/decode.h"

#include "harness/objects.h"
#include "harness/test.h"
#include "pki/ossl.h"
#include "proto/compiler.h"

static const struct mint_cert ca = { .ca = true, .key = "p256-ca", .subject = "CN=Plant CA" };
static const struct mint_cert leaf = { .issuer = &ca, .key = "p256-leaf", .subject = "CN=Leaf" };

static struct mint_der text(const char *content)
{
        struct mint_der der = { (uint8_t *)must_strdup(content), strlen(content) };

        return der;
}

static struct mint_der pem(struct mint_der der, const char *label)
{
        struct mint_der out = mint_pem(&der, label);

        mint_der_deinit(&der);
        return out;
}

static struct mint_der cut(struct mint_der der, size_t n_off)
{
        der.n -= n_off;
        return der;
}

static struct mint_der cert_pem(void)
{
        return pem(mint_cert(&leaf), "CERTIFICATE");
}

static struct mint_der crl_pem(void)
{
        return pem(mint_crl(&(struct mint_crl){ .issuer = &ca }), "X509 CRL");
}

static struct mint_der crl_der(void)
{
        return mint_crl(&(struct mint_crl){ .issuer = &ca });
}

/* What each content decodes to, one letter an item: Cert, cRl, Key, Foreign, Broken. */
static void check(const char *what, struct mint_der content, const char *wanted)
{
        static const char letters[] = { [DECODE_CERT] = 'C',
                                        [DECODE_CRL] = 'R',
                                        [DECODE_PRIVATE_KEY] = 'K',
                                        [DECODE_FOREIGN] = 'F',
                                        [DECODE_BROKEN] = 'B' };
        struct decode_list list = DECODE_LIST_NULL;
        char got[16] = "";

        assert_int_equal(decode_file(bytes_of(&content), &list), 0);
        for (size_t i = 0; i < list.items.n && i < sizeof(got) - 1; i++) {
                const struct decode_item *item = &list.items.items[i];

                got[i] = letters[item->kind];
                assert_int_equal(!item->cert, item->kind != DECODE_CERT);
                assert_int_equal(!item->crl, item->kind != DECODE_CRL);
                assert_int_equal(!item->reason, item->cert || item->crl);
        }

        if (strcmp(got, wanted) != 0)
                fail_msg("%s: %s, not %s", what, got, wanted);
        decode_list_deinit(&list);
        mint_der_deinit(&content);
}

static void a_file_is_told_by_its_content(void **state)
{
        (void)state;
        check("a certificate", mint_cert(&leaf), "C");
        check("a CRL", crl_der(), "R");
        check("one after another",
              mint_join(mint_cert(&leaf), mint_join(crl_der(), mint_cert(&ca))), "CRC");
        check("a line end behind it", mint_join(mint_cert(&leaf), text("\r\n")), "C");
        check("a byte behind it", mint_join(mint_cert(&leaf), text("x")), "CB");
        check("cut off", cut(mint_cert(&leaf), 1), "B");
        check("the second one cut off", mint_join(mint_cert(&leaf), cut(crl_der(), 1)), "CB");
        check("PEM", cert_pem(), "C");
        check("PEM of a CRL", crl_pem(), "R");
        check("PEM of two, text around",
              mint_join(mint_join(text("subject=x\n"), cert_pem()),
                        mint_join(text("\n# y\n"), crl_pem())),
              "CR");
        check("PEM cut off", cut(cert_pem(), 2), "B");
        check("PEM cut off early", cut(cert_pem(), 40), "B");
        check("PEM, the second one cut off", mint_join(cert_pem(), cut(cert_pem(), 40)), "CB");
        check("PEM that begins", text("-----BEG"), "B");
        check("PEM of bad base64",
              text("-----BEGIN CERTIFICATE-----\nAAA\n-----END CERTIFICATE-----\n"), "B");
        check("PEM of no certificate",
              text("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"), "B");
        check("PEM with another end",
              text("-----BEGIN CERTIFICATE-----\nMAA=\n-----END X509 CRL-----\n"), "B");
        check("a public key", pem(mint_spki("p256-a"), "PUBLIC KEY"), "F");
        check("a public key in DER", mint_spki("p256-a"), "F");
        check("a picture", text("\x89PNG\r\n"), "F");
        check("text", text("hello\n"), "F");
        check("a number", text("0123456789\n"), "F");
        check("empty", text(""), "B");
        check("blank", text(" \r\n"), "B");
        check("zeros", mint_hex("00 00 00 00"), "B");
}

static struct mint_der key_der(const char *name)
{
        struct mint_der der = mint_private_key(name);
        struct mint_der out = { must_calloc(der.n, 1), 0 };
        char *at = strchr((char *)der.data, '\n') + 1, *end = strstr(at, "-----END");
        int value[4];

        for (int n = 0; at < end; at++) {
                static const char letters[] =
                        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

                if (*at == '\n' || *at == '=')
                        continue;
                value[n++] = (int)(strchr(letters, *at) - letters);
                if (n < 4)
                        continue;
                out.data[out.n++] = (uint8_t)(value[0] << 2 | value[1] >> 4);
                out.data[out.n++] = (uint8_t)(value[1] << 4 | value[2] >> 2);
                out.data[out.n++] = (uint8_t)(value[2] << 6 | value[3]);
                n = 0;
        }

        mint_der_deinit(&der);
        return out;
}

static void a_private_key_is_seen_and_not_read(void **state)
{
        (void)state;
        check("PEM", mint_private_key("rsa2048-1"), "K");
        check("PEM beside a certificate", mint_join(mint_private_key("p256-a"), cert_pem()), "KC");
        check("PEM behind a certificate", mint_join(cert_pem(), mint_private_key("p256-a")), "CK");
        check("DER", key_der("rsa2048-1"), "K");
        check("DER of a curve", key_der("p256-a"), "K");
        check("PKCS #12", mint_hex("3010 020103 300b 06092a864886f70d010701"), "K");
        check("PKCS #8 under a password", mint_hex("3012 300b 06092a864886f70d01050d 0403010203"),
              "K");
        check("PKCS #1", mint_hex("3009 020100 02010f 020103"), "K");
}

static void a_head_tells_a_private_key(void **state)
{
        struct mint_der key = mint_private_key("rsa2048-1"), der = key_der("rsa2048-1");
        struct mint_der cert = mint_cert(&leaf), in_pem = cert_pem(), crl = crl_der();

        (void)state;
        key.n = der.n = 64;
        assert_true(decode_starts_private_key(bytes_of(&key)));
        assert_true(decode_starts_private_key(bytes_of(&der)));
        assert_false(decode_starts_private_key(bytes_of(&cert)));
        assert_false(decode_starts_private_key(bytes_of(&in_pem)));
        assert_false(decode_starts_private_key(bytes_of(&crl)));
        assert_false(decode_starts_private_key((struct bytes){ NULL, 0 }));
        mint_der_deinit(&key);
        mint_der_deinit(&der);
        mint_der_deinit(&cert);
        mint_der_deinit(&in_pem);
        mint_der_deinit(&crl);
}

static void a_file_holds_so_many_objects_and_no_more(void **state)
{
        static const size_t counts[] = { DECODE_ITEMS_MAX, DECODE_ITEMS_MAX + 1 };
        struct mint_der one = mint_hex("300f 300b 06092a864886f70d010701 0500"); /* foreign */

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
                struct mint_der many = { must_calloc(counts[i], one.n), counts[i] * one.n };
                struct decode_list list = DECODE_LIST_NULL;

                for (size_t k = 0; k < counts[i]; k++)
                        memcpy(many.data + k * one.n, one.data, one.n);
                assert_int_equal(decode_file(bytes_of(&many), &list), 0);
                assert_int_equal(list.items.n, counts[i]);
                assert_int_equal(list.items.items[list.items.n - 1].kind,
                                 i ? DECODE_BROKEN : DECODE_FOREIGN);
                decode_list_deinit(&list);
                mint_der_deinit(&many);
        }

        mint_der_deinit(&one);
}

/* ECDSA would sign anew. */
static struct mint_der copy(const struct mint_der *der)
{
        struct mint_der out = { must_calloc(der->n, 1), der->n };

        memcpy(out.data, der->data, der->n);
        return out;
}

static void an_item_says_where_it_stands(void **state)
{
        struct mint_der rows[][2] = { { crl_der(), crl_der() }, { cert_pem(), cert_pem() } };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                struct decode_list list = DECODE_LIST_NULL;
                size_t n = rows[i][0].n;
                struct mint_der both = mint_join(rows[i][0], rows[i][1]);

                assert_int_equal(decode_file((struct bytes){ both.data, both.n }, &list), 0);
                assert_int_equal(list.items.n, 2);
                assert_ptr_equal(list.items.items[0].span.data, both.data);
                assert_int_equal(list.items.items[0].span.n, n);
                assert_ptr_equal(list.items.items[1].span.data, both.data + n);
                assert_int_equal(list.items.items[1].span.n, both.n - n);
                decode_list_deinit(&list);
                mint_der_deinit(&both);
        }
}

static void the_bytes_of_a_crl_are_found_wherever_they_are(void **state)
{
        struct mint_der crl = crl_der();
        struct {
                const char *name;
                struct mint_der content;
                bool is_there;
        } rows[] = {
                { "DER", copy(&crl), true },
                { "behind a certificate", mint_join(mint_cert(&leaf), copy(&crl)), true },
                { "PEM", mint_pem(&crl, "X509 CRL"), true },
                { "PEM behind a certificate", mint_join(cert_pem(), mint_pem(&crl, "X509 CRL")),
                  true },
                { "PEM with another label", mint_pem(&crl, "CERTIFICATE"), false },
                { "cut off", cut(copy(&crl), 1), false },
                { "no CRL", cert_pem(), false },
                { "empty", mint_hex(""), false },
        };
        uint8_t sha256[32];

        (void)state;
        assert_int_equal(ossl_sha256(bytes_of(&crl), sha256), 0);
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                uint8_t *found = NULL;
                size_t n = 0;
                int r = decode_find_crl(bytes_of(&rows[i].content), sha256, &found, &n);

                if (r != (rows[i].is_there ? 0 : DECODE_E_NO_SUCH_CRL))
                        fail_msg("%s: %d", rows[i].name, r);
                if (!r)
                        assert_true(n == crl.n && memcmp(found, crl.data, n) == 0);
                free(found);
                mint_der_deinit(&rows[i].content);
        }
        mint_der_deinit(&crl);
}

/* --- messages --- */

#define ELEMENTS_MAX 12

/* Elements are owned; Return: what decode_message_chain() gave. */
static int decode(struct mint_der *elements, size_t n, struct decode_chain *out)
{
        struct bytes bytes[ELEMENTS_MAX] = { 0 };
        int r;

        for (size_t i = 0; i < n; i++)
                bytes[i] = bytes_of(&elements[i]);
        r = decode_message_chain(bytes, n, out);
        for (size_t i = 0; i < n; i++)
                mint_der_deinit(&elements[i]);
        return r;
}

static void an_element_may_hold_a_chain(void **state)
{
        struct mint_der elements[] = { mint_join(mint_cert(&leaf), mint_cert(&ca)) };
        struct decode_chain chain = DECODE_CHAIN_NULL;

        (void)state;
        assert_int_equal(decode(elements, 1, &chain), 0);
        assert_null(chain.reason);
        assert_int_equal(chain.certs.n, 2);
        assert_false(chain.certs.items[0]->basic_constraints.is_ca);
        assert_true(chain.certs.items[1]->basic_constraints.is_ca);
        assert_int_equal(chain.notes.n, 0);
        decode_chain_deinit(&chain);
}

static void what_is_odd_behind_the_first_is_dropped_and_noted(void **state)
{
        struct mint_der ca_der = mint_cert(&ca);
        struct mint_der elements[] = {
                mint_join(mint_cert(&leaf), text("rest")), /* starts no certificate */
                mint_hex("3000"),                          /* cannot be read */
                mint_join(mint_pem(&ca_der, "CERTIFICATE"), text("")),
                mint_join(mint_hex(""), mint_cert(&ca)),
        };
        struct decode_chain chain = DECODE_CHAIN_NULL;

        (void)state;
        assert_int_equal(decode(elements, ARRAY_SIZE(elements), &chain), 0);
        assert_null(chain.reason);
        assert_int_equal(chain.certs.n, 2);
        assert_int_equal(chain.notes.n, 3);
        for (size_t i = 0; i < chain.notes.n; i++)
                assert_int_equal(chain.notes.items[i].element, i);
        decode_chain_deinit(&chain);
        mint_der_deinit(&ca_der);
}

static void a_certificate_presented_twice_counts_once(void **state)
{
        /* the very same bytes: ECDSA would sign anew */
        struct mint_der der = mint_cert(&ca);
        struct mint_der copies[] = { mint_join(mint_hex(""), der), { NULL, 0 } };
        struct decode_chain chain = DECODE_CHAIN_NULL;

        (void)state;
        copies[1].data = must_calloc(copies[0].n, 1);
        copies[1].n = copies[0].n;
        memcpy(copies[1].data, copies[0].data, copies[0].n);
        assert_int_equal(decode(copies, 2, &chain), 0);
        assert_int_equal(chain.certs.n, 1);
        assert_int_equal(chain.notes.n, 1);
        decode_chain_deinit(&chain);
}

static void without_the_first_there_is_a_reason_and_nothing_else(void **state)
{
        struct mint_der elements[] = { text("nonsense"), mint_cert(&ca) };
        struct mint_der empty[] = { text("") };
        struct mint_der in_pem[] = { cert_pem() };
        struct decode_chain chain = DECODE_CHAIN_NULL;

        (void)state;
        assert_int_equal(decode(elements, 2, &chain), 0);
        assert_non_null(chain.reason);
        assert_int_equal(chain.certs.n, 0);
        decode_chain_deinit(&chain);

        assert_int_equal(decode(NULL, 0, &chain), 0);
        assert_non_null(chain.reason);
        decode_chain_deinit(&chain);

        assert_int_equal(decode(empty, 1, &chain), 0);
        assert_non_null(chain.reason);
        decode_chain_deinit(&chain);

        assert_int_equal(decode(in_pem, 1, &chain), 0);
        assert_non_null(chain.reason);
        decode_chain_deinit(&chain);
}

static void a_message_has_limits(void **state)
{
        static const struct {
                size_t n, n_bytes_each;
                int r;
        } rows[] = {
                { DECODE_CHAIN_MAX, 100, 0 },
                { DECODE_CHAIN_MAX + 1, 100, DECODE_E_TOO_MANY },
                { 2, DECODE_CERT_BYTES_MAX, 0 },
                { 2, DECODE_CERT_BYTES_MAX + 1, DECODE_E_CERT_TOO_LARGE },
                { 5, DECODE_CERT_BYTES_MAX, DECODE_E_REQUEST_TOO_LARGE },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                struct decode_chain chain = DECODE_CHAIN_NULL;
                struct mint_der elements[ELEMENTS_MAX];

                elements[0] = mint_cert(&leaf);
                for (size_t k = 1; k < rows[i].n; k++) {
                        elements[k].data = must_calloc(1, rows[i].n_bytes_each);
                        elements[k].n = rows[i].n_bytes_each;
                }

                assert_int_equal(decode(elements, rows[i].n, &chain), rows[i].r);
                if (rows[i].r)
                        continue;

                assert_int_equal(chain.certs.n, 1);
                assert_int_equal(chain.n_presented, rows[i].n);
                decode_chain_deinit(&chain);
        }
}

static void many_in_one_element_are_many(void **state)
{
        struct mint_der element[] = { mint_cert(&leaf) };
        struct decode_chain chain = DECODE_CHAIN_NULL;

        (void)state;
        for (size_t i = 0; i < DECODE_CHAIN_MAX; i++)
                element[0] = mint_join(element[0], mint_hex("3000"));
        assert_int_equal(decode(element, 1, &chain), DECODE_E_TOO_MANY);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_file_is_told_by_its_content),
                cmocka_unit_test(a_private_key_is_seen_and_not_read),
                cmocka_unit_test(a_head_tells_a_private_key),
                cmocka_unit_test(a_file_holds_so_many_objects_and_no_more),
                cmocka_unit_test(an_item_says_where_it_stands),
                cmocka_unit_test(the_bytes_of_a_crl_are_found_wherever_they_are),
                cmocka_unit_test(an_element_may_hold_a_chain),
                cmocka_unit_test(what_is_odd_behind_the_first_is_dropped_and_noted),
                cmocka_unit_test(a_certificate_presented_twice_counts_once),
                cmocka_unit_test(without_the_first_there_is_a_reason_and_nothing_else),
                cmocka_unit_test(a_message_has_limits),
                cmocka_unit_test(many_in_one_element_are_many),
        };

        return cmocka_run_group_tests(tests, set_up_ossl, tear_down_ossl);
}
