/* SPDX-License-Identifier: Apache-2.0 */
#include "service/update_call.h"

#include "pki/cert.h"
#include "pki/der.h"
#include "proto/buf.h"
#include "proto/hex.h"
#include "proto/names.h"
#include "service/caller.h"
#include "service/lookup.h"
#include "service/put.h"
#include "service/stores.h"
#include "store/update.h"
#include "trust/block.h"
#include "trust/role.h"
#include "trust/snapshot.h"

#include <stdio.h>
#include <string.h>

#define SHA256_BYTES 32

/* A call as it is being read. */
struct reader {
        const struct service_call *call;
        const struct snapshot *snap;
        int64_t now_s;
        struct update_request *request;
        struct message_error *error;
};

static int refuse(struct message_error *out, enum status_error error, const char *subject,
                  const char *reason)
{
        message_error_set(out, error, subject, reason);
        return UPDATE_CALL_E_REFUSED;
}

static int refuse_field(struct message_error *out, const char *field, const char *reason)
{
        return refuse(out, STATUS_E_BAD_REQUEST, field, reason);
}

int update_call_check_reason(const char *reason, struct message_error *out_error)
{
        if (reason && strlen(reason) > NAMES_TEXT_MAX_BYTES)
                return refuse_field(out_error, "reason", "is longer than 4096 bytes");
        return 0;
}

const char *update_call_reason(const struct service_call *call)
{
        const struct schema *in = message_get_method(call->method)->in;
        const struct schema_field *field = schema_find_field(in, "reason");

        return field ? *(char **)((char *)call->in + field->offset) : NULL;
}

/* -- objects ------------------------------------------------------------------------------------ */

static int add(struct reader *reader, enum update_list list, const struct schema_bytes *der)
{
        int r = update_request_add(reader->request, list, (struct bytes){ der->data, der->n });

        return r == UPDATE_REQUEST_E_TOO_LARGE ? refuse(reader->error, STATUS_E_TOO_LARGE,
                                                        "268435456 bytes an update", NULL)
                                               : r;
}

/* So that what is refused can be named by its place in the list. */
static bool is_one_element(const struct schema_bytes *item)
{
        struct bytes rest = { item->data, item->n }, element;

        return der_read_element(&rest, DER_SEQUENCE, &element) && rest.n == 0;
}

static int add_list(struct reader *reader, enum update_list list, const struct schema_bytes *items,
                    size_t n)
{
        char field[64];
        int r = 0;

        if (!items)
                return 0;

        reader->request->lists |= 1u << list;
        for (size_t i = 0; i < n && !r; i++) {
                snprintf(field, sizeof(field), "%s[%zu]", update_list_name(list), i);
                r = is_one_element(&items[i])
                            ? add(reader, list, &items[i])
                            : refuse_field(reader->error, field, "is not the DER of one object");
        }
        return r;
}

static int read_update(struct reader *reader)
{
        const struct message_update_trust_list *in = reader->call->in;
        int r;

        reader->request->is_dry_run = in->dry_run;
        r = add_list(reader, UPDATE_TRUSTED_CERTS, in->trusted_certificates,
                     in->n_trusted_certificates);
        if (!r)
                r = add_list(reader, UPDATE_TRUSTED_CRLS, in->trusted_crls, in->n_trusted_crls);
        if (!r)
                r = add_list(reader, UPDATE_ISSUER_CERTS, in->issuer_certificates,
                             in->n_issuer_certificates);
        if (!r)
                r = add_list(reader, UPDATE_ISSUER_CRLS, in->issuer_crls, in->n_issuer_crls);
        return r;
}

/* @out: ROLE_N: none was given. */
static int read_list(struct reader *reader, const char *name, enum role *out)
{
        *out = ROLE_N;
        if (!name)
                return 0;
        if (!role_find(name, out) || (*out != ROLE_TRUSTED && *out != ROLE_ISSUERS))
                return refuse_field(reader->error, "list", "is not trusted or issuers");
        return 0;
}

