/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/mint.h"
#include "harness/must.h"

#include <openssl/pem.h>
#include <openssl/sha.h>

#include <ctype.h>

struct mint_der mint_pem(const struct mint_der *der, const char *label)
{
        BIO *bio = BIO_new(BIO_s_mem());
        struct mint_der pem = { 0 };
        char *text;
        long n;

        must(bio && PEM_write_bio(bio, label, "", der->data, (long)der->n) > 0, "write PEM %s",
             label);
        n = BIO_get_mem_data(bio, &text);
        pem.data = must_calloc(1, (size_t)n);
        pem.n = (size_t)n;
        memcpy(pem.data, text, pem.n);
        BIO_free(bio);
        return pem;
}

struct mint_der mint_join(struct mint_der a, struct mint_der b)
{
        struct mint_der all = { .n = a.n + b.n };

        all.data = must_calloc(1, all.n + 1);
        if (a.n)
                memcpy(all.data, a.data, a.n);
        if (b.n)
                memcpy(all.data + a.n, b.data, b.n);

        mint_der_deinit(&a);
        mint_der_deinit(&b);
        return all;
}

struct mint_der mint_hex(const char *hex)
{
        struct mint_der der = { .data = must_calloc(1, strlen(hex) / 2 + 1) };
        size_t n_digits = 0;

        for (; *hex; hex++) {
                static const char digits[] = "0123456789abcdef";
                const char *digit;

                if (*hex == ' ' || *hex == ':')
                        continue;

                digit = strchr(digits, tolower((unsigned char)*hex));
                must(digit, "not hex: %s", hex);
                der.data[n_digits / 2] = (uint8_t)(der.data[n_digits / 2] << 4 | (digit - digits));
                n_digits++;
        }

        must(n_digits % 2 == 0, "hex of an odd length");
        der.n = n_digits / 2;
        return der;
}

void mint_replace(struct mint_der *der, const char *from, const char *to)
{
        struct mint_der old = mint_hex(from), new = mint_hex(to);
        uint8_t *place = memmem(der->data, der->n, old.data, old.n);

        must(place && old.n == new.n, "replace %s by %s", from, to);
        memcpy(place, new.data, new.n);
        mint_der_deinit(&old);
        mint_der_deinit(&new);
}

const char *mint_sha256(const struct mint_der *der, char out[65])
{
        uint8_t digest[SHA256_DIGEST_LENGTH];

        SHA256(der->data, der->n, digest);
        for (size_t i = 0; i < sizeof(digest); i++)
                snprintf(out + 2 * i, 3, "%02x", digest[i]);

        return out;
}

void mint_der_deinit(struct mint_der *der)
{
        free(der->data);
        *der = (struct mint_der){ 0 };
}
