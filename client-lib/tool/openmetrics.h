/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Openmetrics - text of the OpenMetrics specification 1.0, which what reads Prometheus' older text takes as well: no
 * other types than counter, gauge and histogram.
 *
 * A family is begun once, then come all its samples. What went wrong is seen by ferror() at the end.
 */

#include <stdint.h>
#include <stdio.h>

struct openmetrics_family {
        const char *name; /* "uatrust_verdicts"; where it ends in a unit, that is its unit, too */
        const char
                *type; /* "counter" (samples end in _total), "gauge" or "histogram" (in _bucket) */
        const char *help;
};

struct openmetrics_label {
        const char *name;
        const char *value; /* any UTF-8 */
};

#define OPENMETRICS_LABELS_MAX 5

/* Up to the first without a name. */
struct openmetrics_labels {
        struct openmetrics_label items[OPENMETRICS_LABELS_MAX];
};

void openmetrics_begin(FILE *file, const struct openmetrics_family *family);

/** openmetrics_sample() - one of the family begun last; @labels: of no other of its samples */
void openmetrics_sample(FILE *file, const struct openmetrics_family *family,
                        const struct openmetrics_labels *labels, int64_t value);

/**
 * openmetrics_bucket() - of the histogram begun last, whose samples have one label beside le
 * @below_us: microseconds, from small to large within a label; INT64_MAX, which each needs: +Inf
 * @n:        how many took less: all of the buckets before, too
 */
void openmetrics_bucket(FILE *file, const struct openmetrics_family *family,
                        const struct openmetrics_label *label, int64_t below_us, int64_t n);

/** openmetrics_end() - of the text */
void openmetrics_end(FILE *file);
