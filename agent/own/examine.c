/* SPDX-License-Identifier: Apache-2.0 */
#include "own/examine.h"

#include "engine/freshness.h"
#include "engine/profile.h"
#include "engine/strength.h"
#include "engine/usage.h"
#include "engine/validate.h"
#include "engine/verdict.h"
#include "own/findings.h"
#include "own/progress.h"
#include "own/remark.h"
#include "own/review.h"
#include "own/when.h"
#include "pki/cert.h"
#include "pki/crl.h"
#include "pki/decode.h"
#include "proto/hex.h"
#include "proto/status.h"
#include "trust/entry.h"
#include "trust/snapshot.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SHA1_DIGITS 40

struct examination {
        const struct snapshot *snap;
        const struct examine_terms *terms;
        struct remark_list *out;
};

/* An origin begins with the name of its source. */
static const char *file_of(const struct entry *entry)
{
        const char *slash = strchr(entry->origin, '/');

        return slash ? slash + 1 : entry->origin;
}

static bool lies_in(const struct snapshot_cert *cert, enum role role)
{
        return cert->roles & 1u << role;
}

/* --- files --- */

static void examine_broken(const struct examination *examination)
{
        const struct snapshot *snap = examination->snap;

        for (size_t i = snapshot_find_kind(snap, ENTRY_BROKEN); i < snap->n_entries; i++) {
                const struct entry *entry = snap->entries[i];
                const struct remark_place place = { .file = file_of(entry) };
                bool matters = !entry->is_foreign && entry->role != ROLE_REJECTED;

                remark_add(examination->out, matters ? REMARK_REFUSED : REMARK_WARNING, &place,
                           "%s", entry->reason);
        }
}

/* SDKs name a file by the thumbprint, and some find it by that alone. */
static const char *find_thumbprint(const char *name)
{
        size_t n = 0;

        for (; *name; name++) {
                n = isxdigit((unsigned char)*name) ? n + 1 : 0;
                if (n == SHA1_DIGITS && !isxdigit((unsigned char)name[1]))
                        return name + 1 - SHA1_DIGITS;
        }
        return NULL;
}

static void examine_names(const struct examination *examination, const struct snapshot_cert *cert)
{
        char thumbprint[SHA1_DIGITS + 1];

        hex_encode(cert->cert->sha1, sizeof(cert->cert->sha1), thumbprint);
        for (size_t i = 0; i < cert->n_entries; i++) {
                const struct remark_place place = { .file = file_of(cert->entries[i]) };
                const char *slash = strrchr(place.file, '/');
                const char *named = find_thumbprint(slash ? slash + 1 : place.file);

                if (named && strncasecmp(named, thumbprint, SHA1_DIGITS) != 0)
                        remark_add(examination->out, REMARK_WARNING, &place,
                                   "its name has a thumbprint, but that of the certificate is %s",
                                   thumbprint);
        }
}

/* --- certificates --- */

/* What becomes of a finding, by what the certificate is there for. */
static bool matters(const struct finding *finding, const struct snapshot_cert *cert, bool is_ca)
{
        if (is_ca && finding->step == STEP_USAGE && finding->chain_index == 0)
                return false; /* it is presented by nobody */
        if (finding->step == STEP_HOST_NAME)
                return false; /* nobody says where the server is */
        return finding->step != STEP_TRUST || lies_in(cert, ROLE_TRUSTED);
}

static enum remark_level level_of(const struct finding *finding, const struct snapshot_cert *cert)
{
        bool is_own_only = cert->roles == 1u << ROLE_OWN;

        if (finding->severity == SEVERITY_NOTE)
                return REMARK_NOTE;
        if (finding->severity == SEVERITY_SUPPRESSED)
                return REMARK_WARNING;
        if (is_own_only &&
            (finding->step == STEP_CHAIN || finding->step == STEP_FIND_REVOCATION_LIST))
                return REMARK_WARNING;
        return REMARK_REFUSED;
}

static void add_findings(const struct examination *examination, const struct snapshot_cert *cert,
                         const struct remark_place *place, const struct verdict *verdict)
{
        bool is_ca = usage_may_issue(cert->cert);

        for (size_t i = 0; i < verdict->findings.n; i++) {
                const struct finding *finding = &verdict->findings.items[i];
                enum remark_level level = level_of(finding, cert);
                struct remark_place where = *place;

                if (!matters(finding, cert, is_ca) ||
                    (level == REMARK_NOTE && !examination->terms->wants_notes))
                        continue;

                where.status = finding->status;
                where.qualifier = finding->qualifier;
                remark_add(examination->out, level, &where, "%s", finding->message);
        }
}

/*
 * Without its CA the engine judges no further, but what the norm asks of it can be seen all the
 * same.
 */
