/* SPDX-License-Identifier: Apache-2.0 */

/* What a service does, from a question to a watched peer. */

#include "faults/memory.h"
#include "harness/must.h"
#include "proto/message.h"
#include "proto/message_peers.h"
#include "service/caller.h"
#include "service/executor.h"
#include "service/notices.h"
#include "service/recorder.h"
#include "service/service.h"
#include "store/rejected.h"
#include "trust/change.h"
#include "trust/snapshot.h"

#include <errno.h>
#include <unistd.h>

struct heard {
        size_t n;
        int64_t outcome;
};

static struct job {
        executor_run_fn run; /* NULL: there is none */
        executor_done_fn done;
        void *userdata;
} job;

static int queue_job(void *executor, uid_t lane, executor_run_fn run, executor_done_fn done,
                     void *userdata)
{
        (void)executor;
        (void)lane;
        must(!job.run, "a second job of a user");
        job = (struct job){ run, done, userdata };
        return 0;
}

static void run_jobs(void)
{
        while (job.run) {
                struct job next = job;

                job.run = NULL;
                next.run(next.userdata);
                next.done(next.userdata);
        }
}

static int64_t now_s = MINT_NOW_S;

static int64_t tell_time(void)
{
        return now_s;
}

static void on_verdict(const struct service_reply *reply, void *userdata)
{
        const struct message_validate_reply *out = reply->out;
        struct heard *heard = userdata;

        heard->n++;
        heard->outcome = reply->error ? -ENOMEM : out->verdict.status_code;
}

static void on_list(const struct service_reply *reply, void *userdata)
{
        const struct message_list_certificates_reply *out = reply->out;
        struct heard *heard = userdata;

        heard->n++;
        heard->outcome = reply->error ? -ENOMEM : (int64_t)out->n_certificates;
}

static void on_event(const struct service_reply *reply, void *userdata)
{
        struct heard *heard = userdata;

        heard->n++;
        heard->outcome = reply->error ? -ENOMEM : (int64_t)heard->n;
}

static int start_service(struct service **out, size_t *out_store)
{
        static const struct executor executor = { queue_job, NULL };
        static const char *const sources[] = { "/nowhere", NULL };
        const struct service_config config = { .agent_id = "0123456789abcdef0123456789abcdef",
                                               .executor = &executor,
                                               .now_s = tell_time };
        CLEANUP(service_freep) struct service *service = NULL;
        int r;

        r = service_new(&config, &service);
        if (!r)
                r = service_add_store(service, "default", sources, out_store);
        if (!r)
                *out = TAKE(service);
        return r;
}

static int publish(struct service *service, size_t store, enum memory_object crl,
                   struct snapshot *before, struct snapshot **out)
{
        CLEANUP(change_unrefp) struct change *change = NULL;
        int r;

        r = memory_build(crl, out);
        if (!r)
                r = change_between(before, *out, &change);
        return r ? r : service_publish(service, store, *out, change);
}

static struct caller caller = { .ref = REF_INIT, .uid = 1000, .pid = 1 };

/* Return: the verdict's status, or -ENOMEM */
static int64_t ask_service(struct service *service, enum memory_object object)
{
        struct schema_bytes certificate = { memory.objects[object].data, memory.objects[object].n };
        struct message_validate in;
        struct heard heard = { 0 };
        struct service_pending *pending;

        schema_init(&message_validate_schema, &in);
        in.purpose = (char *)"client";
        in.certificates = &certificate;
        in.n_certificates = 1;
        pending = service_call(service, &(struct service_call){ .method = MESSAGE_VALIDATE,
                                                                .caller = &caller,
                                                                .in = &in,
                                                                .reply = on_verdict,
                                                                .userdata = &heard });
        must(!pending && heard.n == 1, "%zu replies", heard.n);
        return heard.outcome;
}

static int64_t ask(enum memory_object object)
{
        CLEANUP(service_freep) struct service *service = NULL;
        CLEANUP(snapshot_unrefp) struct snapshot *snap = NULL;
        size_t store;
        int r;

        r = start_service(&service, &store);
        if (!r)
                r = publish(service, store, CA_CRL, NULL, &snap);
        return r ? r : ask_service(service, object);
}

static void on_wake(bool is_new, void *userdata)
{
        (void)is_new;
        (void)userdata;
}

