#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The verbs that change what is trusted, against a real agent: first contact, as administrators do it."""

import base64
import hashlib
import json
import ssl
import unittest

import plant
import tool
import uatrust


class Change(unittest.TestCase):
    def setUp(self):
        self.folder = uatrust.folder_for(self)
        self.files = plant.make()
        plant.fill(self.folder / "store", self.files)
        for name in ("pump", "stranger", "plant"):
            (self.folder / f"{name}.der").write_bytes(self.files[name + ".der"])
        self.agent = uatrust.Agent(self.folder, "--store", self.folder / "store", "--admin-socket", self.folder / "admin")
        self.addCleanup(self.agent.stop)
        self.tool = tool.Tool(self.folder, self.agent)

    def change(self, *arguments):
        told = json.loads(self.tool.say(*arguments, "--json"))
        self.assertEqual(told["changed"], told["updates"][0]["changed"])
        return told["updates"][0]

    def is_trusted(self, name):
        return self.agent.validate(self.files[name + ".der"])["trusted"]

    def sha256_of(self, name):
        return self.agent.validate(self.files[name + ".der"])["chain"][0]["sha256"]

    def wait_until_rejected(self):
        def rejected():
            return json.loads(self.tool.say("rejected", "--json"))["rejected"]

        return uatrust.eventually(rejected, "the certificate is recorded")[0]

    def test_who_was_refused_is_shown_trusted_and_let_in(self):
        self.agent.validate(self.files["stranger.der"], context={"application": "ua-server", "endpointUrl": None,
                                                                 "peerAddress": "192.0.2.7"})
        sha256 = self.wait_until_rejected()["sha256"]
        shown = self.tool.say("rejected")
        for word in (sha256[:8], "CN=Stranger", "BadCertificateUntrusted", "192.0.2.7"):
            self.assertIn(word, shown)

        self.assertIn("where nobody is asked", self.tool.say("trust", sha256[:8], code=2))
        self.assertIn("would be trusted: " + sha256, self.tool.say("trust", "--dry-run", sha256[:8]))
        self.assertFalse(self.is_trusted("stranger"))
        self.assertEqual(self.change("trust", sha256)["added"], [sha256])
        self.assertTrue(self.is_trusted("stranger"))
        self.assertFalse(self.change("trust", sha256)["changed"], "twice is once")
        self.assertEqual(json.loads(self.tool.say("rejected", "--json"))["rejected"], [])

        self.assertEqual(self.change("untrust", sha256)["removed"], [sha256])
        self.assertFalse(self.is_trusted("stranger"))
        self.assertFalse(self.change("untrust", sha256)["changed"])

    def test_a_person_is_asked_who_is_meant(self):
        self.agent.validate(self.files["stranger.der"])
        sha256 = self.wait_until_rejected()["sha256"]
        for answer, code, is_trusted in ((b"n\n", 1, False), (b"\n", 1, False), (b"y\n", 0, True)):
            with tool.typed(answer) as terminal:
                done = self.tool.run("trust", sha256[:8], stdin=terminal)
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
        self.assertIn("more than one", self.tool.say("trust", self.folder / "two.pem", code=66))
        self.assertIn("No such file", self.tool.say("trust", self.folder / "absent", code=66))

    def test_what_was_rejected_is_forgotten(self):
        self.agent.validate(self.files["stranger.der"])
        sha256 = self.wait_until_rejected()["sha256"]
        self.tool.say("rejected", "--remove", "--dry-run", sha256[:8])
        self.assertEqual(json.loads(self.tool.say("rejected", "--json"))["rejected"][0]["sha256"], sha256)
        self.assertIn("where nobody is asked", self.tool.say("rejected", "--remove", "--yes", sha256[:8], code=2))
        self.assertTrue(self.change("rejected", "--remove", "--yes", sha256)["changed"])
        self.assertEqual(json.loads(self.tool.say("rejected", "--json"))["rejected"], [])
        self.assertFalse(self.change("rejected", "--remove", sha256)["changed"], "twice is once")

    def test_of_several_the_first_that_fails_ends_it_in_one_object(self):
        pump, valve = self.sha256_of("pump"), self.sha256_of("valve")
        told = json.loads(self.tool.say("block", pump, valve, "--json"))
        self.assertEqual((told["changed"], len(told["updates"])), (True, 2))
        done = self.tool.run("unblock", "--json", pump, "00000000", valve)
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
        self.assertIn("  would end " + words, self.tool.say("block", "--dry-run", pump))
        self.assertTrue(self.is_trusted("pump"))
        with tool.typed(b"n\n") as terminal:
            asked = self.tool.say("block", pump, stdin=terminal, code=1)
        self.assertIn("  would end " + words + "\nblock it? [y/N] ", asked)
        self.assertIn("  ends " + words, self.tool.say("block", pump))

    def test_one_line_answers_one_question(self):
        with tool.typed(b"yessss yessss\nn\n") as terminal:
            self.tool.say("block", self.sha256_of("pump"), self.sha256_of("valve"), stdin=terminal, code=1)
        self.assertEqual((self.is_trusted("pump"), self.is_trusted("valve")), (False, True))

    def test_a_person_is_not_asked_about_nothing(self):
        pump = self.sha256_of("pump")
        self.tool.say("block", pump)
        with tool.typed() as terminal:
            self.assertEqual(self.tool.say("block", pump, stdin=terminal), "nothing to change\n")

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
        self.assertIn("does not hold one certificate", self.tool.say("block", self.folder / "two.pem", code=66))

    def test_who_may_not_is_denied(self):
        uatrust.need_root("become somebody else")
        self.folder.chmod(0o755)
        (self.folder / "admin").chmod(0o600)
        try:
            done = self.tool.run("reload", user="nobody", cwd="/")
        except PermissionError:
            uatrust.skip("nobody may look into the folder of this build")
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
                self.assertIn(words, self.tool.say(*arguments, code=code))

    def test_a_reload_says_that_it_was_done(self):
        self.assertEqual(self.tool.say("reload"), "reloaded\n")


if __name__ == "__main__":
    uatrust.main()
