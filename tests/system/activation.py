#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Under a service manager, without one: who holds the sockets, starts and ends the agent, and is notified by it, is this
test, or systemd-socket-activate. system/nspawn has the real one."""

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
import unittest

import plant
import uatrust

GET_INFO = "org.varlink.service.GetInfo"
MONITOR = "org.uatrust.agent1.Monitor"
RELOAD = "org.uatrust.admin1.Reload"
PTRACE_SEIZE, PTRACE_INTERRUPT, PTRACE_DETACH = 0x4206, 0x4207, 17
WALL = 0x40000000


class Activation(unittest.TestCase):
    def setUp(self):
        self.folder = uatrust.folder_for(self)
        self.files = plant.make()
        plant.fill(self.folder / "store", self.files)
        self.client, self.admin = (str(self.folder / name) for name in ("client", "admin"))
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.notify.close)
        self.notify.bind(str(self.folder / "notify"))
        self.notify.settimeout(uatrust.WAIT_S)
        self.environment = {**os.environ, "NOTIFY_SOCKET": str(self.folder / "notify")}

    def expect(self, word):
        while True:
            if word in self.notify.recv(4096).decode().split("\n"):
                return

    def is_told(self, word, within_s):
        end = time.monotonic() + within_s
        self.notify.settimeout(0.05)
        try:
            while time.monotonic() < end:
                try:
                    if word in self.notify.recv(4096).decode().split("\n"):
                        return True
                except TimeoutError:
                    pass
            return False
        finally:
            self.notify.settimeout(uatrust.WAIT_S)

    def call(self, path, method):
        with uatrust.Varlink(path) as connection:
            return connection.call(method)

    # systemd-socket-activate

    def test_who_connects_starts_it_with_both_sockets_by_their_names(self):
        uatrust.need("systemd-socket-activate")
        log = open(self.folder / "log", "wb")
        self.addCleanup(log.close)
        process = uatrust.start(["systemd-socket-activate", f"--listen={self.admin}", f"--listen={self.client}",
                                 "--fdname=admin:varlink", "-E", f"NOTIFY_SOCKET={self.folder}/notify", uatrust.AGENT,
                                 "--store", self.folder / "store", "--bus=none"], stderr=log, env=self.environment)
        self.addCleanup(uatrust.stop, process)
        uatrust.eventually(lambda: os.path.exists(self.client), "it listens")
        self.assertEqual(os.readlink(f"/proc/{process.pid}/exe"), shutil.which("systemd-socket-activate"))
        self.assertEqual(self.call(self.client, GET_INFO)["product"], "uatrustd")
        self.expect("READY=1")
        self.assertEqual(os.readlink(f"/proc/{process.pid}/exe"), str(uatrust.AGENT))
        self.call(self.admin, RELOAD)
        with self.assertRaises(uatrust.VarlinkError) as refused:
            self.call(self.client, RELOAD)
        self.assertEqual(refused.exception.name, "org.varlink.service.InterfaceNotFound")

    # A manager

    def hold_sockets(self):
        held = []
        for path in (self.client, self.admin):
            held.append(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
            self.addCleanup(held[-1].close)
            held[-1].bind(path)
            held[-1].listen(64)
        return held

    def start(self, held, **environment):
        script = ('exec 3<&$0 4<&$1; export LISTEN_PID=$$ LISTEN_FDS=2 LISTEN_FDNAMES=varlink:admin; shift; '
                  'exec "$@"')
        process = uatrust.start(
            ["bash", "-c", script, str(held[0].fileno()), str(held[1].fileno()), uatrust.AGENT, "--store",
             self.folder / "store", "--bus=none"], pass_fds=[one.fileno() for one in held], stderr=subprocess.DEVNULL,
            env={**self.environment, **environment})
        self.addCleanup(uatrust.stop, process)
        self.expect("READY=1")
        return process

    def test_subscribers_live_through_restarts(self):
        held = self.hold_sockets()
        process = self.start(held)
        heard, wrong = [], []

        def listen():
            while not is_over.is_set() and not wrong:
                try:
                    with uatrust.Varlink(self.client) as connection:
                        connection.send_call(MONITOR, more=True)
                        while True:
                            heard.append(connection.receive_reply()["event"])
                except (BrokenPipeError, ConnectionResetError):
                    pass  # it ended before it was asked
                except ConnectionError as error:
                    if str(error) != "closed":
                        wrong.append(repr(error))

        def agents():
            """Those that were heard of; the first news of each is the state."""
            return list(dict.fromkeys(event["agentId"] for event in heard if event["kind"] == "state"))

        is_over = threading.Event()
        self.addCleanup(is_over.set)
        threading.Thread(target=listen, daemon=True).start()
        for n, end in enumerate((signal.SIGTERM, signal.SIGKILL), 1):
            uatrust.eventually(lambda: len(agents()) == n, "the subscriber is told of the state")
            process.send_signal(end)
            process.wait()
            time.sleep(0.3)  # connects meanwhile, and waits
            self.assertEqual(len(agents()), n)
            process = self.start(held)
        uatrust.eventually(lambda: len(agents()) == 3, "it is told of the state once more")
        uatrust.replace(self.folder / "store/trusted/certs/stranger.der", self.files["stranger.der"])
        uatrust.eventually(lambda: heard[-1]["kind"] == "changed" and heard[-1]["generation"] == 2, "and of a change")
        self.assertEqual((wrong, heard[-1]["agentId"]), ([], agents()[-1]))

    def test_an_agent_whose_loop_hangs_is_silent(self):
        ptrace = ctypes.CDLL(None, use_errno=True).ptrace
        ptrace.argtypes = [ctypes.c_long, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p]
        process = self.start(self.hold_sockets(), WATCHDOG_USEC="200000")
        self.expect("WATCHDOG=1")
        self.assertGreater(len(os.listdir(f"/proc/{process.pid}/task")), 1)
        if ptrace(PTRACE_SEIZE, process.pid, None, None):
            uatrust.skip("may not trace here")
        self.assertEqual(ptrace(PTRACE_INTERRUPT, process.pid, None, None), 0)
        os.waitpid(process.pid, WALL)  # the loop's thread stands, the others go on
        while self.is_told("WATCHDOG=1", 0.05):
            pass
        self.assertFalse(self.is_told("WATCHDOG=1", 1))
        self.assertEqual(ptrace(PTRACE_DETACH, process.pid, None, None), 0)
        self.assertTrue(self.is_told("WATCHDOG=1", uatrust.WAIT_S))

    def test_a_reload_is_told_of_from_begin_to_end(self):
        self.start(self.hold_sockets())
        self.call(self.admin, RELOAD)
        self.expect("RELOADING=1")
        self.expect("READY=1")


if __name__ == "__main__":
    uatrust.main()
