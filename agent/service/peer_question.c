/* SPDX-License-Identifier: Apache-2.0 */
#include "service/peer_question.h"

#include "engine/validate.h"
#include "proto/names.h"
#include "service/access.h"
#include "service/request.h"
#include "service/stores.h"
#include "trust/settings.h"
#include "trust/snapshot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int refuse(struct message_error *out, enum status_error error, const char *subject,
                  const char *reason)
{
        *out = (struct message_error){ error, (char *)subject, (char *)reason };
        return PEER_QUESTION_E_REFUSED;
}

/* As a question to validate, borrowed from @in. */
static struct message_validate validate_of(const struct message_peer *in, const char *store)
{
        return (struct message_validate){
                .certificates = in->certificates,
                .n_certificates = in->n_certificates,
                .purpose = in->purpose,
                .store = (char *)store,
                .security_policy_uri = in->security_policy_uri,
                .application_uri = in->application_uri,
                .host_name = in->host_name,
                .suppress = in->suppress,
                .n_suppress = in->n_suppress,
                .at = SCHEMA_INT_ABSENT,
                .context = in->context,
        };
}

static size_t count_text(const char *text)
{
        return text ? strlen(text) + 1 : 0;
}

static size_t count_context(const struct message_context *context)
{
        return context ? count_text(context->application) + count_text(context->peer_address) +
                                 count_text(context->endpoint_url)
                       : 0;
}

static int make(const struct message_peer *in, const char *store, const struct request *request,
                struct peer_question **out)
{
        CLEANUP(peer_question_unrefp) struct peer_question *question = calloc(1, sizeof(*question));
        struct message_validate borrowed = validate_of(in, store);
        int r;

        if (!question)
                return -ENOMEM;

        question->ref = (struct ref)REF_INIT;
        schema_init(&message_validate_schema, &question->in);
        r = schema_copy(&message_validate_schema, &borrowed, &question->in);
        if (r)
                return r;

        question->key = strdup(in->key);
        if (!question->key)
                return -ENOMEM;

        question->n_bytes = request->n_bytes + count_text(in->key) +
                            count_text(in->application_uri) + count_text(in->host_name) +
                            count_context(in->context);
        question->profile = request->profile;
        question->profile.application_uri = question->in.application_uri;
        question->profile.host_name = question->in.host_name;
        *out = TAKE(question);
        return 0;
}

int peer_question_new(const struct message_peer *in, const struct stores *stores,
                      const struct caller *caller, struct peer_question **out,
                      struct message_error *out_error)
{
        const struct store_state *state = stores_find(stores, in->store);
        struct message_validate borrowed;
        struct request request;

        if (!in->key[0])
                return refuse(out_error, STATUS_E_BAD_REQUEST, "key", "is empty");
        if (strlen(in->key) > PEER_QUESTION_KEY_MAX_BYTES)
                return refuse(out_error, STATUS_E_BAD_REQUEST, "key", "is longer than 256 bytes");
        if (!state)
                return refuse(out_error, STATUS_E_NO_SUCH_STORE,
                              in->store ? in->store : NAMES_DEFAULT_STORE, NULL);

        if (!access_may_read(caller, state->access))
                return refuse(out_error, STATUS_E_PERMISSION_DENIED, NULL, NULL);

        borrowed = validate_of(in, state->name);
        if (request_read_lasting(&borrowed, state, &request, out_error))
                return PEER_QUESTION_E_REFUSED;

        return make(in, state->name, &request, out);
}

struct peer_question *peer_question_ref(struct peer_question *question)
{
        ref_get(&question->ref);
        return question;
}

struct peer_question *peer_question_unref(struct peer_question *question)
{
        if (!question || !ref_put(&question->ref))
                return NULL;

        schema_deinit(&message_validate_schema, &question->in);
        decode_chain_deinit(&question->chain);
        free(question->key);
        free(question);
        return NULL;
}

/* The objects hold what they need of the bytes. Return: 0 or -ENOMEM. */
static int decode(struct peer_question *question)
{
        struct message_validate *in = &question->in;
        struct bytes elements[NAMES_CERTIFICATES_MAX];
        int r;

        for (size_t i = 0; i < in->n_certificates; i++)
                elements[i] = (struct bytes){ in->certificates[i].data, in->certificates[i].n };

        r = decode_message_chain(elements, in->n_certificates, &question->chain);
        if (r < 0)
                return r;

        for (size_t i = 0; i < in->n_certificates; i++)
                free(in->certificates[i].data);
        free(in->certificates);
        in->certificates = NULL;
        in->n_certificates = 0;
        question->decoded = r;
        question->is_decoded = true;
        return 0;
}

int peer_question_judge(struct peer_question *question, const struct snapshot *snap, bool was_good,
                        const struct terms *terms, struct verdict *out, enum cause *out_cause)
{
        struct profile profile = question->profile;
        struct cause_case who = { &question->chain, &profile, was_good };
        int r = question->is_decoded ? 0 : decode(question);

        if (r)
                return r;
        if (question->decoded)
                return PEER_QUESTION_E_UNREADABLE;

        profile.suppress &= snap->settings->may_suppress;
        return cause_judge(snap, &who, terms, out, out_cause);
}
