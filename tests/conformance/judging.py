# SPDX-License-Identifier: Apache-2.0
"""Foreign cases before a real agent: each case has a store of its own, and its verdict is compared with what the corpus
says. Where we differ on purpose, a checked-in table says so: case, our status, reason, parted by tabs."""

import base64
import pathlib
import re
import sys
import tempfile

import uatrust

STORES = 64  # of one agent


class Case:
    """files: path within the store -> bytes; presented: DER, the one in question first; settings: of the store; more: of
    the request."""

    def __init__(self, name, accept, files, presented, settings=(), **more):
        self.name, self.accept, self.files, self.presented = name, accept, files, presented
        self.settings, self.more = settings, more
        self.verdict = None


def pem_objects(path):
    """(label, DER) of each object of a PEM file."""
    objects = re.findall(r"-----BEGIN ([^-]+)-----(.*?)-----END", path.read_text(), re.S)
    return [(label, base64.b64decode(body)) for label, body in objects]


def judge(cases):
    """Sets the verdict of each case."""
    for start in range(0, len(cases), STORES):
        with tempfile.TemporaryDirectory() as folder:
            judge_some(pathlib.Path(folder), cases[start:start + STORES])


def judge_some(folder, cases):
    config = ""
    for number, case in enumerate(cases):
        store = folder / f"s{number}"
        (store / "trusted/certs").mkdir(parents=True)
        for name, data in case.files.items():
            uatrust.replace(store / name, data)
        config += "\n".join([f"[Store s{number}]", f"Path={store}", *case.settings, ""])
    (folder / "conf").write_text(config)
    agent = uatrust.Agent(folder, "--config", folder / "conf")
    with agent.connect() as connection:
        for number, case in enumerate(cases):
            case.verdict = connection.validate(*case.presented, store=f"s{number}", **case.more)
    agent.stop()


def read_table(path):
    """case -> (status, reason)"""
    lines = [line for line in path.read_text().splitlines() if line and not line.startswith("#")]
    rows = [line.split("\t") for line in lines]
    for row in rows:
        if len(row) != 3 or not row[2]:
            sys.exit(f"{path}: not case, status, reason: {row}")
    return {case: (status, reason) for case, status, reason in rows}


def compare(results, table, may_accept=""):
    """results: (case, should be accepted, was accepted, status). Ends the program: 0 if all is as the corpus or the table
    says. What the corpus refuses may be accepted only where the table's reason begins with may_accept."""
    known = read_table(pathlib.Path(__file__).with_name(table))
    problems, agreed = [], 0
    for name, wanted, accepted, status in results:
        listed, reason = known.pop(name, (None, ""))
        if accepted == wanted:
            agreed += 1
            if listed is not None:
                problems.append(f"{name}: in {table}, but as it should be")
        elif accepted and not (may_accept and reason.startswith(may_accept)):
            problems.append(f"{name}: WRONGLY ACCEPTED")
        elif listed != status:
            problems.append(f"{name}: {status}, {table} says {listed}")
    problems += [f"{name}: in {table}, but no such case" for name in known]
    print("\n".join(problems))
    print(f"{len(results)} cases: {agreed} as wanted, {len(results) - agreed} not, "
          f"{sum(a and not w for _, w, a, _ in results)} accepted that should not be")
    sys.exit(1 if problems else 0)
