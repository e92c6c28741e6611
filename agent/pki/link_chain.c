/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/cert.h"
#include "pki/link.h"
#include "pki/ossl_private.h"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <errno.h>
#include <string.h>
#include <strings.h>

/* Names and policies are compared by OpenSSL; which of them, and how many, is decided here. */

static void free_x509(X509 **x509)
{
        X509_free(*x509);
}

static void free_stack(STACK_OF(X509) * *stack)
{
        sk_X509_pop_free(*stack, X509_free);
}

static void free_policies(STACK_OF(ASN1_OBJECT) * *policies)
{
        sk_ASN1_OBJECT_free(*policies);
}

/*
 * Parsed in the bare context: keys stay undecoded, which saves nine tenths of the time. @out is
 * NULL where OpenSSL cannot read what we can. Return: 0 or -ENOMEM.
 */
static int parse_x509(const struct cert *cert, X509 **out)
{
        X509 *x509 = X509_new_ex(ossl_get()->bare, NULL);
        const uint8_t *at = cert->der;

        if (!x509)
                return -ENOMEM;

        /* On failure d2i_X509() frees it. Asking for the flags makes it read the extensions. */
        if (!d2i_X509(&x509, &at, (long)cert->n_der))
                x509 = NULL;
        if (x509 && X509_get_extension_flags(x509) & EXFLAG_INVALID) {
                X509_free(x509);
                x509 = NULL;
        }

        if (ossl_is_out_of_memory()) {
                X509_free(x509);
                return -ENOMEM;
        }

        *out = x509;
        return 0;
}

/* --- names --- */

static enum link_names names_result(int error)
{
        switch (error) {
        case X509_V_OK:
                return LINK_NAMES_OK;
        case X509_V_ERR_PERMITTED_VIOLATION:
        case X509_V_ERR_EXCLUDED_VIOLATION:
                return LINK_NAMES_VIOLATION;
        case X509_V_ERR_UNSPECIFIED:
                return LINK_NAMES_TOO_MANY;
        default:
                return LINK_NAMES_NOT_COMPARABLE;
        }
}

/* The host of a URI with an authority, without port and user; n 0: there is none. */
static struct bytes host_of(struct bytes uri)
{
        const uint8_t *mark = memmem(uri.data, uri.n, "://", 3), *end = uri.data + uri.n, *at;

        if (!mark)
                return (struct bytes){ NULL, 0 };

        for (at = mark += 3; at < end && !strchr("/?#", *at); at++)
                if (*at == '@')
                        mark = at + 1;
        for (end = at, at = mark; at < end && *at != ':'; at++)
                ;
        return (struct bytes){ mark, at - mark };
}

/* Is it a domain name, and no address? The last label of an address begins with a digit. */
static bool is_domain(struct bytes host)
{
        size_t last = host.n;

        while (last > 0 && host.data[last - 1] != '.')
                last--;
        return last > 0 && last < host.n && host.data[0] != '[' &&
               !(host.data[last] >= '0' && host.data[last] <= '9');
}

/*
 * OpenSSL takes for the host what stands before the first ':' behind "://", or else before the
 * first '/', wherever that is, with the user in it.
 */
static bool is_read_alike(struct bytes uri, struct bytes host)
{
        const uint8_t *end = uri.data + uri.n, *scheme = memchr(uri.data, ':', uri.n), *stop;

        if (!scheme || host.data != scheme + 3)
                return false;

        stop = memchr(host.data, ':', (size_t)(end - host.data));
        if (!stop)
                stop = memchr(host.data, '/', (size_t)(end - host.data));
        return host.data + host.n == (stop ? stop : end);
}

/*
 * RFC 5280 4.2.1.10: under a constraint on URIs, one whose host is no domain name is to be refused.
 * OpenSSL finds that no excluded domain contains it.
 */
static bool has_uri_beyond(const struct cert *subject)
{
        for (size_t i = 0; i < subject->alt_names.n_uris; i++) {
                struct bytes uri = subject->alt_names.uris[i], host = host_of(uri);

                if (!is_domain(host) || !is_read_alike(uri, host))
                        return true;
        }
        return false;
}

static bool ends_with_dot(struct bytes name)
{
        return name.n > 0 && name.data[name.n - 1] == '.';
}

