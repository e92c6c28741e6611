/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Without openat2 - preloaded for valgrind, whose version 3.19 does not know openat2(2): it is made an openat(2), which
 * follows links wherever they lead. What tests say of such links does not hold then.
 */

#include <dlfcn.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

__attribute__((visibility("default"))) long syscall(long number, ...)
{
        long arguments[6];
        const struct open_how *how;
        va_list list;

        va_start(list, number);
        for (size_t i = 0; i < 6; i++)
                arguments[i] = va_arg(list, long);
        va_end(list);

        if (number != SYS_openat2)
                return ((__typeof__(syscall) *)dlsym(RTLD_NEXT, "syscall"))(
                        number, arguments[0], arguments[1], arguments[2], arguments[3],
                        arguments[4], arguments[5]);

        how = (const struct open_how *)arguments[2];
        return openat((int)arguments[0], (const char *)arguments[1], (int)how->flags,
                      (mode_t)how->mode);
}
