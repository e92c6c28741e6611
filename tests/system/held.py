#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An application with a thousand verdicts in hand, and what may happen to its agent: none of them stands wrongly, every
call returns within its limit, and soon all is well again without its doing."""

import pathlib
import re
import resource
import signal
import subprocess
import time
import unittest

import plant
import uatrust

N = 1000
LEAVES = 40
LEASE_S = 2
BRIEF_S = 8  # of a CRL that is to be read before it runs out
STORE_IN_DOUBT, UNREACHABLE, TIMED_OUT = 3, 40, 41

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
        self.process = uatrust.start([*command, uatrust.BUILD / "tests/holder", socket, *paths], text=True,
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
        cls.paths = make_questions(uatrust.folder_for(cls))

    def setUp(self):
        self.folder = uatrust.folder_for(self)
        self.store = self.folder / "store"
        self.files = plant.make()
        plant.fill(self.store, self.files)
        self.start_agent()
        self.addCleanup(lambda: self.agent.stop())
        self.holder = self.hold(self.paths)
        self.expect_whole()

    def hold(self, *arguments):
        holder = Holder(self.agent.socket, *arguments)
        self.addCleanup(lambda: self.assertEqual(holder.stop(), 0))
        return holder

    def start_agent(self, store=None):
        self.agent = uatrust.Agent(self.folder, "--store", store or self.store)

    def end_agent(self):
        self.agent.process.kill()
        self.agent.process.wait()

    def expect_errors(self, code, n=3):
        """Nothing stands, and whoever asks is told so in time."""
        def is_told():
            self.assertEqual(self.holder.holds(), 0)
            *found, last, slowest_s = self.holder.ask(n)
            self.assertEqual(found, [0, 0, n])
            self.assertLess(slowest_s, uatrust.WAIT_S)
            return last == code
        uatrust.eventually(is_told, f"the error is {code}")
        self.assertEqual(self.holder.holds(), 0)

    def expect_bad(self, n):
        """None is Good, and each is told so, if not in time."""
        def is_told():
            good, bad, *_ = self.holder.ask(n)
            self.assertEqual(good, 0)
            return bad == n
        uatrust.eventually(is_told, f"{n} are told that they are not trusted")

    def expect_whole(self):
        """All is well again without the application's doing, and every verdict is held."""
        uatrust.eventually(lambda: self.holder.ask(1)[0] == 1, "one is Good again")
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
        self.expect_bad(N)

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
        self.expect_bad(2)

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
        end = int(time.time()) + BRIEF_S
        (self.store / "trusted/crl/plant.crl").unlink()
        uatrust.replace(self.store / "trusted/crl/more.crl", self.mint_crl(end - 1))
        self.expect_whole()
        before = time.time()
        while self.holder.holds() == N:
            self.assertLess(before, end)
            before = time.time()
        self.assertGreater(time.time(), end - 1)  # it holds its last second but for a clock's tick
        self.assertEqual(self.holder.holds(), 0)
        time.sleep(1)
        self.expect_bad(3)

    def test_a_store_in_doubt(self):
        # So few descriptors that the agent cannot look at what it is told has changed.
        pid = self.agent.process.pid
        former = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (1, former[1]))
        uatrust.replace(self.store / "trusted/certs/new.der", self.files["stranger.der"])
        time.sleep(LEASE_S)
        uatrust.eventually(lambda: self.holder.ask(1)[3] == STORE_IN_DOUBT, "the store is in doubt")
        self.expect_errors(STORE_IN_DOUBT)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, former)
        self.expect_whole()

    # What it costs

    def test_what_is_held_costs_no_system_call(self):
        strace = uatrust.need("strace")
        log = self.folder / "strace"
        holder = self.hold(self.paths[:100], ["env", "ASAN_OPTIONS=detect_leaks=0:quarantine_size_mb=0", strace, "-f", "-o", log])
        uatrust.eventually(lambda: holder.ask(100)[0] == 100, "all is held")
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
        holder = self.hold([self.folder / "stranger.der"])
        n_told = 0
        while n_told < 3:
            good, bad, *_ = holder.ask(1)  # a busy agent may answer too late, but counts it
            self.assertEqual(good, 0)
            n_told += bad
        self.assertEqual(holder.holds(), 1)
        with self.agent.connect() as connection:
            counted = {row["name"]: row["count"] for row in connection.call("org.uatrust.agent1.Statistics")["verdicts"]}
            n_refused = counted["BadCertificateUntrusted"]
            self.assertGreaterEqual(n_refused, 3)
            uatrust.eventually(lambda: [row["count"] for row in connection.call(LIST_REJECTED)["rejected"]] == [n_refused],
                               "each refusal is recorded")


if __name__ == "__main__":
    uatrust.main()
