#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What grows beyond a screen is cut in two: sizes.py ROOT prints each C file of more than 600 lines and, but of tests, which
hold tables, each function of more than 60."""

import pathlib
import sys

FILE_MAX = 600
FUNCTION_MAX = 60

# Handed out to be copied into projects, which take one file.
WHOLE = {"client-lib/open62541/uatrust_open62541.c": 800}


def functions(lines):
    """(line of the brace, length) of each function: from a brace in the first column to its end there."""
    start = None
    for number, line in enumerate(lines, 1):
        if line == "{":
            start = number
        elif line == "}" and start:
            yield start, number - start + 1
            start = None


def main():
    root = pathlib.Path(sys.argv[1])
    files = [path for folder in ("agent", "client-lib", "proto", "tests") for path in (root / folder).rglob("*.[ch]")]
    breaches = []
    for path in sorted(files):
        lines = path.read_text().splitlines()
        name = str(path.relative_to(root))
        if len(lines) > WHOLE.get(name, FILE_MAX):
            breaches.append(f"{name}: {len(lines)} lines")
        breaches += [] if name.startswith("tests/") else [f"{name}:{start}: a function of {length} lines"
                     for start, length in functions(lines) if length > FUNCTION_MAX]
    print("\n".join(breaches) or f"{len(files)} files, none too long")
    sys.exit(1 if breaches else 0)


if __name__ == "__main__":
    main()
