/* SPDX-License-Identifier: Apache-2.0 */
#include "blocked.h"

#include "options.h"
#include "output.h"
#include "verb.h"

#include <uatrust/admin.h>

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define SHOWN_MAX 20

int blocked_ask(const struct options *options, struct uatrust_client *client, const char *store,
                struct blocked *out)
{
        struct uatrust_error *error = NULL;

        if (uatrust_list_blocks(client, store, &out->blocks, &error) ||
            uatrust_list_certificates(client, store, NULL, &out->certificates, &error))
                return options_fail(options, error, NULL);
        return VERB_EXIT_OK;
}

void blocked_deinit(struct blocked *blocked)
{
        uatrust_blocks_free(blocked->blocks);
        uatrust_certificates_free(blocked->certificates);
}

static bool is_exported(const struct uatrust_certificate *certificate)
{
        const char *list = uatrust_certificate_get_list(certificate);

        return strcmp(list, "trusted") == 0 || strcmp(list, "issuers") == 0;
}

/* Of hex digits; 00ff and ff are one number. */
static bool is_same_number(const char *a, const char *b)
{
        return strcasecmp(a + strspn(a, "0"), b + strspn(b, "0")) == 0;
}

static bool is_meant(const struct uatrust_block *block,
                     const struct uatrust_certificate *certificate)
{
        const char *sha256 = uatrust_block_get_sha256(block);
        const char *issuer = uatrust_block_get_issuer(block);
        const char *serial = uatrust_block_get_serial_number(block);

        if (sha256)
                return strcmp(sha256, uatrust_certificate_get_sha256(certificate)) == 0;
        return issuer && serial &&
               strcmp(issuer, uatrust_certificate_get_issuer(certificate)) == 0 &&
               is_same_number(serial, uatrust_certificate_get_serial_number(certificate));
}

/* The next certificate from *@i on that is left out for its sake; NULL: there is none. */
static const struct uatrust_certificate *find_next(const struct blocked *blocked,
                                                   const struct uatrust_block *block, size_t *i)
{
        const struct uatrust_certificate *certificate;

        while ((certificate = uatrust_certificates_get_certificate(blocked->certificates, (*i)++)))
                if (is_exported(certificate) && is_meant(block, certificate))
                        return certificate;
        return NULL;
}

static bool is_lost(const struct blocked *blocked, const struct uatrust_block *block)
{
        size_t i = 0;

        return !find_next(blocked, block, &i);
}

void blocked_write(FILE *file, const struct blocked *blocked)
{
        const struct uatrust_certificate *certificate;
        const struct uatrust_block *block;

        for (size_t i = 0; (block = uatrust_blocks_get_block(blocked->blocks, i)); i++) {
                size_t k = 0;

                while ((certificate = find_next(blocked, block, &k)))
                        fprintf(file, "blocked 0 - %s\n",
                                uatrust_certificate_get_sha256(certificate));
        }
}

size_t blocked_count_lost(const struct blocked *blocked)
{
        const struct uatrust_block *block;
        size_t n = 0;

        for (size_t i = 0; (block = uatrust_blocks_get_block(blocked->blocks, i)); i++)
                n += is_lost(blocked, block);
        return n;
}

static void print_block(const struct uatrust_block *block)
{
        if (uatrust_block_get_sha256(block)) {
                fprintf(stderr, "  %s\n", uatrust_block_get_sha256(block));
                return;
        }
        fputs("  serial number ", stderr);
        output_text(stderr, uatrust_block_get_serial_number(block));
        fputs(" of ", stderr);
        output_text(stderr, uatrust_block_get_issuer(block));
        fputc('\n', stderr);
}

void blocked_warn(const struct blocked *blocked)
{
        const struct uatrust_block *block;
        size_t n = 0;

        for (size_t i = 0; (block = uatrust_blocks_get_block(blocked->blocks, i)); i++) {
                if (!is_lost(blocked, block))
                        continue;
                if (n == 0)
                        fputs("uatrust: warning: blocked here, but trusted by who reads the folder "
                              "if one of its CAs has issued it:\n",
                              stderr);
                if (n++ < SHOWN_MAX)
                        print_block(block);
        }
        if (n > SHOWN_MAX)
                fprintf(stderr, "  and %zu more\n", n - SHOWN_MAX);
}