/* What waits, as a job would; what cannot be written is lost. */
static int write_records(struct recorder *recorder, size_t store)
{
        CLEANUP(rejected_batch_freep) struct rejected_batch *batch = NULL;
        CLEANUP(rejected_list_unrefp) struct rejected_list *before = NULL;
        struct rejected_outcome outcome = REJECTED_OUTCOME_NULL;
        int r;

        r = recorder_take(recorder, store, true, &batch, &before);
        if (r != 1)
                return r;

        r = rejected_write(memory.records_path, before, batch, &outcome);
        recorder_settle(recorder, store, r ? NULL : &outcome, r);
        return r;
}

/* The verdict is as ever, whatever becomes of the record. */
static int64_t record(enum memory_object object)
{
        CLEANUP(service_freep) struct service *service = NULL;
        CLEANUP(snapshot_unrefp) struct snapshot *snap = NULL;
        const struct recorder_writer writer = { on_wake, NULL };
        int64_t outcome;
        size_t store;
        int r;

        r = start_service(&service, &store);
        if (!r)
                r = publish(service, store, CA_CRL, NULL, &snap);
        if (!r)
                r = recorder_open(service_recorder(service), store, &writer);
        if (r)
                return r;

        outcome = ask_service(service, object);
        r = write_records(service_recorder(service), store);
        return r ? r : outcome;
}

static int64_t record_new(enum memory_object object)
{
        unlink(memory.record_cert_path);
        unlink(memory.record_note_path);
        return record(object);
}

static int64_t list(enum memory_object object)
{
        CLEANUP(service_freep) struct service *service = NULL;
        CLEANUP(snapshot_unrefp) struct snapshot *snap = NULL;
        struct message_list_certificates in;
        struct heard heard = { 0 };
        size_t store;
        int r;

        (void)object;
        schema_init(&message_list_certificates_schema, &in);
        r = start_service(&service, &store);
        if (!r)
                r = publish(service, store, CA_CRL, NULL, &snap);
        if (r)
                return r;

        service_call(service, &(struct service_call){ .method = MESSAGE_LIST_CERTIFICATES,
                                                      .caller = &caller,
                                                      .in = &in,
                                                      .reply = on_list,
                                                      .userdata = &heard });
        must(heard.n == 1, "%zu replies", heard.n);
        return heard.outcome;
}

/* The state, then a change; or an end. */
static int64_t monitor(enum memory_object crl)
{
        CLEANUP(service_freep) struct service *service = NULL;
        CLEANUP(snapshot_unrefp) struct snapshot *snap = NULL;
        CLEANUP(snapshot_unrefp) struct snapshot *next = NULL;
        struct message_monitor in;
        struct heard heard = { 0 };
        struct service_pending *pending;
        size_t store;
        int r;

        schema_init(&message_monitor_schema, &in);
        r = start_service(&service, &store);
        if (!r)
                r = publish(service, store, CA_CRL, NULL, &snap);
        if (r)
                return r;

        pending = service_call(service, &(struct service_call){ .method = MESSAGE_MONITOR,
                                                                .caller = &caller,
                                                                .in = &in,
                                                                .wants_more = true,
                                                                .reply = on_event,
                                                                .userdata = &heard });
        must(pending || heard.n >= 1, "neither a reply nor a call that is pending");
        r = publish(service, store, crl, snap, &next);
        service_cancel(pending);
        return r ? r : heard.outcome;
}

static void on_notices(const struct service_reply *reply, void *userdata)
{
        const struct message_monitor_notices_reply *out = reply->out;
        struct heard *heard = userdata;

        heard->n += !reply->error && out->warning && !out->warning->is_over;
}

