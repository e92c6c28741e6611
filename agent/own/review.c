/* SPDX-License-Identifier: Apache-2.0 */
#include "own/review.h"

#include "own/findings.h"
#include "own/identity.h"
#include "own/key_kind.h"
#include "pki/cert.h"

#include <inttypes.h>
#include <string.h>

#define DAY_S           (INT64_C(24) * 3600)
#define SERIAL_BITS_MIN 64

#define error(findings, ...)   findings_add((findings), FINDINGS_ERROR, __VA_ARGS__)
#define warning(findings, ...) findings_add((findings), FINDINGS_WARNING, __VA_ARGS__)

int64_t review_days_left(const struct cert *cert, int64_t now_s)
{
        int64_t left_s;

        if (cert->not_after_s == CERT_NO_END_S)
                return INT64_MAX;

        left_s = cert->not_after_s - now_s + 1;
        return left_s > 0 ? left_s / DAY_S : (left_s - DAY_S) / DAY_S;
}

static void review_key(const struct cert *cert, struct findings *findings)
{
        char text[KEY_TYPE_TEXT_MAX];
        const struct key_kind *kind = key_kind_of(&cert->key);

        if (!kind)
                error(findings, "no application may have a key of the kind %s",
                      key_info_text(&cert->key, text));
        else if (!kind->policy)
                warning(findings, "no SecurityPolicy takes %s as an application's key", kind->name);
}

static void review_name(const struct cert *cert, struct findings *findings)
{
        bool has_common_name = false, has_organization = false;
        struct name_part part;
        size_t at = 0;

        while (name_next(&cert->subject, &at, &part)) {
                has_common_name |= part.attribute == NAME_ATTRIBUTE_COMMON_NAME;
                has_organization |= part.attribute == NAME_ATTRIBUTE_ORGANIZATION;
        }
        if (!has_common_name)
                warning(findings, "its subject has no common name, which should say what it is");
        if (!has_organization)
                warning(findings, "its subject has no organization, which should say whose it is");
}

static void review_alt_names(const struct cert *cert, unsigned int purposes,
                             struct findings *findings)
{
        const struct alt_names *names = &cert->alt_names;

        if (names->n_uris == 0)
                error(findings,
                      "its subjectAltName has no URI, which has to be the ApplicationUri");
        else if (names->n_uris > 1)
                error(findings,
                      "its subjectAltName has %zu URIs in place of the ApplicationUri alone",
                      names->n_uris);
        if ((purposes & REVIEW_SERVER) && !names->n_dns_names && !names->n_ips)
                error(findings, "its subjectAltName has neither a host name nor an address, "
                                "by which clients find a server");
}

static void review_usage(const struct cert *cert, struct findings *findings)
{
        unsigned int wanted = CERT_USAGE_DIGITAL_SIGNATURE;
        unsigned int purposes = cert->extended_key_usage.bits;

        if (cert->key.type == KEY_TYPE_RSA)
                wanted |= CERT_USAGE_NON_REPUDIATION | CERT_USAGE_KEY_ENCIPHERMENT |
                          CERT_USAGE_DATA_ENCIPHERMENT;
        if (!cert->key_usage.is_present || wanted & ~cert->key_usage.bits)
                error(findings, "its keyUsage lacks %s",
                      cert->key.type == KEY_TYPE_RSA ? "one of digitalSignature, nonRepudiation, "
                                                       "keyEncipherment and dataEncipherment"
                                                     : "digitalSignature");
        else if (!cert->key_usage.is_critical)
                warning(findings, "its keyUsage is not critical");

        if (cert->is_self_issued && !(cert->key_usage.bits & CERT_USAGE_KEY_CERT_SIGN))
                warning(findings, "its keyUsage lacks keyCertSign, though it signs itself");
        if (cert->key.type == KEY_TYPE_RSA && !cert->extended_key_usage.is_present)
                error(findings, "it has no extendedKeyUsage");
        else if (cert->extended_key_usage.is_present && !(purposes & CERT_PURPOSE_ANY) &&
                 (~purposes & (CERT_PURPOSE_SERVER | CERT_PURPOSE_CLIENT)))
                warning(findings, "its extendedKeyUsage lacks serverAuth or clientAuth");
}

static void review_constraints(const struct cert *cert, struct findings *findings)
{
        if (!cert->basic_constraints.is_present)
                warning(findings, "it has no basicConstraints");
        else if (cert->basic_constraints.is_ca)
                error(findings, "it is a CA by its basicConstraints");
        else if (!cert->basic_constraints.is_critical)
                warning(findings, "its basicConstraints is not critical");

        if (!cert->subject_key_id.n)
                warning(findings, "it has no subjectKeyIdentifier");
        if (!cert->authority_key_id.n)
                warning(findings, "it has no authorityKeyIdentifier");
        if (cert->serial.n * 8 < SERIAL_BITS_MIN)
                warning(findings, "its serial number has fewer than %d bits", SERIAL_BITS_MIN);
}

static void review_validity(const struct cert *cert, int64_t now_s, struct findings *findings)
{
        if (now_s < cert->not_before_s)
                error(findings, "it is not valid yet");
        else if (now_s > cert->not_after_s)
                error(findings, "it has expired");
        else if (cert->not_after_s - now_s < REVIEW_SOON_S)
                warning(findings, "it expires in %" PRId64 " days", review_days_left(cert, now_s));
}

void review_certificate(const struct cert *cert, const struct review_terms *terms,
                        struct findings *findings)
{
        review_key(cert, findings);
        review_name(cert, findings);
        review_alt_names(cert, terms->purposes, findings);
        review_usage(cert, findings);
        review_constraints(cert, findings);
        review_validity(cert, terms->now_s, findings);
}
