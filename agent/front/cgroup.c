/* SPDX-License-Identifier: Apache-2.0 */
#include "front/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEXT_MAX_BYTES 8192 /* a line for each of at most a dozen hierarchies */

/* Return: false: the line is not of this hierarchy, or says nothing. */
static bool read_line(const char *line, size_t n_line, const char *hierarchy,
                      char out[CALLER_CGROUP_MAX_BYTES + 1])
{
        const char *colon = memchr(line, ':', n_line);
        size_t n_hierarchy = strlen(hierarchy), n;

        if (!colon)
                return false;

        colon++;
        n = n_line - (size_t)(colon - line);
        if (n <= n_hierarchy || memcmp(colon, hierarchy, n_hierarchy) != 0)
                return false;

        colon += n_hierarchy;
        n -= n_hierarchy;
        if (colon[0] != '/' || n == 1 || n > CALLER_CGROUP_MAX_BYTES)
                return false;

        memcpy(out, colon, n);
        out[n] = '\0';
        return true;
}

void cgroup_parse(const char *text, char out[CALLER_CGROUP_MAX_BYTES + 1])
{
        static const char *const HIERARCHIES[] = { ":", "name=systemd:" };

        for (size_t i = 0; i < ARRAY_SIZE(HIERARCHIES); i++) {
                const char *line = text;

                while (*line) {
                        size_t n = strcspn(line, "\n");

                        if (read_line(line, n, HIERARCHIES[i], out))
                                return;
                        line += n + (line[n] != '\0');
                }
        }
        out[0] = '\0';
}

/* The folder of a process bears its user, also where its files are root's for want of dumpability. */
static int open_process(pid_t pid, uid_t uid)
{
        struct stat stat;
        char path[32];
        int fd;

        snprintf(path, sizeof(path), "/proc/%d", (int)pid);
        fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (fd >= 0 && (fstat(fd, &stat) < 0 || stat.st_uid != uid)) {
                close(fd);
                return -1;
        }
        return fd;
}

void cgroup_read(pid_t pid, uid_t uid, char out[CALLER_CGROUP_MAX_BYTES + 1])
{
        char text[TEXT_MAX_BYTES + 1];
        ssize_t n = 0, r = 0;
        int process, fd;

        out[0] = '\0';
        process = pid > 0 ? open_process(pid, uid) : -1;
        if (process < 0)
                return;

        fd = openat(process, "cgroup", O_RDONLY | O_CLOEXEC);
        close(process);
        if (fd < 0)
                return;

        do {
                n += r;
                r = read(fd, text + n, sizeof(text) - 1 - (size_t)n);
        } while (r > 0);
        close(fd);
        if (r < 0 || n == sizeof(text) - 1)
                return; /* what is cut off could be anything */

        text[n] = '\0';
        cgroup_parse(text, out);
}
