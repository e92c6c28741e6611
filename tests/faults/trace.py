#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every k-th call of a kind fails once, injected by strace(1): from the first instruction of the agent to its end, over
reading its store, answering, telling a subscriber, a revocation, and an update.

Whatever fails, the agent tells nobody that the revoked one is Good, what is on disk counts soon, and what an update
answered is so. It may end, in order, for the service manager to start it again; it must not crash or hang. With
UATRUST_LONG=1 every k is tried, else some.
"""

import base64
import concurrent.futures
import errno
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import plant
import uatrust

ROWS = [(call, error)
        for call, errors in {
            "openat2": (errno.EIO, errno.ENOMEM, errno.EMFILE, errno.EACCES, errno.EINTR),
            "openat": (errno.EIO, errno.ENOMEM, errno.EMFILE, errno.EACCES),
            "read": (errno.EIO, errno.ENOMEM, errno.EINTR),
            "pread64": (errno.EIO,),
            "newfstatat": (errno.EIO, errno.ENOMEM),
            "getdents64": (errno.EIO, errno.ENOMEM),
            "inotify_init1": (errno.EMFILE, errno.ENOMEM),
            "inotify_add_watch": (errno.ENOSPC, errno.ENOMEM),
            "epoll_ctl": (errno.ENOMEM, errno.ENOSPC),
            "epoll_wait": (errno.EINTR,),
            "epoll_create1": (errno.EMFILE,),
            "eventfd2": (errno.EMFILE,),
            "timerfd_create": (errno.EMFILE,),
            "timerfd_settime": (errno.ENOMEM,),
            "clone3": (errno.EAGAIN,),
            "socket": (errno.EMFILE,),
            "bind": (errno.ENOSPC,),
            "listen": (errno.ENOMEM,),
            "accept4": (errno.EMFILE, errno.ENOMEM, errno.ECONNABORTED, errno.EINTR),
            "recvfrom": (errno.ENOMEM, errno.EINTR, errno.ECONNRESET),
            "sendmsg": (errno.ENOMEM, errno.EINTR, errno.EPIPE),
            "write": (errno.EIO, errno.ENOSPC, errno.EINTR),
            "fsync": (errno.EIO, errno.ENOSPC),
            "renameat": (errno.EIO, errno.ENOSPC),
            "renameat2": (errno.EIO, errno.ENOSPC),
            "rename": (errno.EIO, errno.ENOSPC),
            "link": (errno.EIO,),
            "unlinkat": (errno.EIO,),
            "flock": (errno.EINTR, errno.ENOLCK),
            "fallocate": (errno.ENOSPC,),
        }.items() for error in errors]

# What libuv answers by abort(3): its loop is of no more use. The service manager starts the agent again.
LIBUV_ABORTS = {"epoll_ctl", "epoll_wait", "read", "write", "clone3", "recvfrom"}

IS_LONG = bool(os.environ.get("UATRUST_LONG"))
K_MAX = 400
SET_UP = 30
THREADS = 4
GOOD, REVOKED = "Good", "BadCertificateRevoked"


def some_k(call):
    """1, 2, 4, 8 ... or all; of what sets up the loop, whose failures differ most, all that do so."""
    k = 1
    while k <= K_MAX:
        yield k
        k = k + 1 if IS_LONG or call == "epoll_ctl" and k < SET_UP else 2 * k


class Ended(Exception):
    """The agent has ended."""


class Life:
    """What an agent lives through while one of its calls fails."""

    def __init__(self, files, row, k):
        self.files, self.row, self.k = files, row, k
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="uatrust-trace-"))
        self.store = self.folder / "store"
        plant.fill(self.store, files)
        self.trace = self.folder / "trace"
        self.slowest = 0

    def start(self, command=()):
        return uatrust.Agent(self.folder, "--store", self.store, "--admin-socket", self.folder / "admin",
                             ready=not command, command=command)

    def strace(self):
        call, error = self.row
        inject = f"inject={call}:error={errno.errorcode[error]}:when={self.k}"
        return ("env", "ASAN_OPTIONS=detect_leaks=0",  # LeakSanitizer traces, too
                "UV_THREADPOOL_SIZE=1",  # strace counts for each thread
                "strace", "-D", "-f", "-qq", "-o", self.trace, "-e", f"trace={call}", "-e", inject, "--")

    def is_injected(self):
        return "(INJECTED)" in self.trace.read_text(errors="replace")

    def status(self):
        """None if nobody answers."""
        try:
            return self.agent.status(self.files["pump.der"])
        except (OSError, ConnectionError):
            return None

    def wait_for(self, expected):
        begun = time.monotonic()
        while True:
            if not self.agent.is_alive():
                raise Ended
            status = self.status()
            if status == expected:
                break
            if time.monotonic() - begun > uatrust.WAIT_S:
                raise AssertionError(f"it is {status} for {uatrust.WAIT_S} s, not {expected}")
            time.sleep(0.01)
        self.slowest = max(self.slowest, time.monotonic() - begun)

    def subscribe(self):
        try:
            monitor = self.agent.connect()
            monitor.send_call("org.uatrust.agent1.Monitor", more=True)
            return monitor
        except OSError:
            return None

    def trust(self, name):
        """Whether it was acknowledged."""
        certificate = base64.b64encode(self.files[name]).decode()
        try:
            with uatrust.Varlink(str(self.folder / "admin")) as admin:
                admin.call("org.uatrust.admin1.AddCertificate", {"data": certificate, "list": "trusted"})
            return True
        except (uatrust.VarlinkError, OSError, ConnectionError):
            return False

    def wait_until_trusted(self, name):
        def is_good():
            try:
                return self.agent.status(self.files[name]) == GOOD
            except (OSError, ConnectionError):
                if not self.agent.is_alive():
                    raise Ended
        uatrust.eventually(is_good, "what was acknowledged is so")

    def revoke(self):
        uatrust.replace(self.store / "trusted/crl/plant.crl", self.files["revoking.crl"])
        self.wait_for(REVOKED)

    def live(self):
        self.wait_for(GOOD)
        monitor = self.subscribe()
        self.revoke()
        if monitor:
            monitor.socket.close()
        self.is_acknowledged = self.trust("stranger.der")
        for _ in range(5):
            assert self.status() != GOOD, "the revoked one is Good again"
        if self.is_acknowledged:
            self.wait_until_trusted("stranger.der")

    def end_again(self):
        """What writes to the pipe that is libuv's lock of signals cannot fail but here; then it waits for ever."""
        try:
            return uatrust.stop(self.agent.process)
        except subprocess.TimeoutExpired:
            assert self.row[0] == "write", "it does not end"
            return 0

    def end(self):
        """The agent ends in order, by itself or now."""
        self.agent.process.terminate()
        try:
            code = self.agent.process.wait(2)
        except subprocess.TimeoutExpired:  # what failed may have been telling it of the signal
            code = self.end_again()
        log = self.agent.log.read_text(errors="replace")
        is_ours = code < 0 and (code != -signal.SIGABRT or self.row[0] not in LIBUV_ABORTS)
        is_ours |= any(word in log for word in ("ERROR: AddressSanitizer", "runtime error:"))
        is_ours |= "Assertion" in log and "src/unix/signal.c" not in log
        assert not is_ours, f"it ended with {code}:\n{log}"

    def run(self):
        """Whether a call failed; None if the agent ended of it. Raises what is wrong."""
        self.is_acknowledged = False
        self.agent = self.start(self.strace())
        has_ended = False
        try:
            self.live()
        except Ended:
            has_ended = True
        finally:
            self.end()
        was_injected = self.is_injected()
        assert was_injected or self.is_acknowledged, "nothing failed, and yet the update did"
        assert was_injected or not has_ended, f"it ended of itself:\n{self.agent.log.read_text()}"

        self.agent = self.start()
        self.revoke()
        if self.is_acknowledged:
            self.wait_until_trusted("stranger.der")
        self.agent.stop()
        shutil.rmtree(self.folder)
        return None if has_ended else was_injected