/* Does "*.a.b" stand for the domain "x.a.b", among others? */
static bool is_wildcard_for(struct bytes name, struct bytes domain)
{
        struct bytes parent = { name.data + 1, name.n - 1 };
        size_t n_label;

        if (name.n < 2 || name.data[0] != '*' || domain.n <= parent.n)
                return false;

        n_label = domain.n - parent.n;
        return !memchr(domain.data, '.', n_label) &&
               !strncasecmp((const char *)domain.data + n_label, (const char *)parent.data,
                            parent.n);
}

/*
 * A dot at the end, and what a wildcard stands for, are texts to OpenSSL: neither is in the domain
 * that is excluded.
 */
static bool has_dns_name_beyond(const struct cert *subject, struct bytes domain)
{
        for (size_t i = 0; i < subject->alt_names.n_dns_names; i++) {
                struct bytes name = subject->alt_names.dns_names[i];

                if (ends_with_dot(domain) || ends_with_dot(name) || is_wildcard_for(name, domain))
                        return true;
        }
        return false;
}

/* Has @subject a name to which OpenSSL does not apply the constraint as it is meant? */
static bool has_name_beyond(STACK_OF(GENERAL_SUBTREE) * subtrees, const struct cert *subject)
{
        for (int i = 0; i < sk_GENERAL_SUBTREE_num(subtrees); i++) {
                const GENERAL_NAME *base = sk_GENERAL_SUBTREE_value(subtrees, i)->base;

                if (base->type == GEN_URI && has_uri_beyond(subject))
                        return true;
                if (base->type == GEN_DNS &&
                    has_dns_name_beyond(subject, (struct bytes){ base->d.dNSName->data,
                                                                 (size_t)base->d.dNSName->length }))
                        return true;
        }
        return false;
}

/* @x509: @subject; NULL where OpenSSL cannot read it */
static int compare_names(const struct cert *subject, X509 *x509, const struct cert *issuer,
                         enum link_names *out)
{
        const uint8_t *at = issuer->name_constraints.data;
        int error = X509_V_ERR_UNSUPPORTED_NAME_SYNTAX;
        NAME_CONSTRAINTS *constraints;

        constraints = (NAME_CONSTRAINTS *)ASN1_item_d2i(NULL, &at, (long)issuer->name_constraints.n,
                                                        ASN1_ITEM_rptr(NAME_CONSTRAINTS));
        if (constraints && x509 && !has_name_beyond(constraints->permittedSubtrees, subject) &&
            !has_name_beyond(constraints->excludedSubtrees, subject))
                error = NAME_CONSTRAINTS_check(x509, constraints);

        NAME_CONSTRAINTS_free(constraints);
        if (ossl_is_out_of_memory() || error == X509_V_ERR_OUT_OF_MEM)
                return -ENOMEM;

        *out = names_result(error);
        return 0;
}

/* One certificate against all CAs above it. */
static int check_subject(const struct cert *const *chain, size_t n, size_t at, size_t *work,
                         enum link_names *out)
{
        const struct cert *subject = chain[at];
        size_t n_names = 1 + subject->alt_names.n_names + subject->subject.n_attributes;
        CLEANUP(free_x509) X509 *x509 = NULL;
        bool is_parsed = false;
        int r = 0;

        for (size_t i = at + 1; i < n && !r && *out == LINK_NAMES_OK; i++) {
                if (!chain[i]->name_constraints.n)
                        continue;

                *work += n_names * chain[i]->n_subtrees;
                if (*work > LINK_NAMES_WORK_MAX) {
                        *out = LINK_NAMES_TOO_MANY;
                        return 0;
                }

                if (!is_parsed)
                        r = parse_x509(subject, &x509);
                is_parsed = true;
                if (!r)
                        r = compare_names(subject, x509, chain[i], out);
        }

        return r;
}

static bool has_name_constraints(const struct cert *const *chain, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (chain[i]->name_constraints.n)
                        return true;

        return false;
}

int link_check_names(const struct cert *const *chain, size_t n, size_t *out_at,
                     enum link_names *out)
{
        enum link_names result = LINK_NAMES_OK;
        size_t work = 0, at;
        int r = 0;

