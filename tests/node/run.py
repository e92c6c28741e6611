#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The tests of client-lib/node, by node's own test runner; they need nothing but node and the build."""

import pathlib
import subprocess
import sys

import uatrust

HERE = pathlib.Path(__file__).resolve().parent

if __name__ == "__main__":
    sys.exit(subprocess.run([uatrust.node(18), "--test", *sorted(HERE.glob("*.test.mjs"))]).returncode)
