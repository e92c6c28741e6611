/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Memory - for each of a row of things that the agent does, and each allocation that it makes for it, also inside
 * libraries: that one fails. Then it says so, or has the same outcome as ever, and leaks nothing. Above all it never
 * comes to another verdict.
 */

#include "app/config.h"
#include "base/vec.h"
#include "engine/profile.h"
#include "engine/validate.h"
#include "engine/verdict.h"
#include "faults/fail.h"
#include "front/dbus_codec.h"
#include "front/page.h"
#include "harness/mint.h"
#include "harness/must.h"
#include "harness/tree.h"
#include "pki/cert.h"
#include "pki/crl.h"
#include "pki/decode.h"
#include "pki/ossl.h"
#include "proto/buf.h"
#include "proto/call.h"
#include "proto/hex.h"
#include "proto/json.h"
#include "proto/message.h"
#include "proto/message_peers.h"
#include "service/caller.h"
#include "service/executor.h"
#include "service/recorder.h"
#include "service/service.h"
#include "store/layout.h"
#include "store/picture.h"
#include "store/rejected.h"
#include "store/sources.h"
#include "store/store.h"
#include "trust/builder.h"
#include "trust/change.h"
#include "trust/entry.h"
#include "trust/settings.h"
#include "trust/snapshot.h"
#include "watch/dirwatch.h"

#include <systemd/sd-bus.h>

#include <sys/socket.h>
#include <unistd.h>

#define ALLOCATIONS_MAX 20000
#define ANY             INT64_MIN /* whatever it is when nothing fails */

enum object {
        ROOT,
        ROOT_CRL,
        CA,
        CA_CRL,
        CA_CRL_LISTING,
        LEAF,
        STRANGER,
        OBJECT_N,
};

static const char config_text[] =
        "[Agent]\nLogLevel=debug\n[Store a]\nPath=/a\nClockSkew=5min\n"
        "Suppress=BadCertificateTimeInvalid\n[CA x]\nStore=a\nRevocationCheck=off\n"
        "Sha256=00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n";

static const char drop_in_text[] =
        "[Store b]\nLayout=net\nGroup=user\n[Source c]\nStore=b\nPath=/c\n"
        "[Source d]\nTrusted=/d\nStore=a\nSettle=2s\n";

static const char call_text[] = "{\"method\":\"org.uatrust.agent1.Validate\",\"parameters\":{"
                                "\"certificates\":[\"MAA=\",\"MAA=\"],"
                                "\"purpose\":\"client\",\"applicationUri\":\"urn:example.com:a-"
                                "name-that-is-longer-than-a-buffer-is-at-"
                                "first:and-grows-twice\",\"hostName\":\"\\u0068ost.example.com."
                                "that.is.escaped.and.also.longer.than.it\","
                                "\"suppress\":[\"a\",\"b\"],\"at\":17,\"context\":{\"application\":"
                                "\"a\",\"peerAddress\":null}}}";

/* What is made before anything fails. */
static struct mint_der objects[OBJECT_N], pem;
static struct tree *tree;
static char *config_path, *store_path, *page_path, *records_path;
static char *record_cert_path, *record_note_path; /* of the stranger's */

static void name_record(void)
{
        struct bytes der = { objects[STRANGER].data, objects[STRANGER].n };
        uint8_t sha256[32];
        char name[2 * 32 + 1];

        must(ossl_sha256(der, sha256) == 0, "ossl_sha256");
        hex_encode(sha256, sizeof(sha256), name);
        must(asprintf(&record_cert_path, "%s/" REJECTED_DIR "/%s.der", records_path, name) > 0 &&
                     asprintf(&record_note_path, "%s/" REJECTED_DIR "/%s.json", records_path,
                              name) > 0,
             "asprintf");
}

