#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The same packages come of a second build: in another folder, language, time zone and umask, on one core."""

import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import debs
import uatrust


def hashes(folder):
    """Of all but what describes the build itself."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for pattern in ("*.deb", "*.dsc", "*.tar.xz")
            for path in pathlib.Path(folder).glob(pattern)}


def main():
    if not os.environ.get("UATRUST_LONG"):
        uatrust.skip("only with UATRUST_LONG=1")
    reason = debs.why_not()
    if reason:
        uatrust.skip(reason)
    debs.packages()
    first = hashes(debs.FOLDER)
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        again = pathlib.Path(folder, "elsewhere")
        os.umask(0o077)
        debs.build(again, LC_ALL="C", LANG="de_DE.UTF-8", TZ="Pacific/Kiritimati", DEB_BUILD_OPTIONS="parallel=1",
                   PATH="/usr/sbin:/usr/bin:/sbin:/bin")
        second = hashes(again)
        for name in sorted(first.keys() | second.keys()):
            print(first.get(name), second.get(name), name)
            if first.get(name) != second.get(name) and name.endswith(".deb") and shutil.which("diffoscope"):
                subprocess.run(["diffoscope", debs.FOLDER / name, again / name])
    sys.exit(first != second)


if __name__ == "__main__":
    main()
