/* SPDX-License-Identifier: Apache-2.0 */
#include "own/private_key.h"

#include "own/key_kind.h"
#include "own/progress.h"
#include "pki/ossl.h"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/decoder.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

DEFINE_CLEANUP(BIO *, BIO_free_all)
DEFINE_CLEANUP(EVP_PKEY_CTX *, EVP_PKEY_CTX_free)
DEFINE_CLEANUP(PKCS12 *, PKCS12_free)
DEFINE_CLEANUP(PKCS8_PRIV_KEY_INFO *, PKCS8_PRIV_KEY_INFO_free)
DEFINE_CLEANUP(X509 *, X509_free)
DEFINE_CLEANUP(X509_SIG *, X509_SIG_free)

static void free_certs(STACK_OF(X509) * certs)
{
        sk_X509_pop_free(certs, X509_free);
}
DEFINE_CLEANUP(STACK_OF(X509) *, free_certs)

const char *private_key_error(char *out, size_t n_out)
{
        unsigned long code = ERR_peek_last_error();
        const char *reason = code ? ERR_reason_error_string(code) : NULL;

        snprintf(out, n_out, "%s", reason ? reason : "no reason given");
        ERR_clear_error();
        return out;
}

/* Return: 1: go on. */
static int on_step(EVP_PKEY_CTX *maker)
{
        progress_tell(EVP_PKEY_CTX_get_app_data(maker), 0);
        return 1;
}

int private_key_make(const struct key_kind *kind, struct progress *progress, EVP_PKEY **out)
{
        CLEANUP(EVP_PKEY_CTX_freep)
        EVP_PKEY_CTX *maker = EVP_PKEY_CTX_new_from_name(ossl_get_library(), kind->algorithm, NULL);
        bool is_ok = maker && EVP_PKEY_keygen_init(maker) == 1;

        if (is_ok && kind->rsa_bits)
                is_ok = EVP_PKEY_CTX_set_rsa_keygen_bits(maker, (int)kind->rsa_bits) == 1;
        if (is_ok && kind->group)
                is_ok = EVP_PKEY_CTX_set_group_name(maker, kind->group) == 1;
        if (is_ok) {
                EVP_PKEY_CTX_set_app_data(maker, progress);
                EVP_PKEY_CTX_set_cb(maker, on_step);
        }
        if (!is_ok || EVP_PKEY_generate(maker, out) != 1)
                return PRIVATE_KEY_E_OPENSSL;
        return 0;
}

/* -- reading ------------------------------------------------------------------------------------- */

bool private_key_is_pfx(struct bytes content)
{
        return content.n && content.data[0] == 0x30;
}

static bool contains(struct bytes content, const char *text)
{
        return memmem(content.data, content.n, text, strlen(text)) != NULL;
}

bool private_key_is_encrypted(struct bytes content)
{
        CLEANUP(PKCS12_freep) PKCS12 *pfx = NULL;
        const unsigned char *at = content.data;
        bool is_open;

        if (!private_key_is_pfx(content))
                return contains(content, "-----BEGIN ENCRYPTED PRIVATE KEY-----") ||
                       contains(content, "Proc-Type: 4,ENCRYPTED");

        pfx = d2i_PKCS12(NULL, &at, content.n > LONG_MAX ? 0 : (long)content.n);
        is_open =
                !pfx || PKCS12_verify_mac(pfx, "", 0) == 1 || PKCS12_verify_mac(pfx, NULL, 0) == 1;
        ERR_clear_error();
        return !is_open;
}

/* For OpenSSL, which else would ask at the terminal. */
static int give_passphrase(char *room, int n_room, int is_writing, void *userdata)
{
        const struct secret *passphrase = userdata;

        (void)is_writing;
        if (!passphrase->data || passphrase->n > (size_t)n_room)
                return -1;
        memcpy(room, passphrase->data, passphrase->n);
        return (int)passphrase->n;
}

static int read_pem(struct bytes content, const struct secret *passphrase, EVP_PKEY **out)
{
        CLEANUP(BIO_free_allp) BIO *bio = BIO_new_mem_buf(content.data, (int)content.n);

        if (!bio)
                return -ENOMEM;

        *out = PEM_read_bio_PrivateKey_ex(bio, NULL, give_passphrase, (void *)passphrase,
                                          ossl_get_library(), NULL);
        ERR_clear_error();
        if (*out)
                return 0;
        return private_key_is_encrypted(content) ? PRIVATE_KEY_E_PASSPHRASE
                                                 : PRIVATE_KEY_E_UNREADABLE;
}

/* Some write an empty passphrase as none at all. */
static const char *find_pfx_passphrase(PKCS12 *pfx, const struct secret *passphrase)
{
        const char *text = passphrase->data ? (const char *)passphrase->data : "";

        if (PKCS12_verify_mac(pfx, text, (int)passphrase->n) == 1)
                return text;
        return "";
}