static void set_up(void)
{
        struct mint_cert root = { .ca = true, .subject = "CN=Root", .key = "p256-root" };
        struct mint_cert ca = {
                .ca = true, .subject = "CN=Plant", .key = "p256-ca", .issuer = &root
        };
        struct mint_cert leaf = { .issuer = &ca };
        struct mint_cert stranger = { .subject = "CN=Stranger", .key = "p256-stranger" };
        struct mint_crl root_crl = { .issuer = &root }, ca_crl = { .issuer = &ca };
        struct mint_crl_entry entry = { .cert = &leaf };
        struct mint_crl listing = { .issuer = &ca, .entries = &entry, .n_entries = 1 };

        must(ossl_init() == 0, "ossl_init");
        objects[ROOT] = mint_cert(&root);
        objects[ROOT_CRL] = mint_crl(&root_crl);
        objects[CA] = mint_cert(&ca);
        objects[CA_CRL] = mint_crl(&ca_crl);
        objects[CA_CRL_LISTING] = mint_crl(&listing);
        objects[LEAF] = mint_cert(&leaf);
        objects[STRANGER] = mint_cert(&stranger);
        pem = mint_pem(&objects[LEAF], "CERTIFICATE");
        tree = tree_new();
        config_path = tree_path(tree, "conf");
        store_path = tree_path(tree, "pki");
        page_path = tree_path(tree, "page");
        records_path = tree_path(tree, "records");
        name_record();
        tree_mkdir(tree, "records");
        tree_write(tree, "conf", config_text, strlen(config_text));
        tree_write(tree, "conf.d/a.conf", drop_in_text, strlen(drop_in_text));
        tree_write(tree, "pki/trusted/certs/ca", objects[CA].data, objects[CA].n);
        tree_write(tree, "pki/trusted/crl/ca", objects[CA_CRL].data, objects[CA_CRL].n);
        tree_write(tree, "pki/issuers/certs/root", objects[ROOT].data, objects[ROOT].n);
        tree_write(tree, "pki/issuers/crl/root", objects[ROOT_CRL].data, objects[ROOT_CRL].n);
        tree_write(tree, "pki/issuers/certs/half", objects[LEAF].data, objects[LEAF].n / 2);
}

static void tear_down(void)
{
        for (size_t i = 0; i < OBJECT_N; i++)
                mint_der_deinit(&objects[i]);
        mint_der_deinit(&pem);
        free(config_path);
        free(store_path);
        free(page_path);
        free(records_path);
        free(record_cert_path);
        free(record_note_path);
        tree = tree_free(tree);
        ossl_deinit();
}

static struct bytes bytes_of(enum object object)
{
        return (struct bytes){ objects[object].data, objects[object].n };
}

/* -- what is done: each gives 0 or more, always the same, or a negative errno ---------------------- */

static int64_t read_cert(enum object object)
{
        CLEANUP(cert_unrefp) const struct cert *cert = NULL;
        const struct verifier *verifier;
        int r;

        r = cert_new(bytes_of(object), NULL, &cert);
        return r ? r : cert_get_verifier(cert, &verifier);
}

static int64_t read_crl(enum object object)
{
        CLEANUP(crl_unrefp) const struct crl *crl = NULL;
        int r;

        r = crl_new(bytes_of(object), NULL, &crl);
        return r ? r : (int64_t)crl->n_entries;
}

static int64_t read_file(enum object object)
{
        struct decode_list list = DECODE_LIST_NULL;
        int64_t n;
        int r;

        (void)object;
        r = decode_file((struct bytes){ pem.data, pem.n }, &list);
        n = (int64_t)list.items.n;
        decode_list_deinit(&list);
        return r ? r : n;
}

static int add(struct builder *builder, enum role role, enum object object)
{
        CLEANUP(entry_unrefp) struct entry *entry = NULL;
        CLEANUP(cert_unrefp) const struct cert *cert = NULL;
        CLEANUP(crl_unrefp) const struct crl *crl = NULL;
        bool is_crl = object == ROOT_CRL || object == CA_CRL || object == CA_CRL_LISTING;
        int r;

        r = is_crl ? crl_new(bytes_of(object), NULL, &crl)
                   : cert_new(bytes_of(object), NULL, &cert);
        if (!r)
                r = is_crl ? entry_new_crl(role, "origin", crl, false, &entry)
                           : entry_new_cert(role, "origin", cert, &entry);
        return r ? r : builder_add(builder, entry);
}

