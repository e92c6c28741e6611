/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/usage.h"

#include "engine/chain.h"
#include "engine/judgement.h"
#include "engine/report.h"
#include "pki/cert.h"
#include "proto/compiler.h"
#include "proto/status.h"

#include <string.h>

#define USAGES_RSA                                                                                 \
        (CERT_USAGE_DIGITAL_SIGNATURE | CERT_USAGE_KEY_ENCIPHERMENT | CERT_USAGE_DATA_ENCIPHERMENT)

static const struct {
        enum cert_usage bit;
        const char *name;
} USAGES[] = {
        { CERT_USAGE_DIGITAL_SIGNATURE, "digitalSignature" },
        { CERT_USAGE_KEY_ENCIPHERMENT, "keyEncipherment" },
        { CERT_USAGE_DATA_ENCIPHERMENT, "dataEncipherment" },
};

#define USAGES_TEXT_MAX 64

static const char *usages_text(unsigned int bits, char out[USAGES_TEXT_MAX])
{
        out[0] = '\0';
        for (size_t i = 0; i < ARRAY_SIZE(USAGES); i++) {
                if (!(bits & USAGES[i].bit))
                        continue;
                if (out[0])
                        strncat(out, ", ", USAGES_TEXT_MAX - strlen(out) - 1);
                strncat(out, USAGES[i].name, USAGES_TEXT_MAX - strlen(out) - 1);
        }
        return out;
}

bool usage_may_sign_crls(const struct cert *cert)
{
        return !cert->key_usage.is_present || cert->key_usage.bits & CERT_USAGE_CRL_SIGN;
}

static bool is_rsa(const struct cert *cert)
{
        return cert->key.type == KEY_TYPE_RSA;
}

/* What an extension says may be let pass unless it is critical. */
static unsigned int unless_critical(const struct cert_usages *usages, enum suppress bit)
{
        return usages->is_critical ? 0 : bit;
}

/* --- the certificate in question --- */

static struct report_item leaf_item(const struct chain *chain, unsigned int may_suppress)
{
        return (struct report_item){
                .step = STEP_USAGE,
                .status = STATUS_CERTIFICATE_USE_NOT_ALLOWED,
                .may_suppress = may_suppress,
                .cert = chain->links[0].cert,
        };
}

static struct report_item absent_item(const struct chain *chain)
{
        struct report_item item = leaf_item(chain, SUPPRESS_USE_ABSENT);

        item.qualifier = "absent";
        return item;
}

static struct report_item note_item(const struct chain *chain)
{
        struct report_item item = leaf_item(chain, 0);

        item.severity = SEVERITY_NOTE;
        item.status = STATUS_GOOD;
        return item;
}

/* A chain of one is a self-signed certificate: nothing else is complete alone. */
static bool is_self_signed(const struct chain *chain)
{
        return chain->n == 1;
}

static void check_ca_flag(const struct chain *chain, struct report *report)
{
        const struct cert *leaf = chain->links[0].cert;
        struct report_item item = leaf_item(chain, 0);

        if (!leaf->basic_constraints.is_ca)
                return;
        if (cert_is_real_ca(leaf)) {
                report_add(report, &item, "is a CA and no application");
        } else if (!is_self_signed(chain) || usage_may_sign_crls(leaf)) {
                report_add(report, &item, "says cA TRUE, as only a CA may");
        } else {
                item = note_item(chain);
                report_add(report, &item, "says cA TRUE, though it is an application's own");
        }
}

static void check_missing_usages(const struct chain *chain, unsigned int wanted,
                                 struct report *report)
{
        const struct cert *leaf = chain->links[0].cert;
        struct report_item item = leaf_item(chain, unless_critical(&leaf->key_usage, SUPPRESS_USE));
        unsigned int missing = wanted & ~leaf->key_usage.bits;
        char text[USAGES_TEXT_MAX];

        if (leaf->key_usage.is_present && missing)
                report_add(report, &item, "has a keyUsage without %s", usages_text(missing, text));
}

