/* SPDX-License-Identifier: Apache-2.0 */
#include "service/weakenings.h"

#include "base/vec.h"
#include "pki/cert.h"
#include "proto/buf.h"
#include "proto/hex.h"
#include "proto/message_trust.h"
#include "service/access.h"
#include "service/catalog.h"
#include "service/pages.h"
#include "service/put.h"
#include "service/stores.h"
#include "trust/policy.h"
#include "trust/settings.h"
#include "trust/snapshot.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define MAY_SUPPRESS_DEFAULT (SUPPRESS_HOST_NAME | SUPPRESS_TIME)
#define PERIOD_TEXT_MAX      32

struct gathering {
        const struct store_state *state;
        VEC(struct message_weakening) rows;
        int r; /* the first failure; nothing is added after it */
};

static void add(struct gathering *gathering, const char *setting, const char *value,
                const char *subject)
{
        struct message_weakening row = { .store = NULL };

        if (!gathering->r)
                gathering->r = VEC_RESERVE(&gathering->rows, 1);
        if (gathering->r)
                return;

        put_text(&row.store, gathering->state->name, &gathering->r);
        put_text(&row.setting, setting, &gathering->r);
        put_text(&row.value, value, &gathering->r);
        if (subject)
                put_text(&row.subject, subject, &gathering->r);
        gathering->rows.items[gathering->rows.n++] = row;
}

/* As the configuration has it: the largest unit that loses nothing. */
static const char *period_text(int64_t period_s, char out[PERIOD_TEXT_MAX])
{
        static const struct {
                int64_t s;
                const char *unit;
        } UNITS[] = { { 86400, "d" }, { 3600, "h" }, { 60, "min" }, { 1, "s" } };
        size_t i = 0;

        while (period_s % UNITS[i].s != 0)
                i++;
        snprintf(out, PERIOD_TEXT_MAX, "%" PRId64 "%s", period_s / UNITS[i].s, UNITS[i].unit);
        return out;
}

static void add_period(struct gathering *gathering, const char *setting, int64_t period_s)
{
        char text[PERIOD_TEXT_MAX];

        add(gathering, setting, period_text(period_s, text), NULL);
}

static void add_suppressed(struct gathering *gathering, const char *setting, unsigned int bits)
{
        CLEANUP(freep) char *text = NULL;
        struct buf names = BUF_NULL;

        for (unsigned int bit = 1; bit && bit <= bits; bit <<= 1)
                if (bits & bit)
                        buf_printf(&names, "%s%s", names.n ? " " : "", suppress_name(bit));
        if (!gathering->r)
                gathering->r = buf_take_text(&names, &text);
        buf_deinit(&names);
        if (!gathering->r)
                add(gathering, setting, text, NULL);
}

/* By the name of the CA; one that is in no list has none. */
static void add_ca(struct gathering *gathering, const struct settings_ca *ca)
{
        const struct snapshot_cert *cert = snapshot_find_cert(gathering->state->snap, ca->sha256);
        CLEANUP(freep) char *subject = NULL;

        if (ca->revocation == SETTINGS_REVOCATION_REQUIRED)
                return;
        if (cert)
                put_name(&subject, &cert->cert->subject, &gathering->r);
        else
                put_hex(&subject, ca->sha256, sizeof(ca->sha256), &gathering->r);
        add(gathering, "RevocationCheck", settings_revocation_name(ca->revocation), subject);
}

static void add_store(struct gathering *gathering)
{
        const struct settings *settings = gathering->state->snap->settings;
        unsigned int may = settings->may_suppress & ~(unsigned int)MAY_SUPPRESS_DEFAULT;

        if (settings->suppress)
                add_suppressed(gathering, "Suppress", settings->suppress);
        if (may)
                add_suppressed(gathering, "MaySuppress", may);
        if (settings->tolerated)
                add(gathering, "Strictness", "field", NULL);
        if (settings->policy &&
            (settings->policy->is_floor_only || settings->policy->is_deprecated))
                add(gathering, "Policy", settings->policy->name, NULL);
        if (settings->allows_deprecated)
                add(gathering, "DeprecatedPolicies", "yes", NULL);
        if (settings->clock_skew_s > 0)
                add_period(gathering, "ClockSkew", settings->clock_skew_s);
        if (settings->crl_max_age_s > SETTINGS_CRL_MAX_AGE_S)
                add_period(gathering, "CrlMaxAge", settings->crl_max_age_s);
        if (settings->crl_grace_s > 0)
                add_period(gathering, "CrlGrace", settings->crl_grace_s);
        for (size_t i = 0; i < settings->cas.n; i++)
                add_ca(gathering, &settings->cas.items[i]);
}

void weakenings_call(const struct stores *stores, const struct service_call *call)
{
        struct gathering gathering = { .state = NULL };
        struct message_list_weakenings_reply out;

        for (size_t i = 0; i < stores->states.n; i++) {
                gathering.state = stores->states.items[i];
                if (gathering.state->snap && access_may_read(call->caller, gathering.state->access))
                        add_store(&gathering);
        }

        out = (struct message_list_weakenings_reply){ gathering.rows.items, gathering.rows.n };
        pages_answer(call, &message_list_weakenings_reply_schema, &out, gathering.r);
}

static void write_row(const struct message_weakening *row, struct buf *out)
{
        buf_printf(out, "%s%s=%s", out->n ? ", " : "", row->setting, row->value);
        if (row->subject)
                buf_printf(out, " of %s", row->subject);
}

void weakenings_log(const struct log *log, const struct store_state *state)
{
        struct gathering gathering = { .state = state };
        struct message_list_weakenings_reply rows;
        CLEANUP(freep) char *text = NULL;
        struct buf line = BUF_NULL;

        add_store(&gathering);
        for (size_t i = 0; i < gathering.rows.n; i++)
                write_row(&gathering.rows.items[i], &line);
        if (!gathering.r && gathering.rows.n > 0 && !buf_take_text(&line, &text))
                catalog_tell(log, CATALOG_CHECKING_WEAKENED,
                             &(struct catalog_about){ .store = state->name, .reason = text },
                             "checking is weaker than OPC UA has it: %s", text);
        buf_deinit(&line);

        rows = (struct message_list_weakenings_reply){ gathering.rows.items, gathering.rows.n };
        schema_deinit(&message_list_weakenings_reply_schema, &rows);
}
