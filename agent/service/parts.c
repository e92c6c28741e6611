/* SPDX-License-Identifier: Apache-2.0 */
#include "service/parts.h"

#include "base/clock.h"
#include "service/admin.h"
#include "service/audit.h"
#include "service/feed.h"
#include "service/history.h"
#include "service/judge.h"
#include "service/notices.h"
#include "service/peers.h"
#include "service/quota.h"
#include "service/reading.h"
#include "service/recorder.h"
#include "service/service_config.h"
#include "service/warnings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Who is told. */
static int make_news(struct parts *parts, const struct service_config *config)
{
        int r;

        r = feed_new(&parts->feed);
        if (!r)
                r = history_new(&parts->history);
        if (!r)
                r = notices_new(&parts->notices);
        if (!r)
                r = audit_new(&(struct audit_config){ .log = config->log,
                                                      .notices = parts->notices,
                                                      .now_s = config->now_s },
                              &parts->audit);
        if (!r)
                r = warnings_new(&(struct warnings_config){ .stores = &parts->stores,
                                                            .notices = parts->notices,
                                                            .clock = &parts->clock,
                                                            .log = config->log },
                                 &parts->warnings);
        return r;
}

static int make_peers(struct parts *parts, const struct service_config *config)
{
        return peers_new(&(struct peers_config){ .agent_id = parts->agent_id,
                                                 .stores = &parts->stores,
                                                 .quota = parts->quota,
                                                 .executor = config->executor,
                                                 .clock = &parts->clock },
                         &parts->peers);
}

static int make_judge(struct parts *parts, const struct service_config *config)
{
        return judge_new(&(struct judge_config){ .agent_id = parts->agent_id,
                                                 .stores = &parts->stores,
                                                 .audit = parts->audit,
                                                 .answers = &parts->answers,
                                                 .quota = parts->quota,
                                                 .executor = config->executor,
                                                 .clock = &parts->clock },
                         &parts->judge);
}

static int make_admin(struct parts *parts, const struct service_config *config)
{
        return admin_new(&(struct admin_config){ .agent_id = parts->agent_id,
                                                 .stores = &parts->stores,
                                                 .executor = config->executor,
                                                 .lane = config->lane,
                                                 .peers = parts->peers,
                                                 .audit = parts->audit,
                                                 .log = config->log,
                                                 .now_s = config->now_s },
                         &parts->admin);
}

static int make_recorder(struct parts *parts, const struct service_config *config)
{
        return recorder_new(&(struct recorder_config){ .stores = &parts->stores,
                                                       .notices = parts->notices,
                                                       .log = config->log,
                                                       .now_s = config->now_s,
                                                       .monotonic_ns = clock_monotonic_ns },
                            &parts->recorder);
}

/* Who answers, and what they need. */
static int make_answerers(struct parts *parts, const struct service_config *config)
{
        int r;

        r = make_peers(parts, config);
        if (!r)
                r = make_judge(parts, config);
        if (!r)
                r = reading_new(&(struct reading_config){ .agent_id = parts->agent_id,
                                                          .quota = parts->quota,
                                                          .executor = config->executor,
                                                          .lane = config->lane },
                                &parts->reading);
        if (!r)
                r = make_admin(parts, config);
        if (!r)
                r = make_recorder(parts, config);
        return r;
}

int parts_init(struct parts *parts, const struct service_config *config, waiting_ask_fn ask,
               void *userdata)
{
        int r;

        parts->agent_id = strdup(config->agent_id);
        if (!parts->agent_id)
                return -ENOMEM;

        parts->clock = (struct host_clock){ config->now_s, config->at_least_s };
        parts->tally.since_s = config->now_s();
        r = make_news(parts, config);
        if (!r)
                r = quota_new(&parts->quota);
        if (!r)
                quota_set_log(parts->quota, config->log);
        if (!r)
                r = waiting_new(parts->quota, ask, userdata, &parts->waiting);
        if (!r)
                r = make_answerers(parts, config);
        if (r)
                return r;

        answers_listen(&parts->answers, tally_on_answer, &parts->tally);
        answers_listen(&parts->answers, recorder_on_answer, parts->recorder);
        return 0;
}

void parts_deinit(struct parts *parts)
{
        waiting_free(parts->waiting);
        admin_free(parts->admin);
        recorder_free(parts->recorder);
        reading_free(parts->reading);
        judge_free(parts->judge);
        peers_free(parts->peers);
        audit_free(parts->audit);
        warnings_free(parts->warnings);
        notices_free(parts->notices);
        quota_free(parts->quota);
        history_free(parts->history);
        feed_free(parts->feed);
        stores_deinit(&parts->stores);
        free(parts->agent_id);
}
