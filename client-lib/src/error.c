/* SPDX-License-Identifier: Apache-2.0 */
#include "error.h"

#include "proto/buf.h"
#include "proto/message.h"

#include <uatrust/uatrust.h>

#include <errno.h>
#include <string.h>

struct uatrust_error {
        enum status_error code;
        char *text;
        char *subject, *reason; /* NULL: none, or memory was short */
};

/* What is given when there is no memory to say anything else. */
static const struct uatrust_error no_memory = { .code = STATUS_E_NO_MEMORY };

_Static_assert((int)UATRUST_E_BAD_REQUEST == STATUS_E_BAD_REQUEST, "numbers of the API");
_Static_assert((int)UATRUST_E_EXPECTED_MORE == STATUS_E_EXPECTED_MORE, "numbers of the API");
_Static_assert((int)UATRUST_E_SYSTEM == STATUS_E_SYSTEM, "numbers of the API");

static void free_error(struct uatrust_error *error)
{
        if (!error || error == &no_memory)
                return;

        free(error->text);
        free(error->subject);
        free(error->reason);
        free(error);
}

static void free_errorp(struct uatrust_error **error)
{
        free_error(*error);
}

int error_report_message(struct uatrust_error **out, const struct message_error *message)
{
        CLEANUP(buf_deinit) struct buf text = BUF_NULL;
        CLEANUP(free_errorp) struct uatrust_error *error = NULL;

        if (!out)
                return (int)message->error;

        *out = (struct uatrust_error *)&no_memory;
        error = calloc(1, sizeof(*error));
        if (!error)
                return (int)message->error;

        error->code = message->error;
        error->subject = message->subject ? strdup(message->subject) : NULL;
        error->reason = message->reason ? strdup(message->reason) : NULL;
        message_error_text(message, &text);
        if (!buf_take_text(&text, &error->text))
                *out = TAKE(error);

        return (int)message->error;
}

int error_report(struct uatrust_error **out, enum status_error code, const char *subject,
                 const char *reason)
{
        struct message_error borrowed = {
                .error = code,
                .subject = (char *)subject,
                .reason = (char *)reason,
        };

        return error_report_message(out, &borrowed);
}

int error_report_errno(struct uatrust_error **out, int r, const char *subject)
{
        return error_report(out, r == -ENOMEM ? STATUS_E_NO_MEMORY : STATUS_E_SYSTEM, subject,
                            strerror(-r));
}

enum uatrust_code uatrust_error_get_code(const struct uatrust_error *error)
{
        return error ? (enum uatrust_code)error->code : UATRUST_OK;
}

const char *uatrust_error_get_text(const struct uatrust_error *error)
{
        if (!error)
                return "no error";
        return error->text ? error->text : status_error_get(error->code)->text;
}

int uatrust_error_get_exit_code(const struct uatrust_error *error)
{
        return error ? status_error_get(error->code)->exit_code : 0;
}

const char *uatrust_error_get_subject(const struct uatrust_error *error)
{
        return error ? error->subject : NULL;
}

const char *uatrust_error_get_reason(const struct uatrust_error *error)
{
        return error ? error->reason : NULL;
}

void uatrust_error_free(struct uatrust_error *error)
{
        free_error(error);
}
