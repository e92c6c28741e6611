#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""manual.py UATRUST PAGE: the manual page uatrust.1, the help texts and what the command does agree."""

import json
import pathlib
import re
import subprocess
import sys
import unittest

import uatrust

TOOL, PAGE = sys.argv[1], pathlib.Path(sys.argv.pop(2)).read_text()
del sys.argv[1]

OWN = ("create", "request", "install", "renew", "check", "recover")

# What has an exit code of its own, at every verb that can come so far: arguments, exit code, what is said.
EVERY = {"block", "check", "export", "import", "list", "metrics", "monitor", "rejected", "reload", "show", "status",
         "trust", "unblock", "untrust", "validate"}
AGENT = EVERY - {"check", "metrics"}  # those that ask it, and fail without
FIRST = {"block": ["0" * 64], "check": ["{folder}/pki"], "export": ["{folder}/out"], "import": ["--yes", "{folder}/pki"],
         "show": ["0" * 64], "trust": ["0" * 64], "unblock": ["0" * 64], "untrust": ["0" * 64], "validate": ["{folder}/cert"]}


def help_of(*verb):
    return subprocess.run([TOOL, "help", *verb], text=True, capture_output=True, timeout=60, check=True).stdout


def verbs():
    return re.findall(r"^  ([a-z]+) ", help_of(), re.M)


def options(text):
    return set(re.findall(r"^ +(?:-[a-zA-Z], )?(--[a-z-]+)", text, re.M))


def section(title):
    return re.search(rf"^# {re.escape(title)}\n(.*?)(?=^# |\Z)", PAGE, re.M | re.S).group(1)


