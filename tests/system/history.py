#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Histories: random deeds done to a store that is in use. Afterwards the agent knows what a fresh one reads from the
same tree, and none of its verdicts was out of date for long.

    history.py [--seed N] [--histories N] [--deeds N] [--between N] [--jobs N] [--late MS]

As a ctest it does 50 of 1,000 deeds each and compares once, at the end of each; how late verdicts were it says, and
fails past MaxDoubt only, since others may keep the machine busy. By hand p99 is to be within 100 ms, and there may be
more of them, or more comparisons: `UATRUST_BUILD=build/dev PYTHONPATH=tests/harness tests/system/history.py
--histories 500 --between 100`. A failure prints the seed of its history, the last deeds and what is different; the same
seed does the same deeds again.
"""

import argparse
import base64
import concurrent.futures
import contextlib
import fcntl
import hashlib
import io
import json
import os
import pathlib
import random
import re
import shutil
import signal
import struct
import sys
import tempfile
import time
import traceback

import deeds
import oracle
import plant
import uatrust

AGENT = "org.uatrust.agent1."
QUEUE = pathlib.Path("/proc/sys/fs/inotify/max_queued_events")
QUEUE_LENGTH, QUEUE_DEFAULT = 16, "16384"
MEMORY = pathlib.Path("/dev/shm")

NOBODY = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--pdeathsig=keep")

SETTLE_S, SETTLE_BLIND_S = 2, 6
ENOUGH = 100      # changes, to say something of 99 in 100 of them
SHOWN_S = 0.1     # a verdict that late is shown
TOO_LATE_S = 2.0  # MaxDoubt: of all changes that the kernel tells of
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

# Its own folder, where one that has no lists stands in its place: to a fresh agent that is a new one.
HIDDEN = "default"

# What holds nothing of ours, if it never did: so many files are listed, then counted.
FOREIGN = ("it is neither DER nor PEM", "it is neither a certificate nor a CRL")
FOREIGN_REST = "files more in it hold no certificate and no CRL"

# Lists whose CRLs are listed only if a judged list has them, too.
NOT_JUDGED = {"own", "rejected"}

# By its seed, a history is that of a store's own folder, or of a source of that layout.
LAYOUTS = (None, "default", None, "auto")

# What may be seen in the midst of a deed: half of a file, or none; what lay below a mount; what a file held at first.
ANYTHING = {oracle.GOOD, oracle.UNTRUSTED}
MEANWHILE = {"everything_is_put_right": ANYTHING, "file_changes_by_a_name_outside_and_no_more_happens": ANYTHING,
             "file_changes_behind_a_link_and_no_more_happens": ANYTHING,
             "file_that_is_mounted_changes_where_it_lies_and_no_more_happens": ANYTHING}


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
        self.blocks = {f"beacon{i}.json": json.dumps({"sha256": hashlib.sha256(der).hexdigest()}).encode()
                       for i, der in enumerate(self.beacons)}
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

    @staticmethod
    def frame(beacon):
        parameters = {"certificates": [base64.b64encode(beacon).decode()], "purpose": "client"}
        return json.dumps({"method": AGENT + "Validate", "parameters": parameters}).encode() + b"\0"

    def code(self, reply):
        """Reads no more of it than it has to: there are many."""
        if reply is None:
            raise ConnectionError("closed")
        found = re.search(rb'"statusName":"(\w+)"', reply)
        return self.CODES.get(found[1].decode(), oracle.OTHER) if found else oracle.ERROR

    def ask(self, agent, beacons):
        frames = [self.frame(beacon) for beacon in beacons]
        with agent.connect() as connection, open(self.path, "wb") as out:
            while True:
                for number, frame in enumerate(frames):
                    sent = time.monotonic()
                    connection.send(frame)
                    code = self.code(connection.receive())
                    out.write(self.RECORD.pack(sent, time.monotonic(), number, code))
                time.sleep(0.003)

    def stop(self):
        os.kill(self.process, signal.SIGTERM)
        _, status = os.waitpid(self.process, 0)
        if status:
            raise AssertionError("whoever asked for verdicts failed")
        return list(self.RECORD.iter_unpack(self.path.read_bytes()))


@contextlib.contextmanager
def short_queue():
    """An agent that starts meanwhile hears of 16 events at a time, and of no more than that there were more."""
    with open(QUEUE, "rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # or two would take each other's 16 for what it was before
        before = QUEUE.read_text()
        if int(before) == QUEUE_LENGTH:  # left behind by one that was killed
            before = QUEUE_DEFAULT
        try:
            QUEUE.write_text(str(QUEUE_LENGTH))
        except OSError:
            yield
            return
        try:
            yield
        finally:
            QUEUE.write_text(before)


SOURCE = """[Store default]
Path={folder}/own
[Source tree]
Path={tree}
Layout={layout}
"""


def start_agent(folder, tree, layout=None):
    """As somebody to whom modes matter. With a layout the tree is a source beside an empty folder of the store's own."""
    folder.mkdir()
    folder.chmod(0o777)
    command = NOBODY if os.geteuid() == 0 else ()
    if not layout:
        return uatrust.Agent(folder, "--store", tree, command=command)
    (folder / "own").mkdir()
    (folder / "uatrustd.conf").write_text(SOURCE.format(folder=folder, tree=tree, layout=layout))
    return uatrust.Agent(folder, "--config", folder / "uatrustd.conf", command=command)


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
            if row.get("origin") == HIDDEN:
                continue
            if kind == "broken":
                self.broken.add(row["origin"])
            reason = row.get("reason", "")
            if reason not in HELD + FOREIGN and not reason.endswith(FOREIGN_REST):
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
        """Without what damaged files are known to have held: which of their CRLs are still there is not said.

        Of a CRL's other places those in judged lists count: with these alone, a fresh agent lists it, too.
        """
        found = set(self.rows)
        for row in self.crls:
            origins = [origin for origin in row["origins"]
                       if origin not in damaged and not NOT_JUDGED & {*origin.split("/")}]
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


