#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Files rewritten at their size right after they were read, on ext2: their stamps, of whole seconds, do not tell.

Needs a loop mount of its own; skipped where that is not allowed.
"""

import contextlib
import hashlib
import mmap
import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import unittest

import deeds
import uatrust

AGENT = "org.uatrust.agent1."
FILES, REWRITES = 50, 300

SPEC = "".join(f"""
[cert beacon{i}]
subject = CN=Beacon {i}
key = rsa2048-{i + 5}
""" for i in range(4))


def mount_ext2(image, folder):
    """A file system on a file, with inodes too small for anything but whole seconds."""
    image.write_bytes(b"")
    os.truncate(image, 32 << 20)
    subprocess.run(["mkfs.ext2", "-q", "-F", "-I", "128", image], check=True, capture_output=True)
    folder.mkdir()
    subprocess.run(["mount", "-t", "ext2", "-o", "loop", image, folder], check=True)


def two_of_one_length(certs):
    by_length = {}
    for der in certs:
        other = by_length.setdefault(len(der), der)
        if other != der:
            return other, der
    raise AssertionError("no two certificates are of one length")


class Rewrite(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = pathlib.Path(tempfile.mkdtemp(prefix="uatrust-rewrite-"))
        cls.addClassCleanup(shutil.rmtree, cls.place)
        mount_ext2(cls.place / "image", cls.place / "disk")
        cls.addClassCleanup(subprocess.run, ["umount", "-l", cls.place / "disk"], check=True)
        cls.contents = two_of_one_length(uatrust.mint(SPEC).values())

    def setUp(self):
        folder = pathlib.Path(tempfile.mkdtemp(dir=self.place))
        self.store = self.place / "disk" / folder.name
        certs = self.store / "trusted/certs"
        certs.mkdir(parents=True)
        self.paths = [certs / f"{i}.der" for i in range(FILES)]
        for path in self.paths:
            path.write_bytes(self.contents[0])
        self.agent = uatrust.Agent(folder, "--store", self.store)
        self.addCleanup(lambda: self.agent.stop())

    def seen(self):
        """Which of the contents the agent knows of each file, in order."""
        known = {}
        with self.agent.connect() as connection:
            parameters = {}
            while True:
                reply = connection.call(AGENT + "ListCertificates", parameters)
                for row in reply["certificates"]:
                    for origin in row["origins"]:
                        known[origin.rsplit("/", 1)[1]] = row["sha256"]
                if not reply["next"]:
                    break
                parameters = {"after": reply["next"]}
        hashes = [hashlib.sha256(content).hexdigest() for content in self.contents]
        return [hashes.index(known[path.name]) for path in self.paths]

    def wait_for(self, expected):
        uatrust.eventually(lambda: self.seen() == expected, f"the agent has read {expected}")

    def test_what_the_kernel_tells_is_read_whatever_the_stamp_says(self):
        path, n_same = self.paths[0], 0
        for i in range(1, REWRITES + 1):
            before = os.stat(path)
            with open(path, "r+b") as file:
                file.write(self.contents[i % 2])
            after = os.stat(path)
            n_same += (before.st_mtime_ns, before.st_ctime_ns) == (after.st_mtime_ns, after.st_ctime_ns)
            self.wait_for([i % 2] + [0] * (FILES - 1))
        print(f"{n_same} of {REWRITES} rewrites left all stamps as they were, and all were seen")
        self.assertGreater(n_same, REWRITES // 4)  # or this is no such file system

    def test_what_the_kernel_does_not_tell_is_read_when_the_grain_is_over(self):
        for path in self.paths:
            path.write_bytes(self.contents[1])
        self.wait_for([1] * FILES)
        with contextlib.ExitStack() as still_open:  # the kernel would tell that they are closed
            begun = time.monotonic()
            for path in self.paths:
                file = still_open.enter_context(open(path, "r+b"))
                mmap.mmap(file.fileno(), 0)[:] = self.contents[0]
            self.wait_for([0] * FILES)
        # By a sweep it would be a minute.
        print(f"{FILES} files that were rewritten in memory were seen after {time.monotonic() - begun:.1f} s")


if __name__ == "__main__":
    try:
        deeds.own_mounts()
        with tempfile.TemporaryDirectory() as trial:
            mount_ext2(pathlib.Path(trial, "image"), pathlib.Path(trial, "disk"))
            subprocess.run(["umount", pathlib.Path(trial, "disk")], check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        uatrust.skip(f"an ext2 loop mount: {error}")
    uatrust.main()
