/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/files.h"

#include "harness/must.h"

#include <sys/stat.h>

uint8_t *files_read(const char *path, size_t *out_n)
{
        FILE *file = fopen(path, "re");
        struct stat st;
        uint8_t *data;

        must(file && fstat(fileno(file), &st) == 0, "open %s", path);
        *out_n = (size_t)st.st_size;
        data = must_calloc(1, *out_n + 1);
        must(fread(data, 1, *out_n, file) == *out_n, "read %s", path);
        fclose(file);
        return data;
}

void files_write(const char *folder, const char *name, const void *data, size_t n)
{
        char path[4096];
        FILE *file;
        int n_path = snprintf(path, sizeof(path), "%s/%s", folder, name);

        must(n_path > 0 && (size_t)n_path < sizeof(path), "%s/%s", folder, name);
        for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
                *slash = '\0';
                must(mkdir(path, 0777) == 0 || errno == EEXIST, "mkdir %s", path);
                *slash = '/';
        }

        file = fopen(path, "we");
        must(file && fwrite(data, 1, n, file) == n && fclose(file) == 0, "write %s", path);
}