def choose_place(seed):
    """Every fifth on a disk, where a deed takes ten times as long; None: where temporary files lie."""
    return MEMORY if seed % 5 and MEMORY.is_dir() else None


class History:
    def __init__(self, seed, stuff, can_mount, n_deeds, n_between):
        self.seed, self.stuff, self.n_deeds, self.n_between = seed, stuff, n_deeds, n_between
        self.layout = LAYOUTS[seed % len(LAYOUTS)]
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="uatrust-history-", dir=choose_place(seed)))
        self.folder.chmod(0o755)
        self.base = self.folder / "tree"
        self.base.mkdir()
        self.deeds = deeds.Deeds(self.base, seed, stuff.certs, stuff.crls, stuff.blocks, stuff.junk, can_mount)
        self.pace = random.Random(seed + 1)
        self.deeds.sleep = lambda: time.sleep(self.pace.random() * 0.01)
        self.deeds.settle = lambda: time.sleep(0.2)
        blocks = {record: number for number, record in enumerate(stuff.blocks.values())}
        self.reader = oracle.Reader(self.base, stuff.beacons, blocks, stuff.certs.values(), os.geteuid() == 0)
        self.timeline = oracle.Timeline(time.monotonic(), self.right(), 0)
        self.journal, self.untold, self.late = [], set(), []
        self.blind_until = 0

    def right(self):
        return self.reader.right(self.deeds.store)

    def is_blind(self):
        return not all(self.reader.may_watch(str(self.deeds.store / role)) for role in deeds.ROLES)

    def live(self, first, end):
        """Some deeds. Between them it is at times quiet, at times not."""
        for number in range(first, end):
            was_blind = self.is_blind()
            begun = time.monotonic()
            tried, what = self.deeds.some_deed(deeds.LAST if number == end - 1 and self.pace.randrange(2) else None)
            ended = time.monotonic()
            meanwhile = set().union(*(MEANWHILE.get(name, {oracle.UNTRUSTED}) for name in tried))
            self.timeline.add(begun, ended, self.right(), number, meanwhile)
            self.journal.append(f"{number} {begun:.4f} {ended - begun:.4f} {tried[-1]} {what}")
            if was_blind or self.deeds.is_untold or self.is_blind():
                self.blind_until = ended + SETTLE_BLIND_S
                self.untold.add(number)
            if self.pace.randrange(4) == 0:
                time.sleep(self.pace.choice((0.001, 0.002, 0.005, 0.01, 0.02, 0.06)))

    def settle(self):
        end = max(time.monotonic() + SETTLE_S, self.blind_until)
        time.sleep(max(0, end - time.monotonic()))

    def judge(self, verdicts):
        """What was wrong with the verdicts that were given meanwhile."""
        changes = oracle.lateness(self.timeline, verdicts, BEACONS, self.untold)
        late = sorted((change for change in changes if change), reverse=True)
        for one in late:
            if one.seconds > SHOWN_S:
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
        fresh = start_agent(self.folder / f"fresh-{len(self.journal)}", self.deeds.store, self.layout)
        try:
            return old.differences(State(fresh, self.stuff.asked))
        finally:
            fresh.stop()

    def run(self):
        """All deeds, and from time to time a look whether the agent knows of them. Returns what is wrong."""
        with short_queue():
            agent = start_agent(self.folder / "old", self.deeds.store, self.layout)
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


