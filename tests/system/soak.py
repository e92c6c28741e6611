#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A store in use for long: random deeds done to its files, calls that fail, an agent that stands still for a moment,
and meanwhile questions, subscribers and watched peers. Each answer is judged anew by what was on disk then.

    soak.py MINUTES LIBREFUSE       what it does follows from UATRUST_SEED

Prints memory, descriptors and latencies of the beginning and the end. Fails for a Good that was wrong, for news that
asks to end a session without knowledge, for a generation that a subscriber missed in silence, for memory or descriptors
that grow, and for a state that is not that of a fresh agent.
"""

import errno
import os
import pathlib
import random
import selectors
import shutil
import signal
import sys
import threading
import time

import history
import monitor
import oracle
import peers
import refuse
import uatrust

ASKERS, SUBSCRIBERS, PEERS_EACH = 3, 200, 25
DEEDS_AT_A_TIME = 20
WARM_S = 20            # before that, caches fill
GROWTH_BYTES = 8 << 20
FAULT_S = 2            # between two
FAULTS = [(call, error) for call in ("openat", "openat2", "read", "fstatat", "readdir", "inotify_add_watch")
          for error in (errno.EIO, errno.ENOMEM, errno.EMFILE)]


class Faults(threading.Thread):
    """Now and then some calls fail, or the agent stands still."""

    def __init__(self, agent, told, seed):
        super().__init__(daemon=True)
        self.agent, self.told, self.random = agent, told, random.Random(seed)
        self.over, self.n_failed, self.n_stops = threading.Event(), 0, 0

    def run(self):
        while not self.over.wait(self.random.random() * FAULT_S):
            if self.random.randrange(8) == 0:
                self.n_stops += 1
                os.kill(self.agent.process.pid, signal.SIGSTOP)
                self.over.wait(0.3)
                os.kill(self.agent.process.pid, signal.SIGCONT)
            else:
                n = self.random.choice((1, 3, 30))
                self.told.set(*self.random.choice(FAULTS), n)
                self.over.wait(0.1)
                self.n_failed += n - self.told.end()

    def stop(self):
        self.over.set()
        self.join()


class Listeners(threading.Thread):
    """Subscribers, and a watch of many peers: each beacon's certificate, registered again and again."""

    def __init__(self, agent, beacons):
        super().__init__(daemon=True)
        self.subscribers = [monitor.Subscriber(agent) for _ in range(SUBSCRIBERS)]
        self.watch = peers.Watch(agent)
        self.watch.register({f"{i}-{n}": beacon for i, beacon in enumerate(beacons) for n in range(PEERS_EACH)})
        self.news, self.is_over, self.fault = [], False, None

    def read(self, key):
        if key.data is not self.watch:
            key.data.read()
            return
        for peer, causes in self.watch.take().items():
            self.news += [(time.monotonic(), int(peer.partition("-")[0]), cause) for cause in causes]

    def run(self):
        try:
            with selectors.DefaultSelector() as selector:
                for one in (*self.subscribers, self.watch):
                    selector.register(one.connection.socket, selectors.EVENT_READ, one)
                while not self.is_over:
                    for key, _ in selector.select(0.1):
                        self.read(key)
        except Exception as error:  # told by whoever joins
            self.fault = error

    def stop(self):
        self.is_over = True
        self.join()
        for one in (*self.subscribers, self.watch):
            one.connection.__exit__()
        if self.fault:
            raise self.fault


def measure(agent):
    """Resident bytes, and how many descriptors."""
    status = pathlib.Path(f"/proc/{agent.process.pid}/status").read_text()
    resident = int(status.partition("VmRSS:")[2].split()[0]) * 1024
    return resident, len(os.listdir(f"/proc/{agent.process.pid}/fd"))


def latencies(verdicts, begin, end):
    """p50 and p99 in ms."""
    took = sorted(received - sent for sent, received, _, _ in verdicts if begin <= sent < end)
    return f"{took[len(took) // 2] * 1000:.2f} ms (p50), {took[len(took) * 99 // 100] * 1000:.2f} ms (p99)"


