/* SPDX-License-Identifier: Apache-2.0 */
#include "own/result.h"

#include "own/arguments.h"
#include "own/complain.h"
#include "own/findings.h"
#include "own/identity.h"
#include "own/review.h"
#include "own/when.h"
#include "pki/cert.h"
#include "proto/buf.h"
#include "proto/hex.h"
#include "proto/json.h"
#include "proto/status.h"

#include <inttypes.h>
#include <stdio.h>

/* -- for people ---------------------------------------------------------------------------------- */

static void print_line(const char *what, const char *text)
{
        printf("  %-12s ", what);
        print_text(stdout, text ? text : "-");
        putchar('\n');
}

static void print_validity(const struct cert *cert, int64_t now_s)
{
        char from[WHEN_TEXT_MAX], to[WHEN_TEXT_MAX];
        int64_t left = review_days_left(cert, now_s);

        printf("  %-12s %s to %s", "valid", when_text(cert->not_before_s, from),
               left == INT64_MAX ? "no end" : when_text(cert->not_after_s, to));
        if (left != INT64_MAX)
                printf(", %" PRId64 " days %s", left < 0 ? -left : left,
                       left < 0 ? "over" : "left");
        putchar('\n');
}

static void print_names(const struct cert *cert)
{
        CLEANUP(identity_deinit) struct identity names = IDENTITY_NULL;
        char host[256];

        (void)identity_read(cert, &names); /* as far as they can be read */
        print_line("URI", names.application_uri);
        for (size_t i = 0; identity_host(&names, i, host); i++)
                print_line(i ? "" : "hosts", host);
}

static void print_cert(const struct cert *cert, int64_t now_s)
{
        CLEANUP(freep) char *subject = NULL;
        char key[KEY_TYPE_TEXT_MAX], sha256[65];

        (void)name_text(&cert->subject, &subject);
        print_line("subject", subject);
        print_names(cert);
        print_line("key type", key_info_text(&cert->key, key));
        print_line("signed by", cert->is_self_issued ? "itself" : "a CA");
        print_validity(cert, now_s);
        hex_encode(cert->sha256, 32, sha256);
        print_line("SHA-256", sha256);
}

static void print_findings(const struct findings *findings)
{
        for (size_t i = 0; i < findings->items.n; i++) {
                const struct findings_item *item = &findings->items.items[i];
                const char *status = item->status ? status_code_name(item->status) : NULL;

                printf("%s: ", item->severity == FINDINGS_ERROR ? "error" : "warning");
                if (item->purpose)
                        printf("as %s: ", item->purpose);
                if (status)
                        printf("%s: ", status);
                print_text(stdout, item->text);
                putchar('\n');
        }
}

static void print_people(const struct result *result)
{
        printf("%s\n", result->what);
        if (result->cert_path)
                print_line("certificate", result->cert_path);
        if (result->key_path)
                print_line("key", result->key_path);
        if (result->request_path)
                print_line("request", result->request_path);
        if (result->cert)
                print_cert(result->cert, result->now_s);
        print_findings(result->findings);
}

/* -- JSON ---------------------------------------------------------------------------------------- */

static void add_text(struct buf *buf, const char *name, const char *text)
{
        buf_printf(buf, ",\"%s\":", name);
        if (text)
                json_encode_string(text, buf);
        else
                buf_add_text(buf, "null");
}

static void add_names(struct buf *buf, const struct cert *cert)
{
        CLEANUP(identity_deinit) struct identity names = IDENTITY_NULL;
        char host[256];

        (void)identity_read(cert, &names);
        add_text(buf, "applicationUri", names.application_uri);
        buf_add_text(buf, ",\"hosts\":[");
        for (size_t i = 0; identity_host(&names, i, host); i++) {
                if (i)
                        buf_add_byte(buf, ',');
                json_encode_string(host, buf);
        }
        buf_add_byte(buf, ']');
}

static void add_cert(struct buf *buf, const struct cert *cert, int64_t now_s)
{
        CLEANUP(freep) char *subject = NULL;
        char key[KEY_TYPE_TEXT_MAX], sha256[65], sha1[41];
        int64_t left = review_days_left(cert, now_s);

        (void)name_text(&cert->subject, &subject);
        hex_encode(cert->sha256, 32, sha256);
        hex_encode(cert->sha1, 20, sha1);
        add_text(buf, "sha256", sha256);
        add_text(buf, "thumbprint", sha1);
        add_text(buf, "subject", subject);
        add_names(buf, cert);
        add_text(buf, "keyType", key_info_text(&cert->key, key));
        buf_printf(buf, ",\"isSelfSigned\":%s", cert->is_self_issued ? "true" : "false");
        buf_printf(buf, ",\"notBefore\":%" PRId64, cert->not_before_s);
        if (left == INT64_MAX)
                buf_add_text(buf, ",\"notAfter\":null,\"daysLeft\":null");
        else
                buf_printf(buf, ",\"notAfter\":%" PRId64 ",\"daysLeft\":%" PRId64,
                           cert->not_after_s, left);
}

static void add_findings(struct buf *buf, const struct findings *findings)
{
        buf_add_text(buf, ",\"findings\":[");
        for (size_t i = 0; i < findings->items.n; i++) {
                const struct findings_item *item = &findings->items.items[i];

                buf_printf(buf, "%s{\"severity\":\"%s\"", i ? "," : "",
                           item->severity == FINDINGS_ERROR ? "error" : "warning");
                add_text(buf, "purpose", item->purpose);
                add_text(buf, "statusName", item->status ? status_code_name(item->status) : NULL);
                add_text(buf, "message", item->text);
                buf_add_byte(buf, '}');
        }
        buf_add_byte(buf, ']');
}

static void print_json(const struct result *result)
{
        CLEANUP(buf_deinit) struct buf buf = BUF_NULL;

        buf_printf(&buf, "{\"changed\":%s", result->has_changed ? "true" : "false");
        add_text(&buf, "result", result->what);
        buf_printf(&buf, ",\"good\":%s", findings_has_error(result->findings) ? "false" : "true");
        add_text(&buf, "certificate", result->cert_path);
        add_text(&buf, "key", result->key_path);
        add_text(&buf, "request", result->request_path);
        if (result->cert)
                add_cert(&buf, result->cert, result->now_s);
        add_findings(&buf, result->findings);
        buf_add_text(&buf, "}\n");
        if (buf_error(&buf))
                complain(0, "out of memory");
        else
                fwrite(buf.data, 1, buf.n, stdout);
}

void result_print(const struct result *result, const struct arguments *arguments)
{
        if (arguments->wants_json)
                print_json(result);
        else
                print_people(result);
        if (result->findings->is_incomplete)
                complain(0, "out of memory: not all findings are shown");
}
