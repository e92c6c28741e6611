#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""diff.py [--write] LIBRARY INCLUDE_DIR: does the library have the ABI that tests/abi/libuatrust.abi says?

The dump names its architecture, and is compared there only. It is written anew by `cmake --build --preset dev --target abi`:
after an addition that is all. What is changed or removed breaks whoever was linked before: that wants another SONAME.
"""

import os
import pathlib
import platform
import re
import subprocess
import sys

import uatrust

DUMP = pathlib.Path(__file__).with_name("libuatrust.abi")
ARCHITECTURES = {"x86_64": "elf-amd-x86_64", "aarch64": "elf-arm-aarch64"}
COMMON = ["--drop-private-types", "--exported-interfaces-only", "--no-corpus-path",
          "--suppressions", DUMP.with_name("libuatrust.abignore")]


def write(library, include_dir):
    subprocess.run(["abidw", *COMMON, "--headers-dir", include_dir, "--drop-undefined-syms", "--no-comp-dir-path",
                    "--no-show-locs", "--no-elf-needed", "--no-parameter-names", "--type-id-style", "hash",
                    "--out-file", DUMP, os.path.realpath(library)], check=True)


def main():
    arguments = sys.argv[1:]
    uatrust.need("abidiff")
    if arguments[0] == "--write":
        return write(*arguments[1:])

    library, include_dir = arguments
    named = re.search(r"architecture='(.+?)'", DUMP.read_text(encoding="utf-8")).group(1)
    if named != ARCHITECTURES.get(platform.machine()):
        uatrust.skip(f"the ABI dump is of {named}")
    done = subprocess.run(["abidiff", *COMMON, "--headers-dir2", include_dir, DUMP, os.path.realpath(library)],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    print(done.stdout, end="")
    if done.returncode:
        print(f"abidiff says {done.returncode}: see the head of {__file__}")
    return done.returncode != 0


if __name__ == "__main__":
    sys.exit(main())
