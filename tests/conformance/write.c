/* SPDX-License-Identifier: Apache-2.0 */
#include "conformance/write.h"

#include "conformance/row.h"
#include "conformance/stage.h"
#include "harness/must.h"
#include "pki/cert.h"
#include "proto/base64.h"
#include "proto/buf.h"
#include "proto/compiler.h"
#include "proto/hex.h"
#include "proto/json.h"
#include "proto/message.h"
#include "proto/names.h"
#include "service/report.h"
#include "service/stores.h"
#include "trust/policy.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define POLICY_URI "http://opcfoundation.org/UA/SecurityPolicy#"

struct place {
        char path[4096];
};

static struct place PRINTF(2, 3) below(const struct place *folder, const char *format, ...)
{
        struct place place;
        char name[256];
        va_list args;

        va_start(args, format);
        vsnprintf(name, sizeof(name), format, args);
        va_end(args);
        must(snprintf(place.path, sizeof(place.path), "%s/%s", folder->path, name) <
                     (int)sizeof(place.path),
             "path");
        return place;
}

static void make_folder(const struct place *place)
{
        must(mkdir(place->path, 0777) == 0, "mkdir %s", place->path);
}

static void write_file(const struct place *place, const void *data, size_t n)
{
        FILE *file = fopen(place->path, "wbe");

        must(file && fwrite(data, 1, n, file) == n && fclose(file) == 0, "write %s", place->path);
}

static void write_buf(const struct place *place, struct buf *text)
{
        must(!buf_error(text), "memory");
        write_file(place, text->data, text->n);
        buf_reset(text);
}

/* -- the world ---------------------------------------------------------------------------------- */

/* @prefix: of their names below the store, before a number */
static void write_certs(struct stage *stage, const struct place *store, const char *prefix,
                        const struct mint_cert *const *specs)
{
        for (size_t i = 0; specs && specs[i]; i++) {
                const struct mint_der *der = stage_cert(stage, specs[i]);
                struct place file = below(store, "%s%zu.der", prefix, i);

                write_file(&file, der->data, der->n);
        }
}

static void write_serial_block(struct stage *stage, const struct place *file,
                               const struct mint_cert *spec)
{
        const struct mint_der *der = stage_cert(stage, spec);
        CLEANUP(buf_deinit) struct buf text = BUF_NULL;
        char serial[129];
        const struct cert *cert;

        must(cert_new((struct bytes){ der->data, der->n }, NULL, &cert) == 0, "what is blocked");
        must(cert->serial.n <= 64, "serial");
        hex_encode(cert->serial.data, cert->serial.n, serial);
        buf_add_text(&text, "{\"issuer\":\"");
        base64_encode(cert->issuer.der.data, cert->issuer.der.n, &text);
        buf_printf(&text, "\",\"serialNumber\":\"%s\"}", serial);
        write_buf(file, &text);
        cert_unref(cert);
}

static void write_store(struct stage *stage, const struct place *folder, const struct row *row)
{
        static const char *const FOLDERS[] = { "",        "trusted",       "trusted/certs",
                                               "issuers", "issuers/certs", "issuers/crl",
                                               "blocked" };
        struct place store = below(folder, "store");

        for (size_t i = 0; i < ARRAY_SIZE(FOLDERS); i++) {
                struct place made = below(&store, "%s", FOLDERS[i]);

                make_folder(&made);
        }
        write_certs(stage, &store, "trusted/certs/", row->trusted);
        write_certs(stage, &store, "issuers/certs/", row->issuers);
        write_certs(stage, &store, "issuers/certs/crowd-", row->crowd);
        for (size_t i = 0; row->crls[i]; i++) {
                const struct mint_der *der = stage_crl(stage, row->crls[i]);
                struct place file = below(&store, "issuers/crl/%zu.crl", i);

                write_file(&file, der->data, der->n);
        }
        write_certs(stage, &store, "blocked/", row->blocked);
        for (size_t i = 0; row->blocked_serials[i]; i++) {
                struct place file = below(&store, "blocked/%zu.json", i);

                write_serial_block(stage, &file, row->blocked_serials[i]);
        }
}

