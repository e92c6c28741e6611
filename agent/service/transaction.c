/* SPDX-License-Identifier: Apache-2.0 */
#include "service/transaction.h"

#include "base/vec.h"
#include "proto/hex.h"
#include "proto/names.h"
#include "service/caller.h"
#include "service/stores.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define ID_BYTES 16

struct transaction {
        struct transactions *owner;
        char id[2 * ID_BYTES + 1];
        struct caller *caller;
        size_t store;
        char *reason;
        struct update_request *request;
        int64_t used_ns;
        bool is_applying;
};

struct transactions {
        VEC(struct transaction *) open; /* in the order in which they were begun */
};

int transactions_new(struct transactions **out)
{
        struct transactions *transactions = calloc(1, sizeof(*transactions));

        if (!transactions)
                return -ENOMEM;

        *out = transactions;
        return 0;
}

struct transactions *transactions_free(struct transactions *transactions)
{
        if (!transactions)
                return NULL;

        while (transactions->open.n > 0)
                transaction_end(transactions->open.items[transactions->open.n - 1]);
        VEC_FREE(&transactions->open);
        free(transactions);
        return NULL;
}

/* -- life --------------------------------------------------------------------------------------- */

static bool is_over(const struct transaction *transaction, int64_t now_ns)
{
        return !transaction->is_applying &&
               now_ns - transaction->used_ns >= TRANSACTION_IDLE_S * INT64_C(1000000000);
}

size_t transactions_forget(struct transactions *transactions, int64_t now_ns)
{
        size_t i = 0;

        while (i < transactions->open.n) {
                if (is_over(transactions->open.items[i], now_ns))
                        transaction_end(transactions->open.items[i]);
                else
                        i++;
        }
        return transactions->open.n;
}

static struct transaction *transaction_free(struct transaction *transaction)
{
        if (!transaction)
                return NULL;

        caller_unref(transaction->caller);
        update_request_unref(transaction->request);
        free(transaction->reason);
        free(transaction);
        return NULL;
}

DEFINE_CLEANUP(struct transaction *, transaction_free)

struct transaction *transaction_end(struct transaction *transaction)
{
        struct transactions *owner;
        size_t i = 0;

        if (!transaction)
                return NULL;

        owner = transaction->owner;
        while (owner->open.items[i] != transaction)
                i++;
        owner->open.n--;
        memmove(owner->open.items + i, owner->open.items + i + 1,
                (owner->open.n - i) * sizeof(*owner->open.items));
        return transaction_free(transaction);
}

static bool is_room(const struct transactions *transactions, uid_t uid)
{
        size_t n = 0;

        for (size_t i = 0; i < transactions->open.n; i++)
                n += transactions->open.items[i]->caller->uid == uid;
        return n < NAMES_USER_UPDATES_OPEN_MAX && transactions->open.n < NAMES_UPDATES_OPEN_MAX;
}

static int make(const struct transaction_begin *begin, struct transaction **out)
{
        CLEANUP(transaction_freep)
        struct transaction *transaction = calloc(1, sizeof(*transaction));
        uint8_t id[ID_BYTES];
        int r;

        if (!transaction)
                return -ENOMEM;
        if (getrandom(id, sizeof(id), 0) != sizeof(id))
                return -EIO;
        r = update_request_new(UPDATE_REPLACE, &transaction->request);
        if (r)
                return r;
        if (begin->reason) {
                transaction->reason = strdup(begin->reason);
                if (!transaction->reason)
                        return -ENOMEM;
        }

        hex_encode(id, sizeof(id), transaction->id);
        transaction->request->lists = begin->lists;
        transaction->caller = caller_ref(begin->caller);
        transaction->store = begin->state->handle;
        transaction->used_ns = begin->now_ns;
        update_request_set_base(transaction->request, begin->state->snap);
        *out = TAKE(transaction);
        return 0;
}

int transaction_begin(struct transactions *transactions, const struct transaction_begin *begin,
                      struct transaction **out)
{
        CLEANUP(transaction_freep) struct transaction *transaction = NULL;
        int r;

        transactions_forget(transactions, begin->now_ns);
        if (!is_room(transactions, begin->caller->uid))
                return TRANSACTION_E_TOO_MANY;

        r = make(begin, &transaction);
        if (!r)
                r = VEC_PUSH(&transactions->open, transaction);
        if (r)
                return r;

        transaction->owner = transactions;
        *out = TAKE(transaction);
        return 0;
}

struct transaction *transaction_find(struct transactions *transactions, const char *id,
                                     const struct caller *caller, int64_t now_ns)
{
        transactions_forget(transactions, now_ns);
        for (size_t i = 0; i < transactions->open.n; i++) {
                struct transaction *transaction = transactions->open.items[i];

                if (strcmp(transaction->id, id) != 0 || transaction->caller->uid != caller->uid ||
                    transaction->caller->door != caller->door)
                        continue;
                transaction->used_ns = now_ns;
                return transaction;
        }
        return NULL;
}

/* -- parts -------------------------------------------------------------------------------------- */

static size_t count_bytes(const struct transactions *transactions)
{
        size_t n = 0;

        for (size_t i = 0; i < transactions->open.n; i++)
                n += update_request_count_bytes(transactions->open.items[i]->request);
        return n;
}

int transaction_add(struct transaction *transaction, enum update_list list, struct bytes der)
{
        int r;

        if (der.n > NAMES_UPDATES_OPEN_MAX_BYTES - count_bytes(transaction->owner))
                return TRANSACTION_E_TOO_LARGE_ALL;

        r = update_request_add(transaction->request, list, der);
        return r == UPDATE_REQUEST_E_TOO_LARGE ? TRANSACTION_E_TOO_LARGE : r;
}

const char *transaction_get_id(const struct transaction *transaction)
{
        return transaction->id;
}

size_t transaction_get_store(const struct transaction *transaction)
{
        return transaction->store;
}

const char *transaction_get_reason(const struct transaction *transaction)
{
        return transaction->reason;
}

struct update_request *transaction_get_request(const struct transaction *transaction)
{
        return transaction->request;
}

void transaction_set_applying(struct transaction *transaction, bool is_applying, int64_t now_ns)
{
        transaction->is_applying = is_applying;
        transaction->used_ns = now_ns;
}

bool transaction_is_applying(const struct transaction *transaction)
{
        return transaction->is_applying;
}
