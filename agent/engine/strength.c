/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/strength.h"

#include "engine/chain.h"
#include "engine/judgement.h"
#include "engine/report.h"
#include "pki/cert.h"
#include "proto/status.h"
#include "trust/policy.h"

#define RSA_FLOOR_BITS 1024

bool strength_is_key_too_weak(const struct key_info *key)
{
        switch (key->type) {
        case KEY_TYPE_RSA:
                return key->bits < RSA_FLOOR_BITS || key->bits > KEY_RSA_MAX_BITS;
        case KEY_TYPE_EC:
                return key->curve == KEY_CURVE_NONE || key->curve == KEY_CURVE_OTHER;
        case KEY_TYPE_ED25519:
        case KEY_TYPE_ED448:
                return false;
        case KEY_TYPE_OTHER:
                break;
        }
        return true;
}

bool strength_is_signature_too_weak(const struct settings *settings,
                                    const struct key_signature *signature)
{
        switch (signature->hash) {
        case KEY_HASH_NONE:
                return signature->scheme != KEY_SCHEME_ED25519 &&
                       signature->scheme != KEY_SCHEME_ED448;
        case KEY_HASH_SHA1:
                return !settings->allows_deprecated;
        case KEY_HASH_SHA224:
        case KEY_HASH_SHA256:
        case KEY_HASH_SHA384:
        case KEY_HASH_SHA512:
                return false;
        case KEY_HASH_MD2:
        case KEY_HASH_MD4:
        case KEY_HASH_MD5:
        case KEY_HASH_OTHER:
                break;
        }
        return true;
}

static struct report_item failed(const struct chain *chain, size_t i, unsigned int may_suppress)
{
        return (struct report_item){
                .step = STEP_POLICY,
                .status = STATUS_CERTIFICATE_POLICY_CHECK_FAILED,
                .may_suppress = may_suppress,
                .cert = chain->links[i].cert,
                .chain_index = i,
        };
}

static bool is_application(const struct chain *chain, size_t i)
{
        return i == 0 && !chain->is_crl_signer;
}

/* --- keys --- */

/* Is the kind of key, or its curve, one that the policy takes? */
static bool is_kind_allowed(const struct policy *policy, const struct key_info *key, bool is_leaf)
{
        unsigned int curves = is_leaf ? policy->curves : policy->ca_curves;

        if (policy->key_type != KEY_TYPE_OTHER && policy->key_type != key->type)
                return false;
        return key->type != KEY_TYPE_EC || curves >> key->curve & 1;
}

static void check_rsa_bits(const struct policy *policy, const struct chain *chain, size_t i,
                           struct report *report)
{
        const struct key_info *key = &chain->links[i].cert->key;
        struct report_item item = failed(chain, i, SUPPRESS_POLICY);

        if (key->bits < policy->rsa_min_bits) {
                report_add(report, &item, "has an RSA key of %u bits; policy %s wants %u or more",
                           key->bits, policy->name, policy->rsa_min_bits);
        } else if (key->bits > policy->rsa_max_bits) {
                if (!is_application(chain, i)) {
                        item.severity = SEVERITY_NOTE;
                        item.status = STATUS_GOOD;
                }
                report_add(report, &item, "has an RSA key of %u bits; policy %s wants %u at most",
                           key->bits, policy->name, policy->rsa_max_bits);
        }
}

static void check_key(const struct judgement *judgement, const struct chain *chain, size_t i,
                      struct report *report)
{
        const struct policy *policy = judgement->policy;
        const struct key_info *key = &chain->links[i].cert->key;
        struct report_item item = failed(chain, i, 0);
        char text[KEY_TYPE_TEXT_MAX];

        if (strength_is_key_too_weak(key)) {
                report_add(report, &item, "has a key that no policy takes: %s",
                           key_info_text(key, text));
                return;
        }
        if (policy->is_floor_only)
                return;

        item.may_suppress = SUPPRESS_POLICY;
        if (!is_kind_allowed(policy, key, is_application(chain, i)))
                report_add(report, &item, "has a key that policy %s does not take: %s",
                           policy->name, key_info_text(key, text));
        else if (key->type == KEY_TYPE_RSA)
                check_rsa_bits(policy, chain, i, report);
}

static void check_shorter_issuer(const struct chain *chain, size_t i, struct report *report)
{
        const struct cert *issuer = chain->links[i + 1].cert;
        const struct cert *subject = chain->links[i].cert;
        struct report_item item = failed(chain, i + 1, SUPPRESS_POLICY);

        if (issuer->key.type == subject->key.type && issuer->key.bits < subject->key.bits)
                report_add(report, &item, "has a key of %u bits, shorter than one it signed: %u",
                           issuer->key.bits, subject->key.bits);
}

/* --- signatures --- */

static bool is_hash_allowed(const struct policy *policy, const struct key_signature *signature)
{
        if (policy->hashes == 0 || signature->hash == KEY_HASH_NONE)
                return true; /* None; or pure EdDSA, where the issuer's key says it */
        return policy->hashes >> signature->hash & 1;
}

static void check_signature(const struct judgement *judgement, const struct chain *chain, size_t i,
                            struct report *report)
{
        const struct policy *policy = judgement->policy;
        const struct key_signature *signature = &chain->links[i].cert->signature;
        struct report_item item = failed(chain, i, 0);

        if (strength_is_signature_too_weak(judgement->snap->settings, signature)) {
                report_add(report, &item, "is signed with a hash that is not secure: %s",
                           key_hash_name(signature->hash));
                return;
        }

        item.may_suppress = SUPPRESS_POLICY;
        if (!is_hash_allowed(policy, signature))
                report_add(report, &item, "is signed with a hash that policy %s does not take: %s",
                           policy->name, key_hash_name(signature->hash));
        else if (policy->wants_pkcs1 && signature->scheme == KEY_SCHEME_RSA_PSS)
                report_add(report, &item, "is signed by RSASSA-PSS; policy %s wants PKCS#1 v1.5",
                           policy->name);
}

void strength_check(const struct judgement *judgement, const struct chain *chain,
                    struct report *report)
{
        const struct policy *policy = judgement->policy;
        struct report_item item = failed(chain, 0, SUPPRESS_POLICY);

        if (policy->is_deprecated && !judgement->snap->settings->allows_deprecated)
                report_add(report, &item,
                           "is asked for under the deprecated policy %s, which the store does not "
                           "allow",
                           policy->name);

        for (size_t i = 0; i < chain->n; i++) {
                bool is_root = i + 1 == chain->n;

                check_key(judgement, chain, i, report);
                if (!is_root || is_application(chain, i))
                        check_signature(judgement, chain, i, report);
                if (!is_root && !policy->is_floor_only)
                        check_shorter_issuer(chain, i, report);
        }
}