def try_row(files, row):
    """How many calls failed, of how many the agent ended, the slowest answer; prints what is wrong."""
    failed = ended = faults = 0
    slowest = 0
    for k in some_k(row[0]):
        life = Life(files, row, k)
        try:
            outcome = life.run()
        except (AssertionError, OSError, subprocess.TimeoutExpired) as error:
            print(f"{row[0]} {errno.errorcode[row[1]]} at {k}: {error}\n{life.folder} is kept", flush=True)
            faults += 1
            continue
        if outcome is False:
            break
        failed += 1
        ended += outcome is None
        slowest = max(slowest, life.slowest)
    print(f"{row[0]} {errno.errorcode[row[1]]}: {failed} failed, {ended} ended the agent, it counted after {slowest:.2f} s",
          flush=True)
    return failed, faults


def main():
    uatrust.need("strace")
    if uatrust.UNDER:
        uatrust.skip("strace does not trace valgrind")
    files = plant.make()
    rows = [row for row in ROWS if len(sys.argv) < 2 or row[0] in sys.argv[1:]]
    with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
        results = list(pool.map(lambda row: try_row(files, row), rows))
    print(f"{sum(failed for failed, _ in results)} calls failed, each once")
    sys.exit(0 if all(failed and not faults for failed, faults in results) else 1)


if __name__ == "__main__":
    main()
