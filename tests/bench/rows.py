# SPDX-License-Identifier: Apache-2.0
"""The rows of tests/bench/run: each measures, and holds what came out against a goal."""

import base64
import contextlib
import dataclasses
import json
import os
import pathlib
import shutil
import statistics
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

    def times(self, usual, quick):
        return quick if self.quick else usual


def result(key, work, goal, value, unit, limit, at_least=False, beside="", **figures):
    """A row: met if @value is at most (at least) @limit. @beside is printed behind the value."""
    return {"key": key, "work": work, "goal": goal, "measured": f"{value:.3g} {unit}{beside}", "value": value,
            "met": value >= limit if at_least else value <= limit, "figures": figures}


def program(name, *arguments):
    """What bench-NAME printed, read as JSON."""
    done = subprocess.run([PROGRAMS / f"bench-{name}", *map(str, arguments)], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"bench-{name}: {done.stderr.strip()}")
    return json.loads(done.stdout)


@contextlib.contextmanager
def agent_of(place, stores, *arguments):
    """An agent with stores, name: folder; ended afterwards. What it noted of whom it refused is removed."""
    config = place.folder / "uatrustd.conf"
    config.write_text("".join(f"[Store {name}]\nPath={path}\n" for name, path in stores.items()))
    notes = [folder for folder in (path / "rejected" for path in stores.values()) if not folder.exists()]
    agent = uatrust.Agent(place.folder, "--config", config, *arguments)
    try:
        yield agent
    finally:
        agent.stop()
        for folder in notes:
            shutil.rmtree(folder, ignore_errors=True)


def first_unseen(place):
    """One certificate that lies in no store."""
    der = (place.data / "unseen.der").read_bytes()
    return der[:int.from_bytes(der[2:4], "big") + 4]


# --- asked over the socket ---

def count_reply(agent, der):
    """Bytes of the reply to a question about @der, its NUL counted."""
    with agent.connect() as connection:
        connection.send_call("org.uatrust.agent1.Validate", {
            "certificates": [base64.b64encode(der).decode()], "purpose": "client", "store": "small",
            "securityPolicyUri": "http://opcfoundation.org/UA/SecurityPolicy#Basic256Sha256"})
        return len(connection.receive()) + 1


def repeat(place):
    """The same request again, against an echo of the same sizes."""
    with agent_of(place, {"small": place.data / "crl_10"}) as agent:
        n_reply = count_reply(agent, first_unseen(place))
        echo = place.folder / "echo"
        peer = subprocess.Popen([PROGRAMS / "bench-echo", echo, str(n_reply)])
        try:
            uatrust.eventually(echo.exists, "the echo listens")
            got = program("repeat", agent.socket, echo, "small", place.data / "unseen.der", place.times(40, 8))
        finally:
            uatrust.stop(peer)
            echo.unlink()
    got["reply_bytes"] = n_reply
    return [
        result("repeat-p50", "same request again, socket, p50", "<= 1.3 x echo", got["agent_ns"] / got["echo_ns"],
               "x", 1.3, **got),
        result("repeat-rate", "the same pipelined, one connection", ">= 0.35 x echo's rate",
               got["agent_rate"] / got["echo_rate"], "x", 0.35, at_least=True, **got)]


def unseen(place):
    """Leaves never seen, against OpenSSL in the application's process."""
    with agent_of(place, {"crl_10": place.data / "crl_10", "crl_1000000": place.data / "crl_1000000"}) as agent:
        got = program("unseen", agent.socket, place.data, "crl_10", "crl_1000000")
    return [
        result("unseen-10", "leaf never seen, CRL of 10, p50", "<= 0.30 x OpenSSL",
               got["small_ns"] / got["openssl_small_ns"], "x", 0.30, **got),
        result("unseen-1000000", "leaf never seen, CRL of 1,000,000, p50", "<= 1.1 x row above",
               got["large_ns"] / got["small_ns"], "x", 1.1, **got)]


