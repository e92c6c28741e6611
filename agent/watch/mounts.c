/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/mounts.h"

#include <errno.h>
#include <fcntl.h>

int mounts_open(int *out_fd)
{
        int fd;

        fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return -errno;

        *out_fd = fd;
        return 0;
}
