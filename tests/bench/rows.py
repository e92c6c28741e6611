# SPDX-License-Identifier: Apache-2.0
"""The rows of tests/bench/run: each measures, and holds what came out against a goal."""

import base64
import contextlib
import dataclasses
import json
import pathlib
import shutil
import statistics
import subprocess
import tempfile
import threading
import time

import figure
import process
import uatrust
from place import (PROGRAMS, Others, agent_of, copy_of, echo_of, first_unseen, load_once, openssl_once, program,
                   undisturbed)


def result(key, work, goal, value, unit, limit, at_least=False, ours="", peer="", why="", **figures):
    """A row: met if @value is at most (at least) @limit. @ours, @peer: how both came to it; @why: what takes it; as text."""
    return {"key": key, "work": work, "goal": goal, "measured": f"{figure.number(value)} {unit}".strip(), "value": value,
            "limit": limit, "at_least": at_least, "met": bool(value >= limit if at_least else value <= limit),
            "ours": ours, "peer": peer, "why": why, "figures": figures}


def spread(figures, side=""):
    return figure.spread(figures[f"{side}ns"], figures[f"{side}p99_ns"])


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
        with echo_of(place, n_reply) as echo:
            got = program("repeat", agent.socket, echo, "small", place.data / "unseen.der", place.times(40, 12))
    got["reply_bytes"] = n_reply
    return [
        result("repeat-p50", "same request again, socket, p50", "<= 1.3 x echo", got["agent_ns"] / got["echo_ns"],
               "x", 1.3, ours=spread(got, "agent_"), peer="libuv echo: " + spread(got, "echo_"), **got),
        result("repeat-rate", "the same pipelined, one connection", ">= 0.35 x echo's rate",
               got["agent_rate"] / got["echo_rate"], "x", 0.35, at_least=True, ours=figure.rate(got["agent_rate"]),
               peer="libuv echo: " + figure.rate(got["echo_rate"]), **got)]


def judge_unseen(place, large, n):
    """Leaves never seen, of a store with a CRL of 10 and one with more, against OpenSSL in the application's process."""
    with agent_of(place, {name: place.data / name for name in ("crl_10", large)}) as agent:
        return program("unseen", agent.socket, place.data, "crl_10", large, n)


def unseen(place):
    """Leaves never seen, against OpenSSL in the application's process."""
    got = place.once("unseen crl_1000000", lambda: judge_unseen(place, "crl_1000000", place.times(4000, 2000)))
    openssl = "OpenSSL in process: "
    return [
        result("unseen-10", "leaf never seen, CRL of 10, p50", "<= 0.30 x OpenSSL",
               got["small_ns"] / got["openssl_small_ns"], "x", 0.30, ours=spread(got, "small_"),
               peer=openssl + spread(got, "openssl_small_"), **got),
        result("unseen-1000000", "the same, CRL of 1,000,000", "<= 1.1 x row above",
               got["large_ns"] / got["small_ns"], "x", 1.1, ours=spread(got, "large_"),
               peer=f"{openssl}{figure.duration(got['openssl_large_ns'])}, "
                    f"{figure.number(got['openssl_large_ns'] / got['openssl_small_ns'])} x", **got)]


def bus(place):
    """The same request again over D-Bus, against a bare sd-bus call."""
    server = uatrust.Bus(place.folder)
    try:
        with agent_of(place, {"small": place.data / "crl_10"}, f"--bus={server.address}"):
            got = program("bus", server.address, "small", place.data / "unseen.der", place.times(200, 60))
    finally:
        server.stop()
    return [result("bus", "same request again over D-Bus, p50", "<= 1.3 x bare sd-bus call",
                   got["agent_ns"] / got["peer_ns"], "x", 1.3, ours=spread(got, "agent_"),
                   peer="sd-bus: " + spread(got, "peer_"), why="a verdict is encoded by the field table", **got)]


# --- loading ---

def load(place, name, n):
    """Medians of n times, in turns: an agent's start to its first verdict, OpenSSL's reading; memory of the last."""
    agent, peer = [], []
    for _ in range(n):
        agent.append(load_once(place, place.data / name))
        peer.append(openssl_once(place.data / name))
    seconds = [statistics.median(run[0] for run in side) for side in (agent, peer)]
    return {"agent_s": seconds[0], "openssl_s": seconds[1], "agent_all_s": [run[0] for run in agent],
            "openssl_all_s": [run[0] for run in peer], "agent_kib": agent[-1][1], "openssl_kib": peer[-1][1]}


