/* SPDX-License-Identifier: Apache-2.0 */
#include "own/identity.h"

#include "pki/cert.h"
#include "proto/buf.h"
#include "proto/utf8.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS  "0123456789"

void identity_forget_hosts(struct identity *identity)
{
        for (size_t i = 0; i < identity->dns_names.n; i++)
                free(identity->dns_names.items[i]);
        VEC_FREE(&identity->dns_names);
        VEC_FREE(&identity->ips);
}

void identity_deinit(struct identity *identity)
{
        identity_forget_hosts(identity);
        free(identity->application_uri);
        free(identity->common_name);
        free(identity->organization);
        free(identity->subject);
        *identity = (struct identity)IDENTITY_NULL;
}

/* -- what may be a name ------------------------------------------------------------------------- */

bool identity_is_uri(const char *text)
{
        size_t n_scheme = strspn(text, LETTERS DIGITS "+-.");

        return strlen(text) <= IDENTITY_URI_MAX && n_scheme && strchr(LETTERS, text[0]) &&
               text[n_scheme] == ':' && text[n_scheme + 1] &&
               !text[strspn(text, LETTERS DIGITS "-._~:/?#[]@!$&'()*+,;=%")];
}

bool identity_is_text(const char *text)
{
        size_t n = strlen(text), n_characters = 0;

        while (n) {
                size_t n_character = utf8_length(text, n);

                if (!n_character || (unsigned char)*text < ' ' || *text == 0x7f)
                        return false;
                text += n_character;
                n -= n_character;
                n_characters++;
        }
        return n_characters && n_characters <= IDENTITY_TEXT_MAX;
}

bool identity_is_dns_name(const char *text)
{
        size_t n = strlen(text);

        if (!n || n > 253)
                return false;

        for (;;) {
                size_t n_label = strspn(text, LETTERS DIGITS "-_");

                if (!n_label || n_label > 63 || text[0] == '-' || text[n_label - 1] == '-')
                        return false;
                if (!text[n_label])
                        return strspn(text, DIGITS) < n_label;
                if (text[n_label] != '.')
                        return false;
                text += n_label + 1;
        }
}

/* -- hosts --------------------------------------------------------------------------------------- */

static int add_ip(struct identity *identity, struct identity_ip ip)
{
        for (size_t i = 0; i < identity->ips.n; i++) {
                const struct identity_ip *other = &identity->ips.items[i];

                if (other->n == ip.n && memcmp(other->bytes, ip.bytes, ip.n) == 0)
                        return 0;
        }
        if (identity->dns_names.n + identity->ips.n == IDENTITY_HOSTS_MAX)
                return IDENTITY_E_TOO_MANY;
        return VEC_PUSH(&identity->ips, ip);
}

static int add_dns_name(struct identity *identity, const char *text)
{
        CLEANUP(freep) char *name = strdup(text);
        size_t n = strlen(text);
        int r;

        if (!name)
                return -ENOMEM;
        if (n && name[n - 1] == '.')
                name[n - 1] = '\0';
        if (!identity_is_dns_name(name))
                return IDENTITY_E_NO_HOST;

        for (size_t i = 0; i < identity->dns_names.n; i++)
                if (!strcasecmp(identity->dns_names.items[i], name))
                        return 0;
        if (identity->dns_names.n + identity->ips.n == IDENTITY_HOSTS_MAX)
                return IDENTITY_E_TOO_MANY;

        r = VEC_PUSH(&identity->dns_names, name);
        if (!r)
                name = NULL;
        return r;
}

int identity_add_address(struct identity *identity, const char *text)
{
        struct identity_ip ip = { .n = 4 };

        if (inet_pton(AF_INET, text, ip.bytes) == 1)
                return add_ip(identity, ip);

        ip.n = 16;
        if (inet_pton(AF_INET6, text, ip.bytes) == 1)
                return add_ip(identity, ip);
        return IDENTITY_E_NO_HOST;
}

int identity_add_host(struct identity *identity, const char *text)
{
        int r = identity_add_address(identity, text);

        return r == IDENTITY_E_NO_HOST ? add_dns_name(identity, text) : r;
}