/* What a request names has to be allowed by the store; a row's engine does not ask. */
static void write_config(struct stage *stage, const struct place *folder, const struct row *row)
{
        CLEANUP(buf_deinit) struct buf text = BUF_NULL;
        struct place config = below(folder, "config"), cas = below(folder, "cas");
        CLEANUP(freep) char *settings = row->settings ? must_strdup(row->settings) : NULL;
        char hex[65], *rest = settings, *line;
        uint8_t sha256[32];

        while ((line = strsep(&rest, ";")))
                buf_printf(&text, "%s\n", line + strspn(line, " "));
        if (row->suppress)
                buf_printf(&text, "MaySuppress=%s\n", row->suppress);
        buf_add_byte(&text, '\n');
        write_buf(&config, &text);

        for (size_t i = 0; row->revocation_checks[i].ca; i++) {
                stage_sha256(stage, row->revocation_checks[i].ca, sha256);
                hex_encode(sha256, sizeof(sha256), hex);
                buf_printf(&text, "%s %s\n", hex, row->revocation_checks[i].revocation_check);
        }
        buf_add_byte(&text, '\n');
        write_buf(&cas, &text);
}

/* -- the question and its verdict ---------------------------------------------------------------- */

static void write_call(struct stage *stage, const struct place *folder, const struct row *row,
                       const struct scene *scene)
{
        CLEANUP(buf_deinit) struct buf text = BUF_NULL;
        struct place file = below(folder, "call.json");
        struct mint_der elements[ROW_LIST_MAX];
        struct schema_bytes certificates[ROW_LIST_MAX];
        char *suppress[NAMES_SUPPRESS_MAX], policy[256];
        CLEANUP(freep) char *names = row->suppress ? must_strdup(row->suppress) : NULL;
        char *rest = names;
        struct message_validate in;

        schema_init(&message_validate_schema, &in);
        in.n_certificates = stage_elements(stage, row, elements);
        for (size_t i = 0; i < in.n_certificates; i++)
                certificates[i] = (struct schema_bytes){ elements[i].data, elements[i].n };
        in.certificates = certificates;
        in.purpose = (char *)purpose_name(row->purpose);
        in.application_uri = (char *)row->uri;
        in.host_name = (char *)row->host;
        in.at = scene->terms.now_s;
        if (row->policy) {
                snprintf(policy, sizeof(policy), POLICY_URI "%s", row->policy);
                in.security_policy_uri = policy;
        }
        while (rest)
                suppress[in.n_suppress++] = strsep(&rest, " ");
        in.suppress = names ? suppress : NULL;

        json_encode(&message_validate_schema, &in, &text);
        write_buf(&file, &text);
        for (size_t i = 0; i < in.n_certificates; i++)
                mint_der_deinit(&elements[i]);
}

static void write_verdict(const struct place *folder, const struct scene *scene)
{
        CLEANUP(buf_deinit) struct buf text = BUF_NULL;
        struct place file = below(folder, "verdict.json");
        struct store_state state = { .name = (char *)"row", .snap = scene->snap };
        struct message_verdict message;
        struct verdict verdict;

        must(scene_judge(scene, &scene->terms, &verdict) == 0, "judge");
        must(report_verdict(&verdict, &state, "", &message) == 0, "report");
        json_encode(&message_verdict_schema, &message, &text);
        write_buf(&file, &text);
        schema_deinit(&message_verdict_schema, &message);
        verdict_deinit(&verdict);
}

static const char *cannot_be_asked(const struct row *row)
{
        if (row->last_good[0])
                return "a damaged CRL has a past, which files have not";
        if (row->at_least_s && row->at_least_s != row->now_s)
                return "the moment of a call is always plausible";
        if (row->now_s == SCHEMA_INT_ABSENT)
                return "a call has no such moment";
        return NULL;
}

void write_rows(struct stage *stage, const char *folder, const char *subject,
                const struct row *rows, size_t n)
{
        struct place root;

        must(snprintf(root.path, sizeof(root.path), "%s", folder) < (int)sizeof(root.path), "path");
        for (size_t i = 0; i < n; i++) {
                struct place place = below(&root, "%s-%zu", subject, i);
                struct place id = below(&place, "id"), skipped = below(&place, "skipped");
                const char *reason = cannot_be_asked(&rows[i]);
                struct scene scene;

                make_folder(&place);
                write_file(&id, rows[i].id, strlen(rows[i].id));
                if (reason) {
                        write_file(&skipped, reason, strlen(reason));
                        continue;
                }
                stage_set(stage, &rows[i], false, &scene);
                write_store(stage, &place, &rows[i]);
                write_config(stage, &place, &rows[i]);
                write_call(stage, &place, &rows[i], &scene);
                write_verdict(&place, &scene);
                scene_deinit(&scene);
        }
}
