/* SPDX-License-Identifier: Apache-2.0 */
#include "own/subject.h"

#include "own/identity.h"
#include "proto/compiler.h"

#include <openssl/x509.h>

DEFINE_CLEANUP(X509_NAME *, X509_NAME_free)

static char *to_text(const ASN1_STRING *value)
{
        unsigned char *utf8 = NULL;
        int n = ASN1_STRING_to_UTF8(&utf8, value);
        char *text = NULL;

        if (n >= 0 && !memchr(utf8, '\0', (size_t)n))
                text = strndup((const char *)utf8, (size_t)n);
        OPENSSL_free(utf8);
        if (text && identity_is_text(text))
                return text;

        free(text);
        return NULL;
}

static char *find(struct bytes der, int nid)
{
        const unsigned char *at = der.data;
        CLEANUP(X509_NAME_freep) X509_NAME *name = d2i_X509_NAME(NULL, &at, (long)der.n);
        int i = name ? X509_NAME_get_index_by_NID(name, nid, -1) : -1;

        return i < 0 ? NULL : to_text(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, i)));
}

char *subject_find_common_name(struct bytes name)
{
        return find(name, NID_commonName);
}

char *subject_find_organization(struct bytes name)
{
        return find(name, NID_organizationName);
}
