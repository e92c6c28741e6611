/* SPDX-License-Identifier: Apache-2.0 */
#include "call.h"
#include "change.h"
#include "error.h"
#include "proto/buf.h"
#include "proto/compiler.h"
#include "proto/message_admin.h"
#include "proto/names.h"

#include <uatrust/admin.h>

#include <string.h>

#define LISTS 4

/* In order of their bits. */
static const char *const names[LISTS] = {
        "trustedCertificates",
        "trustedCrls",
        "issuerCertificates",
        "issuerCrls",
};

struct uatrust_transaction {
        struct uatrust_client *client;
        char *id;
        unsigned int lists;
        bool is_over;            /* applied: there is nothing left to forget */
        struct buf parts[LISTS]; /* what is still to be sent of each */
};

#define METHOD(of, wire, in_schema, out_schema)                                                    \
        static const struct call_method of = { .name = NAMES_ADMIN_INTERFACE "." wire,             \
                                               .in = &(in_schema),                                 \
                                               .out = &(out_schema),                               \
                                               .is_admin = true }

METHOD(begin_update, "BeginUpdate", message_begin_update_schema, message_begin_update_reply_schema);
METHOD(add_to_update, "AddToUpdate", message_add_to_update_schema, message_nothing_schema);
METHOD(apply_update, "ApplyUpdate", message_apply_update_schema, message_update_reply_schema);
METHOD(cancel_update, "CancelUpdate", message_cancel_update_schema, message_nothing_schema);

static int ask_nothing(struct uatrust_client *client, const struct call_method *method,
                       const void *in, struct uatrust_error **error)
{
        void *reply;
        int r = call_ask(client, method, in, &reply, error);

        if (!r)
                free(reply);
        return r;
}

static int begin(struct uatrust_transaction *transaction, const struct uatrust_change *change,
                 struct uatrust_error **error)
{
        struct message_begin_update_reply *reply;
        char *lists[LISTS];
        struct message_begin_update in = {
                .lists = lists,
                .store = client_store(transaction->client, change->store),
                .reason = change->reason,
        };
        int r;

        for (size_t i = 0; i < LISTS; i++)
                if (transaction->lists & 1u << i)
                        lists[in.n_lists++] = (char *)names[i];

        r = call_ask(transaction->client, &begin_update, &in, (void **)&reply, error);
        if (r)
                return r;

        transaction->id = TAKE(reply->update_id);
        free(reply);
        return 0;
}

int uatrust_transaction_new(struct uatrust_client *client, const struct uatrust_change *change,
                            unsigned int lists, struct uatrust_transaction **out,
                            struct uatrust_error **error)
{
        struct uatrust_transaction *transaction;
        int r;

        if (!lists || lists >> LISTS)
                return error_report(error, STATUS_E_INVALID_ARGUMENT, "lists", NULL);

        transaction = calloc(1, sizeof(*transaction));
        if (!client || !change || change->has_failed || !transaction) {
                free(transaction);
                return error_report(error, STATUS_E_NO_MEMORY, NULL, NULL);
        }

        transaction->client = client_ref(client);
        transaction->lists = lists;
        r = begin(transaction, change, error);
        if (r)
                uatrust_transaction_free(transaction);
        else
                *out = transaction;
        return r;
}

/* The first @n bytes of what waits. */
static int send_part(struct uatrust_transaction *transaction, size_t list, size_t n,
                     struct uatrust_error **error)
{
        struct buf *part = &transaction->parts[list];
        const struct message_add_to_update in = {
                .update_id = transaction->id,
                .list = (char *)names[list],
                .data = { part->data, n },
        };
        int r = ask_nothing(transaction->client, &add_to_update, &in, error);

        if (r)
                return r;

        memmove(part->data, part->data + n, part->n - n);
        part->n -= n;
        return 0;
}

/* Return: the index of the one bit of @list, or LISTS: it is none of the transaction's. */
static size_t find_list(const struct uatrust_transaction *transaction, enum uatrust_list list)
{
        size_t i = 0;

        while (i < LISTS && (unsigned int)list != 1u << i)
                i++;
        return i < LISTS && transaction->lists & 1u << i ? i : LISTS;
}

int uatrust_transaction_add(struct uatrust_transaction *transaction, enum uatrust_list list,
                            const void *der, size_t n_der, struct uatrust_error **error)
{
        size_t i = find_list(transaction, list);
        struct buf *part;
        int r = 0;

        if (i == LISTS)
                return error_report(error, STATUS_E_INVALID_ARGUMENT, "list", NULL);

        part = &transaction->parts[i];
        buf_add(part, der, n_der);
        if (buf_error(part))
                return error_report(error, STATUS_E_NO_MEMORY, NULL, NULL);

        while (!r && part->n >= NAMES_PART_MAX_BYTES)
                r = send_part(transaction, i, NAMES_PART_MAX_BYTES, error);
        return r;
}

int uatrust_transaction_apply(struct uatrust_transaction *transaction, bool is_dry_run,
                              struct uatrust_update **out, struct uatrust_error **error)
{
        const struct message_apply_update in = { transaction->id, is_dry_run };
        int r = 0;

        for (size_t i = 0; !r && i < LISTS; i++)
                if (transaction->parts[i].n)
                        r = send_part(transaction, i, transaction->parts[i].n, error);
        if (!r)
                r = call_ask(transaction->client, &apply_update, &in, (void **)out, error);
        if (!r && !is_dry_run)
                transaction->is_over = true;
        return r;
}

void uatrust_transaction_free(struct uatrust_transaction *transaction)
{
        if (!transaction)
                return;

        /* If it is not told, the agent forgets it all the same, later. */
        if (transaction->id && !transaction->is_over)
                ask_nothing(transaction->client, &cancel_update,
                            &(struct message_cancel_update){ transaction->id }, NULL);
        for (size_t i = 0; i < LISTS; i++)
                buf_deinit(&transaction->parts[i]);
        client_unref(transaction->client);
        free(transaction->id);
        free(transaction);
}
