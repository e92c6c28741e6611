/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/strict.h"

#include "harness/must.h"

#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* In strict mode the kernel kills whoever calls more than read, write and exit. */
void strict_must_hold(void *(*make)(void *userdata), bool (*look)(void *made), void *userdata)
{
        pid_t pid = fork();
        int status;

        must(pid >= 0, "fork");
        if (pid == 0) {
                void *made = make ? make(userdata) : userdata;
                bool holds;

                must(prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) == 0, "seccomp");
                holds = look(made);
                syscall(SYS_exit, holds ? 0 : 1);
        }
        must(waitpid(pid, &status, 0) == pid && status == 0, "it makes no system call: %d", status);
}
