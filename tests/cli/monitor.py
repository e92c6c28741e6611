#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""uatrust monitor against a real agent: changes and notices as they come, and an agent that goes away and comes back."""

import json
import os
import selectors
import signal
import subprocess
import unittest

import plant
import uatrust


class Monitor(unittest.TestCase):
    def setUp(self):
        self.folder = uatrust.folder_for(self)
        self.files = plant.make()
        plant.fill(self.folder / "store", self.files)
        self.start_agent()

    def start_agent(self):
        self.agent = uatrust.Agent(self.folder, "--store", self.folder / "store")
        self.addCleanup(self.agent.stop)

    def start(self, *arguments):
        process = uatrust.start([uatrust.TOOL, "monitor", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                env={**os.environ, "UATRUST_SOCKET": self.agent.socket, "LC_ALL": "C"}, bufsize=0)
        for deed in (process.stdout.close, process.stderr.close, process.wait, process.kill):
            self.addCleanup(deed)
        return process

    def line(self, stream):
        """The next one; byte by byte, as what is read further would wait unseen."""
        read = b""
        with selectors.DefaultSelector() as selector:
            selector.register(stream, selectors.EVENT_READ)
            while not read.endswith(b"\n"):
                self.assertTrue(selector.select(20), f"nothing is told after {read}")
                byte = stream.read(1)
                self.assertTrue(byte, f"it ends after {read}")
                read += byte
        return read.decode()

    def test_a_change_is_told_as_it_comes(self):
        process = self.start("--json", "default")
        self.assertEqual(json.loads(self.line(process.stdout))["kind"], "state")
        uatrust.replace(self.folder / "store/trusted/certs/pump.der", self.files["pump.der"])
        event = json.loads(self.line(process.stdout))
        self.assertEqual((event["kind"], len(event["added"])), ("changed", 1))

    def test_nobody_who_reads_is_noticed_without_any_news(self):
        for arguments in ([], ["--json"], ["--notices"]):
            process = self.start(*arguments)
            if not arguments or arguments == ["--json"]:
                self.line(process.stdout)
            process.stdout.close()
            with self.subTest(arguments):
                self.assertEqual((process.wait(20), process.stderr.read()), (-signal.SIGPIPE, b""))

    def test_an_agent_that_goes_away_is_waited_for(self):
        process = self.start("--json")
        self.assertEqual(json.loads(self.line(process.stdout))["kind"], "state")
        self.agent.stop()
        self.assertIn("; waiting for it", self.line(process.stderr))
        self.assertIn("waiting for it", json.loads(self.line(process.stdout))["error"]["text"])
        self.start_agent()
        while "error" in (told := json.loads(self.line(process.stdout))):
            pass
        self.assertEqual(told["kind"], "state")

    def test_notices_are_warnings_that_stand_and_then_what_comes(self):
        uatrust.replace(self.folder / "store/trusted/certs/late.der", self.files["late.der"])
        uatrust.eventually(lambda: self.agent.validate(self.files["late.der"])["statusName"] == "BadCertificateTimeInvalid", "it is seen")
        text, lines = self.start("--notices"), self.start("--notices", "--json", "--count", "3")
        self.assertRegex(self.line(text.stdout), r"Z  default  warning: certificateExpired: .*CN=Late")
        self.assertEqual(json.loads(self.line(lines.stdout))["warning"]["kind"], "certificateExpired")
        self.agent.validate(self.files["stranger.der"])
        told = [json.loads(self.line(lines.stdout)) for _ in range(2)]
        self.assertEqual({kind for notice in told for kind in ("audit", "rejected") if notice.get(kind)}, {"audit", "rejected"})
        self.assertEqual(lines.wait(20), 0, "--count")
        shown = self.line(text.stdout) + self.line(text.stdout)
        self.assertIn("audit: AuditCertificateUntrustedEventType, BadCertificateUntrusted: ", shown)
        self.assertRegex(shown, r"rejected: [0-9a-f]{8} CN=Stranger, BadCertificateUntrusted, times seen: 1")

    def test_an_agent_that_is_away_from_the_beginning_is_an_error(self):
        for arguments in ([], ["--notices"]):
            process = self.start("--socket", "/absent", *arguments)
            with self.subTest(arguments):
                self.assertEqual(process.wait(20), 69)
                self.assertIn("not reachable: /absent", process.stderr.read().decode())


if __name__ == "__main__":
    uatrust.main()
