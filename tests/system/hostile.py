#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Hostile clients: whatever they do, the agent refuses it or lets them wait, holds little, and serves a good client.

The good client is another process, which asks all along; its latencies are printed at the end, and every one of
its answers must be right.
"""

import array
import json
import multiprocessing
import os
import pathlib
import socket
import struct
import time
import unittest

import dbus
import plant
import uatrust

LIST_STORES = b'{"method":"org.uatrust.agent1.ListStores"}\0'
MONITOR = b'{"method":"org.uatrust.agent1.Monitor","parameters":{},"more":true}\0'
MEMORY_MAX_KIB = 64 * 1024

# Texts that the standard lets a reader refuse, and ours does: a name that comes twice, NUL in a string.
Y_REFUSED = {"y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json",
             "y_object_escaped_null_in_key.json", "y_string_null_escape.json"}

# One file, many certificates: what changes with it makes an event of many kB.
MANY = "".join(f"""
[cert many{i}]
subject = CN=Many {i}
key = p256-valve
issuer = plant
""" for i in range(200))
MANAGER = ("org.uatrust.Agent1", "/org/uatrust/Agent1", "org.uatrust.Agent1.Manager")


def be_good(path, certificate, end, results):
    """Asks on one connection until told to end; gives its latencies and how many answers were wrong."""
    latencies, wrong = [], 0
    with uatrust.Varlink(path) as connection:
        while not end.is_set():
            begin = time.monotonic()
            wrong += connection.validate(certificate)["statusName"] != "Good"
            latencies.append(time.monotonic() - begin)
            time.sleep(0.002)
    results.put((latencies, wrong))


class Hostile(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = uatrust.folder_for(cls)
        cls.files = plant.make(MANY)
        plant.fill(cls.folder / "store", cls.files)
        cls.bus = uatrust.Bus(cls.folder)
        cls.addClassCleanup(cls.bus.stop)
        # A sanitizer keeps what was freed, to find its later use; here it is to be given back.
        os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=1"
        cls.agent = uatrust.Agent(cls.folder, "--store", cls.folder / "store", f"--bus={cls.bus.address}")
        cls.addClassCleanup(cls.agent.stop)
        cls.begin_good_client()
        uatrust.eventually(lambda: cls.agent.validate(cls.files["pump.der"])["trusted"], "the agent answers")
        cls.memory_kib = cls.resident_kib()

    @classmethod
    def begin_good_client(cls):
        context = multiprocessing.get_context("fork")
        cls.end, cls.results = context.Event(), context.Queue()
        cls.good = context.Process(target=be_good, daemon=True,
                                   args=(cls.agent.socket, cls.files["pump.der"], cls.end, cls.results))
        cls.good.start()
        cls.addClassCleanup(cls.end_good_client)

    @classmethod
    def end_good_client(cls):
        cls.end.set()
        latencies, wrong = cls.results.get(timeout=uatrust.WAIT_S)
        cls.good.join()
        latencies.sort()
        ms = [1000 * latencies[int(len(latencies) * share)] for share in (0.5, 0.99)]
        print(f"good client: {len(latencies)} answers, p50 {ms[0]:.2f} ms, p99 {ms[1]:.2f} ms, "
              f"longest {1000 * latencies[-1]:.1f} ms")
        assert not wrong, f"{wrong} wrong answers"

    @classmethod
    def resident_kib(cls):
        status = pathlib.Path(f"/proc/{cls.agent.process.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0])

    def tearDown(self):
        self.assertTrue(self.agent.is_alive(), self.agent.log.read_text())
        grown = self.resident_kib() - self.memory_kib
        print(f"{self.id().rpartition('.')[2]}: {grown} KiB more than at first")
        self.assertLess(grown, MEMORY_MAX_KIB)
        self.assertTrue(self.agent.validate(self.files["pump.der"])["trusted"])

    def connect(self):
        connection = self.agent.connect()
        self.addCleanup(connection.socket.close)
        return connection

    def errors_of(self, connection, frame):
        connection.send(frame + b"\0")
        reply = json.loads(connection.receive())
        return reply.get("error"), reply.get("parameters", {})

    def test_every_json_text_is_refused_or_read_as_the_standard_has_it(self):
        folder = uatrust.corpora() / "json"
        texts = sorted(path for path in folder.rglob("*.json") if path.name[:2] in ("y_", "n_"))
        self.assertGreater(len(texts), 200)
        n_tried = 0
        for path in texts:
            text = path.read_bytes()
            if b"\0" in text or len(text) > 400_000:
                continue
            n_tried += 1
            with self.subTest(path.name), self.agent.connect() as connection:
                error, parameters = self.errors_of(
                    connection, b'{"method":"org.uatrust.agent1.ListStores","parameters":{"x":' + text + b"}}")
                if path.name.startswith("y_") and path.name not in Y_REFUSED:
                    self.assertEqual((error, parameters["parameter"]), ("org.varlink.service.InvalidParameter", "x"))
                else:
                    self.assertEqual(error, "org.uatrust.agent1.BadRequest")
            if path.name.startswith("n_"):
                with self.subTest("alone: " + path.name), self.agent.connect() as connection:
                    self.assertIsNotNone(self.errors_of(connection, text)[0])
        print(f"{n_tried} of {len(texts)} texts of JSONTestSuite tried")

    def test_names_that_come_twice_are_refused(self):
        for text in (b'{"method":"a.b.C","method":"a.b.C"}',
                     b'{"method":"org.uatrust.agent1.Validate","parameters":{"purpose":"client","purpose":"user"}}',
                     b'{"method":"org.uatrust.agent1.Validate","parameters":{"context":{"application":"a",'
                     b'"\\u0061pplication":"b"}}}'):
            with self.subTest(text), self.agent.connect() as connection:
                error, parameters = self.errors_of(connection, text)
                self.assertEqual(error, "org.uatrust.agent1.BadRequest")
                self.assertIn("twice", parameters["reason"])

    def test_16_mib_without_an_end(self):
        connection = self.connect()
        with self.assertRaises((BrokenPipeError, ConnectionResetError)):
            for _ in range(16):
                connection.send(b"x" * (1 << 20))
        self.assertEqual(json.loads(connection.receive())["error"], "org.uatrust.agent1.TooLarge")
        self.assertIsNone(connection.receive())

    def test_a_thousand_that_say_half_a_sentence(self):
        half = LIST_STORES[: len(LIST_STORES) // 2]
        connections = [self.connect() for _ in range(1000)]
        for connection in connections:
            connection.send(half)
        for byte in half[-5:]:  # and some that go on byte by byte
            for connection in connections[:100]:
                connection.send(bytes([byte]))
        self.assertTrue(self.agent.validate(self.files["pump.der"])["trusted"])
        connections[-1].send(LIST_STORES[len(half):])
        self.assertIn("stores", connections[-1].receive_reply())

    def test_a_thousand_that_say_half_of_a_long_sentence(self):
        long = LIST_STORES[:-2] + b" " * 300_000
        connections = [self.connect() for _ in range(1000)]
        refused = 0
        for connection in connections:
            connection.socket.settimeout(0.02)
            try:
                connection.send(long)
            except (TimeoutError, BrokenPipeError, ConnectionResetError):
                pass  # it was closed, or is read no further
        for connection in connections:
            connection.socket.settimeout(0)
            try:
                refused += b"QuotaExceeded" in (connection.receive() or b"")
            except BlockingIOError:
                pass
        self.assertGreater(refused, 500)
        self.assertTrue(self.agent.validate(self.files["pump.der"])["trusted"])

    def test_subscribers_that_never_read(self):
        subscribers = [self.connect() for _ in range(200)]
        for subscriber in subscribers:
            subscriber.send(MONITOR)
        reader = self.connect()
        reader.send(MONITOR)
        first = reader.receive_reply()["event"]["generation"]
        path = self.folder / "store/trusted/certs/many.der"
        many = b"".join(der for name, der in self.files.items() if name.startswith("many") and name.endswith(".der"))
        for i in range(90):
            if i % 2:
                path.unlink()
            else:
                uatrust.replace(path, many)
            event = reader.receive_reply()["event"]
            self.assertEqual((event["kind"], len(event["removed" if i % 2 else "added"])), ("changed", 200))
            generation = event["generation"]
        self.assertEqual(reader.received, b"")
        reads_late = subscribers[0]
        told = []
        while not told or told[-1]["generation"] < generation:
            told.append(reads_late.receive_reply()["event"])
        kinds = [event["kind"] for event in told]
        self.assertEqual(kinds.count("resync"), 1, "what was missed is said in one word")
        self.assertEqual([event["generation"] for event in told[:-1]], list(range(first, first + len(told) - 1)))

    def test_descriptors_that_come_along_are_not_kept(self):
        folder = pathlib.Path(f"/proc/{self.agent.process.pid}/fd")
        connection = self.connect()
        self.assertIn("stores", connection.call("org.uatrust.agent1.ListStores"))
        n_before = len(list(folder.iterdir()))
        null = os.open("/dev/null", os.O_RDONLY)
        self.addCleanup(os.close, null)
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [null] * 250))]
        for _ in range(8):
            connection.socket.sendmsg([LIST_STORES], rights)
            self.assertIn("stores", connection.receive_reply())
        self.assertEqual(len(list(folder.iterdir())), n_before)

    def test_nobody_is_who_he_says(self):
        """Credentials that a message claims, and a uid in its parameters, are nothing to the agent."""
        claim = struct.pack("iII", os.getpid(), os.getuid(), os.getgid())
        connection = self.connect()
        connection.socket.sendmsg([LIST_STORES], [(socket.SOL_SOCKET, socket.SCM_CREDENTIALS, claim)])
        self.assertIn("stores", connection.receive_reply())
        error, parameters = self.errors_of(
            connection, b'{"method":"org.uatrust.agent1.ListStores","parameters":{"uid":0}}')
        self.assertEqual((error, parameters["parameter"]), ("org.varlink.service.InvalidParameter", "uid"))

    def test_16_mb_over_the_bus(self):
        der = b"0" * (16 << 20)
        body = struct.pack("<I", 4 + len(der)) + struct.pack("<I", len(der)) + der
        body = dbus.pad(body, 4) + dbus.string("client")
        body = dbus.pad(body, 4) + struct.pack("<I", 0)
        with dbus.Connection(self.bus.path) as connection:
            connection.send(dbus.call(2, *MANAGER, "Validate", "aaysa{sv}", dbus.pad(body, 8)))
            self.assertIn(b"org.uatrust.Agent1.Error.TooLarge", connection.receive_all(b"Error.TooLarge"))

    def test_text_that_is_no_utf_8_over_the_bus(self):
        body = struct.pack("<I", 0) + dbus.string(b"\xff\xfe")
        body = dbus.pad(body, 4) + struct.pack("<I", 0)
        with dbus.Connection(self.bus.path) as connection:
            connection.send(dbus.call(2, *MANAGER, "Validate", "aaysa{sv}", dbus.pad(body, 8)))
            self.assertNotIn(b"Good", connection.receive_all(b"NEVER"))  # the bus itself ends this connection
        stores = self.bus.call(MANAGER[1], MANAGER[2], "ListStores", "a{sv}", 0)
        self.assertEqual(stores[1][0][0], "default")


if __name__ == "__main__":
    uatrust.main()
