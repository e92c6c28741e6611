/* SPDX-License-Identifier: Apache-2.0 */
#include "own/work.h"

#include "base/clock.h"
#include "own/arguments.h"
#include "own/complain.h"
#include "own/hosts.h"
#include "own/identity.h"
#include "own/issue.h"
#include "own/judge.h"
#include "own/key_kind.h"
#include "own/known.h"
#include "own/private_key.h"
#include "own/progress.h"
#include "own/result.h"
#include "own/review.h"
#include "own/subject.h"
#include "own/verb.h"
#include "pki/cert.h"
#include "proto/buf.h"

#include <string.h>
#include <sys/resource.h>

#define DAY_S      (INT64_C(24) * 3600)
#define BACKDATE_S 3600 /* so that it is valid where a clock is a little late */

static int out_of_memory(void)
{
        return complain(VERB_EXIT_SYSTEM, "out of memory");
}

/* A private key is not to be found in one. */
static void forbid_cores(void)
{
        struct rlimit none = { 0, 0 };

        (void)setrlimit(RLIMIT_CORE, &none);
}

int work_open(const struct arguments *arguments, enum place_access access, struct work *out)
{
        struct work work = WORK_NULL;
        int r;

        forbid_cores();
        work.arguments = arguments;
        work.now_s = clock_realtime_s();
        r = arguments_passphrase(arguments, access != PLACE_READ, &work.passphrase);
        if (!r)
                r = place_open(&arguments->place, access, &work.place);
        if (!r)
                r = pair_read(&work.place, &work.old);
        if (r)
                work_close(&work);
        else
                *out = work;
        return r;
}

void work_close(struct work *work)
{
        secret_deinit(&work->passphrase);
        pair_deinit(&work->old);
        place_deinit(&work->place);
        findings_deinit(&work->findings);
}

/* -- names --------------------------------------------------------------------------------------- */

/* What was not asked for stays as it is in the subject that there is. */
static int choose_subject(const struct arguments *arguments, struct identity *identity)
{
        struct bytes old = { identity->subject, identity->n_subject };
        const char *name = arguments->common_name, *organization = arguments->organization;

        if (identity->subject) {
                identity->common_name = subject_find_common_name(old);
                identity->organization = subject_find_organization(old);
        }
        if (name) {
                free(identity->common_name);
                identity->common_name = strdup(name);
        }
        if (organization) {
                free(identity->organization);
                identity->organization = strdup(organization);
        }
        if ((name && !identity->common_name) || (organization && !identity->organization))
                return out_of_memory();

        if (name || organization) {
                free(identity->subject);
                identity->subject = NULL;
        }
        if (!identity->common_name && !identity->subject)
                return complain_usage(arguments->name, "--name is missing: there is no certificate "
                                                       "yet that has one");
        return 0;
}

static int choose_uri(const struct arguments *arguments, struct identity *identity)
{
        char host[256];

        if (arguments->application_uri) {
                free(identity->application_uri);
                identity->application_uri = strdup(arguments->application_uri);
        } else if (!identity->application_uri) {
                hosts_get_name(host, sizeof(host));
                if (identity_make_uri(host, identity->common_name ? identity->common_name : "",
                                      &identity->application_uri))
                        identity->application_uri = NULL;
        }
        return identity->application_uri ? 0 : out_of_memory();
}

static int choose_hosts(const struct arguments *arguments, bool finds, struct identity *identity)
{
        char host[256];
        int r = 0;

        if (arguments->has_hosts || finds)
                identity_forget_hosts(identity);
        if (arguments->has_hosts) {
                for (size_t i = 0; !r && identity_host(&arguments->hosts, i, host); i++)
                        r = identity_add_host(identity, host);
        } else if (finds || !(identity->dns_names.n || identity->ips.n)) {
                r = hosts_find(identity);
        }
        return r ? out_of_memory() : 0;
}

static int read_old(const struct work *work, struct identity *out)
{
        int r = work->old.cert ? identity_read(work->old.cert, out) : 0;

        if (r < 0)
                return out_of_memory();
        if (r == IDENTITY_E_ODD_NAMES && !work->arguments->has_hosts)
                return complain(VERB_EXIT_DATA,
                                "%s/%s: has host names that are none; give --host-name",
                                work->place.certs, work->place.cert_name);
        if (r && !work->arguments->application_uri)
                return complain(VERB_EXIT_DATA,
                                "%s/%s: has not just one URI; give --application-uri",
                                work->place.certs, work->place.cert_name);
        return 0;
}

int work_choose_identity(const struct work *work, bool finds_hosts, struct identity *out)
{
        CLEANUP(identity_deinit) struct identity identity = IDENTITY_NULL;
        int r = read_old(work, &identity);

        if (!r)
                r = choose_subject(work->arguments, &identity);
        if (!r)
                r = choose_uri(work->arguments, &identity);
        if (!r)
                r = choose_hosts(work->arguments, finds_hosts, &identity);
        if (r)
                return r;

        *out = identity;
        identity = (struct identity)IDENTITY_NULL;
        return 0;
}

