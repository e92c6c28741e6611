/* SPDX-License-Identifier: Apache-2.0 */
#include "keep.h"

#include "options.h"
#include "progress.h"
#include "verb.h"

#include <uatrust/reading.h>

#include <string.h>

static bool is_own(const char *origin, const char *store)
{
        size_t n = strlen(store);

        return strncmp(origin, store, n) == 0 && origin[n] == '/';
}

int keep_check(const struct keep *keep)
{
        const struct uatrust_broken_file *broken;
        struct uatrust_certificates *certificates;
        struct uatrust_error *error = NULL;
        int code = VERB_EXIT_OK;

        if (!(keep->lists & (UATRUST_LIST_TRUSTED_CRLS | UATRUST_LIST_ISSUER_CRLS)))
                return VERB_EXIT_OK;
        progress_wait(keep->options->progress);
        if (uatrust_list_certificates(keep->client, keep->store, NULL, &certificates, &error))
                return options_fail(keep->options, error, NULL);

        for (size_t i = 0;
             (broken = uatrust_certificates_get_broken(certificates, i)) && code == VERB_EXIT_OK;
             i++)
                if (is_own(uatrust_broken_file_get_origin(broken),
                           uatrust_certificates_get_store(certificates)) &&
                    strstr(uatrust_broken_file_get_origin(broken), "/crl/"))
                        code = options_complain(
                                keep->options, VERB_EXIT_NO_INPUT,
                                "%s: %s: mend or remove it first, as an update of its list would "
                                "end what it still revokes",
                                uatrust_broken_file_get_origin(broken),
                                uatrust_broken_file_get_reason(broken));
        uatrust_certificates_free(certificates);
        return code;
}

static int give(struct keep *keep, enum parcel_kind kind, const void *der, size_t n)
{
        struct uatrust_error *error = NULL;

        if (uatrust_transaction_add(keep->transaction, (enum uatrust_list)(1u << kind), der, n,
                                    &error))
                return options_fail(keep->options, error, NULL);

        keep->n[kind]++;
        return VERB_EXIT_OK;
}

static int keep_certificate(struct keep *keep, enum parcel_kind kind, const char *sha256)
{
        struct uatrust_stored_certificate *stored;
        struct uatrust_error *error = NULL;
        const void *der;
        size_t n = 0;
        int code;

        if (uatrust_read_certificate(keep->client, keep->store, sha256, &stored, &error))
                return options_fail(keep->options, error, sha256);

        der = uatrust_stored_certificate_get_der(stored, &n);
        code = give(keep, kind, der, n);
        uatrust_stored_certificate_free(stored);
        return code;
}

static int keep_certificates(struct keep *keep, const char *list, enum parcel_kind kind)
{
        const struct uatrust_certificate *certificate;
        struct uatrust_certificates *certificates;
        struct uatrust_error *error = NULL;
        int code = VERB_EXIT_OK;
        size_t n = 0;

        if (!(keep->lists & 1u << kind))
                return VERB_EXIT_OK;
        if (uatrust_list_certificates(keep->client, keep->store, list, &certificates, &error))
                return options_fail(keep->options, error, NULL);

        while (uatrust_certificates_get_certificate(certificates, n))
                n++;
        for (size_t i = 0;
             !code && (certificate = uatrust_certificates_get_certificate(certificates, i)); i++) {
                const char *store = uatrust_certificates_get_store(certificates), *origin;
                bool is_ours = false;

                for (size_t k = 0; (origin = uatrust_certificate_get_origin(certificate, k)); k++)
                        is_ours |= is_own(origin, store);
                progress_tell(keep->options->progress, "taking over what is there", i, n);
                if (is_ours)
                        code = keep_certificate(keep, kind,
                                                uatrust_certificate_get_sha256(certificate));
        }
        uatrust_certificates_free(certificates);
        return code;
}

static int keep_crl(struct keep *keep, enum parcel_kind kind, const char *sha256)
{
        struct uatrust_stored_crl *stored;
        struct uatrust_error *error = NULL;
        const void *der;
        size_t n = 0;
        int code;

        if (uatrust_read_crl(keep->client, keep->store, sha256, &stored, &error))
                return options_fail(keep->options, error, sha256);

        der = uatrust_stored_crl_get_der(stored, &n);
        code = give(keep, kind, der, n);
        uatrust_stored_crl_free(stored);
        return code;
}

/* Where nobody's key verifies it, or a newer one is there, it would be refused. */
static bool counts(const struct uatrust_crl *crl)
{
        const char *state = uatrust_crl_get_state(crl);

        return strcmp(state, "superseded") != 0 && strcmp(state, "unverified") != 0;
}

static int keep_crls(struct keep *keep)
{
        const struct uatrust_crl *crl;
        struct uatrust_crls *crls;
        struct uatrust_error *error = NULL;
        int code = VERB_EXIT_OK;

        if (!(keep->lists & (UATRUST_LIST_TRUSTED_CRLS | UATRUST_LIST_ISSUER_CRLS)))
                return VERB_EXIT_OK;
        if (uatrust_list_crls(keep->client, keep->store, &crls, &error))
                return options_fail(keep->options, error, NULL);

        for (size_t i = 0; !code && (crl = uatrust_crls_get_crl(crls, i)); i++) {
                enum parcel_kind kind = strcmp(uatrust_crl_get_list(crl), "trusted") == 0
                                                ? PARCEL_TRUSTED_CRLS
                                                : PARCEL_ISSUER_CRLS;
                bool is_ours = false;
                const char *origin;

                for (size_t k = 0; (origin = uatrust_crl_get_origin(crl, k)); k++)
                        is_ours |= is_own(origin, uatrust_crls_get_store(crls));
                if (is_ours && counts(crl) && keep->lists & 1u << kind)
                        code = keep_crl(keep, kind, uatrust_crl_get_sha256(crl));
        }
        uatrust_crls_free(crls);
        return code;
}

int keep_all(struct keep *keep)
{
        int code;

        code = keep_certificates(keep, "trusted", PARCEL_TRUSTED_CERTIFICATES);
        if (!code)
                code = keep_certificates(keep, "issuers", PARCEL_ISSUER_CERTIFICATES);
        if (!code)
                code = keep_crls(keep);
        return code;
}
