/* SPDX-License-Identifier: Apache-2.0 */
#include "pem.h"

#include "error.h"
#include "proto/base64.h"
#include "proto/compiler.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#define FILE_MAX_BYTES (1024 * 1024)

static const char begin_line[] = "-----BEGIN CERTIFICATE-----";
static const char end_line[] = "-----END CERTIFICATE-----";

static const char *find(const char *text, const char *end, const char *line)
{
        return memmem(text, (size_t)(end - text), line, strlen(line));
}

/* Without the line ends and blanks of a PEM block; Return: how many characters are left. */
static size_t copy_dense(const char *text, size_t n, char *out)
{
        size_t n_out = 0;

        for (size_t i = 0; i < n; i++)
                if (!strchr(" \t\r\n", text[i]) || !text[i])
                        out[n_out++] = text[i];
        return n_out;
}

static int read_block(const char *text, size_t n, pem_found_fn found, void *userdata)
{
        CLEANUP(freep) char *dense = malloc(n + 1);
        CLEANUP(freep) uint8_t *der = malloc(n + 1);
        size_t n_dense, n_der;

        if (!dense || !der)
                return -ENOMEM;

        n_dense = copy_dense(text, n, dense);
        if (base64_decode(dense, n_dense, der, &n_der) || !n_der)
                return PEM_E_DAMAGED;

        return found(der, n_der, userdata);
}

/*
 * A certificate is a sequence that begins with a sequence. So are few other things, and no private key: none of
 * PKCS#1, PKCS#8, SEC 1 and PKCS#12, which begin with a number.
 */
static bool may_be_certificate(const char *text, size_t n)
{
        const uint8_t *der = (const uint8_t *)text;
        size_t n_header = 2;

        if (n < 2 || der[0] != 0x30)
                return false;
        if (der[1] & 0x80)
                n_header += der[1] & 0x7f;

        return n > n_header && der[n_header] == 0x30;
}

int pem_read(const char *text, size_t n, pem_found_fn found, void *userdata)
{
        const char *end = text + n;
        const char *begin = find(text, end, begin_line);
        int r = 0;

        if (may_be_certificate(text, n))
                return found((const uint8_t *)text, n, userdata);
        if (!begin)
                return PEM_E_NONE;

        while (!r && begin) {
                const char *content = begin + strlen(begin_line);
                const char *content_end = find(content, end, end_line);

                if (!content_end)
                        return PEM_E_DAMAGED;

                r = read_block(content, (size_t)(content_end - content), found, userdata);
                begin = find(content_end, end, begin_line);
        }
        return r;
}

/* Return: 0, a negative errno, or -EFBIG beyond the limit. */
static int read_file(const char *path, char **out, size_t *n_out)
{
        CLEANUP(freep) char *content = malloc(FILE_MAX_BYTES + 1);
        size_t n = 0;
        ssize_t n_read;
        int fd, r;

        if (!content)
                return -ENOMEM;

        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        if (fd < 0)
                return -errno;

        do {
                n_read = read(fd, content + n, FILE_MAX_BYTES + 1 - n);
                if (n_read > 0)
                        n += (size_t)n_read;
        } while ((n_read > 0 && n <= FILE_MAX_BYTES) || (n_read < 0 && errno == EINTR));

        r = n_read < 0 ? -errno : n > FILE_MAX_BYTES ? -EFBIG : 0;
        close(fd);
        if (r)
                return r;

        *out = TAKE(content);
        *n_out = n;
        return 0;
}

int pem_read_file(const char *path, pem_found_fn found, void *userdata,
                  struct uatrust_error **error)
{
        CLEANUP(freep) char *content = NULL;
        size_t n = 0;
        int r;

        r = read_file(path, &content, &n);
        if (!r)
                r = pem_read(content, n, found, userdata);

        switch (r) {
        case 0:
                return 0;
        case -ENOMEM:
                return error_report_errno(error, r, path);
        case PEM_E_NONE:
                return error_report(error, STATUS_E_FILE, path, "no certificate in it, PEM or DER");
        case PEM_E_DAMAGED:
                return error_report(error, STATUS_E_FILE, path, "damaged PEM");
        case -E2BIG:
                return error_report(error, STATUS_E_FILE, path, "more than one certificate in it");
        default:
                return error_report(error, STATUS_E_FILE, path, strerror(-r));
        }
}
