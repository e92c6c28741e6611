/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/mint_part.h"

#include "harness/mint_key.h"
#include "harness/must.h"

#include <openssl/rsa.h>

/* Adds the RDN "CN=a", as its attribute's type wants it if that works out, else as a UTF8String all the same. */
static void add_rdn(X509_NAME *name, char *rdn, bool printable)
{
        char *value = strchr(rdn, '=');
        const uint8_t *bytes;

        must(value, "an RDN without '=': %s", rdn);
        *value++ = '\0';
        bytes = (const uint8_t *)value;
        if (printable) {
                must(X509_NAME_add_entry_by_txt(name, rdn, V_ASN1_PRINTABLESTRING, bytes, -1, -1,
                                                0) == 1,
                     "RDN %s", rdn);
                return;
        }

        if (X509_NAME_add_entry_by_txt(name, rdn, MBSTRING_UTF8, bytes, -1, -1, 0) == 1)
                return;

        must(X509_NAME_add_entry_by_txt(name, rdn, V_ASN1_UTF8STRING, bytes, -1, -1, 0) == 1,
             "RDN %s", rdn);
}

/* Cuts the next RDN off *@rest, which becomes NULL behind the last; undoes "\\,". */
static char *next_rdn(char **rest)
{
        char *rdn = *rest, *to = rdn, *from = rdn;

        for (; *from && *from != ','; from++) {
                if (*from == '\\' && from[1])
                        from++;
                *to++ = *from;
        }

        *rest = *from ? from + 1 : NULL;
        *to = '\0';
        return rdn;
}

X509_NAME *mint_name(const char *text, bool printable)
{
        X509_NAME *name = X509_NAME_new();
        char *copy = must_strdup(text), *rest = *copy ? copy : NULL;

        must(name, "X509_NAME_new");
        while (rest)
                add_rdn(name, next_rdn(&rest), printable);

        free(copy);
        return name;
}

ASN1_TIME *mint_time(int64_t time_s, bool generalized)
{
        ASN1_TIME *time =
                generalized ? ASN1_GENERALIZEDTIME_set(NULL, time_s) : ASN1_TIME_set(NULL, time_s);

        must(time, "time %lld", (long long)time_s);
        return time;
}

ASN1_INTEGER *mint_integer(const char *hex)
{
        BIGNUM *number = NULL;
        ASN1_INTEGER *integer;

        must(BN_hex2bn(&number, hex) == (int)strlen(hex), "number %s", hex);
        integer = BN_to_ASN1_INTEGER(number, NULL);
        must(integer, "number %s", hex);
        BN_free(number);
        return integer;
}

void mint_add_struct(STACK_OF(X509_EXTENSION) * *exts, int nid, void *value, bool critical)
{
        must(X509V3_add1_i2d(exts, nid, value, critical, X509V3_ADD_APPEND) == 1, "extension %s",
             OBJ_nid2sn(nid));
}

void mint_add_aki(STACK_OF(X509_EXTENSION) * *exts, const X509 *issuer)
{
        AUTHORITY_KEYID *aki;
        ASN1_OCTET_STRING *ski = X509_get_ext_d2i(issuer, NID_subject_key_identifier, NULL, NULL);

        if (!ski)
                return;

        aki = AUTHORITY_KEYID_new();
        must(aki, "AUTHORITY_KEYID_new");
        aki->keyid = ski;
        mint_add_struct(exts, NID_authority_key_identifier, aki, false);
        AUTHORITY_KEYID_free(aki);
}

/* Appends the extension made by openssl's configuration language. */
static void add_conf(STACK_OF(X509_EXTENSION) * *exts, X509V3_CTX *ctx, CONF *conf,
                     const CONF_VALUE *line)
{
        X509_EXTENSION *ext;

        X509V3_set_nconf(ctx, conf);
        ext = X509V3_EXT_nconf(conf, ctx, line->name, line->value);
        must(ext && X509v3_add_ext(exts, ext, -1), "extension %s=%s", line->name, line->value);
        X509_EXTENSION_free(ext);
}