def load_crl(place):
    """A CRL of a million entries, against d2i_X509_CRL() and a look-up; memory over that with a CRL of 10."""
    file_kib = (place.data / "crl_1000000/trusted/crl/ca.crl").stat().st_size / 1024
    got = place.once("load crl_1000000", lambda: load(place, "crl_1000000", place.times(7, 3)))
    base = place.once("load crl_10", lambda: load(place, "crl_10", 1))["agent_kib"]["VmRSS"]
    agent, openssl = got["agent_kib"], got["openssl_kib"]
    resident, peak = agent["VmRSS"] - base, agent["VmHWM"] - base
    return [
        result("crl-load", "CRL of 1,000,000: load, verify, index", "<= 0.25 x OpenSSL's parse",
               got["agent_s"] / got["openssl_s"], "x", 0.25, ours=figure.seconds(got["agent_s"]),
               peer="OpenSSL: " + figure.seconds(got["openssl_s"]), **got),
        result("crl-resident", "the same: resident memory", "<= 1.2 x file", resident / file_kib, "x", 1.2,
               ours=figure.memory(resident),
               peer="OpenSSL: " + figure.memory(openssl["resident_kib"] - openssl["before_kib"]), base_kib=base, **got),
        result("crl-peak", "the same: peak memory", "<= 2.5 x file", peak / file_kib, "x", 2.5,
               ours=figure.memory(peak), peer="OpenSSL: " + figure.memory(openssl["peak_kib"] - openssl["before_kib"]),
               base_kib=base, **got)]


def start(place):
    """Start with 10,000 certificates, against reading and parsing the same files."""
    got = place.once("load certs_10000", lambda: load(place, "certs_10000", place.times(7, 2)))
    return [result("start", "start with 10,000 certificates, CRL of 100,000", "<= 0.25 x OpenSSL's parse",
                   got["agent_s"] / got["openssl_s"], "x", 0.25, ours=figure.seconds(got["agent_s"]),
                   peer="OpenSSL: " + figure.seconds(got["openssl_s"]), **got)]


def swap_all(agent, ready, target, pause_s):
    """Seconds from each rename to the news of it."""
    seconds = []
    with agent.connect() as monitor:
        monitor.send_call("org.uatrust.agent1.Monitor", {"stores": ["large"]}, more=True)
        monitor.receive()
        for path in ready:
            time.sleep(pause_s)
            begun = time.monotonic()
            path.rename(target)
            while not monitor.receive_reply()["event"]["added"]:
                pass
            seconds.append(time.monotonic() - begun)
    return seconds


def swap(place):
    """A CRL of 1,000,000 replaced again and again, while somebody asks all the time."""
    n, pause_s = place.times((8, 5), (2, 1.5))
    source = place.data / "crl_1000000/trusted/crl/ca.crl"
    with copy_of(place, "crl_1000000") as folder, agent_of(place, {"large": folder}) as agent:
        ready = [folder.with_name(f"{folder.name}.{i}") for i in range(n)]
        for i, path in enumerate(ready):
            shutil.copyfile((place.data / "other.crl", source)[i % 2], path)
        asking = [agent.socket, "large", place.data / "unseen.der"]
        agent.validate(first_unseen(place), store="large")
        quiet = program("pause", *asking, int(pause_s))
        pause = uatrust.start([PROGRAMS / "bench-pause", *asking, int((n + 1) * pause_s)], stdout=subprocess.PIPE, text=True)
        seconds = swap_all(agent, ready, folder / "trusted/crl/ca.crl", pause_s)
        got = json.loads(pause.communicate()[0])
        memory = process.memory_kib(agent.process.pid)
    ours = f"p99.99 {figure.duration(got['p9999_ns'])}; the CRL counts after {figure.seconds(statistics.median(seconds))}"
    return [result("crl-swap", f"CRL of 1,000,000 replaced each {pause_s} s: longest answer", "<= 20 ms",
                   got["max_ns"] / 1e6, "ms", 20, ours=ours,
                   peer=f"longest while nothing changes: {figure.duration(quiet['max_ns'])}",
                   quiet=quiet, to_news_s=seconds, **got, **memory)]


# --- what is new ---

SUBSCRIBERS = [1, 10, 100, 1000]


def tell_news(place):
    """One file more in a store of 10,000, to so many subscribers."""
    n = place.times(200, 30)
    news = {}
    with copy_of(place, "certs_10000") as folder, undisturbed() as is_alone, agent_of(place, {"many": folder}) as agent:
        for i, n_subscribers in enumerate(SUBSCRIBERS):
            times = n if n_subscribers in (1, 1000) else n // 5
            news[n_subscribers] = program("news", agent.socket, folder, "many", place.data / "unseen.der", i * n, times,
                                          n_subscribers) | {"is_alone": is_alone}
    return news


