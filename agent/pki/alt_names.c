/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/alt_names.h"

#include "pki/der.h"
#include "pki/extension.h"

#include <errno.h>
#include <stdlib.h>

/* --- what is odd about a name --- */

static bool is_letter(uint8_t c)
{
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_letter_digit_hyphen(uint8_t c)
{
        return is_letter(c) || (c >= '0' && c <= '9') || c == '-';
}

/*
 * Labels of 1 to 63 characters between dots; the first may begin with a wildcard, the last may be
 * empty.
 */
static bool is_host_name(struct bytes name)
{
        size_t n_label = 0;

        if (!name.n || name.n > 254)
                return false;

        for (size_t i = 0; i < name.n; i++) {
                uint8_t c = name.data[i];

                if (c == '.' && !n_label)
                        return false;
                if (c != '.' && !is_letter_digit_hyphen(c) && c != '_' && !(c == '*' && i == 0))
                        return false;

                n_label = c == '.' ? 0 : n_label + 1;
                if (n_label > 63)
                        return false;
        }

        return true;
}

static bool is_visible_ascii(struct bytes text)
{
        for (size_t i = 0; i < text.n; i++)
                if (text.data[i] <= ' ' || text.data[i] >= 0x7f || strchr("<>\"", text.data[i]))
                        return false;

        return text.n;
}

/* A scheme, something behind it, and, after "//", an authority. */
static bool is_uri(struct bytes uri)
{
        size_t n_scheme = 0, n_rest;

        while (n_scheme < uri.n && (is_letter_digit_hyphen(uri.data[n_scheme]) ||
                                    uri.data[n_scheme] == '+' || uri.data[n_scheme] == '.'))
                n_scheme++;

        if (!n_scheme || n_scheme == uri.n || uri.data[n_scheme] != ':' ||
            !is_letter(uri.data[0]) || !is_visible_ascii(uri))
                return false;

        n_rest = uri.n - n_scheme - 1;
        if (n_rest >= 2 && !memcmp(uri.data + n_scheme + 1, "//", 2))
                return n_rest > 2 && uri.data[n_scheme + 3] != '/';
        return n_rest;
}

static bool is_email(struct bytes email)
{
        const uint8_t *at = email.n ? memchr(email.data, '@', email.n) : NULL;
        size_t n_local = at ? (size_t)(at - email.data) : 0;

        return n_local && is_visible_ascii(email) &&
               is_host_name((struct bytes){ at + 1, email.n - n_local - 1 });
}

/* --- the lists --- */

static bool count_names(struct bytes names, struct alt_names *out)
{
        enum extension_name kind;
        struct bytes content;

        for (; names.n; out->n_names++) {
                if (!extension_next_name(&names, &kind, &content))
                        return false;
                if (kind == EXTENSION_NAME_IP && content.n != 4 && content.n != 16)
                        return false;

                out->n_uris += kind == EXTENSION_NAME_URI;
                out->n_dns_names += kind == EXTENSION_NAME_DNS;
                out->n_ips += kind == EXTENSION_NAME_IP;
        }

        return out->n_names;
}

/* Sorts the names into the three lists, which lie one behind the other in @lists. */
static void fill_lists(struct bytes names, struct bytes *lists, struct faults *faults,
                       struct alt_names *out)
{
        struct bytes *uri = lists, *dns_name = uri + out->n_uris;
        struct bytes *ip = dns_name + out->n_dns_names, content;
        enum extension_name kind;

        out->uris = uri;
        out->dns_names = dns_name;
        out->ips = ip;

        while (extension_next_name(&names, &kind, &content)) {
                if (kind == EXTENSION_NAME_URI) {
                        *uri++ = content;
                        if (!is_uri(content))
                                faults_add(faults, FAULT_URI_ODD);
                } else if (kind == EXTENSION_NAME_DNS) {
                        *dns_name++ = content;
                        if (!is_host_name(content))
                                faults_add(faults, FAULT_DNS_NAME_ODD);
                } else if (kind == EXTENSION_NAME_IP) {
                        *ip++ = content;
                } else if (kind == EXTENSION_NAME_EMAIL && !is_email(content)) {
                        faults_add(faults, FAULT_EMAIL_ODD);
                }
        }
}

int alt_names_read(struct bytes value, struct faults *faults, struct alt_names *out)
{
        struct alt_names counted = { .n_names = 0 };
        struct bytes names, *lists;

        out->is_present = true;
        if (!der_read_only(value, DER_SEQUENCE, &names) || !count_names(names, &counted)) {
                faults_add(faults, FAULT_SUBJECT_ALT_NAME_CONTENT);
                return 0;
        }

        out->n_names = counted.n_names;
        if (counted.n_names > ALT_NAMES_MAX) {
                faults_add(faults, FAULT_NAMES_TOO_MANY);
                return 0;
        }

        lists = calloc(counted.n_names, sizeof(*lists));
        if (!lists)
                return -ENOMEM;

        out->n_uris = counted.n_uris;
        out->n_dns_names = counted.n_dns_names;
        out->n_ips = counted.n_ips;
        fill_lists(names, lists, faults, out);
        return 0;
}

void alt_names_deinit(struct alt_names *names)
{
        free((void *)names->uris);
        *names = (struct alt_names){ .n_names = 0 };
}
