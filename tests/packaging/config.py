#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The configuration that is installed shows every key of uatrustd.conf(5), and all that it shows is accepted.

That its defaults are the defaults is seen by unit/app/config_installed.
"""

import pathlib
import re
import subprocess
import tempfile
import unittest

import uatrust

INSTALLED = (uatrust.SOURCE / "packaging/config/uatrustd.conf").read_text()
MANUAL = (uatrust.SOURCE / "packaging/man/uatrustd.conf.5.scd").read_text()


class Config(unittest.TestCase):
    def test_examples_are_accepted_too(self):
        text = re.sub(r"^#( e\.g\. )?(?=\[|[A-Z][A-Za-z0-9]*=)", "", INSTALLED, flags=re.M)
        self.assertNotIn("e.g. ", re.sub(r"^# .*", "", text, flags=re.M))
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "uatrustd.conf")
            path.write_text(text)
            done = subprocess.run([uatrust.AGENT, "--config", path, "--check-config"], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))

    def test_every_key_of_the_manual_is_shown_and_no_other(self):
        known, shown, kind = set(), set(), None
        for line in MANUAL.splitlines():
            heading = re.match(r"# \[(AGENT|STORE|SOURCE|CA)", line)
            if heading or line.startswith("# "):
                kind = heading and heading.group(1)
            elif kind and line.startswith("*"):
                known |= {(kind, key) for key in re.findall(r"\*([A-Z][A-Za-z0-9]*)=\*", line)}
        for line in INSTALLED.splitlines():
            heading = re.match(r"#(?: e\.g\. )?\[(\w+)", line)
            kind = heading.group(1).upper() if heading else kind
            shown |= {(kind, key) for key in re.findall(r"^#(?: e\.g\. )?([A-Z][A-Za-z0-9]*)=", line)}
        self.assertEqual(known, shown)


if __name__ == "__main__":
    uatrust.main()
