/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/sample.h"

#include "harness/must.h"

#include <time.h>

uint64_t sample_now_ns(void)
{
        struct timespec now;

        clock_gettime(CLOCK_MONOTONIC, &now);
        return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

void samples_add(struct samples *samples, uint64_t ns)
{
        if (samples->n == samples->n_room) {
                samples->n_room = samples->n_room ? 2 * samples->n_room : 1024;
                samples->ns = reallocarray(samples->ns, samples->n_room, sizeof(*samples->ns));
                must(samples->ns, "samples");
        }

        samples->ns[samples->n++] = ns;
}

static int compare(const void *a, const void *b)
{
        const uint64_t *x = a, *y = b;

        return (*x > *y) - (*x < *y);
}

uint64_t samples_at(struct samples *samples, double part)
{
        if (!samples->n)
                return 0;

        qsort(samples->ns, samples->n, sizeof(*samples->ns), compare);
        return samples->ns[(size_t)(part * (double)(samples->n - 1))];
}

void samples_deinit(struct samples *samples)
{
        free(samples->ns);
        *samples = (struct samples){ 0 };
}

long sample_memory_kib(const char *field)
{
        FILE *file = fopen("/proc/self/status", "re");
        char line[256];
        long kib = -1;
        size_t n = strlen(field);

        must(file, "/proc/self/status");
        while (fgets(line, sizeof(line), file))
                if (strncmp(line, field, n) == 0 && line[n] == ':')
                        kib = strtol(line + n + 1, NULL, 10);

        fclose(file);
        must(kib >= 0, "%s in /proc/self/status", field);
        return kib;
}
