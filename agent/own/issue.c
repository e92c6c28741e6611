/* SPDX-License-Identifier: Apache-2.0 */
#include "own/issue.h"

#include "own/identity.h"
#include "own/key_kind.h"
#include "pki/ossl.h"
#include "pki/usages.h"
#include "proto/buf.h"
#include "proto/compiler.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <errno.h>
#include <string.h>

#define SERIAL_BYTES 16

DEFINE_CLEANUP(ASN1_BIT_STRING *, ASN1_BIT_STRING_free)
DEFINE_CLEANUP(ASN1_INTEGER *, ASN1_INTEGER_free)
DEFINE_CLEANUP(ASN1_OCTET_STRING *, ASN1_OCTET_STRING_free)
DEFINE_CLEANUP(AUTHORITY_KEYID *, AUTHORITY_KEYID_free)
DEFINE_CLEANUP(BASIC_CONSTRAINTS *, BASIC_CONSTRAINTS_free)
DEFINE_CLEANUP(BIO *, BIO_free)
DEFINE_CLEANUP(EVP_MD *, EVP_MD_free)
DEFINE_CLEANUP(EXTENDED_KEY_USAGE *, EXTENDED_KEY_USAGE_free)
DEFINE_CLEANUP(GENERAL_NAMES *, GENERAL_NAMES_free)
DEFINE_CLEANUP(X509 *, X509_free)
DEFINE_CLEANUP(X509_NAME *, X509_NAME_free)
DEFINE_CLEANUP(X509_REQ *, X509_REQ_free)

static void free_extensions(STACK_OF(X509_EXTENSION) * extensions)
{
        sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
}
DEFINE_CLEANUP(STACK_OF(X509_EXTENSION) *, free_extensions)

/* -- subject ------------------------------------------------------------------------------------- */

static bool add_attribute(X509_NAME *name, int nid, const char *text)
{
        return !text || X509_NAME_add_entry_by_NID(name, nid, MBSTRING_UTF8,
                                                   (const unsigned char *)text, -1, -1, 0) == 1;
}

static X509_NAME *make_subject(const struct identity *identity)
{
        CLEANUP(X509_NAME_freep) X509_NAME *name = NULL;
        const unsigned char *at = identity->subject;

        if (identity->subject)
                return d2i_X509_NAME(NULL, &at, (long)identity->n_subject);

        name = X509_NAME_new();
        if (!name || !add_attribute(name, NID_organizationName, identity->organization) ||
            !add_attribute(name, NID_commonName, identity->common_name))
                return NULL;
        return TAKE(name);
}

/* -- extensions ---------------------------------------------------------------------------------- */

static bool add(STACK_OF(X509_EXTENSION) * *extensions, int nid, void *value, bool is_critical)
{
        return value &&
               X509V3_add1_i2d(extensions, nid, value, is_critical, X509V3_ADD_APPEND) == 1;
}

static bool add_name(GENERAL_NAMES *names, int type, const void *data, size_t n)
{
        ASN1_STRING *value = type == GEN_IPADD ? ASN1_OCTET_STRING_new() : ASN1_IA5STRING_new();
        GENERAL_NAME *name = GENERAL_NAME_new();

        if (value && name && ASN1_STRING_set(value, data, (int)n) == 1) {
                GENERAL_NAME_set0_value(name, type, value);
                if (sk_GENERAL_NAME_push(names, name) > 0)
                        return true;
                value = NULL; /* it is the name's */
        }
        ASN1_STRING_free(value);
        GENERAL_NAME_free(name);
        return false;
}

static bool add_alt_names(STACK_OF(X509_EXTENSION) * *extensions, const struct identity *identity)
{
        CLEANUP(GENERAL_NAMES_freep) GENERAL_NAMES *names = GENERAL_NAMES_new();
        bool is_ok = names && add_name(names, GEN_URI, identity->application_uri,
                                       strlen(identity->application_uri));

        for (size_t i = 0; is_ok && i < identity->dns_names.n; i++) {
                const char *name = identity->dns_names.items[i];

                is_ok = add_name(names, GEN_DNS, name, strlen(name));
        }
        for (size_t i = 0; is_ok && i < identity->ips.n; i++) {
                const struct identity_ip *ip = &identity->ips.items[i];

                is_ok = add_name(names, GEN_IPADD, ip->bytes, ip->n);
        }
        return is_ok && add(extensions, NID_subject_alt_name, names, false);
}

static bool add_basic_constraints(STACK_OF(X509_EXTENSION) * *extensions)
{
        CLEANUP(BASIC_CONSTRAINTS_freep) BASIC_CONSTRAINTS *constraints = BASIC_CONSTRAINTS_new();

        return add(extensions, NID_basic_constraints, constraints, true);
}

