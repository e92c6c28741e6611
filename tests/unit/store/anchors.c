/* SPDX-License-Identifier: Apache-2.0 */
#include "store/anchors.h"

#include "harness/objects.h"
#include "harness/test.h"
#include "harness/world.h"
#include "trust/snapshot.h"

#include <string.h>

static const struct mint_cert ROOT = { .ca = true, .subject = "CN=Root", .key = "p256-root" };
static const struct mint_cert TWIN = { .ca = true, .subject = "CN=Root", .key = "p256-twin" };
static const struct mint_cert MIDDLE = {
        .ca = true, .subject = "CN=Middle", .key = "p256-middle", .issuer = &ROOT
};
static const struct mint_cert LEAF = { .subject = "CN=Leaf",
                                       .key = "p256-leaf",
                                       .issuer = &MIDDLE };
static const struct mint_cert SELF = { .subject = "CN=Self", .key = "p256-self" };

/* Two that signed each other. */
static const struct mint_cert EAST_KEY = { .ca = true, .subject = "CN=East", .key = "p256-east" };
static const struct mint_cert WEST = {
        .ca = true, .subject = "CN=West", .key = "p256-west", .issuer = &EAST_KEY
};
static const struct mint_cert EAST = {
        .ca = true, .subject = "CN=East", .key = "p256-east", .issuer = &WEST
};

struct row {
        const char *name;
        const struct mint_cert *trusted[4], *issuers[4], *others[2];
        const struct mint_cert *wanted;
        bool is_anchored;
        enum anchors_lack lack;
};

/* clang-format off */
static const struct row ROWS[] = {
        { "a root is its own", { &ROOT }, .wanted = &ROOT, .is_anchored = true },
        { "and so is an application that signed itself", { &SELF }, .wanted = &SELF,
          .is_anchored = true },
        { "up to a root, in whichever list", { &LEAF }, { &MIDDLE, &ROOT }, .wanted = &LEAF,
          .is_anchored = true },
        { "a trusted one in the middle is no end", { &LEAF, &MIDDLE }, .wanted = &LEAF,
          .lack = ANCHORS_LACK_ROOT },
        { "without an issuer", { &LEAF, &ROOT }, .wanted = &LEAF, .lack = ANCHORS_LACK_ISSUER },
        { "an issuer that was rejected is none", { &LEAF, &ROOT }, .others = { &MIDDLE },
          .wanted = &LEAF, .lack = ANCHORS_LACK_ISSUER },
        { "another of the name has not signed it", { &MIDDLE, &TWIN }, .wanted = &MIDDLE,
          .lack = ANCHORS_LACK_KEY },
        { "one of two of the name has", { &MIDDLE, &TWIN, &ROOT }, .wanted = &MIDDLE,
          .is_anchored = true },
        { "a ring has no root", { &EAST, &WEST }, .wanted = &WEST, .lack = ANCHORS_LACK_ROOT },
        { "what is in no judged list has no chain", { &ROOT, &MIDDLE }, .others = { &LEAF },
          .wanted = &LEAF, .lack = ANCHORS_LACK_ROOT },
};
/* clang-format on */

static void run_row(const struct row *row)
{
        struct world *world = world_new();
        const struct cert *wanted = make_cert(row->wanted);
        struct anchors anchors;
        struct snapshot *snap;
        enum anchors_lack lack;

        for (size_t i = 0; i < 4 && row->trusted[i]; i++)
                world_add_cert(world, ROLE_TRUSTED, "trusted", row->trusted[i]);
        for (size_t i = 0; i < 4 && row->issuers[i]; i++)
                world_add_cert(world, ROLE_ISSUERS, "issuers", row->issuers[i]);
        for (size_t i = 0; i < 2 && row->others[i]; i++)
                world_add_cert(world, ROLE_REJECTED, "rejected", row->others[i]);

        snap = world_build(world);
        /* ECDSA signs anew at each minting: the store's own is meant */
        for (size_t i = 0; i < snap->n_certs; i++) {
                if (!name_equal(&snap->certs[i].cert->subject, &wanted->subject) ||
                    bytes_compare(snap->certs[i].cert->subject_key_id, wanted->subject_key_id))
                        continue;
                cert_unref(wanted);
                wanted = cert_ref(snap->certs[i].cert);
        }

        assert_int_equal(anchors_find(snap, &wanted, 1, &anchors), 0);
        if (anchors_has(&anchors, wanted->sha256) != row->is_anchored)
                fail_msg("%s", row->name);
        assert_int_equal(anchors_explain(&anchors, wanted, &lack), 0);
        if (!row->is_anchored && lack != row->lack)
                fail_msg("%s: %d", row->name, (int)lack);

        anchors_deinit(&anchors);
        cert_unref(wanted);
        snapshot_unref(snap);
        world_free(world);
}

static void test_each_row(void **state)
{
        (void)state;
        for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++)
                run_row(&ROWS[i]);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_each_row),
        };

        return cmocka_run_group_tests_name("store/anchors", tests, NULL, NULL);
}