static int read_add(struct reader *reader)
{
        const struct message_add_object *in = reader->call->in;
        bool is_crl = reader->call->method == MESSAGE_ADD_CRL;
        enum update_list list;
        enum role role;
        int r;

        r = read_list(reader, in->list, &role);
        if (r)
                return r;
        if (!is_one_element(&in->data))
                return refuse_field(reader->error, "data", "is not the DER of one object");

        if (is_crl)
                list = role == ROLE_ISSUERS ? UPDATE_ISSUER_CRLS : UPDATE_TRUSTED_CRLS;
        else
                list = role == ROLE_ISSUERS ? UPDATE_ISSUER_CERTS : UPDATE_TRUSTED_CERTS;
        if (!is_crl || role != ROLE_N)
                reader->request->lists = 1u << list;
        reader->request->is_dry_run = in->dry_run;
        return add(reader, list, &in->data);
}

/* -- thumbprints -------------------------------------------------------------------------------- */

static int read_thumbprint(struct reader *reader, const char *text, bool may_be_sha1)
{
        struct update_request *request = reader->request;

        if (lookup_read(text, request->thumbprint, &request->n_thumbprint) ||
            (!may_be_sha1 && request->n_thumbprint != SHA256_BYTES))
                return refuse_field(reader->error, "thumbprint",
                                    may_be_sha1 ? "is no SHA-1 or SHA-256 in hex"
                                                : "is no SHA-256 in hex");
        return 0;
}

static int read_remove(struct reader *reader)
{
        const struct message_remove_object *in = reader->call->in;
        enum role role;
        int r;

        r = read_list(reader, in->list, &role);
        if (r)
                return r;

        reader->request->roles = role == ROLE_N ? 0 : 1u << role;
        reader->request->is_dry_run = in->dry_run;
        return read_thumbprint(reader, in->thumbprint,
                               reader->call->method == MESSAGE_REMOVE_CERTIFICATE);
}

static int read_rejected(struct reader *reader)
{
        const struct message_rejected_object *in = reader->call->in;

        reader->request->is_dry_run = in->dry_run;
        return read_thumbprint(reader, in->thumbprint, true);
}

/* -- blocks ------------------------------------------------------------------------------------- */

/* The certificate may be one that nobody here has ever seen, if its SHA-256 is known. */
static int read_block_sha256(struct reader *reader, const char *text, const struct block_note *note)
{
        const struct snapshot_cert *found;
        uint8_t sha256[SHA256_BYTES];
        size_t n;
        int r;

        r = lookup_read(text, sha256, &n);
        if (r)
                return refuse_field(reader->error, "thumbprint", "is no SHA-1 or SHA-256 in hex");
        if (n == SHA256_BYTES)
                return block_new_sha256(sha256, note, &reader->request->block);

        if (lookup_find(reader->snap, text, &found))
                return refuse(reader->error, STATUS_E_NO_SUCH_CERTIFICATE, text, NULL);
        return block_new_sha256(found->cert->sha256, note, &reader->request->block);
}

/* Hex as people copy it: an odd digit in front is a zero short. */
static bool read_serial(const char *text, uint8_t out[BLOCK_SERIAL_MAX], size_t *out_n)
{
        size_t n = strlen(text), is_odd = n % 2;
        char digits[2 * BLOCK_SERIAL_MAX + 1] = "0";

        if (n == 0 || n + is_odd > 2 * BLOCK_SERIAL_MAX)
                return false;

        memcpy(digits + is_odd, text, n + 1);
        *out_n = (n + is_odd) / 2;
        return hex_decode(digits, n + is_odd, out) == 0;
}