# --- loading ---

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
    start = time.perf_counter()
    got = program("openssl", folder)
    return time.perf_counter() - start, got


def alternate(place, folder, n):
    """Medians of agent's and peer's seconds, and all the memory figures of the last."""
    agent, peer = [], []
    for _ in range(n):
        agent.append(load_once(place, folder))
        peer.append(openssl_once(folder))
    seconds = [statistics.median(run[0] for run in side) for side in (agent, peer)]
    return {"agent_s": seconds[0], "openssl_s": seconds[1], "agent_kib": agent[-1][1], "openssl_kib": peer[-1][1]}


def load_crl(place):
    """A CRL of a million entries, against d2i_X509_CRL() and a look-up; memory over that with a CRL of 10."""
    folder = place.data / "crl_1000000"
    file_kib = (folder / "trusted/crl/ca.crl").stat().st_size / 1024
    got = alternate(place, folder, place.times(7, 3))
    _, base = load_once(place, place.data / "crl_10")
    resident = (got["agent_kib"]["VmRSS"] - base["VmRSS"]) / file_kib
    peak = (got["agent_kib"]["VmHWM"] - base["VmRSS"]) / file_kib
    return [
        result("crl-load", "CRL of 1,000,000: load, verify, index", "<= 0.25 x OpenSSL's parse",
               got["agent_s"] / got["openssl_s"], "x", 0.25, **got),
        result("crl-resident", "the same: resident memory", "<= 1.2 x file", resident, "x", 1.2, base=base, **got),
        result("crl-peak", "the same: peak memory", "<= 2.5 x file", peak, "x", 2.5, base=base, **got)]


SWAP_S = 5


def swap(place):
    """A CRL of 1,000,000 replaced again and again, while somebody asks all the time."""
    n = place.times(8, 2)
    source = place.data / "crl_1000000/trusted/crl/ca.crl"
    with copy_of(place, "crl_1000000") as folder, agent_of(place, {"large": folder}) as agent:
        ready = [folder.with_name(f"{folder.name}.{i}") for i in range(n)]
        for i, path in enumerate(ready):
            shutil.copyfile((place.data / "other.crl", source)[i % 2], path)
        agent.validate(first_unseen(place), store="large")
        quiet = program("pause", agent.socket, "large", place.data / "unseen.der", SWAP_S)
        pause = subprocess.Popen([PROGRAMS / "bench-pause", agent.socket, "large", place.data / "unseen.der",
                                  str((n + 1) * SWAP_S)], stdout=subprocess.PIPE, text=True)
        seconds = []
        with agent.connect() as monitor:
            monitor.send_call("org.uatrust.agent1.Monitor", {"stores": ["large"]}, more=True)
            monitor.receive()
            for path in ready:
                time.sleep(SWAP_S)
                begun = time.monotonic()
                path.rename(folder / "trusted/crl/ca.crl")
                while not monitor.receive_reply()["event"]["added"]:
                    pass
                seconds.append(time.monotonic() - begun)
        got = json.loads(pause.communicate()[0])
        memory = process.memory_kib(agent.process.pid)
    got |= {"quiet": quiet, "to_news_s": seconds, **memory}
    beside = (f" (p99.99 {got['p9999_ns'] / 1e6:.2g}, longest while nothing changes {quiet['max_ns'] / 1e6:.2g}; "
              f"the CRL counts after {statistics.median(seconds):.2g} s)")
    return [result("crl-swap", f"CRL of 1,000,000 replaced each {SWAP_S} s: longest answer", "<= 20 ms",
                   got["max_ns"] / 1e6, "ms", 20, beside=beside, **got)]


def start(place):
    """Start with 10,000 certificates, against reading and parsing the same files."""
    got = alternate(place, place.data / "certs_10000", place.times(7, 3))
    return [result("start", "start with 10,000 certificates, CRL of 100,000", "<= 0.25 x OpenSSL's parse",
                   got["agent_s"] / got["openssl_s"], "x", 0.25, **got)]


