/* SPDX-License-Identifier: Apache-2.0 */
#include "service/answers.h"

#include <assert.h>

void answers_listen(struct answers *answers, answers_fn fn, void *userdata)
{
        assert(answers->n_listeners < ANSWERS_LISTENERS_MAX);
        answers->listeners[answers->n_listeners].fn = fn;
        answers->listeners[answers->n_listeners].userdata = userdata;
        answers->n_listeners++;
}

void answers_tell(const struct answers *answers, const struct answers_item *item)
{
        for (size_t i = 0; i < answers->n_listeners; i++)
                answers->listeners[i].fn(item, answers->listeners[i].userdata);
}
