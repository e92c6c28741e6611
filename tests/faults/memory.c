/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Memory - for each of a row of things that the agent does, and each allocation that it makes for it, also inside
 * libraries: that one fails. Then it says so, or has the same outcome as ever, and leaks nothing. Above all it never
 * comes to another verdict.
 */

#include "faults/memory.h"

#include "app/config.h"
#include "base/vec.h"
#include "engine/profile.h"
#include "engine/validate.h"
#include "engine/verdict.h"
#include "faults/fail.h"
#include "front/dbus_codec.h"
#include "front/page.h"
#include "harness/must.h"
#include "pki/cert.h"
#include "pki/crl.h"
#include "pki/decode.h"
#include "pki/ossl.h"
#include "proto/buf.h"
#include "proto/call.h"
#include "proto/hex.h"
#include "proto/json.h"
#include "proto/message.h"
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

struct memory memory;

static void name_record(void)
{
        struct bytes der = { memory.objects[STRANGER].data, memory.objects[STRANGER].n };
        uint8_t sha256[32];
        char name[2 * 32 + 1];

        must(ossl_sha256(der, sha256) == 0, "ossl_sha256");
        hex_encode(sha256, sizeof(sha256), name);
        must(asprintf(&memory.record_cert_path, "%s/" REJECTED_DIR "/%s.der", memory.records_path,
                      name) > 0 &&
                     asprintf(&memory.record_note_path, "%s/" REJECTED_DIR "/%s.json",
                              memory.records_path, name) > 0,
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
        memory.objects[ROOT] = mint_cert(&root);
        memory.objects[ROOT_CRL] = mint_crl(&root_crl);
        memory.objects[CA] = mint_cert(&ca);
        memory.objects[CA_CRL] = mint_crl(&ca_crl);
        memory.objects[CA_CRL_LISTING] = mint_crl(&listing);
        memory.objects[LEAF] = mint_cert(&leaf);
        memory.objects[STRANGER] = mint_cert(&stranger);
        memory.pem = mint_pem(&memory.objects[LEAF], "CERTIFICATE");
        memory.tree = tree_new();
        memory.config_path = tree_path(memory.tree, "conf");
        memory.store_path = tree_path(memory.tree, "pki");
        memory.page_path = tree_path(memory.tree, "page");
        memory.records_path = tree_path(memory.tree, "records");
        name_record();
        tree_mkdir(memory.tree, "records");
        tree_write(memory.tree, "conf", config_text, strlen(config_text));
        tree_write(memory.tree, "conf.d/a.conf", drop_in_text, strlen(drop_in_text));
        tree_write(memory.tree, "pki/trusted/certs/ca", memory.objects[CA].data,
                   memory.objects[CA].n);
        tree_write(memory.tree, "pki/trusted/crl/ca", memory.objects[CA_CRL].data,
                   memory.objects[CA_CRL].n);
        tree_write(memory.tree, "pki/issuers/certs/root", memory.objects[ROOT].data,
                   memory.objects[ROOT].n);
        tree_write(memory.tree, "pki/issuers/crl/root", memory.objects[ROOT_CRL].data,
                   memory.objects[ROOT_CRL].n);
        tree_write(memory.tree, "pki/issuers/certs/half", memory.objects[LEAF].data,
                   memory.objects[LEAF].n / 2);
}

static void tear_down(void)
{
        for (size_t i = 0; i < OBJECT_N; i++)
                mint_der_deinit(&memory.objects[i]);
        mint_der_deinit(&memory.pem);
        free(memory.config_path);
        free(memory.store_path);
        free(memory.page_path);
        free(memory.records_path);
        free(memory.record_cert_path);
        free(memory.record_note_path);
        memory.tree = tree_free(memory.tree);
        ossl_deinit();
}

static struct bytes bytes_of(enum memory_object object)
{
        return (struct bytes){ memory.objects[object].data, memory.objects[object].n };
}

/* -- what is done: each gives 0 or more, always the same, or a negative errno ---------------------- */

static int64_t read_cert(enum memory_object object)
{
        CLEANUP(cert_unrefp) const struct cert *cert = NULL;
        const struct verifier *verifier;
        int r;

        r = cert_new(bytes_of(object), NULL, &cert);
        return r ? r : cert_get_verifier(cert, &verifier);
}

static int64_t read_crl(enum memory_object object)
{
        CLEANUP(crl_unrefp) const struct crl *crl = NULL;
        int r;

        r = crl_new(bytes_of(object), NULL, &crl);
        return r ? r : (int64_t)crl->n_entries;
}

static int64_t read_file(enum memory_object object)
{
        struct decode_list list = DECODE_LIST_NULL;
        int64_t n;
        int r;

        (void)object;
        r = decode_file((struct bytes){ memory.pem.data, memory.pem.n }, &list);
        n = (int64_t)list.items.n;
        decode_list_deinit(&list);
        return r ? r : n;
}

static int add(struct builder *builder, enum role role, enum memory_object object)
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

int memory_build(enum memory_object crl, struct snapshot **out)
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
static int64_t judge(enum memory_object crl, enum memory_object leaf)
{
        CLEANUP(snapshot_unrefp) struct snapshot *snap = NULL;
        CLEANUP(decode_chain_deinit) struct decode_chain chain = DECODE_CHAIN_NULL;
        CLEANUP(verdict_deinit) struct verdict verdict = { 0 };
        struct profile profile = { .purpose = PURPOSE_CLIENT, .application_uri = MINT_URI };
        struct terms terms = { MINT_NOW_S, MINT_NOW_S, VALIDATE_BUDGET_UNITS };
        struct bytes element = bytes_of(leaf);
        int r;

        r = memory_build(crl, &snap);
        if (!r)
                r = decode_message_chain(&element, 1, &chain);
        if (!r)
                r = engine_validate(snap, &chain, &profile, &terms, &verdict);
        return r ? r : (int64_t)verdict.status;
}

static int64_t judge_good(enum memory_object leaf)
{
        return judge(CA_CRL, leaf);
}

static int64_t judge_revoked(enum memory_object leaf)
{
        return judge(CA_CRL_LISTING, leaf);
}

/* How many objects came and went from one picture to another. */
static int64_t compare(enum memory_object crl)
{
        CLEANUP(snapshot_unrefp) struct snapshot *before = NULL;
        CLEANUP(snapshot_unrefp) struct snapshot *after = NULL;
        CLEANUP(change_unrefp) struct change *change = NULL;
        int r;

        r = memory_build(CA_CRL, &before);
        if (!r)
                r = memory_build(crl, &after);
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

static int64_t read_call(enum memory_object object)
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

static int64_t read_config(enum memory_object object)
{
        CLEANUP(config_freep) struct config *config = NULL;
        CLEANUP(freep) char *fault = NULL;
        int r;

        (void)object;
        r = config_read(memory.config_path, false, &config, &fault);
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
static int64_t read_store(enum memory_object object)
{
        CLEANUP(dirwatch_freep) struct dirwatch *watch = NULL;
        CLEANUP(settings_unrefp) struct settings *settings = NULL;
        CLEANUP(store_result_deinit) struct store_result result = STORE_RESULT_NULL;
        struct store_source source = { .name = "default",
                                       .path = memory.store_path,
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

/* -- doors ------------------------------------------------------------------------------------- */

static int64_t write_page(enum memory_object object)
{
        struct page_writer *writer = NULL;
        int r;

        (void)object;
        r = page_writer_new(memory.page_path, "0123456789abcdef0123456789abcdef", &writer);
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

static int64_t send_message(enum memory_object object)
{
        struct schema_bytes certificate = { memory.objects[object].data, memory.objects[object].n };
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

static const struct memory_row rows[] = {
        { "a certificate", read_cert, LEAF, 0 },
        { "a CRL", read_crl, CA_CRL_LISTING, 1 },
        { "a file", read_file, LEAF, 1 },
        { "a certificate that is good", judge_good, LEAF, 0 },
        { "a certificate that is revoked", judge_revoked, LEAF, 0x801d0000 },
        { "a certificate that is not trusted", judge_good, STRANGER, 0x801a0000 },
        { "a certificate that is damaged", judge_good, CA_CRL, 0x80120000 },
        { "a change", compare, CA_CRL_LISTING, 11 },
        { "no change", compare, CA_CRL, 0 },
        { "a call", read_call, LEAF, MEMORY_ANY },
        { "a configuration", read_config, LEAF, MEMORY_ANY },
        { "a store", read_store, LEAF, 5 },
        { "a page", write_page, LEAF, 0 },
        { "a message of the bus", send_message, LEAF, 0 },
};

/* Return: how often it came out wrong. */
static size_t run_out(const struct memory_row *row, struct fail *fail)
{
        int64_t n = 0, expected = row->run(row->object);
        size_t n_wrong = 0;

        must(expected == row->expected || (row->expected == MEMORY_ANY && expected >= 0),
             "%s: %llx", row->name, (unsigned long long)expected);
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
        for (const struct memory_row *row = memory_service_rows; row->name; row++)
                if (argc < 2 || strstr(row->name, argv[1]))
                        n_wrong += run_out(row, fail);
        tear_down();
        return n_wrong ? 1 : 0;
}
