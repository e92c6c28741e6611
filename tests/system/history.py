#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Histories: random deeds done to a store that is in use. Afterwards the agent knows what a fresh one reads from the
same tree, and none of its verdicts was out of date for long.

    history.py [--seed N] [--histories N] [--deeds N] [--between N]

A few short ones by default, in ctest; `UATRUST_BUILD=build/dev PYTHONPATH=tests/harness tests/system/history.py
--histories 50 --deeds 1000 --between 100` takes an hour. A failure prints the seed of its history, the last deeds and
what is different; the same seed does the same deeds again.
"""

import argparse
import base64
import contextlib
import json
import os
import pathlib
import random
import shutil
import signal
import struct
import sys
import tempfile
import time

import deeds
import oracle
import plant
import uatrust

AGENT = "org.uatrust.agent1."
QUEUE = pathlib.Path("/proc/sys/fs/inotify/max_queued_events")
QUEUE_LENGTH = 16

NOBODY = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--pdeathsig=keep")

SETTLE_S, SETTLE_BLIND_S = 2, 6
LATE_S, ENOUGH = 0.1, 100  # of 99 in 100 changes, where there were so many
TOO_LATE_S = 2.0           # MaxDoubt: of all changes that the kernel tells of
SHOWN = 40

BEACONS = 4
SPEC = "".join(f"""
[cert beacon{i}]
subject = CN=Beacon {i}
key = rsa2048-{i + 5}
""" for i in range(BEACONS))

# What a damaged CRL file that goes on revoking is listed with, beside its own fault. A fresh agent knows of none.
HELD = ("no certificate of the store verifies a CRL in it", "it holds no certificate, CRL or block any more",
        "its directory cannot be read")

# What may be seen in the midst of a deed: half of a file, or none; and what lay below a mount.
MEANWHILE = {"everything_is_put_right": {oracle.GOOD, oracle.UNTRUSTED}}


def pem(label, der):
    body = base64.encodebytes(der)
    return b"-----BEGIN %s-----\n%s-----END %s-----\n" % (label, body, label)


class Stuff:
    """Certificates, CRLs and junk by name."""

    def __init__(self):
        files = plant.make(SPEC)
        self.beacons = [files[f"beacon{i}.der"] for i in range(BEACONS)]
        self.asked = {name: files[name] for name in ("pump.der", "valve.der", "stranger.der")}
        self.certs = {f"beacon{i}": der for i, der in enumerate(self.beacons)}
        self.certs |= {f"beacon{i}.pem": pem(b"CERTIFICATE", der) for i, der in enumerate(self.beacons)}
        self.certs |= {name: files[name + ".der"] for name in ("plant", "root", "valve")}
        self.crls = {name: files[name + ".crl"] for name in ("plant", "root", "revoking")}
        self.crls["plant.pem"] = pem(b"X509 CRL", files["plant.crl"])
        flipped = bytearray(files["plant.crl"])
        flipped[-1] ^= 1
        self.junk = {
            "empty": b"", "text": b"nothing of yours\n", "rubbish": random.Random(0).randbytes(1000),
            "half a certificate": files["plant.der"][:-100], "half a CRL": files["plant.crl"][:-100],
            "a CRL that does not verify": bytes(flipped), "a private key": files["pump.key"],
            "a certificate and rubbish": files["beacon0.der"] + b"rubbish", "zeros": bytes(5000),
            "half of PEM": self.certs["beacon1.pem"] + self.certs["beacon2.pem"][:200],
        }


class Asker:
    """A child process that asks for verdicts on the beacons until it is told to stop."""

    RECORD = struct.Struct("=ddBB")
    CODES = {"Good": oracle.GOOD, "BadCertificateUntrusted": oracle.UNTRUSTED}

    def __init__(self, agent, beacons, path):
        self.path = path
        self.process = os.fork()
        if self.process == 0:
            try:
                signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
                self.ask(agent, beacons)
            except SystemExit:
                os._exit(0)
            except BaseException as error:
                print(f"asking: {error!r}", file=sys.stderr)
            os._exit(1)

    def ask(self, agent, beacons):
        with agent.connect() as connection, open(self.path, "wb", buffering=0) as out:
            while True:
                for number, beacon in enumerate(beacons):
                    sent = time.monotonic()
                    try:
                        status = connection.validate(beacon)["statusName"]
                        code = self.CODES.get(status, oracle.OTHER)
                    except uatrust.VarlinkError:
                        code = oracle.ERROR
                    out.write(self.RECORD.pack(sent, time.monotonic(), number, code))
                time.sleep(0.002)

    def stop(self):
        os.kill(self.process, signal.SIGTERM)
        _, status = os.waitpid(self.process, 0)
        if status:
            raise AssertionError("whoever asked for verdicts failed")
        return list(self.RECORD.iter_unpack(self.path.read_bytes()))


@contextlib.contextmanager
def short_queue():
    """An agent that starts meanwhile hears of 16 events at a time, and of no more than that there were more."""
    if os.geteuid() != 0:
        yield
        return
    before = QUEUE.read_text()
    QUEUE.write_text(str(QUEUE_LENGTH))
    try:
        yield
    finally:
        QUEUE.write_text(before)


def start_agent(folder, store):
    """As somebody to whom modes matter."""
    folder.mkdir()
    folder.chmod(0o777)
    return uatrust.Agent(folder, "--store", store, command=NOBODY if os.geteuid() == 0 else ())


def pages(agent, method, rows):
    parameters = {}
    with agent.connect() as connection:
        while True:
            reply = connection.call(AGENT + method, parameters)
            yield from ((kind, row) for kind in rows for row in reply[kind])
            if not reply["next"]:
                return
            parameters = {"after": reply["next"]}


class State:
    """What an agent says of a store: all that does not depend on what it knew before."""

    def __init__(self, agent, asked):
        with agent.connect() as connection:
            store, = connection.call(AGENT + "ListStores")["stores"]
        self.ready, self.hash = store["ready"], store.get("stateHash")
        self.verdicts = {name: self.verdict(agent, der) for name, der in asked.items()}
        self.rows, self.crls, self.broken = set(), [], set()
        if not self.ready:
            return
        self.crls = [row for _, row in pages(agent, "ListCrls", ("crls",))]
        for kind, row in pages(agent, "ListCertificates", ("certificates", "broken")):
            if kind == "broken":
                self.broken.add(row["origin"])
            if row.get("reason") not in HELD:
                self.rows.add(self.text(row))

    @staticmethod
    def text(row):
        return json.dumps(row, sort_keys=True)

    @staticmethod
    def verdict(agent, der):
        try:
            return agent.validate(der)["statusName"]
        except uatrust.VarlinkError as error:
            return error.name

    def all_rows(self, damaged):
        """Without what damaged files are known to have held: which of their CRLs are still there is not said."""
        found = set(self.rows)
        for row in self.crls:
            origins = [origin for origin in row["origins"] if origin not in damaged]
            if origins:
                found.add(self.text({**row, "origins": origins, "state": None, "list": None}))
        return found

    def differences(self, fresh):
        if self.ready != fresh.ready:
            return [f"ready: {self.ready}, fresh: {fresh.ready}"]
        damaged = self.broken | fresh.broken
        old, new = self.all_rows(damaged), fresh.all_rows(damaged)
        found = [f"fresh only: {row}" for row in sorted(new - old)] + [f"old only: {row}" for row in sorted(old - new)]
        if self.hash != fresh.hash:
            found.append(f"state hash: {self.hash}, fresh: {fresh.hash}")
        for name, verdict in self.verdicts.items():
            if verdict != fresh.verdicts[name] and (verdict == "Good" or not damaged):
                found.append(f"{name}: {verdict}, fresh: {fresh.verdicts[name]}")
        return found


class History:
    def __init__(self, seed, stuff, can_mount, n_deeds, n_between):
        self.seed, self.stuff, self.n_deeds, self.n_between = seed, stuff, n_deeds, n_between
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="uatrust-history-"))
        self.folder.chmod(0o755)
        self.base = self.folder / "tree"
        self.base.mkdir()
        self.deeds = deeds.Deeds(self.base, seed, stuff.certs, stuff.crls, stuff.junk, can_mount)
        self.pace = random.Random(seed + 1)
        self.deeds.sleep = lambda: time.sleep(self.pace.random() * 0.02)
        self.deeds.settle = lambda: time.sleep(0.3)
        self.reader = oracle.Reader(self.base, stuff.beacons, os.geteuid() == 0)
        self.timeline = oracle.Timeline(time.monotonic(), self.trusted(), 0)
        self.journal, self.untold = [], set()
        self.blind_until = 0

    def trusted(self):
        return self.reader.trusted(self.deeds.store / "trusted/certs", self.deeds.store / "trusted/crl")

    def is_blind(self):
        return not all(self.reader.may_watch(str(self.deeds.store / role)) for role in deeds.ROLES)

    def live(self, first, end):
        """Some deeds. Between them it is at times quiet, at times not."""
        for number in range(first, end):
            was_blind = self.is_blind()
            begun = time.monotonic()
            name, what = self.deeds.some_deed(deeds.LAST if number == end - 1 and self.pace.randrange(2) else None)
            ended = time.monotonic()
            self.timeline.add(begun, ended, self.trusted(), number, MEANWHILE.get(name, {oracle.UNTRUSTED}))
            self.journal.append(f"{number} {begun:.4f} {ended - begun:.4f} {name} {what}")
            if was_blind or self.deeds.is_untold or self.is_blind():
                self.blind_until = ended + SETTLE_BLIND_S
                self.untold.add(number)
            if self.pace.randrange(3) == 0:
                time.sleep(self.pace.choice((0.001, 0.005, 0.02, 0.06, 0.15)))

    def settle(self):
        end = max(time.monotonic() + SETTLE_S, self.blind_until)
        time.sleep(max(0, end - time.monotonic()))

    def judge(self, verdicts):
        """What was wrong with the verdicts that were given meanwhile."""
        changes = oracle.lateness(self.timeline, verdicts, BEACONS, self.untold)
        late = sorted((change for change in changes if change), reverse=True)
        for one in late:
            if one.seconds > LATE_S:
                verdict = "Good" if one.verdict == oracle.GOOD else "not Good"
                print(f"  {one.seconds * 1000:.0f} ms late: beacon {one.beacon} {verdict}")
                print("\n".join(f"      {line}" for line in self.journal[max(0, one.deed - 3):one.deed + 4]))
        print(f"  {len(verdicts)} verdicts, {len(changes)} changes", flush=True)
        self.late = [change.seconds if change else 0 for change in changes]
        faults = [f"{one.seconds:.2f} s late: beacon {one.beacon} after {self.journal[one.deed]}" for one in late
                  if one.seconds > TOO_LATE_S]
        return faults + [f"another verdict: {verdict}" for verdict in verdicts if verdict[3] == oracle.OTHER]

    def compare(self, agent):
        """What is different from what a fresh agent knows."""
        old = State(agent, self.stuff.asked)
        fresh = start_agent(self.folder / f"fresh-{len(self.journal)}", self.deeds.store)
        try:
            return old.differences(State(fresh, self.stuff.asked))
        finally:
            fresh.stop()

    def run(self):
        """All deeds, and from time to time a look whether the agent knows of them. Returns what is wrong."""
        with short_queue():
            agent = start_agent(self.folder / "old", self.deeds.store)
        faults = []
        try:
            asker = Asker(agent, self.stuff.beacons, self.folder / "verdicts")
            try:
                for first in range(0, self.n_deeds, self.n_between):
                    self.live(first, min(self.n_deeds, first + self.n_between))
                    self.settle()
                    faults += [f"after deed {len(self.journal) - 1}: {fault}" for fault in self.compare(agent)]
                    if faults:
                        break
            finally:
                verdicts = asker.stop()
            return faults + self.judge(verdicts)
        finally:
            self.deeds.end()
            agent.stop()


def is_late(changes):
    """Whether of all changes more than one in a hundred was seen too late."""
    if not changes:
        return False
    p99 = sorted(changes)[len(changes) * 99 // 100]
    print(f"{len(changes)} changes, seen after {p99 * 1000:.0f} ms at most but for one in a hundred")
    return len(changes) >= ENOUGH and p99 > LATE_S


def read_options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--histories", type=int, default=3)
    parser.add_argument("--deeds", type=int, default=60)
    parser.add_argument("--between", type=int, default=30, help="deeds between two comparisons")
    return parser.parse_args()


def may_mount():
    try:
        deeds.own_mounts()
        return True
    except OSError as error:
        print(f"SKIPPED: history.py: deeds with mounts: {error}")
        return False


def main():
    options, can_mount, stuff = read_options(), may_mount(), Stuff()
    if os.geteuid() != 0:
        print("SKIPPED: history.py: a queue of 16 events: only root may shorten it")
    failed, changes = 0, []
    for number in range(options.histories):
        seed = options.seed + number
        print(f"--seed {seed} --deeds {options.deeds} --between {options.between}", flush=True)
        history = History(seed, stuff, can_mount, options.deeds, options.between)
        faults = history.run()
        changes += history.late
        if faults:
            failed += 1
            print("\n".join([*history.journal[-SHOWN:], *faults[:SHOWN]]))
            print(f"{history.folder} is kept: the agent's log is in old/, what was left of the tree in tree/")
        else:
            shutil.rmtree(history.folder)
    sys.exit(1 if failed or is_late(changes) else 0)


if __name__ == "__main__":
    main()