def news(place):
    """One file more in a store of 10,000."""
    got = place.once("news", lambda: tell_news(place))
    return [
        result("news-verdict", "one file more among 10,000: rename to new verdict, p99", "<= 5 ms",
               got[1]["p99_ns"] / 1e6, "ms", 5, ours="p50 " + figure.duration(got[1]["p50_ns"]), **got[1]),
        result("news-1000", "the same to the last of 1,000 subscribers, p99", "<= 10 ms", got[1000]["p99_ns"] / 1e6,
               "ms", 10, ours="p50 " + figure.duration(got[1000]["p50_ns"]), **got[1000])]


N_PEERS = 10000


def peers(place):
    """Sessions that are watched, judged again after a change."""
    with copy_of(place, "crl_10") as folder, undisturbed() as is_alone:
        def run(*crl):
            with agent_of(place, {"small": folder}) as agent:
                before = process.memory_kib(agent.process.pid)["VmRSS"]
                got = program("peers", agent.socket, folder, "small", place.data / "unseen.der", N_PEERS,
                              place.times(50, 10), *crl)
                return got, (process.memory_kib(agent.process.pid)["VmRSS"] - before) / N_PEERS
        (all_, kib), (some, _) = run(place.data / "revoked.crl"), run()
    p99 = "p99 {}".format
    return [
        result("peers", "10,000 watched peers re-judged by a new CRL: rename to the last of 100 news, p50", "<= 50 ms",
               all_["p50_ns"] / 1e6, "ms", 50, ours=f"{p99(figure.duration(all_['p99_ns']))}; {kib:.1f} KiB a peer",
               why="they are judged one after another", is_alone=is_alone, kib=kib, **all_),
        result("peers-touched", "the same by blocks that concern just these 100, p50", "<= 10 ms",
               some["p50_ns"] / 1e6, "ms", 10, ours=p99(figure.duration(some["p99_ns"])), is_alone=is_alone, **some)]


def page(place):
    """Is a held verdict still good?"""
    with undisturbed(), agent_of(place, {"small": place.data / "crl_10"}) as agent:
        path = pathlib.Path(agent.socket).with_name("page")
        got = program("page", agent.socket, path, "small", place.data / "unseen.der")
    return [result("page", "is a held verdict still good (page), no system call", "<= 50 ns", got["ns"], "ns", 50, **got)]


def held(place):
    """Verdicts through the library, against an echo of the same sizes."""
    with copy_of(place, "crl_10") as folder, agent_of(place, {"small": folder}) as agent:
        with echo_of(place, count_reply(agent, first_unseen(place))) as echo:
            moved = place.folder / "moved"
            moved.mkdir()
            got = program("held", agent.socket, echo, folder, "small", place.data / "unseen.der", moved, place.times(40, 12))
    peer = "libuv echo: " + spread(got, "echo_")
    return [
        result("library-holds", "the same by uatrust_verdict_holds(), no system call", "<= 50 ns", got["holds_ns"], "ns", 50,
               **got),
        result("library-again", "uatrust_validate() again, nothing changed, no system call", "<= 1 x echo",
               got["again_ns"] / got["echo_ns"], "x", 1, ours=figure.duration(got["again_ns"]), peer=peer, **got),
        result("library-asked", "uatrust_validate() again when the page has moved on, p50", "<= 1.3 x echo",
               got["asked_ns"] / got["echo_ns"], "x", 1.3,
               ours=f"{spread(got, 'asked_')}; {figure.duration(got['peers_ns'])} each of 64 peers after a change, "
                    f"{figure.duration(got['unheld_ns'])} where nothing was held",
               peer=peer, why="finding what was held of the question, and making the verdict, take longer", **got)]


# --- doing nothing ---

# Nobody mounts anything in a namespace of its own; an agent looks whenever somebody does.
ALONE = ["unshare", "--mount", "--propagation", "private", "--"]


def watch_idle(place, folder, is_connected, seconds):
    """Wake-ups in so many seconds, and the memory then, of an agent with 10 certificates."""
    command = ALONE if subprocess.run([*ALONE, "true"], capture_output=True).returncode == 0 else ()
    store = folder / "store"
    shutil.copytree(place.data / "certs_10", store)
    with agent_of(dataclasses.replace(place, folder=folder), {"default": store}, command=command) as agent:
        agent.validate(first_unseen(place))
        with agent.connect() if is_connected else contextlib.nullcontext():
            time.sleep(2)
            before = process.wake_ups(agent.process.pid)
            time.sleep(seconds)
            return process.wake_ups(agent.process.pid) - before, process.memory_kib(agent.process.pid)


