#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""library.py PROGRAM [ARGUMENT...]: runs a C test of the library that starts agents by harness/plant.c."""

import os
import pathlib
import subprocess
import sys
import tempfile

import plant
import uatrust


def main():
    with tempfile.TemporaryDirectory() as folder:
        for name, data in plant.make().items():
            pathlib.Path(folder, name).write_bytes(data)
        environment = {**os.environ, "UATRUST_PLANT": folder, "UATRUST_AGENT": str(uatrust.AGENT)}
        sys.exit(subprocess.run(sys.argv[1:], env=environment, check=False).returncode)


if __name__ == "__main__":
    main()
