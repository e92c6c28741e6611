/* SPDX-License-Identifier: Apache-2.0 */

/*
 * boringssl's CRL cases, one PEM file each: a leaf, its CA (two where the CA changed its key) and a CRL. The CAs are
 * not self-signed, so that no agent completes their chains; what is asked here is engine/revocation alone, of a chain
 * put together by hand. The name of a file says what it wants of the leaf.
 */

#include "base/vec.h"
#include "engine/chain.h"
#include "engine/judgement.h"
#include "engine/report.h"
#include "engine/revocation.h"
#include "harness/must.h"
#include "pki/cert.h"
#include "pki/crl.h"
#include "pki/ossl.h"
#include "proto/compiler.h"
#include "trust/builder.h"
#include "trust/entry.h"
#include "trust/policy.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <dirent.h>

#define AT_S    INT64_C(1489017600)
#define SKIPPED 77

static const struct {
        const char *name, *got, *reason;
} DIFFERENT[] = {
        { "bad_fake_critical_crlentryextension", "revoked",
          "an unknown critical extension of an entry: the entry revokes all the same" },
};

/* What a file holds, and the store made of it. */
struct scene {
        VEC(const struct cert *) certs; /* the leaf first */
        struct builder *builder;
        struct snapshot *snap;
};

static void add_cert(struct scene *scene, struct bytes der, bool is_ca)
{
        const struct cert *cert = NULL;
        struct entry *entry = NULL;

        must(cert_new(der, NULL, &cert) == 0, "a certificate");
        must(VEC_PUSH(&scene->certs, cert) == 0, "memory");
        if (!is_ca) {
                scene->certs.items[scene->certs.n - 1] = scene->certs.items[0];
                scene->certs.items[0] = cert;
                return;
        }

        must(entry_new_cert(ROLE_TRUSTED, "ca", cert, &entry) == 0, "memory");
        must(builder_add(scene->builder, entry) == 0, "memory");
        entry_unref(entry);
}

/* One that cannot be read is none. */
static void add_crl(struct scene *scene, struct bytes der)
{
        const struct crl *crl = NULL;
        struct entry *entry = NULL;

        if (crl_new(der, NULL, &crl))
                return;
        must(entry_new_crl(ROLE_TRUSTED, "crl", crl, false, &entry) == 0, "memory");
        must(builder_add(scene->builder, entry) == 0, "memory");
        entry_unref(entry);
        crl_unref(crl);
}

static void read_scene(const char *path, struct scene *scene)
{
        char *label, *header;
        unsigned char *data;
        BIO *file = BIO_new_file(path, "r");
        long n;

        must(file, "%s", path);
        while (PEM_read_bio(file, &label, &header, &data, &n) == 1) {
                struct bytes der = { data, (size_t)n };

                if (strcmp(label, "CRL") == 0)
                        add_crl(scene, der);
                else
                        add_cert(scene, der, strncmp(label, "CA ", 3) == 0);
                OPENSSL_free(label);
                OPENSSL_free(header);
                OPENSSL_free(data);
        }
        BIO_free(file);
        ERR_clear_error();
}

static const char *word_of(const struct report *report)
{
        const struct finding *first = report_first_error(report);

        if (!first || first->chain_index != 0)
                return "good";
        return first->step == STEP_REVOCATION ? "revoked" : "unknown";
}

/* Purpose https, so that a CA's keyUsage is looked at here and not in step 9. */
static const char *judge(const struct scene *scene)
{
        struct profile profile = { .purpose = PURPOSE_HTTPS };
        struct judgement judgement = {
                .snap = scene->snap,
                .profile = &profile,
                .policy = policy_default(),
        };
        struct chain chain = { .n = scene->certs.n };
        struct report report;
        const char *word;

        moment_init(&judgement.moment, AT_S, AT_S, 0);
        budget_init(&judgement.budget, 1000, 100);
        for (size_t i = 0; i < chain.n; i++)
                chain.links[i] = chain_link_of(&judgement, scene->certs.items[i]);

        report_init(&report, 0);
        must(revocation_check(&judgement, &chain, &report) == 0, "revocation_check");
        report_sort(&report);
        word = word_of(&report);
        report_deinit(&report);
        return word;
}

static const char *judge_file(const char *path)
{
        struct settings *settings = NULL;
        struct scene scene = { .builder = NULL };
        const char *word;

        must(settings_new(&settings) == 0, "memory");
        must(settings_set(settings, "CrlMaxAge", "7d", NULL) == 0, "CrlMaxAge");
        must(builder_new(settings, &scene.builder) == 0, "memory");
        read_scene(path, &scene);
        must(builder_build(scene.builder, &scene.snap) == 0, "memory");

        word = judge(&scene);

        for (size_t i = 0; i < scene.certs.n; i++)
                cert_unref(scene.certs.items[i]);
        VEC_FREE(&scene.certs);
        snapshot_unref(scene.snap);
        builder_free(scene.builder);
        settings_unref(settings);
        return word;
}

static const char *wanted_of(const char *name)
{
        for (size_t i = 0; i < ARRAY_SIZE(DIFFERENT); i++)
                if (strncmp(name, DIFFERENT[i].name, strlen(DIFFERENT[i].name)) == 0)
                        return DIFFERENT[i].got;
        if (strncmp(name, "good", 4) == 0)
                return "good";
        return strncmp(name, "revoked", 7) == 0 ? "revoked" : "unknown";
}

static int is_case(const struct dirent *entry)
{
        return strstr(entry->d_name, ".pem") != NULL;
}

int main(void)
{
        const char *corpora = getenv("UATRUST_CORPORA");
        CLEANUP(freep) char *folder = NULL;
        struct dirent **files;
        int n, n_wrong = 0;

        must(asprintf(&folder, "%s/boringssl/crl",
                      corpora ? corpora : TESTS_SOURCE_DIR "/../shared/corpora") > 0,
             "memory");
        n = scandir(folder, &files, is_case, alphasort);
        if (n <= 0) {
                fprintf(stderr, "SKIPPED: no CRL cases in %s\n", folder);
                return SKIPPED;
        }

        must(ossl_init() == 0, "OpenSSL");
        for (int i = 0; i < n; i++) {
                CLEANUP(freep) char *path = NULL;
                const char *wanted = wanted_of(files[i]->d_name), *got;

                must(asprintf(&path, "%s/%s", folder, files[i]->d_name) > 0, "memory");
                got = judge_file(path);
                if (strcmp(got, wanted) != 0) {
                        fprintf(stderr, "%s: %s, not %s\n", files[i]->d_name, got, wanted);
                        n_wrong++;
                }
                free(files[i]);
        }
        free(files);
        ossl_deinit();
        fprintf(stderr, "%d cases, %d wrong\n", n, n_wrong);
        return n_wrong == 0 ? 0 : 1;
}
