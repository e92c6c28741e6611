/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/settings.h"

#include "pki/crl.h"
#include "proto/buf.h"
#include "trust/policy.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define LIST_SEPARATORS " \t,"

int settings_new(struct settings **out)
{
        struct settings *settings = malloc(sizeof(*settings));

        if (!settings)
                return -ENOMEM;

        *settings = (struct settings){
                .ref = REF_INIT,
                .may_suppress = SUPPRESS_HOST_NAME | SUPPRESS_TIME,
                .warn_certificate_s = SETTINGS_WARN_CERTIFICATE_S,
                .warn_crl_s = SETTINGS_WARN_CRL_AUTO,
        };
        *out = settings;
        return 0;
}

struct settings *settings_ref(const struct settings *settings)
{
        struct settings *counted = (struct settings *)settings;

        ref_get(&counted->ref);
        return counted;
}

struct settings *settings_unref(struct settings *settings)
{
        if (!settings || !ref_put(&settings->ref))
                return NULL;

        VEC_FREE(&settings->cas);
        free(settings);
        return NULL;
}

/* A phrase for the administrator; without memory for it the condition alone remains. */
static int PRINTF(2, 3) refuse(char **out_reason, const char *format, ...)
{
        va_list args;
        int n;

        va_start(args, format);
        n = vasprintf(out_reason, format, args);
        va_end(args);

        return n < 0 ? -ENOMEM : SETTINGS_E_BAD_VALUE;
}

static int read_suppress(const char *value, unsigned int *out, char **out_reason)
{
        CLEANUP(freep) char *copy = strdup(value);
        unsigned int all = 0;
        char *rest = copy;
        char *name;

        if (!copy)
                return -ENOMEM;

        while ((name = strsep(&rest, LIST_SEPARATORS))) {
                unsigned int bits;
                int r;

                if (!*name)
                        continue;

                r = suppress_parse(name, &bits);
                if (r == SUPPRESS_E_UNKNOWN)
                        return refuse(out_reason, "\"%.64s\" is no finding's name", name);
                if (r)
                        return refuse(out_reason, "%.64s may never be suppressed", name);
                all |= bits;
        }

        *out = all;
        return 0;
}

static int read_bool(const char *value, bool *out, char **out_reason)
{
        if (strcasecmp(value, "yes") == 0 || strcasecmp(value, "true") == 0 ||
            strcmp(value, "1") == 0)
                *out = true;
        else if (strcasecmp(value, "no") == 0 || strcasecmp(value, "false") == 0 ||
                 strcmp(value, "0") == 0)
                *out = false;
        else
                return refuse(out_reason, "\"%.64s\" is neither yes nor no", value);
        return 0;
}

static int read_strictness(const char *value, unsigned int *out, char **out_reason)
{
        if (strcmp(value, "field") == 0)
                *out = SUPPRESS_USE_ABSENT | SUPPRESS_ISSUER_USE_ABSENT;
        else if (strcmp(value, "spec") == 0)
                *out = 0;
        else
                return refuse(out_reason, "\"%.64s\" is neither spec nor field", value);
        return 0;
}

static int read_policy(const char *value, const struct policy **out, char **out_reason)
{
        const struct policy *policy = policy_find(value);

        if (!policy)
                policy = policy_find_name(value);
        if (!policy)
                return refuse(out_reason, "\"%.128s\" is no SecurityPolicy known here", value);

        *out = policy;
        return 0;
}

/* Seconds in one unit; 0: no such unit. */
static int64_t unit_s(const char *unit)
{
        static const struct {
                const char *unit;
                int64_t s;
        } ROWS[] = { { "", 1 },     { "s", 1 },     { "min", 60 },
                     { "h", 3600 }, { "d", 86400 }, { "w", 604800 } };

        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++)
                if (strcmp(unit, ROWS[i].unit) == 0)
                        return ROWS[i].s;
        return 0;
}

static int read_period(const char *value, int64_t min_s, int64_t max_s, int64_t *out,
                       char **out_reason)
{
        size_t n_digits = strspn(value, "0123456789");
        int64_t n, s = unit_s(value + n_digits + strspn(value + n_digits, " "));

        if (n_digits == 0 || n_digits > 12 || s == 0)
                return refuse(out_reason, "\"%.64s\" is no period such as 30d, 12h, 5min or 10s",
                              value);

        n = strtoll(value, NULL, 10);
        if (n * s < min_s || n * s > max_s)
                return refuse(out_reason, "\"%.64s\" is not between %lld and %lld seconds", value,
                              (long long)min_s, (long long)max_s);

        *out = n * s;
        return 0;
}