static int read_pfx(struct bytes content, const struct secret *passphrase, EVP_PKEY **out)
{
        CLEANUP(PKCS12_freep)
        PKCS12 *pfx = PKCS12_init_ex(NID_pkcs7_data, ossl_get_library(), NULL);
        const unsigned char *at = content.data;
        X509 *cert = NULL;
        int is_ok;

        if (!pfx)
                return -ENOMEM;
        if (!d2i_PKCS12(&pfx, &at, (long)content.n)) {
                at = content.data;
                *out = d2i_AutoPrivateKey_ex(NULL, &at, (long)content.n, ossl_get_library(), NULL);
                ERR_clear_error();
                return *out ? 0 : PRIVATE_KEY_E_UNREADABLE;
        }

        is_ok = PKCS12_parse(pfx, find_pfx_passphrase(pfx, passphrase), out, &cert, NULL);
        X509_free(cert);
        ERR_clear_error();
        if (is_ok == 1 && *out)
                return 0;
        return private_key_is_encrypted(content) ? PRIVATE_KEY_E_PASSPHRASE
                                                 : PRIVATE_KEY_E_UNREADABLE;
}

int private_key_read(struct bytes content, const struct secret *passphrase, EVP_PKEY **out)
{
        EVP_PKEY *key = NULL;
        int r;

        if (content.n > SECRET_FILE_MAX)
                return PRIVATE_KEY_E_UNREADABLE;

        r = private_key_is_pfx(content) ? read_pfx(content, passphrase, &key)
                                        : read_pem(content, passphrase, &key);
        if (!r)
                *out = key;
        return r;
}

/* -- writing ------------------------------------------------------------------------------------- */

/* What lies in memory that OpenSSL overwrites when it is given back. */
static int take_memory(BIO *bio, struct secret *out)
{
        char *data;
        long n = BIO_get_mem_data(bio, &data);

        return n > 0 ? secret_copy(data, (size_t)n, out) : PRIVATE_KEY_E_OPENSSL;
}

static bool write_encrypted(BIO *bio, EVP_PKEY *key, const struct secret *passphrase)
{
        CLEANUP(PKCS8_PRIV_KEY_INFO_freep) PKCS8_PRIV_KEY_INFO *plain = EVP_PKEY2PKCS8(key);
        CLEANUP(X509_SIG_freep) X509_SIG *sealed = NULL;
        EVP_CIPHER *cipher;

        if (!plain)
                return false;

        cipher = EVP_CIPHER_fetch(ossl_get_library(), "AES-256-CBC", NULL);
        if (cipher)
                sealed = PKCS8_encrypt_ex(-1, cipher, (const char *)passphrase->data,
                                          (int)passphrase->n, NULL, 0, PRIVATE_KEY_ROUNDS, plain,
                                          ossl_get_library(), NULL);
        EVP_CIPHER_free(cipher);
        return sealed && PEM_write_bio_PKCS8(bio, sealed) == 1;
}

int private_key_write_pem(EVP_PKEY *key, const struct secret *passphrase, struct secret *out)
{
        CLEANUP(BIO_free_allp) BIO *bio = BIO_new(BIO_s_secmem());
        bool is_ok;

        if (!bio)
                return -ENOMEM;

        is_ok = passphrase->data
                        ? write_encrypted(bio, key, passphrase)
                        : PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1;
        return is_ok ? take_memory(bio, out) : PRIVATE_KEY_E_OPENSSL;
}

static X509 *parse_cert(struct bytes der)
{
        const unsigned char *at = der.data;
        X509 *cert = X509_new_ex(ossl_get_library(), NULL);

        if (cert && !d2i_X509(&cert, &at, (long)der.n))
                cert = NULL; /* d2i has freed it */
        return cert;
}

static bool add_cert(STACK_OF(X509) * certs, struct bytes der)
{
        X509 *cert = parse_cert(der);

        if (cert && sk_X509_push(certs, cert) > 0)
                return true;
        X509_free(cert);
        return false;
}

int private_key_write_pfx(const struct private_key_bag *bag, const struct secret *passphrase,
                          struct secret *out)
{
        CLEANUP(BIO_free_allp) BIO *bio = BIO_new(BIO_s_secmem());
        CLEANUP(free_certsp) STACK_OF(X509) *ca = sk_X509_new_null();
        CLEANUP(X509_freep) X509 *cert = parse_cert(bag->cert);
        CLEANUP(PKCS12_freep) PKCS12 *pfx = NULL;

        if (!bio || !ca || !cert)
                return PRIVATE_KEY_E_OPENSSL;
        for (size_t i = 0; i < bag->n_ca; i++)
                if (!add_cert(ca, bag->ca[i]))
                        return PRIVATE_KEY_E_OPENSSL;

        pfx = PKCS12_create_ex(passphrase->data ? (const char *)passphrase->data : "", bag->name,
                               bag->key, cert, ca, 0, 0, PRIVATE_KEY_ROUNDS, PRIVATE_KEY_ROUNDS, 0,
                               ossl_get_library(), NULL);
        if (!pfx || i2d_PKCS12_bio(bio, pfx) != 1)
                return PRIVATE_KEY_E_OPENSSL;
        return take_memory(bio, out);
}

bool private_key_matches(EVP_PKEY *key, struct bytes spki)
{
        CLEANUP(EVP_PKEY_freep) EVP_PKEY *other = NULL;
        const unsigned char *at = spki.data;
        bool is_equal;

        other = d2i_PUBKEY_ex(NULL, &at, (long)spki.n, ossl_get_library(), NULL);
        is_equal = other && EVP_PKEY_eq(key, other) == 1;
        ERR_clear_error();
        return is_equal;
}
