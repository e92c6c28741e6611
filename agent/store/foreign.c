/* SPDX-License-Identifier: Apache-2.0 */
#include "store/foreign.h"

#include "proto/compiler.h"
#include "store/mend.h"
#include "store/origin.h"
#include "store/picture.h"
#include "store/renew.h"
#include "store/sources.h"
#include "trust/entry.h"

#include <stdio.h>
#include <stdlib.h>

/* @name NULL: of the directory as a whole. */
static int add(struct picture_dir *dir, const struct renew *renew, const char *name,
               const char *reason)
{
        CLEANUP(freep) char *origin = NULL;
        struct entry *entry;
        int r;

        r = origin_make(renew->mend->source->name, renew->mend->dir, name, &origin);
        if (!r)
                r = entry_new_foreign(renew->role, origin, reason, &entry);
        return r < 0 ? r : entries_add(&dir->foreign, entry);
}

static int add_from_shelf(struct picture_dir *dir, const struct renew *renew,
                          const struct picture_shelf *shelf)
{
        int r = 0;

        for (size_t i = 0; !r && shelf->n_foreign > 0 && i < shelf->n; i++) {
                const struct picture_file *file = shelf->files[i];

                if (dir->foreign.list.n == FOREIGN_LISTED_MAX)
                        return 0;
                if (file->foreign)
                        r = add(dir, renew, file->name, file->foreign);
        }
        return r;
}

int foreign_list(struct picture_dir *dir, const struct renew *renew)
{
        char reason[80];
        int r = 0;

        if (renew->role == ROLE_REJECTED)
                return 0;

        for (size_t i = 0; !r && i < dir->shelves.n; i++)
                r = add_from_shelf(dir, renew, dir->shelves.items[i]);
        if (r || dir->n_foreign <= FOREIGN_LISTED_MAX)
                return r;

        snprintf(reason, sizeof(reason), "%zu files more in it hold no certificate and no CRL",
                 dir->n_foreign - FOREIGN_LISTED_MAX);
        return add(dir, renew, NULL, reason);
}
