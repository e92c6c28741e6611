/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/ossl.h"

#include "pki/ossl_private.h"
#include "proto/compiler.h"

#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/provider.h>
#include <openssl/rand.h>

#include <assert.h>
#include <errno.h>

static const char *const digest_names[] = {
        [OSSL_DIGEST_MD5] = "MD5",       [OSSL_DIGEST_SHA1] = "SHA1",
        [OSSL_DIGEST_SHA224] = "SHA224", [OSSL_DIGEST_SHA256] = "SHA256",
        [OSSL_DIGEST_SHA384] = "SHA384", [OSSL_DIGEST_SHA512] = "SHA512",
};

static const int curve_nids[] = {
        [OSSL_CURVE_P256] = NID_X9_62_prime256v1,
        [OSSL_CURVE_P384] = NID_secp384r1,
        [OSSL_CURVE_P521] = NID_secp521r1,
        [OSSL_CURVE_BRAINPOOL_P256R1] = NID_brainpoolP256r1,
        [OSSL_CURVE_BRAINPOOL_P384R1] = NID_brainpoolP384r1,
        [OSSL_CURVE_BRAINPOOL_P512R1] = NID_brainpoolP512r1,
};

static const struct {
        const char *key, *signature;
} key_names[] = {
        [OSSL_KEY_RSA] = { "RSA", "RSA" },
        [OSSL_KEY_EC] = { "EC", "ECDSA" },
        [OSSL_KEY_ED25519] = { "ED25519", "ED25519" },
        [OSSL_KEY_ED448] = { "ED448", "ED448" },
};

/* Written by ossl_init() before there are threads, read only from then on: see the header. */
static struct ossl the_ossl;
static OSSL_PROVIDER *default_provider, *null_provider;

static bool load_contexts(struct ossl *ossl)
{
        /* Some calls fall back to it, and what fails while it is made fails for good. */
        if (!OSSL_LIB_CTX_get0_global_default())
                return false;

        ossl->library = OSSL_LIB_CTX_new();
        ossl->bare = OSSL_LIB_CTX_new();
        if (!ossl->library || !ossl->bare)
                return false;

        default_provider = OSSL_PROVIDER_load(ossl->library, "default");
        null_provider = OSSL_PROVIDER_load(ossl->bare, "null");
        return default_provider && null_provider;
}

static bool fetch_algorithms(struct ossl *ossl)
{
        for (size_t i = 0; i < OSSL_DIGEST_N; i++) {
                ossl->digests[i] = EVP_MD_fetch(ossl->library, digest_names[i], NULL);
                if (!ossl->digests[i])
                        return false;
        }

        for (size_t i = 0; i < OSSL_CURVE_N; i++) {
                ossl->curves[i] = EC_GROUP_new_by_curve_name_ex(ossl->library, NULL, curve_nids[i]);
                if (!ossl->curves[i])
                        return false;
        }

        for (size_t i = 0; i < OSSL_KEY_N; i++) {
                ossl->keys[i] = EVP_KEYMGMT_fetch(ossl->library, key_names[i].key, NULL);
                ossl->signatures[i] =
                        EVP_SIGNATURE_fetch(ossl->library, key_names[i].signature, NULL);
                if (!ossl->keys[i] || !ossl->signatures[i])
                        return false;
        }

        return RAND_bytes_ex(ossl->library, ossl->secret, sizeof(ossl->secret), 0) == 1;
}

int ossl_init(void)
{
        bool is_ok;

        if (the_ossl.library)
                return 0;

        /* Not even the default context, which some calls fall back to, is to obey openssl.cnf. */
        is_ok = OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) == 1;
        ERR_clear_error();
        is_ok = is_ok && load_contexts(&the_ossl) && fetch_algorithms(&the_ossl);
        if (!is_ok) {
                int r = ossl_is_out_of_memory() ? -ENOMEM : -ENOTSUP;

                ossl_deinit();
                return r;
        }

        ERR_clear_error();
        return 0;
}

void ossl_deinit(void)
{
        for (size_t i = 0; i < OSSL_DIGEST_N; i++)
                EVP_MD_free(the_ossl.digests[i]);
        for (size_t i = 0; i < OSSL_CURVE_N; i++)
                EC_GROUP_free(the_ossl.curves[i]);
        for (size_t i = 0; i < OSSL_KEY_N; i++) {
                EVP_KEYMGMT_free(the_ossl.keys[i]);
                EVP_SIGNATURE_free(the_ossl.signatures[i]);
        }

        if (default_provider)
                OSSL_PROVIDER_unload(default_provider);
        if (null_provider)
                OSSL_PROVIDER_unload(null_provider);

        OSSL_LIB_CTX_free(the_ossl.library);
        OSSL_LIB_CTX_free(the_ossl.bare);
        the_ossl = (struct ossl){ .library = NULL };
        default_provider = null_provider = NULL;
}

const struct ossl *ossl_get(void)
{
        assert(the_ossl.library);
        return &the_ossl;
}

struct ossl_lib_ctx_st *ossl_get_library(void)
{
        return ossl_get()->library;
}

bool ossl_is_out_of_memory(void)
{
        bool is_out = false;
        unsigned long code;

        while ((code = ERR_get_error()) != 0)
                if (ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE)
                        is_out = true;

        return is_out;
}

static int digest(enum ossl_digest which, struct bytes content, uint8_t *out)
{
        const struct ossl *ossl = ossl_get();
        int r;

        r = EVP_Digest(content.data, content.n, out, NULL, ossl->digests[which], NULL);
        if (r == 1)
                return 0;

        /* A digest fails for no other reason. */
        ERR_clear_error();
        return -ENOMEM;
}

int ossl_sha256(struct bytes content, uint8_t out[32])
{
        return digest(OSSL_DIGEST_SHA256, content, out);
}

int ossl_sha1(struct bytes content, uint8_t out[20])
{
        return digest(OSSL_DIGEST_SHA1, content, out);
}