class Soak(history.History):
    def start(self, library):
        told = self.folder / "refuse"
        self.told = refuse.Refuse(told)
        told.chmod(0o666)
        folder = self.folder / "old"
        folder.mkdir()
        folder.chmod(0o777)
        sanitizer = "ASAN_OPTIONS=verify_asan_link_order=0:quarantine_size_mb=1"
        environment = ("env", f"LD_PRELOAD={library}", f"UATRUST_REFUSE={told}", sanitizer)
        return uatrust.Agent(folder, "--store", self.deeds.store,
                             command=(*(history.NOBODY if os.geteuid() == 0 else ()), *environment))

    def wrong(self, verdicts):
        """A verdict Good that was none for longer than MaxDoubt; other failures may be the injected ones."""
        good = [verdict for verdict in verdicts if verdict[3] in (oracle.GOOD, oracle.OTHER)]
        changes = oracle.lateness(self.timeline, good, history.BEACONS, self.untold)
        late = [change for change in changes if change and change.seconds > history.TOO_LATE_S]
        return [f"{one.seconds:.2f} s late: beacon {one.beacon} Good after {self.journal[one.deed]}" for one in late]

    def without_knowledge(self, news):
        """News that asks to end a session while nothing on disk said so, nor within MaxDoubt before."""
        return [f"beacon {beacon} was {cause} at {at:.3f}" for at, beacon, cause in news if cause in peers.CUTS and
                self.timeline.judge(at - history.TOO_LATE_S, at, beacon, oracle.UNTRUSTED)]

    def soak(self, seconds, library):
        agent = self.start(library)
        begin = time.monotonic()
        try:
            askers = [history.Asker(agent, self.stuff.beacons, self.folder / f"verdicts{n}") for n in range(ASKERS)]
            listeners, faults = Listeners(agent, self.stuff.beacons), Faults(agent, self.told, self.seed)
            listeners.start()
            faults.start()
            at_first = None
            while time.monotonic() < begin + seconds:
                self.live(len(self.journal), len(self.journal) + DEEDS_AT_A_TIME)
                if not at_first and time.monotonic() > begin + WARM_S:
                    at_first = measure(agent)
            end = time.monotonic()
            faults.stop()
            self.settle()
            at_last = measure(agent)
            listeners.stop()
            verdicts = [verdict for asker in askers for verdict in asker.stop()]
            differences = self.compare(agent)
        finally:
            self.deeds.end()
            agent.stop()
        tenth = (end - begin) / 10
        print(f"{len(self.journal)} deeds, {faults.n_failed} calls failed, {faults.n_stops} stops, {len(verdicts)} answers, "
              f"{len(listeners.news)} news of peers")
        for when, (resident, descriptors), since, until in (("first", at_first, begin, begin + tenth),
                                                            ("last", at_last, end - tenth, end)):
            print(f"at {when}: {resident >> 10} KiB, {descriptors} descriptors, {latencies(verdicts, since, until)}")
        found = self.wrong(verdicts) + self.without_knowledge(listeners.news) + differences
        if at_last[0] > at_first[0] + GROWTH_BYTES or at_last[1] > at_first[1]:
            found.append(f"memory or descriptors have grown from {at_first} to {at_last}")
        return found


def main():
    minutes, library = float(sys.argv[1]), sys.argv[2]
    seed = uatrust.seed()
    soak = Soak(seed - seed % 4, history.Stuff(), history.may_mount(), 0, 0)
    found = soak.soak(minutes * 60, library)
    if found:
        print("\n".join([*soak.journal[-history.SHOWN:], *found[:history.SHOWN]]))
        print(f"{soak.folder} is kept")
    else:
        shutil.rmtree(soak.folder)
        print("no answer was wrong, nothing has grown, and a fresh agent says the same")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