/* The plant's picture with this CRL of its CA. */
static int build(enum object crl, struct snapshot **out)
{
        CLEANUP(builder_freep) struct builder *builder = NULL;
        CLEANUP(settings_unrefp) struct settings *settings = NULL;
        int r;

        r = settings_new(&settings);
        if (!r)
                r = builder_new(settings, &builder);
        if (!r)
                r = add(builder, ROLE_ISSUERS, ROOT);
        if (!r)
                r = add(builder, ROLE_ISSUERS, ROOT_CRL);
        if (!r)
                r = add(builder, ROLE_TRUSTED, CA);
        if (!r)
                r = add(builder, ROLE_TRUSTED, crl);
        return r ? r : builder_build(builder, out);
}

/* The verdict on a certificate, in a world that is read for it. */
static int64_t judge(enum object crl, enum object leaf)
{
        CLEANUP(snapshot_unrefp) struct snapshot *snap = NULL;
        CLEANUP(decode_chain_deinit) struct decode_chain chain = DECODE_CHAIN_NULL;
        CLEANUP(verdict_deinit) struct verdict verdict = { 0 };
        struct profile profile = { .purpose = PURPOSE_CLIENT, .application_uri = MINT_URI };
        struct terms terms = { MINT_NOW_S, MINT_NOW_S, VALIDATE_BUDGET_UNITS };
        struct bytes element = bytes_of(leaf);
        int r;

        r = build(crl, &snap);
        if (!r)
                r = decode_message_chain(&element, 1, &chain);
        if (!r)
                r = engine_validate(snap, &chain, &profile, &terms, &verdict);
        return r ? r : (int64_t)verdict.status;
}

static int64_t judge_good(enum object leaf)
{
        return judge(CA_CRL, leaf);
}

static int64_t judge_revoked(enum object leaf)
{
        return judge(CA_CRL_LISTING, leaf);
}

/* How many objects came and went from one picture to another. */
static int64_t compare(enum object crl)
{
        CLEANUP(snapshot_unrefp) struct snapshot *before = NULL;
        CLEANUP(snapshot_unrefp) struct snapshot *after = NULL;
        CLEANUP(change_unrefp) struct change *change = NULL;
        int r;

        r = build(CA_CRL, &before);
        if (!r)
                r = build(crl, &after);
        if (!r)
                r = change_between(before, after, &change);
        return r ? r : (int64_t)(change->added.n * 10 + change->removed.n);
}

/* A number for these bytes in this order. */
static uint32_t sum(const uint8_t *data, size_t n)
{
        uint32_t value = 0;

        for (size_t i = 0; i < n; i++)
                value = value * 31 + data[i];
        return value;
}

static int64_t read_call(enum object object)
{
        CLEANUP(buf_deinit) struct buf again = BUF_NULL;
        struct message_validate in;
        struct call call = CALL_NULL;
        struct json_error error;
        int64_t n = 0;
        int r;

        (void)object;
        schema_init(&message_validate_schema, &in);
        r = call_parse(call_text, strlen(call_text), &call, &error);
        if (!r)
                r = call_decode(&call, &message_validate_schema, &in, &error);
        if (!r) {
                call_encode(call.method, 0, &message_validate_schema, &in, &again);
                r = buf_error(&again);
                n = (int64_t)sum(again.data, again.n);
        }
        schema_deinit(&message_validate_schema, &in);
        call_deinit(&call);
        return r ? r : n;
}

/* What a configuration says, as a number. */
static uint32_t sum_config(const struct config *config)
{
        uint32_t value = (uint32_t)(config->max_doubt_ms + config->max_level);

        for (size_t i = 0; i < config->stores.n; i++) {
                const struct config_store *store = &config->stores.items[i];
                const struct settings *settings = store->settings;
                const int64_t numbers[] = {
                        settings->suppress,     settings->may_suppress, settings->tolerated,
                        settings->clock_skew_s, settings->crl_grace_s,  (int64_t)settings->cas.n,
                };

                for (size_t k = 0; k < store->sources->list.n; k++) {
                        const char *path = store->sources->list.items[k].path;

                        value = value * 31 + sum((const uint8_t *)path, strlen(path));
                }
                value = value * 31 + sum((const uint8_t *)numbers, sizeof(numbers));
        }
        return value;
}

static int64_t read_config(enum object object)
{
        CLEANUP(config_freep) struct config *config = NULL;
        CLEANUP(freep) char *fault = NULL;
        int r;

        (void)object;
        r = config_read(config_path, false, &config, &fault);
        return r ? r : (int64_t)sum_config(config);
}

