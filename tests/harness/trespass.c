/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Trespass - what somebody would try who has found a fault in a confined program: preloaded into it,
 * this waits for SIGUSR2, then tries from within, and writes one line an attempt into the file that
 * TRESPASS_TO names: what, and the errno by name, or "OK".
 */

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define ERROR(call) ((call) < 0 ? errno : 0)

static char where[256];

static int try_write_and_execute(void)
{
        void *page = mmap(NULL, 4096, PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        return page == MAP_FAILED ? errno : 0;
}

static int try_execute(const char *path)
{
        char *const nothing[] = { (char *)path, NULL };

        execve(path, nothing, nothing + 1);
        return errno;
}

static void tell(int fd, const char *what, int error)
{
        dprintf(fd, "%s %s\n", what, error ? strerrorname_np(error) : "OK");
}

static void try_files(int fd)
{
        tell(fd, "read-store", ERROR(open("/var/lib/uatrust/default/trusted/certs", O_RDONLY)));
        tell(fd, "read-users", ERROR(open("/etc/passwd", O_RDONLY)));
        tell(fd, "read-outside", ERROR(open("/srv/test/pump.der", O_RDONLY)));
        tell(fd, "list-outside", ERROR(open("/srv", O_RDONLY | O_DIRECTORY)));
        tell(fd, "read-shadow", ERROR(open("/etc/shadow", O_RDONLY)));
        tell(fd, "make-in-tmp", ERROR(open("/tmp/x", O_WRONLY | O_CREAT, 0600)));
        tell(fd, "make-in-etc", ERROR(open("/etc/uatrust/x", O_WRONLY | O_CREAT, 0600)));
        tell(fd, "make-in-run", ERROR(open("/run/x", O_WRONLY | O_CREAT, 0600)));
}

static void try_powers(int fd)
{
        struct timespec zero = { 0 };

        tell(fd, "inet", ERROR(socket(AF_INET, SOCK_STREAM, 0)));
        tell(fd, "inet6", ERROR(socket(AF_INET6, SOCK_DGRAM, 0)));
        tell(fd, "netlink", ERROR(socket(AF_NETLINK, SOCK_RAW, 0)));
        tell(fd, "packet", ERROR(socket(AF_PACKET, SOCK_RAW, 0)));
        tell(fd, "setuid", ERROR(setuid(0)));
        tell(fd, "signal-init", ERROR(kill(1, 0)));
        tell(fd, "namespace", ERROR(unshare(CLONE_NEWUSER)));
        tell(fd, "mount", ERROR(mount("none", "/tmp", "tmpfs", 0, NULL)));
        tell(fd, "ptrace", ERROR(ptrace(PTRACE_ATTACH, 1, NULL, NULL)));
        tell(fd, "bpf", ERROR(syscall(SYS_bpf, 0, NULL, 0)));
        tell(fd, "clock", ERROR(clock_settime(CLOCK_REALTIME, &zero)));
        tell(fd, "write-and-execute", try_write_and_execute());
        tell(fd, "execute", try_execute("/bin/true"));
        tell(fd, "execute-itself", try_execute("/usr/sbin/uatrustd"));
        tell(fd, "execute-loader", try_execute("/lib/systemd/systemd"));
}

static void on_signal(int number)
{
        int fd = open(where, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

        (void)number;
        if (fd < 0)
                return;

        try_files(fd);
        try_powers(fd);
        dprintf(fd, "end\n");
        close(fd);
}

__attribute__((constructor)) static void wait_for_signal(void)
{
        struct sigaction action = { .sa_handler = on_signal };
        const char *to = getenv("TRESPASS_TO");

        snprintf(where, sizeof(where), "%s", to ? to : "");
        sigaction(SIGUSR2, &action, NULL);
}
