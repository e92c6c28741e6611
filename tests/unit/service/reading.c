/* SPDX-License-Identifier: Apache-2.0 */
#include "service/reading.h"

#include "harness/core.h"
#include "harness/must.h"
#include "harness/test.h"
#include "harness/tree.h"
#include "harness/world.h"
#include "proto/call.h"
#include "proto/compiler.h"
#include "proto/json.h"
#include "proto/message_trust.h"
#include "proto/names.h"
#include "service/lane.h"
#include "store/layout.h"
#include "store/sources.h"

#include <stdio.h>
#include <string.h>

#define TR "trusted/crl/"
#define IR "issuers/crl/"

static const struct mint_cert ROOT = { .ca = true, .subject = "CN=Root" };
static const struct mint_cert PLANT = {
        .ca = true, .subject = "CN=Plant", .key = "rsa2048-3", .issuer = &ROOT
};
static const struct mint_cert LEAF = { .subject = "CN=Leaf", .issuer = &ROOT };
static const struct mint_cert OWN = { .subject = "CN=Own", .key = "rsa2048-4" };
static const struct mint_crl ROOT_CRL = { .issuer = &ROOT };
static const struct mint_crl PLANT_CRL = { .issuer = &PLANT };

/* So many entries that its DER does not go into one reply. */
#define N_LARGE 40000
static struct mint_crl_entry large_entries[N_LARGE];
static char large_serials[N_LARGE][32 + 1];
static struct mint_crl large_crl = { .issuer = &PLANT, .number = "02" };

struct fixture {
        struct core *core;
        struct lane lane;
        struct tree *tree;
        struct sources *sources;
};

static const struct sources *get_sources(void *app, size_t store)
{
        const struct fixture *fixture = app;

        return store == fixture->core->store ? fixture->sources : NULL;
}

static void write_crl(struct fixture *fixture, enum role role, const char *path,
                      const struct mint_crl *spec)
{
        struct mint_der der = mint_crl(spec);
        char origin[64];

        snprintf(origin, sizeof(origin), "default/%s", path);
        tree_write(fixture->tree, path, der.data, der.n);
        world_add_der(fixture->core->world, role, origin, &der, true, false);
        mint_der_deinit(&der);
}

static void mint_large_crl(void)
{
        for (size_t i = 0; i < N_LARGE; i++) {
                snprintf(large_serials[i], sizeof(large_serials[i]), "40%030zx", i);
                large_entries[i] = (struct mint_crl_entry){ .serial = large_serials[i] };
        }
        large_crl.entries = large_entries;
        large_crl.n_entries = N_LARGE;
}

static int set_up(void **state)
{
        struct fixture *fixture = must_calloc(1, sizeof(*fixture));
        struct world *world;

        fixture->lane = (struct lane){ .get_sources = get_sources, .app = fixture };
        fixture->core = core_new(&fixture->lane);
        fixture->tree = tree_new();
        must(sources_new(&fixture->sources) == 0, "sources_new");
        must(sources_add(fixture->sources, &(struct store_source){ .name = "default",
                                                                   .path = fixture->tree->path,
                                                                   .layout = layout_default() }) ==
                     0,
             "sources_add");

        world = fixture->core->world;
        world_add_cert(world, ROLE_TRUSTED, "default/trusted/certs/plant", &PLANT);
        world_add_cert(world, ROLE_TRUSTED, "default/trusted/certs/leaf", &LEAF);
        world_add_cert(world, ROLE_ISSUERS, "default/issuers/certs/root", &ROOT);
        world_add_cert(world, ROLE_OWN, "default/own/certs/own", &OWN);
        tree_mkdir(fixture->tree, TR);
        tree_mkdir(fixture->tree, IR);
        write_crl(fixture, ROLE_TRUSTED, TR "plant", &PLANT_CRL);
        write_crl(fixture, ROLE_ISSUERS, IR "root", &ROOT_CRL);
        core_publish(fixture->core);
        *state = fixture;
        return 0;
}

static int tear_down(void **state)
{
        struct fixture *fixture = *state;

        core_free(fixture->core);
        sources_unref(fixture->sources);
        tree_free(fixture->tree);
        free(fixture);
        return 0;
}

/* -- asking ------------------------------------------------------------------------------------- */

