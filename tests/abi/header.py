#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""header.py HEADER INCLUDE_DIR: the public header alone satisfies a C99 and a C++ compiler, pedantically."""

import shutil
import subprocess
import sys

COMPILERS = [["cc", "-x", "c", "-std=c99"], ["cc", "-x", "c", "-std=c11"], ["c++", "-x", "c++", "-std=c++11"]]


def main():
    header, include_dir = sys.argv[1:]
    failed = False
    for compiler in COMPILERS:
        if not shutil.which(compiler[0]):
            print("SKIPPED:", compiler[0], "is not installed")
            continue
        command = compiler + ["-pedantic", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-I", include_dir, "-"]
        done = subprocess.run(command, input=f"#include <{header}>\n", text=True, check=False)
        failed = failed or done.returncode != 0
    sys.exit(failed)


if __name__ == "__main__":
    main()
