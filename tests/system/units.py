#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The units as systemd's own tools see them: no fault, nearly nothing exposed, users and folders that can be made."""

import re
import shutil
import subprocess
import unittest

import uatrust

PACKAGING = uatrust.SOURCE / "packaging"
PROGRAMS = {"uatrustd.service": {"ExecStart=": uatrust.AGENT, "ExecReload=+": uatrust.TOOL},
            "uatrust-metrics.service": {"ExecStart=": uatrust.TOOL}}
EXPOSURE_MAX = {"uatrustd.service": 10, "uatrust-metrics.service": 20}  # in tenths: 1.0 of 10; the latter is root's


class Units(unittest.TestCase):
    def setUp(self):
        uatrust.need("systemd-analyze")
        self.root = uatrust.folder_for(self)

    def run_tool(self, *command):
        done = subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, f"{command}\n{done.stdout}{done.stderr}")
        return done.stdout + done.stderr

    def lay_out_units(self):
        """A copy whose programs are there, so that only the units themselves are judged."""
        for unit, programs in PROGRAMS.items():
            text = (uatrust.BUILD / "packaging" / unit).read_text()
            for key, program in programs.items():
                self.assertIn(f"\n{key}/", text)
                text = re.sub(f"\n{re.escape(key)}[^ ]+", f"\n{key}{program}", text)
            (self.root / unit).write_text(text)
        for name in ("uatrustd.socket", "uatrustd-admin.socket", "uatrust-metrics.timer"):
            shutil.copy(PACKAGING / "systemd" / name, self.root)

    def test_units_hold_no_fault(self):
        self.lay_out_units()
        said = self.run_tool("systemd-analyze", "verify", "--man=no", *sorted(self.root.iterdir()))
        self.assertNotIn("uatrust", said)

    def test_next_to_nothing_is_exposed(self):
        self.lay_out_units()
        for unit, exposure_max in EXPOSURE_MAX.items():
            said = self.run_tool("systemd-analyze", "security", "--offline=yes", f"--threshold={exposure_max}",
                                 "--no-pager", self.root / unit)
            print(said.strip().splitlines()[-1])

    def test_the_user_and_the_folders_are_made(self):
        uatrust.need("systemd-sysusers")
        uatrust.need("systemd-tmpfiles")
        (self.root / "etc").mkdir()
        self.run_tool("systemd-sysusers", f"--root={self.root}", PACKAGING / "sysusers.d/uatrust.conf")
        users = (self.root / "etc/passwd").read_text() + (self.root / "etc/group").read_text()
        self.assertIn("uatrust-admin:", users)
        self.run_tool("systemd-tmpfiles", "--create", f"--root={self.root}", PACKAGING / "tmpfiles.d/uatrust.conf")
        self.assertEqual((self.root / "run/uatrust/client").stat().st_mode & 0o777, 0o755)
        self.assertEqual((self.root / "run/uatrust/admin").stat().st_mode & 0o777, 0o750)
        self.assertTrue((self.root / "var/lib/uatrust/default/trusted/certs").is_dir())


if __name__ == "__main__":
    uatrust.main()
