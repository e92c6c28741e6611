/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/decode.h"

#include "pki/cert.h"
#include "pki/crl.h"
#include "pki/der.h"
#include "pki/ossl.h"

#include <openssl/err.h>
#include <openssl/evp.h>

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define TEXT(literal) ((struct bytes)BYTES(literal))

static struct bytes skip(struct bytes bytes, size_t n)
{
        return (struct bytes){ bytes.data + n, bytes.n - n };
}

static bool starts_with(struct bytes bytes, struct bytes prefix)
{
        return bytes.n >= prefix.n && !memcmp(bytes.data, prefix.data, prefix.n);
}

static bool ends_with(struct bytes bytes, struct bytes suffix)
{
        return bytes.n >= suffix.n &&
               !memcmp(bytes.data + bytes.n - suffix.n, suffix.data, suffix.n);
}

static bool is_blank(uint8_t c)
{
        return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Nothing but blanks and NULs? */
static bool is_padding(struct bytes bytes)
{
        for (size_t i = 0; i < bytes.n; i++)
                if (bytes.data[i] && !is_blank(bytes.data[i]))
                        return false;

        return true;
}

/* --- items --- */

static int add_item(struct decode_list *list, struct decode_item item)
{
        int r;

        r = VEC_PUSH(&list->items, item);
        if (r) {
                cert_unref(item.cert);
                crl_unref(item.crl);
        }

        return r;
}

/* What was added last stands in the content from @start up to @end. */
static void set_span(struct decode_list *list, const uint8_t *start, const uint8_t *end)
{
        list->items.items[list->items.n - 1].span = (struct bytes){ start, (size_t)(end - start) };
}

static int add_reason(struct decode_list *list, enum decode_kind kind, const char *reason)
{
        return add_item(list, (struct decode_item){ .kind = kind, .reason = reason });
}

static int add_cert(struct decode_list *list, struct bytes der)
{
        struct decode_item item = { .kind = DECODE_CERT };
        int r;

        r = cert_new(der, &item.reason, &item.cert);
        if (r < 0)
                return r;
        if (r)
                item.kind = DECODE_BROKEN;
        return add_item(list, item);
}

static int add_crl(struct decode_list *list, struct bytes der)
{
        struct decode_item item = { .kind = DECODE_CRL };
        int r;

        r = crl_new(der, &item.reason, &item.crl);
        if (r < 0)
                return r;
        if (r)
                item.kind = DECODE_BROKEN;
        return add_item(list, item);
}

/* --- DER --- */

/* Steps into a SEQUENCE that may be cut off: over its tag and length, whatever that is. */
static bool enter_sequence(struct bytes *head)
{
        size_t n_octets;

        if (head->n < 2 || head->data[0] != DER_SEQUENCE)
                return false;

        n_octets = head->data[1] < 0x80 ? 0 : head->data[1] & 0x7f;
        if (n_octets > 4 || head->n < 2 + n_octets)
                return false;

        *head = skip(*head, 2 + n_octets);
        return true;
}

/*
 * PKCS #8, PKCS #1 and SEC 1 begin with a version of 0 or 1, PKCS #12 with 3; an encrypted PKCS #8
 * with an algorithm of PKCS #5 or PKCS #12.
 */
static bool starts_der_key(struct bytes head)
{
        if (!enter_sequence(&head))
                return false;
        if (starts_with(head, TEXT("\x02\x01")))
                return head.n > 2 && (head.data[2] <= 1 || head.data[2] == 3);

        return enter_sequence(&head) && head.n > 2 && head.data[0] == DER_OID &&
               (starts_with(skip(head, 2), TEXT("\x2a\x86\x48\x86\xf7\x0d\x01\x05")) ||
                starts_with(skip(head, 2), TEXT("\x2a\x86\x48\x86\xf7\x0d\x01\x0c")));
}

/* What a SEQUENCE is, told by the kinds of its first elements. */
static enum decode_kind tell_kind(struct bytes element)
{
        struct bytes fields, tbs, content;
        uint8_t tag;

        if (!der_read(&element, DER_SEQUENCE, &fields) || !der_is(fields, DER_SEQUENCE))
                return DECODE_FOREIGN;
        if (!der_read(&fields, DER_SEQUENCE, &tbs))
                return DECODE_BROKEN;
        if (der_is(tbs, DER_OID))
                return DECODE_FOREIGN;

        /* After version, serial number, algorithm and issuer come a validity or a CRL's times. */
        if (!der_read_optional(&tbs, DER_CONTEXT_CONSTRUCTED(0), &content) ||
            !der_read_optional(&tbs, DER_INTEGER, &content) ||
            !der_read(&tbs, DER_SEQUENCE, &content) || !der_read(&tbs, DER_SEQUENCE, &content) ||
            !der_next(&tbs, &tag, &content))
                return DECODE_BROKEN;

        if (tag == DER_SEQUENCE)
                return DECODE_CERT;
        if (tag == DER_UTC_TIME || tag == DER_GENERALIZED_TIME)
                return DECODE_CRL;
        return tag == DER_CONTEXT_CONSTRUCTED(0) ? DECODE_FOREIGN : DECODE_BROKEN;
}

static int add_element(struct decode_list *list, struct bytes element)
{
        switch (tell_kind(element)) {
        case DECODE_CERT:
                return add_cert(list, element);
        case DECODE_CRL:
                return add_crl(list, element);
        case DECODE_FOREIGN:
                return add_reason(list, DECODE_FOREIGN, "it is neither a certificate nor a CRL");
        case DECODE_PRIVATE_KEY:
        case DECODE_BROKEN:
                break;
        }

        return add_reason(list, DECODE_BROKEN, "it cannot be read as a certificate or a CRL");
}

/* The rest of a file that does not begin with a whole element. */
static int add_rest(struct decode_list *list, struct bytes rest)
{
        struct bytes head = rest;

        if (enter_sequence(&head) && der_is(head, DER_SEQUENCE))
                return add_reason(list, DECODE_BROKEN, "it is cut off");
        if (list->items.n)
                return add_reason(list, DECODE_BROKEN, "there are bytes after the last object");
        return add_reason(list, DECODE_FOREIGN, "it is neither DER nor PEM");
}

/* Takes one off @content, or all of it, where it does not go on. */
static int add_next(struct decode_list *list, struct bytes *content)
{
        struct bytes all = *content, element;

        *content = skip(all, all.n);
        if (list->items.n >= DECODE_ITEMS_MAX)
                return add_reason(list, DECODE_BROKEN, "it has more than 10,000 objects");

        /* A key is not looked into, not even to find its end. */
        if (starts_der_key(all))
                return add_reason(list, DECODE_PRIVATE_KEY, "it is a private key");
        if (!der_read_element(&all, DER_SEQUENCE, &element))
                return add_rest(list, all);
        *content = all;
        return add_element(list, element);
}

static int decode_der(struct bytes content, struct decode_list *list)
{
        while (!is_padding(content)) {
                const uint8_t *start = content.data;
                int r = add_next(list, &content);

                if (r)
                        return r;
                set_span(list, start, content.data);
        }

        return 0;
}

/* --- PEM --- */

/* Takes a line off @text, without its end. */
static struct bytes next_line(struct bytes *text)
{
        const uint8_t *end = memchr(text->data, '\n', text->n);
        size_t n = end ? (size_t)(end - text->data) : text->n;
        struct bytes line = { text->data, n };

        *text = skip(*text, end ? n + 1 : n);
        while (line.n && is_blank(line.data[line.n - 1]))
                line.n--;
        return line;
}

/* "-----BEGIN label-----" */
static bool read_boundary(struct bytes line, struct bytes word, struct bytes *out_label)
{
        const struct bytes dashes = TEXT("-----");

        if (!starts_with(line, word) || !ends_with(skip(line, word.n), dashes))
                return false;

        *out_label = (struct bytes){ line.data + word.n, line.n - word.n - dashes.n };
        return true;
}

/*
 * The next object: its label and what stands between its boundaries; false at the end, or if what
 * follows is damaged.
 */
static bool next_object(struct bytes *text, struct bytes *out_label, struct bytes *out_body,
                        bool *out_is_damaged)
{
        struct bytes line = { NULL, 0 }, label;
        bool is_begun = false;

        *out_is_damaged = false;
        while (text->n) {
                const uint8_t *start = text->data;

                line = next_line(text);
                if (!starts_with(line, TEXT("-----")))
                        continue;

                if (!is_begun && read_boundary(line, TEXT("-----BEGIN "), out_label)) {
                        is_begun = true;
                        *out_body = *text;
                        continue;
                }

                if (is_begun && read_boundary(line, TEXT("-----END "), &label) &&
                    bytes_equal(label, *out_label)) {
                        out_body->n = (size_t)(start - out_body->data);
                        return true;
                }

                *out_is_damaged = true;
                return false;
        }

        *out_is_damaged = is_begun;
        return false;
}

/*
 * Base64 with blanks anywhere; @out is allocated. Return: 0, -ENOMEM, or 1 where it is no such
 * text.
 */
static int decode_base64(struct bytes body, uint8_t **out, size_t *out_n)
{
        EVP_ENCODE_CTX *context = EVP_ENCODE_CTX_new();
        CLEANUP(freep) uint8_t *data = malloc(body.n / 4 * 3 + 64);
        int n = 0, n_last = 0, r = -1;

        if (!context || !data) {
                EVP_ENCODE_CTX_free(context);
                return -ENOMEM;
        }

        EVP_DecodeInit(context);
        if (body.n <= INT_MAX)
                r = EVP_DecodeUpdate(context, data, &n, body.data, (int)body.n);
        if (r >= 0)
                r = EVP_DecodeFinal(context, data + n, &n_last);
        EVP_ENCODE_CTX_free(context);
        ERR_clear_error();
        if (r < 0)
                return 1;

        *out_n = (size_t)n + (size_t)n_last;
        *out = TAKE(data);
        return 0;
}

static int add_pem_object(struct decode_list *list, struct bytes label, struct bytes body)
{
        CLEANUP(freep) uint8_t *data = NULL;
        bool is_trusted = bytes_equal(label, TEXT("TRUSTED CERTIFICATE"));
        bool is_cert = is_trusted || bytes_equal(label, TEXT("CERTIFICATE")) ||
                       bytes_equal(label, TEXT("X509 CERTIFICATE"));
        struct bytes der, element;
        int r;

        if (ends_with(label, TEXT("PRIVATE KEY")))
                return add_reason(list, DECODE_PRIVATE_KEY, "it is a private key");
        if (!is_cert && !bytes_equal(label, TEXT("X509 CRL")))
                return add_reason(list, DECODE_FOREIGN, "it is neither a certificate nor a CRL");

        r = decode_base64(body, &data, &der.n);
        if (r < 0)
                return r;
        if (r)
                return add_reason(list, DECODE_BROKEN, "its base64 is damaged");

        /* OpenSSL's "trusted certificate" has settings behind it, which are not ours. */
        der.data = data;
        if (is_trusted &&
            der_read_element(&(struct bytes){ der.data, der.n }, DER_SEQUENCE, &element))
                der = element;

        return is_cert ? add_cert(list, der) : add_crl(list, der);
}

static bool has_pem(struct bytes text)
{
        while (text.n)
                if (starts_with(next_line(&text), TEXT("-----")))
                        return true;

        return false;
}

static int decode_pem(struct bytes text, struct decode_list *list)
{
        struct bytes label = { NULL, 0 }, body = { NULL, 0 };
        bool is_damaged;
        int r;

        while (next_object(&text, &label, &body, &is_damaged)) {
                if (list->items.n >= DECODE_ITEMS_MAX)
                        return add_reason(list, DECODE_BROKEN, "it has more than 10,000 objects");

                r = add_pem_object(list, label, body);
                if (r)
                        return r;
                set_span(list, label.data - sizeof("-----BEGIN ") + 1, text.data);
        }

        return is_damaged ? add_reason(list, DECODE_BROKEN, "a PEM object in it is cut off") : 0;
}

/* --- files --- */

int decode_file(struct bytes content, struct decode_list *out)
{
        CLEANUP(decode_list_deinit) struct decode_list list = DECODE_LIST_NULL;
        int r;

        if (is_padding(content))
                r = add_reason(&list, DECODE_BROKEN, "it is empty");
        else if (content.data[0] == DER_SEQUENCE)
                r = decode_der(content, &list);
        else if (has_pem(content))
                r = decode_pem(content, &list);
        else
                r = add_reason(&list, DECODE_FOREIGN, "it is neither DER nor PEM");
        if (r)
                return r;

        *out = list;
        list = (struct decode_list)DECODE_LIST_NULL;
        return 0;
}

void decode_list_deinit(struct decode_list *list)
{
        for (size_t i = 0; i < list->items.n; i++) {
                cert_unref(list->items.items[i].cert);
                crl_unref(list->items.items[i].crl);
        }

        VEC_FREE(&list->items);
}

/* --- bytes of a CRL --- */

static int copy_if(struct bytes der, const uint8_t sha256[32], uint8_t **out, size_t *out_n)
{
        uint8_t found[32];
        int r;

        r = ossl_sha256(der, found);
        if (r)
                return r;
        if (memcmp(found, sha256, sizeof(found)) != 0)
                return DECODE_E_NO_SUCH_CRL;

        *out = malloc(der.n);
        if (!*out)
                return -ENOMEM;
        memcpy(*out, der.data, der.n);
        *out_n = der.n;
        return 0;
}

static int find_der_crl(struct bytes content, const uint8_t sha256[32], uint8_t **out,
                        size_t *out_n)
{
        struct bytes element;
        int r = DECODE_E_NO_SUCH_CRL;

        while (r == DECODE_E_NO_SUCH_CRL && !starts_der_key(content) &&
               der_read_element(&content, DER_SEQUENCE, &element))
                r = copy_if(element, sha256, out, out_n);
        return r;
}

static int find_pem_crl(struct bytes text, const uint8_t sha256[32], uint8_t **out, size_t *out_n)
{
        struct bytes label = { NULL, 0 }, body = { NULL, 0 };
        int r = DECODE_E_NO_SUCH_CRL;
        bool is_damaged;

        while (r == DECODE_E_NO_SUCH_CRL && next_object(&text, &label, &body, &is_damaged)) {
                CLEANUP(freep) uint8_t *data = NULL;
                size_t n = 0;

                if (!bytes_equal(label, TEXT("X509 CRL")))
                        continue;
                r = decode_base64(body, &data, &n);
                if (!r)
                        r = copy_if((struct bytes){ data, n }, sha256, out, out_n);
        }
        return r;
}

int decode_find_crl(struct bytes content, const uint8_t sha256[32], uint8_t **out, size_t *out_n)
{
        return der_is(content, DER_SEQUENCE) ? find_der_crl(content, sha256, out, out_n)
                                             : find_pem_crl(content, sha256, out, out_n);
}

bool decode_starts_private_key(struct bytes head)
{
        struct bytes label;

        if (starts_der_key(head))
                return true;

        while (head.n)
                if (read_boundary(next_line(&head), TEXT("-----BEGIN "), &label))
                        return ends_with(label, TEXT("PRIVATE KEY"));

        return false;
}

/* --- messages --- */

static int add_note(struct decode_chain *chain, size_t element, const char *reason)
{
        return VEC_PUSH(&chain->notes, ((struct decode_note){ element, reason }));
}

static bool has_cert(const struct decode_chain *chain, const struct cert *cert)
{
        for (size_t i = 0; i < chain->certs.n; i++)
                if (cert_equal(chain->certs.items[i], cert))
                        return true;

        return false;
}

static int check_sizes(const struct bytes *elements, size_t n_elements)
{
        size_t sum = 0;

        if (n_elements > DECODE_CHAIN_MAX)
                return DECODE_E_TOO_MANY;

        for (size_t i = 0; i < n_elements; i++) {
                if (elements[i].n > DECODE_REQUEST_BYTES_MAX - sum)
                        return DECODE_E_REQUEST_TOO_LARGE;
                sum += elements[i].n;
        }

        return 0;
}

/*
 * One more certificate of a message; what makes the first one unreadable is the answer, else it is
 * a note.
 */
static int add_presented(struct decode_chain *chain, size_t element, struct bytes der,
                         bool is_first)
{
        CLEANUP(cert_unrefp) const struct cert *cert = NULL;
        const char *reason = NULL;
        int r;

        if (der.n > DECODE_CERT_BYTES_MAX)
                return DECODE_E_CERT_TOO_LARGE;
        if (++chain->n_presented > DECODE_CHAIN_MAX)
                return DECODE_E_TOO_MANY;

        r = cert_new(der, &reason, &cert);
        if (r < 0)
                return r;
        if (r && is_first)
                chain->reason = reason;
        if (r)
                return is_first ? 0 : add_note(chain, element, reason);

        if (has_cert(chain, cert))
                return add_note(chain, element, "it is presented twice");

        r = VEC_PUSH(&chain->certs, cert);
        if (!r)
                cert = NULL;
        return r;
}

/*
 * Certificates one after another; an element that does not begin with one is handed on whole, for
 * its reason.
 */
static int add_message_element(struct decode_chain *chain, size_t element, struct bytes content)
{
        struct bytes der;
        bool is_begun = false;
        int r;

        do {
                if (is_begun && !der_is(content, DER_SEQUENCE))
                        return add_note(chain, element, "the bytes behind it start no certificate");
                if (!der_read_element(&content, DER_SEQUENCE, &der)) {
                        der = content;
                        content.n = 0;
                }

                r = add_presented(chain, element, der, !element && !is_begun);
                if (r || chain->reason)
                        return r;
                is_begun = true;
        } while (content.n);

        return 0;
}

int decode_message_chain(const struct bytes *elements, size_t n_elements, struct decode_chain *out)
{
        CLEANUP(decode_chain_deinit) struct decode_chain chain = DECODE_CHAIN_NULL;
        int r;

        r = check_sizes(elements, n_elements);
        if (!n_elements)
                chain.reason = "there is no certificate";

        for (size_t i = 0; i < n_elements && !r && !chain.reason; i++)
                r = add_message_element(&chain, i, elements[i]);
        if (r)
                return r;

        *out = chain;
        chain = (struct decode_chain)DECODE_CHAIN_NULL;
        return 0;
}

void decode_chain_deinit(struct decode_chain *chain)
{
        for (size_t i = 0; i < chain->certs.n; i++)
                cert_unref(chain->certs.items[i]);

        VEC_FREE(&chain->certs);
        VEC_FREE(&chain->notes);
}
