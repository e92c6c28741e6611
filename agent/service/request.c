/* SPDX-License-Identifier: Apache-2.0 */
#include "service/request.h"

#include "pki/ossl.h"
#include "proto/buf.h"
#include "proto/names.h"
#include "service/stores.h"
#include "trust/policy.h"
#include "trust/settings.h"
#include "trust/snapshot.h"

#include <errno.h>
#include <string.h>

/* A refusal whose texts live as long as the program or the message: nothing to free. */
static int refuse(struct message_error *out, enum status_error error, const char *subject,
                  const char *reason)
{
        *out = (struct message_error){ error, (char *)subject, (char *)reason };
        return REQUEST_E_REFUSED;
}

static int refuse_field(struct message_error *out, const char *field, const char *reason)
{
        return refuse(out, STATUS_E_BAD_REQUEST, field, reason);
}

static int check_sizes(const struct message_validate *in, struct request *out,
                       struct message_error *out_error)
{
        if (in->n_certificates == 0)
                return refuse_field(out_error, "certificates", "there is none");
        if (in->n_certificates > NAMES_CERTIFICATES_MAX)
                return refuse(out_error, STATUS_E_TOO_LARGE, "10 certificates", NULL);

        for (size_t i = 0; i < in->n_certificates; i++)
                out->n_bytes += in->certificates[i].n;
        if (out->n_bytes > NAMES_CERTIFICATES_MAX_BYTES)
                return refuse(out_error, STATUS_E_TOO_LARGE, "262144 bytes of certificates", NULL);
        return 0;
}

static int read_purpose(const struct message_validate *in, struct profile *profile,
                        struct message_error *out_error)
{
        if (!purpose_find(in->purpose, &profile->purpose))
                return refuse_field(out_error, "purpose", "is not client, server, user or https");
        if (profile->purpose == PURPOSE_USER && in->application_uri)
                return refuse_field(out_error, "applicationUri", "a user's certificate has none");
        if (profile->purpose == PURPOSE_USER && in->host_name)
                return refuse_field(out_error, "hostName", "a user's certificate has none");
        if (profile->purpose == PURPOSE_HTTPS && !in->host_name)
                return refuse_field(out_error, "hostName", "is needed for purpose https");
        return 0;
}

static int check_text(const char *text, const char *field, struct message_error *out_error)
{
        if (!text)
                return 0;
        if (!*text)
                return refuse_field(out_error, field, "is empty");
        if (strlen(text) > NAMES_TEXT_MAX_BYTES)
                return refuse_field(out_error, field, "is longer than 4096 bytes");
        return 0;
}

static int read_texts(const struct message_validate *in, struct profile *profile,
                      struct message_error *out_error)
{
        int r;

        r = check_text(in->application_uri, "applicationUri", out_error);
        if (!r)
                r = check_text(in->host_name, "hostName", out_error);
        if (r)
                return r;

        profile->application_uri = in->application_uri;
        profile->host_name = in->host_name;
        if (!in->security_policy_uri)
                return 0;

        profile->policy = policy_find(in->security_policy_uri);
        if (!profile->policy)
                return refuse(out_error, STATUS_E_BAD_REQUEST, "securityPolicyUri",
                              "is no SecurityPolicy known here");
        return 0;
}

static int read_suppress(const struct message_validate *in, unsigned int may_suppress,
                         struct profile *profile, struct message_error *out_error)
{
        if (in->n_suppress > NAMES_SUPPRESS_MAX)
                return refuse_field(out_error, "suppress", "holds more than 32 names");

        for (size_t i = 0; i < in->n_suppress; i++) {
                unsigned int bits;
                int r = suppress_parse(in->suppress[i], &bits);

                if (r == SUPPRESS_E_UNKNOWN)
                        return refuse_field(out_error, "suppress", "holds a name of no finding");
                if (r)
                        return refuse_field(out_error, "suppress",
                                            "holds a finding that may never be suppressed");
                if (bits & ~may_suppress)
                        return refuse_field(out_error, "suppress",
                                            "holds a finding that this store's MaySuppress= lacks");
                profile->suppress |= bits;
        }
        return 0;
}

static void add_text(struct buf *buf, const char *text)
{
        buf_add_byte(buf, text != NULL);
        if (text)
                buf_add(buf, text, strlen(text) + 1);
}

/*
 * All that a verdict depends on but time, each part with its length, so that no two requests look
 * alike.
 */
static int make_key(const struct message_validate *in, const struct store_state *state,
                    struct request *out)
{
        CLEANUP(buf_deinit) struct buf buf = BUF_NULL;

        buf_add(&buf, &state->handle, sizeof(state->handle));
        buf_add(&buf, &state->generation, sizeof(state->generation));
        buf_add(&buf, &out->profile.suppress, sizeof(out->profile.suppress));
        buf_add_byte(&buf, out->profile.purpose);
        add_text(&buf, in->security_policy_uri);
        add_text(&buf, in->application_uri);
        add_text(&buf, in->host_name);
        for (size_t i = 0; i < in->n_certificates; i++) {
                buf_add(&buf, &in->certificates[i].n, sizeof(in->certificates[i].n));
                buf_add(&buf, in->certificates[i].data, in->certificates[i].n);
        }
        if (buf_error(&buf))
                return -ENOMEM;

        return ossl_sha256((struct bytes){ buf.data, buf.n }, out->key.sha256);
}

int request_read_lasting(const struct message_validate *in, const struct store_state *state,
                         struct request *out, struct message_error *out_error)
{
        unsigned int may_suppress = state->snap ? state->snap->settings->may_suppress : ~0u;
        int r;

        *out = (struct request){ .at_s = in->at };
        r = check_sizes(in, out, out_error);
        if (!r)
                r = read_purpose(in, &out->profile, out_error);
        if (!r)
                r = read_texts(in, &out->profile, out_error);
        if (!r)
                r = read_suppress(in, may_suppress, &out->profile, out_error);
        return r;
}

int request_read(const struct message_validate *in, const struct store_state *state,
                 struct request *out, struct message_error *out_error)
{
        int r = request_read_lasting(in, state, out, out_error);

        return r ? r : make_key(in, state, out);
}
