#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An application with a thousand verdicts in hand, and what may happen to its agent: none of them stands wrongly, every
call returns within its limit, and soon all is well again without its doing."""

import pathlib
import re
import resource
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

import plant
import uatrust

N = 1000
LEAVES = 40
LIMIT_S = 0.2  # of a call, by default
SLACK_S = 0.15  # of a busy machine
LEASE_S = 2
WHOLE_S = 1
OK, STORE_IN_DOUBT, UNREACHABLE, TIMED_OUT = 0, 3, 40, 41

LIST_REJECTED = "org.uatrust.agent1.ListRejected"

LEAF = "[cert leaf{0}]\nsubject = CN=Leaf {0}\nkey = p256-leaf\nissuer = plant\n"
CRL = "[crl more]\nissuer = plant\nnumber = 04\nthis_update_s = {}\nnext_update_s = {}\n"


def make_questions(folder):
    """A thousand files, all good: an application's certificate, and another one in place of an issuer's."""
    files = plant.make("".join(LEAF.format(i) for i in range(LEAVES)))
    leaves = [files[f"leaf{i}.der"] for i in range(LEAVES)]
    paths = []
    for i in range(N):
        paths.append(folder / f"{i}.der")
        paths[-1].write_bytes(leaves[i % LEAVES] + leaves[i // LEAVES])
    return paths


class Holder:
    """tests/harness/holder: says what becomes of its verdicts."""

    def __init__(self, socket, paths, command=()):
        self.process = subprocess.Popen([*command, uatrust.BUILD / "tests/holder", socket, *paths], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=1)

    def say(self, words):
        self.process.stdin.write(words + "\n")
        return self.process.stdout.readline().split()

    def ask(self, n=N):
        """(good, bad, errors, last code, slowest call in seconds)"""
        answer = self.say(f"ask {n}")
        return (*map(int, answer[1:8:2]), int(answer[9]) / 1e6)

    def holds(self):
        return int(self.say("holds")[1])

    def stop(self):
        self.process.stdin.close()
        self.process.stdout.close()
        return self.process.wait(uatrust.WAIT_S)


class Held(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.paths = make_questions(pathlib.Path(folder.name))

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.store = self.folder / "store"
        self.files = plant.make()
        plant.fill(self.store, self.files)
        self.start_agent()
        self.addCleanup(self.end_agent)
        self.holder = Holder(self.agent.socket, self.paths)
        self.addCleanup(lambda: self.assertEqual(self.holder.stop(), 0))
        uatrust.eventually(lambda: self.holder.ask()[0] == N and self.holder.holds() == N, "it holds all of them")

    def start_agent(self, store=None):
        self.agent = uatrust.Agent(self.folder, "--store", store or self.store)

    def end_agent(self):
        self.agent.process.kill()
        self.agent.process.wait()

    def expect_errors(self, code, n=3):
        """Nothing stands, and whoever asks is told so in time."""
        self.assertEqual(self.holder.holds(), 0)
        *found, slowest_s = self.holder.ask(n)
        self.assertEqual(found, [0, 0, n, code])
        self.assertLess(slowest_s, LIMIT_S + SLACK_S)
        self.assertEqual(self.holder.holds(), 0)

    def expect_whole(self):
        """All is well within a second, and soon after every verdict is held again."""
        start = time.monotonic()
        while self.holder.ask(1)[0] != 1:
            self.assertLess(time.monotonic() - start, WHOLE_S)
        self.assertLess(time.monotonic() - start, WHOLE_S)
        uatrust.eventually(lambda: self.holder.ask()[0] == N and self.holder.holds() == N, "all is held again")

    # What may happen to an agent

    def test_killed(self):
        self.end_agent()
        self.expect_errors(UNREACHABLE, N)
        self.start_agent()
        self.assertEqual(self.holder.holds(), 0)
        self.expect_whole()

    def test_stopped_and_started(self):
        self.agent.stop()
        self.expect_errors(UNREACHABLE)
        self.start_agent()
        self.assertEqual(self.holder.holds(), 0)
        self.expect_whole()

    def test_hung(self):
        self.agent.process.send_signal(signal.SIGSTOP)
        time.sleep(LEASE_S)
        self.expect_errors(TIMED_OUT)
        self.agent.process.send_signal(signal.SIGCONT)
        self.expect_whole()

    def test_replaced_by_one_that_trusts_nobody(self):
        empty = self.folder / "empty"
        (empty / "trusted/certs").mkdir(parents=True)
        self.end_agent()
        self.start_agent(empty)
        self.assertEqual(self.holder.holds(), 0)
        good, bad, *_ = self.holder.ask()
        self.assertEqual((good, bad), (0, N))

    def test_replaced_while_the_former_one_hangs(self):
        former = self.agent
        former.process.send_signal(signal.SIGSTOP)
        pathlib.Path(former.socket).unlink()
        empty = self.folder / "empty"
        (empty / "trusted/certs").mkdir(parents=True)
        self.start_agent(empty)
        time.sleep(LEASE_S)
        self.assertEqual(self.holder.holds(), 0)
        self.assertEqual(self.holder.ask(2)[0], 0)
        former.process.kill()
        former.process.wait()
        self.assertEqual(self.holder.ask(2)[:2], (0, 2))

    # What may happen to a store

    def mint_crl(self, last_second, more=""):
        """A newer one of the plant's."""
        return plant.make(CRL.format(last_second - 3600, last_second) + more)["more.crl"]

    def test_a_revocation_voids_all_at_once(self):
        crl = self.mint_crl(int(time.time()) + 1800, "entry = pump 1\n")
        with self.agent.connect() as connection:
            uatrust.replace(self.store / "trusted/crl/more.crl", crl)
            while connection.validate(self.files["pump.der"])["trusted"]:
                pass
            self.assertEqual(self.holder.holds(), 0)
        self.expect_whole()

    def test_the_last_second_of_a_crl_ends_all(self):
        end = int(time.time()) + 5
        (self.store / "trusted/crl/plant.crl").unlink()
        uatrust.replace(self.store / "trusted/crl/more.crl", self.mint_crl(end - 1))
        self.expect_whole()
        while self.holder.holds() == N:
            self.assertLess(time.time(), end)
        self.assertGreater(time.time(), end - 1)  # it holds its last second but for a clock's tick
        self.assertEqual(self.holder.holds(), 0)
        time.sleep(1)
        self.assertEqual(self.holder.ask(3)[:2], (0, 3))

    def test_a_store_in_doubt(self):
        # So few descriptors that the agent cannot look at what it is told has changed.
        pid = self.agent.process.pid
        former = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (1, former[1]))
        uatrust.replace(self.store / "trusted/certs/new.der", self.files["stranger.der"])
        time.sleep(LEASE_S)
        uatrust.eventually(lambda: self.holder.ask(1)[2] == 1, "the store is in doubt")
        self.expect_errors(STORE_IN_DOUBT)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, former)
        uatrust.eventually(lambda: self.holder.ask(1)[0] == 1, "the agent has looked again")
        self.expect_whole()

    # What it costs

    def test_what_is_held_costs_no_system_call(self):
        strace = shutil.which("strace")
        if not strace:
            print("SKIPPED: held: strace is not installed")
            self.skipTest("strace is not installed")
        log = self.folder / "strace"
        holder = Holder(self.agent.socket, self.paths[:100], 
                        ["env", "ASAN_OPTIONS=detect_leaks=0:quarantine_size_mb=0", strace, "-f", "-o", log])
        self.assertEqual(holder.ask(100)[0], 100)
        for _ in range(2):  # at first an allocator may want more memory
            self.assertEqual(holder.say("repeat 100"), ["repeated", "same"])
        self.assertEqual(holder.stop(), 0)
        calls = [line.split(maxsplit=1)[1] for line in log.read_text().splitlines()]
        writes = [i for i, call in enumerate(calls) if call.startswith('write(1, "repeated')]
        between = calls[writes[0] + 1:writes[1]]
        # Its order is read, and nothing else.
        self.assertEqual([call for call in between if not re.match(r"read\(0,", call)], [])

    def test_what_is_refused_is_asked_each_time(self):
        (self.folder / "stranger.der").write_bytes(self.files["stranger.der"])
        holder = Holder(self.agent.socket, [self.folder / "stranger.der"])
        for _ in range(3):
            self.assertEqual(holder.ask(1)[:2], (0, 1))
        self.assertEqual(holder.holds(), 1)
        holder.stop()
        with self.agent.connect() as connection:
            counted = connection.call("org.uatrust.agent1.Statistics")["verdicts"]
            self.assertEqual({row["name"]: row["count"] for row in counted}, {"Good": N, "BadCertificateUntrusted": 3})
            uatrust.eventually(lambda: [row["count"] for row in connection.call(LIST_REJECTED)["rejected"]] == [3],
                               "each refusal is recorded")


if __name__ == "__main__":
    unittest.main()
