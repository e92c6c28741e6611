#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The official Varlink certification client against our front end."""

import pathlib
import shutil
import subprocess
import tempfile
import unittest

import uatrust


class Certification(unittest.TestCase):
    def test_the_front_end_speaks_varlink(self):
        if not shutil.which("varlink-go-certification"):
            uatrust.skip("no varlink-go-certification")
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "socket"
            service = subprocess.Popen([uatrust.BUILD / "tests" / "certification", path])
            self.addCleanup(uatrust.stop, service)
            uatrust.eventually(path.exists, "the service listens")
            client = subprocess.run(["varlink-go-certification", "-client", f"-varlink=unix:{path}"],
                                    capture_output=True, text=True, timeout=60)
        self.assertEqual(client.returncode, 0, client.stdout + client.stderr)
        self.assertIn("End: 'true'", client.stdout)


if __name__ == "__main__":
    unittest.main()
