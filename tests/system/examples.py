#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The examples of client-lib/examples run at a real agent and say what happens there."""

import os
import subprocess
import unittest

import plant
import uatrust


class Examples(unittest.TestCase):
    def setUp(self):
        self.folder = uatrust.folder_for(self)
        self.files = plant.make()
        self.store = self.folder / "store"
        plant.fill(self.store, self.files)
        for name in ("pump.der", "stranger.der"):
            (self.folder / name).write_bytes(self.files[name])
        self.agent = uatrust.Agent(self.folder, "--store", self.store)
        self.addCleanup(lambda: self.agent.stop())

    def start(self, name, *arguments):
        example = uatrust.start([uatrust.BUILD / f"tests/example-{name}", *arguments], cwd=self.folder, text=True,
                                stdout=subprocess.PIPE, env={**os.environ, "UATRUST_SOCKET": self.agent.socket})
        self.addCleanup(example.stdout.close)
        self.addCleanup(lambda: uatrust.stop(example))
        return example

    def restart(self):
        self.agent.process.kill()
        self.agent.process.wait()
        self.agent = uatrust.Agent(self.folder, "--store", self.store)

    def put_crl(self, name):
        uatrust.replace(self.store / "trusted/crl/plant.crl", self.files[name])

    def test_poll_asks_about_all_at_once(self):
        example = self.start("poll", "pump.der", "stranger.der", "absent.der")
        lines = sorted(example.communicate(timeout=uatrust.WAIT_S)[0].splitlines())
        self.assertRegex(lines[0], "^absent.der: .*No such file")
        self.assertEqual(lines[1:], ["pump.der: Good", "stranger.der: BadCertificateUntrusted"])

    def test_epoll_follows_the_stores_through_a_restart(self):
        example = self.start("epoll", "5")
        self.assertEqual(example.stdout.readline(), "default: state, generation 1\n")
        self.put_crl("revoking.crl")
        self.assertEqual(example.stdout.readline(), "default: changed, generation 2\n")
        self.restart()
        self.assertRegex(example.stdout.readline(), "^no news for now: agent is not reachable")
        self.assertRegex(example.stdout.readline(), "^default: state, generation [01]; what was known is void\n")
        self.put_crl("plant.crl")
        self.assertRegex(example.stdout.readline(), "^default: changed, generation [12]\n")
        self.assertEqual(example.wait(uatrust.WAIT_S), 0)

    def test_libuv_cuts_a_session_that_is_revoked(self):
        example = self.start("libuv", "pump.der")
        self.assertEqual(example.stdout.readline(), "watched\n")
        self.restart()
        self.assertRegex(example.stdout.readline(), "^agent is not reachable")
        self.assertEqual(example.stdout.readline(), "watched\n")
        self.put_crl("revoking.crl")
        self.assertEqual(example.stdout.readline(), "pump.der: revoked, the session is cut\n")
        self.assertEqual(example.wait(uatrust.WAIT_S), 0)


if __name__ == "__main__":
    uatrust.main()