class Idle:
    """Two agents that nobody asks anything, one with a client: they are looked at while other rows are measured.

    Each has a folder of its own beside the run's: an agent looks whenever something happens in a folder above.
    """

    def __init__(self, place):
        self.place = place
        self.seconds = place.times(50, 25)  # less than from the start to the sweep after a minute
        self.others = Others()
        self.found = {}
        self.folders = [tempfile.TemporaryDirectory(prefix="uatrust-idle-", dir=place.folder.parent) for _ in range(2)]
        self.threads = [threading.Thread(target=self.run, args=(name, folder.name), daemon=True)
                        for name, folder in zip(("alone", "connected"), self.folders)]
        for thread in self.threads:
            thread.start()

    def run(self, name, folder):
        try:
            self.found[name] = watch_idle(self.place, pathlib.Path(folder), name == "connected", self.seconds)
        except (OSError, RuntimeError, AssertionError) as error:
            self.found[name] = error

    def rows(self):
        for thread in self.threads:
            thread.join()
        for folder in self.folders:
            folder.cleanup()
        for found in self.found.values():
            if isinstance(found, Exception):
                raise found
        (alone, memory), (connected, _) = self.found["alone"], self.found["connected"]
        seconds = self.seconds
        return [
            result("idle-alone", f"idle: wake-ups in {seconds} s without a sweep", "<= 1", alone, "", 1),
            result("idle-connected", f"idle with a client: wake-ups in {seconds} s", "<= 2 a second (lease)", connected,
                   "", 2 * seconds + 3),
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
    for scene in sorted(scenes, key=lambda scene: scene["cpu_s"])[-place.times(5, 2):]:
        for _ in range(2):  # an other program on the same core counts as ours
            again = ask_worst(place, place.data / "worst" / scene["scene"])
            scene["cpu_s"] = min(scene["cpu_s"], again["cpu_s"])
    unit_s = min(unit_s, program("verify") / 1e9)
    dearest = max(scenes, key=lambda scene: scene["cpu_s"])
    largest = max(scenes, key=lambda scene: scene["kib"])
    return [
        result("worst-cpu", f"worst request, CPU: {dearest['scene']}", "<= 2,000 RSA verifications",
               dearest["cpu_s"] / unit_s, "", UNITS_MAX, ours=figure.seconds(dearest["cpu_s"]),
               peer=f"OpenSSL, one: {figure.seconds(unit_s)}", unit_s=unit_s, scenes=scenes),
        result("worst-memory", f"worst request, memory: {largest['scene']}", "<= 16 MiB",
               largest["kib"] / 1024, "MiB", MEMORY_MAX_KIB / 1024, scenes=scenes)]


# --- all of them ---

ROWS = {"repeat": repeat, "unseen": unseen, "bus": bus, "crl": load_crl, "start": start, "news": news, "peers": peers,
        "page": page, "held": held, "swap": swap, "worst": worst}
NAMES = (*ROWS, "idle")


def reason_of(result, others):
    """Why a row is not met, as far as a program can say."""
    over = abs(result["value"] / result["limit"] - 1)
    share = f"{over:.0%} {'below' if result['at_least'] else 'above'} the goal"
    if result["why"]:
        share += f": {result['why']}"
    if others > 0.2:
        return f"{share}; other programs used {others:.1f} cores meanwhile, so measure again when it is calm"
    return f"{share}; on a calm machine"


def take(name, about, measure, others=None):
    """The results of one row; what cannot be measured is not met, with the reason. @others: since it was begun."""
    others, begun = others or Others(), time.monotonic()
    try:
        results = measure()
    except (OSError, RuntimeError, AssertionError, ValueError) as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[-1][:200]
        results = [{"key": name, "work": about, "goal": "", "measured": "failed", "met": False, "reason": reason,
                    "ours": "", "peer": "", "figures": {}}]
    cores = others.cores()
    for result in results:
        result |= {"others_cores": round(cores, 2), "took_s": round(time.monotonic() - begun, 2)}
        if not result["met"] and "reason" not in result:
            result["reason"] = reason_of(result, cores)
    return results


def measure(place, wanted):
    """All results whose row was asked for."""
    def is_wanted(name):
        return not wanted or any(word in name for word in wanted)

    results = []
    idle = Idle(place) if is_wanted("idle") else None
    for name, row in ROWS.items():
        if is_wanted(name):
            results += take(name, row.__doc__, lambda row=row: row(place))
    if idle:
        results += take("idle", Idle.__doc__.splitlines()[0], idle.rows, idle.others)
    return results
