# SPDX-License-Identifier: Apache-2.0
"""What test scripts share: a minted PKI, a store on disk, a running agent, a private bus, a Varlink connection.

Run by ctest, which sets UATRUST_BUILD; standard library only.
"""

import base64
import json
import os
import pathlib
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
import unittest

BUILD = pathlib.Path(os.environ.get("UATRUST_BUILD", "build/dev")).resolve()
SOURCE = pathlib.Path(__file__).resolve().parents[2]
AGENT = BUILD / "agent/uatrustd"
TOOL = BUILD / "client-lib/uatrust"
UNDER = os.environ.get("UATRUST_UNDER", "").split()  # what the agent runs under, such as valgrind
WAIT_S = 20
SKIP_CODE = 77
NOBODY = 65534

STATUS = {
    "BadCertificateInvalid": 0x80120000, "BadSecurityChecksFailed": 0x80130000,
    "BadCertificateTimeInvalid": 0x80140000, "BadCertificateUntrusted": 0x801A0000,
    "BadCertificateRevocationUnknown": 0x801B0000, "BadCertificateRevoked": 0x801D0000,
    "BadCertificateChainIncomplete": 0x810D0000, "Good": 0,
}


class Skipped(unittest.SkipTest, SystemExit):
    """Within a TestCase one test is left out, or a class of them; elsewhere the program ends."""

    def __init__(self, reason):
        super().__init__(reason)
        self.code = SKIP_CODE


def skip(reason):
    """Leaves out what is going on, loudly: tests/run lists these lines."""
    print(f"SKIPPED: {os.path.basename(sys.argv[0])}: {reason}", flush=True)
    raise Skipped(reason)


def need(program):
    """Its path; skips where it is not installed."""
    return shutil.which(program) or skip(f"no {program}")


def need_root(can):
    if os.geteuid() != 0:
        skip(f"only root can {can}")


def main(argv=None):
    """unittest.main() that tells when all was left out."""
    result = unittest.main(argv=argv, exit=False, verbosity=2).result
    n_skipped = sum(isinstance(test, unittest.TestCase) for test, _ in result.skipped)  # and not a class of them
    if not result.wasSuccessful():
        sys.exit(1)
    sys.exit(SKIP_CODE if n_skipped == result.testsRun else 0)


def node(least):
    """The program node of at least that major version; skips where there is none."""
    program = need("node")
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if int(version.lstrip("v").split(".")[0]) < least:
        skip(f"node is {version}, at least {least} is needed")
    return program


def seed():
    """Of what a test does at random, printed: UATRUST_SEED; else 1, so that what fails is the change's doing; with
    UATRUST_LONG another one each time."""
    found = int(os.environ.get("UATRUST_SEED", time.time_ns() % (1 << 32) if os.environ.get("UATRUST_LONG") else 1))
    print(f"UATRUST_SEED={found}", flush=True)
    return found


def corpora():
    """The folder of foreign test data; skips where there is none."""
    folder = pathlib.Path(os.environ.get("UATRUST_CORPORA", SOURCE.parent / "shared/corpora"))
    if not folder.is_dir():
        skip(f"no foreign test data at {folder}; UATRUST_CORPORA names the folder")
    return folder


def mint(spec):
    """File name -> bytes of what tests/harness/minter.c makes of the spec."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([BUILD / "tests/minter", folder], input=spec, text=True, check=True)
        return {path.name: path.read_bytes() for path in pathlib.Path(folder).iterdir()}


def folder_for(test, **where):
    """A folder that goes with that test, or with a class of tests; where: as of TemporaryDirectory."""
    folder = tempfile.TemporaryDirectory(**where)
    (test.addClassCleanup if isinstance(test, type) else test.addCleanup)(folder.cleanup)
    return pathlib.Path(folder.name)


def replace(path, data):
    """Writes a file as careful programs do: beside its place, then renamed over it."""
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.new")
    temporary.write_bytes(data)
    temporary.rename(path)


def eventually(holds, what):
    """Waits until holds() is true and returns what it returned."""
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        result = holds()
        if result:
            return result
        time.sleep(0.01)
    raise AssertionError(f"in {WAIT_S} s it did not come about that {what}")


def start(command, **more):
    """Starts a child that does not outlive this process."""
    return subprocess.Popen(["setpriv", "--pdeathsig", "KILL", "--", *map(str, command)], **more)


def faketime(**settings):
    """The environment of a program that has its time from libfaketime."""
    library = next(pathlib.Path("/usr").glob("lib*/**/faketime/libfaketime.so.1"), None) or skip("no libfaketime")
    asan = ":".join(filter(None, (os.environ.get("ASAN_OPTIONS"), "verify_asan_link_order=0")))
    return {"LD_PRELOAD": str(library), "ASAN_OPTIONS": asan, **settings}


def wrong_clock(**settings):
    """The command of an Agent whose clock of the day is libfaketime's."""
    environment = faketime(FAKETIME_DONT_FAKE_MONOTONIC="1", DONT_FAKE_MONOTONIC="1", **settings)
    return ["env", *(f"{name}={value}" for name, value in environment.items())]


def as_nobody():
    """How to start a child as somebody to whom files can be unreadable; skips a test where he cannot reach the agent."""
    if os.geteuid() != 0:
        return {}
    for path in (AGENT, *AGENT.resolve().parents):
        if not path.stat().st_mode & stat.S_IXOTH:
            skip(f"nobody but root may look into {path}")
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []}


