/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/fake_lane.h"

#include "harness/must.h"
#include "harness/test.h"
#include "harness/world.h"
#include "pki/bytes.h"
#include "pki/der.h"
#include "pki/ossl.h"
#include "proto/base64.h"
#include "proto/buf.h"
#include "proto/hex.h"
#include "trust/block.h"

#include <stdio.h>
#include <string.h>

const struct mint_cert FAKE_LANE_ROOT = { .ca = true, .subject = "CN=Root" };
const struct mint_cert FAKE_LANE_LEAF = { .subject = "CN=Leaf", .issuer = &FAKE_LANE_ROOT };
static const struct mint_crl CRL = { .issuer = &FAKE_LANE_ROOT };

/* How an update ends. */
struct ending {
        struct fake_lane *lane;
        lane_updated_fn done;
        lane_reloaded_fn reloaded;
        void *userdata;
        struct update_request *request;
};

static void on_run(void *userdata)
{
        (void)userdata;
}

static void on_done(void *userdata)
{
        struct ending *ending = userdata;

        const struct fake_lane *lane = ending->lane;

        ending->done(lane->r ? NULL : &lane->outcome, lane->r, ending->userdata);
        update_request_unref(ending->request);
        free(ending);
}

static size_t count_objects(const struct buf *der)
{
        struct bytes rest = { der->data, der->n }, element;
        size_t n = 0;

        while (rest.n > 0) {
                must(der_read_element(&rest, DER_SEQUENCE, &element), "not DER");
                n++;
        }
        return n;
}

static void write_down(struct fake_lane *lane, const struct update_request *request)
{
        static const char *const KINDS[] = {
                [UPDATE_REPLACE] = "replace",
                [UPDATE_ADD_CERT] = "addCert",
                [UPDATE_ADD_CRL] = "addCrl",
                [UPDATE_REMOVE_CERT] = "removeCert",
                [UPDATE_REMOVE_CRL] = "removeCrl",
                [UPDATE_TRUST_REJECTED] = "trustRejected",
                [UPDATE_REMOVE_REJECTED] = "removeRejected",
                [UPDATE_BLOCK] = "block",
                [UPDATE_UNBLOCK] = "unblock",
        };
        struct buf text = BUF_NULL;
        char hex[2 * BLOCK_SERIAL_MAX + 1];
        enum update_list list;

        buf_printf(&text, "%s", KINDS[request->kind]);
        if (request->lists)
                buf_printf(&text, " lists=%u", request->lists);
        if (update_request_count_bytes(request) > 0)
                buf_printf(&text, " n=%zu,%zu,%zu,%zu", count_objects(&request->der[0]),
                           count_objects(&request->der[1]), count_objects(&request->der[2]),
                           count_objects(&request->der[3]));
        if (request->roles)
                buf_printf(&text, " roles=%u", request->roles);
        if (request->n_thumbprint > 0) {
                hex_encode(request->thumbprint, request->n_thumbprint, hex);
                buf_printf(&text, " %s", hex);
        }
        if (request->block && request->block->has_sha256) {
                hex_encode(request->block->sha256, 32, hex);
                buf_printf(&text, " sha256=%s", hex);
        } else if (request->block) {
                hex_encode(request->block->serial.data, request->block->serial.n, hex);
                buf_printf(&text, " serial=%s", hex);
        }
        if (request->block && request->block->reason[0])
                buf_printf(&text, " because=%s by=%d at=%d", request->block->reason,
                           (int)request->block->uid, request->block->since_s == MINT_NOW_S);
        if (update_request_is_stale(request, lane->core->snap, &list))
                buf_printf(&text, " stale");
        if (request->is_dry_run)
                buf_printf(&text, " dry");
        buf_add_byte(&text, 0);
        snprintf(lane->asked, sizeof(lane->asked), "%s", (char *)text.data);
        buf_deinit(&text);
}

