/* SPDX-License-Identifier: Apache-2.0 */
#include "store/rejected_room.h"

#include "store/rejected_list.h"

#include <stdbool.h>
#include <stddef.h>

static int64_t account_of(const struct rejected_file *file)
{
        return file->record ? file->record->note.first_uid : SCHEMA_INT_ABSENT;
}

static int64_t last_seen_of(const struct rejected_file *file)
{
        const struct scan_stamp *stamp = file->has_cert ? &file->cert : &file->note;

        return file->record ? file->record->note.last_seen : stamp->mtime_ns / INT64_C(1000000000);
}

static size_t count_of(const struct rejected_list *list, int64_t uid)
{
        size_t n = 0;

        for (size_t i = 0; i < list->files.n; i++)
                n += account_of(&list->files.items[i]) == uid;
        return n;
}

/* May @file make room for what is kept on the account of @uid? */
static bool may_go(const struct rejected_list *list, const struct rejected_file *file, int64_t uid)
{
        int64_t account = account_of(file);

        return account == SCHEMA_INT_ABSENT || account == uid ||
               count_of(list, account) > REJECTED_SHARE;
}

struct rejected_file *rejected_room_choose(struct rejected_list *list, int64_t uid)
{
        struct rejected_file *chosen = NULL;

        for (size_t i = 0; i < list->files.n; i++) {
                struct rejected_file *file = &list->files.items[i];

                if (chosen && last_seen_of(file) >= last_seen_of(chosen))
                        continue;
                if (may_go(list, file, uid))
                        chosen = file;
        }
        return chosen;
}