def stop(process):
    """Ends a child process; returns its exit code."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        return process.wait(WAIT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise


class Bus:
    """A bus of its own, on which everybody may do everything."""

    CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
        "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
    <busconfig><type>{type}</type><listen>unix:path={socket}</listen><auth>EXTERNAL</auth>
      <policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/>
        <allow own="*"/></policy></busconfig>"""

    def __init__(self, folder, kind="session"):
        daemon = need("dbus-daemon")
        self.path = pathlib.Path(folder, "bus")
        self.address = f"unix:path={self.path}"
        config = pathlib.Path(folder, "bus.conf")
        config.write_text(self.CONFIG.format(type=kind, socket=self.path))
        self.process = start([daemon, f"--config-file={config}", "--nofork", "--nopidfile", "--nosyslog"])
        eventually(self.path.exists, "the bus listens")

    def call(self, path, interface, method, signature="", *arguments):
        """The reply's values as busctl writes them in JSON; None for an empty reply."""
        command = ["busctl", f"--address={self.address}", "--json=short", "--timeout=20", "--", "call", "org.uatrust.Agent1",
                   path, interface, method] + ([signature, *map(str, arguments)] if signature else [])
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise BusError(done.stderr.strip())
        return json.loads(done.stdout)["data"] if done.stdout.strip() else None

    def stop(self):
        stop(self.process)
        self.path.unlink(missing_ok=True)


class BusError(Exception):
    pass


class Agent:
    """A running uatrustd: Agent(folder, "--store", ...) has its socket at folder/agent and no bus unless told.

    ready=False does not wait for READY=1, for agents that are to fail; command stands before it, to run it
    differently; process: more of subprocess.Popen.
    """

    def __init__(self, folder, *arguments, ready=True, command=(), **process):
        self.socket = str(pathlib.Path(folder, "agent"))
        arguments = [str(argument) for argument in arguments]
        if not any(argument.startswith("--bus") for argument in arguments):
            arguments.append("--bus=none")
        notify = pathlib.Path(folder, "notify")
        notify.unlink(missing_ok=True)
        self.log = pathlib.Path(folder, "agent.log")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver, open(self.log, "ab") as log:
            receiver.bind(str(notify))
            notify.chmod(0o777)
            self.process = start([*command, *UNDER, AGENT, "--socket", self.socket, *arguments], stderr=log, stdout=log,
                                 env={**os.environ, "NOTIFY_SOCKET": str(notify)}, **process)
            if ready:
                self.wait_ready(receiver)

    def wait_ready(self, receiver):
        receiver.settimeout(0.1)
        end = time.monotonic() + WAIT_S
        while time.monotonic() < end:
            try:
                if "READY=1" in receiver.recv(4096).decode().split("\n"):
                    return
            except TimeoutError:
                if self.process.poll() is not None:
                    break
        self.process.kill()
        self.process.wait()
        raise AssertionError(f"the agent did not get ready:\n{self.log.read_text()}")

    def connect(self):
        return Varlink(self.socket)

    def validate(self, *certificates, **more):
        """The verdict on DER certificates, the one in question first."""
        end = time.monotonic() + (WAIT_S if UNDER else 0)
        while True:
            try:
                with self.connect() as connection:
                    return connection.validate(*certificates, **more)
            except VarlinkError as error:  # what the agent runs under is too slow for MaxDoubt=
                if not error.name.endswith(".StoreInDoubt") or time.monotonic() >= end:
                    raise

    def status(self, *certificates, **more):
        """The verdict's statusName; or what error there is in its place, such as StoreInDoubt on a busy machine."""
        try:
            return self.validate(*certificates, **more)["statusName"]
        except VarlinkError as error:
            return error.name.rpartition(".")[2]

    def is_alive(self):
        return self.process.poll() is None

    def stop(self):
        """Ends it; whatever is no clean end (a sanitizer's report, too) is an error."""
        code = stop(self.process)
        if code:
            raise AssertionError(f"the agent ended with {code}:\n{self.log.read_text()}")


class VarlinkError(Exception):
    def __init__(self, name, parameters):
        super().__init__(f"{name} {json.dumps(parameters)}")
        self.name = name
        self.parameters = parameters


class Varlink:
    """A connection to a Varlink service: frames as they are, and calls."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(WAIT_S)
        self.socket.connect(path)
        self.received = b""

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.socket.close()

    def send(self, frame):
        self.socket.sendall(frame)

    def receive(self):
        """The next frame without its NUL; None if the other side has closed."""
        while b"\0" not in self.received:
            try:
                more = self.socket.recv(65536)
            except ConnectionResetError:
                more = b""
            if not more:
                return None
            self.received += more
        frame, _, self.received = self.received.partition(b"\0")
        return frame

    def send_call(self, method, parameters=None, **flags):
        call = {"method": method, "parameters": parameters or {}, **flags}
        self.send(json.dumps(call).encode() + b"\0")

    def receive_reply(self):
        frame = self.receive()
        if frame is None:
            raise ConnectionError("closed")
        reply = json.loads(frame)
        if "error" in reply:
            raise VarlinkError(reply["error"], reply.get("parameters"))
        return reply["parameters"]

    def call(self, method, parameters=None, **flags):
        self.send_call(method, parameters, **flags)
        return self.receive_reply()

    def validate(self, *certificates, purpose="client", **more):
        parameters = {"certificates": [base64.b64encode(der).decode() for der in certificates], "purpose": purpose,
                      **more}
        return self.call("org.uatrust.agent1.Validate", parameters)["verdict"]
