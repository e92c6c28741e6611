#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""readme.py README INCLUDE_DIR LIBRARY [SANITIZERS]: the README's program, of at most 40 lines, compiles as printed,
and says who is good, who is not, and when nobody answers."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

import plant
import uatrust

PEM = "-----BEGIN CERTIFICATE-----\nMAMwAQA=\n-----END CERTIFICATE-----\n"


def ask_agent(program, folder):
    """Is anything not as the program shall answer about a good and a strange certificate?"""
    files = plant.make()
    plant.fill(folder / "store", files)
    agent = uatrust.Agent(folder, "--store", folder / "store")
    wrong = False
    try:
        for name, expected in (("pump", (0, "Good\n")), ("stranger", (1, "BadCertificateUntrusted\n"))):
            (folder / f"{name}.der").write_bytes(files[f"{name}.der"])
            done = subprocess.run([program, folder / f"{name}.der"], env={**os.environ, "UATRUST_SOCKET": agent.socket},
                                  stdout=subprocess.PIPE, text=True, timeout=20, check=False)
            print(name, done.returncode, done.stdout)
            wrong = wrong or (done.returncode, done.stdout) != expected
    finally:
        agent.stop()
    return wrong


def main():
    readme, include_dir, library, *sanitizers = sys.argv[1:]
    source = re.search(r"```c\n(.*?)```", open(readme, encoding="utf-8").read(), re.S).group(1)
    if len(source.splitlines()) > 40:
        sys.exit("more than 40 lines")
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
        if done.returncode != 2 or "could not ask: agent is not reachable" not in done.stderr:
            sys.exit(1)
        sys.exit(ask_agent(paths["example"], pathlib.Path(folder)))


if __name__ == "__main__":
    main()
