/* SPDX-License-Identifier: Apache-2.0 */
#include "service/audit.h"

#include "base/log.h"
#include "base/vec.h"
#include "proto/buf.h"
#include "proto/hex.h"
#include "proto/message_peers.h"
#include "proto/names.h"
#include "proto/status.h"
#include "service/caller.h"
#include "service/catalog.h"
#include "service/notices.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* OPC 10000-5 6.4.12: the SourceName of certificate events. */
#define SOURCE_NAME "Security/Certificate"

/* Events that are alike, of which the first was told. */
struct fold {
        struct buf key;
        bool is_of_user; /* counts for its user */
        uid_t uid;
        int64_t end_s;                    /* of its time */
        struct message_audit_event event; /* the last one, with the EventId of those to be told */
        int64_t n;                        /* how many are to be told */
};

struct audit {
        struct audit_config config;
        VEC(struct fold *) folds;
        size_t n_of_users;
        int64_t due_s; /* the earliest end of one that holds something */
        int64_t n_events;
};

int audit_new(const struct audit_config *config, struct audit **out)
{
        struct audit *audit = calloc(1, sizeof(*audit));

        if (!audit)
                return -ENOMEM;

        audit->config = *config;
        audit->due_s = INT64_MAX;
        *out = audit;
        return 0;
}

static struct fold *fold_free(struct fold *fold)
{
        if (!fold)
                return NULL;

        buf_deinit(&fold->key);
        schema_deinit(&message_audit_event_schema, &fold->event);
        free(fold);
        return NULL;
}

DEFINE_CLEANUP(struct fold *, fold_free)

/*
 * -- telling ------------------------------------------------------------------------------------
 */

struct line {
        struct log_field fields[16];
        size_t n;
        char numbers[5][24];
        size_t n_numbers;
};

static void add_text(struct line *line, const char *name, const char *value)
{
        if (value)
                line->fields[line->n++] = (struct log_field){ name, value };
}

static void add_number(struct line *line, const char *name, int64_t value)
{
        char *text = line->numbers[line->n_numbers];

        if (value == SCHEMA_INT_ABSENT)
                return;

        snprintf(text, sizeof(line->numbers[0]), "%" PRId64, value);
        line->n_numbers++;
        add_text(line, name, text);
}

static void write_line(const struct audit *audit, const struct message_audit_event *event,
                       enum catalog_id id)
{
        struct line line = { .n = 0 };
        char count[48] = "";

        add_text(&line, "MESSAGE_ID", catalog_get_id(id));
        add_text(&line, "UATRUST_EVENT_ID", event->event_id);
        add_text(&line, "UATRUST_EVENT_TYPE", event->event_type);
        add_number(&line, "UATRUST_EVENT_TYPE_ID", event->event_type_id);
        add_text(&line, "UATRUST_STORE", event->store);
        add_text(&line, "UATRUST_STATUS", event->status_name);
        add_text(&line, "UATRUST_SEVERITY", event->severity);
        add_text(&line, "UATRUST_THUMBPRINT", event->thumbprint);
        add_text(&line, "UATRUST_SUBJECT", event->subject);
        add_text(&line, "UATRUST_APPLICATION", event->application);
        add_text(&line, "UATRUST_UNIT", event->unit);
        add_number(&line, "UATRUST_UID", event->uid);
        add_number(&line, "UATRUST_PID", event->pid);
        add_number(&line, "UATRUST_GENERATION", event->generation);
        add_number(&line, "UATRUST_COUNT", event->count);

        if (event->count > 1)
                snprintf(count, sizeof(count), " (%" PRId64 " times)", event->count);
        if (id == CATALOG_TRUST_LIST_CHANGED)
                log_fields(audit->config.log, catalog_get_level(id), line.fields, line.n,
                           "audit: update of store %s by uid %" PRId64 ": %s", event->store,
                           event->uid, event->message);
        else
                log_fields(audit->config.log, catalog_get_level(id), line.fields, line.n,
                           "audit: %s %s in store %s: %s%s", event->status_name,
                           event->subject ? event->subject : "certificates", event->store,
                           event->message, count);
}

static void tell(const struct audit *audit, const struct message_audit_event *event,
                 enum catalog_id id)
{
        write_line(audit, event, id);
        if (audit->config.notices)
                notices_audit(audit->config.notices, event);
}

static void make_event_id(char out[AUDIT_EVENT_ID_SIZE])
{
        uint8_t id[(AUDIT_EVENT_ID_SIZE - 1) / 2];

        if (getrandom(id, sizeof(id), 0) != sizeof(id))
                memset(id, 0, sizeof(id));
        hex_encode(id, sizeof(id), out);
}