static CONF *read_conf(const char *text)
{
        CONF *conf = NCONF_new(NULL);
        BIO *bio = BIO_new_mem_buf(text, -1);
        long line;

        must(conf && bio && NCONF_load_bio(conf, bio, &line) == 1, "configuration %s", text);
        BIO_free(bio);
        return conf;
}

void mint_add(STACK_OF(X509_EXTENSION) * *exts, X509V3_CTX *ctx, const char *name,
              const char *value)
{
        CONF_VALUE line = { .name = (char *)name, .value = (char *)value };
        CONF *conf;

        if (!value || strcmp(value, MINT_NONE) == 0)
                return;

        conf = read_conf("");
        add_conf(exts, ctx, conf, &line);
        NCONF_free(conf);
}

void mint_add_extra(STACK_OF(X509_EXTENSION) * *exts, X509V3_CTX *ctx, const char *text)
{
        STACK_OF(CONF_VALUE) * lines;
        CONF *conf;

        if (!text)
                return;

        conf = read_conf(text);
        lines = NCONF_get_section(conf, "default");
        for (int i = 0; lines && i < sk_CONF_VALUE_num(lines); i++)
                add_conf(exts, ctx, conf, sk_CONF_VALUE_value(lines, i));

        NCONF_free(conf);
}

EVP_MD_CTX *mint_signing(const char *key_name, const char *hash, bool pss)
{
        EVP_PKEY *key = mint_key(key_name);
        EVP_MD_CTX *ctx = EVP_MD_CTX_new();
        const EVP_MD *md = hash ? EVP_get_digestbyname(hash) : mint_key_hash(key);
        EVP_PKEY_CTX *pctx;

        must(!hash || md, "hash %s", hash);
        must(ctx && EVP_DigestSignInit(ctx, &pctx, md, NULL, key) == 1, "sign with %s", key_name);
        if (pss)
                must(EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PSS_PADDING) == 1 &&
                             EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, RSA_PSS_SALTLEN_DIGEST) == 1,
                     "sign by PSS with %s", key_name);

        EVP_PKEY_free(key);
        return ctx;
}

/* Appends tag, length and content. */
static void append(struct mint_der *to, uint8_t tag, const struct mint_der *content)
{
        uint8_t header[10] = { tag }, *data;
        size_t n_header = 1, n = content->n;
        int n_octets = 0;

        if (n < 0x80) {
                header[n_header++] = (uint8_t)n;
        } else {
                for (size_t rest = n; rest; rest >>= 8)
                        n_octets++;

                header[n_header++] = (uint8_t)(0x80 | n_octets);
                while (n_octets--)
                        header[n_header++] = (uint8_t)(n >> (8 * n_octets));
        }

        data = realloc(to->data, to->n + n_header + n);
        must(data, "realloc");
        memcpy(data + to->n, header, n_header);
        if (n)
                memcpy(data + to->n + n_header, content->data, n);

        to->data = data;
        to->n += n_header + n;
}

struct mint_der mint_assemble(struct mint_der tbs, const X509_ALGOR *algorithm, EVP_MD_CTX *signing)
{
        struct mint_der alg = { 0 }, bits, content, der = { 0 };
        size_t n_signature = 0;
        int n = i2d_X509_ALGOR(algorithm, &alg.data);

        must(n > 0 && EVP_DigestSign(signing, NULL, &n_signature, tbs.data, tbs.n) == 1,
             "sign again");
        alg.n = (size_t)n;
        bits.data = must_calloc(1, 1 + n_signature);
        must(EVP_DigestSign(signing, bits.data + 1, &n_signature, tbs.data, tbs.n) == 1,
             "sign again");
        bits.n = 1 + n_signature;
        content = mint_join(tbs, alg);
        append(&content, V_ASN1_BIT_STRING, &bits);
        append(&der, V_ASN1_SEQUENCE | V_ASN1_CONSTRUCTED, &content);
        mint_der_deinit(&bits);
        mint_der_deinit(&content);
        EVP_MD_CTX_free(signing);
        return der;
}
