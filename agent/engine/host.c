/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/host.h"

#include "pki/cert.h"

#include <arpa/inet.h>
#include <string.h>

#define DOMAIN_MAX 255 /* octets of a host name, RFC 1035 */

static struct bytes without_last_dot(struct bytes name)
{
        if (name.n > 0 && name.data[name.n - 1] == '.')
                name.n--;
        return name;
}

static uint8_t fold(uint8_t byte)
{
        return byte >= 'A' && byte <= 'Z' ? byte - 'A' + 'a' : byte;
}

static bool is_same_text(struct bytes a, struct bytes b)
{
        if (a.n != b.n || a.n == 0)
                return false;
        for (size_t i = 0; i < a.n; i++)
                if (fold(a.data[i]) != fold(b.data[i]))
                        return false;
        return true;
}

static size_t count_labels(struct bytes name)
{
        size_t n = 1;

        for (size_t i = 0; i < name.n; i++)
                n += name.data[i] == '.';
        return n;
}

/* "*.a.b" stands for one label before ".a.b". */
static bool is_wildcard_match(struct bytes pattern, struct bytes host)
{
        const uint8_t *dot;
        struct bytes rest;

        if (pattern.n < 2 || pattern.data[0] != '*' || pattern.data[1] != '.' ||
            count_labels(pattern) < 3)
                return false;

        dot = memchr(host.data, '.', host.n);
        if (!dot || dot == host.data)
                return false;

        rest = (struct bytes){ dot, host.n - (dot - host.data) };
        return is_same_text((struct bytes){ pattern.data + 1, pattern.n - 1 }, rest);
}

static bool is_among_dns_names(const struct cert *cert, struct bytes host, enum host_rules rules)
{
        for (size_t i = 0; i < cert->alt_names.n_dns_names; i++) {
                struct bytes name = without_last_dot(cert->alt_names.dns_names[i]);

                if (is_same_text(name, host))
                        return true;
                if (rules == HOST_RULES_TLS && is_wildcard_match(name, host))
                        return true;
        }
        return false;
}

static bool is_among_ips(const struct cert *cert, struct bytes address)
{
        for (size_t i = 0; i < cert->alt_names.n_ips; i++)
                if (bytes_equal(cert->alt_names.ips[i], address))
                        return true;
        return false;
}

/* Puts a label before or behind the domain so far; false if it does not fit. */
static bool add_label(uint8_t domain[DOMAIN_MAX], size_t *n, struct bytes label, bool is_before)
{
        size_t n_dot = *n > 0 ? 1 : 0;

        if (label.n > DOMAIN_MAX || *n + n_dot + label.n > DOMAIN_MAX)
                return false;

        if (is_before) {
                memmove(domain + label.n + n_dot, domain, *n);
                memcpy(domain, label.data, label.n);
                if (n_dot)
                        domain[label.n] = '.';
        } else {
                if (n_dot)
                        domain[*n] = '.';
                memcpy(domain + *n + n_dot, label.data, label.n);
        }
        *n += n_dot + label.n;
        return true;
}

static bool is_domain_of_subject(const struct cert *cert, struct bytes host, bool is_reversed)
{
        uint8_t domain[DOMAIN_MAX];
        struct name_part part;
        size_t at = 0, n = 0;

        while (name_next(&cert->subject, &at, &part)) {
                if (part.attribute != NAME_ATTRIBUTE_DOMAIN_COMPONENT)
                        continue;
                if (!add_label(domain, &n, part.value, is_reversed))
                        return false;
        }
        return is_same_text((struct bytes){ domain, n }, host);
}

/* Return: how many octets of an address, 0 if it is none. */
static size_t read_address(const char *host, uint8_t out[16])
{
        if (inet_pton(AF_INET, host, out) == 1)
                return 4;
        return inet_pton(AF_INET6, host, out) == 1 ? 16 : 0;
}

bool host_is_named(const struct cert *cert, const char *host, enum host_rules rules)
{
        struct bytes text = { (const uint8_t *)host, strlen(host) };
        uint8_t address[16];
        size_t n_address = read_address(host, address);

        if (n_address > 0 && is_among_ips(cert, (struct bytes){ address, n_address }))
                return true;
        if (n_address > 0 && rules == HOST_RULES_TLS)
                return false;

        text = without_last_dot(text);
        if (is_among_dns_names(cert, text, rules))
                return true;
        if (rules != HOST_RULES_OPC || n_address > 0)
                return false;
        if (cert->alt_names.n_dns_names > 0 || cert->alt_names.n_ips > 0)
                return false;
        return is_domain_of_subject(cert, text, false) || is_domain_of_subject(cert, text, true);
}