static int watch_all(const struct store_config *config, struct dirwatch **out)
{
        CLEANUP(dirwatch_freep) struct dirwatch *watch = NULL;
        CLEANUP(freep) char **paths = NULL;
        size_t n = 0, dir;
        int r;

        r = store_list_dirs(config, &paths, &n);
        if (!r)
                r = dirwatch_new(&watch);
        for (size_t i = 0; !r && i < n; i++)
                r = dirwatch_add(watch, paths[i], &dir);
        if (!r)
                *out = TAKE(watch);
        return r;
}

/* How many entries a folder has. */
static int64_t read_store(enum object object)
{
        CLEANUP(dirwatch_freep) struct dirwatch *watch = NULL;
        CLEANUP(settings_unrefp) struct settings *settings = NULL;
        CLEANUP(store_result_deinit) struct store_result result = STORE_RESULT_NULL;
        struct store_source source = { .name = "default",
                                       .path = store_path,
                                       .layout = layout_default() };
        struct store_config config = { .sources = &source, .n_sources = 1 };
        struct store_hints hints = { .is_all = true };
        struct store_now now = { INT64_MAX / 2, 0 };
        struct dirwatch_events events = { 0 };
        int r;

        (void)object;
        r = settings_new(&settings);
        config.settings = settings;
        if (!r)
                r = watch_all(&config, &watch);
        if (!r)
                r = dirwatch_drain(watch, &events);
        dirwatch_events_deinit(&events);
        if (!r)
                r = store_refresh(&config, NULL, &hints, &now, &result);
        return r ? r : (int64_t)picture_get_snapshot(result.picture)->n_entries;
}

/* -- the service ------------------------------------------------------------------------------- */

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

static int publish(struct service *service, size_t store, enum object crl, struct snapshot *before,
                   struct snapshot **out)
{
        CLEANUP(change_unrefp) struct change *change = NULL;
        int r;

        r = build(crl, out);
        if (!r)
                r = change_between(before, *out, &change);
        return r ? r : service_publish(service, store, *out, change);
}

static struct caller caller = { .ref = REF_INIT, .uid = 1000, .pid = 1 };

/* Return: the verdict's status, or -ENOMEM */
static int64_t ask_service(struct service *service, enum object object)
{
        struct schema_bytes certificate = { objects[object].data, objects[object].n };
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

static int64_t ask(enum object object)
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

        r = rejected_write(records_path, before, batch, &outcome);
        recorder_settle(recorder, store, r ? NULL : &outcome, r);
        return r;
}

/* The verdict is as ever, whatever becomes of the record. */
static int64_t record(enum object object)
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

static int64_t record_new(enum object object)
{
        unlink(record_cert_path);
        unlink(record_note_path);
        return record(object);
}

static int64_t list(enum object object)
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
static int64_t monitor(enum object crl)
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
static int64_t run_dry(enum object crl)
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

static struct service_pending *register_peer(struct service *service, enum object object,
                                             struct watch *watch)
{
        struct schema_bytes certificate = { objects[object].data, objects[object].n };
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
static int64_t watch_peer(enum object object)
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

/* -- doors ------------------------------------------------------------------------------------- */

static int64_t write_page(enum object object)
{
        struct page_writer *writer = NULL;
        int r;

        (void)object;
        r = page_writer_new(page_path, "0123456789abcdef0123456789abcdef", &writer);
        if (!r)
                r = page_writer_set(writer, "default", 1);
        page_writer_free(writer);
        return r;
}

static int append_and_read(sd_bus *bus, const struct message_validate *in,
                           struct message_validate *out)
{
        struct dbus_codec_error error = { .reason = "" };
        sd_bus_message *message = NULL;
        int r;

