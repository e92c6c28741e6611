/* SPDX-License-Identifier: Apache-2.0 */
#include "held.h"

#include "proto/buf.h"
#include "proto/message.h"
#include "proto/names.h"
#include "sheet.h"
#include "siphash.h"
#include "verdict.h"
#include "wording.h"

#include <uatrust/uatrust.h>

#include <string.h>
#include <sys/random.h>
#include <time.h>

enum {
        N_BUCKETS = NAMES_HELD_MAX, /* a power of two */
        REST_BYTES = 512,           /* of a question, mostly, beside its certificates */
        RETRY_MS = 500,             /* before a page is looked for again where none could be used */
};

/* In a bucket by the question's hash, and in the order of use. */
struct held_item {
        struct held_key key;
        struct uatrust_verdict *verdict;
        struct wording wording;
        size_t n_said; /* about as many bytes as the verdict's */
        size_t n_bytes;
        struct held_item *next; /* in its bucket */
        struct held_item *older, *newer;
};

struct held {
        struct held_item **buckets; /* N_BUCKETS; NULL: nothing was ever held */
        struct held_item *oldest, *newest;
        size_t n, n_max, n_bytes;
        uint64_t secret[2];
        unsigned int round;
        struct sheet *sheet;    /* NULL: none was found yet */
        int64_t sheet_retry_ms; /* not before this moment */
};

/*
 * -- the table ----------------------------------------------------------------------------------
 */

static struct held_item **find(const struct held *held, const struct held_key *key)
{
        struct held_item **at = &held->buckets[key->hash % N_BUCKETS];

        while (*at && ((*at)->key.hash != key->hash || (*at)->key.n != key->n ||
                       memcmp((*at)->key.bytes, key->bytes, key->n) != 0))
                at = &(*at)->next;
        return at;
}

static void put_newest(struct held *held, struct held_item *item)
{
        item->newer = NULL;
        item->older = held->newest;
        *(held->newest ? &held->newest->newer : &held->oldest) = item;
        held->newest = item;
}

static void take_out(struct held *held, struct held_item *item)
{
        *(item->newer ? &item->newer->older : &held->newest) = item->older;
        *(item->older ? &item->older->newer : &held->oldest) = item->newer;
}

static void drop(struct held *held, struct held_item *item)
{
        *find(held, &item->key) = item->next;
        take_out(held, item);
        held->n--;
        held->n_bytes -= item->n_bytes;
        held_key_deinit(&item->key);
        uatrust_verdict_free(item->verdict);
        wording_deinit(&item->wording);
        free(item);
}

static void drop_what_is_too_much(struct held *held)
{
        while (held->n > held->n_max || held->n_bytes > NAMES_HELD_MAX_BYTES)
                drop(held, held->oldest);
}

static int make_buckets(struct held *held)
{
        if (held->buckets)
                return 0;

        held->buckets = calloc(N_BUCKETS, sizeof(struct held_item *));
        return held->buckets ? 0 : -1;
}

struct held *held_new(void)
{
        struct held *held = calloc(1, sizeof(*held));

        if (!held)
                return NULL;

        held->n_max = NAMES_HELD_MAX;
        held->sheet_retry_ms = INT64_MIN;
        /*
         * Where nothing is random yet, so early at boot, there is no secret: that can cost time
         * only.
         */
        (void)!getrandom(held->secret, sizeof(held->secret), GRND_NONBLOCK);
        return held;
}

void held_forget(struct held *held)
{
        while (held->n)
                drop(held, held->oldest);
        held->sheet = sheet_unref(held->sheet);
        held->sheet_retry_ms = INT64_MIN;
        held->round++;
}

struct held *held_free(struct held *held)
{
        if (!held)
                return NULL;

        held_forget(held);
        free(held->buckets);
        free(held);
        return NULL;
}

void held_set_max(struct held *held, size_t n_max)
{
        held->n_max = n_max < NAMES_HELD_MAX ? n_max : NAMES_HELD_MAX;
        drop_what_is_too_much(held);
}

/*
 * -- keys ---------------------------------------------------------------------------------------
 */

static void add_number(struct buf *out, uint64_t number)
{
        buf_add(out, &number, sizeof(number));
}

static void add_bytes(struct buf *out, const void *data, size_t n)
{
        add_number(out, n);
        buf_add(out, data, n);
}

static void add_item(struct buf *out, enum schema_type type, const void *item)
{
        const struct schema_bytes *bytes = item;
        const char *text;

        switch (type) {
        case SCHEMA_STRING:
        case SCHEMA_OBJECT:
                text = *(char *const *)item ? *(char *const *)item : "";
                add_bytes(out, text, strlen(text));
                break;
        case SCHEMA_BYTES:
                add_bytes(out, bytes->data, bytes->n);
                break;
        case SCHEMA_BOOL:
                buf_add(out, item, sizeof(bool));
                break;
        case SCHEMA_INT:
                buf_add(out, item, sizeof(int64_t));
                break;
        case SCHEMA_STRUCT:
                break; /* see flatten() */
        }
}

/*
 * Fields in their order, each with its length, so that no two messages give the same bytes. As deep
 * as the tables are.
 */
static void flatten(const struct schema *schema, const void *value, struct buf *out)
{
        for (size_t i = 0; i < schema->n_fields; i++) {
                const struct schema_field *field = &schema->fields[i];
                size_t n;
                const char *item = schema_items(field, value, &n);

                add_number(out, schema_is_absent(field, value) ? UINT64_MAX : n);
                for (; n; n--, item += schema_item_bytes(field)) {
                        if (field->type == SCHEMA_STRUCT)
                                flatten(field->nested, item, out);
                        else
                                add_item(out, field->type, item);
                }
        }
}

