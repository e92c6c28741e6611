#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""From start to end: the command line, where the agent listens, what it tells the service manager, the page."""

import os
import pathlib
import signal
import socket
import stat
import struct
import subprocess
import time
import unittest

import plant
import uatrust

GET_INFO = "org.varlink.service.GetInfo"


class Manager:
    """A service manager as an agent sees it: the socket that it notifies."""

    def __init__(self, folder):
        self.path = str(pathlib.Path(folder, "notify"))
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.settimeout(uatrust.WAIT_S)
        self.socket.bind(self.path)

    def expect(self, word):
        """Waits for a message with this line, or with a line that starts so if it ends with =."""
        while True:
            for line in self.socket.recv(4096).decode().split("\n"):
                if line == word or (word.endswith("=") and line.startswith(word)):
                    return line


class Life(unittest.TestCase):
    def setUp(self):
        self.folder = uatrust.folder_for(self)
        self.folder.chmod(0o777)
        self.store = self.folder / "store"
        (self.store / "trusted/certs").mkdir(parents=True)
        self.socket = self.folder / "agent"
        self.manager = Manager(self.folder)
        self.addCleanup(self.manager.socket.close)

    def start(self, *arguments, environment=None, **more):
        self.log = open(self.folder / "agent.log", "w+b")
        self.addCleanup(self.log.close)
        os.chmod(self.manager.path, 0o777)
        process = uatrust.start([uatrust.AGENT, *map(str, arguments)], stderr=self.log, stdout=self.log,
                                   env={**os.environ, "NOTIFY_SOCKET": self.manager.path, **(environment or {})},
                                   **more)
        self.addCleanup(uatrust.stop, process)
        return process

    def start_usual(self, *arguments, **more):
        process = self.start("--store", self.store, "--socket", self.socket, "--bus=none", *arguments, **more)
        self.manager.expect("READY=1")
        return process

    def run_agent(self, *arguments):
        return subprocess.run([uatrust.AGENT, *map(str, arguments)], capture_output=True, text=True,
                              timeout=uatrust.WAIT_S)

    def info(self, path):
        connection = uatrust.Varlink(str(path))
        with connection:
            return connection.call(GET_INFO)["product"]

    # The command line

    def test_help_and_version_are_told_on_standard_output(self):
        for option, word in (("--help", "--admin-socket PATH"), ("--version", "uatrustd ")):
            done = self.run_agent(option)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertIn(word, done.stdout)

    def test_a_command_line_that_is_wrong_is_a_usage_error(self):
        for arguments in (["--colour"], ["--store"], ["argument"], ["--store", "a", "--config", "b"]):
            with self.subTest(arguments):
                done = self.run_agent(*arguments)
                self.assertEqual(done.returncode, 2)
                self.assertIn("--help", done.stderr)

    def test_a_relative_store_is_relative_to_the_folder_of_the_start(self):
        self.start("--store", "store", "--socket", self.socket, "--bus=none", cwd=self.folder)
        self.manager.expect("READY=1")
        with uatrust.Varlink(str(self.socket)) as connection:
            stores = connection.call("org.uatrust.agent1.ListStores")["stores"]
        self.assertEqual(stores[0]["sources"], [str(self.store)])

    # Where it listens

    def mode(self, path):
        return stat.S_IMODE(os.stat(path).st_mode)

    def test_a_socket_alone_means_no_admin_socket(self):
        self.start_usual()
        self.assertEqual(self.mode(self.socket), 0o666)
        self.assertEqual(sorted(os.listdir(self.folder)), ["agent", "agent.log", "notify", "page", "store"])

    def test_the_admin_socket_is_not_for_everybody(self):
        admin = self.folder / "admin"
        self.start_usual("--admin-socket", admin)
        self.assertEqual(self.mode(admin) & 0o007, 0)
        self.assertEqual(self.info(admin), "uatrustd")

    def test_somebody_else_has_his_places_below_his_runtime_directory(self):
        uatrust.need_root("become somebody else")
        self.start("--store", self.store, "--bus=none", environment={"XDG_RUNTIME_DIR": str(self.folder)},
                   **uatrust.as_nobody())
        self.manager.expect("READY=1")
        admin = self.folder / "uatrust/admin/org.uatrust.admin1"
        client = self.folder / "uatrust/client/org.uatrust.agent1"
        self.assertEqual(self.mode(admin), 0o600)
        self.assertEqual(os.stat(admin).st_uid, uatrust.NOBODY)
        self.assertEqual(self.mode(client), 0o666)
        self.assertEqual(self.info(client), "uatrustd")
        self.assertTrue((client.parent / "page").exists())

    def test_without_a_runtime_directory_it_asks_where_to_listen(self):
        uatrust.need_root("become somebody else")
        environment = {name: value for name, value in os.environ.items() if name != "XDG_RUNTIME_DIR"}
        done = subprocess.run([uatrust.AGENT, "--store", self.store, "--bus=none"], capture_output=True, text=True,
                              env=environment, **uatrust.as_nobody(), timeout=uatrust.WAIT_S)
        self.assertEqual(done.returncode, 1)
        self.assertIn("--socket", done.stderr)

    def test_sockets_that_are_handed_over_are_served_and_left_behind(self):
        paths = [self.folder / "given", self.folder / "given-admin"]
        sockets = []
        for path in paths:
            sockets.append(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
            self.addCleanup(sockets[-1].close)
            sockets[-1].bind(str(path))
            sockets[-1].listen()
        script = ('exec 3<&$0 4<&$1; export LISTEN_PID=$$ LISTEN_FDS=2 LISTEN_FDNAMES=varlink:admin; shift; '
                  'exec "$@"')
        process = uatrust.start(
            ["bash", "-c", script, str(sockets[0].fileno()), str(sockets[1].fileno()), uatrust.AGENT, "--store",
             self.store, "--bus=none"], pass_fds=[one.fileno() for one in sockets],
            env={**os.environ, "NOTIFY_SOCKET": self.manager.path})
        self.addCleanup(uatrust.stop, process)
        self.manager.expect("READY=1")
        for path in paths:
            self.assertEqual(self.info(path), "uatrustd")
        self.assertTrue((self.folder / "page").exists())
        self.assertEqual(uatrust.stop(process), 0)
        for path in paths:
            self.assertTrue(path.exists())

    # The service manager

    def test_the_manager_is_told_what_happens(self):
        process = self.start("--store", self.store, "--socket", self.socket, "--bus=none")
        self.assertIn("1 of 1", self.manager.expect("STATUS="))
        self.manager.expect("READY=1")
        process.send_signal(signal.SIGHUP)
        self.manager.expect("RELOADING=1")
        self.manager.expect("READY=1")
        process.send_signal(signal.SIGTERM)
        self.manager.expect("STOPPING=1")
        self.assertEqual(process.wait(uatrust.WAIT_S), 0)

    def test_the_watchdog_is_answered(self):
        self.start_usual(environment={"WATCHDOG_USEC": "200000"})
        for _ in range(3):
            self.manager.expect("WATCHDOG=1")

    def test_a_journal_gets_levels_and_a_person_does_not(self):
        process = self.start_usual()
        process.terminate()
        process.wait(uatrust.WAIT_S)
        self.log.seek(0)
        self.assertTrue(self.log.readline().startswith(b"uatrustd: "))

        journal = open(self.folder / "journal", "w+b")
        self.addCleanup(journal.close)
        status = os.fstat(journal.fileno())
        process = uatrust.start(
            [uatrust.AGENT, "--store", self.store, "--socket", self.folder / "other", "--bus=none"], stderr=journal,
            env={**os.environ, "NOTIFY_SOCKET": self.manager.path,
                 "JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"})
        self.addCleanup(uatrust.stop, process)
        self.manager.expect("READY=1")
        journal.seek(0)
        self.assertTrue(journal.readline().startswith(b"<6>"))

    # What the kernel tells

    def test_without_proc_it_says_what_is_missing(self):
        uatrust.need_root("unmount")
        bare = ["unshare", "--mount", "--propagation", "private", "sh", "-c", 'umount -l /proc && exec "$@"', "sh"]
        if subprocess.run([*bare, "true"], capture_output=True).returncode:
            uatrust.skip("may not unmount /proc here")
        done = subprocess.run([*bare, uatrust.AGENT, "--store", self.store, "--socket", self.socket, "--bus=none"], text=True,
                              stderr=subprocess.PIPE, timeout=60, check=False,
                              env={**os.environ, "ASAN_OPTIONS": "detect_leaks=0"})  # which looks there, too
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("cannot start: /proc/self/fd: No such file or directory; /proc has to be mounted\n", done.stderr)

    def test_a_file_system_that_is_mounted_over_a_folder_is_seen(self):
        uatrust.need_root("mount")
        uatrust.replace(self.store / "trusted/certs/pump.der", plant.make()["pump.der"])
        command = ["unshare", "--mount", "--propagation", "private", uatrust.AGENT, "--store", self.store, "--socket",
                   self.socket, "--bus=none"]
        if subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode:
            uatrust.skip("may not make a mount namespace here")
        process = uatrust.start(command, stderr=subprocess.DEVNULL,
                                   env={**os.environ, "NOTIFY_SOCKET": self.manager.path})
        self.addCleanup(uatrust.stop, process)
        self.manager.expect("READY=1")

        def inside(*mount):
            subprocess.run(["nsenter", f"--mount=/proc/{process.pid}/ns/mnt", *mount], check=True)

        with uatrust.Varlink(str(self.socket)) as connection:
            connection.send_call("org.uatrust.agent1.Monitor", more=True)
            connection.receive_reply()
            inside("mount", "-t", "tmpfs", "none", str(self.store / "trusted/certs"))
            event = connection.receive_reply()["event"]
            self.assertEqual((len(event["added"]), len(event["removed"])), (0, 1))
            inside("umount", str(self.store / "trusted/certs"))
            event = connection.receive_reply()["event"]
            self.assertEqual((len(event["added"]), len(event["removed"])), (1, 0))

    # The end

    def test_nothing_is_left_behind(self):
        process = self.start_usual("--admin-socket", self.folder / "admin")
        with uatrust.Varlink(str(self.socket)) as connection:
            connection.send_call("org.uatrust.agent1.Monitor", more=True)
            connection.receive_reply()
            self.assertEqual(uatrust.stop(process), 0)
            self.assertIsNone(connection.receive())
        self.assertEqual(sorted(os.listdir(self.folder)), ["agent.log", "notify", "store"])

    # The page: layout of proto/page.h

    def held(self):
        data = (self.folder / "page").read_bytes()
        self.assertEqual(data[:8], b"uatrust\0")
        word, = struct.unpack_from("=I", data, 64)
        return bool(word & 0x3FFFFFFF) and not word & 0x40000000

    def lease_left(self):
        end, = struct.unpack_from("=q", (self.folder / "page").read_bytes(), 128)
        return end / 1e9 - time.clock_gettime(time.CLOCK_MONOTONIC)

    def slots(self):
        data = (self.folder / "page").read_bytes()
        n, = struct.unpack_from("=I", data, 136)
        rows = (struct.unpack_from("=q64s", data, 192 + 72 * i) for i in range(n))
        return [(name.rstrip(b"\0").decode(), generation) for generation, name in rows]

    def test_the_page_says_generations_and_lives_and_dies_with_the_agent(self):
        process = self.start_usual()
        self.assertTrue(self.held())
        self.assertEqual(self.slots(), [("default", 1)])
        self.assertLess(self.lease_left(), 0)  # nobody is connected
        with uatrust.Varlink(str(self.socket)) as connection:
            connection.send_call("org.uatrust.agent1.Monitor", more=True)
            connection.receive_reply()
            uatrust.eventually(lambda: self.lease_left() > 1, "a lease is given")
            uatrust.replace(self.store / "trusted/certs/pump.der", plant.make()["pump.der"])
            event = connection.receive_reply()["event"]
            self.assertEqual(self.slots(), [("default", event["generation"])])
            uatrust.eventually(lambda: self.lease_left() > 1, "a lease is given again")
            process.kill()
            process.wait()
        self.assertFalse(self.held())

    def test_a_store_that_is_configured_away_has_its_slot_ended(self):
        config = self.folder / "config"
        config.write_text(f"[Store plant]\nPath={self.store}\n")
        process = self.start("--config", config, "--socket", self.socket, "--bus=none")
        self.manager.expect("READY=1")
        self.assertEqual(self.slots(), [("plant", 1)])
        config.write_text(f"[Store office]\nPath={self.store}\n")
        process.send_signal(signal.SIGHUP)
        uatrust.eventually(lambda: [name for name, _ in self.slots()] == ["plant", "office"], "the stores are others")
        self.assertEqual(self.slots()[0], ("plant", 0))
        config.write_text(f"[Store plant]\nPath={self.store}\n")
        process.send_signal(signal.SIGHUP)
        uatrust.eventually(lambda: len(self.slots()) == 3, "plant has a new slot")
        self.assertEqual(self.slots()[:2], [("plant", 0), ("office", 0)])
        self.assertGreater(self.slots()[2][1], 1)  # it is not taken for the plant that was there before
        with uatrust.Varlink(str(self.socket)) as connection:
            stores = connection.call("org.uatrust.agent1.ListStores")["stores"]
        self.assertEqual([store["name"] for store in stores], ["plant"])


if __name__ == "__main__":
    uatrust.main()