static void check_application_key_usage(const struct chain *chain, struct report *report)
{
        const struct cert *leaf = chain->links[0].cert;
        const struct cert_usages *usage = &leaf->key_usage;
        struct report_item item = absent_item(chain);

        if (!usage->is_present) {
                report_add(report, &item, "has no keyUsage");
                return;
        }

        check_missing_usages(chain, is_rsa(leaf) ? USAGES_RSA : CERT_USAGE_DIGITAL_SIGNATURE,
                             report);
        if (is_rsa(leaf) && !(usage->bits & CERT_USAGE_NON_REPUDIATION))
                report_add(report, &item, "has a keyUsage without nonRepudiation");
        if (is_self_signed(chain) && !(usage->bits & CERT_USAGE_KEY_CERT_SIGN)) {
                item = note_item(chain);
                report_add(report, &item, "is self-signed and has a keyUsage without keyCertSign");
        }
}

/* Present without @role or any. */
static void check_extended_usage(const struct chain *chain, enum cert_purpose role,
                                 struct report *report)
{
        const struct cert *leaf = chain->links[0].cert;
        const struct cert_usages *usage = &leaf->extended_key_usage;
        struct report_item item = leaf_item(chain, unless_critical(usage, SUPPRESS_USE));

        if (usage->is_present && !(usage->bits & (role | CERT_PURPOSE_ANY)))
                report_add(report, &item, "has an extendedKeyUsage without %s",
                           role == CERT_PURPOSE_SERVER ? "serverAuth" : "clientAuth");
}

static void check_application(const struct chain *chain, enum cert_purpose role,
                              struct report *report)
{
        const struct cert *leaf = chain->links[0].cert;
        struct report_item item = absent_item(chain);

        check_application_key_usage(chain, report);
        check_extended_usage(chain, role, report);
        if (is_rsa(leaf) && !leaf->extended_key_usage.is_present)
                report_add(report, &item, "has no extendedKeyUsage");
}

static void check_user(const struct chain *chain, struct report *report)
{
        const struct cert *leaf = chain->links[0].cert;
        struct report_item item = note_item(chain);

        check_missing_usages(chain, CERT_USAGE_DIGITAL_SIGNATURE, report);
        check_extended_usage(chain, CERT_PURPOSE_CLIENT, report);
        if (leaf->extended_key_usage.bits & (CERT_PURPOSE_EMAIL | CERT_PURPOSE_SMARTCARD_LOGON))
                report_add(report, &item,
                           "has an extendedKeyUsage of emailProtection or smartcardLogon");
}

static void check_https(const struct chain *chain, struct report *report)
{
        const struct cert *leaf = chain->links[0].cert;
        struct report_item item = leaf_item(chain, unless_critical(&leaf->key_usage, SUPPRESS_USE));
        unsigned int either = CERT_USAGE_DIGITAL_SIGNATURE | CERT_USAGE_KEY_ENCIPHERMENT;

        if (leaf->key_usage.is_present && !(leaf->key_usage.bits & either))
                report_add(report, &item,
                           "has a keyUsage without digitalSignature and keyEncipherment");
        check_extended_usage(chain, CERT_PURPOSE_SERVER, report);
}

static void check_leaf(enum purpose purpose, const struct chain *chain, struct report *report)
{
        check_ca_flag(chain, report);
        switch (purpose) {
        case PURPOSE_CLIENT:
                check_application(chain, CERT_PURPOSE_CLIENT, report);
                break;
        case PURPOSE_SERVER:
                check_application(chain, CERT_PURPOSE_SERVER, report);
                break;
        case PURPOSE_USER:
                check_user(chain, report);
                break;
        case PURPOSE_HTTPS:
                check_https(chain, report);
                break;
        case PURPOSE_N:
                break;
        }
}

/* --- those above it --- */

