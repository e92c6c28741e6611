/* SPDX-License-Identifier: Apache-2.0 */
#include "task.h"

#include <stddef.h>

void task_put(struct tasks *tasks, struct task *task)
{
        if (task->tasks)
                return;

        task->tasks = tasks;
        task->turn = tasks->turn;
        task->before = tasks->last;
        task->next = NULL;
        if (tasks->last)
                tasks->last->next = task;
        else
                tasks->first = task;
        tasks->last = task;
}

void task_take(struct task *task)
{
        struct tasks *tasks = task->tasks;

        if (!tasks)
                return;

        if (task->before)
                task->before->next = task->next;
        else
                tasks->first = task->next;
        if (task->next)
                task->next->before = task->before;
        else
                tasks->last = task->before;
        task->tasks = NULL;
}

void tasks_run(struct tasks *tasks, const bool *is_over)
{
        tasks->turn++;
        while (!*is_over && tasks->first && tasks->first->turn != tasks->turn) {
                struct task *task = tasks->first;

                task_take(task);
                task->run(task);
        }
}