static int read_block_serial(struct reader *reader, const struct message_block_object *in,
                             const struct block_note *note)
{
        uint8_t serial[BLOCK_SERIAL_MAX];
        const struct snapshot_cert *issuer;
        size_t n;
        int r;

        r = lookup_find(reader->snap, in->issuer_thumbprint, &issuer);
        if (r == LOOKUP_E_NOT_FOUND)
                return refuse(reader->error, STATUS_E_NO_SUCH_CERTIFICATE, in->issuer_thumbprint,
                              NULL);
        if (r)
                return refuse_field(reader->error, "issuerThumbprint",
                                    "is no SHA-1 or SHA-256 in hex");
        if (!read_serial(in->serial_number, serial, &n))
                return refuse_field(reader->error, "serialNumber", "is not 1 to 64 octets in hex");

        r = block_new_serial(issuer->cert->subject.der, (struct bytes){ serial, n }, note,
                             &reader->request->block);
        return r == BLOCK_E_INVALID
                       ? refuse_field(reader->error, "issuerThumbprint", "is of no usable name")
                       : r;
}

static int read_block(struct reader *reader)
{
        const struct message_block_object *in = reader->call->in;
        const struct block_note note = { .reason = in->reason,
                                         .since_s = reader->now_s,
                                         .uid = reader->call->caller->uid };

        reader->request->is_dry_run = in->dry_run;
        if (in->thumbprint && (in->issuer_thumbprint || in->serial_number))
                return refuse_field(reader->error, "thumbprint",
                                    "is given beside an issuer or a serial number");
        if (in->thumbprint)
                return read_block_sha256(reader, in->thumbprint, &note);
        if (!in->issuer_thumbprint)
                return refuse_field(reader->error, "thumbprint",
                                    "is missing, and so is issuerThumbprint");
        if (!in->serial_number)
                return refuse_field(reader->error, "serialNumber", "is missing");
        return read_block_serial(reader, in, &note);
}

/* -- calls -------------------------------------------------------------------------------------- */

static const struct row {
        enum message_method method;
        enum update_kind kind;
        int (*read)(struct reader *reader);
} ROWS[] = {
        { MESSAGE_UPDATE_TRUST_LIST, UPDATE_REPLACE, read_update },
        { MESSAGE_ADD_CERTIFICATE, UPDATE_ADD_CERT, read_add },
        { MESSAGE_REMOVE_CERTIFICATE, UPDATE_REMOVE_CERT, read_remove },
        { MESSAGE_ADD_CRL, UPDATE_ADD_CRL, read_add },
        { MESSAGE_REMOVE_CRL, UPDATE_REMOVE_CRL, read_remove },
        { MESSAGE_TRUST_REJECTED, UPDATE_TRUST_REJECTED, read_rejected },
        { MESSAGE_REMOVE_REJECTED, UPDATE_REMOVE_REJECTED, read_rejected },
        { MESSAGE_BLOCK, UPDATE_BLOCK, read_block },
        { MESSAGE_UNBLOCK, UPDATE_UNBLOCK, read_block },
};

static const struct row *find_row(enum message_method method)
{
        size_t i = 0;

        while (ROWS[i].method != method)
                i++;
        return &ROWS[i];
}

int update_call_read(const struct service_call *call, const struct snapshot *snap, int64_t now_s,
                     struct update_request **out, struct message_error *out_error)
{
        CLEANUP(update_request_unrefp) struct update_request *request = NULL;
        const struct row *row = find_row(call->method);
        struct reader reader = { .call = call, .snap = snap, .now_s = now_s, .error = out_error };
        int r;

        r = update_call_check_reason(update_call_reason(call), out_error);
        if (!r)
                r = update_request_new(row->kind, &request);
        if (r)
                return r;

        reader.request = request;
        r = row->read(&reader);
        if (r)
                return r;

        *out = TAKE(request);
        return 0;
}

/* -- outcomes ----------------------------------------------------------------------------------- */