/*
 * -- folding ------------------------------------------------------------------------------------
 */

/* Tells what was folded, and gives it another time; one of which nothing came has ended. */
static bool is_ended(struct audit *audit, struct fold *fold, int64_t now_s)
{
        if (fold->n == 0)
                return true;

        fold->event.count = fold->n;
        fold->event.time = now_s;
        tell(audit, &fold->event, CATALOG_CERTIFICATE_REFUSED);
        fold->n = 0;
        fold->end_s = now_s + AUDIT_FOLD_S;
        return false;
}

/* A clock that was set back ends them early: a time longer than a fold's cannot be left. */
static bool is_due(const struct fold *fold, int64_t now_s)
{
        return fold->end_s <= now_s || fold->end_s > now_s + AUDIT_FOLD_S;
}

static void note_due(struct audit *audit, const struct fold *fold)
{
        if (fold->n > 0 && fold->end_s < audit->due_s)
                audit->due_s = fold->end_s;
}

static void end_folds(struct audit *audit, int64_t now_s)
{
        size_t n_left = 0;

        audit->due_s = INT64_MAX;
        for (size_t i = 0; i < audit->folds.n; i++) {
                struct fold *fold = audit->folds.items[i];

                if (is_due(fold, now_s) && is_ended(audit, fold, now_s)) {
                        audit->n_of_users -= fold->is_of_user;
                        fold_free(fold);
                } else {
                        audit->folds.items[n_left++] = fold;
                        note_due(audit, fold);
                }
        }
        audit->folds.n = n_left;
}

static struct fold *find_fold(const struct audit *audit, const struct buf *key)
{
        for (size_t i = 0; i < audit->folds.n; i++) {
                struct fold *fold = audit->folds.items[i];

                if (fold->key.n == key->n && memcmp(fold->key.data, key->data, key->n) == 0)
                        return fold;
        }
        return NULL;
}

static void write_key(const struct message_audit_event *event, bool is_of_user, struct buf *out)
{
        buf_printf(out, "%s %s %s", event->store, event->status_name, event->severity);
        if (is_of_user)
                buf_printf(out, " %s %s %" PRId64 " %s", event->event_type,
                           event->thumbprint ? event->thumbprint : "", event->uid,
                           event->unit ? event->unit : "");
}

static bool has_room(const struct audit *audit, uid_t uid)
{
        size_t n = 0;

        for (size_t i = 0; i < audit->folds.n; i++)
                n += audit->folds.items[i]->is_of_user && audit->folds.items[i]->uid == uid;
        return n < AUDIT_USER_FOLDS_MAX && audit->n_of_users < AUDIT_FOLDS_MAX;
}

/* From now on what is like @event is folded; it itself is told at once. Return: 0 or -ENOMEM. */
static int begin_fold(struct audit *audit, const struct message_audit_event *event, struct buf *key,
                      bool is_of_user)
{
        CLEANUP(fold_freep) struct fold *fold = calloc(1, sizeof(*fold));
        int r;

        if (!fold)
                return -ENOMEM;

        r = schema_copy(&message_audit_event_schema, event, &fold->event);
        if (!r)
                r = VEC_RESERVE(&audit->folds, 1);
        if (r)
                return r;

        fold->key = *key;
        *key = (struct buf)BUF_NULL;
        fold->is_of_user = is_of_user;
        fold->uid = (uid_t)event->uid;
        fold->end_s = event->time + AUDIT_FOLD_S;
        audit->n_of_users += is_of_user;
        return VEC_PUSH(&audit->folds, TAKE(fold));
}

/* One more like those before. Its verdict bears the EventId under which they will be told. */
static void add_to_fold(struct audit *audit, struct fold *fold, char event_id[AUDIT_EVENT_ID_SIZE])
{
        if (fold->n++ == 0)
                memcpy(fold->event.event_id, event_id, AUDIT_EVENT_ID_SIZE);
        memcpy(event_id, fold->event.event_id, AUDIT_EVENT_ID_SIZE);
        note_due(audit, fold);
}

