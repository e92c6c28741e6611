# SPDX-License-Identifier: Apache-2.0
"""Builds the Debian packages as packaging/build-deb does, by nobody and without network, and finds what was built."""

import hashlib
import os
import pathlib
import re
import shutil
import subprocess

import uatrust

FOLDER = uatrust.BUILD / "packaging/deb"
PATH = "/usr/lib/ccache:/usr/sbin:/usr/bin:/sbin:/bin"


def why_not():
    """Why packages cannot be built here; None if they can."""
    for program in ("dpkg-buildpackage", "dh", "dh_installsysusers"):
        if not shutil.which(program):
            return f"no {program}"
    control = uatrust.SOURCE / "packaging/debian/control"
    done = subprocess.run(["dpkg-checkbuilddeps", control], capture_output=True, text=True)
    return done.stderr.strip() if done.returncode else None


def files():
    """What the packages are made of: the tree as it stands, without what git ignores."""
    listing = subprocess.run(["git", "-C", uatrust.SOURCE, "ls-files", "-z", "--cached", "--others",
                              "--exclude-standard"], capture_output=True, text=True)
    if listing.returncode:
        return None
    return sorted(path for path in {uatrust.SOURCE / name for name in listing.stdout.split("\0") if name}
                  if path.is_file())


def digest():
    """Of all that the packages are made of; None where git does not say what that is."""
    paths, whole = files(), hashlib.sha256()
    for path in paths or []:
        whole.update(f"{path} {path.stat().st_mode:o} ".encode() + hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest() if paths else None


def build(folder, **environment):
    """Packages in a folder, made anew. By root: as nobody, who may write to that folder alone."""
    shutil.rmtree(folder, ignore_errors=True)
    home = pathlib.Path(folder, "home")
    home.mkdir(parents=True)
    cache = uatrust.BUILD / "packaging/ccache"  # without base folder: it would change paths in the programs
    cache.mkdir(parents=True, exist_ok=True)
    command = ["unshare", "--net"]
    if os.geteuid() == 0:
        for path in (folder, home, cache):
            os.chown(path, uatrust.NOBODY, uatrust.NOBODY)
        command += ["setpriv", f"--reuid={uatrust.NOBODY}", f"--regid={uatrust.NOBODY}", "--clear-groups", "--"]
    else:
        command.append("--map-current-user")
    done = subprocess.run([*command, uatrust.SOURCE / "packaging/build-deb", folder], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env={"PATH": PATH, "HOME": str(home), "CCACHE_DIR": str(cache), "CCACHE_BASEDIR": "",
                               "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": str(uatrust.SOURCE),
                               **environment})
    shutil.rmtree(home)
    if done.returncode:
        raise AssertionError("\n".join(done.stdout.splitlines()[-200:]))
    return done.stdout


def packages(folder=FOLDER):
    """Name -> file of each package that was built, without those of debug symbols; skips where there are none."""
    found = {path.name.partition("_")[0]: path for path in pathlib.Path(folder).glob("*.deb")
             if not re.match(r".*-dbgsym_", path.name)}
    return found or uatrust.skip(f"no packages in {folder}; packaging/deb builds them")
