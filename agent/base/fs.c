/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fs.h"

#include "proto/compiler.h"

#include <errno.h>
#include <linux/magic.h>
#include <stddef.h>
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

bool fs_is_local(int fd)
{
        struct statfs fs;

        if (fstatfs(fd, &fs) < 0)
                return false;

        for (size_t i = 0; i < ARRAY_SIZE(LOCAL); i++) {
                if ((unsigned long)fs.f_type == LOCAL[i])
                        return true;
        }
        return false;
}

bool fs_is_about_us(int error)
{
        return error == ENOMEM || error == EMFILE || error == ENFILE;
}