static void decode(const char *text, const struct schema *schema, void *out)
{
        struct call_reply reply = CALL_REPLY_NULL;
        struct json_error error;

        must(call_reply_parse(text, strlen(text), &reply, &error) == 0, "%s", text);
        if (reply.error)
                fail_msg("%s", text);
        must(call_reply_decode(&reply, schema, out, &error) == 0, "%s: %s", error.field,
             error.reason);
        call_reply_deinit(&reply);
}

static void read_list(struct fixture *fixture, const char *in,
                      struct message_read_trust_list_reply *out)
{
        decode(core_ask(fixture->core, MESSAGE_READ_TRUST_LIST, in),
               &message_read_trust_list_reply_schema, out);
}

static void expect_error(struct fixture *fixture, enum message_method method, const char *in,
                         const char *error)
{
        const char *reply = core_ask(fixture->core, method, in);

        if (!strstr(reply, error))
                fail_msg("%s: no %s in %s", in, error, reply);
}

/* What each letter of a row stands for. */
static const struct {
        char letter;
        const struct mint_cert *cert;
        const struct mint_crl *crl;
} OBJECTS[] = {
        { 'P', &PLANT, NULL },     { 'L', &LEAF, NULL },     { 'R', &ROOT, NULL },
        { 'p', NULL, &PLANT_CRL }, { 'r', NULL, &ROOT_CRL },
};

static char tell(const struct schema_bytes *item)
{
        for (size_t i = 0; i < ARRAY_SIZE(OBJECTS); i++) {
                struct mint_der der =
                        OBJECTS[i].cert ? mint_cert(OBJECTS[i].cert) : mint_crl(OBJECTS[i].crl);
                bool is_it = der.n == item->n && memcmp(der.data, item->data, der.n) == 0;

                mint_der_deinit(&der);
                if (is_it)
                        return OBJECTS[i].letter;
        }
        return '?';
}

/* Letters in the order of the alphabet: certificates stand in that of their hashes. */
static void add_letters(char *to, const struct schema_bytes *items, size_t n)
{
        size_t n_to = strlen(to);

        for (size_t i = 0; i < n; i++) {
                char letter = tell(&items[i]);
                size_t at = n_to;

                while (at > 0 && to[at - 1] != ' ' && to[at - 1] > letter)
                        at--;
                memmove(to + at + 1, to + at, ++n_to - at);
                to[at] = letter;
        }
        strcat(to, " ");
}

/* -- tests -------------------------------------------------------------------------------------- */

static void the_lists_of_the_masks_are_given(void **state)
{
        static const struct {
                const char *lists, *expected; /* the four lists, each followed by a blank */
        } ROWS[] = {
                { "null", "LP p R r " },
                { "[]", "    " },
                { "[\"trustedCertificates\"]", "LP    " },
                { "[\"trustedCrls\"]", " p   " },
                { "[\"issuerCertificates\"]", "  R  " },
                { "[\"issuerCrls\"]", "   r " },
                { "[\"issuerCrls\",\"trustedCertificates\",\"issuerCrls\"]", "LP   r " },
        };

        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
                struct message_read_trust_list_reply out;
                char in[128], got[32] = "";

                snprintf(in, sizeof(in), "{\"lists\":%s}", ROWS[i].lists);
                read_list(*state, in, &out);
                add_letters(got, out.trusted_certificates, out.n_trusted_certificates);
                add_letters(got, out.trusted_crls, out.n_trusted_crls);
                add_letters(got, out.issuer_certificates, out.n_issuer_certificates);
                add_letters(got, out.issuer_crls, out.n_issuer_crls);
                assert_string_equal(got, ROWS[i].expected);
                assert_null(out.next);
                assert_int_equal(out.generation, 1);
                assert_string_equal(out.store, "default");
                assert_string_equal(out.agent_id, CORE_AGENT_ID);
                schema_deinit(&message_read_trust_list_reply_schema, &out);
        }
}