        if (!has_name_constraints(chain, n)) {
                *out = LINK_NAMES_OK;
                return 0;
        }

        ERR_clear_error();
        for (at = 0; at < n && !r && result == LINK_NAMES_OK; at++)
                if (at == 0 || !chain[at]->is_self_issued)
                        r = check_subject(chain, n, at, &work, &result);
        if (r)
                return r;

        if (result != LINK_NAMES_OK)
                *out_at = at - 1;
        *out = result;
        return 0;
}

/* --- policies --- */

static bool has_policy_constraints(const struct cert *const *chain, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (chain[i]->has_policy_constraints)
                        return true;

        return false;
}

static void free_infos(CERTIFICATEPOLICIES **policies)
{
        CERTIFICATEPOLICIES_free(*policies);
}

/* Return: 0 or -ENOMEM. */
static int add_any_policy(X509 *x509)
{
        CLEANUP(free_infos) CERTIFICATEPOLICIES *policies = sk_POLICYINFO_new_reserve(NULL, 1);
        POLICYINFO *info = policies ? POLICYINFO_new() : NULL;

        if (!info)
                return -ENOMEM;

        info->policyid = OBJ_nid2obj(NID_any_policy);
        sk_POLICYINFO_push(policies, info); /* there is room */
        return X509_add1_ext_i2d(x509, NID_certificate_policies, policies, 0, 0) == 1 ? 0 : -ENOMEM;
}

/*
 * OpenSSL leaves out the last, which it takes for the trust anchor. What ours demands is to hold,
 * so it is not the last; and where it has no policies, any is good for it.
 *
 * Return: 0, -ENOMEM, or 1 where OpenSSL cannot read one of them.
 */
static int parse_chain(const struct cert *const *chain, size_t n, STACK_OF(X509) * *out)
{
        CLEANUP(free_stack) STACK_OF(X509) *stack = sk_X509_new_reserve(NULL, (int)n + 1);
        int r;

        for (size_t i = 0; i < n; i++) {
                X509 *x509 = NULL;

                r = stack ? parse_x509(chain[i], &x509) : -ENOMEM;
                if (r)
                        return r;
                if (!x509)
                        return 1;

                sk_X509_push(stack, x509); /* there is room */
        }

        if (!chain[n - 1]->has_policies) {
                r = add_any_policy(sk_X509_value(stack, (int)n - 1));
                if (r)
                        return r;
        }
        sk_X509_push(stack, NULL);

        *out = TAKE(stack);
        return 0;
}

/* The initial set {anyPolicy}: without it, OpenSSL finds every demand for a policy unmet. */
static int make_any_policy(STACK_OF(ASN1_OBJECT) * *out)
{
        STACK_OF(ASN1_OBJECT) *policies = sk_ASN1_OBJECT_new_reserve(NULL, 1);

        if (!policies)
                return -ENOMEM;

        sk_ASN1_OBJECT_push(policies,
                            OBJ_nid2obj(NID_any_policy)); /* there is room; it is static */
        *out = policies;
        return 0;
}

int link_check_policies(const struct cert *const *chain, size_t n, enum link_policies *out)
{
        CLEANUP(free_policies) STACK_OF(ASN1_OBJECT) *any_policy = NULL;
        CLEANUP(free_stack) STACK_OF(X509) *stack = NULL;
        int is_explicit = 0, result = X509_PCY_TREE_INVALID, r;
        X509_POLICY_TREE *tree = NULL;

        if (!has_policy_constraints(chain, n)) {
                *out = LINK_POLICIES_OK;
                return 0;
        }

        ERR_clear_error();
        r = parse_chain(chain, n, &stack);
        if (r < 0)
                return r;

        r = make_any_policy(&any_policy);
        if (r)
                return r;
        if (stack)
                result = X509_policy_check(&tree, &is_explicit, stack, any_policy, 0);
        X509_policy_tree_free(tree);
        if (ossl_is_out_of_memory())
                return -ENOMEM;

        if (result == X509_PCY_TREE_VALID)
                *out = LINK_POLICIES_OK;
        else if (result == X509_PCY_TREE_FAILURE)
                *out = LINK_POLICIES_VIOLATION;
        else
                *out = LINK_POLICIES_INVALID;
        return 0;
}