def is_late(changes, limit_ms):
    """Whether of all changes more than one in a hundred was seen too late."""
    if not changes:
        return False
    changes = sorted(changes)
    p50, p99 = changes[len(changes) // 2] * 1000, changes[len(changes) * 99 // 100] * 1000
    print(f"{len(changes)} changes; the last verdict of before came after {p50:.0f} ms (p50), {p99:.0f} ms (p99), "
          f"{changes[-1] * 1000:.0f} ms (max)")
    return len(changes) >= ENOUGH and p99 > limit_ms


def read_options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, help="of the first history; by default UATRUST_SEED")
    parser.add_argument("--histories", type=int, default=4)
    parser.add_argument("--deeds", type=int, default=1000)
    parser.add_argument("--between", type=int, help="deeds between two comparisons, by default all")
    parser.add_argument("--jobs", type=int, default=1, help="so many histories at a time")
    parser.add_argument("--late", type=float, default=100, metavar="MS", help="p99 of how late a verdict may be")
    options = parser.parse_args()
    if options.seed is None:
        options.seed = uatrust.seed()
    return options


def may_mount():
    """Asked by each process that does histories: its mounts are its own and its children's."""
    try:
        deeds.own_mounts()
        return True
    except OSError:
        return False


def live_through(seed, options, stuff):
    """One history: what it printed, whether something was wrong, and how late each change was seen."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        history = History(seed, stuff, may_mount(), options.deeds, options.between or options.deeds)
        try:
            faults = history.run()
        except (OSError, AssertionError):
            faults = [traceback.format_exc()]
        if faults:
            print("\n".join([*history.journal[-SHOWN:], *faults[:SHOWN]]))
            print(f"{history.folder} is kept: the agent's log is in old/, what was left of the tree in tree/")
        else:
            shutil.rmtree(history.folder)
    return out.getvalue(), bool(faults), history.late


def main():
    options, stuff = read_options(), Stuff()
    if not os.access(QUEUE, os.W_OK):
        print("SKIPPED: history.py: a queue of 16 events: this process may not shorten it")
    failed, changes = False, []
    with concurrent.futures.ProcessPoolExecutor(options.jobs) as pool:
        if not pool.submit(may_mount).result():
            print("SKIPPED: history.py: deeds with mounts: this process may not mount")
        running = [(seed, pool.submit(live_through, seed, options, stuff))
                   for seed in range(options.seed, options.seed + options.histories)]
        for seed, history in running:
            text, has_faults, late = history.result()
            print(f"--seed {seed} --deeds {options.deeds}" + (f" --between {options.between}" if options.between
                                                                else ""))
            print(text, end="", flush=True)
            failed |= has_faults
            changes += late
    sys.exit(1 if is_late(changes, options.late) or failed else 0)


if __name__ == "__main__":
    main()
