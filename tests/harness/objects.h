/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Objects - certificates and CRLs of pki, minted; and pki itself. What cannot be made stops the test.
 */

#include "harness/mint.h"
#include "harness/must.h"
#include "pki/cert.h"
#include "pki/crl.h"
#include "pki/ossl.h"

static inline struct bytes bytes_of(const struct mint_der *der)
{
        return (struct bytes){ der->data, der->n };
}

/** take_cert() - the certificate in @der, which is freed; cert_unref() it */
static inline const struct cert *take_cert(struct mint_der der)
{
        const struct cert *cert = NULL;
        const char *reason = "";

        must(cert_new(bytes_of(&der), &reason, &cert) == 0, "cert_new: %s", reason);
        mint_der_deinit(&der);
        return cert;
}

static inline const struct cert *make_cert(const struct mint_cert *spec)
{
        return take_cert(mint_cert(spec));
}

static inline const struct crl *make_crl(const struct mint_crl *spec)
{
        struct mint_der der = mint_crl(spec);
        const struct crl *crl = NULL;
        const char *reason = "";

        must(crl_new(bytes_of(&der), &reason, &crl) == 0, "crl_new: %s", reason);
        mint_der_deinit(&der);
        return crl;
}

/** set_up_ossl() - a cmocka group's set-up and tear-down */
static inline int set_up_ossl(void **state)
{
        (void)state;
        return ossl_init();
}

static inline int tear_down_ossl(void **state)
{
        (void)state;
        ossl_deinit();
        return 0;
}