# --- what is new, and doing nothing ---

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


@contextlib.contextmanager
def copy_of(place, name):
    """A copy of a store that may be changed. Not in /tmp: the agent is told of all that happens in folders above."""
    folder = place.data / f"{name}.copy"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(place.data / name, folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def news(place):
    """One file more in a store of 10,000."""
    n = place.times(200, 60)
    with copy_of(place, "certs_10000") as folder, undisturbed() as is_alone, agent_of(place, {"many": folder}) as agent:
        def run(n_subscribers):
            return program("news", agent.socket, folder, "many", place.data / "unseen.der", n, n_subscribers)
        one, thousand = run(1), run(1000)
    return [
        result("news-verdict", "one file more among 10,000: rename to new verdict, p99", "<= 5 ms",
               one["p99_ns"] / 1e6, "ms", 5, beside=f" (p50 {one['p50_ns'] / 1e6:.1f})", is_alone=is_alone, **one),
        result("news-1000", "the same to the last of 1,000 subscribers, p99", "<= 10 ms",
               thousand["p99_ns"] / 1e6, "ms", 10, beside=f" (p50 {thousand['p50_ns'] / 1e6:.1f})",
               is_alone=is_alone, **thousand)]


N_PEERS = 10000


def peers(place):
    """Sessions that are watched, judged again after a change."""
    with copy_of(place, "crl_10") as folder, undisturbed() as is_alone:
        def run(touched):
            with agent_of(place, {"small": folder}) as agent:
                before = process.memory_kib(agent.process.pid)["VmRSS"]
                got = program("peers", agent.socket, folder, "small", place.data / "unseen.der", N_PEERS,
                              place.times(50, 10), touched)
                return got, (process.memory_kib(agent.process.pid)["VmRSS"] - before) / N_PEERS
        (all_, kib), (some, _) = run("all"), run("some")
    return [
        result("peers", "10,000 watched peers re-judged after a change: rename to the last of 100 news, p50", "<= 50 ms",
               all_["p50_ns"] / 1e6, "ms", 50, beside=f" (p99 {all_['p99_ns'] / 1e6:.1f}), {kib:.1f} KiB a peer",
               is_alone=is_alone, kib=kib, **all_),
        result("peers-touched", "the same where the change concerns just these 100, p50", "<= 10 ms",
               some["p50_ns"] / 1e6, "ms", 10, beside=f" (p99 {some['p99_ns'] / 1e6:.1f})", is_alone=is_alone, **some)]


def page(place):
    """Is a held verdict still good?"""
    with undisturbed(), agent_of(place, {"small": place.data / "crl_10"}) as agent:
        path = pathlib.Path(agent.socket).with_name("page")
        got = program("page", agent.socket, path, "small", place.data / "unseen.der")
    return [result("page", "is a held verdict still good", "<= 50 ns", got["ns"], "ns", 50, **got)]


def bus(place):
    """The same request again over D-Bus, against a bare sd-bus call."""
    server = uatrust.Bus(place.folder)
    try:
        with agent_of(place, {"small": place.data / "crl_10"}, f"--bus={server.address}"):
            got = program("bus", server.address, "small", place.data / "unseen.der", place.times(200, 60))
    finally:
        server.stop()
    return [result("bus", "same request again over D-Bus, p50", "<= 1.3 x bare sd-bus call",
                   got["agent_ns"] / got["peer_ns"], "x", 1.3, **got)]


IDLE_S = 12


def idle(place):
    """What an agent of 10 certificates does and holds while nobody asks it anything."""
    seconds = place.times(3 * IDLE_S, IDLE_S)
    with agent_of(place, {"default": place.data / "certs_10"}) as agent:
        time.sleep(2)
        before = process.wake_ups(agent.process.pid)
        time.sleep(seconds)
        alone = process.wake_ups(agent.process.pid) - before
        with agent.connect() as connection:
            connection.validate(first_unseen(place))
            time.sleep(1)
            before = process.wake_ups(agent.process.pid)
            time.sleep(seconds)
            connected = process.wake_ups(agent.process.pid) - before
        memory = process.memory_kib(agent.process.pid)
    return [
        result("idle-alone", f"idle: wake-ups in {seconds} s", "<= 1 (sweep)", alone, "", 1),
        result("idle-connected", f"idle with a client: wake-ups in {seconds} s", "<= 2 a second (lease)", connected, "",
               2 * seconds + 3),
        result("idle-memory", "private memory with 10 certificates", "<= 4 MB", memory["anonymous"] * 1024 / 1e6,
               "MB", 4, **memory)]


# --- the worst ---

UNITS_MAX = 2000
MEMORY_MAX_KIB = 16 * 1024


def ask_worst(place, scene):
    """CPU seconds and KiB of memory that one question costs an agent that has not heard it before."""
    frame = (scene / "request.json").read_bytes()
    with agent_of(place, {"default": scene / "store"}) as agent:
        agent.validate(b"\x30\x00")
        pid = agent.process.pid
        before = process.forget_peak(pid)
        cpu = process.cpu_s(pid)
        with agent.connect() as connection:
            connection.send(frame)
            reply = connection.receive()
        cost = process.cpu_s(pid) - cpu
        memory = process.memory_kib(pid)["VmHWM"] - before
    return {"scene": scene.name, "cpu_s": cost, "kib": memory, "reply": (reply or b"closed").decode()[:2000]}


def worst(place):
    """What any question costs at most, in verifications of one RSA-2048 signature."""
    unit_s = program("verify") / 1e9
    scenes = [ask_worst(place, scene) for scene in sorted((place.data / "worst").iterdir())]
    for scene in sorted(scenes, key=lambda scene: scene["cpu_s"])[-5:]:
        for _ in range(2):  # an other program on the same core counts as ours
            again = ask_worst(place, place.data / "worst" / scene["scene"])
            scene["cpu_s"] = min(scene["cpu_s"], again["cpu_s"])
    unit_s = min(unit_s, program("verify") / 1e9)
    dearest = max(scenes, key=lambda scene: scene["cpu_s"])
    largest = max(scenes, key=lambda scene: scene["kib"])
    return [
        result("worst-cpu", f"worst request, CPU: {dearest['scene']}", "<= 2,000 RSA verifications",
               dearest["cpu_s"] / unit_s, "", UNITS_MAX, unit_s=unit_s, scenes=scenes),
        result("worst-memory", f"worst request, memory: {largest['scene']}", "<= 16 MiB",
               largest["kib"] / 1024, "MiB", MEMORY_MAX_KIB / 1024, scenes=scenes)]


ROWS = {"repeat": repeat, "unseen": unseen, "bus": bus, "crl": load_crl, "swap": swap, "start": start, "news": news,
        "peers": peers, "page": page, "idle": idle, "worst": worst}


def measure(place, wanted):
    """All results whose row was asked for; a row that cannot be measured is not met, with the reason."""
    results = []
    for key, row in ROWS.items():
        if wanted and not any(word in key for word in wanted):
            continue
        try:
            results += row(place)
        except (OSError, RuntimeError, AssertionError) as error:
            reason = str(error).strip().splitlines()[-1][:120]
            results.append({"key": key, "work": row.__doc__, "goal": "", "measured": f"failed: {reason}", "met": False})
    return results


# --- growth ---

STORES = ["certs_10", "certs_1000", "certs_10000", "crl_10", "crl_100000", "crl_1000000"]


def growth(place):
    """What grows with a store: seconds from the start to the first verdict, and memory in KiB then."""
    table = []
    for name in STORES:
        runs = [load_once(place, place.data / name) for _ in range(place.times(5, 1))]
        memory = runs[-1][1]
        table.append({"store": name, "start_s": statistics.median(run[0] for run in runs),
                      "resident_kib": memory["VmRSS"], "peak_kib": memory["VmHWM"]})
    return table