static size_t count_certificates(const struct message_validate *asked)
{
        size_t n = 0;

        for (size_t i = 0; i < asked->n_certificates; i++)
                n += asked->certificates[i].n;
        return n;
}

void held_make_key(const struct held *held, const struct message_validate *asked,
                   struct held_key *out)
{
        CLEANUP(buf_deinit) struct buf bytes = BUF_NULL;
        struct message_validate question = *asked;

        *out = (struct held_key){
                .round = held->round,
                .is_now = asked->at == SCHEMA_INT_ABSENT,
        };
        if (!held->n_max || !out->is_now)
                return;

        out->is_all = !question.context;
        question.context = NULL; /* recorded, never judged by */
        buf_reserve(&bytes, count_certificates(asked) + REST_BYTES);
        flatten(&message_validate_schema, &question, &bytes);
        if (buf_error(&bytes))
                return;

        out->hash = siphash(held->secret, bytes.data, bytes.n);
        out->n = bytes.n;
        out->bytes = TAKE(bytes.data);
}

void held_key_deinit(struct held_key *key)
{
        free(key->bytes);
        buf_deinit(&key->message);
        *key = (struct held_key)HELD_KEY_NULL;
}

/*
 * -- verdicts -----------------------------------------------------------------------------------
 */

static void move_message(struct held_key *from, struct held_key *to)
{
        if (!from->message.n)
                return;

        buf_deinit(&to->message);
        to->message = from->message;
        from->message = (struct buf)BUF_NULL;
}

struct uatrust_verdict *held_find(struct held *held, struct held_key *key)
{
        struct held_item *item;

        if (!key->bytes || !held->buckets)
                return NULL;

        item = *find(held, key);
        if (!item)
                return NULL;
        if (!uatrust_verdict_holds(item->verdict)) {
                if (key->is_all)
                        move_message(&item->key, key);
                return NULL;
        }

        take_out(held, item);
        put_newest(held, item);
        return verdict_ref(item->verdict);
}

static int64_t now_ms(void)
{
        struct timespec now;

        clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
        return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

/* An agent that came after the one of our sheet has made another. */
static void look_for_sheet(struct held *held, const char *socket)
{
        struct sheet *sheet = NULL;

        if (now_ms() < held->sheet_retry_ms)
                return;

        held->sheet_retry_ms = now_ms() + RETRY_MS;
        if (!sheet_open(socket, &sheet)) {
                sheet_unref(held->sheet);
                held->sheet = sheet;
        }
}

/* From now on, if there is a sheet by which it can. */
static void make_stand(struct held *held, const char *socket, struct uatrust_verdict *verdict)
{
        if (verdict_stand_by(verdict, held->sheet))
                return;

        look_for_sheet(held, socket);
        verdict_stand_by(verdict, held->sheet);
}

static void weigh(struct held *held, struct held_item *item)
{
        size_t n_bytes = sizeof(*item) + sizeof(*item->verdict) + item->n_said + item->key.n +
                         item->key.message.n_room + item->wording.n;

        held->n_bytes += n_bytes - item->n_bytes;
        item->n_bytes = n_bytes;
        drop_what_is_too_much(held);
}

static void keep(struct held *held, struct held_key *key, struct uatrust_verdict *verdict)
{
        CLEANUP(buf_deinit) struct buf bytes = BUF_NULL;
        struct held_item *former = *find(held, key);
        struct held_item *item = malloc(sizeof(*item));

        flatten(&message_verdict_schema, &verdict->m, &bytes);
        if (former)
                drop(held, former);
        if (!item || buf_error(&bytes)) {
                free(item);
                return;
        }

        *item = (struct held_item){
                .key = *key,
                .verdict = verdict_ref(verdict),
                .n_said = bytes.n,
        };
        *key = (struct held_key)HELD_KEY_NULL;
        wording_init(&item->wording, &verdict->m);
        *find(held, &item->key) = item;
        put_newest(held, item);
        held->n++;
        weigh(held, item);
}

void held_take_in(struct held *held, const char *socket, struct held_key *key,
                  struct uatrust_verdict *verdict)
{
        if (!key->is_now || key->round != held->round)
                return;

        make_stand(held, socket, verdict);
        if (key->bytes && verdict->m.trusted && !verdict->m.audit_event_id && !make_buckets(held))
                keep(held, key, verdict);
}

struct uatrust_verdict *held_recall(struct held *held, const char *socket, struct held_key *key,
                                    const char *text, size_t n)
{
        int64_t generation, valid_until_s;
        struct uatrust_verdict *verdict;
        struct held_item *item;

        if (!key->bytes || !held->buckets || key->round != held->round)
                return NULL;

        item = *find(held, key);
        if (!item || !wording_match(&item->wording, text, n, &generation, &valid_until_s))
                return NULL;

        verdict = verdict_new_like(item->verdict, generation, valid_until_s);
        if (!verdict)
                return NULL;

        make_stand(held, socket, verdict);
        uatrust_verdict_free(item->verdict);
        item->verdict = verdict_ref(verdict);
        move_message(key, &item->key);
        take_out(held, item);
        put_newest(held, item);
        weigh(held, item);
        return verdict;
}
