#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The tests of client-lib/node, by node's own test runner; they need nothing but node and the build."""

import os
import pathlib
import subprocess
import sys
import tempfile

import plant
import uatrust

HERE = pathlib.Path(__file__).resolve().parent
STALE = """
[crl stale]
issuer = plant
number = 03
this_update_s = {last_week}
next_update_s = {yesterday}
"""


def main():
    node = uatrust.node(18)
    with tempfile.TemporaryDirectory() as minted:
        for name, data in plant.make(STALE).items():
            pathlib.Path(minted, name).write_bytes(data)
        sys.exit(subprocess.run([node, "--test", *sorted(HERE.glob("*.test.mjs"))],
                                env={**os.environ, "UATRUST_MINTED": minted}).returncode)


if __name__ == "__main__":
    main()
