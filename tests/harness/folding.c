/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/folding.h"

#include <linux/magic.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

static bool is_pretending;

void folding_pretend(bool is_fat)
{
        is_pretending = is_fat;
}

int fstatfs(int fd, struct statfs *out)
{
        int r = (int)syscall(SYS_fstatfs, fd, out);

        if (r == 0 && is_pretending)
                out->f_type = MSDOS_SUPER_MAGIC;
        return r;
}
