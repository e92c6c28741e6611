#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""lintian finds no error and no warning in the packages; each override has a comment that says why."""

import os
import subprocess
import sys
import tempfile

import debs
import uatrust


def unreasoned():
    """Overrides without a comment in the line before."""
    folder = uatrust.SOURCE / "packaging/debian"
    for path in [*folder.glob("*lintian-overrides"), *folder.glob("source/lintian-overrides")]:
        before = ""
        for line in path.read_text().splitlines():
            if line and not line.startswith("#") and not before.startswith("#"):
                yield f"{path.name}: no reason: {line}"
            before = line


def main():
    if not os.environ.get("UATRUST_LONG"):
        uatrust.skip("only with UATRUST_LONG=1")
    uatrust.need("lintian")
    debs.packages()
    changes, = debs.FOLDER.glob("*.changes")
    with tempfile.TemporaryDirectory() as folder:  # it leaves some behind
        done = subprocess.run(["lintian", "--fail-on", "error,warning", "--tag-display-limit", "0", "--show-overrides",
                               "--display-info", changes], env={**os.environ, "TMPDIR": folder})
    faults = list(unreasoned())
    print("\n".join(faults))
    sys.exit(1 if done.returncode or faults else 0)


if __name__ == "__main__":
    main()
