#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What takes longer than a second says on a terminal how far it is, at every verb that waits; and nowhere else."""

import concurrent.futures
import contextlib
import json
import os
import pty
import socket
import subprocess
import threading
import time
import unittest

import plant
import uatrust

DELAY_S = 1.3  # of each answer
NOTHING = {"store": "default", "agentId": "a", "generation": 1}
UPDATE = {"update": {**NOTHING, "changed": False, "added": [], "removed": [], "fallen": []}}
VERDICT = {"verdict": {**NOTHING, "trusted": True, "statusCode": 0, "statusName": "Good", "wireStatusCode": 0, "wireStatusName": "Good",
                       "findings": [], "notChecked": [], "chain": [], "validUntil": None, "auditEventId": None}}
REPLIES = {
    "GetInfo": {"vendor": "v", "product": "p", "version": "1", "url": "u", "interfaces": []},
    "ListStores": {"agentId": "a", "stores": []}, "ListWeakenings": {"weakenings": []},
    "ListCertificates": {**NOTHING, "certificates": [], "broken": [], "next": None},
    "ListCrls": {**NOTHING, "crls": [], "next": None}, "ListBlocks": {**NOTHING, "blocks": [], "next": None},
    "ListRejected": {**NOTHING, "rejected": [], "next": None}, "Validate": VERDICT, "Reload": {},
    "Block": UPDATE, "Unblock": UPDATE, "RemoveCertificate": UPDATE, "TrustRejected": UPDATE,
    "BeginUpdate": {"updateId": "u"}, "AddToUpdate": {}, "ApplyUpdate": UPDATE, "CancelUpdate": {},
    "ReadTrustList": {**NOTHING, "trustedCertificates": [], "trustedCrls": [], "issuerCertificates": [], "issuerCrls": [],
                      "stateHash": "", "next": None},
}
ONE, OTHER = "ab" * 32, "cd" * 32
WAITING = r"\rwaiting for the agent(: [1-9] s)?\x1b\[K"

# Arguments, and what is told on the way.
ROWS = [
    (["list"], WAITING), (["list", "crls"], WAITING), (["list", "blocks"], WAITING), (["rejected"], WAITING), (["status"], WAITING),
    (["reload"], WAITING), (["show", ONE], WAITING), (["export", "out"], WAITING),
    (["block", "--yes", ONE], WAITING), (["untrust", "--dry-run", "abababab"], WAITING),
    (["block", "--yes", ONE, OTHER], r"\rchanging: [01] of 2\x1b\[K"), (["trust", "--yes", ONE, OTHER], r"\rchanging: [01] of 2\x1b\[K"),
    (["validate", "pump.der", "pump.der"], r"\rjudging: [01] of 2\x1b\[K"),
    (["import", "--dry-run", "pump.der"], WAITING),
    (["import", "--dry-run", "--replace", "big1.crl", "big2.crl"], r"\rsending: [12] of 2\x1b\[K"),
]

# More than is sent at once.
BIG = "".join(f"[crl big{i}]\nissuer = plant\nnumber = 0{i}\n{{times}}\nfiller = 40000\n" for i in (1, 2))


class SlowAgent(threading.Thread):
    def __init__(self, path):
        super().__init__(daemon=True)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen()

    def run(self):
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=[connection], daemon=True).start()

    def serve(self, connection):
        data = b""
        with connection:
            while chunk := connection.recv(1 << 20):
                data += chunk
                while b"\0" in data:
                    message, data = data.split(b"\0", 1)
                    method = json.loads(message)["method"].rsplit(".", 1)[1]
                    time.sleep(DELAY_S)
                    reply = {"parameters": REPLIES[method]} if method in REPLIES else {
                        "error": "org.varlink.service.MethodNotFound", "parameters": {"method": method}}
                    connection.sendall(json.dumps(reply).encode() + b"\0")


class Progress(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = uatrust.folder_for(cls)
        for name, content in plant.make(BIG).items():
            (cls.folder / name).write_bytes(content)
        socket_path = str(cls.folder / "agent")
        SlowAgent(socket_path).start()
        cls.environment = {**os.environ, "UATRUST_SOCKET": socket_path, "UATRUST_ADMIN_SOCKET": socket_path, "TERM": "xterm", "LC_ALL": "C"}

    def run_on_terminal(self, *arguments, **environment):
        """Its exit code, and what stood on the terminal that is its stderr."""
        outer, inner = pty.openpty()
        tool = uatrust.start([uatrust.TOOL, *arguments], env={**self.environment, **environment}, cwd=self.folder,
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=inner)
        os.close(inner)
        told = b""
        with contextlib.suppress(OSError):  # which says that nobody has it open any more
            while chunk := os.read(outer, 65536):
                told += chunk
        os.close(outer)
        printed, _ = tool.communicate(timeout=60)
        return subprocess.CompletedProcess(arguments, tool.returncode, printed), told.decode()

    def test_every_verb_that_waits_says_so_to_a_terminal(self):
        with concurrent.futures.ThreadPoolExecutor(len(ROWS)) as pool:
            runs = list(pool.map(lambda row: self.run_on_terminal(*row[0]), ROWS))
        for (arguments, words), (done, told) in zip(ROWS, runs):
            with self.subTest(arguments):
                self.assertRegex(told, words)
                self.assertNotIn("\r", told[told.rindex("\r\x1b[K") + 4:].replace("\r\n", ""), "nothing of it stays")
                self.assertNotIn(b"\r", done.stdout)

    def test_nobody_else_is_told(self):
        for arguments, environment in ((["--json"], {}), ([], {"TERM": "dumb"})):
            done, told = self.run_on_terminal("list", *arguments, **environment)
            with self.subTest(arguments, environment=environment):
                self.assertEqual((done.returncode, told), (0, ""))
        done = subprocess.run([uatrust.TOOL, "list"], env=self.environment, capture_output=True, timeout=60, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, b""))

    def test_what_reads_and_makes_by_itself_says_so_too(self):
        """A large folder, and a large key; by a clock that runs ten thousand times as fast."""
        fast = uatrust.faketime(FAKETIME="+0 x10000")
        (self.folder / "pki/trusted/certs").mkdir(parents=True)
        for name in ("plant.der", "pump.der", "valve.der"):
            (self.folder / "pki/trusted/certs" / name).write_bytes((self.folder / name).read_bytes())
        for arguments, words in ((["check", "pki"], r"\rjudging: [1-3] of 3\x1b\[K"),
                                 (["own", "create", "--directory", "own", "--name", "x", "--key-type", "RSA-4096"],
                                  r"\rmaking a key: [1-9][0-9]* s\x1b\[K")):
            done, told = self.run_on_terminal(*arguments, **fast)
            with self.subTest(arguments):
                self.assertRegex(told, words)
                self.assertTrue(told.endswith("\r\x1b[K"), told)


if __name__ == "__main__":
    uatrust.main()
