#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""symbols.py LIBRARY MAP HEADER...: headers, version map and what the library exports name the same functions."""

import re
import subprocess
import sys


def main():
    library, version_map, *headers = sys.argv[1:]
    text = "".join(re.sub(r"/\*.*?\*/", "", open(path, encoding="utf-8").read(), flags=re.S) for path in headers)
    declared = re.findall(r"\b(uatrust_\w+)\(", text)
    mapped = re.findall(r"^\s+(uatrust_\w+);", open(version_map, encoding="utf-8").read(), flags=re.M)
    lines = subprocess.run(["nm", "-D", "--defined-only", "--format=posix", library], check=True,
                           capture_output=True, text=True).stdout.splitlines()
    exported = [line.split()[0].split("@")[0] for line in lines if line.split()[1] != "A"]

    print(f"{len(declared)} declared, {len(mapped)} mapped, {len(exported)} exported")
    if declared != mapped:
        print("header and map differ:", *sorted(set(declared) ^ set(mapped)) or ["order"])
    if sorted(exported) != sorted(declared):
        print("header and library differ:", *sorted(set(exported) ^ set(declared)))
    sys.exit(declared != mapped or sorted(exported) != sorted(declared))


if __name__ == "__main__":
    main()