static void pages_follow_each_other_without_gap_or_overlap(void **state)
{
        char got[32] = "", next[128] = "null";
        size_t n_pages = 0;

        do {
                struct message_read_trust_list_reply out;
                char in[160];

                snprintf(in, sizeof(in), "{\"limit\":1,\"after\":%s}", next);
                read_list(*state, in, &out);
                add_letters(got, out.trusted_certificates, out.n_trusted_certificates);
                add_letters(got, out.trusted_crls, out.n_trusted_crls);
                add_letters(got, out.issuer_certificates, out.n_issuer_certificates);
                add_letters(got, out.issuer_crls, out.n_issuer_crls);
                snprintf(next, sizeof(next), "\"%s\"", out.next ? out.next : "");
                n_pages++;
                schema_deinit(&message_read_trust_list_reply_schema, &out);
        } while (strlen(next) > 2);

        assert_int_equal(n_pages, 5);
        assert_int_equal(strspn(got, " LPprR"), strlen(got));
        for (const char *letter = "LPprR"; *letter; letter++)
                assert_ptr_equal(strchr(got, *letter), strrchr(got, *letter));
}

#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"

static void what_cannot_be_asked_is_refused(void **state)
{
        static const struct {
                enum message_method method;
                const char *in, *error;
        } ROWS[] = {
                { MESSAGE_READ_TRUST_LIST, "{\"lists\":[\"trusted\"]}",
                  "BadRequest\",\"parameters\":{\"field\":\"lists\"" },
                { MESSAGE_READ_TRUST_LIST, "{\"limit\":0}",
                  "BadRequest\",\"parameters\":{\"field\":\"limit\"" },
                { MESSAGE_READ_TRUST_LIST, "{\"limit\":1001}", "\"field\":\"limit\"" },
                { MESSAGE_READ_TRUST_LIST, "{\"after\":\"x\"}", "\"field\":\"after\"" },
                { MESSAGE_READ_TRUST_LIST, "{\"after\":\"trustedCrls/00\"}",
                  "\"field\":\"after\"" },
                { MESSAGE_READ_TRUST_LIST, "{\"after\":\"trustedCrls/" ZEROS "\"}",
                  "\"field\":\"after\"" },
                { MESSAGE_READ_CRL, "{\"sha256\":\"00\",\"offset\":0}", "\"field\":\"sha256\"" },
                { MESSAGE_READ_CRL, "{\"sha256\":\"" ZEROS "\",\"offset\":0}",
                  "NoSuchCertificate" },
        };

        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++)
                expect_error(*state, ROWS[i].method, ROWS[i].in, ROWS[i].error);
}

static const char *sha256_of(const struct mint_crl *spec, char out[65])
{
        struct mint_der der = mint_crl(spec);

        mint_sha256(&der, out);
        mint_der_deinit(&der);
        return out;
}

static void a_crl_whose_file_changed_is_a_conflict_that_names_it(void **state)
{
        struct fixture *fixture = *state;
        char sha256[65], in[128];

        tree_remove(fixture->tree, TR "plant");
        expect_error(fixture, MESSAGE_READ_TRUST_LIST, "{}",
                     "Conflict\",\"parameters\":{\"path\":\"default/" TR "plant\"}");
        snprintf(in, sizeof(in), "{\"sha256\":\"%s\",\"offset\":0}", sha256_of(&PLANT_CRL, sha256));
        expect_error(fixture, MESSAGE_READ_CRL, in, "Conflict");
}

