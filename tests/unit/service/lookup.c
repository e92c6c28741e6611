/* SPDX-License-Identifier: Apache-2.0 */
#include "service/lookup.h"

#include "harness/core.h"
#include "harness/must.h"
#include "harness/test.h"
#include "harness/world.h"
#include "pki/bytes.h"
#include "pki/ossl.h"
#include "proto/base64.h"
#include "proto/buf.h"
#include "proto/compiler.h"
#include "proto/hex.h"

#include <stdio.h>
#include <string.h>

static const struct mint_cert ROOT = { .ca = true, .subject = "CN=Root" };
static const struct mint_cert LEAF = { .subject = "CN=Leaf", .issuer = &ROOT };
static const struct mint_cert OWN = { .subject = "CN=Own", .key = "p256-own" };
static const struct mint_cert REFUSED = { .subject = "CN=Refused", .key = "rsa2048-3" };

static int set_up(void **state)
{
        static const struct mint_crl CRL = { .issuer = &ROOT };
        struct core *core = core_new(NULL);

        world_add_cert(core->world, ROLE_TRUSTED, "default/trusted/certs/root", &ROOT);
        world_add_crl(core->world, ROLE_TRUSTED, "default/trusted/crl/root", &CRL);
        world_add_cert(core->world, ROLE_ISSUERS, "default/issuers/certs/leaf", &LEAF);
        world_add_cert(core->world, ROLE_OWN, "default/own/certs/own", &OWN);
        world_add_cert(core->world, ROLE_REJECTED, "default/rejected/certs/refused", &REFUSED);
        core_publish(core);
        *state = core;
        return 0;
}

static int tear_down(void **state)
{
        core_free(*state);
        return 0;
}

/* Its thumbprint; @n_digits 40: SHA-1. In upper case where @is_upper. */
static const char *thumbprint(const struct mint_cert *spec, size_t n_digits, bool is_upper,
                              char out[65])
{
        struct mint_der der = mint_cert(spec);
        uint8_t digest[32];

        if (n_digits == 40)
                must(ossl_sha1((struct bytes){ der.data, der.n }, digest) == 0, "sha1");
        else
                must(ossl_sha256((struct bytes){ der.data, der.n }, digest) == 0, "sha256");
        hex_encode(digest, n_digits / 2, out);
        for (char *at = out; is_upper && *at; at++)
                *at = (char)(*at >= 'a' && *at <= 'f' ? *at - 'a' + 'A' : *at);
        mint_der_deinit(&der);
        return out;
}

static void expect(const char *reply, const char *part)
{
        if (!strstr(reply, part))
                fail_msg("no %s in %s", part, reply);
}

static void a_certificate_is_found_in_any_list_by_either_thumbprint(void **state)
{
        static const struct {
                const struct mint_cert *spec;
                size_t n_digits;
                bool is_upper;
                const char *list;
        } ROWS[] = {
                { &ROOT, 64, false, "trusted" },     { &ROOT, 40, false, "trusted" },
                { &LEAF, 40, true, "issuers" },      { &LEAF, 64, true, "issuers" },
                { &REFUSED, 40, false, "rejected" },
        };

        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
                struct mint_der der = mint_cert(ROWS[i].spec);
                struct buf expected = BUF_NULL;
                char text[65], in[128];
                const char *reply;

                snprintf(in, sizeof(in), "{\"thumbprint\":\"%s\"}",
                         thumbprint(ROWS[i].spec, ROWS[i].n_digits, ROWS[i].is_upper, text));
                reply = core_ask(*state, MESSAGE_GET_CERTIFICATE, in);
                buf_printf(&expected, "\"list\":\"%s\"", ROWS[i].list);
                expect(reply, (char *)expected.data);
                buf_reset(&expected);
                buf_printf(&expected, "\"der\":\"");
                base64_encode(der.data, der.n, &expected);
                buf_printf(&expected, "\"");
                expect(reply, (char *)expected.data);
                expect(reply,
                       "\"store\":\"default\",\"agentId\":\"" CORE_AGENT_ID "\",\"generation\":1,");
                buf_deinit(&expected);
                mint_der_deinit(&der);
        }
}

#define ZEROS64 "0000000000000000000000000000000000000000000000000000000000000000"
#define ZEROS40 "0000000000000000000000000000000000000000"

static void what_is_no_thumbprint_of_the_store_is_an_error(void **state)
{
        static const struct {
                enum message_method method;
                const char *in, *error;
        } ROWS[] = {
                { MESSAGE_GET_CERTIFICATE, "{\"thumbprint\":\"" ZEROS64 "\"}",
                  "NoSuchCertificate\",\"parameters\":{\"thumbprint\":\"" ZEROS64 "\"}" },
                { MESSAGE_GET_CERTIFICATE, "{\"thumbprint\":\"" ZEROS40 "\"}",
                  "NoSuchCertificate" },
                { MESSAGE_GET_CERTIFICATE, "{\"thumbprint\":\"\"}",
                  "BadRequest\",\"parameters\":{\"field\":\"thumbprint\"" },
                { MESSAGE_GET_CERTIFICATE, "{\"thumbprint\":\"" ZEROS64 "00\"}", "BadRequest" },
                { MESSAGE_GET_CERTIFICATE, "{\"thumbprint\":\"g" ZEROS40 "\"}", "BadRequest" },
                { MESSAGE_GET_CERTIFICATE, "{\"thumbprint\":\"" ZEROS64 "\",\"store\":\"other\"}",
                  "NoSuchStore" },
                { MESSAGE_VALIDATE,
                  "{\"certificates\":[],\"purpose\":\"client\",\"thumbprint\":\"" ZEROS40 "\"}",
                  "NoSuchCertificate" },
                { MESSAGE_VALIDATE,
                  "{\"certificates\":[],\"purpose\":\"client\",\"thumbprint\":\"1\"}",
                  "BadRequest\",\"parameters\":{\"field\":\"thumbprint\"" },
                { MESSAGE_VALIDATE,
                  "{\"certificates\":[\"MAA=\"],\"purpose\":\"client\",\"thumbprint\":\"" ZEROS40
                  "\"}",
                  "BadRequest\",\"parameters\":{\"field\":\"thumbprint\"" },
                { MESSAGE_VALIDATE, "{\"certificates\":[],\"purpose\":\"client\"}",
                  "BadRequest\",\"parameters\":{\"field\":\"certificates\"" },
        };

        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++)
                expect(core_ask(*state, ROWS[i].method, ROWS[i].in), ROWS[i].error);
}

static void a_stored_certificate_is_judged_as_if_presented(void **state)
{
        static const struct {
                const struct mint_cert *spec;
                size_t n_digits;
                const char *status;
        } ROWS[] = {
                { &LEAF, 40, "Good" },
                { &LEAF, 64, "Good" },
                { &REFUSED, 64, "BadCertificateUntrusted" },
        };

        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
                char text[65], in[192], expected[64];

                snprintf(in, sizeof(in),
                         "{\"certificates\":[],\"purpose\":\"client\",\"thumbprint\":\"%s\"}",
                         thumbprint(ROWS[i].spec, ROWS[i].n_digits, false, text));
                snprintf(expected, sizeof(expected), "\"statusName\":\"%s\"", ROWS[i].status);
                expect(core_ask(*state, MESSAGE_VALIDATE, in), expected);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_certificate_is_found_in_any_list_by_either_thumbprint),
                cmocka_unit_test(what_is_no_thumbprint_of_the_store_is_an_error),
                cmocka_unit_test(a_stored_certificate_is_judged_as_if_presented),
        };

        return cmocka_run_group_tests(tests, set_up, tear_down);
}
