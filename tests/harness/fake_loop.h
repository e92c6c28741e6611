/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Fake loop - in place of loop/ and base/clock: a time that passes when the test says so, timers
 * that go off by it, descriptors that the kernel is asked about, and one lane of jobs.
 *
 * All is done on the test's thread, so nothing depends on how busy the machine is. What happens
 * while a job runs is what the job itself does: it, too, may let time pass, and then timers and
 * descriptors are seen to, but no other job.
 */

#include "base/clock.h"
#include "harness/test.h"
#include "loop/fd.h"
#include "loop/timer.h"
#include "loop/work.h"

#define FAKE_LOOP_LANE   3 /* where jobs are to be submitted */
#define FAKE_LOOP_MOST_S 100

/** fake_loop_begin() - at some moment, with nothing to wait for; fake_loop_end() */
void fake_loop_begin(void);

/** fake_loop_end() - cancel the jobs; the test fails if anything else is waited for */
void fake_loop_end(void);

/**
 * fake_loop_go_on() - do the one thing that is to be done now, a timer's before a job before a
 * descriptor's, or else go on to the moment of the next; Return: false: it is @end_ns, and nothing is to be done
 */
bool fake_loop_go_on(int64_t end_ns);

/** fake_loop_pass() - do what is to be done within @ms; then it is that much later */
void fake_loop_pass(unsigned int ms);

/** fake_loop_miss() - it is @ms later, and nothing has been seen to: as on a busy machine */
void fake_loop_miss(unsigned int ms);

/* Until it is so; if it never is, the test fails. */
#define fake_loop_until(condition)                                                                 \
        do {                                                                                       \
                int64_t last_ns = clock_monotonic_ns() + FAKE_LOOP_MOST_S * INT64_C(1000000000);   \
                while (!(condition) && fake_loop_go_on(last_ns))                                   \
                        ;                                                                          \
                assert_true(condition);                                                            \
        } while (0)