/* @event: its event_id is @event_id, which becomes that of the fold that takes it in. */
static void fold_or_tell(struct audit *audit, const struct message_audit_event *event,
                         char event_id[AUDIT_EVENT_ID_SIZE])
{
        CLEANUP(buf_deinit) struct buf key = BUF_NULL;
        struct message_audit_event told = *event;
        struct fold *fold;
        bool is_of_user = true;

        end_folds(audit, event->time);
        write_key(event, true, &key);
        fold = find_fold(audit, &key);
        if (!fold && !has_room(audit, (uid_t)event->uid)) {
                is_of_user = false;
                buf_reset(&key);
                write_key(event, false, &key);
                fold = find_fold(audit, &key);
                told.thumbprint = told.subject = told.application = told.unit = NULL;
                told.pid = told.uid = SCHEMA_INT_ABSENT;
                told.message = (char *)"certificates of all kinds";
        }
        if (fold) {
                add_to_fold(audit, fold, event_id);
                return;
        }

        tell(audit, &told, CATALOG_CERTIFICATE_REFUSED);
        if (!buf_error(&key)) /* without memory all are told one by one */
                begin_fold(audit, &told, &key, is_of_user);
}

/*
 * -- events -------------------------------------------------------------------------------------
 */

static bool is_event(const struct message_verdict *verdict, const struct message_finding *finding)
{
        static const char *const ERROR = NAMES_SEVERITY_ERROR;

        if (strcmp(finding->severity, NAMES_SEVERITY_SUPPRESSED) == 0)
                return true;

        /* of the errors the one that decided */
        return !verdict->trusted && strcmp(finding->severity, ERROR) == 0 &&
               strcmp(finding->status_name, verdict->status_name) == 0;
}

static void audit_finding(struct audit *audit, const struct message_verdict *verdict,
                          const struct message_finding *finding, struct message_audit_event *event,
                          char out_event_id[AUDIT_EVENT_ID_SIZE])
{
        bool has_place =
                finding->chain_index >= 0 && (size_t)finding->chain_index < verdict->n_chain;

        make_event_id(out_event_id);
        event->event_id = out_event_id;
        event->event_type = finding->audit_event_type;
        event->event_type_id = status_audit_find(finding->audit_event_type);
        event->status_name = finding->status_name;
        event->status_code = finding->status_code;
        event->severity = finding->severity;
        event->message = finding->message;
        event->thumbprint = *finding->thumbprint ? finding->thumbprint : NULL;
        event->subject = has_place ? verdict->chain[finding->chain_index].subject : NULL;
        audit->n_events++;
        fold_or_tell(audit, event, out_event_id);
}

void audit_verdict(struct audit *audit, const struct message_verdict *verdict,
                   const struct caller *caller, const struct message_context *context,
                   char out_event_id[AUDIT_EVENT_ID_SIZE])
{
        struct message_audit_event event;
        char event_id[AUDIT_EVENT_ID_SIZE];
        bool has_decided = verdict->trusted;

        out_event_id[0] = '\0';
        schema_init(&message_audit_event_schema, &event);
        event.source_name = (char *)SOURCE_NAME;
        event.time = audit->config.now_s();
        event.store = verdict->store;
        event.generation = verdict->generation;
        event.count = 1;
        event.uid = caller->uid;
        event.pid = caller->pid ? caller->pid : SCHEMA_INT_ABSENT;
        event.unit = caller->cgroup && *caller->cgroup ? (char *)caller->cgroup : NULL;
        event.application = context ? context->application : NULL;

        for (size_t i = 0; i < verdict->n_findings; i++) {
                const struct message_finding *finding = &verdict->findings[i];
                bool is_error = strcmp(finding->severity, NAMES_SEVERITY_ERROR) == 0;

                if (!is_event(verdict, finding) || (is_error && has_decided))
                        continue;

                has_decided |= is_error;
                audit_finding(audit, verdict, finding, &event, event_id);
                if (!*out_event_id || is_error)
                        memcpy(out_event_id, event_id, sizeof(event_id));
        }
}

void audit_event(struct audit *audit, const struct message_audit_event *event, enum catalog_id id)
{
        struct message_audit_event told = *event;
        char event_id[AUDIT_EVENT_ID_SIZE];

        make_event_id(event_id);
        told.event_id = event_id;
        told.count = 1;
        audit->n_events++;
        tell(audit, &told, id);
}

/*
 * -- time ---------------------------------------------------------------------------------------
 */

int64_t audit_due_s(const struct audit *audit)
{
        return audit->due_s;
}

void audit_run_due(struct audit *audit)
{
        end_folds(audit, audit->config.now_s());
}

int64_t audit_count(const struct audit *audit)
{
        return audit->n_events;
}

struct audit *audit_free(struct audit *audit)
{
        if (!audit)
                return NULL;

        for (size_t i = 0; i < audit->folds.n; i++) {
                is_ended(audit, audit->folds.items[i], audit->config.now_s());
                fold_free(audit->folds.items[i]);
        }
        VEC_FREE(&audit->folds);
        free(audit);
        return NULL;
}