int work_name(struct work *work, const struct identity *identity)
{
        return place_name(&work->place, identity->common_name ? identity->common_name : "own",
                          work->arguments->wants_pfx);
}

/* -- keys ---------------------------------------------------------------------------------------- */

static const struct key_kind *choose_kind(const struct work *work)
{
        const struct key_kind *old = work->old.cert ? key_kind_of(&work->old.cert->key) : NULL;

        if (work->arguments->kind)
                return work->arguments->kind;
        return old ? old : key_kind_default();
}

int work_check_format(const struct work *work)
{
        if (!work->place.has_key || !work->arguments->has_format ||
            work->arguments->wants_pfx == work->old.key_is_pfx)
                return 0;
        return complain(VERB_EXIT_CREATE,
                        "%s/%s: --format: the key there has the other one; take it away first",
                        work->place.keys, work->place.key_name);
}

int work_make_key(const struct work *work, EVP_PKEY **out)
{
        const struct key_kind *kind = choose_kind(work);
        struct progress progress;
        char reason[128];
        int r;

        progress_begin(&progress, "making a key", 0);
        r = private_key_make(kind, &progress, out);
        progress_end(&progress);
        if (r)
                return complain(VERB_EXIT_SYSTEM, "--key-type %s: OpenSSL makes none: %s",
                                kind->name, private_key_error(reason, sizeof(reason)));
        return 0;
}

int work_read_key(struct work *work, EVP_PKEY **out)
{
        CLEANUP(freep) char *path = place_key_path(&work->place);

        return path ? pair_decode_key(path, &work->old.key, &work->passphrase, out)
                    : out_of_memory();
}

/* -- certificates -------------------------------------------------------------------------------- */

/* A self-signed certificate from now on. */
static int make_certificate(const struct work *work, struct issue *issue, struct buf *out)
{
        unsigned int days = work->arguments->days ? work->arguments->days : ARGUMENTS_DAYS;
        char reason[128];
        int r;

        issue->not_before_s = work->now_s - BACKDATE_S;
        issue->not_after_s = work->now_s + days * DAY_S;
        r = issue_certificate(issue, out);
        if (r > 0)
                return complain(VERB_EXIT_SYSTEM, "OpenSSL makes no certificate: %s",
                                private_key_error(reason, sizeof(reason)));
        return r ? out_of_memory() : 0;
}

int work_judge(struct work *work, const struct cert *cert, const struct known *known,
               const char *uri)
{
        struct review_terms terms = { work->now_s, work->arguments->purposes };
        CLEANUP(identity_deinit) struct identity names = IDENTITY_NULL;
        CLEANUP(freep) struct bytes *issuers = known ? known_bytes(known) : NULL;
        struct judge_case the_case = { .cert = { cert->der, cert->n_der },
                                       .issuers = issuers,
                                       .n_issuers = known ? known->certs.n : 0 };

        if ((known && !issuers) || identity_read(cert, &names) < 0)
                return out_of_memory();

        the_case.application_uri = uri ? uri : names.application_uri;
        review_certificate(cert, &terms, &work->findings);
        return judge_certificate(&the_case, &terms, &work->findings) ? out_of_memory() : 0;
}

void work_end(const struct work *work, const char *what, bool has_changed, const struct cert *cert)
{
        CLEANUP(freep)
        char *cert_path = work->place.cert_name ? place_cert_path(&work->place) : NULL;
        CLEANUP(freep) char *key_path = work->place.key_name ? place_key_path(&work->place) : NULL;
        struct result result = {
                .what = what,
                .has_changed = has_changed,
                .cert_path = cert_path,
                .key_path = key_path,
                .cert = cert,
                .findings = &work->findings,
                .now_s = work->now_s,
        };

        result_print(&result, work->arguments);
}

static int put(struct work *work, EVP_PKEY *key, const struct cert *cert, const char *what)
{
        bool keeps_key = work->arguments->keeps_key;
        struct pair_new new_pair = { .key = key,
                                     .keeps_key = keeps_key,
                                     .cert = { cert->der, cert->n_der },
                                     .passphrase = &work->passphrase };
        int r = work_judge(work, cert, NULL, NULL);

        if (r)
                return r;
        if (findings_has_error(&work->findings)) {
                work_end(work, "refused", false, cert);
                return VERB_EXIT_NOT_GOOD;
        }

        r = pair_write(&work->place, &work->old, &new_pair);
        if (!r)
                work_end(work, what, true, cert);
        return r;
}

int work_put_self_signed(struct work *work, EVP_PKEY *key, const struct identity *identity,
                         const char *what)
{
        struct issue issue = { .identity = identity, .key = key, .kind = key_kind_of_key(key) };
        CLEANUP(cert_unrefp) const struct cert *cert = NULL;
        CLEANUP(buf_deinit) struct buf der = BUF_NULL;
        int r;

        if (!issue.kind)
                return complain(VERB_EXIT_DATA, "%s/%s: no application may have a key of this kind",
                                work->place.keys, work->place.key_name);

        r = make_certificate(work, &issue, &der);
        if (r)
                return r;
        if (cert_new((struct bytes){ der.data, der.n }, NULL, &cert))
                return out_of_memory();
        return put(work, key, cert, what);
}
