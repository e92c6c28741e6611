/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Task - what waits to be told to the caller, in uatrust_process() and nowhere else.
 */

#include <stdbool.h>

struct tasks;

struct task {
        void (*run)(struct task *task); /* may free what the task is part of */
        struct task *before, *next;
        struct tasks *tasks; /* in which it waits; NULL: it does not */
        unsigned int turn;
};

struct tasks {
        struct task *first, *last;
        unsigned int turn;
};

/**
 * tasks_run() - those that wait now, until @is_over: what comes up meanwhile waits for the next
 * time
 */
void tasks_run(struct tasks *tasks, const bool *is_over);

/** task_put() - behind the others, once */
void task_put(struct tasks *tasks, struct task *task);

/** task_take() - it is not to be run any more; takes one that does not wait */
void task_take(struct task *task);
