/* SPDX-License-Identifier: Apache-2.0 */
#include "store/update_outcome.h"

#include "trust/snapshot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void update_outcome_deinit(struct update_outcome *outcome)
{
        for (size_t i = 0; i < outcome->refusals.n; i++)
                free(outcome->refusals.items[i].reason);
        VEC_FREE(&outcome->refusals);
        VEC_FREE(&outcome->added);
        VEC_FREE(&outcome->removed);
        free(outcome->subject);
        free(outcome->reason);
        snapshot_unref(outcome->after);
        store_result_deinit(&outcome->result);
        *outcome = (struct update_outcome)UPDATE_OUTCOME_NULL;
}

static int set_text(char **to, const char *text)
{
        char *copy = text ? strdup(text) : NULL;

        if (text && !copy)
                return -ENOMEM;

        free(*to);
        *to = copy;
        return 0;
}

int update_outcome_end(struct update_outcome *outcome, enum update_status status,
                       const char *subject, const char *reason)
{
        int r = set_text(&outcome->subject, subject);

        outcome->status = status;
        return r ? r : set_text(&outcome->reason, reason);
}

int update_outcome_refuse(struct update_outcome *outcome, struct update_refusal *refusal)
{
        int r = refusal->reason ? 0 : -ENOMEM;

        outcome->status = UPDATE_REFUSED;
        if (!r && outcome->refusals.n < UPDATE_REFUSALS_MAX)
                r = VEC_PUSH(&outcome->refusals, *refusal);
        else
                free(refusal->reason);
        return r;
}
