/* SPDX-License-Identifier: Apache-2.0 */
#include "own/parcel.h"

#include "proto/hex.h"
#include "store/layout.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void parcel_write(FILE *file, const char *kind, const char *name, const uint8_t *sha256,
                  struct bytes data)
{
        char digits[2 * 32 + 1] = "-";

        if (sha256)
                hex_encode(sha256, 32, digits);
        fprintf(file, "%s %zu %s %s\n", kind, data.n, digits, name);
        fwrite(data.data, 1, data.n, file);
}

void parcel_end(FILE *file)
{
        fputs("end 0 - \n", file);
}

/* "KIND BYTES SHA256 NAME" */
static bool read_head(const char *line, struct parcel_item *out, int *out_name)
{
        unsigned long long n;
        int n_kind = 0, n_head = 0;

        if (sscanf(line, "%*32[A-Za-z]%n %19llu %*64[0-9a-f-]%n", &n_kind, &n, &n_head) != 1 ||
            !n_head || line[n_head] != ' ' || n > LAYOUT_FILE_BYTES_MAX)
                return false;

        memcpy(out->kind, line, (size_t)n_kind);
        out->kind[n_kind] = '\0';
        out->n = (size_t)n;
        *out_name = n_head + 1;
        return true;
}

static int read_item(FILE *file, char **line, struct parcel_item *out)
{
        size_t n_room = 0;
        ssize_t n = getline(line, &n_room, file);
        int at;

        if (n <= 0 || (*line)[n - 1] != '\n')
                return PARCEL_E_DAMAGED;

        (*line)[n - 1] = '\0';
        if (strlen(*line) != (size_t)n - 1 || !read_head(*line, out, &at))
                return PARCEL_E_DAMAGED;
        if (strcmp(out->kind, "end") == 0)
                return PARCEL_E_END;

        out->name = strdup(*line + at);
        out->data = malloc(out->n + 1);
        if (!out->name || !out->data)
                return -ENOMEM;
        return fread(out->data, 1, out->n, file) == out->n ? 0 : PARCEL_E_DAMAGED;
}

int parcel_read(FILE *file, struct parcel_item *out)
{
        struct parcel_item item = { .name = NULL };
        CLEANUP(freep) char *line = NULL;
        int r = read_item(file, &line, &item);

        if (r)
                parcel_item_deinit(&item);
        else
                *out = item;
        return r;
}

void parcel_item_deinit(struct parcel_item *item)
{
        free(item->name);
        free(item->data);
        *item = (struct parcel_item){ .name = NULL };
}
