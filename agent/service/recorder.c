/* SPDX-License-Identifier: Apache-2.0 */
#include "service/recorder.h"

#include "base/vec.h"
#include "proto/message_trust.h"
#include "service/access.h"
#include "service/answers.h"
#include "service/caller.h"
#include "service/catalog.h"
#include "service/notices.h"
#include "service/report_rejected.h"
#include "service/stores.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NS_PER_S     INT64_C(1000000000)
#define PERIOD_NS    (60 * NS_PER_S / RECORDER_PER_MINUTE) /* one record fills in so long */
#define LOG_EACH_S   60
#define TELL_EACH_NS (60 * NS_PER_S)
#define TOLD_MAX     128 /* of so many it is known when they were told */

/* Refusals of one certificate that are not written yet. */
struct waiting {
        uint8_t sha256[32];
        struct rejected_item item;
};

struct desk {
        size_t store;
        struct recorder_writer writer;
        struct recorder_settings settings;
        struct rejected_list *list; /* what is on disk; NULL: not known yet */
        bool wants_look;

        VEC(struct waiting *) queue; /* in order of SHA-256 */
        size_t n_new, n_new_bytes;   /* items in it that are new, and their certificates */

        bool is_failing; /* the disk; said in the log */
        size_t n_lost;   /* since that was last said */
        const char *why; /* the last of these was */
        int64_t lost_s;  /* when it was said */
};

/*
 * A user's bucket as one number: the moment at which it is full again. Each record moves it on by
 * one period.
 */
struct account {
        uid_t uid;
        int64_t full_ns;
};

/* That a certificate was recorded, as it may be removed and come again. */
struct told {
        uint8_t sha256[32];
        int64_t at_ns; /* 0: never */
};

struct recorder {
        struct recorder_config config;
        VEC(struct desk *) desks;
        VEC(struct account) accounts; /* of users whose bucket is not full */
        struct told told[TOLD_MAX];   /* a ring */
        size_t next_told;
        int64_t n_written;
};

/* -- life -------------------------------------------------------------------------------------- */

int recorder_new(const struct recorder_config *config, struct recorder **out)
{
        struct recorder *recorder = calloc(1, sizeof(*recorder));

        if (!recorder)
                return -ENOMEM;

        recorder->config = *config;
        *out = recorder;
        return 0;
}

static void waiting_free(struct waiting *waiting)
{
        rejected_item_deinit(&waiting->item);
        free(waiting);
}

static void desk_free(struct desk *desk)
{
        for (size_t i = 0; i < desk->queue.n; i++)
                waiting_free(desk->queue.items[i]);
        VEC_FREE(&desk->queue);
        rejected_list_unref(desk->list);
        free(desk);
}

struct recorder *recorder_free(struct recorder *recorder)
{
        if (!recorder)
                return NULL;

        for (size_t i = 0; i < recorder->desks.n; i++)
                desk_free(recorder->desks.items[i]);
        VEC_FREE(&recorder->desks);
        VEC_FREE(&recorder->accounts);
        free(recorder);
        return NULL;
}

static struct desk *find_desk(const struct recorder *recorder, size_t store)
{
        for (size_t i = 0; i < recorder->desks.n; i++) {
                if (recorder->desks.items[i]->store == store)
                        return recorder->desks.items[i];
        }
        return NULL;
}

static const char *name_of(const struct recorder *recorder, const struct desk *desk)
{
        const struct store_state *state = stores_at(recorder->config.stores, desk->store);

        return state ? state->name : "";
}

/* -- rates ------------------------------------------------------------------------------------- */

/* Forgets whose bucket is full again, so that room is for those who need it. */
static void clean_accounts(struct recorder *recorder, int64_t now_ns)
{
        size_t n = 0;

        for (size_t i = 0; i < recorder->accounts.n; i++) {
                if (recorder->accounts.items[i].full_ns > now_ns)
                        recorder->accounts.items[n++] = recorder->accounts.items[i];
        }
        recorder->accounts.n = n;
}

static struct account *get_account(struct recorder *recorder, uid_t uid, int64_t now_ns)
{
        for (size_t i = 0; i < recorder->accounts.n; i++) {
                if (recorder->accounts.items[i].uid == uid)
                        return &recorder->accounts.items[i];
        }

