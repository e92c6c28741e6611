/* SPDX-License-Identifier: Apache-2.0 */
#include "service/troubles.h"

#include "service/catalog.h"
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
                catalog_tell(log, CATALOG_FILE_BROKEN,
                             &(struct catalog_about){ .store = store,
                                                      .file = entry->origin,
                                                      .reason = entry->reason },
                             "%s: %s", entry->origin, entry->reason);
                k++;
        }
}

static void log_rest(const struct log *log, enum catalog_id id, const char *store, size_t n,
                     const char *what)
{
        if (n > TROUBLES_LOGGED_MAX)
                catalog_tell(log, id, CATALOG_STORE(store), "%zu more %s", n - TROUBLES_LOGGED_MAX,
                             what);
}

void troubles_log(const struct log *log, const char *store, const struct snapshot *snap,
                  const struct change *change)
{
        log_broken(log, store, snap, change);
        log_rest(log, CATALOG_FILE_BROKEN, store, change->broken.n, "cannot be read");

        for (size_t i = 0; i < change->healed.n && i < TROUBLES_LOGGED_MAX; i++)
                catalog_tell(
                        log, CATALOG_FILE_HEALED,
                        &(struct catalog_about){ .store = store, .file = change->healed.items[i] },
                        "%s: nothing is wrong any more", change->healed.items[i]);
        log_rest(log, CATALOG_FILE_HEALED, store, change->healed.n,
                 "of which nothing is wrong any more");
}
