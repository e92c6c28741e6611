#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The official Varlink certification client against our front end."""

import subprocess
import unittest

import uatrust


class Certification(unittest.TestCase):
    def test_the_front_end_speaks_varlink(self):
        program = uatrust.need("varlink-go-certification")
        path = uatrust.folder_for(self) / "socket"
        self.addCleanup(uatrust.stop, uatrust.start([uatrust.BUILD / "tests/certification", path]))
        uatrust.eventually(path.exists, "the service listens")
        client = subprocess.run([program, "-client", f"-varlink=unix:{path}"], capture_output=True, text=True, timeout=60)
        self.assertEqual(client.returncode, 0, client.stdout + client.stderr)
        self.assertIn("End: 'true'", client.stdout)


if __name__ == "__main__":
    uatrust.main()