static int update(void *app, size_t store, const struct update_request *request,
                  lane_updated_fn done, void *userdata)
{
        struct fake_lane *lane = app;
        struct ending *ending;

        must(store == lane->core->store, "another store");
        if (lane->submit_r)
                return lane->submit_r;

        write_down(lane, request);
        lane->n_asked++;
        ending = must_calloc(1, sizeof(*ending));
        *ending = (struct ending){ .lane = lane,
                                   .done = done,
                                   .userdata = userdata,
                                   .request = update_request_ref(request) };
        return lane->core->executor.submit(lane->core, 0, on_run, on_done, ending);
}

static const struct sources *get_sources(void *app, size_t store)
{
        (void)app;
        (void)store;
        return NULL;
}

static void on_reload_done(void *userdata)
{
        struct ending *ending = userdata;

        ending->reloaded(ending->lane->reload_fault, ending->userdata);
        free(ending);
}

static int reload(void *app, lane_reloaded_fn done, void *userdata)
{
        struct fake_lane *lane = app;
        struct ending *ending = must_calloc(1, sizeof(*ending));

        *ending = (struct ending){ .lane = lane, .reloaded = done, .userdata = userdata };
        return lane->core->executor.submit(lane->core, 0, on_run, on_reload_done, ending);
}

static void tick(void *app)
{
        struct fake_lane *lane = app;

        lane->n_ticks++;
}

struct fake_lane *fake_lane_new(void)
{
        struct fake_lane *lane = must_calloc(1, sizeof(*lane));

        *lane = (struct fake_lane){ .lane = { update, get_sources, reload, tick, lane },
                                    .outcome = UPDATE_OUTCOME_NULL };
        lane->core = core_new(&lane->lane);
        lane->core->caller.door = CALLER_DOOR_ADMIN;
        world_add_cert(lane->core->world, ROLE_TRUSTED, "default/trusted/certs/root",
                       &FAKE_LANE_ROOT);
        world_add_crl(lane->core->world, ROLE_TRUSTED, "default/trusted/crl/root", &CRL);
        core_publish(lane->core);
        return lane;
}

struct fake_lane *fake_lane_free(struct fake_lane *lane)
{
        core_free(lane->core);
        free(lane);
        return NULL;
}

/* -- words of rows ------------------------------------------------------------------------------ */

static void put_base64(struct buf *out, struct mint_der der)
{
        base64_encode(der.data, der.n, out);
        mint_der_deinit(&der);
}

static void put_hash(struct buf *out, size_t n)
{
        struct mint_der der = mint_cert(&FAKE_LANE_ROOT);
        uint8_t hash[32];
        char hex[65];

        must((n == 20 ? ossl_sha1 : ossl_sha256)((struct bytes){ der.data, der.n }, hash) == 0,
             "hash");
        hex_encode(hash, n, hex);
        buf_add_text(out, hex);
        mint_der_deinit(&der);
}

char *fake_lane_expand(const char *text)
{
        struct buf out = BUF_NULL;
        char *expanded;

        for (; *text; text++) {
                if (*text == '\'')
                        buf_add_byte(&out, '"');
                else if (*text != '$')
                        buf_add_byte(&out, (uint8_t)*text);
                else if (*++text == 'C')
                        put_base64(&out, mint_cert(&FAKE_LANE_LEAF));
                else if (*text == 'R')
                        put_base64(&out, mint_crl(&CRL));
                else if (*text == 'H')
                        buf_add_text(&out, "MIIDmTCC");
                else
                        put_hash(&out, *text == 'T' ? 20 : 32);
        }
        must(buf_take_text(&out, &expanded) == 0, "no memory");
        return expanded;
}

const char *fake_lane_ask(struct fake_lane *lane, enum message_method method,
                          const char *parameters)
{
        char *expanded = fake_lane_expand(parameters);
        const char *reply = core_ask(lane->core, method, expanded);

        free(expanded);
        return reply;
}

void fake_lane_expect(const char *reply, const char *part)
{
        char *expanded = fake_lane_expand(part);
        bool is_there = strstr(reply, expanded);

        if (!is_there)
                print_error("no %s in %s\n", expanded, reply);
        free(expanded);
        assert_true(is_there);
}
