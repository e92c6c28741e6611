#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""monitor.py [--changes N]: a thousand subscribers see every generation in order, or a resync; so do those who come late.

N changes, one each 100 ms; 100 by default, and 600 make a minute. Twenty of the subscribers read each ten seconds only.
"""

import argparse
import contextlib
import json
import resource
import selectors
import sys
import threading
import time
import unittest

import plant
import uatrust

AGENT = "org.uatrust.agent1."
PERIOD_S = 0.1
options = argparse.Namespace(changes=100)


class Subscriber:
    """A Monitor call, and how far it has seen."""

    def __init__(self, agent):
        self.connection = agent.connect()
        self.connection.send_call(AGENT + "Monitor", {"stores": ["default"]}, more=True)
        state = self.connection.receive_reply()["event"]
        assert state["kind"] == "state", state
        self.generation, self.n_resyncs = state["generation"], 0

    def see(self, event):
        if event["kind"] == "resync":
            assert event["generation"] >= self.generation, event
            self.n_resyncs += 1
        else:
            assert (event["kind"], event["generation"]) == ("changed", self.generation + 1), \
                f"after {self.generation} came {event}"
        self.generation = event["generation"]

    def read(self):
        """Takes all that is there now."""
        more = self.connection.socket.recv(1 << 20)
        assert more, "the connection was closed"
        *frames, self.connection.received = (self.connection.received + more).split(b"\0")
        for frame in frames:
            self.see(json.loads(frame)["parameters"]["event"])


class Monitor(unittest.TestCase):
    N_SUBSCRIBERS, N_SLOW, SLOW_S = 1000, 20, 10

    @classmethod
    def setUpClass(cls):
        cls.files = plant.make()
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

    def setUp(self):
        self.folder = uatrust.folder_for(self)
        plant.fill(self.folder / "store", self.files)
        self.agent = uatrust.Agent(self.folder, "--store", self.folder / "store")
        self.addCleanup(lambda: self.agent.stop())

    def change(self, i):
        name = ("revoking.crl", "plant.crl")[i % 2]
        uatrust.replace(self.folder / "store/trusted/crl/plant.crl", self.files[name])

    def change_often(self, n):
        end = time.monotonic()
        for i in range(n):
            self.change(i)
            end += PERIOD_S
            time.sleep(max(0, end - time.monotonic()))

    def ask(self, method, **parameters):
        with self.agent.connect() as connection:
            return connection.call(AGENT + method, parameters)

    def store(self):
        return self.ask("ListStores")["stores"][0]

    def read_until_seen(self, quick, slow, changes):
        """All of them read until the last change was made, and all have seen its generation."""
        with selectors.DefaultSelector() as often, selectors.DefaultSelector() as seldom:
            for selector, subscribers in ((often, quick), (seldom, slow)):
                for subscriber in subscribers:
                    selector.register(subscriber.connection.socket, selectors.EVENT_READ, subscriber)
            begin = read = time.monotonic()
            last = None
            while any(subscriber.generation != last for subscriber in quick + slow):
                self.assertLess(time.monotonic() - begin, options.changes * PERIOD_S * 10 + uatrust.WAIT_S,
                                "not all were told")
                ready = often.select(0.1)
                if time.monotonic() - read > self.SLOW_S:
                    ready, read = ready + seldom.select(0), time.monotonic()
                for key, _ in ready:
                    key.data.read()
                if not changes.is_alive():
                    last = self.store()["generation"]

    def test_all_see_every_generation_or_a_resync(self):
        with contextlib.ExitStack() as stack:
            subscribers = [Subscriber(self.agent) for _ in range(self.N_SUBSCRIBERS)]
            for subscriber in subscribers:
                stack.enter_context(subscriber.connection)
            first = subscribers[0].generation
            changes = threading.Thread(target=self.change_often, args=(options.changes,))
            changes.start()
            self.read_until_seen(subscribers[self.N_SLOW:], subscribers[:self.N_SLOW], changes)
            changes.join()
            self.assertGreater(subscribers[-1].generation - first, options.changes // 4)

    def test_who_comes_late_is_told_what_was(self):
        agent_id = self.ask("ListStores")["agentId"]
        before = self.store()["generation"]
        for i in range(3):
            self.change(i)
            uatrust.eventually(lambda: self.store()["generation"] == before + i + 1, "the change is seen")

        events = self.ask("Changes", agentId=agent_id, since=before)["events"]
        self.assertEqual([(event["kind"], event["generation"]) for event in events],
                         [("changed", before + i) for i in (1, 2, 3)])
        self.assertTrue(all(len(event["added"]) == len(event["removed"]) == len(event["affectedIssuers"]) == 1
                            for event in events))
        self.assertEqual(self.ask("Changes", agentId=agent_id, since=before + 3)["events"], [])
        for wrong in ({"agentId": "0" * 32, "since": before}, {"agentId": agent_id, "since": before + 4}):
            events = self.ask("Changes", **wrong)["events"]
            self.assertEqual([(event["kind"], event["generation"]) for event in events], [("resync", before + 3)])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--changes", type=int, default=options.changes)
    options, rest = parser.parse_known_args()
    uatrust.main([sys.argv[0], *rest])
