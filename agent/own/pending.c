/* SPDX-License-Identifier: Apache-2.0 */
#include "own/pending.h"

#include "proto/compiler.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool pending_is_name(const char *file_name)
{
        size_t n = strlen(file_name), n_ending = strlen(PENDING_KEY_ENDING);

        return n > n_ending && !strcmp(file_name + n - n_ending, PENDING_KEY_ENDING);
}

static char *make_name(const char *name, const char *ending)
{
        char *out;

        return asprintf(&out, "%s%s", name, ending) < 0 ? NULL : out;
}

char *pending_key_name(const char *name)
{
        return make_name(name, PENDING_KEY_ENDING);
}

char *pending_request_name(const char *name)
{
        return make_name(name, PENDING_REQUEST_ENDING);
}

int pending_find(int keys_fd, char **out)
{
        int fd = openat(keys_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        CLEANUP(freep) char *found = NULL;
        const struct dirent *entry;
        size_t n = 0;
        DIR *dir;

        dir = fd < 0 ? NULL : fdopendir(fd);
        if (!dir) {
                if (fd >= 0)
                        close(fd);
                return -EIO;
        }

        while ((entry = readdir(dir))) {
                if (entry->d_name[0] == '.' || !pending_is_name(entry->d_name))
                        continue;
                n++;
                free(found);
                found = strndup(entry->d_name, strlen(entry->d_name) - strlen(PENDING_KEY_ENDING));
        }
        closedir(dir);
        *out = n == 1 ? TAKE(found) : NULL;
        return 0;
}
