/* SPDX-License-Identifier: Apache-2.0 */
#include "service/service_call.h"

#include "base/clock.h"
#include "service/caller.h"
#include "service/tally.h"

void service_call_reply(const struct service_call *call, const struct service_reply *reply)
{
        if (call->tally)
                tally_reply(call->tally, call->caller->door, clock_monotonic_ns() - call->begun_ns,
                            reply->error ? reply->error->error : STATUS_OK);
        call->reply(reply, call->userdata);
}

void service_call_answer(const struct service_call *call, const void *out)
{
        service_call_reply(call, &(struct service_reply){ .out = out });
}

void service_call_refuse(const struct service_call *call, enum status_error error,
                         const char *subject, const char *reason)
{
        const struct message_error failed = {
                .error = error,
                .subject = (char *)subject,
                .reason = (char *)reason,
        };

        service_call_reply(call, &(struct service_reply){ .error = &failed });
}

struct service_pending *service_cancel(struct service_pending *pending)
{
        if (pending)
                pending->cancel(pending);
        return NULL;
}

void service_pause(struct service_pending *pending)
{
        if (pending->pause)
                pending->pause(pending);
}

void service_resume(struct service_pending *pending)
{
        if (pending->resume)
                pending->resume(pending);
}
