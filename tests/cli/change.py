#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The verbs that change what is trusted, against a real agent: first contact, as administrators do it."""

import base64
import hashlib
import json
import os
import pathlib
import pty
import ssl
import subprocess
import tempfile
import unittest

import plant
import uatrust


class Change(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.files = plant.make()
        plant.fill(self.folder / "store", self.files)
        for name in ("pump", "stranger", "plant"):
            (self.folder / f"{name}.der").write_bytes(self.files[name + ".der"])
        admin = self.folder / "admin"
        self.agent = uatrust.Agent(self.folder, "--store", self.folder / "store", "--admin-socket", admin)
        self.addCleanup(self.agent.stop)
        self.environment = {**os.environ, "UATRUST_SOCKET": self.agent.socket, "UATRUST_ADMIN_SOCKET": str(admin),
                            "LC_ALL": "C"}

    def run_tool(self, *arguments, code=0, **more):
        done = subprocess.run([uatrust.TOOL, *map(str, arguments)], env=self.environment, text=True,
                              stdin=more.pop("stdin", subprocess.DEVNULL), capture_output=True, timeout=60, **more)
        self.assertEqual(done.returncode, code, f"{arguments}\n{done.stdout}{done.stderr}")
        return done.stdout if code == 0 else done.stderr

    def change(self, *arguments):
        told = json.loads(self.run_tool(*arguments, "--json"))
        self.assertEqual(told["changed"], told["updates"][0]["changed"])
        return told["updates"][0]

    def is_trusted(self, name):
        return self.agent.validate(self.files[name + ".der"])["trusted"]

    def sha256_of(self, name):
        return self.agent.validate(self.files[name + ".der"])["chain"][0]["sha256"]

    def wait_until_rejected(self):
        def rejected():
            return json.loads(self.run_tool("rejected", "--json"))["rejected"]

        return uatrust.eventually(rejected, "the certificate is recorded")[0]

    def test_who_was_refused_is_shown_trusted_and_let_in(self):
        self.agent.validate(self.files["stranger.der"], context={"application": "ua-server", "endpointUrl": None,
                                                                 "peerAddress": "192.0.2.7"})
        sha256 = self.wait_until_rejected()["sha256"]
        shown = self.run_tool("rejected")
        for word in (sha256[:8], "CN=Stranger", "BadCertificateUntrusted", "192.0.2.7"):
            self.assertIn(word, shown)

        self.assertIn("where nobody is asked", self.run_tool("trust", sha256[:8], code=2))
        self.assertIn("would be trusted: " + sha256, self.run_tool("trust", "--dry-run", sha256[:8]))
        self.assertFalse(self.is_trusted("stranger"))
        self.assertEqual(self.change("trust", sha256)["added"], [sha256])
        self.assertTrue(self.is_trusted("stranger"))
        self.assertFalse(self.change("trust", sha256)["changed"], "twice is once")
        self.assertEqual(json.loads(self.run_tool("rejected", "--json"))["rejected"], [])

        self.assertEqual(self.change("untrust", sha256)["removed"], [sha256])
        self.assertFalse(self.is_trusted("stranger"))
        self.assertFalse(self.change("untrust", sha256)["changed"])

    def test_a_person_is_asked_who_is_meant(self):
        self.agent.validate(self.files["stranger.der"])
        sha256 = self.wait_until_rejected()["sha256"]
        for answer, code, is_trusted in ((b"n\n", 1, False), (b"\n", 1, False), (b"y\n", 0, True)):
            outer, inner = pty.openpty()
            os.write(outer, answer)
            done = subprocess.run([uatrust.TOOL, "trust", sha256[:8]], env=self.environment, stdin=inner, text=True,
                                  capture_output=True, timeout=60)
            os.close(inner)
            os.close(outer)
            with self.subTest(answer):
                self.assertEqual(done.returncode, code, done.stderr)
                for word in (sha256, "CN=Stranger", "trust it?"):
                    self.assertIn(word, done.stderr)
                self.assertEqual(self.is_trusted("stranger"), is_trusted)

    def test_a_certificate_in_a_file_is_trusted(self):
        self.assertTrue(self.change("trust", self.folder / "stranger.der")["changed"])
        self.assertTrue(self.is_trusted("stranger"))
        self.assertFalse(self.change("trust", self.folder / "stranger.der")["changed"])
        pem = "".join(ssl.DER_cert_to_PEM_cert(self.files[name + ".der"]) for name in ("stranger", "pump"))
        (self.folder / "two.pem").write_text(pem)
        self.assertIn("more than one", self.run_tool("trust", self.folder / "two.pem", code=66))
        self.assertIn("No such file", self.run_tool("trust", self.folder / "absent", code=66))

    def test_what_was_rejected_is_forgotten(self):
        self.agent.validate(self.files["stranger.der"])
        sha256 = self.wait_until_rejected()["sha256"]
        self.run_tool("rejected", "--remove", "--dry-run", sha256[:8])
        self.assertEqual(json.loads(self.run_tool("rejected", "--json"))["rejected"][0]["sha256"], sha256)
        self.assertIn("where nobody is asked", self.run_tool("rejected", "--remove", "--yes", sha256[:8], code=2))
        self.assertTrue(self.change("rejected", "--remove", "--yes", sha256)["changed"])
        self.assertEqual(json.loads(self.run_tool("rejected", "--json"))["rejected"], [])
        self.assertFalse(self.change("rejected", "--remove", sha256)["changed"], "twice is once")

    def test_of_several_the_first_that_fails_ends_it_in_one_object(self):
        pump, valve = self.sha256_of("pump"), self.sha256_of("valve")
        told = json.loads(self.run_tool("block", pump, valve, "--json"))
        self.assertEqual((told["changed"], len(told["updates"])), (True, 2))
        done = subprocess.run([uatrust.TOOL, "unblock", "--json", pump, "00000000", valve], env=self.environment, text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
        told = json.loads(done.stdout)
        self.assertEqual((done.returncode, told["changed"], len(told["updates"])), (2, True, 1))
        self.assertEqual((told["error"]["exitCode"], "no certificate there" in told["error"]["text"]), (2, True))

    def watch(self, name):
        """An open session of that application, which somebody has the agent watch."""
        watch, register = self.agent.connect(), self.agent.connect()
        self.addCleanup(watch.socket.close)
        self.addCleanup(register.socket.close)
        watch.send_call("org.uatrust.agent1.WatchPeers", more=True)
        peer = {"key": "session-1", "certificates": [base64.b64encode(self.files[name + ".der"]).decode()],
                "purpose": "client", "context": {"application": "ua-server", "endpointUrl": None, "peerAddress": "192.0.2.7"}}
        states = register.call("org.uatrust.agent1.RegisterPeers",
                               {"watchId": watch.receive_reply()["watchId"], "peers": [peer]})["states"]
        self.assertEqual(states[0]["cause"], "good")

    def test_which_sessions_would_end_is_shown_before_and_told_after(self):
        self.watch("pump")
        pump = self.sha256_of("pump")
        words = "a session: CN=Pump from 192.0.2.7 (blocked)"
        self.assertIn("  would end " + words, self.run_tool("block", "--dry-run", pump))
        self.assertTrue(self.is_trusted("pump"))
        outer, inner = pty.openpty()
        os.write(outer, b"n\n")
        done = subprocess.run([uatrust.TOOL, "block", pump], env=self.environment, stdin=inner, text=True,
                              capture_output=True, timeout=60)
        os.close(inner)
        os.close(outer)
        self.assertEqual(done.returncode, 1)
        self.assertIn("  would end " + words + "\nblock it? [y/N] ", done.stderr)
        self.assertIn("  ends " + words, self.run_tool("block", pump))

    def test_one_line_answers_one_question(self):
        outer, inner = pty.openpty()
        os.write(outer, b"yessss yessss\nn\n")
        self.run_tool("block", self.sha256_of("pump"), self.sha256_of("valve"), stdin=inner, code=1)
        os.close(inner)
        os.close(outer)
        self.assertEqual((self.is_trusted("pump"), self.is_trusted("valve")), (False, True))

    def test_a_person_is_not_asked_about_nothing(self):
        pump = self.sha256_of("pump")
        self.run_tool("block", pump)
        outer, inner = pty.openpty()
        self.assertEqual(self.run_tool("block", pump, stdin=inner), "nothing to change\n")
        os.close(inner)
        os.close(outer)

    def test_one_client_of_a_trusted_ca_is_stopped_without_the_ca(self):
        pump, valve = self.sha256_of("pump"), self.sha256_of("valve")
        self.assertTrue(self.change("block", pump, "--reason", "stolen")["changed"])
        self.assertEqual((self.is_trusted("pump"), self.is_trusted("valve")), (False, True))
        self.assertFalse(self.change("block", pump)["changed"])
        self.assertFalse(self.change("unblock", valve)["changed"])
        self.assertTrue(self.change("unblock", pump)["changed"])
        self.assertTrue(self.is_trusted("pump"))

    def test_a_file_stands_for_its_certificate(self):
        (self.folder / "pump.pem").write_text(ssl.DER_cert_to_PEM_cert(self.files["pump.der"]))
        for name in ("pump.der", "pump.pem"):
            with self.subTest(name):
                self.assertTrue(self.change("block", self.folder / name)["changed"])
                self.assertFalse(self.is_trusted("pump"))
                self.assertTrue(self.change("unblock", self.folder / name)["changed"])
        self.assertEqual(self.change("untrust", self.folder / "plant.der")["removed"][0], hashlib.sha256(
            self.files["plant.der"]).hexdigest())
        (self.folder / "two.pem").write_text(2 * (self.folder / "pump.pem").read_text())
        self.assertIn("does not hold one certificate", self.run_tool("block", self.folder / "two.pem", code=66))

    def test_who_may_not_is_denied(self):
        if os.geteuid() != 0:
            self.skipTest("only root may become somebody else")
        self.folder.chmod(0o755)
        (self.folder / "admin").chmod(0o600)
        try:
            done = subprocess.run([uatrust.TOOL, "reload"], env=self.environment, user="nobody", text=True, cwd="/",
                                  capture_output=True, timeout=60, check=False)
        except PermissionError:
            self.skipTest("nobody may look into the folder of this build")
        self.assertEqual((done.returncode, "permission denied" in done.stderr), (77, True), done.stderr)

    def test_what_cannot_be_done_says_why(self):
        rows = [
            (("trust",), 2, "FILE or THUMBPRINT is missing"),
            (("untrust",), 2, "FILE or THUMBPRINT is missing"),
            (("untrust", "abc"), 2, "no thumbprint of 8 to 64"),
            (("trust", "abc"), 2, "no thumbprint of 8 to 64"),
            (("trust", ":".join(64 * ["AB"])), 2, "no thumbprint of 8 to 64"),
            (("untrust", "00000000"), 2, "no certificate there begins so"),
            (("block", "--issuer", "00000000"), 2, "--issuer is for trust"),
            (("trust", "--store", "attic", self.folder / "stranger.der"), 2, "no such store: attic"),
            (("trust", "--admin-socket", "/absent", self.folder / "stranger.der"), 69, "not reachable: /absent"),
            (("rejected", "x"), 2, "is too much"),
            (("reload", "x"), 2, "is too much"),
        ]
        for arguments, code, words in rows:
            with self.subTest(arguments):
                self.assertIn(words, self.run_tool(*arguments, code=code))

    def test_a_reload_says_that_it_was_done(self):
        self.assertEqual(self.run_tool("reload"), "reloaded\n")


if __name__ == "__main__":
    unittest.main(verbosity=2)
