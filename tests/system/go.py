#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A client on Varlink's library for Go introspects, validates and monitors."""

import json
import os
import pathlib
import shutil
import subprocess
import unittest

import plant
import uatrust

LIBRARY = pathlib.Path("/usr/share/gocode")


class Go(unittest.TestCase):
    def setUp(self):
        if not shutil.which("go") or not (LIBRARY / "src/github.com/varlink/go").is_dir():
            uatrust.skip("no Go, or no golang-github-varlink-go-dev")
        self.folder = uatrust.folder_for(self)
        self.files = plant.make(plant.REVOKED)
        plant.fill(self.folder / "store", self.files)
        self.agent = uatrust.Agent(self.folder, "--store", self.folder / "store")
        self.addCleanup(self.agent.stop)

    def build(self):
        """Kept in the build folder: the compiler needs a minute for Go's own libraries the first time."""
        environment = dict(os.environ, GO111MODULE="off", GOPATH=str(LIBRARY), GOFLAGS="",
                           GOCACHE=str(uatrust.BUILD / "tests/go-cache"))
        program = self.folder / "client"
        subprocess.run(["go", "build", "-o", program, uatrust.SOURCE / "tests/system/go.go"],
                       env=environment, check=True)
        return program

    def test_introspects_validates_and_monitors(self):
        (self.folder / "pump.der").write_bytes(self.files["pump.der"])
        client = uatrust.start([self.build(), self.agent.socket, self.folder / "pump.der"],
                               stdout=subprocess.PIPE, text=True)
        self.addCleanup(uatrust.stop, client)
        heard = {}
        for line in client.stdout:
            said = json.loads(line)
            heard.update(said)
            if said.get("event", {}).get("kind") == "state":
                uatrust.replace(self.folder / "store/trusted/certs/stranger.der", self.files["stranger.der"])

        self.assertEqual(client.wait(uatrust.WAIT_S), 0)
        self.assertEqual(heard["product"], "uatrustd")
        self.assertIn("Validate", heard["org.uatrust.agent1"])
        self.assertEqual(heard["org.varlink.service"], ["GetInfo", "GetInterfaceDescription"])
        self.assertEqual(heard["statusName"], "Good")
        self.assertEqual(heard["error"], "org.uatrust.agent1.BadRequest")
        self.assertTrue(heard["isMethodNotFound"])
        self.assertEqual((heard["event"]["kind"], len(heard["event"]["added"])), ("changed", 1))


if __name__ == "__main__":
    uatrust.main()