static void a_large_crl_is_named_and_read_in_parts(void **state)
{
        struct fixture *fixture = *state;
        struct message_read_trust_list_reply list;
        struct message_read_crl_reply part;
        struct mint_der der;
        size_t offset = 0, n_parts = 0;
        char sha256[65], in[128];

        mint_large_crl();
        der = mint_crl(&large_crl);
        assert_true(der.n > NAMES_PART_MAX_BYTES);
        write_crl(fixture, ROLE_TRUSTED, TR "large", &large_crl);
        core_publish(fixture->core);

        mint_sha256(&der, sha256);
        read_list(fixture, "{\"lists\":[\"trustedCrls\"]}", &list);
        assert_int_equal(list.n_trusted_crls, 0);
        assert_int_equal(list.n_large_trusted_crls, 1);
        assert_int_equal(list.n_large_issuer_crls, 0);
        assert_string_equal(list.large_trusted_crls[0], sha256);
        schema_deinit(&message_read_trust_list_reply_schema, &list);

        do {
                snprintf(in, sizeof(in), "{\"sha256\":\"%s\",\"offset\":%zu}", sha256, offset);
                decode(core_ask(fixture->core, MESSAGE_READ_CRL, in),
                       &message_read_crl_reply_schema, &part);
                assert_int_equal(part.total, der.n);
                assert_true(part.data.n > 0 && part.data.n <= NAMES_PART_MAX_BYTES);
                assert_memory_equal(part.data.data, der.data + offset, part.data.n);
                offset += part.data.n;
                n_parts++;
                schema_deinit(&message_read_crl_reply_schema, &part);
        } while (offset < der.n);
        assert_int_equal(n_parts, 2);

        snprintf(in, sizeof(in), "{\"sha256\":\"%s\",\"offset\":%zu}", sha256, der.n);
        decode(core_ask(fixture->core, MESSAGE_READ_CRL, in), &message_read_crl_reply_schema,
               &part);
        assert_int_equal(part.data.n, 0);
        schema_deinit(&message_read_crl_reply_schema, &part);
        snprintf(in, sizeof(in), "{\"sha256\":\"%s\",\"offset\":%zu}", sha256, der.n + 1);
        expect_error(fixture, MESSAGE_READ_CRL, in, "\"field\":\"offset\"");
        mint_der_deinit(&der);
}

static void a_reply_that_nobody_waits_for_is_not_given(void **state)
{
        struct fixture *fixture = *state;
        struct service_pending *pending = core_begin(fixture->core, MESSAGE_READ_TRUST_LIST, "{}");

        assert_non_null(pending);
        service_cancel(pending);
        assert_true(core_run_job(fixture->core));
        assert_int_equal(fixture->core->n_replies, 0);
}

static void what_could_not_be_written_back_is_left_out(void **state)
{
        static const struct mint_cert STRANGE = { .ca = true,
                                                  .subject = "CN=Root",
                                                  .key = "rsa2048-5" };
        static const struct mint_crl NEXT = { .issuer = &PLANT, .number = "02" };
        static const struct mint_crl FOREIGN = { .issuer = &STRANGE };
        struct fixture *fixture = *state;
        struct message_read_trust_list_reply out;
        struct mint_der der = mint_crl(&NEXT);

        write_crl(fixture, ROLE_TRUSTED, TR "next", &NEXT);
        write_crl(fixture, ROLE_TRUSTED, TR "foreign", &FOREIGN);
        core_publish(fixture->core);
        read_list(fixture, "{\"lists\":[\"trustedCrls\"]}", &out);
        assert_int_equal(out.n_trusted_crls, 1);
        assert_int_equal(out.trusted_crls[0].n, der.n);
        assert_memory_equal(out.trusted_crls[0].data, der.data, der.n);
        schema_deinit(&message_read_trust_list_reply_schema, &out);
        mint_der_deinit(&der);
}

static void so_many_are_under_way_and_no_more(void **state)
{
        struct fixture *fixture = *state;
        struct core *core = fixture->core;
        struct service_pending *pending[CORE_JOBS_MAX];

        core->caller.cgroup = "/system.slice/a.service";
        for (size_t i = 0; i < NAMES_CGROUP_CALLS_MAX; i++)
                pending[i] = core_begin(core, MESSAGE_READ_TRUST_LIST, "{}");
        assert_int_equal(core->n_replies, 0);
        core_begin(core, MESSAGE_READ_TRUST_LIST, "{}");
        assert_non_null(strstr(core->reply, "QuotaExceeded"));

        service_cancel(pending[0]);
        while (core_run_job(core))
                ;
        assert_int_equal(core->n_replies, NAMES_CGROUP_CALLS_MAX);
        core_ask(core, MESSAGE_READ_TRUST_LIST, "{}");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
                TEST(the_lists_of_the_masks_are_given),
                TEST(pages_follow_each_other_without_gap_or_overlap),
                TEST(what_cannot_be_asked_is_refused),
                TEST(a_crl_whose_file_changed_is_a_conflict_that_names_it),
                TEST(a_large_crl_is_named_and_read_in_parts),
                TEST(what_could_not_be_written_back_is_left_out),
                TEST(so_many_are_under_way_and_no_more),
                TEST(a_reply_that_nobody_waits_for_is_not_given),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
