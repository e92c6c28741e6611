/* SPDX-License-Identifier: Apache-2.0 */
#include "verdict.h"

#include "sheet.h"

#include <uatrust/uatrust.h>

struct uatrust_verdict *verdict_new(struct message_verdict *message)
{
        struct uatrust_verdict *verdict = calloc(1, sizeof(*verdict));

        if (!verdict) {
                schema_deinit(&message_verdict_schema, message);
                return NULL;
        }

        verdict->m = *message;
        schema_init(&message_verdict_schema, message);
        atomic_init(&verdict->n_refs, 1);
        return verdict;
}

struct uatrust_verdict *verdict_ref(struct uatrust_verdict *verdict)
{
        atomic_fetch_add_explicit(&verdict->n_refs, 1, memory_order_relaxed);
        return verdict;
}

static struct uatrust_verdict *owner_of(const struct uatrust_verdict *verdict)
{
        return verdict->like ? verdict->like : (struct uatrust_verdict *)verdict;
}

struct uatrust_verdict *verdict_new_like(struct uatrust_verdict *like, int64_t generation,
                                         int64_t valid_until_s)
{
        struct uatrust_verdict *verdict = calloc(1, sizeof(*verdict));

        if (!verdict)
                return NULL;

        verdict->m = like->m;
        verdict->m.generation = generation;
        verdict->m.valid_until = valid_until_s;
        atomic_init(&verdict->n_refs, 1);
        verdict->like = verdict_ref(owner_of(like));
        return verdict;
}

void uatrust_verdict_free(struct uatrust_verdict *verdict)
{
        if (!verdict || atomic_fetch_sub_explicit(&verdict->n_refs, 1, memory_order_acq_rel) > 1)
                return;

        if (verdict->like)
                uatrust_verdict_free(verdict->like); /* which is like no other */
        else
                schema_deinit(&message_verdict_schema, &verdict->m);
        sheet_unref(verdict->sheet);
        free(verdict);
}

bool verdict_stand_by(struct uatrust_verdict *verdict, struct sheet *sheet)
{
        const struct message_verdict *m = &verdict->m;
        uint32_t slot;

        if (!sheet_is_held(sheet) || !m->agent_id || !m->store ||
            !sheet_find(sheet, m->agent_id, m->store, &slot))
                return false;

        sheet_unref(verdict->sheet);
        verdict->sheet = sheet_ref(sheet);
        verdict->slot = slot;
        return true;
}

bool uatrust_verdict_holds(const struct uatrust_verdict *verdict)
{
        if (!verdict || !verdict->sheet)
                return false;

        return sheet_holds(verdict->sheet, verdict->slot, verdict->m.generation,
                           verdict->m.valid_until == SCHEMA_INT_ABSENT ? INT64_MAX
                                                                       : verdict->m.valid_until);
}