/* Whatever fails, a second later it is told: each warning that stands, to who listens, too. */
static int64_t run_dry(enum memory_object crl)
{
        CLEANUP(service_freep) struct service *service = NULL;
        CLEANUP(snapshot_unrefp) struct snapshot *snap = NULL;
        struct message_monitor_notices in = { .stores = NULL };
        struct heard heard = { 0 };
        struct service_pending *pending;
        size_t store, n;
        int r;

        r = start_service(&service, &store);
        if (!r)
                r = publish(service, store, crl, NULL, &snap);
        if (r)
                return r;

        pending = service_call(service, &(struct service_call){ .method = MESSAGE_MONITOR_NOTICES,
                                                                .caller = &caller,
                                                                .in = &in,
                                                                .wants_more = true,
                                                                .reply = on_notices,
                                                                .userdata = &heard });
        if (!pending)
                return -ENOMEM;

        now_s += 31 * MINT_DAY_S;
        for (int i = 0; i < 3; i++, now_s++)
                service_run_due(service);
        now_s = MINT_NOW_S;
        n = notices_count_standing(service_notices(service));
        must(heard.n >= n, "%zu warnings stand, %zu were told", n, heard.n);
        service_cancel(pending);
        return (int64_t)n;
}

struct watch {
        char id[33];
        size_t n_states, n_news;
        int64_t outcome; /* of the news that came last */
};

static void on_watch(const struct service_reply *reply, void *userdata)
{
        const struct message_watch_peers_reply *out = reply->out;
        struct watch *watch = userdata;

        if (!reply->error && out->watch_id)
                snprintf(watch->id, sizeof(watch->id), "%s", out->watch_id);
        if (reply->error || out->watch_id)
                return;

        watch->n_news++;
        watch->outcome = out->news->verdict.status_code;
}

static void on_states(const struct service_reply *reply, void *userdata)
{
        const struct message_register_peers_reply *out = reply->out;
        struct watch *watch = userdata;

        watch->n_states = reply->error ? 0 : out->n_states;
}

static struct service_pending *register_peer(struct service *service, enum memory_object object,
                                             struct watch *watch)
{
        struct schema_bytes certificate = { memory.objects[object].data, memory.objects[object].n };
        struct message_peer peer = { .key = (char *)"key",
                                     .certificates = &certificate,
                                     .n_certificates = 1,
                                     .purpose = (char *)"client" };
        struct message_register_peers in = { watch->id, &peer, 1 };

        return service_call(service, &(struct service_call){ .method = MESSAGE_REGISTER_PEERS,
                                                             .caller = &caller,
                                                             .in = &in,
                                                             .reply = on_states,
                                                             .userdata = watch });
}

/* What could not be done for want of memory is done a second later. */
static void run_due(struct service *service)
{
        run_jobs();
        now_s++;
        service_run_due(service);
        run_jobs();
        now_s = MINT_NOW_S;
}

/* A peer is registered, then revoked: whoever watches it is told just that, sooner or later. */
static int64_t watch_peer(enum memory_object object)
{
        CLEANUP(service_freep) struct service *service = NULL;
        CLEANUP(snapshot_unrefp) struct snapshot *snap = NULL;
        CLEANUP(snapshot_unrefp) struct snapshot *next = NULL;
        struct message_nothing in = { 0 };
        struct watch watch = { .n_news = 0 };
        struct service_pending *pending;
        size_t store;
        int r;

        r = start_service(&service, &store);
        if (!r)
                r = publish(service, store, CA_CRL, NULL, &snap);
        if (r)
                return r;

        pending = service_call(service, &(struct service_call){ .method = MESSAGE_WATCH_PEERS,
                                                                .caller = &caller,
                                                                .in = &in,
                                                                .wants_more = true,
                                                                .reply = on_watch,
                                                                .userdata = &watch });
        if (!pending)
                return -ENOMEM;

        register_peer(service, object, &watch);
        run_due(service);
        r = watch.n_states == 1 ? publish(service, store, CA_CRL_LISTING, snap, &next) : -ENOMEM;
        run_due(service);
        must(r || watch.n_news == 1, "%zu times it was told", watch.n_news);
        service_cancel(pending);
        run_jobs();
        return r ? r : watch.outcome;
}

const struct memory_row memory_service_rows[] = {
        { "a question", ask, LEAF, 0 },
        { "a question about a stranger", ask, STRANGER, 0x801a0000 },
        { "a record", record_new, STRANGER, 0x801a0000 },
        { "a record once more", record, STRANGER, 0x801a0000 },
        { "a list", list, LEAF, 2 },
        { "a monitor", monitor, CA_CRL_LISTING, 2 },
        { "what runs out", run_dry, CA_CRL, 2 },
        { "a watched peer", watch_peer, LEAF, 0x801d0000 },
        { .name = NULL },
};
