/* SPDX-License-Identifier: Apache-2.0 */
#include "app/scribe.h"

#include "harness/fake_loop.h"
#include "harness/must.h"
#include "service/recorder.h"

/*
 * The recorder and the disk are this test's own: what waits is a number, and each batch that is
 * written is counted.
 */
static struct scene {
        struct recorder_writer writer;
        struct scribe *scribe;

        bool is_open;
        size_t n_new, n_counts; /* items that wait */
        size_t n_looks, n_settled;
        size_t n_batches, n_written;
        int fail_with;
} scene;

static struct recorder *const recorder = (struct recorder *)&scene;

int recorder_open(struct recorder *opened, size_t store, const struct recorder_writer *writer)
{
        assert_ptr_equal(opened, recorder);
        assert_int_equal(store, 7);
        scene.is_open = true;
        scene.writer = *writer;
        scene.n_looks = 1;
        writer->wake(true, writer->userdata);
        return 0;
}

void recorder_close(struct recorder *closed, size_t store)
{
        (void)closed;
        (void)store;
        scene.is_open = false;
}

int recorder_take(struct recorder *taken, size_t store, bool wants_counts,
                  struct rejected_batch **out, struct rejected_list **out_before)
{
        struct rejected_batch *batch = must_calloc(1, sizeof(*batch));
        size_t n = scene.n_new + (wants_counts ? scene.n_counts : 0);

        (void)taken;
        (void)store;
        if (scene.n_looks == 0 && n == 0) {
                free(batch);
                return 0;
        }

        batch->max = n < REJECTED_BATCH_MAX ? n : REJECTED_BATCH_MAX;
        scene.n_looks = 0;
        scene.n_counts -= wants_counts ? scene.n_counts : 0;
        scene.n_new = n - batch->max;
        if (scene.n_new > 0)
                scene.writer.wake(true, scene.writer.userdata);
        *out = batch;
        *out_before = NULL;
        return 1;
}

void recorder_settle(struct recorder *settled, size_t store, struct rejected_outcome *outcome,
                     int r)
{
        (void)settled;
        assert_int_equal(store, 7);
        assert_true(scene.is_open);
        assert_int_equal(outcome == NULL, r != 0);
        scene.n_settled++;
}

int rejected_write(const char *root, const struct rejected_list *before,
                   const struct rejected_batch *batch, struct rejected_outcome *out)
{
        assert_string_equal(root, "/store");
        assert_null(before);
        scene.n_batches++;
        scene.n_written += batch->max;
        if (scene.fail_with)
                return scene.fail_with;

        *out = (struct rejected_outcome)REJECTED_OUTCOME_NULL;
        return 0;
}

struct rejected_batch *rejected_batch_free(struct rejected_batch *batch)
{
        free(batch);
        return NULL;
}

struct rejected_list *rejected_list_unref(struct rejected_list *list)
{
        assert_null(list);
        return NULL;
}

void rejected_outcome_deinit(struct rejected_outcome *outcome)
{
        (void)outcome;
}

/* -- life -------------------------------------------------------------------------------------- */

static void put(size_t n_new, size_t n_counts)
{
        scene.n_new += n_new;
        scene.n_counts += n_counts;
        if (n_new)
                scene.writer.wake(true, scene.writer.userdata);
        if (n_counts)
                scene.writer.wake(false, scene.writer.userdata);
}

static int set_up(void **state)
{
        (void)state;
        scene = (struct scene){ .is_open = false };
        fake_loop_begin();
        assert_int_equal(scribe_new(&(struct scribe_config){ .lane = FAKE_LOOP_LANE,
                                                             .recorder = recorder,
                                                             .store = 7,
                                                             .root = "/store" },
                                    &scene.scribe),
                         0);
        fake_loop_until(scene.n_settled == 1); /* the look at what is there */
        return 0;
}

static void end(void)
{
        scene.scribe = scribe_free(scene.scribe);
        fake_loop_end();
}

static int tear_down(void **state)
{
        (void)state;
        end();
        assert_false(scene.is_open);
        return 0;
}

/* -- tests ------------------------------------------------------------------------------------- */

/* The look at what is there was the first batch. */
static void what_is_new_is_written_soon_but_not_too_often(void **state)
{
        (void)state;
        put(1, 0);
        fake_loop_pass(SCRIBE_NEW_MS - 1);
        assert_int_equal(scene.n_written, 0);
        fake_loop_pass(2);
        assert_int_equal(scene.n_written, 1);
        assert_int_equal(scene.n_settled, 2);

        fake_loop_pass(SCRIBE_NEW_MS);
        put(1, 0);
        fake_loop_pass(1);
        assert_int_equal(scene.n_written, 2);
}

static void many_come_in_several_batches(void **state)
{
        (void)state;
        put(2 * REJECTED_BATCH_MAX, 0);
        fake_loop_until(scene.n_settled == 3);
        assert_int_equal(scene.n_written, 2 * REJECTED_BATCH_MAX);
}

static void counts_wait(void **state)
{
        (void)state;
        put(0, 5);
        fake_loop_pass(SCRIBE_COUNTS_MS - 1);
        assert_int_equal(scene.n_written, 0);
        fake_loop_pass(2);
        assert_int_equal(scene.n_written, 5);
}

static void the_end_writes_what_waits(void **state)
{
        (void)state;
        put(REJECTED_BATCH_MAX + 3, 5);
        scene.scribe = scribe_free(scene.scribe);
        assert_false(scene.is_open);
        fake_loop_until(scene.n_written == REJECTED_BATCH_MAX + 8);
        assert_int_equal(scene.n_settled, 1);
}

/* No worker may get to it any more: then it is done by the way. */
static void the_end_of_the_agent_does_too(void **state)
{
        (void)state;
        put(3, 5);
        end();
        assert_int_equal(scene.n_written, 8);
}

static void a_failure_is_told_and_over(void **state)
{
        (void)state;
        scene.fail_with = -12;
        put(1, 0);
        fake_loop_until(scene.n_settled == 2);
        scene.fail_with = 0;
        put(1, 0);
        fake_loop_until(scene.n_settled == 3);
        assert_int_equal(scene.n_written, 2);
}

static void without_anything_to_write_it_sleeps(void **state)
{
        (void)state;
        fake_loop_pass(10 * SCRIBE_COUNTS_MS);
        assert_int_equal(scene.n_batches, 1);
        assert_int_equal(scene.n_settled, 1);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(what_is_new_is_written_soon_but_not_too_often),
                TEST(many_come_in_several_batches),
                TEST(counts_wait),
                TEST(the_end_writes_what_waits),
                TEST(the_end_of_the_agent_does_too),
                TEST(a_failure_is_told_and_over),
                TEST(without_anything_to_write_it_sleeps),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
