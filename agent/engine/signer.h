/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Signer - may a certificate other than the issuer itself sign the CRL that speaks about what that
 * issuer issued?
 *
 * Two may: another key of the same CA, and whom a certificate's distribution point names as
 * cRLIssuer. Both only if their own chain ends at the same root and passes steps 1 to 6, 9 and 11.
 * Suppressions do not hold for it: what they let pass would have to be told, and of this chain
 * nothing is.
 *
 * Reading: a like name alone is not enough, for CAs of one name do not mix. Of one CA are two
 * certificates of one name where one certified the other as itself, or where each may do what the
 * other may not: the one sign certificates, the other CRLs.
 *
 * Spec: RFC 5280 6.3.3 (f).
 */

#include <stdbool.h>
#include <stddef.h>

struct cert;
struct chain;
struct judgement;

enum {
        SIGNER_E_BUDGET = 1,
};

/**
 * signer_is_same_ca() - are the two certificates of one CA?
 *
 * Return: 0 with @out, SIGNER_E_BUDGET, or -ENOMEM.
 */
int signer_is_same_ca(struct judgement *judgement, const struct cert *signer,
                      const struct cert *issuer, bool *out);

/**
 * signer_is_sound() - does a chain of @signer end where @chain does, and pass?
 * @chain: complete, of the certificate that the CRL speaks about
 *
 * A signer that stands in @chain above the certificate is sound if @chain is.
 *
 * CRLs about the signer's own chain count only if its issuers themselves signed them, so that no
 * CRL is needed to believe itself.
 *
 * Return: as above.
 */
int signer_is_sound(struct judgement *judgement, const struct cert *signer,
                    const struct chain *chain, bool *out);
