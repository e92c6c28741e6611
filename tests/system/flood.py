#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One user floods the agent from many connections, with certificates that it has never seen; another asks now and then.
How much was done for the flood while the other waited is counted in replies, not in time, so that a busy machine does
not matter; the other's latencies are printed."""

import array
import base64
import fcntl
import json
import os
import termios
import time
import unittest

import plant
import uatrust

CONNECTIONS = 200
IN_A_ROW = 40  # calls of each connection
QUESTIONS = 100

# Replies to the flood while one question waits: those of a round of turns and of one turn more, and what the counting
# itself lets pass. Without turns it would be a turn of each connection. A busy machine may keep us from counting in time:
# then it is tried once more.
REPLIES_MEANWHILE = 150
TRIES = 3


def question(certificate, number):
    """A call about a certificate that nobody has asked about before: what follows it is noted, and no more."""
    data = base64.b64encode(certificate + b"\0" + number.to_bytes(8, "big")).decode()
    call = {"method": "org.uatrust.agent1.Validate", "parameters": {"certificates": [data], "purpose": "client"}}
    return json.dumps(call).encode() + b"\0"


class Flood(unittest.TestCase):
    def setUp(self):
        self.folder = uatrust.folder_for(self)
        self.folder.chmod(0o755)
        self.files = plant.make()
        plant.fill(self.folder / "store", self.files)
        self.agent = uatrust.Agent(self.folder, "--store", self.folder / "store")
        self.addCleanup(self.agent.stop)
        self.certificate = self.files["pump.der"]
        self.n_asked = 0

    def next_question(self):
        self.n_asked += 1
        return question(self.certificate, self.n_asked)

    def open_flood(self):
        os.seteuid(uatrust.NOBODY)
        try:
            connections = [self.agent.connect() for _ in range(CONNECTIONS)]
        finally:
            os.seteuid(0)
        for connection in connections:
            connection.socket.setblocking(False)
        return connections

    def feed(self, connections):
        """As much as the kernel takes; nothing is read, so that the bytes that lie there tell what was answered."""
        for connection in connections:
            frames = b"".join(self.next_question() for _ in range(IN_A_ROW))
            try:
                connection.socket.send(frames)
            except BlockingIOError:
                pass

    def count_answered(self, connections):
        n = array.array("i", [0])
        total = 0
        for connection in connections:
            fcntl.ioctl(connection.socket, termios.FIONREAD, n)
            total += n[0]
        return total

    def measure(self):
        """The most replies that the flood got while the polite one waited for one of its own."""
        latencies, meanwhile = [], []
        with self.agent.connect() as polite:
            polite.send(self.next_question())
            reply_bytes = len(polite.receive()) + 1
            flood = self.open_flood()
            self.feed(flood)
            for _ in range(QUESTIONS):
                before = self.count_answered(flood)
                begin = time.monotonic()
                polite.send(self.next_question())
                reply = json.loads(polite.receive())
                latencies.append((time.monotonic() - begin) * 1000)
                meanwhile.append((self.count_answered(flood) - before) // reply_bytes)
                self.assertTrue(reply["parameters"]["verdict"]["trusted"])

        n_answered = self.count_answered(flood) // reply_bytes
        for connection in flood:
            connection.socket.close()
        latencies.sort()
        print(f"polite: p50 {latencies[len(latencies) // 2]:.2f} ms, p99 {latencies[-2]:.2f} ms, "
              f"max {latencies[-1]:.2f} ms; meanwhile at most {max(meanwhile)} replies to the flood, "
              f"{n_answered} of {CONNECTIONS * IN_A_ROW} in all")
        self.assertGreater(n_answered, QUESTIONS)
        return max(meanwhile)

    def test_a_polite_user_does_not_wait_for_the_flood(self):
        self.assertTrue(any(self.measure() < REPLIES_MEANWHILE for _ in range(TRIES)))


if __name__ == "__main__":
    uatrust.need_root("be several users")
    uatrust.main()