static bool add_key_usage(STACK_OF(X509_EXTENSION) * *extensions, const struct key_kind *kind,
                          bool signs_itself)
{
        CLEANUP(ASN1_BIT_STRING_freep) ASN1_BIT_STRING *usage = ASN1_BIT_STRING_new();
        unsigned int bits = CERT_USAGE_DIGITAL_SIGNATURE;
        bool is_ok = usage;

        if (key_kind_is_rsa(kind))
                bits |= CERT_USAGE_NON_REPUDIATION | CERT_USAGE_KEY_ENCIPHERMENT |
                        CERT_USAGE_DATA_ENCIPHERMENT;
        if (signs_itself)
                bits |= CERT_USAGE_KEY_CERT_SIGN;

        for (int i = 0; is_ok && bits >> i; i++)
                if (bits >> i & 1)
                        is_ok = ASN1_BIT_STRING_set_bit(usage, i, 1) == 1;
        return is_ok && add(extensions, NID_key_usage, usage, true);
}

static bool add_extended_key_usage(STACK_OF(X509_EXTENSION) * *extensions)
{
        CLEANUP(EXTENDED_KEY_USAGE_freep) EXTENDED_KEY_USAGE *usage = EXTENDED_KEY_USAGE_new();

        /* These objects are static. */
        return usage && sk_ASN1_OBJECT_push(usage, OBJ_nid2obj(NID_server_auth)) > 0 &&
               sk_ASN1_OBJECT_push(usage, OBJ_nid2obj(NID_client_auth)) > 0 &&
               add(extensions, NID_ext_key_usage, usage, false);
}

static ASN1_OCTET_STRING *make_key_id(X509_PUBKEY *key)
{
        CLEANUP(ASN1_OCTET_STRING_freep) ASN1_OCTET_STRING *id = ASN1_OCTET_STRING_new();
        const unsigned char *data;
        struct bytes content;
        uint8_t hash[20];
        int n;

        if (!id || X509_PUBKEY_get0_param(NULL, &data, &n, NULL, key) != 1)
                return NULL;

        content = (struct bytes){ data, (size_t)n };
        if (ossl_sha1(content, hash) || ASN1_STRING_set(id, hash, sizeof(hash)) != 1)
                return NULL;
        return TAKE(id);
}

static bool add_key_ids(STACK_OF(X509_EXTENSION) * *extensions, X509 *cert)
{
        CLEANUP(ASN1_OCTET_STRING_freep)
        ASN1_OCTET_STRING *id = make_key_id(X509_get_X509_PUBKEY(cert));
        CLEANUP(AUTHORITY_KEYID_freep) AUTHORITY_KEYID *authority = AUTHORITY_KEYID_new();

        if (!id || !authority)
                return false;

        authority->keyid = ASN1_OCTET_STRING_dup(id);
        return authority->keyid && add(extensions, NID_subject_key_identifier, id, false) &&
               add(extensions, NID_authority_key_identifier, authority, false);
}

static bool add_extensions(STACK_OF(X509_EXTENSION) * *extensions, const struct issue *issue,
                           bool signs_itself)
{
        return add_alt_names(extensions, issue->identity) && add_basic_constraints(extensions) &&
               add_key_usage(extensions, issue->kind, signs_itself) &&
               add_extended_key_usage(extensions);
}

/* -- the whole ----------------------------------------------------------------------------------- */

/* Positive, and never with a leading zero octet. */
static bool set_serial(X509 *cert)
{
        CLEANUP(ASN1_INTEGER_freep) ASN1_INTEGER *serial = ASN1_INTEGER_new();
        uint8_t random[SERIAL_BYTES];

        if (!serial || RAND_bytes_ex(ossl_get_library(), random, sizeof(random), 0) != 1)
                return false;

        random[0] = (uint8_t)((random[0] & 0x7f) | 0x40);
        return ASN1_STRING_set(serial, random, sizeof(random)) == 1 &&
               X509_set_serialNumber(cert, serial) == 1;
}

static EVP_MD *fetch_digest(const struct key_kind *kind)
{
        return kind->digest ? EVP_MD_fetch(ossl_get_library(), kind->digest, NULL) : NULL;
}

/* @n: as i2d has it. */
static int take_der(int n, unsigned char *der, struct buf *out)
{
        if (n <= 0)
                return ISSUE_E_OPENSSL;

        buf_add(out, der, (size_t)n);
        OPENSSL_free(der);
        return buf_error(out);
}

static bool fill_certificate(X509 *cert, const struct issue *issue)
{
        CLEANUP(free_extensionsp) STACK_OF(X509_EXTENSION) *extensions = NULL;
        CLEANUP(X509_NAME_freep) X509_NAME *subject = make_subject(issue->identity);
        bool is_ok = subject && X509_set_version(cert, X509_VERSION_3) == 1 && set_serial(cert) &&
                     X509_set_subject_name(cert, subject) == 1 &&
                     X509_set_issuer_name(cert, subject) == 1 &&
                     ASN1_TIME_set(X509_getm_notBefore(cert), issue->not_before_s) &&
                     ASN1_TIME_set(X509_getm_notAfter(cert), issue->not_after_s) &&
                     X509_set_pubkey(cert, issue->key) == 1 &&
                     add_extensions(&extensions, issue, true) && add_key_ids(&extensions, cert);

        for (int i = 0; is_ok && i < sk_X509_EXTENSION_num(extensions); i++)
                is_ok = X509_add_ext(cert, sk_X509_EXTENSION_value(extensions, i), -1) == 1;
        return is_ok;
}

