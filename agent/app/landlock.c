/* SPDX-License-Identifier: Apache-2.0 */
#include "app/landlock.h"

#include <errno.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Numbers that all architectures share, as they came after 2019. */
#define NR_CREATE_RULESET 444
#define NR_ADD_RULE       445
#define NR_RESTRICT_SELF  446

#define CREATE_RULESET_VERSION 1u
#define RULE_PATH_BENEATH      1

/* linux/landlock.h */
enum right {
        RIGHT_EXECUTE = 1 << 0,
        RIGHT_WRITE_FILE = 1 << 1,
        RIGHT_READ_FILE = 1 << 2,
        RIGHT_READ_DIR = 1 << 3,
        RIGHT_REMOVE_DIR = 1 << 4,
        RIGHT_REMOVE_FILE = 1 << 5,
        RIGHT_MAKE_CHAR = 1 << 6,
        RIGHT_MAKE_DIR = 1 << 7,
        RIGHT_MAKE_REG = 1 << 8,
        RIGHT_MAKE_SOCK = 1 << 9,
        RIGHT_MAKE_FIFO = 1 << 10,
        RIGHT_MAKE_BLOCK = 1 << 11,
        RIGHT_MAKE_SYM = 1 << 12,
        RIGHT_REFER = 1 << 13,     /* version 2 */
        RIGHT_TRUNCATE = 1 << 14,  /* version 3 */
        RIGHT_IOCTL_DEV = 1 << 15, /* version 5 */
};

#define RIGHTS_READ (RIGHT_READ_FILE | RIGHT_READ_DIR)
#define RIGHTS_WRITE                                                                               \
        (RIGHT_WRITE_FILE | RIGHT_REMOVE_DIR | RIGHT_REMOVE_FILE | RIGHT_MAKE_DIR |                \
         RIGHT_MAKE_REG | RIGHT_REFER | RIGHT_TRUNCATE)
#define RIGHTS_NEVER                                                                               \
        (RIGHT_EXECUTE | RIGHT_MAKE_CHAR | RIGHT_MAKE_SOCK | RIGHT_MAKE_FIFO | RIGHT_MAKE_BLOCK |  \
         RIGHT_MAKE_SYM | RIGHT_IOCTL_DEV)

#define TCP_ALL      3u /* bind and connect; version 4 */
#define SCOPE_SIGNAL 2u /* version 6 */

struct ruleset_attr {
        uint64_t fs, net, scoped;
};

struct path_beneath_attr {
        uint64_t allowed;
        int32_t parent_fd;
} __attribute__((packed));

static uint64_t known_rights(int abi)
{
        uint64_t rights = RIGHTS_READ | RIGHTS_WRITE | RIGHTS_NEVER;

        if (abi < 3)
                rights &= ~(uint64_t)RIGHT_TRUNCATE;
        if (abi < 5)
                rights &= ~(uint64_t)RIGHT_IOCTL_DEV;
        return rights;
}

int landlock_get_abi(void)
{
        long abi = syscall(NR_CREATE_RULESET, NULL, 0, CREATE_RULESET_VERSION);

        return abi < 0 ? -errno : (int)abi;
}

int landlock_open(int abi, bool leaves_reading, struct landlock *out)
{
        struct ruleset_attr attr = { .fs = known_rights(abi),
                                     .net = abi >= 4 ? TCP_ALL : 0,
                                     .scoped = abi >= 6 ? SCOPE_SIGNAL : 0 };
        long fd;

        if (leaves_reading)
                attr.fs &= ~(uint64_t)RIGHTS_READ;
        /* An older kernel takes a longer structure if what it does not know is zero. */
        fd = syscall(NR_CREATE_RULESET, &attr, sizeof(attr), 0u);
        if (fd < 0)
                return -errno;

        *out = (struct landlock){ (int)fd, attr.fs };
        return 0;
}

void landlock_close(struct landlock *landlock)
{
        close(landlock->fd);
}

int landlock_allow(const struct landlock *landlock, int fd, bool may_write)
{
        struct path_beneath_attr attr = {
                .allowed = (RIGHTS_READ | (may_write ? RIGHTS_WRITE : 0)) & landlock->handled,
                .parent_fd = fd
        };

        if (!attr.allowed)
                return 0;
        return syscall(NR_ADD_RULE, landlock->fd, RULE_PATH_BENEATH, &attr, 0u) < 0 ? -errno : 0;
}

int landlock_enter(const struct landlock *landlock)
{
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
                return -errno;
        return syscall(NR_RESTRICT_SELF, landlock->fd, 0u) < 0 ? -errno : 0;
}
