/* SPDX-License-Identifier: Apache-2.0 */
#include "service/peer_news.h"

#include "engine/verdict.h"
#include "proto/message.h"
#include "proto/names.h"
#include "proto/status.h"
#include "service/peer_lanes.h"
#include "service/peer_question.h"
#include "service/peer_table.h"
#include "service/report.h"
#include "service/service_call.h"
#include "service/stores.h"

void peer_news_state(const struct peer *peer, struct message_peer_state *out)
{
        *out = (struct message_peer_state){
                .key = peer->question->key,
                .seq = peer->seq,
                .cause = (char *)cause_name(peer->cause),
                .status_name = (char *)status_code_name(peer->status),
                .status_code = peer->status,
                .store = peer->question->in.store,
                .generation = peer->generation,
        };
}

/* What there is to say where no judgement was made. */
static struct message_finding finding_of(const struct peer *peer, const char *reason)
{
        return (struct message_finding){
                .step = (char *)step_name(STEP_STRUCTURE),
                .severity = (char *)NAMES_SEVERITY_ERROR,
                .status_name = (char *)status_code_name(peer->status),
                .status_code = peer->status,
                .chain_index = -1,
                .thumbprint = (char *)"",
                .audit_event_type = (char *)status_audit_name(STATUS_AUDIT_INVALID),
                .message = (char *)reason,
        };
}

static struct message_verdict bare_verdict(const struct peer *peer, const char *agent_id)
{
        return (struct message_verdict){
                .trusted = peer->status == STATUS_GOOD,
                .status_code = peer->status,
                .status_name = (char *)status_code_name(peer->status),
                .wire_status_code =
                        peer->status == STATUS_GOOD ? STATUS_GOOD : STATUS_SECURITY_CHECKS_FAILED,
                .wire_status_name = (char *)status_code_name(
                        peer->status == STATUS_GOOD ? STATUS_GOOD : STATUS_SECURITY_CHECKS_FAILED),
                .store = peer->question->in.store,
                .agent_id = (char *)agent_id,
                .generation = peer->generation,
                .valid_until = SCHEMA_INT_ABSENT,
        };
}

static void reply(const struct peer *peer, const struct message_verdict *verdict,
                  const struct service_call *call)
{
        struct message_peer_news news = {
                .key = peer->question->key,
                .seq = peer->seq,
                .cause = (char *)cause_name(peer->cause),
                .verdict = *verdict,
        };
        struct message_watch_peers_reply out = { .news = &news };

        call->reply(&(struct service_reply){ .out = &out, .continues = true }, call->userdata);
}

void peer_news_send(const struct peer *peer, const struct peer_finding *finding,
                    const char *agent_id, const struct service_call *call)
{
        struct message_verdict bare = bare_verdict(peer, agent_id), judged;
        struct message_finding why;

        if (finding->reason) {
                why = finding_of(peer, finding->reason);
                bare.findings = &why;
                bare.n_findings = 1;
        }
        if (!finding->verdict) {
                reply(peer, &bare, call);
                return;
        }

        reply(peer,
              report_verdict(finding->verdict, finding->state, agent_id, &judged) ? &bare : &judged,
              call);
        schema_deinit(&message_verdict_schema, &judged);
}
