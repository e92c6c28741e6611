/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>

int mounts_open(int *out_fd)
{
        int fd;

        fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return -errno;

        *out_fd = fd;
        return 0;
}

bool mounts_have_changed(int fd)
{
        struct pollfd ready = { .fd = fd, .events = POLLPRI };

        return poll(&ready, 1, 0) == 1;
}