class Manual(unittest.TestCase):
    def setUp(self):
        self.folder = uatrust.folder_for(self)

    def run_tool(self, *arguments, **more):
        arguments = [argument.format(folder=self.folder) for argument in arguments]
        return subprocess.run([TOOL, *arguments], text=True, stdin=subprocess.DEVNULL, timeout=60, cwd=self.folder,
                              **{"capture_output": True, **more}, check=False)

    def test_every_verb_is_in_the_page_and_every_verb_of_the_page_is_one(self):
        told = set(re.findall(r"\*([a-z]+)\*", "\n".join(re.findall(r"^(\*[a-z]+\*(?:, \*[a-z]+\*)*)$", section("VERBS"), re.M))))
        self.assertEqual(told, set(verbs()))
        synopsis = section("SYNOPSIS")
        for verb in verbs():
            self.assertRegex(synopsis, rf"\*{verb}\*")

    def test_every_option_is_in_the_page_and_every_option_of_the_page_is_one(self):
        known = set().union(*(options(help_of(verb)) for verb in verbs() if verb != "own"),
                            *(options(help_of("own", verb)) for verb in OWN))
        told = set(re.findall(r"\*(--[a-z-]+)\*", PAGE)) | {"--help"}
        own = set().union(*(options(help_of("own", verb)) for verb in OWN))
        self.assertEqual(known - told - own, set(), "options that the page lacks")
        self.assertEqual(told - known - {"--version"}, set(), "options that nobody knows")

    def test_every_option_stands_in_the_section_of_a_verb_that_knows_it(self):
        for title in re.findall(r"^# (OPTIONS OF .*)$", PAGE, re.M):
            named = set(verbs()) & set(re.findall("[a-z]+", title.lower()))
            told = set(re.findall(r"\*(--[a-z-]+)\*", "".join(re.findall(r"^\*-.*$", section(title), re.M))))
            if named:
                with self.subTest(title):
                    self.assertEqual(told - set().union(*map(options, map(help_of, named))), set())

    def test_all_exit_codes_of_the_page_are_those_of_sysexits_or_ours(self):
        told = {int(code) for line in re.findall(r"^(\*\d+\*(?:, \*\d+\*)*)$", section("EXIT STATUS"), re.M)
                for code in re.findall(r"\d+", line)}
        self.assertLessEqual({0, 1, 2, 66, 69, 71, 73, 74, 75, 76, 77}, told)

    def test_wrong_arguments_are_usage_at_every_verb(self):
        self.assertEqual(set(verbs()) - {"own"}, EVERY)
        for verb in sorted(EVERY):
            for arguments, words in (["--bogus"], f"uatrust {verb}: unrecognized option '--bogus'"), (["--json=x"], "doesn't allow"):
                done = self.run_tool(verb, *arguments)
                with self.subTest(verb, arguments=arguments):
                    self.assertEqual((done.returncode, done.stdout), (2, ""))
                    self.assertIn(words, done.stderr)
            if verb == "check":
                continue
            for value in ("", "x", "-1", "1x", "99999999999999999999"):
                done = self.run_tool(verb, "--timeout", value, *FIRST.get(verb, []))
                with self.subTest(verb, timeout=value):
                    self.assertEqual(done.returncode, 2)
                    self.assertIn(f'--timeout: "{value}" is no number of milliseconds', done.stderr)

    def test_wrong_arguments_are_an_error_in_json_too(self):
        rows = [([verb, "--bogus"], "unrecognized option '--bogus'") for verb in sorted(EVERY - {"metrics"})]
        rows += [(["metrics"], "there is no JSON of it: see uatrust status")]
        rows += [(["own", verb, "--bogus"], "unrecognized option '--bogus'") for verb in OWN]
        rows += [
            (["bogus"], '"bogus" is no verb'), (["own", "bogus"], '"bogus" is no verb'),
            (["list", "--list"], "option '--list' requires an argument"), (["list", "-x"], "invalid option -- 'x'"),
            (["list", "--json=x"], "option '--json' doesn't allow an argument"),
            (["list", "--s", "x"], "option '--s' is ambiguous"), (["list", "x"], '"x" is none of certificates, crls, blocks'),
            (["validate", "--purpose", "x"], '--purpose: "x" is none of client, server, user, https'),
            (["block", "--issuer", "0" * 64], "--issuer is for trust"), (["import"], "DIR or FILE is missing"),
            (["import", "--layout", "x", "y"], '--layout: "x" is none, or has no such group'),
            (["check"], "DIR is missing"), (["show", "--entries", "x", "y"], '--entries: "x" is no number up to 1000000'),
            (["own", "create"], "--directory is missing"),
            (["own", "create", "--directory", "x", "--days", "x"], '--days: "x" is no number from 1 to 36500')]
        for arguments, words in rows:
            at = 2 if arguments[0] == "own" else 1
            done = self.run_tool(*arguments[:at], "--json", *arguments[at:])
            with self.subTest(arguments):
                self.assertEqual((done.returncode, done.stdout.count("\n")), (2, 1), done.stderr)
                self.assertEqual(json.loads(done.stdout), {"error": {"text": words, "exitCode": 2}})
                self.assertIn(words, done.stderr)

    def prepare(self):
        for name in ("trusted/certs", "issuers/certs"):
            pathlib.Path(self.folder, "pki", name).mkdir(parents=True)
        pathlib.Path(self.folder, "cert").write_text("-----BEGIN CERTIFICATE-----\nZm9v\n-----END CERTIFICATE-----\n")

    def test_an_agent_that_is_away_is_69_at_every_verb_that_asks_it(self):
        self.prepare()
        for verb in sorted(AGENT - {"import"}):  # which has nothing to say of an empty folder
            done = self.run_tool(verb, "--socket", "/absent", *FIRST.get(verb, []),
                                 *(["--admin-socket", "/absent"] if "--admin-socket" in options(help_of(verb)) else []))
            with self.subTest(verb):
                self.assertEqual(done.returncode, 69, done.stderr)
                self.assertIn("agent is not reachable: /absent", done.stderr)

    def test_an_error_is_one_object_in_json_at_every_verb_that_asks(self):
        self.prepare()
        for verb in sorted(AGENT - {"import", "export"}):
            done = self.run_tool(verb, "--json", "--socket", "/absent", *FIRST.get(verb, []),
                                 *(["--admin-socket", "/absent"] if "--admin-socket" in options(help_of(verb)) else []))
            with self.subTest(verb):
                told = json.loads(done.stdout)
                error = told["results"][0]["error"] if verb == "validate" else told["error"]
                self.assertEqual((error["exitCode"], done.returncode), (69, 69))
                self.assertIn("uatrust: ", done.stderr)
                self.assertIn(error["text"], done.stderr)

    def test_what_cannot_be_read_or_written_is_an_error_in_json_too(self):
        self.prepare()
        for verb, code in (("check", 66), ("import", 66)):
            done = self.run_tool(verb, "--json", "/absent")
            with self.subTest(verb):
                self.assertEqual((done.returncode, json.loads(done.stdout)["error"]["exitCode"]), (code, code))
                self.assertIn("/absent: No such file or directory", done.stderr)

    def test_output_that_nobody_gets_is_74(self):
        self.prepare()
        for arguments in (["help"], ["--version"], ["check", "{folder}/pki"], *([verb, "--help"] for verb in sorted(EVERY))):
            with open("/dev/full", "w", encoding="ascii") as full:
                done = self.run_tool(*arguments, capture_output=False, stdout=full, stderr=subprocess.PIPE)
            with self.subTest(arguments):
                self.assertEqual(done.returncode, 74, done.stderr)
                self.assertIn("standard output: No space left on device", done.stderr)


if __name__ == "__main__":
    uatrust.main()
