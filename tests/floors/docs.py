#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the READMEs name is there: docs.py ROOT looks for each linked file, each test, and no README over its length."""

import os
import pathlib
import re
import sys

LINES = {"README.md": 120, "agent/README.md": 150, "proto/README.md": 150, "client-lib/README.md": 80,
         "tests/README.md": 100, "packaging/README.md": 200}
TEST = re.compile(r"`((?:unit|system|parity|floors|conformance|cli|abi|fuzz|packaging)/[a-z0-9_/]+)`")
MEASURED = re.compile(r"(?<=begin -->\n).*?(?=<!-- end)", re.S)  # by tests/bench/run: it is as long as it is
LINK = re.compile(r"\]\(([^)#:]+)\)")


def tests():
    """As CMake wrote them down: to ask ctest inside ctest would begin its log anew."""
    listing = (pathlib.Path(os.environ["UATRUST_BUILD"]) / "tests/CTestTestfile.cmake").read_text()
    return set(re.findall(r"^add_test\(\[=\[(.+?)\]=\]", listing, re.M))


def main():
    root, known, breaches = pathlib.Path(sys.argv[1]), tests(), []
    for name, most in LINES.items():
        text = (root / name).read_text()
        length = len(MEASURED.sub("", text).splitlines())
        if length > most:
            breaches.append(f"{name}: {length} lines, at most {most}")
        folder = (root / name).parent
        breaches += [f"{name}: no file {link}" for link in LINK.findall(text) if not (folder / link).exists()]
        breaches += [f"{name}: no test {test}" for test in TEST.findall(text)
                     if test not in known and not (root / "tests" / test).exists()]
    print("\n".join(breaches) or f"{len(LINES)} READMEs say what is so")
    sys.exit(1 if breaches else 0)


if __name__ == "__main__":
    main()
