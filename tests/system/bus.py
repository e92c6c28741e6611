#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the agent says on the bus, as the bus itself hears it."""

import hashlib
import json
import subprocess
import unittest

import plant
import uatrust

MANAGER = ("/org/uatrust/Agent1", "org.uatrust.Agent1.Manager")


class Bus(unittest.TestCase):
    def setUp(self):
        self.folder = uatrust.folder_for(self)
        plant.fill(self.folder / "store", plant.make())
        self.bus = uatrust.Bus(self.folder)
        self.addCleanup(self.bus.stop)
        agent = uatrust.Agent(self.folder, "--store", self.folder / "store", f"--bus={self.bus.address}")
        self.addCleanup(agent.stop)

    def overhear(self):
        """Starts to write down every message on the bus; returns a function that gives them."""
        log = self.folder / "overheard"
        with open(log, "wb") as out:
            monitor = uatrust.start([uatrust.need("busctl"), f"--address={self.bus.address}", "--json=short", "monitor"],
                                       stdout=out, stderr=subprocess.DEVNULL)
        self.addCleanup(uatrust.stop, monitor)

        def messages():
            lines = log.read_text().split("\n")[:-1]
            return [json.loads(line) for line in lines]

        def is_listening():
            self.bus.call("/org/freedesktop/DBus", "org.freedesktop.DBus.Peer", "Ping")
            return messages()

        uatrust.eventually(is_listening, "the monitor hears something")
        return messages

    def test_a_call_gets_one_reply(self):
        messages = self.overhear()
        self.bus.call(*MANAGER, "ListStores", "a{sv}", 0)
        self.bus.call(*MANAGER, "Validate", "aaysa{sv}", 1, 1, 0x30, "client", 0)

        def replies():
            calls = [m for m in messages() if m["type"] == "method_call" and m.get("interface") == MANAGER[1]]
            found = [m for call in calls for m in messages()
                     if m.get("reply_cookie") == call["cookie"] and m.get("destination") == call["sender"]]
            return found if len(calls) == 2 and len(found) >= 2 else None

        self.assertEqual([reply["type"] for reply in uatrust.eventually(replies, "both calls are replied")],
                         ["method_return", "method_return"])

    def test_news_become_signals(self):
        messages = self.overhear()
        for _ in range(3):
            self.bus.call(*MANAGER, "Validate", "aaysa{sv}", 1, 1, 0x30, "client", 0)
        files = plant.make()
        uatrust.replace(self.folder / "store/trusted/certs/stranger.der", files["stranger.der"])

        def signals():
            found = {}
            for message in messages():
                if message["type"] == "signal" and message.get("path", "").startswith("/org/uatrust"):
                    found.setdefault(message["member"], []).append(message["payload"]["data"])
            return found if {"Audit", "TrustListChanged", "PropertiesChanged"} <= set(found) else None

        found = uatrust.eventually(signals, "there are signals")
        self.assertEqual(len(found["Audit"]), 1, "the others are told together, later")
        event_id, event_type, event_type_id, source, _, store, status = found["Audit"][0][:7]
        self.assertRegex(event_id, "^[0-9a-f]{32}$")
        self.assertEqual((event_type, event_type_id, source, store, status),
                         ("AuditCertificateInvalidEventType", 2086, "Security/Certificate", "default",
                          "BadCertificateInvalid"))
        kind, store, _, generation, added = found["TrustListChanged"][-1][:5]
        self.assertEqual((kind, store, generation, len(added)), ("changed", "default", 2, 1))

    def test_a_stranger_is_a_signal_and_listed(self):
        messages = self.overhear()
        der = plant.make()["stranger.der"]
        self.bus.call(*MANAGER, "Validate", "aaysa{sv}", 1, len(der), *der, "client", 0)

        def signals():
            return [message["payload"]["data"] for message in messages() if message.get("member") == "CertificateRejected"]

        told, = uatrust.eventually(signals, "there is a signal")
        thumbprint = hashlib.sha1(der).hexdigest()
        self.assertEqual(told[0], "default")
        self.assertIn(thumbprint, told)
        self.assertIn("BadCertificateUntrusted", told)

        def listed():
            return self.bus.call(*MANAGER, "ListRejected", "a{sv}", 0)[1]

        row, = uatrust.eventually(listed, "it is listed")
        self.assertIn(thumbprint, row)

    def test_lists_without_a_generation_change_properties(self):
        messages = self.overhear()
        files = plant.make()
        for folder, name in (("own/certs", "Own"), ("rejected/certs", "Rejected")):
            uatrust.replace(self.folder / "store" / folder / "pump.der", files["pump.der"])

            def is_told():
                return any(message.get("member") == "PropertiesChanged" and message["path"].endswith("/store/default")
                           and message["payload"]["data"][1].get(name, {}).get("data") == 1 for message in messages())

            uatrust.eventually(is_told, f"{name} is told")
        store = self.bus.call(*MANAGER, "ListStores", "a{sv}", 0)[1][0]
        self.assertEqual(store[2], 1, "it is the first generation still")


if __name__ == "__main__":
    uatrust.main()
