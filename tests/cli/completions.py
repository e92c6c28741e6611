#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the completions of bash, zsh and fish offer, driven by their own shells against a real agent.

zsh's own machinery is not run: what the function offers is printed, and chosen from here by the word."""

import os
import pathlib
import subprocess
import unittest

import plant
import uatrust

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "packaging/completions"

# _uatrust is called as readline does, with the line as bash splits it: at blanks, and "=" is a word of its own.
BASH = """
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
_uatrust
printf '%s\\n' "${COMPREPLY[@]}"
"""

# What zsh would choose from; a colon in a word is escaped.
ZSH = r"""
compadd() { [[ $1 == -- ]] && shift; print -l -- "$@" }
_describe() { local item; for item in ${(P)4}; do print -r -- ${item%%:*}; done }
_files() { }
file=$1; shift
words=("$@"); CURRENT=$#
set --
source $file || true
"""

ALL, REJECTED, NONE = object(), object(), ()

# The words of a line, and what is offered for the last; {} are thumbprints.
ROWS = [
    (["tr"], ["trust"]),
    (["un"], ["unblock", "untrust"]),
    (["help", "rel"], ["reload"]),
    (["help", "own", "re"], ["recover", "renew", "request"]),
    (["own", "--"], ["--help"]),
    (["own", "re"], ["recover", "renew", "request"]),
    (["own", "create", "--key-type", "n"], ["nistP256", "nistP384"]),
    (["own", "install", "--format", ""], ["pem", "pfx"]),
    (["own", "create", "--pass"], ["--passphrase", "--passphrase-fd", "--passphrase-file"]),
    (["own", "renew", "--days", "1"], NONE),
    (["bogus", ""], NONE),
    (["status", "--"], ["--help", "--json", "--socket", "--timeout"]),
    (["show", "--e"], ["--entries"]),
    (["validate", "--pu"], ["--purpose"]),
    (["validate", "--purpose", ""], ["client", "https", "server", "user"]),
    (["check", "--layout", "o"], ["open62541"]),
    (["list", "c"], ["certificates", "crls"]),
    (["list", "b"], ["blocks"]),
    (["list", "--list", "i"], ["issuers"]),
    (["monitor", ""], ["default"]),
    (["list", "--store", ""], ["default"]),
    (["trust", ""], REJECTED),
    (["rejected", "--remove", ""], REJECTED),
    (["untrust", ""], ALL),
    (["block", ""], ALL),
    (["unblock", ""], NONE),
    (["trust", "--store", "attic", ""], NONE),
]

BASH_ROWS = [
    (["list", "--store", "=", "d"], ["default"]),
    (["list", "--store", "="], ["default"]),
    (["trust", "./x"], NONE),
]


class Completions(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = uatrust.folder_for(cls)
        files = plant.make()
        plant.fill(cls.folder / "store", files)
        cls.agent = uatrust.Agent(cls.folder, "--store", cls.folder / "store")
        cls.addClassCleanup(cls.agent.stop)
        cls.environment = {**os.environ, "UATRUST_SOCKET": cls.agent.socket, "LC_ALL": "C.UTF-8", "HOME": str(cls.folder),
                           "PATH": f"{uatrust.TOOL.parent}:{os.environ['PATH']}"}
        cls.agent.validate(files["stranger.der"])
        chain = cls.agent.validate(files["pump.der"], at=0)["chain"]
        with cls.agent.connect() as connection:
            cls.all = sorted(item["sha256"] for item in connection.call("org.uatrust.agent1.ListCertificates")["certificates"]
                             if item["list"] != "rejected")
            cls.rejected = uatrust.eventually(lambda: [item["sha256"] for item in connection.call(
                "org.uatrust.agent1.ListRejected")["rejected"]], "the certificate is recorded")
        assert len(cls.all) == 2 and chain

    def run_shell(self, *command):
        done = subprocess.run(command, env=self.environment, cwd=self.folder, text=True, capture_output=True, timeout=60)
        self.assertEqual((done.returncode, done.stderr), (0, ""), command)
        return sorted(set(line.split("\t")[0] for line in done.stdout.splitlines() if line))

    def check(self, rows, complete):
        for words, expected in rows:
            expected = sorted({id(ALL): self.all, id(REJECTED): self.rejected}.get(id(expected), expected))
            with self.subTest(words):
                offered = complete(words)
                if words[:2] == ["block", ""]:
                    self.assertLessEqual(set(expected), set(offered))
                else:
                    self.assertEqual(offered, expected)

    def test_bash(self):
        self.check(ROWS + BASH_ROWS, lambda words: self.run_shell(
            "bash", "--norc", "-c", BASH, "bash", str(FOLDER / "uatrust.bash"), "uatrust", *words))

    def test_bash_without_an_agent_offers_no_words_and_says_nothing(self):
        self.assertEqual(self.run_shell("env", "UATRUST_SOCKET=/absent", "bash", "-c", BASH, "bash",
                                        str(FOLDER / "uatrust.bash"), "uatrust", "trust", ""), [])

    def test_fish(self):
        uatrust.need("fish")
        there = set(os.listdir(self.folder)) | {name + "/" for name in os.listdir(self.folder)}
        self.check(ROWS, lambda words: [word for word in self.run_shell(
            "fish", "--no-config", "-c", f"source {FOLDER}/uatrust.fish; complete -C '{' '.join(['uatrust', *words])}'")
            if word not in there])

    def test_zsh(self):
        uatrust.need("zsh")
        self.run_shell("zsh", "-n", str(FOLDER / "_uatrust"))
        self.check(ROWS, lambda words: [word for word in self.run_shell(
            "zsh", "-f", "-c", ZSH, "zsh", str(FOLDER / "_uatrust"), "uatrust", *words) if word.startswith(words[-1])])

    def test_every_option_of_every_verb_is_offered(self):
        """The help texts are what completions read: an option that only getopt_long() knows is offered by nobody."""
        for verb in self.run_shell("bash", "--norc", "-c", BASH, "bash", str(FOLDER / "uatrust.bash"), "uatrust", ""):
            if verb.startswith("-") or verb in ("help", "own"):
                continue
            with self.subTest(verb):
                offered = self.run_shell("bash", "--norc", "-c", BASH, "bash", str(FOLDER / "uatrust.bash"), "uatrust", verb, "--")
                self.assertEqual("--json" in offered, verb != "metrics")
                self.assertIn("--help", offered)


if __name__ == "__main__":
    uatrust.main()
