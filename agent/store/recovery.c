/* SPDX-License-Identifier: Apache-2.0 */
#include "store/recovery.h"

#include "proto/buf.h"
#include "store/journal.h"
#include "store/own_folder.h"
#include "store/picture.h"
#include "store/sources.h"
#include "trust/snapshot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int recovery_describe(const struct own_folder *folder, const char *user, bool is_damaged,
                      char **out)
{
        CLEANUP(buf_deinit) struct buf text = BUF_NULL;
        CLEANUP(freep) char *failure = NULL;
        int r = is_damaged ? 0 : own_folder_describe(folder, user, &failure);

        if (r < 0)
                return r;

        buf_add_text(&text,
                     "an update of the trust list was interrupted and cannot be completed: ");
        if (is_damaged)
                buf_printf(&text, "%s/" JOURNAL_NAME " is damaged", folder->path);
        else
                buf_add_text(&text, failure);
        buf_printf(&text, "; to leave all files as they are now: rm %s/" JOURNAL_NAME,
                   folder->path);
        return buf_take_text(&text, out);
}

int recovery_finish(struct own_folder *folder, const struct store_config *config,
                    struct recover_outcome *out)
{
        CLEANUP(journal_texts_deinit) struct journal_texts foreign = { VEC_NULL };
        CLEANUP(journal_deinit) struct journal journal = JOURNAL_NULL;
        bool is_damaged;
        int r;

        r = journal_load(folder, &journal);
        is_damaged = r == JOURNAL_E_DAMAGED;
        if (r == JOURNAL_E_NONE) {
                r = journal_sweep(folder, config->sources[0].layout);
                return r < 0 ? r : 0; /* what cannot be swept harms nobody */
        }
        if (!r)
                r = journal_carry_out(&journal, folder, &foreign);
        if (r < 0)
                return r;

        out->status = r ? RECOVER_STUCK : RECOVER_DONE;
        for (size_t i = 0; !r && i < foreign.list.n; i++) {
                int pushed = VEC_PUSH(&out->foreign, foreign.list.items[i]);

                if (pushed < 0)
                        return pushed;
                foreign.list.items[i] = NULL;
        }
        return r ? recovery_describe(folder, config->user, is_damaged, &out->reason) : 0;
}

/* Whoever may not even lock finds a journal that he cannot carry out, or none. */
static int look_without_lock(struct own_folder *folder, const struct store_config *config,
                             struct recover_outcome *out)
{
        CLEANUP(journal_deinit) struct journal journal = JOURNAL_NULL;
        CLEANUP(freep) char *failure = NULL;
        int r = recovery_describe(folder, config->user, false, &failure);

        if (r < 0)
                return r;

        r = journal_load(folder, &journal);
        if (r < 0 || r == JOURNAL_E_NONE)
                return r < 0 ? r : 0;

        out->status = RECOVER_STUCK;
        out->reason = TAKE(failure);
        return 0;
}

static int recover(struct own_folder *folder, const struct store_config *config,
                   struct recover_outcome *out)
{
        CLEANUP(journal_deinit) struct journal journal = JOURNAL_NULL;
        int r;

        r = own_folder_open(&config->sources[0], folder);
        if (r)
                return r < 0 ? r : 0; /* the store is not ready, and says so by itself */

        r = own_folder_lock(folder, false);
        if (r == OWN_FOLDER_E_ABSENT) {
                r = journal_load(folder, &journal);
                if (r == JOURNAL_E_NONE)
                        return 0;
                r = own_folder_lock(folder, true);
        }
        if (r < 0)
                return r;
        if (r == OWN_FOLDER_E_FAILED)
                return look_without_lock(folder, config, out);
        if (r == OWN_FOLDER_E_BUSY) {
                out->status = RECOVER_BUSY;
                return 0;
        }
        return recovery_finish(folder, config, out);
}

int store_recover(const struct store_config *config, struct recover_outcome *out)
{
        CLEANUP(own_folder_close) struct own_folder folder = OWN_FOLDER_NULL;
        CLEANUP(recover_outcome_deinit) struct recover_outcome outcome = RECOVER_OUTCOME_NULL;
        int r = recover(&folder, config, &outcome);

        if (r < 0)
                return r;

        *out = outcome;
        outcome = (struct recover_outcome)RECOVER_OUTCOME_NULL;
        return 0;
}

void recover_outcome_deinit(struct recover_outcome *outcome)
{
        for (size_t i = 0; i < outcome->foreign.n; i++)
                free(outcome->foreign.items[i]);
        VEC_FREE(&outcome->foreign);
        free(outcome->reason);
        *outcome = (struct recover_outcome)RECOVER_OUTCOME_NULL;
}

int store_stay_stuck(const struct picture *old, const char *reason, struct store_result *out)
{
        CLEANUP(store_result_deinit) struct store_result result = STORE_RESULT_NULL;

        result.picture = calloc(1, sizeof(*result.picture));
        result.not_ready = strdup(reason);
        if (!result.picture || !result.not_ready) {
                free(result.picture);
                result.picture = NULL;
                return -ENOMEM;
        }

        result.picture->ref = (struct ref)REF_INIT;
        if (old) {
                result.picture->root = old->root;
                result.picture->last = old->last ? snapshot_ref(old->last) : NULL;
        }
        result.again_ms = STORE_STUCK_MS;
        *out = result;
        result = (struct store_result)STORE_RESULT_NULL;
        return 0;
}
