/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/link.h"

#include "pki/cert.h"
#include "pki/crl.h"
#include "pki/extension.h"
#include "pki/verifier.h"

/* --- signatures --- */

/* What can be said before anything is computed: LINK_VERIFIED where only computing tells. */
static enum link_result foresee(const struct cert *signer, const struct key_signature *signature)
{
        if (faults_have_key_error(&signer->faults))
                return LINK_UNSOUND_KEY;

        switch (key_could_verify(&signer->key, signature)) {
        case KEY_OUTCOME_MISMATCH:
                return LINK_WRONG_KEY;
        case KEY_OUTCOME_UNSUPPORTED:
                return LINK_UNSUPPORTED;
        case KEY_OUTCOME_VERIFIED:
        case KEY_OUTCOME_WRONG:
                break;
        }

        return LINK_VERIFIED;
}

static bool is_known(const struct cert *signer, uint64_t verified_by)
{
        uint64_t id;

        return verified_by && cert_get_key_id(signer, &id) == 0 && id == verified_by;
}

static unsigned int cost(const struct cert *signer, const struct key_signature *signature,
                         uint64_t verified_by)
{
        if (foresee(signer, signature) != LINK_VERIFIED || is_known(signer, verified_by))
                return 0;
        return key_info_cost(&signer->key);
}

/* Return: 0 with @out, or -ENOMEM; @out_id: of the key */
static int verify(const struct cert *signer, const struct key_signature *signature,
                  struct bytes content, uint64_t *out_id, enum link_result *out)
{
        const struct verifier *verifier;
        enum key_outcome outcome;
        int r;

        r = cert_get_verifier(signer, &verifier);
        if (r == CERT_E_KEY_UNUSABLE) {
                *out = LINK_UNSOUND_KEY;
                return 0;
        }

        if (!r)
                r = cert_get_key_id(signer, out_id);
        if (!r)
                r = verifier_check(verifier, signature, content, &outcome);
        if (r)
                return r;

        *out = outcome == KEY_OUTCOME_VERIFIED ? LINK_VERIFIED : LINK_WRONG_SIGNATURE;
        return 0;
}

unsigned int link_cost_cert(const struct cert *issuer, const struct cert *subject)
{
        return cost(issuer, &subject->signature, cert_get_verified_by(subject));
}

int link_verify_cert(const struct cert *issuer, const struct cert *subject, enum link_result *out)
{
        const struct key_signature *signature = &subject->signature;
        enum link_result result = foresee(issuer, signature);
        struct bytes content = subject->tbs;
        uint8_t digest[VERIFIER_DIGEST_MAX];
        uint64_t id = 0;
        int r = 0;

        if (result != LINK_VERIFIED || is_known(issuer, cert_get_verified_by(subject))) {
                *out = result;
                return 0;
        }

        if (key_signs_digest(signature)) {
                content.data = digest;
                r = verifier_digest(signature->hash, subject->tbs, digest, &content.n);
        }

        if (!r)
                r = verify(issuer, signature, content, &id, &result);
        if (r)
                return r;

        if (result == LINK_VERIFIED)
                cert_set_verified_by(subject, id);
        *out = result;
        return 0;
}

unsigned int link_cost_crl(const struct cert *signer, const struct crl *crl)
{
        return cost(signer, &crl->signature, crl_get_verified_by(crl));
}

int link_verify_crl(const struct cert *signer, const struct crl *crl, enum link_result *out)
{
        enum link_result result = foresee(signer, &crl->signature);
        uint64_t id = 0;
        int r;

        if (result != LINK_VERIFIED || is_known(signer, crl_get_verified_by(crl))) {
                *out = result;
                return 0;
        }

        r = verify(signer, &crl->signature, crl_get_signed(crl), &id, &result);
        if (r)
                return r;

        if (result == LINK_VERIFIED)
                crl_set_verified_by(crl, id);
        *out = result;
        return 0;
}

const char *link_result_text(enum link_result result)
{
        switch (result) {
        case LINK_VERIFIED:
                return "";
        case LINK_WRONG_SIGNATURE:
                return "its signature is wrong";
        case LINK_WRONG_KEY:
                return "its signature is of another kind than the signer's key";
        case LINK_UNSOUND_KEY:
                return "the signer's key is unsound";
        case LINK_UNSUPPORTED:
                return "its signature algorithm is not supported";
        }

        return "";
}

/* --- hints --- */

bool link_is_named_issuer(const struct cert *issuer, const struct cert *subject)
{
        return name_equal(&issuer->subject, &subject->issuer);
}

int link_has_directory(struct bytes names, const struct name *name, bool *out)
{
        enum extension_name kind;
        struct bytes content;
        int r = 0;

        *out = false;
        while (!r && !*out && names.n && extension_next_name(&names, &kind, &content)) {
                struct name other = NAME_NULL;

                if (kind != EXTENSION_NAME_DIRECTORY)
                        continue;

                r = name_init(&other, content);
                *out = !r && name_equal(&other, name);
                name_deinit(&other);
                if (r > 0)
                        r = 0;
        }

        return r;
}

enum link_key_id link_key_id(const struct cert *issuer, const struct cert *subject)
{
        bool is_named;

        if (subject->authority_key_id.n && issuer->subject_key_id.n)
                return bytes_equal(subject->authority_key_id, issuer->subject_key_id)
                               ? LINK_KEY_ID_MATCH
                               : LINK_KEY_ID_MISMATCH;

        if (!subject->authority_issuer.n || !subject->authority_serial.n)
                return LINK_KEY_ID_UNKNOWN;
        if (!bytes_equal(subject->authority_serial, issuer->serial))
                return LINK_KEY_ID_MISMATCH;
        if (link_has_directory(subject->authority_issuer, &issuer->issuer, &is_named))
                return LINK_KEY_ID_UNKNOWN;

        return is_named ? LINK_KEY_ID_MATCH : LINK_KEY_ID_MISMATCH;
}
