#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every man page is set without a warning, and is found by what it is called."""

import os
import pathlib
import shutil
import subprocess
import sys

import uatrust

QUIET = "-Wbreak"  # some groff warns of each line that it cannot stretch to the width of a table's column


def main():
    pages = sorted((uatrust.BUILD / "packaging").glob("*.[0-9]"))
    if not shutil.which("man") or not pages:
        uatrust.skip("no man" if pages else "no scdoc to make pages with")
    failed = False
    for page in pages:
        done = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", page], capture_output=True, text=True, check=False,
                              env={**os.environ, "MANROFFOPT": QUIET, "MANWIDTH": "100", "LC_ALL": "C.UTF-8"})
        title = done.stdout.splitlines()[0].split()[0].lower() if done.stdout else ""
        expected = "{}({})".format(*page.name.rsplit(".", 1)).lower()
        if done.returncode or done.stderr or title != expected:
            failed = True
            print(f"{page.name}: {done.returncode} {title} {done.stderr}")
    for link in sorted((pathlib.Path(uatrust.BUILD) / "packaging/man3").glob("*")):
        target = uatrust.BUILD / "packaging" / link.read_text().split("/")[-1].strip()
        if not target.exists():
            failed = True
            print(f"{link.name}: leads to no page")
    print(f"{len(pages)} pages")
    sys.exit(failed)


if __name__ == "__main__":
    main()
