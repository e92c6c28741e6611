/* SPDX-License-Identifier: Apache-2.0 */
#include "store/rejected_room.h"

#include "harness/must.h"
#include "harness/test.h"
#include "proto/hex.h"
#include "proto/schema.h"
#include "store/rejected_list.h"

#define NOBODY SCHEMA_INT_ABSENT
#define ALICE  1000
#define BOB    1001

/* So many records of a user, the first of them seen at a moment, the others a second apart. */
struct run {
        size_t n;
        int64_t uid, first_s;
};

static void add(struct rejected_list *list, int64_t uid, int64_t seen_s)
{
        struct rejected_note note;
        struct rejected_file *file;
        uint8_t sha256[32] = { (uint8_t)(seen_s >> 8), (uint8_t)seen_s };

        schema_init(&rejected_note_schema, &note);
        note.sha256 = must_calloc(1, 65);
        hex_encode(sha256, sizeof(sha256), note.sha256);
        note.first_uid = uid;
        note.last_seen = seen_s;
        must(rejected_list_add(list, sha256, &file) == 0, "rejected_list_add");
        must(rejected_record_new(&note, &file->record) == 0, "rejected_record_new");
}

static void who_goes(void **state)
{
        static const struct {
                const char *name;
                struct run runs[2];
                int64_t uid;    /* for whom */
                int64_t gone_s; /* last seen; 0: none goes */
        } ROWS[] = {
                { "nothing is there", { { 0, 0, 0 } }, ALICE, 0 },
                { "one's own oldest", { { 3, ALICE, 10 } }, ALICE, 10 },
                { "one's own, though others' are older",
                  { { REJECTED_SHARE, BOB, 10 }, { 3, ALICE, 100 } },
                  ALICE,
                  100 },
                { "others' oldest, where they have more than their share",
                  { { REJECTED_SHARE + 1, BOB, 10 }, { 3, ALICE, 100 } },
                  ALICE,
                  10 },
                { "one's own, if they are older than others' surplus",
                  { { REJECTED_SHARE + 1, BOB, 100 }, { 3, ALICE, 10 } },
                  ALICE,
                  10 },
                { "none of another's share", { { REJECTED_SHARE, BOB, 10 } }, ALICE, 0 },
                { "one of another's surplus", { { REJECTED_SHARE + 1, BOB, 10 } }, ALICE, 10 },
                { "what is nobody's",
                  { { REJECTED_SHARE, BOB, 10 }, { 2, NOBODY, 100 } },
                  ALICE,
                  100 },
                { "for nobody, too", { { REJECTED_SHARE, BOB, 10 } }, NOBODY, 0 },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
                struct rejected_list *list;
                const struct rejected_file *gone;

                must(rejected_list_new(&list) == 0, "rejected_list_new");
                for (size_t j = 0; j < ARRAY_SIZE(ROWS[i].runs); j++)
                        for (size_t k = 0; k < ROWS[i].runs[j].n; k++)
                                add(list, ROWS[i].runs[j].uid,
                                    ROWS[i].runs[j].first_s + (int64_t)k);
                gone = rejected_room_choose(list, ROWS[i].uid);
                if ((gone ? gone->record->note.last_seen : 0) != ROWS[i].gone_s)
                        fail_msg("%s", ROWS[i].name);
                rejected_list_unref(list);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(who_goes),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
