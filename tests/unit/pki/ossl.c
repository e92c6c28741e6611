/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/ossl.h"

#include "harness/test.h"
#include "harness/tree.h"

#include <openssl/err.h>
#include <openssl/evp.h>

#include <stdlib.h>

static void it_may_be_set_up_twice_and_again(void **state)
{
        uint8_t digest[32];

        (void)state;
        assert_int_equal(ossl_init(), 0);
        assert_int_equal(ossl_init(), 0);
        ossl_deinit();
        ossl_deinit();
        assert_int_equal(ossl_init(), 0);
        assert_int_equal(ossl_sha256((struct bytes)BYTES("abc"), digest), 0);
        assert_memory_equal(digest, "\xba\x78\x16\xbf\x8f\x01\xcf\xea", 8);
        assert_int_equal(ossl_sha1((struct bytes)BYTES("abc"), digest), 0);
        assert_memory_equal(digest, "\xa9\x99\x3e\x36\x47\x06\x81\x6a", 8);
        assert_int_equal(ERR_peek_error(), 0);
        ossl_deinit();
}

/* A configuration that allows FIPS alone, of which there is nothing here, would leave no digest. */
static void no_configuration_of_the_host_is_obeyed(void **state)
{
        EVP_MD *digest;

        (void)state;
        assert_int_equal(ossl_init(), 0);
        digest = EVP_MD_fetch(NULL, "SHA256", NULL);
        assert_non_null(digest);
        EVP_MD_free(digest);
        ossl_deinit();
}

int main(void)
{
        static const char conf[] = "openssl_conf = a\n[a]\nalg_section = b\n[b]\n"
                                   "default_properties = fips=yes\n";
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(it_may_be_set_up_twice_and_again),
                cmocka_unit_test(no_configuration_of_the_host_is_obeyed),
        };

        struct tree *tree = tree_new();
        char *path = tree_path(tree, "openssl.cnf");
        int r;

        tree_write(tree, "openssl.cnf", conf, sizeof(conf) - 1);
        setenv("OPENSSL_CONF", path, 1);
        r = cmocka_run_group_tests(tests, NULL, NULL);
        free(path);
        tree_free(tree);
        return r;
}