        r = sd_bus_message_new_method_call(bus, &message, NULL, "/a", "a.b", "C");
        if (r >= 0)
                r = dbus_codec_append(message, &message_validate_schema, in);
        if (r >= 0)
                r = sd_bus_message_seal(message, 1, 0);
        if (r >= 0)
                r = sd_bus_message_rewind(message, true);
        if (r >= 0)
                r = dbus_codec_read(message, &message_validate_schema, out, &error);
        sd_bus_message_unref(message);
        must(r <= 0, "%s %s", error.field, error.reason);
        return r;
}

static int64_t send_message(enum object object)
{
        struct schema_bytes certificate = { objects[object].data, objects[object].n };
        static char *suppress[] = { (char *)"a", (char *)"b" };
        struct message_context context = { .application = (char *)"a" };
        struct message_validate in, out;
        sd_bus *bus = NULL;
        int fds[2], r;

        must(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0, "socketpair");
        schema_init(&message_validate_schema, &in);
        schema_init(&message_validate_schema, &out);
        in.certificates = &certificate;
        in.n_certificates = 1;
        in.purpose = (char *)"client";
        in.suppress = suppress;
        in.n_suppress = ARRAY_SIZE(suppress);
        in.at = 17;
        in.context = &context;
        r = sd_bus_new(&bus);
        if (r >= 0)
                r = sd_bus_set_fd(bus, fds[0], fds[0]);
        if (r < 0)
                close(fds[0]);
        else
                r = sd_bus_start(bus);
        if (r >= 0)
                r = append_and_read(bus, &in, &out);
        if (r >= 0)
                must(out.n_certificates == 1 && out.certificates[0].n == certificate.n &&
                             out.n_suppress == 2 && out.at == 17 && out.context,
                     "another message");
        schema_deinit(&message_validate_schema, &out);
        sd_bus_close(bus);
        sd_bus_unref(bus);
        close(fds[1]);
        return r;
}

/* -- all of it --------------------------------------------------------------------------------- */

static const struct row {
        const char *name;
        int64_t (*run)(enum object object);
        enum object object;
        int64_t expected;
} rows[] = {
        { "a certificate", read_cert, LEAF, 0 },
        { "a CRL", read_crl, CA_CRL_LISTING, 1 },
        { "a file", read_file, LEAF, 1 },
        { "a certificate that is good", judge_good, LEAF, 0 },
        { "a certificate that is revoked", judge_revoked, LEAF, 0x801d0000 },
        { "a certificate that is not trusted", judge_good, STRANGER, 0x801a0000 },
        { "a certificate that is damaged", judge_good, CA_CRL, 0x80120000 },
        { "a change", compare, CA_CRL_LISTING, 11 },
        { "no change", compare, CA_CRL, 0 },
        { "a call", read_call, LEAF, ANY },
        { "a configuration", read_config, LEAF, ANY },
        { "a store", read_store, LEAF, 5 },
        { "a question", ask, LEAF, 0 },
        { "a question about a stranger", ask, STRANGER, 0x801a0000 },
        { "a record", record_new, STRANGER, 0x801a0000 },
        { "a record once more", record, STRANGER, 0x801a0000 },
        { "a list", list, LEAF, 2 },
        { "a monitor", monitor, CA_CRL_LISTING, 2 },
        { "what runs out", run_dry, CA_CRL, 2 },
        { "a watched peer", watch_peer, LEAF, 0x801d0000 },
        { "a page", write_page, LEAF, 0 },
        { "a message of the bus", send_message, LEAF, 0 },
};

/* Return: how often it came out wrong. */
static size_t run_out(const struct row *row, struct fail *fail)
{
        int64_t n = 0, expected = row->run(row->object);
        size_t n_wrong = 0;

        must(expected == row->expected || (row->expected == ANY && expected >= 0), "%s: %llx",
             row->name, (unsigned long long)expected);
        for (bool was_out = true; was_out && n < ALLOCATIONS_MAX; n++) {
                int64_t outcome;

                fail->left = n;
                outcome = row->run(row->object);
                was_out = fail->left < 0;
                fail->left = FAIL_NEVER;
                if (outcome == expected || (was_out && outcome == -ENOMEM))
                        continue;
                n_wrong++;
                printf("%s, allocation %lld failing: %llx\n", row->name, (long long)n,
                       (unsigned long long)outcome);
        }
        printf("%s: %lld allocations, each failed once\n", row->name, (long long)n - 1);
        return n_wrong;
}

int main(int argc, char **argv)
{
        struct fail *fail = fail_get ? fail_get() : NULL;
        size_t n_wrong = 0;

        must(fail, "libfail.so is not preloaded");
        setvbuf(stdout, NULL, _IOLBF, 0);
        set_up();
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
                if (argc < 2 || strstr(rows[i].name, argv[1]))
                        n_wrong += run_out(&rows[i], fail);
        tear_down();
        return n_wrong ? 1 : 0;
}
