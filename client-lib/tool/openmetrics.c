/* SPDX-License-Identifier: Apache-2.0 */
#include "openmetrics.h"

#include <inttypes.h>
#include <string.h>

#define UNIT "seconds"

void openmetrics_begin(FILE *file, const struct openmetrics_family *family)
{
        size_t n = strlen(family->name), n_unit = strlen("_" UNIT);

        fprintf(file, "# TYPE %s %s\n", family->name, family->type);
        if (n > n_unit && !strcmp(family->name + n - n_unit, "_" UNIT))
                fprintf(file, "# UNIT %s " UNIT "\n", family->name);
        fprintf(file, "# HELP %s %s\n", family->name, family->help);
}

static void write_value(FILE *file, const char *text)
{
        for (; *text; text++) {
                if (*text == '\n')
                        fputs("\\n", file);
                else if (*text == '"' || *text == '\\')
                        fprintf(file, "\\%c", *text);
                else
                        putc(*text, file);
        }
}

static void write_label(FILE *file, const struct openmetrics_label *label)
{
        fprintf(file, "%s=\"", label->name);
        write_value(file, label->value);
        putc('"', file);
}

void openmetrics_sample(FILE *file, const struct openmetrics_family *family,
                        const struct openmetrics_labels *labels, int64_t value)
{
        const struct openmetrics_label *items = labels->items;
        size_t n = 0;

        fprintf(file, "%s%s", family->name, strcmp(family->type, "counter") == 0 ? "_total" : "");
        for (; n < OPENMETRICS_LABELS_MAX && items[n].name; n++) {
                putc(n ? ',' : '{', file);
                write_label(file, &items[n]);
        }
        fprintf(file, "%s %" PRId64 "\n", n ? "}" : "", value);
}

/* Seconds with a point, as the specification has thresholds: 0.000125, 2.0. */
static void write_seconds(FILE *file, int64_t us)
{
        char text[8];
        size_t n;

        snprintf(text, sizeof(text), "%06" PRId64, us % 1000000);
        for (n = strlen(text); n > 1 && text[n - 1] == '0'; n--)
                text[n - 1] = '\0';
        fprintf(file, "%" PRId64 ".%s", us / 1000000, text);
}

void openmetrics_bucket(FILE *file, const struct openmetrics_family *family,
                        const struct openmetrics_label *label, int64_t below_us, int64_t n)
{
        fprintf(file, "%s_bucket{", family->name);
        write_label(file, label);
        fputs(",le=\"", file);
        if (below_us == INT64_MAX)
                fputs("+Inf", file);
        else
                write_seconds(file, below_us);
        fprintf(file, "\"} %" PRId64 "\n", n);
}

void openmetrics_end(FILE *file)
{
        fputs("# EOF\n", file);
}
