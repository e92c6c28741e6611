#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""readme.py README INCLUDE_DIR LIBRARY [SANITIZERS]: the README's program compiles as printed and says when nobody answers."""

import os
import re
import subprocess
import sys
import tempfile

PEM = "-----BEGIN CERTIFICATE-----\nMAMwAQA=\n-----END CERTIFICATE-----\n"


def main():
    readme, include_dir, library, *sanitizers = sys.argv[1:]
    source = re.search(r"```c\n(.*?)```", open(readme, encoding="utf-8").read(), re.S).group(1)
    with tempfile.TemporaryDirectory() as folder:
        paths = {name: os.path.join(folder, name) for name in ("example.c", "example", "certificate")}
        for name, content in (("example.c", source), ("certificate", PEM)):
            with open(paths[name], "w", encoding="ascii") as file:
                file.write(content)

        subprocess.run(["cc", "-std=c99", "-pedantic", "-Wall", "-Wextra", "-Werror", "-I", include_dir,
                        *(f"-fsanitize={names}" for names in sanitizers if names), "-o", paths["example"],
                        paths["example.c"], library, f"-Wl,-rpath,{os.path.dirname(library)}"], check=True)

        environment = {**os.environ, "UATRUST_SOCKET": os.path.join(folder, "absent")}
        done = subprocess.run([paths["example"], paths["certificate"]], env=environment, capture_output=True, text=True,
                              timeout=20, check=False)
        print(done.stdout, done.stderr)
        sys.exit(done.returncode != 2 or "could not ask: agent is not reachable" not in done.stderr)


if __name__ == "__main__":
    main()