static struct report_item issuer_item(const struct chain *chain, size_t i,
                                      unsigned int may_suppress)
{
        return (struct report_item){
                .step = STEP_USAGE,
                .status = STATUS_CERTIFICATE_ISSUER_USE_NOT_ALLOWED,
                .may_suppress = may_suppress,
                .cert = chain->links[i].cert,
                .chain_index = i,
        };
}

/* Of a self-signed certificate: does it look like an application's own? */
static const char *why_application(enum purpose purpose, const struct cert *cert)
{
        if (cert->alt_names.n_uris > 0)
                return "a URI in its subjectAltName";
        if (cert->extended_key_usage.bits & (CERT_PURPOSE_SERVER | CERT_PURPOSE_CLIENT))
                return "serverAuth or clientAuth in its extendedKeyUsage";
        if (purpose != PURPOSE_HTTPS && !usage_may_sign_crls(cert))
                return "a keyUsage without cRLSign";
        return NULL;
}

static bool may_sign_certs(const struct cert *cert)
{
        return !cert->key_usage.is_present || cert->key_usage.bits & CERT_USAGE_KEY_CERT_SIGN;
}

bool usage_may_issue(const struct cert *cert)
{
        return cert->basic_constraints.is_ca && may_sign_certs(cert) &&
               !(cert->is_self_issued && why_application(PURPOSE_CLIENT, cert));
}

static void check_issuer_key_usage(enum purpose purpose, const struct chain *chain, size_t i,
                                   struct report *report)
{
        const struct cert *issuer = chain->links[i].cert;
        const struct cert_usages *usage = &issuer->key_usage;
        struct report_item item = issuer_item(chain, i, 0);

        if (!may_sign_certs(issuer))
                report_add(report, &item,
                           "has a keyUsage without keyCertSign, so it may issue nothing");

        item.may_suppress = unless_critical(usage, SUPPRESS_ISSUER_USE);
        if (purpose != PURPOSE_HTTPS && !usage_may_sign_crls(issuer))
                report_add(report, &item, "has a keyUsage without cRLSign");
}

static enum cert_purpose role_of(enum purpose purpose)
{
        return purpose == PURPOSE_SERVER || purpose == PURPOSE_HTTPS ? CERT_PURPOSE_SERVER
                                                                     : CERT_PURPOSE_CLIENT;
}

static void check_issuer(enum purpose purpose, const struct chain *chain, size_t i,
                         struct report *report)
{
        const struct cert *issuer = chain->links[i].cert;
        const struct cert_usages *extended = &issuer->extended_key_usage;
        struct report_item item = issuer_item(chain, i, 0);
        bool is_root = i + 1 == chain->n;
        const char *why = is_root ? why_application(purpose, issuer) : NULL;

        if (!issuer->basic_constraints.is_ca)
                report_add(report, &item, "is no CA, so it may issue nothing");
        if (why)
                report_add(report, &item,
                           "is an application's own, which issues nothing: it has %s", why);
        check_issuer_key_usage(purpose, chain, i, report);

        item.may_suppress = unless_critical(extended, SUPPRESS_ISSUER_USE);
        if (extended->is_present && !(extended->bits & (role_of(purpose) | CERT_PURPOSE_ANY)))
                report_add(report, &item, "has an extendedKeyUsage without %s",
                           role_of(purpose) == CERT_PURPOSE_SERVER ? "serverAuth" : "clientAuth");
}

/* The signer of a CRL need not be a CA, but its key must be for that. */
static void check_crl_signer(const struct chain *chain, struct report *report)
{
        struct report_item item = issuer_item(chain, 0, 0);

        if (!usage_may_sign_crls(chain->links[0].cert))
                report_add(report, &item, "has a keyUsage without cRLSign");
}

void usage_check(const struct judgement *judgement, const struct chain *chain,
                 struct report *report)
{
        enum purpose purpose = judgement->profile->purpose;

        if (chain->is_crl_signer)
                check_crl_signer(chain, report);
        else
                check_leaf(purpose, chain, report);
        for (size_t i = 1; i < chain->n; i++)
                check_issuer(purpose, chain, i, report);
}
