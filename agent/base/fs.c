/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fs.h"

#include "proto/compiler.h"

#include <errno.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/vfs.h>

/* Those that <linux/magic.h> of Linux 6.1 does not name. */
#define JFS_MAGIC   0x3153464a
#define UBIFS_MAGIC 0x24051905
#define ZFS_MAGIC   0x2fc12fc1

static const unsigned long LOCAL[] = {
        BTRFS_SUPER_MAGIC, EROFS_SUPER_MAGIC_V1,  EXFAT_SUPER_MAGIC, EXT4_SUPER_MAGIC,
        F2FS_SUPER_MAGIC,  JFFS2_SUPER_MAGIC,     JFS_MAGIC,         MSDOS_SUPER_MAGIC,
        NILFS_SUPER_MAGIC, OVERLAYFS_SUPER_MAGIC, RAMFS_MAGIC,       REISERFS_SUPER_MAGIC,
        SQUASHFS_MAGIC,    TMPFS_MAGIC,           UBIFS_MAGIC,       XFS_SUPER_MAGIC,
        ZFS_MAGIC,
};

/* Those of which that is always so, or nothing tells of which it is; of others a flag tells. */
static const unsigned long FOLDING[] = { EXFAT_SUPER_MAGIC, JFS_MAGIC, MSDOS_SUPER_MAGIC,
                                         ZFS_MAGIC };

static bool is_among(int fd, const unsigned long *kinds, size_t n)
{
        struct statfs fs;

        if (fstatfs(fd, &fs) < 0)
                return false;

        for (size_t i = 0; i < n; i++) {
                if ((unsigned long)fs.f_type == kinds[i])
                        return true;
        }
        return false;
}

bool fs_is_local(int fd)
{
        return is_among(fd, LOCAL, ARRAY_SIZE(LOCAL));
}

bool fs_folds_names(int fd)
{
        int flags = 0;

        return is_among(fd, FOLDING, ARRAY_SIZE(FOLDING)) ||
               (ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0 && flags & FS_CASEFOLD_FL);
}

bool fs_is_about_us(int error)
{
        return error == ENOMEM || error == EMFILE || error == ENFILE;
}
