/* SPDX-License-Identifier: Apache-2.0 */
#include "service/troubles.h"

#include "base/log.h"
#include "trust/change.h"
#include "trust/entry.h"
#include "trust/snapshot.h"

#include <string.h>

/* Both are in order of role and origin: one walk. */
static void log_broken(const struct log *log, const char *store, const struct snapshot *snap,
                       const struct change *change)
{
        size_t n = change->broken.n < TROUBLES_LOGGED_MAX ? change->broken.n : TROUBLES_LOGGED_MAX;
        size_t k = 0;

        for (size_t i = snap->n_entries - snap->n_broken; k < n && i < snap->n_entries; i++) {
                const struct entry *entry = snap->entries[i];

                if (strcmp(entry->origin, change->broken.items[k]) != 0)
                        continue;
                log_warning(log, "store %s: %s: %s", store, entry->origin, entry->reason);
                k++;
        }
}

static void log_rest(const struct log *log, const char *store, size_t n, const char *what)
{
        if (n > TROUBLES_LOGGED_MAX)
                log_warning(log, "store %s: %zu more %s", store, n - TROUBLES_LOGGED_MAX, what);
}

void troubles_log(const struct log *log, const char *store, const struct snapshot *snap,
                  const struct change *change)
{
        log_broken(log, store, snap, change);
        log_rest(log, store, change->broken.n, "cannot be read");

        for (size_t i = 0; i < change->healed.n && i < TROUBLES_LOGGED_MAX; i++)
                log_notice(log, "store %s: %s: nothing is wrong any more", store,
                           change->healed.items[i]);
        log_rest(log, store, change->healed.n, "of which nothing is wrong any more");
}