int settings_set(struct settings *settings, const char *key, const char *value, char **out_reason)
{
        if (strcmp(key, "Suppress") == 0)
                return read_suppress(value, &settings->suppress, out_reason);
        if (strcmp(key, "MaySuppress") == 0)
                return read_suppress(value, &settings->may_suppress, out_reason);
        if (strcmp(key, "Strictness") == 0)
                return read_strictness(value, &settings->tolerated, out_reason);
        if (strcmp(key, "Policy") == 0)
                return read_policy(value, &settings->policy, out_reason);
        if (strcmp(key, "DeprecatedPolicies") == 0)
                return read_bool(value, &settings->allows_deprecated, out_reason);
        if (strcmp(key, "SingleUri") == 0)
                return read_bool(value, &settings->wants_single_uri, out_reason);
        if (strcmp(key, "ClockSkew") == 0)
                return read_period(value, 0, SETTINGS_CLOCK_SKEW_MAX_S, &settings->clock_skew_s,
                                   out_reason);
        if (strcmp(key, "CrlMaxAge") == 0)
                return read_period(value, 1, SETTINGS_PERIOD_MAX_S, &settings->crl_max_age_s,
                                   out_reason);
        if (strcmp(key, "CrlGrace") == 0)
                return read_period(value, 0, SETTINGS_PERIOD_MAX_S, &settings->crl_grace_s,
                                   out_reason);
        if (strcmp(key, "WarnCertificate") == 0)
                return read_period(value, 0, SETTINGS_PERIOD_MAX_S, &settings->warn_certificate_s,
                                   out_reason);
        if (strcmp(key, "WarnCrl") == 0)
                return read_period(value, 0, SETTINGS_PERIOD_MAX_S, &settings->warn_crl_s,
                                   out_reason);
        if (strcmp(key, "UpdateFrequency") == 0)
                return read_period(value, 0, SETTINGS_PERIOD_MAX_S, &settings->update_frequency_s,
                                   out_reason);
        return SETTINGS_E_UNKNOWN_KEY;
}

static const char *const REVOCATIONS[] = {
        [SETTINGS_REVOCATION_REQUIRED] = "required",
        [SETTINGS_REVOCATION_IF_PRESENT] = "if-present",
        [SETTINGS_REVOCATION_OFF] = "off",
};

const char *settings_revocation_name(enum settings_revocation revocation)
{
        return REVOCATIONS[revocation];
}

static int find_revocation(const char *value, enum settings_revocation *out)
{
        for (size_t i = 0; i < ARRAY_SIZE(REVOCATIONS); i++) {
                if (strcmp(value, REVOCATIONS[i]) == 0) {
                        *out = i;
                        return 0;
                }
        }
        return SETTINGS_E_BAD_VALUE;
}

/* Where a CA stands in the sorted array, or where it belongs. */
static size_t find_ca(const struct settings *settings, const uint8_t sha256[32], bool *out_found)
{
        size_t low = 0, high = settings->cas.n;

        *out_found = false;
        while (low < high) {
                size_t middle = low + (high - low) / 2;
                int order = memcmp(settings->cas.items[middle].sha256, sha256, 32);

                if (order == 0) {
                        *out_found = true;
                        return middle;
                }
                if (order < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

int settings_set_ca(struct settings *settings, const uint8_t sha256[32], const char *value)
{
        struct settings_ca *place;
        enum settings_revocation revocation;
        size_t i;
        bool found;
        int r;

        r = find_revocation(value, &revocation);
        if (r)
                return r;

        i = find_ca(settings, sha256, &found);
        if (found)
                return SETTINGS_E_BAD_VALUE;

        r = VEC_RESERVE(&settings->cas, 1);
        if (r)
                return r;

        place = settings->cas.items + i;
        memmove(place + 1, place, (settings->cas.n - i) * sizeof(*place));
        memcpy(place->sha256, sha256, 32);
        place->revocation = revocation;
        settings->cas.n++;
        return 0;
}

enum settings_revocation settings_revocation_of(const struct settings *settings,
                                                const uint8_t sha256[32])
{
        bool found;
        size_t i = find_ca(settings, sha256, &found);

        return found ? settings->cas.items[i].revocation : SETTINGS_REVOCATION_REQUIRED;
}

int64_t settings_crl_last_s(const struct settings *settings, const struct crl *crl)
{
        bool has_next = crl->next_update_s != CRL_NO_NEXT_UPDATE_S;
        int64_t age_s = settings->crl_max_age_s;

        if (age_s == 0 && has_next)
                return crl->next_update_s;
        if (age_s == 0)
                age_s = SETTINGS_CRL_MAX_AGE_S;
        if (has_next && crl->next_update_s - crl->this_update_s < age_s)
                return crl->next_update_s;
        return crl->this_update_s + age_s;
}

void settings_write(const struct settings *settings, struct buf *out)
{
        buf_printf(out, "%u %u %u %s %d %d %" PRId64 " %" PRId64 " %" PRId64 " %zu;",
                   settings->suppress, settings->tolerated, settings->may_suppress,
                   settings->policy ? settings->policy->name : "", settings->allows_deprecated,
                   settings->wants_single_uri, settings->clock_skew_s, settings->crl_max_age_s,
                   settings->crl_grace_s, settings->cas.n);

        for (size_t i = 0; i < settings->cas.n; i++) {
                buf_add(out, settings->cas.items[i].sha256, 32);
                buf_add_byte(out, settings->cas.items[i].revocation);
        }
}
