#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""packaging/debian/tests, as autopkgtest runs them: from the source package, on a booted host with the packages."""

import os
import pathlib
import re
import subprocess
import tempfile

import debs
import machine


def run(*command, **more):
    done = subprocess.run([*map(str, command)], text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=300, **more)
    print(f"{command[-1]}: {done.returncode}\n{done.stdout}", flush=True)
    return done.returncode == 0


def run_test(folder, script, needs_root):
    """As root, or as a user who is nobody special."""
    command = [script] if needs_root else ["runuser", "-u", "tester", "--", script]
    with tempfile.TemporaryDirectory() as place:
        os.chmod(place, 0o777)
        return run(*command, cwd=folder, env={"PATH": os.environ["PATH"], "HOME": place, "AUTOPKGTEST_TMP": place})


def inside():
    subprocess.run(["useradd", "tester"], check=True)
    done = run("dpkg", "--install", *debs.packages().values())
    archive, = debs.FOLDER.glob("*.tar.xz")
    folder = pathlib.Path("/srv/source")
    folder.mkdir()
    subprocess.run(["tar", "--extract", "--file", archive, "--directory", folder, "--strip-components=1"], check=True)
    for stanza in (folder / "debian/tests/control").read_text().split("\n\n"):
        name = re.search(r"^Tests: (\S+)$", stanza, re.M).group(1)
        done = run_test(folder, folder / "debian/tests" / name, "needs-root" in stanza) and done
    return done


if __name__ == "__main__":
    machine.main(__file__, debs.packages, inside, "use")
