#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""fetch.py: brings what package.json names, as package-lock.json pins it, into the build folder, and prints its node_modules.

Fetched once a lock file; nothing of it runs while it is installed. Exit code 77, loudly, where it cannot be fetched.

hexy is pinned to the last that Node.js 18 (Debian 12) can load as node-opcua does.

To pin other versions: edit package.json, then
`npm install --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved` here.
"""

import fcntl
import pathlib
import re
import shutil
import subprocess

import uatrust

HERE = pathlib.Path(__file__).resolve().parent
FOLDER = uatrust.BUILD / "tests/e2e"
LIMIT_S = 240
NODE_MIN = 18

# What is our own fault, not that of the way to the registry.
FAULTS = ("EUSAGE", "EINTEGRITY", "ETARGET", "EJSONPARSE")


def install(npm):
    """npm ci in FOLDER."""
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(HERE / name, FOLDER / name)
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error",
               "--fetch-retries=1", "--fetch-retry-mintimeout=2000", "--fetch-timeout=60000"]
    try:
        done = subprocess.run(command, cwd=FOLDER, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=LIMIT_S)
    except subprocess.TimeoutExpired:
        uatrust.skip(f"npm ci took longer than {LIMIT_S} s")
    if not done.returncode:
        return
    code = re.search(r"code (E\w+)", done.stdout)
    if code and code[1] in FAULTS:
        raise AssertionError(f"npm ci failed:\n{done.stdout}")
    uatrust.skip(f"npm ci could not fetch node-opcua: {code[1] if code else done.stdout.strip()}")


def modules():
    """The folder node_modules, fetched if need be; one process does it, others wait for it."""
    npm = uatrust.need("npm")
    uatrust.node(NODE_MIN)
    FOLDER.mkdir(parents=True, exist_ok=True)
    want = (HERE / "package-lock.json").read_bytes()
    stamp = FOLDER / "fetched"
    with open(FOLDER / "lock", "wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.is_file() or stamp.read_bytes() != want:
            stamp.unlink(missing_ok=True)
            install(npm)
            stamp.write_bytes(want)
    return FOLDER / "node_modules"


if __name__ == "__main__":
    print(modules())
