# SPDX-License-Identifier: Apache-2.0
"""Where the benchmarks work, and what they start there: programs, agents, copies of stores."""

import contextlib
import dataclasses
import json
import os
import pathlib
import resource
import shutil
import subprocess
import time

import process
import uatrust

PROGRAMS = uatrust.BUILD / "tests/bench"


@dataclasses.dataclass
class Place:
    """Where a run works: the data, a folder that it may write to, and whether it has to be quick."""
    data: pathlib.Path
    folder: pathlib.Path
    quick: bool
    known: dict = dataclasses.field(default_factory=dict)

    def once(self, key, measure):
        """What measure() found, now or when it was first asked for."""
        if key not in self.known:
            self.known[key] = measure()
        return self.known[key]

    def times(self, usual, quick):
        return quick if self.quick else usual


def program(name, *arguments):
    """What bench-NAME printed, read as JSON."""
    done = subprocess.run([PROGRAMS / f"bench-{name}", *map(str, arguments)], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"bench-{name}: {done.stderr.strip()}")
    return json.loads(done.stdout)


@contextlib.contextmanager
def agent_of(place, stores, *arguments, **more):
    """An agent with stores, name: folder; ended afterwards. What it noted of whom it refused is removed."""
    config = place.folder / "uatrustd.conf"
    config.write_text("".join(f"[Store {name}]\nPath={path}\n" for name, path in stores.items()))
    notes = [folder for folder in (path / "rejected" for path in stores.values()) if not folder.exists()]
    agent = uatrust.Agent(place.folder, "--config", config, *arguments, **more)
    try:
        yield agent
    finally:
        agent.stop()
        for folder in notes:
            shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def echo_of(place, n_reply):
    """A bare libuv echo whose replies have so many bytes: its socket."""
    path = place.folder / "echo"
    peer = uatrust.start([PROGRAMS / "bench-echo", path, n_reply])
    try:
        uatrust.eventually(path.exists, "the echo listens")
        yield path
    finally:
        uatrust.stop(peer)
        path.unlink()


@contextlib.contextmanager
def copy_of(place, name):
    """A copy of a store that may be changed. Not in /tmp: the agent is told of all that happens in folders above."""
    folder = place.data / f"{name}.copy"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(place.data / name, folder, copy_function=shutil.copyfile)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@contextlib.contextmanager
def undisturbed():
    """For milliseconds that are not held against a peer: before all other programs, where we may (root)."""
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    except PermissionError:
        yield False
        return
    try:
        yield True
    finally:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


def first_unseen(place):
    """One certificate that lies in no store."""
    der = (place.data / "unseen.der").read_bytes()
    return der[:int.from_bytes(der[2:4], "big") + 4]


def load_once(place, folder):
    """Seconds from an agent's start to its first verdict, and its memory in KiB then."""
    der = first_unseen(place)
    start = time.perf_counter()
    with agent_of(place, {"default": folder}) as agent:
        agent.validate(der)
        took = time.perf_counter() - start
        memory = process.memory_kib(agent.process.pid)
    return took, memory


def openssl_once(folder):
    """Seconds of a process that reads and parses the same files, and what it says."""
    start = time.perf_counter()
    got = program("openssl", folder)
    return time.perf_counter() - start, got


class Others:
    """How much of the machine other programs used while something was measured."""

    def __init__(self):
        self.begun = time.monotonic()
        self.busy_s = self.busy()

    @staticmethod
    def busy():
        """CPU seconds of everybody but us and our children that have ended."""
        fields = [int(field) for field in pathlib.Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]
        user, nice, system, _, _, irq, softirq, steal = fields[:8]
        ours = sum(usage.ru_utime + usage.ru_stime
                   for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))
        return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK") - ours

    def cores(self):
        """So many of all cores, on average."""
        took = time.monotonic() - self.begun
        return max(0.0, (self.busy() - self.busy_s) / took) if took else 0.0
