#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An agent that has shut itself in (--sandbox) does all its work, and a reload that would lead it elsewhere is refused
with the way out. What it cannot do then: unit/app/sandbox, and system/nspawn under the very unit."""

import base64
import unittest

import plant
import uatrust

CONFIG = "[Store default]\nPath={folder}/pki/store\n[Source old]\nPath={folder}/opt/old\n"


class Sandbox(unittest.TestCase):
    def setUp(self):
        self.folder = uatrust.folder_for(self)
        self.files = plant.make()
        plant.fill(self.folder / "pki/store", self.files)
        (self.folder / "opt/old/trusted/certs").mkdir(parents=True)
        (self.folder / "elsewhere").mkdir()
        self.config = self.folder / "etc/uatrustd.conf"
        self.config.parent.mkdir()
        self.write("")
        self.admin = str(self.folder / "run/admin")
        (self.folder / "run").mkdir()
        self.agent = uatrust.Agent(self.folder / "run", "--config", self.config, "--admin-socket", self.admin, "--sandbox")
        self.addCleanup(self.agent.stop)
        if "Landlock cannot confine" in self.agent.log.read_text():
            uatrust.skip("the kernel has no Landlock that suffices")

    def write(self, more):
        self.config.write_text((CONFIG + more).format(folder=self.folder))

    def call(self, method, **parameters):
        with uatrust.Varlink(self.admin) as connection:
            return connection.call(f"org.uatrust.admin1.{method}", parameters)

    def status(self, name, **more):
        return self.agent.status(self.files[name], **more)

    def test_it_judges_and_changes_as_ever(self):
        self.assertEqual(self.status("pump.der"), "Good")
        self.assertEqual(self.status("stranger.der"), "BadCertificateUntrusted")
        rejected = self.folder / "pki/store/rejected/certs"
        uatrust.eventually(lambda: rejected.is_dir() and any(rejected.iterdir()), "the stranger is recorded")
        self.call("AddCertificate", data=base64.b64encode(self.files["stranger.der"]).decode())
        self.assertEqual(self.status("stranger.der"), "Good")
        uatrust.replace(self.folder / "opt/old/trusted/certs/late.der", self.files["late.der"])
        uatrust.eventually(lambda: self.status("late.der") == "BadCertificateTimeInvalid", "the source is watched")

    def test_folders_may_be_made_anew(self):
        store = self.folder / "pki/store"
        store.rename(self.folder / "pki/before")
        plant.fill(store, self.files)
        uatrust.replace(store / "trusted/certs/stranger.der", self.files["stranger.der"])
        uatrust.eventually(lambda: self.status("stranger.der") == "Good", "the new folder is read")

    def test_a_reload_that_leads_elsewhere_is_refused(self):
        self.write("[Source new]\nPath={folder}/elsewhere/pki\n")
        with self.assertRaises(uatrust.VarlinkError) as refused:
            self.call("Reload")
        self.assertIn("elsewhere/pki", str(refused.exception))
        self.assertIn("restart", str(refused.exception))
        self.assertEqual(self.status("pump.der"), "Good")
        self.write("[Source new]\nPath={folder}/opt/new\n")
        self.call("Reload")
        uatrust.replace(self.folder / "opt/new/trusted/certs/stranger.der", self.files["stranger.der"])
        uatrust.eventually(lambda: self.status("stranger.der") == "Good", "the new source is read")


if __name__ == "__main__":
    uatrust.main()
