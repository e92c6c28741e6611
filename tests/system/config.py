#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The configuration file: several stores, what their keys change, and errors that name file and line."""

import signal
import subprocess
import unittest

import plant
import uatrust

# What is wrong, the file, and the line that the error must name.
WRONG = {
    "an unknown key": ("[Agent]\n[Store default]\nPath={store}\nColour=red\n", 4),
    "an unknown section": ("[Store default]\nPath={store}\n[Garden]\nPath=/\n", 3),
    "a store's name that is none": ("[Store No Name]\nPath={store}\n", 1),
    "a value that is none": ("[Store default]\nPath={store}\nStrictness=lax\n", 3),
    "a suppression that is never allowed": ("[Store default]\nPath={store}\nSuppress=BadCertificateRevoked\n", 3),
    "a user that there is not": ("[Store default]\nPath={store}\nReaders=root no-such-user\n", 3),
    "a line without =": ("[Store default]\nPath={store}\nStrictness\n", 3),
    "a key twice": ("[Store default]\nPath={store}\nPath=/elsewhere\n", 3),
    "a key before any section": ("Path={store}\n", 1),
}


class Config(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.files = plant.make()

    def setUp(self):
        self.folder = uatrust.folder_for(self)
        self.store = self.folder / "store"
        self.config = self.folder / "uatrustd.conf"
        plant.fill(self.store, self.files)

    def write(self, text, path=None):
        path = path or self.config
        path.parent.mkdir(exist_ok=True)
        path.write_text(text.format(store=self.store, folder=self.folder))

    def start(self):
        agent = uatrust.Agent(self.folder, "--config", self.config)
        self.addCleanup(agent.stop)
        return agent

    def check(self):
        return subprocess.run([uatrust.AGENT, "--check-config", "--config", self.config], capture_output=True, text=True)

    def test_errors_name_file_and_line(self):
        for name, (text, line) in WRONG.items():
            with self.subTest(name):
                self.write(text)
                done = self.check()
                self.assertNotEqual(done.returncode, 0)
                self.assertIn(f"{self.config}:{line}", done.stderr)

    def test_a_drop_in_is_read_after_the_file_and_named_in_errors(self):
        drop_in = self.folder / "uatrustd.conf.d/50-more.conf"
        self.write("[Store default]\nPath={store}\n")
        self.write("[Store default]\nColour=red\n", drop_in)
        self.assertIn(f"{drop_in}:2", self.check().stderr)
        self.write("[Store default]\nSuppress=BadCertificateTimeInvalid\n", drop_in)
        self.assertEqual(self.check().returncode, 0)
        verdict = self.start().validate(self.files["late.der"])
        self.assertTrue(verdict["trusted"])
        self.assertEqual([finding["severity"] for finding in verdict["findings"]
                          if finding["statusName"] == "BadCertificateTimeInvalid"], ["suppressed"])

    def test_stores_are_apart(self):
        self.write("[Store default]\nPath={store}\n[Store empty]\nPath={folder}/empty\n")
        (self.folder / "empty").mkdir()
        agent = self.start()
        self.assertEqual(agent.validate(self.files["pump.der"])["statusName"], "Good")
        self.assertEqual(agent.validate(self.files["pump.der"], store="empty")["statusName"],
                         "BadCertificateChainIncomplete")

    def test_a_reload_takes_good_files_and_keeps_the_old_for_bad_ones(self):
        self.write("[Store default]\nPath={store}\n")
        agent = self.start()

        def is_trusted():
            return agent.validate(self.files["late.der"])["trusted"]
        self.assertFalse(is_trusted())
        self.write("[Store default]\nPath={store}\nSuppress=BadCertificateTimeInvalid\n")
        agent.process.send_signal(signal.SIGHUP)
        uatrust.eventually(is_trusted, "the new settings hold")
        self.write("[Store default]\nPath={store}\nColour=red\n")
        agent.process.send_signal(signal.SIGHUP)
        uatrust.eventually(lambda: f"{self.config}:3" in agent.log.read_text(), "the agent warns")
        self.assertTrue(is_trusted())

    def test_what_was_reloaded_is_in_force_when_it_is_answered(self):
        loose, strict = "Suppress=BadCertificateTimeInvalid\n", ""
        self.write("[Store default]\nPath={store}\n" + loose)
        agent = uatrust.Agent(self.folder, "--config", self.config, "--admin-socket", self.folder / "admin")
        self.addCleanup(agent.stop)
        with uatrust.Varlink(str(self.folder / "admin")) as admin:
            for i in range(20):
                self.write("[Store default]\nPath={store}\n" + (loose if i % 2 else strict))
                admin.call("org.uatrust.admin1.Reload")
                self.assertEqual(agent.validate(self.files["late.der"])["trusted"], i % 2 == 1)


if __name__ == "__main__":
    uatrust.main()