/* Where in the call the object is, that is refused. */
static void name_field(const struct update_refusal *refusal, enum message_method method,
                       char out[64])
{
        bool is_added = method == MESSAGE_ADD_CERTIFICATE || method == MESSAGE_ADD_CRL;
        bool is_list = method == MESSAGE_UPDATE_TRUST_LIST || method == MESSAGE_APPLY_UPDATE;

        if (is_list && refusal->index != SIZE_MAX)
                snprintf(out, 64, "%s[%zu]", update_list_name(refusal->list), refusal->index);
        else if (is_list)
                snprintf(out, 64, "%s", update_list_name(refusal->list));
        else
                snprintf(out, 64, "%s", is_added ? "data" : "thumbprint");
}

static int refuse_objects(const struct update_outcome *outcome, const struct update_asked *asked,
                          struct message_error *out)
{
        const struct update_refusal *first = &outcome->refusals.items[0];
        CLEANUP(buf_deinit) struct buf text = BUF_NULL;
        char sha256[2 * SHA256_BYTES + 1], field[64];

        if (first->index == SIZE_MAX) {
                hex_encode(first->sha256, sizeof(first->sha256), sha256);
                buf_printf(&text, "%s, which stays: ", sha256);
        }
        buf_printf(&text, "%s: %s", status_code_name(first->status_code), first->reason);
        if (outcome->refusals.n > 1)
                buf_printf(&text, " (and %zu more)", outcome->refusals.n - 1);
        buf_add_byte(&text, 0);

        name_field(first, asked->method, field);
        return refuse(out, STATUS_E_BAD_REQUEST, field,
                      buf_error(&text) ? first->reason : (const char *)text.data);
}

int update_call_judge(const struct update_outcome *outcome, const struct update_asked *asked,
                      struct message_error *out_error)
{
        switch (outcome->status) {
        case UPDATE_DONE:
                return 0;
        case UPDATE_REFUSED:
                return refuse_objects(outcome, asked, out_error);
        case UPDATE_NOT_FOUND:
                return refuse(out_error, STATUS_E_NO_SUCH_CERTIFICATE, asked->subject, NULL);
        case UPDATE_BAD_REQUEST:
                return refuse(out_error, STATUS_E_BAD_REQUEST,
                              outcome->subject ? outcome->subject : "data", outcome->reason);
        case UPDATE_TOO_LARGE:
                return refuse(out_error, STATUS_E_TOO_LARGE, outcome->subject, NULL);
        case UPDATE_FOREIGN:
        case UPDATE_NOT_WRITABLE:
                return refuse(out_error, STATUS_E_READ_ONLY, outcome->subject, outcome->reason);
        case UPDATE_CONFLICT:
                return refuse(out_error, STATUS_E_CONFLICT, outcome->subject, NULL);
        case UPDATE_NOT_READY:
                return refuse(out_error, STATUS_E_STORE_NOT_READY, asked->store, outcome->reason);
        case UPDATE_BUSY:
                break;
        }
        return refuse(out_error, STATUS_E_BUSY, NULL, NULL);
}

static void put_hashes(const struct update_thumbprint *from, size_t n, char ***out, size_t *out_n,
                       int *r)
{
        put_array(out, n, sizeof(**out), r);
        for (size_t i = 0; i < n && !*r; i++)
                put_hex(&(*out)[(*out_n)++], from[i].sha256, SHA256_BYTES, r);
}

int update_call_report(const struct update_outcome *outcome, const struct store_state *state,
                       const char *agent_id, struct message_update *out)
{
        int r = 0;

        schema_init(&message_update_schema, out);
        out->changed = outcome->has_changed;
        out->generation = state->generation;
        put_text(&out->store, state->name, &r);
        put_text(&out->agent_id, agent_id, &r);
        put_hashes(outcome->added.items, outcome->added.n, &out->added, &out->n_added, &r);
        put_hashes(outcome->removed.items, outcome->removed.n, &out->removed, &out->n_removed, &r);
        return r;
}