static void examine_lone(const struct examination *examination, const struct snapshot_cert *cert,
                         const struct remark_place *place, const struct verdict *verdict)
{
        CLEANUP(findings_deinit) struct findings findings = FINDINGS_NULL;
        const struct review_terms terms = { .now_s = examination->terms->now_s };

        if (cert->roles != 1u << ROLE_OWN || verdict->findings.n == 0 ||
            verdict->findings.items[0].step != STEP_CHAIN)
                return;

        review_certificate(cert->cert, &terms, &findings);
        for (size_t i = 0; i < findings.items.n; i++)
                if (findings.items.items[i].severity == FINDINGS_ERROR)
                        remark_add(examination->out, REMARK_REFUSED, place, "%s",
                                   findings.items.items[i].text);
}

static int judge(const struct examination *examination, const struct snapshot_cert *cert,
                 const struct profile *profile, struct verdict *out)
{
        const struct terms terms = {
                .now_s = examination->terms->now_s,
                .at_least_s = examination->terms->now_s,
                .budget_units = VALIDATE_BUDGET_UNITS,
        };
        CLEANUP(decode_chain_deinit) struct decode_chain presented = DECODE_CHAIN_NULL;
        int r = VEC_PUSH(&presented.certs, cert->cert);

        if (r)
                return r;

        cert_ref(cert->cert);
        presented.n_presented = 1;
        return engine_validate(examination->snap, &presented, profile, &terms, out);
}

/* Return: bits 1 << enum purpose. */
static unsigned int purposes_of(const struct examination *examination, const struct cert *cert)
{
        const struct cert_usages *usage = &cert->extended_key_usage;
        unsigned int bits = 0;

        if (examination->terms->group == LAYOUT_USER)
                return 1u << PURPOSE_USER;
        if (examination->terms->group == LAYOUT_HTTPS)
                return 1u << PURPOSE_HTTPS;
        if (usage_may_issue(cert))
                return 1u << PURPOSE_CLIENT;

        if (usage->bits & CERT_PURPOSE_SERVER)
                bits |= 1u << PURPOSE_SERVER;
        if (usage->bits & CERT_PURPOSE_CLIENT)
                bits |= 1u << PURPOSE_CLIENT;
        return bits ? bits : 1u << PURPOSE_SERVER | 1u << PURPOSE_CLIENT;
}

/* Every application says its URI, so a certificate without one fits none. */
static void examine_uri(const struct examination *examination, const struct cert *cert,
                        const struct remark_place *place)
{
        struct remark_place where = *place;

        where.status = STATUS_CERTIFICATE_URI_INVALID;
        if (examination->terms->group == LAYOUT_APPLICATION && !usage_may_issue(cert) &&
            cert->alt_names.n_uris == 0)
                remark_add(examination->out, REMARK_REFUSED, &where,
                           "it has no ApplicationUri in subjectAltName");
}

static int judge_as_each(const struct examination *examination, const struct snapshot_cert *cert,
                         const struct remark_place *place)
{
        unsigned int purposes = purposes_of(examination, cert->cert);
        const struct alt_names *names = &cert->cert->alt_names;
        CLEANUP(freep) char *uri = NULL;
        int r = 0;

        /* Which URI is meant nobody says here: the first. */
        if (names->n_uris && examination->terms->group == LAYOUT_APPLICATION) {
                uri = strndup((const char *)names->uris[0].data, names->uris[0].n);
                if (!uri)
                        return -ENOMEM;
        }

        for (int purpose = 0; !r && purpose < PURPOSE_N; purpose++) {
                const struct profile profile = { .purpose = purpose, .application_uri = uri };
                struct verdict verdict;

                if (!(purposes & 1u << purpose))
                        continue;
                r = judge(examination, cert, &profile, &verdict);
                if (r)
                        break;
                add_findings(examination, cert, place, &verdict);
                if (purpose == PURPOSE_CLIENT || purpose == PURPOSE_SERVER)
                        examine_lone(examination, cert, place, &verdict);
                verdict_deinit(&verdict);
        }
        return r;
}

static void examine_lists(const struct examination *examination, const struct snapshot_cert *cert,
                          const struct remark_place *place)
{
        struct remark_place where = *place;

        where.status = STATUS_CERTIFICATE_ISSUER_USE_NOT_ALLOWED;
        if (lies_in(cert, ROLE_ISSUERS) && !lies_in(cert, ROLE_TRUSTED) &&
            !usage_may_issue(cert->cert))
                remark_add(examination->out, REMARK_REFUSED, &where,
                           "it is no CA: in the list of issuers it is good for nothing");
        where.status = 0;
        if (lies_in(cert, ROLE_TRUSTED) && lies_in(cert, ROLE_REJECTED))
                remark_add(examination->out, REMARK_WARNING, &where,
                           "it lies among the rejected ones as well, which some SDKs heed first");
}

