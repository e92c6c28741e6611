#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs a fuzzer: hunt.py PROGRAM SEEDS..., for UATRUST_FUZZ_S seconds (30). Seeds are folders, those that begin with
corpora/ of foreign test data. What it finds lies beside the program, in findings/: once mended, it belongs into
tests/fuzz/regressions. What it learned is kept in corpus/ beside the program, for the next run."""

import os
import pathlib
import subprocess
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[2]
CORPORA = pathlib.Path(os.environ.get("UATRUST_CORPORA", SOURCE.parent / "shared/corpora"))
INPUT_S = 20  # for one input, under sanitizers
MEMORY_MB = 2048


def find(seeds):
    """The folders that are there."""
    for seed in seeds:
        folder = CORPORA / seed.removeprefix("corpora/") if seed.startswith("corpora/") else pathlib.Path(seed)
        if folder.is_dir():
            yield folder
        elif seed.startswith("corpora/"):
            print(f"SKIPPED: fuzz: no foreign test data at {folder}; UATRUST_CORPORA names the folder")


def main():
    program = pathlib.Path(sys.argv[1])
    target = program.name.removeprefix("fuzz-")
    corpus, findings = program.parent / "corpus" / target, program.parent / "findings"
    for folder in (corpus, findings):
        folder.mkdir(parents=True, exist_ok=True)
    environment = dict(os.environ)
    if "TMPDIR" not in environment and os.access("/dev/shm", os.W_OK):
        environment["TMPDIR"] = "/dev/shm"
    seconds = os.environ.get("UATRUST_FUZZ_S", "30")
    done = subprocess.run([program, f"-max_total_time={seconds}", f"-timeout={INPUT_S}", f"-rss_limit_mb={MEMORY_MB}",
                           f"-artifact_prefix={findings}/{target}-", "-print_final_stats=1", "-verbosity=0", corpus,
                           *find(sys.argv[2:])], env=environment)
    sys.exit(1 if done.returncode else 0)  # libFuzzer ends with 77, which ctest takes for skipped


if __name__ == "__main__":
    main()
