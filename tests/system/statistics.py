#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What is counted, over all doors, and that every answer is: judged, known, and kept by a door."""

import unittest

import plant
import uatrust

MANAGER = ("/org/uatrust/Agent1", "org.uatrust.Agent1.Manager")


class Statistics(unittest.TestCase):
    def setUp(self):
        self.folder = uatrust.folder_for(self)
        self.files = plant.make()
        plant.fill(self.folder / "store", self.files)
        self.bus = uatrust.Bus(self.folder)
        self.addCleanup(self.bus.stop)
        self.agent = uatrust.Agent(self.folder, "--store", self.folder / "store", f"--bus={self.bus.address}")
        self.addCleanup(self.agent.stop)

    def ask(self):
        with self.agent.connect() as connection:
            reply = connection.call("org.uatrust.agent1.Statistics")
        for name in ("requests", "verdicts", "refusals"):
            reply[name] = {row["name"]: row["count"] for row in reply[name]}
        return reply

    def test_every_answer_is_counted(self):
        with self.agent.connect() as connection:
            for _ in range(5):
                connection.validate(self.files["pump.der"])
            for _ in range(3):
                connection.validate(self.files["stranger.der"])
            connection.validate(self.files["pump.der"], at=4102444800)  # another moment is no verdict of today
            for store in ("attic", "cellar"):
                with self.assertRaises(uatrust.VarlinkError):
                    connection.validate(self.files["pump.der"], store=store)
        for _ in range(2):
            self.bus.call(*MANAGER, "Validate", "aaysa{sv}", 1, 1, 0x30, "client", 0)
        found = self.ask()

        self.assertEqual(found["verdicts"], {"Good": 5, "BadCertificateUntrusted": 3, "BadCertificateInvalid": 2})
        self.assertEqual((found["kept"], found["cached"], found["judgedInline"] + found["judgedInJobs"]), (4, 3, 3))
        self.assertEqual(found["refusals"], {"org.uatrust.agent1.NoSuchStore": 2})
        self.assertEqual(found["requests"]["Validate"], 5 + 3 + 1 + 2 + 2)
        self.assertEqual(found["requests"]["Statistics"], 1)
        self.assertEqual(found["auditEvents"], 5)
        self.assertEqual(found["connections"], 1)
        self.assertEqual(found["generations"], 1)
        doors = {}
        for row in found["latencies"]:
            doors[row["door"]] = doors.get(row["door"], 0) + row["count"]
        self.assertGreaterEqual(doors["client"], 1 + 3 + 1 + 2)
        self.assertGreaterEqual(doors["bus"], 2)

    def test_subscribers_are_those_who_asked(self):
        before = self.ask()["subscribers"]
        self.assertEqual(before, 1, "the bus, which tells everybody on it")
        with self.agent.connect() as connection:
            connection.send_call("org.uatrust.agent1.Monitor", more=True)
            connection.receive_reply()
            self.assertEqual(self.ask()["subscribers"], 2)
        uatrust.eventually(lambda: self.ask()["subscribers"] == 1, "it is gone")

    def test_the_bus_says_the_same(self):
        self.agent.validate(self.files["pump.der"])
        values = self.bus.call(*MANAGER, "Statistics", "a{sv}", 0)
        self.assertEqual(values[0], self.ask()["agentId"])


if __name__ == "__main__":
    uatrust.main()