        if (recorder->accounts.n >= RECORDER_USERS_MAX)
                clean_accounts(recorder, now_ns);
        if (recorder->accounts.n >= RECORDER_USERS_MAX ||
            VEC_PUSH(&recorder->accounts, ((struct account){ uid, now_ns })))
                return NULL;
        return &recorder->accounts.items[recorder->accounts.n - 1];
}

/* Return: may this user cause one more record now? Then it is counted. */
static bool take_token(struct recorder *recorder, uid_t uid)
{
        int64_t now_ns = recorder->config.monotonic_ns();
        struct account *account = get_account(recorder, uid, now_ns);

        if (!account)
                return false;
        if (account->full_ns < now_ns)
                account->full_ns = now_ns;
        if (account->full_ns - now_ns > (RECORDER_BURST - 1) * PERIOD_NS)
                return false;

        account->full_ns += PERIOD_NS;
        return true;
}

/* -- the queue --------------------------------------------------------------------------------- */

/* Return: the place of the first that is not before @sha256 */
static size_t find_place(const struct desk *desk, const uint8_t sha256[32])
{
        size_t low = 0, high = desk->queue.n;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (memcmp(desk->queue.items[middle]->sha256, sha256, 32) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

static struct waiting *find_waiting(const struct desk *desk, const uint8_t sha256[32])
{
        size_t i = find_place(desk, sha256);

        if (i == desk->queue.n || memcmp(desk->queue.items[i]->sha256, sha256, 32) != 0)
                return NULL;
        return desk->queue.items[i];
}

static bool is_new(const struct waiting *waiting)
{
        return waiting->item.n_certificates > 0;
}

static size_t bytes_of(const struct waiting *waiting)
{
        size_t n = 0;

        for (size_t i = 0; i < waiting->item.n_certificates; i++)
                n += waiting->item.certificates[i].n;
        return n;
}

static int add_waiting(struct desk *desk, struct waiting *waiting)
{
        size_t i = find_place(desk, waiting->sha256);
        struct waiting **at;
        int r = VEC_RESERVE(&desk->queue, 1);

        if (r)
                return r;

        at = desk->queue.items + i;
        memmove(at + 1, at, (desk->queue.n - i) * sizeof(*at));
        *at = waiting;
        desk->queue.n++;
        desk->n_new += is_new(waiting);
        desk->n_new_bytes += bytes_of(waiting);
        return 0;
}

static struct waiting *remove_waiting(struct desk *desk, size_t i)
{
        struct waiting **at = desk->queue.items + i, *waiting = *at;

        desk->queue.n--;
        memmove(at, at + 1, (desk->queue.n - i) * sizeof(*at));
        desk->n_new -= is_new(waiting);
        desk->n_new_bytes -= bytes_of(waiting);
        return waiting;
}

static bool has_record(const struct desk *desk, const uint8_t sha256[32])
{
        const struct rejected_file *file = rejected_list_find(desk->list, sha256);

        return file && file->has_cert && file->record;
}

/* What is only counted, and has no record any more, would be new if it came again. */
static void forget_gone(struct desk *desk)
{
        size_t i = desk->queue.n;

        while (i-- > 0) {
                const struct waiting *waiting = desk->queue.items[i];

                if (!is_new(waiting) && !has_record(desk, waiting->sha256))
                        waiting_free(remove_waiting(desk, i));
        }
}

/* Said at once, then folded. */
static void lose(struct recorder *recorder, struct desk *desk, size_t n, const char *why)
{
        int64_t now_s = recorder->config.now_s();

        desk->n_lost += n;
        if (n > 0)
                desk->why = why;
        if (desk->n_lost == 0 ||
            (desk->lost_s && now_s >= desk->lost_s && now_s - desk->lost_s < LOG_EACH_S))
                return;

        catalog_tell(recorder->config.log, CATALOG_RECORDS_LOST,
                     CATALOG_STORE(name_of(recorder, desk)),
                     "%zu refused certificates were not recorded: %s", desk->n_lost, desk->why);
        desk->n_lost = 0;
        desk->lost_s = now_s;
}

static int queue(struct recorder *recorder, struct desk *desk, const struct answers_item *answer,
                 const uint8_t sha256[32], bool has_certificates)
{
        struct waiting *waiting = calloc(1, sizeof(*waiting));
        int r;

        if (!waiting)
                return -ENOMEM;

        memcpy(waiting->sha256, sha256, sizeof(waiting->sha256));
        r = refusal_make(answer, recorder->config.now_s(), has_certificates, &waiting->item);
        if (!r)
                r = add_waiting(desk, waiting);
        if (r)
                waiting_free(waiting);
        return r;
}

/* Nothing of this certificate waits yet. */
static void begin(struct recorder *recorder, struct desk *desk, const struct answers_item *answer,
                  const uint8_t sha256[32])
{
        bool is_known = has_record(desk, sha256);

        if (desk->queue.n >= RECORDER_QUEUE_MAX ||
            (!is_known &&
             desk->n_new_bytes + refusal_count_bytes(answer) > RECORDER_QUEUE_BYTES_MAX))
                lose(recorder, desk, 1, "too many wait to be written");
        else if (!is_known && !take_token(recorder, answer->caller->uid))
                lose(recorder, desk, 1, "one user causes too many");
        else if (queue(recorder, desk, answer, sha256, !is_known))
                lose(recorder, desk, 1, "there is no memory");
        else
                desk->writer.wake(!is_known, desk->writer.userdata);
}

void recorder_on_answer(const struct answers_item *answer, void *userdata)
{
        struct recorder *recorder = userdata;
        struct desk *desk;
        struct waiting *waiting;
        uint8_t sha256[32];

        if (!answer->verdict || answer->verdict->trusted || !answer->is_presented)
                return;

        desk = find_desk(recorder, answer->state->handle);
        if (!desk || !refusal_is_due(answer->verdict, desk->settings.when) ||
            !refusal_find_sha256(answer->verdict, sha256) ||
            !access_may_record(answer->caller, answer->state->access))
                return;

        waiting = find_waiting(desk, sha256);
        if (waiting)
                refusal_fold(answer, recorder->config.now_s(), &waiting->item);
        else
                begin(recorder, desk, answer, sha256);
}

/* -- what is known ----------------------------------------------------------------------------- */

struct recorder_known recorder_find(const struct recorder *recorder, size_t store,
                                    const uint8_t sha256[32])
{
        struct recorder_known known = { .record = NULL };
        const struct desk *desk = find_desk(recorder, store);
        const struct rejected_file *file;
        const struct waiting *waiting;

        if (!desk)
                return known;

        file = rejected_list_find(desk->list, sha256);
        if (file && file->record) {
                known.record = file->record;
                known.last_seen = file->record->note.last_seen;
                known.count = file->record->note.count;
        } else if (file && file->has_cert) {
                known.last_seen = file->cert.mtime_ns / NS_PER_S;
        }

        waiting = find_waiting(desk, sha256);
        if (waiting) {
                known.last_seen = waiting->item.note.last_seen;
                known.count += waiting->item.note.count;
        }
        return known;
}

int64_t recorder_count_written(const struct recorder *recorder)
{
        return recorder->n_written;
}

void recorder_look(struct recorder *recorder, size_t store)
{
        struct desk *desk = find_desk(recorder, store);

        if (!desk)
                return;

        desk->wants_look = true;
        desk->writer.wake(true, desk->writer.userdata);
}

/* -- writing ----------------------------------------------------------------------------------- */

int recorder_open(struct recorder *recorder, size_t store, const struct recorder_writer *writer)
{
        struct desk *desk = calloc(1, sizeof(*desk));
        int r;

        if (!desk)
                return -ENOMEM;

        *desk = (struct desk){ .store = store,
                               .writer = *writer,
                               .settings = RECORDER_SETTINGS_DEFAULT };
        r = VEC_PUSH(&recorder->desks, desk);
        if (r) {
                free(desk);
                return r;
        }

        recorder_look(recorder, store);
        return 0;
}

void recorder_close(struct recorder *recorder, size_t store)
{
        for (size_t i = 0; i < recorder->desks.n; i++) {
                if (recorder->desks.items[i]->store != store)
                        continue;
                desk_free(recorder->desks.items[i]);
                recorder->desks.items[i] = recorder->desks.items[--recorder->desks.n];
                return;
        }
}

void recorder_set(struct recorder *recorder, size_t store, const struct recorder_settings *settings)
{
        find_desk(recorder, store)->settings = *settings;
}

/* Moves what is to be written from the queue into @batch, which has room for it. */
static void fill(struct desk *desk, bool wants_counts, struct rejected_batch *batch)
{
        size_t i = 0;

        while (i < desk->queue.n && batch->items.n < REJECTED_BATCH_MAX) {
                struct waiting *waiting;

                if (!wants_counts && !is_new(desk->queue.items[i])) {
                        i++;
                        continue;
                }
                waiting = remove_waiting(desk, i);
                batch->items.items[batch->items.n++] = waiting->item;
                free(waiting);
        }
}

int recorder_take(struct recorder *recorder, size_t store, bool wants_counts,
                  struct rejected_batch **out, struct rejected_list **out_before)
{
        CLEANUP(rejected_batch_freep) struct rejected_batch *batch = NULL;
        struct desk *desk = find_desk(recorder, store);

        if (!desk ||
            (!desk->wants_look && desk->n_new == 0 && !(wants_counts && desk->queue.n > 0)))
                return 0;

        batch = calloc(1, sizeof(*batch));
        if (!batch || VEC_RESERVE(&batch->items, REJECTED_BATCH_MAX))
                return -ENOMEM;

        batch->max = desk->settings.max;
        batch->now_s = recorder->config.now_s();
        fill(desk, wants_counts, batch);
        desk->wants_look = false;
        if (desk->n_new > 0)
                desk->writer.wake(true, desk->writer.userdata);
        else if (desk->queue.n > 0)
                desk->writer.wake(wants_counts, desk->writer.userdata);

        *out_before = desk->list ? rejected_list_ref(desk->list) : NULL;
        *out = TAKE(batch);
        return 1;
}

/* Return: was it told within the last minute? Else it counts as told from now on. */
static bool was_told(struct recorder *recorder, const uint8_t sha256[32])
{
        int64_t now_ns = recorder->config.monotonic_ns();
        struct told *told;

        for (size_t i = 0; i < TOLD_MAX; i++) {
                told = &recorder->told[i];
                if (told->at_ns && now_ns - told->at_ns < TELL_EACH_NS &&
                    memcmp(told->sha256, sha256, sizeof(told->sha256)) == 0)
                        return true;
        }

        told = &recorder->told[recorder->next_told];
        recorder->next_told = (recorder->next_told + 1) % TOLD_MAX;
        memcpy(told->sha256, sha256, sizeof(told->sha256));
        told->at_ns = now_ns;
        return false;
}

static void tell(struct recorder *recorder, const struct desk *desk,
                 const struct rejected_new *added)
{
        struct message_rejected message;
        int r;

        if (!recorder->config.notices || was_told(recorder, added->record->sha256))
                return;

        r = report_rejected(name_of(recorder, desk), added->cert, added->record, &message);
        if (!r)
                notices_rejected(recorder->config.notices, &message);
        schema_deinit(&message_rejected_schema, &message);
}

/* The log says when the disk began to fail, and when that was over: something could be written. */
static void note_disk(struct recorder *recorder, struct desk *desk, int error, size_t n_written)
{
        if (error && !desk->is_failing)
                catalog_tell(recorder->config.log, CATALOG_RECORDS_FAILING,
                             CATALOG_STORE(name_of(recorder, desk)),
                             "refused certificates are not recorded in " REJECTED_DIR ": %s",
                             strerror(error));
        else if (n_written > 0 && !error && desk->is_failing)
                catalog_tell(recorder->config.log, CATALOG_RECORDS_KEPT_AGAIN,
                             CATALOG_STORE(name_of(recorder, desk)),
                             "refused certificates are recorded again");
        desk->is_failing = error || (desk->is_failing && n_written == 0);
}

void recorder_settle(struct recorder *recorder, size_t store, struct rejected_outcome *outcome,
                     int r)
{
        struct desk *desk = find_desk(recorder, store);

        if (!outcome || !desk) {
                if (desk)
                        note_disk(recorder, desk, -r, 0);
                return;
        }

        if (outcome->list) {
                rejected_list_unref(desk->list);
                desk->list = TAKE(outcome->list);
                forget_gone(desk);
        }
        note_disk(recorder, desk, outcome->error, outcome->n_written);
        lose(recorder, desk, outcome->n_refused, "there is no room but what others have");
        recorder->n_written += (int64_t)outcome->added.n;
        for (size_t i = 0; i < outcome->added.n; i++)
                tell(recorder, desk, &outcome->added.items[i]);
        rejected_outcome_deinit(outcome);
}
