/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/service_scene.h"

#include "harness/must.h"
#include "harness/test.h"
#include "trust/change.h"
#include "trust/snapshot.h"

#include <stdio.h>
#include <string.h>

const struct mint_cert ROOT = { .ca = true, .subject = "CN=Root" };
const struct mint_cert LEAF = { .subject = "CN=Leaf", .issuer = &ROOT };

const struct mint_cert DEAR_ROOT = { .ca = true, .subject = "CN=Dear", .key = "p384-ca" };
const struct mint_cert DEAR_LEAF = { .subject = "CN=Dear leaf",
                                     .key = "p384-leaf",
                                     .issuer = &DEAR_ROOT };

struct job queued[8];
size_t n_queued;
int64_t now_s;
struct fixture fixture;
struct caller caller = { .ref = REF_INIT, .uid = 1000, .pid = 1 };

static int queue_job(void *executor, uid_t lane, executor_run_fn run, executor_done_fn done,
                     void *userdata)
{
        (void)executor;
        (void)lane;
        assert_true(n_queued < ARRAY_SIZE(queued));
        queued[n_queued++] = (struct job){ run, done, userdata };
        return 0;
}

void run_job(void)
{
        struct job job;

        assert_true(n_queued > 0);
        job = queued[0];
        memmove(queued, queued + 1, --n_queued * sizeof(*queued));
        job.run(job.userdata);
        job.done(job.userdata);
}

static int64_t tell_time(void)
{
        return now_s;
}

int service_set_up(void **state)
{
        static const char *const SOURCES[] = { "/nowhere", NULL };
        struct service_config config = {
                .agent_id = "0123456789abcdef0123456789abcdef",
                .executor = &fixture.executor,
                .now_s = tell_time,
        };

        (void)state;
        now_s = MINT_NOW_S;
        n_queued = 0;
        fixture = (struct fixture){ .executor = { queue_job, NULL }, .world = world_new() };
        must(service_new(&config, &fixture.service) == 0, "service_new");
        must(service_add_store(fixture.service, "default", SOURCES, &fixture.store) == 0, "add");
        return 0;
}

int service_tear_down(void **state)
{
        (void)state;
        fixture.service = service_free(fixture.service);
        while (n_queued > 0)
                run_job();
        snapshot_unref(fixture.snap);
        world_free(fixture.world);
        return 0;
}

void publish(void)
{
        struct snapshot *snap = world_build(fixture.world);
        struct change *change;

        must(change_between(fixture.snap, snap, &change) == 0, "change_between");
        must(service_publish(fixture.service, fixture.store, snap, change) == 0, "publish");
        change_unref(change);
        snapshot_unref(fixture.snap);
        fixture.snap = snap;
}

void publish_good_world(void)
{
        static const struct mint_crl CRL = { .issuer = &ROOT };

        world_add_cert(fixture.world, ROLE_TRUSTED, "root", &ROOT);
        world_add_crl(fixture.world, ROLE_TRUSTED, "crl", &CRL);
        publish();
}

void on_reply(const struct service_reply *reply, void *userdata)
{
        struct heard *heard = userdata;
        const struct message_validate_reply *out = reply->out;

        heard->n++;
        heard->stamp = reply->stamp;
        heard->error = reply->error ? reply->error->error : STATUS_OK;
        if (reply->error) {
                snprintf(heard->subject, sizeof(heard->subject), "%s",
                         reply->error->subject ? reply->error->subject : "");
                return;
        }
        heard->status = (uint32_t)out->verdict.status_code;
        heard->generation = out->verdict.generation;
        heard->valid_until = out->verdict.valid_until;
        heard->has_event_id = out->verdict.audit_event_id != NULL;
}

void on_event_reply(const struct service_reply *reply, void *userdata)
{
        const struct message_monitor_reply *out = reply->out;
        struct heard *heard = userdata;
        size_t n = strlen(heard->kinds);

        heard->n++;
        assert_true(reply->continues);
        snprintf(heard->kinds + n, sizeof(heard->kinds) - n, "%s %d,", out->event.kind,
                 (int)out->event.generation);
}

struct question question_about(const struct mint_cert *spec)
{
        struct question question = { .der = mint_cert(spec) };

        schema_init(&message_validate_schema, &question.in);
        question.in.purpose = (char *)"client";
        question.certificate = (struct schema_bytes){ question.der.data, question.der.n };
        question.in.n_certificates = 1;
        return question;
}

struct service_pending *ask(struct question *question, struct heard *heard)
{
        *heard = (struct heard){ 0 };
        question->in.certificates = &question->certificate;
        return service_call(fixture.service, &(struct service_call){ .method = MESSAGE_VALIDATE,
                                                                     .caller = &caller,
                                                                     .in = &question->in,
                                                                     .reply = on_reply,
                                                                     .userdata = heard });
}

struct heard ask_now(const struct mint_cert *spec)
{
        struct question question = question_about(spec);
        struct heard heard;

        assert_null(ask(&question, &heard));
        assert_int_equal(heard.n, 1);
        mint_der_deinit(&question.der);
        return heard;
}
