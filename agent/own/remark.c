/* SPDX-License-Identifier: Apache-2.0 */
#include "own/remark.h"

#include "proto/status.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROW(member, wire, more)                                                                    \
        {                                                                                          \
                .name = wire, .type = SCHEMA_STRING, .flags = more,                                \
                .offset = offsetof(struct remark, member)                                          \
        }

static const struct schema_field rows[] = {
        ROW(file, "file", 0),
        ROW(level, "level", 0),
        ROW(status_name, "statusName", SCHEMA_OPTIONAL),
        ROW(subject, "subject", SCHEMA_OPTIONAL),
        ROW(message, "message", 0),
};

const struct schema remark_schema = {
        .size_bytes = sizeof(struct remark),
        .fields = rows,
        .n_fields = ARRAY_SIZE(rows),
};

static bool is_equal_text(const char *a, const char *b)
{
        return a && b ? strcmp(a, b) == 0 : a == b;
}

/* One certificate is judged as what it may be: much is found twice. */
static bool has(const struct remark_list *list, const struct remark *remark)
{
        for (size_t i = list->n_items; i-- > 0;) {
                const struct remark *other = &list->items[i];

                if (strcmp(other->file, remark->file) != 0)
                        return false;
                if (strcmp(other->message, remark->message) == 0 &&
                    is_equal_text(other->status_name, remark->status_name))
                        return true;
        }
        return false;
}

static int copy(const char *text, char **out)
{
        *out = text ? strdup(text) : NULL;
        return text && !*out ? -ENOMEM : 0;
}

static int fill(struct remark *remark, enum remark_level level, const struct remark_place *place)
{
        static const char *const LEVELS[] = {
                [REMARK_REFUSED] = "refused",
                [REMARK_WARNING] = "warning",
                [REMARK_NOTE] = "note",
        };
        int r;

        r = copy(place->file, &remark->file);
        if (!r)
                r = copy(LEVELS[level], &remark->level);
        if (!r)
                r = copy(place->subject, &remark->subject);
        if (!r && place->status &&
            asprintf(&remark->status_name, "%s%s%s", status_code_name(place->status),
                     place->qualifier ? "/" : "", place->qualifier ? place->qualifier : "") < 0) {
                remark->status_name = NULL;
                r = -ENOMEM;
        }
        return r;
}

/* Takes what @remark holds, unless it fails. */
static int push(struct remark_list *list, const struct remark *remark)
{
        struct remark *grown = reallocarray(list->items, list->n_items + 1, sizeof(*grown));

        if (!grown)
                return -ENOMEM;

        list->items = grown;
        grown[list->n_items] = *remark;
        grown[list->n_items].order = list->n_items;
        list->n_items++;
        return 0;
}

void remark_add(struct remark_list *list, enum remark_level level, const struct remark_place *place,
                const char *format, ...)
{
        struct remark remark = { .file = NULL };
        va_list args;
        int r;

        va_start(args, format);
        if (vasprintf(&remark.message, format, args) < 0)
                remark.message = NULL;
        va_end(args);

        r = remark.message ? fill(&remark, level, place) : -ENOMEM;
        if (!r && has(list, &remark)) {
                schema_deinit(&remark_schema, &remark);
                return;
        }
        if (!r)
                r = push(list, &remark);
        if (r) {
                schema_deinit(&remark_schema, &remark);
                list->error = r;
                return;
        }
        list->n_refused += level == REMARK_REFUSED;
}

static int compare(const void *left, const void *right)
{
        const struct remark *a = left, *b = right;
        int order = strcmp(a->file, b->file);

        return order ? order : (a->order > b->order) - (a->order < b->order);
}

void remark_list_sort(struct remark_list *list)
{
        if (list->n_items)
                qsort(list->items, list->n_items, sizeof(*list->items), compare);
}

void remark_list_deinit(struct remark_list *list)
{
        for (size_t i = 0; i < list->n_items; i++)
                schema_deinit(&remark_schema, &list->items[i]);
        free(list->items);
        *list = (struct remark_list){ .items = NULL };
}
