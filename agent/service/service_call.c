/* SPDX-License-Identifier: Apache-2.0 */
#include "service/service_call.h"

void service_call_answer(const struct service_call *call, const void *out)
{
        call->reply(&(struct service_reply){ .out = out }, call->userdata);
}

void service_call_refuse(const struct service_call *call, enum status_error error,
                         const char *subject, const char *reason)
{
        const struct message_error failed = {
                .error = error,
                .subject = (char *)subject,
                .reason = (char *)reason,
        };

        call->reply(&(struct service_reply){ .error = &failed }, call->userdata);
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
