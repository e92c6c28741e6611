#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""man finds each page by what it is called and formats it without a warning, and the pages of ours that it names are
there."""

import os
import re
import subprocess
import sys

import uatrust

QUIET = "-Wbreak"  # some groff warns of each line that it cannot stretch to the width of a table's column
NAMED = re.compile(r"\b(u?(?:lib)?uatrust[a-z_.-]*)\(([1-8])\)")


def main():
    uatrust.need("man")
    pages = [path for path in (uatrust.BUILD / "packaging").glob("*.[1-8]") if path.is_file()]
    if not pages:
        uatrust.skip("no pages: scdoc makes them")
    names, faults = {path.name for path in pages}, []
    for page in sorted(pages):
        done = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", page], capture_output=True, text=True,
                              env={**os.environ, "LC_ALL": "C.UTF-8", "MANWIDTH": "80", "MANROFFOPT": QUIET})
        faults += [f"{page.name}: {line}" for line in done.stderr.splitlines()]
        if not done.stdout.lower().startswith(f"{page.stem}({page.suffix[1:]}"):
            faults.append(f"{page.name}: it is called {done.stdout.splitlines()[:1]}")
        text = re.sub(r"\\f.|\\", "", page.read_text())
        faults += [f"{page.name}: no page {name}({section})" for name, section in set(NAMED.findall(text))
                   if f"{name}.{section}" not in names]
    links = {link: link.read_text().split("/")[-1].strip() for link in (uatrust.BUILD / "packaging/man3").glob("*")}
    faults += [f"{link.name}: leads to no page" for link, page in links.items() if page not in names]
    print("\n".join(faults) or f"{len(pages)} pages: {' '.join(sorted(names))}")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