bool identity_host(const struct identity *identity, size_t i, char out[256])
{
        const struct identity_ip *ip;

        if (i < identity->dns_names.n) {
                strncpy(out, identity->dns_names.items[i], 255);
                out[255] = '\0';
                return true;
        }
        i -= identity->dns_names.n;
        if (i >= identity->ips.n)
                return false;

        ip = &identity->ips.items[i];
        return inet_ntop(ip->n == 4 ? AF_INET : AF_INET6, ip->bytes, out, 256) != NULL;
}

/* -- from a certificate -------------------------------------------------------------------------- */

/* Old products put an address there, too: then it becomes one. */
static int read_dns_name(struct identity *identity, struct bytes name)
{
        char text[254];

        if (name.n >= sizeof(text) || memchr(name.data, '\0', name.n))
                return IDENTITY_E_ODD_NAMES;

        memcpy(text, name.data, name.n);
        text[name.n] = '\0';
        return identity_add_host(identity, text);
}

static int read_hosts(const struct alt_names *names, struct identity *identity)
{
        int r = 0;

        for (size_t i = 0; !r && i < names->n_dns_names; i++)
                r = read_dns_name(identity, names->dns_names[i]);
        for (size_t i = 0; !r && i < names->n_ips; i++) {
                struct identity_ip ip = { .n = names->ips[i].n };

                if (ip.n != 4 && ip.n != 16)
                        return IDENTITY_E_ODD_NAMES;
                memcpy(ip.bytes, names->ips[i].data, ip.n);
                r = add_ip(identity, ip);
        }
        return r > 0 ? IDENTITY_E_ODD_NAMES : r;
}

static int read_uri(const struct alt_names *names, struct identity *identity)
{
        CLEANUP(freep) char *uri = NULL;

        if (names->n_uris != 1 || memchr(names->uris[0].data, '\0', names->uris[0].n))
                return IDENTITY_E_NO_URI;

        uri = strndup((const char *)names->uris[0].data, names->uris[0].n);
        if (!uri)
                return -ENOMEM;
        if (!identity_is_uri(uri))
                return IDENTITY_E_NO_URI;

        identity->application_uri = TAKE(uri);
        return 0;
}

int identity_read(const struct cert *cert, struct identity *identity)
{
        int r;

        identity->subject = malloc(cert->subject.der.n);
        if (!identity->subject)
                return -ENOMEM;
        memcpy(identity->subject, cert->subject.der.data, cert->subject.der.n);
        identity->n_subject = cert->subject.der.n;

        r = read_hosts(&cert->alt_names, identity);
        return r ? r : read_uri(&cert->alt_names, identity);
}

/* -- made from others ---------------------------------------------------------------------------- */

static void add_escaped(struct buf *buf, const char *text)
{
        for (; *text; text++) {
                if (strchr(LETTERS DIGITS "-._~", *text))
                        buf_add_byte(buf, (uint8_t)*text);
                else
                        buf_printf(buf, "%%%02X", (unsigned int)(unsigned char)*text);
        }
}

int identity_make_uri(const char *host, const char *name, char **out)
{
        CLEANUP(buf_deinit) struct buf buf = BUF_NULL;

        buf_add_text(&buf, "urn:");
        add_escaped(&buf, host);
        buf_add_text(&buf, ":");
        add_escaped(&buf, name);
        return buf_take_text(&buf, out);
}

void identity_make_file_name(const char *name, char out[65])
{
        size_t n = strnlen(name, 64);

        for (size_t i = 0; i < n; i++)
                out[i] = strchr(LETTERS DIGITS "-_.", name[i]) ? name[i] : '_';
        if (n && out[0] == '.')
                out[0] = '_';
        out[n] = '\0';
}

bool identity_is_file_name(const char *text)
{
        size_t n = strlen(text);

        return n && n <= 128 && text[0] != '.' && text[0] != '-' &&
               !text[strspn(text, LETTERS DIGITS "-_. []()@+=,")];
}