int issue_certificate(const struct issue *issue, struct buf *out)
{
        CLEANUP(X509_freep) X509 *cert = X509_new_ex(ossl_get_library(), NULL);
        CLEANUP(EVP_MD_freep) EVP_MD *digest = fetch_digest(issue->kind);
        unsigned char *der = NULL;
        int n;

        if (!cert || !digest != !issue->kind->digest || !fill_certificate(cert, issue) ||
            X509_sign(cert, issue->key, digest) <= 0)
                return ISSUE_E_OPENSSL;

        n = i2d_X509(cert, &der);
        return take_der(n, der, out);
}

static bool fill_request(X509_REQ *request, const struct issue *issue)
{
        CLEANUP(free_extensionsp) STACK_OF(X509_EXTENSION) *extensions = NULL;
        CLEANUP(X509_NAME_freep) X509_NAME *subject = make_subject(issue->identity);

        return subject && X509_REQ_set_version(request, X509_REQ_VERSION_1) == 1 &&
               X509_REQ_set_subject_name(request, subject) == 1 &&
               X509_REQ_set_pubkey(request, issue->key) == 1 &&
               add_extensions(&extensions, issue, false) &&
               X509_REQ_add_extensions(request, extensions) == 1;
}

int issue_request(const struct issue *issue, struct buf *out)
{
        CLEANUP(X509_REQ_freep) X509_REQ *request = X509_REQ_new_ex(ossl_get_library(), NULL);
        CLEANUP(EVP_MD_freep) EVP_MD *digest = fetch_digest(issue->kind);
        unsigned char *der = NULL;
        int n;

        if (!request || !digest != !issue->kind->digest || !fill_request(request, issue) ||
            X509_REQ_sign(request, issue->key, digest) <= 0)
                return ISSUE_E_OPENSSL;

        n = i2d_X509_REQ(request, &der);
        return take_der(n, der, out);
}

/* -- reading ------------------------------------------------------------------------------------- */

static char *find_uri(const GENERAL_NAMES *names)
{
        for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
                const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
                const ASN1_STRING *value = name->d.ia5;

                if (name->type == GEN_URI &&
                    !memchr(ASN1_STRING_get0_data(value), '\0', (size_t)ASN1_STRING_length(value)))
                        return strndup((const char *)ASN1_STRING_get0_data(value),
                                       (size_t)ASN1_STRING_length(value));
        }
        return NULL;
}

static X509_REQ *parse_request(struct bytes pem)
{
        CLEANUP(BIO_freep) BIO *bio = BIO_new_mem_buf(pem.data, (int)pem.n);
        X509_REQ *request = bio ? PEM_read_bio_X509_REQ(bio, NULL, NULL, NULL) : NULL;

        ERR_clear_error();
        return request;
}

static GENERAL_NAMES *find_alt_names(const STACK_OF(X509_EXTENSION) * extensions)
{
        return extensions ? X509V3_get_d2i(extensions, NID_subject_alt_name, NULL, NULL) : NULL;
}

static bool are_equal(const GENERAL_NAMES *a, const GENERAL_NAMES *b)
{
        bool is_equal = a && b && sk_GENERAL_NAME_num(a) == sk_GENERAL_NAME_num(b);

        for (int i = 0; is_equal && i < sk_GENERAL_NAME_num(a); i++)
                is_equal = GENERAL_NAME_cmp(sk_GENERAL_NAME_value(a, i),
                                            sk_GENERAL_NAME_value(b, i)) == 0;
        return is_equal;
}

bool issue_is_request(struct bytes pem, const struct identity *identity)
{
        CLEANUP(X509_REQ_freep) X509_REQ *request = parse_request(pem);
        CLEANUP(X509_NAME_freep) X509_NAME *subject = make_subject(identity);
        CLEANUP(free_extensionsp) STACK_OF(X509_EXTENSION) *wanted = NULL;
        CLEANUP(free_extensionsp)
        STACK_OF(X509_EXTENSION) *extensions = request ? X509_REQ_get_extensions(request) : NULL;
        CLEANUP(GENERAL_NAMES_freep) GENERAL_NAMES *names = find_alt_names(extensions);
        CLEANUP(GENERAL_NAMES_freep) GENERAL_NAMES *wanted_names = NULL;

        if (!request || !subject || !add_alt_names(&wanted, identity))
                return false;

        wanted_names = find_alt_names(wanted);
        return X509_NAME_cmp(X509_REQ_get_subject_name(request), subject) == 0 &&
               are_equal(names, wanted_names);
}

char *issue_read_request(struct bytes pem)
{
        CLEANUP(X509_REQ_freep) X509_REQ *request = parse_request(pem);
        CLEANUP(free_extensionsp)
        STACK_OF(X509_EXTENSION) *extensions = request ? X509_REQ_get_extensions(request) : NULL;
        CLEANUP(GENERAL_NAMES_freep) GENERAL_NAMES *names = find_alt_names(extensions);

        ERR_clear_error();
        return names ? find_uri(names) : NULL;
}
