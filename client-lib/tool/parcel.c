/* SPDX-License-Identifier: Apache-2.0 */
#include "parcel.h"

#include <stdlib.h>
#include <string.h>

#define ITEM_BYTES_MAX (128UL << 20)

static const char *const names[PARCEL_KINDS] = {
        [PARCEL_TRUSTED_CERTIFICATES] = "trustedCertificates",
        [PARCEL_TRUSTED_CRLS] = "trustedCrls",
        [PARCEL_ISSUER_CERTIFICATES] = "issuerCertificates",
        [PARCEL_ISSUER_CRLS] = "issuerCrls",
        [PARCEL_LEFT_OUT] = "leftOut",
};

const char *parcel_list_name(enum parcel_kind kind)
{
        return names[kind];
}

static bool push(struct parcel *parcel, const struct parcel_item *item)
{
        struct parcel_item *grown =
                reallocarray(parcel->items, parcel->n + 1, sizeof(*parcel->items));

        if (!grown || !item->data) {
                parcel->items = grown ? grown : parcel->items;
                free(item->name);
                free(item->data);
                return false;
        }
        parcel->items = grown;
        grown[parcel->n++] = *item;
        return true;
}

bool parcel_add(struct parcel *parcel, enum parcel_kind kind, const char *name, const void *data,
                size_t n)
{
        struct parcel_item item = {
                .kind = kind, .name = name ? strdup(name) : NULL, .data = malloc(n + 1), .n = n
        };

        if (item.data) {
                memcpy(item.data, data, n);
                item.data[n] = '\0';
        }
        return push(parcel, &item) && (!name || item.name);
}

/* Return: false: it is none of ours. */
static bool read_head(const char *line, struct parcel_item *out, const char **out_name)
{
        char word[33];
        unsigned long n;
        int n_head = 0;

        if (sscanf(line, "%32[A-Za-z] %lu %64[0-9a-f-]%n", word, &n, out->sha256, &n_head) != 3 ||
            line[n_head] != ' ' || n > ITEM_BYTES_MAX)
                return false;

        for (int kind = 0; kind < PARCEL_KINDS; kind++) {
                if (strcmp(names[kind], word) == 0) {
                        out->kind = (enum parcel_kind)kind;
                        out->n = n;
                        *out_name = line + n_head + 1;
                        return true;
                }
        }
        return false;
}

static bool read_item(FILE *file, const char *line, struct parcel *parcel)
{
        struct parcel_item item = { .name = NULL };
        const char *name;

        if (!read_head(line, &item, &name))
                return false;

        item.name = strdup(name);
        item.data = malloc(item.n + 1);
        if (!item.name || !item.data || fread(item.data, 1, item.n, file) != item.n) {
                free(item.name);
                free(item.data);
                return false;
        }
        item.data[item.n] = '\0';
        return push(parcel, &item);
}

bool parcel_read(FILE *file, struct parcel *parcel)
{
        char *line = NULL;
        size_t n_room = 0;
        bool is_good = true, is_whole = false;

        while (is_good && !is_whole) {
                ssize_t n = getline(&line, &n_room, file);

                is_good = n > 0 && line[n - 1] == '\n';
                if (!is_good)
                        break;
                line[n - 1] = '\0';
                is_whole = strncmp(line, "end ", 4) == 0;
                is_good = is_whole || read_item(file, line, parcel);
        }
        free(line);
        return is_good;
}

size_t parcel_count(const struct parcel *parcel, enum parcel_kind kind)
{
        size_t n = 0;

        for (size_t i = 0; i < parcel->n; i++)
                n += parcel->items[i].kind == kind;
        return n;
}

static int compare(const void *left, const void *right)
{
        const struct parcel_item *a = *(const struct parcel_item *const *)left;
        const struct parcel_item *b = *(const struct parcel_item *const *)right;
        int order;

        if (a->kind != b->kind)
                return a->kind < b->kind ? -1 : 1;
        if (a->n != b->n)
                return a->n < b->n ? -1 : 1;
        order = memcmp(a->data, b->data, a->n);
        return order ? order : (a > b) - (a < b);
}

static bool is_repeat(const struct parcel_item *a, const struct parcel_item *b)
{
        return a->kind != PARCEL_LEFT_OUT && a->kind == b->kind && a->n == b->n &&
               memcmp(a->data, b->data, a->n) == 0;
}

void parcel_drop_repeats(struct parcel *parcel)
{
        struct parcel_item **order = reallocarray(NULL, parcel->n + 1, sizeof(*order));
        size_t n = 0;

        if (!order)
                return; /* repeats are no fault, only longer to send */

        for (size_t i = 0; i < parcel->n; i++)
                order[i] = &parcel->items[i];
        qsort(order, parcel->n, sizeof(*order), compare);
        for (size_t i = 1; i < parcel->n; i++) {
                if (!is_repeat(order[i - 1], order[i]))
                        continue;
                /* the next is compared with the first of them */
                free(order[i]->name);
                order[i]->name = NULL;
                order[i]->n = order[i - 1]->n;
                order[i]->kind = PARCEL_KINDS;
                free(order[i]->data);
                order[i]->data = NULL;
                order[i] = order[i - 1];
        }
        free(order);

        for (size_t i = 0; i < parcel->n; i++)
                if (parcel->items[i].kind != PARCEL_KINDS)
                        parcel->items[n++] = parcel->items[i];
        parcel->n = n;
}

void parcel_write(FILE *file, const struct parcel *parcel)
{
        for (size_t i = 0; i < parcel->n; i++) {
                const struct parcel_item *item = &parcel->items[i];

                if (item->kind == PARCEL_LEFT_OUT)
                        continue;
                fprintf(file, "%s %zu - \n", names[item->kind], item->n);
                fwrite(item->data, 1, item->n, file);
        }
        fputs("end 0 - \n", file);
}

void parcel_deinit(struct parcel *parcel)
{
        for (size_t i = 0; i < parcel->n; i++) {
                free(parcel->items[i].name);
                free(parcel->items[i].data);
        }
        free(parcel->items);
        *parcel = (struct parcel){ .items = NULL };
}