static int examine_cert(const struct examination *examination, const struct snapshot_cert *cert)
{
        CLEANUP(freep) char *subject = NULL;
        struct remark_place place = { .file = file_of(cert->entries[0]) };
        int r;

        if (!(cert->roles & (1u << ROLE_TRUSTED | 1u << ROLE_ISSUERS | 1u << ROLE_OWN)))
                return 0;

        r = name_text(&cert->cert->subject, &subject);
        if (r)
                return r;

        place.subject = subject;
        r = judge_as_each(examination, cert, &place);
        examine_uri(examination, cert->cert, &place);
        examine_lists(examination, cert, &place);
        examine_names(examination, cert);
        return r;
}

/* --- revocation lists --- */

static int examine_crl(const struct examination *examination, const struct snapshot_crl *crl)
{
        CLEANUP(freep) char *issuer = NULL;
        struct remark_place place = { .file = file_of(crl->entries[0]) };
        int r = name_text(&crl->crl->issuer, &issuer);

        if (r)
                return r;

        place.subject = issuer;
        if (crl->state == SNAPSHOT_CRL_UNVERIFIED)
                remark_add(examination->out, REMARK_REFUSED, &place,
                           "no certificate of the lists verifies this revocation list: it revokes "
                           "nothing");
        else if (crl->state == SNAPSHOT_CRL_SUPERSEDED)
                remark_add(examination->out, REMARK_WARNING, &place,
                           "a newer revocation list of its signer is there");
        if (strength_is_signature_too_weak(examination->snap->settings, &crl->crl->signature))
                remark_add(examination->out, REMARK_REFUSED, &place,
                           "this revocation list is signed with %s, which is too weak",
                           key_hash_name(crl->crl->signature.hash));
        return 0;
}

/* --- what has run out, or will --- */

static int examine_authority(const struct examination *examination,
                             const struct freshness_authority *authority)
{
        static const char *const TEXTS[] = {
                [FRESHNESS_CURRENT] = NULL,
                [FRESHNESS_SOON_OUT_OF_DATE] = "will soon be out of date",
                [FRESHNESS_OUT_OF_DATE] = "is out of date",
                [FRESHNESS_NOT_YET_VALID] = "is not valid yet",
                [FRESHNESS_DAMAGED] = "is damaged, or not fit for use",
                [FRESHNESS_MISSING] = "is missing",
        };
        bool is_bad = authority->state != FRESHNESS_SOON_OUT_OF_DATE;
        CLEANUP(freep) char *subject = NULL;
        struct remark_place place = {
                .file = file_of(authority->ca->entries[0]),
                .status = is_bad ? STATUS_CERTIFICATE_REVOCATION_UNKNOWN : 0,
        };
        char moment[WHEN_TEXT_MAX] = "";
        int r;

        if (authority->state == FRESHNESS_CURRENT)
                return 0;
        r = name_text(&authority->ca->cert->subject, &subject);
        if (r)
                return r;

        place.subject = subject;
        if (authority->crl && authority->last_s != FRESHNESS_NEVER_S)
                when_text(authority->last_s, moment);
        remark_add(examination->out, is_bad ? REMARK_REFUSED : REMARK_WARNING, &place,
                   "the revocation list of this CA %s%s%s%s", TEXTS[authority->state],
                   *moment ? " (" : "", moment, *moment ? ")" : "");
        return 0;
}

/* What has expired already the engine has told. */
static void examine_expiry(const struct examination *examination,
                           const struct freshness_expiry *expiry)
{
        const struct remark_place place = { .file = file_of(expiry->cert->entries[0]) };
        char moment[WHEN_TEXT_MAX];

        if (!expiry->is_expired)
                remark_add(examination->out, REMARK_WARNING, &place, "it expires soon: %s",
                           when_text(expiry->cert->cert->not_after_s, moment));
}

static int examine_freshness(const struct examination *examination)
{
        const struct freshness_terms terms = {
                .now_s = examination->terms->now_s,
                .last_update_s = FRESHNESS_UNKNOWN_S,
        };
        CLEANUP(freshness_deinit) struct freshness freshness = { .soonest_s = 0 };
        int r = freshness_read(examination->snap, &terms, &freshness);

        for (size_t i = 0; !r && i < freshness.authorities.n; i++)
                r = examine_authority(examination, &freshness.authorities.items[i]);
        for (size_t i = 0; !r && i < freshness.expiries.n; i++)
                examine_expiry(examination, &freshness.expiries.items[i]);
        return r;
}

int examine(const struct snapshot *snap, const struct examine_terms *terms, struct remark_list *out)
{
        const struct examination examination = { snap, terms, out };
        struct progress progress;
        int r = 0;

        examine_broken(&examination);
        progress_begin(&progress, "judging", snap->n_certs);
        for (size_t i = 0; !r && i < snap->n_certs; i++) {
                r = examine_cert(&examination, &snap->certs[i]);
                progress_tell(&progress, i + 1);
        }
        progress_end(&progress);
        for (size_t i = 0; !r && i < snap->n_crls; i++)
                r = examine_crl(&examination, &snap->crls[i]);
        if (!r)
                r = examine_freshness(&examination);
        return r ? r : out->error;
}
