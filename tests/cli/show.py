#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What uatrust show says of files, line by line and member by member."""

import hashlib
import json
import os
import pathlib
import pty
import signal
import ssl
import subprocess
import tempfile
import unittest

import plant
import uatrust

SPEC = """
[cert ca]
ca = yes
subject = CN=Plant CA,O=Plant
key = rsa2048-3
basic_constraints = critical,CA:TRUE,pathlen:1
[cert pump]
subject = CN=Pump
issuer = ca
key = p256-pump
san = URI:urn:plant:pump,URI:urn:plant:other,DNS:pump.plant,IP:192.0.2.7,IP:2001:db8::7
eku = serverAuth,1.2.3.4
extra = crlDistributionPoints=URI:http://ca.plant/ca.crl
not_before_s = 1735689600
not_after_s = 1735776000
[cert odd]
subject = CN=A\x1b[31m
san = URI:urn:odd\x1b[31m\\back
key_usage = -
eku = -
serial = 00
not_before_s = 4000000000
not_after_s = 253402300799
[crl ca]
issuer = ca
number = 0a1b
this_update_s = 1735689600
next_update_s = 1735776000
entry = pump 1
entry = serial:0102 0
entry = serial:0103 6
filler = 40
[crl part]
issuer = ca
delta = 05
idp = critical,onlyuser:TRUE
next_update_s = -
"""

# What is shown; the lines that are in it.
ROWS = [
    (["pump.der"], ["pump.der: certificate", "  subject          CN=Pump", "  issuer           O=Plant,CN=Plant CA",
                    "  ApplicationUri   urn:plant:pump\n                   urn:plant:other\n",
                    "  DNS names        pump.plant", "  IP addresses     192.0.2.7\n                   2001:db8::7\n",
                    "  kind             end entity\n", "  not before       2025-01-01T00:00:00Z\n",
                    "  not after        2025-01-02T00:00:00Z, passed ", " days ago\n", "  key              EC nistP256\n",
                    "  signed with      RSA with SHA-256\n", "  extended usage   serverAuth, other\n",
                    "  CRL at           http://ca.plant/ca.crl\n"]),
    (["ca.der"], ["  kind             CA, self-signed, path length 1\n", "  key usage        keyCertSign, cRLSign (critical)\n",
                  " days left\n"]),
    (["odd.der"], ["  subject          CN=A\\1B[31m\n", "  ApplicationUri   urn:odd\\1B[31m\\5Cback\n",
                   "  key usage        not given\n", "  extended usage   not given\n", "  not after        none\n",
                   "  not before       2096-10-02T07:06:40Z, not yet: in ", "  note  "]),
    (["ca.crl"], ["ca.crl: revocation list", "  number           0a1b\n", "  next update      2025-01-02T00:00:00Z, passed ",
                  "  entries          43\n", "  keyCompromise\n", "  0102  \n", "  0103  certificateHold\n", "    and 23 more\n"]),
    (["--entries", "2", "ca.crl"], ["    and 41 more\n"]),
    (["--entries", "0", "ca.crl"], ["  entries          43\n"]),
    (["part.crl"], ["  changes since    05\n", "  speaks about     changes since its base only\n"
                    "                   certificates of users and applications only\n", "  next update      none\n"]),
    (["two.pem"], ["two.pem: certificate", "two.pem: revocation list", "two.pem: it is a private key\n"]),
]

# What cannot be shown, the exit code, and why.
BAD_ROWS = [
    ([], 2, "FILE or THUMBPRINT is missing"),
    (["--entries", "x", "pump.der"], 2, '--entries: "x" is no number'),
    (["--entries", "1000001", "pump.der"], 2, "is no number up to 1000000"),
    (["--bogus", "pump.der"], 2, "unrecognized option"),
    (["absent"], 66, "absent: No such file"),
    (["."], 66, ".: Is a directory"),
    (["text"], 66, "text: it holds no certificate and no CRL"),
    (["empty"], 66, "empty: it holds no certificate and no CRL"),
    (["pump.key"], 66, "pump.key: it is a private key, which was not read"),
    (["cut.der"], 66, "cut.der: it holds no certificate"),
]


class Show(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = uatrust.folder_for(cls)
        files = uatrust.mint(SPEC)
        pem = ssl.DER_cert_to_PEM_cert(files["pump.der"]).encode()
        crl = ssl.DER_cert_to_PEM_cert(files["ca.crl"]).replace("CERTIFICATE", "X509 CRL").encode()
        files |= {"two.pem": pem + crl + files["pump.key"], "text": b"no more than words\n", "empty": b"",
                  "cut.der": files["pump.der"][:-1]}
        for name, content in files.items():
            (cls.folder / name).write_bytes(content)

    def run_show(self, *arguments, code=0, **more):
        done = subprocess.run([uatrust.TOOL, "show", *arguments], cwd=self.folder, capture_output=True, timeout=60,
                              env={**os.environ, "UATRUST_SOCKET": "/absent"}, **more)
        out, err = done.stdout.decode(), done.stderr.decode()
        self.assertEqual(done.returncode, code, f"{arguments}\n{out}{err}")
        return err if code else out

    def test_what_a_person_reads(self):
        for arguments, lines in ROWS:
            shown = self.run_show(*arguments)
            for line in lines:
                with self.subTest(arguments, line=line):
                    self.assertIn(line, shown)
            self.assertNotIn("\x1b", shown)

    def test_what_a_script_reads(self):
        objects = json.loads(self.run_show("--json", "pump.der", "ca.crl", "two.pem"))["objects"]
        pump, crl = objects[0]["certificate"], objects[1]["crl"]
        self.assertEqual(pump["uris"], ["urn:plant:pump", "urn:plant:other"])
        self.assertEqual(pump["notAfter"], 1735776000)
        self.assertEqual(pump["extendedKeyUsage"], ["serverAuth", "other"])
        self.assertEqual((crl["crlNumber"], crl["entries"], len(crl["revoked"])), ("0a1b", 43, 20))
        self.assertEqual(crl["revoked"][0]["reason"], "keyCompromise")
        self.assertEqual([object["file"] for object in objects[2:]], 3 * ["two.pem"])
        self.assertIn("private key", objects[4]["reason"])

    def test_whoever_runs_it_may_ignore_the_ends_of_children(self):
        self.run_show("--json", "pump.der", preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN))

    def test_the_standard_input_is_shown(self):
        self.assertIn("standard input: certificate", self.run_show("-", input=(self.folder / "pump.der").read_bytes()))

    def test_what_a_store_holds_is_shown_by_its_thumbprint(self):
        with tempfile.TemporaryDirectory() as folder:
            files = plant.make()
            plant.fill(pathlib.Path(folder, "store"), files)
            agent = uatrust.Agent(folder, "--store", pathlib.Path(folder, "store"))
            self.addCleanup(agent.stop)
            for name, words in (("plant.der", ": certificate\n  subject          CN=Plant CA\n"),
                                ("plant.crl", ": revocation list\n  issuer           CN=Plant CA\n")):
                sha256 = hashlib.sha256(files[name]).hexdigest()
                for digits in (sha256, sha256[:8], sha256[:12].upper()):
                    shown = self.run_show(digits, "--socket", agent.socket)
                    self.assertIn("store default, default/trusted/", shown)
                    self.assertIn(words, shown)
                    self.assertIn("  SHA-256          " + sha256, shown)
                told = json.loads(self.run_show(sha256, "--socket", agent.socket, "--json", "--entries", "0"))
                self.assertEqual((told["objects"][0].get("certificate") or told["objects"][0].get("crl"))["sha256"], sha256)
            for arguments, code, words in ((["00000000"], 2, "no certificate there begins so"), (["0" * 64], 2, "no such certificate"),
                                           (["00000000", "11111111"], 2, "stands alone"),
                                           (["--store", "attic", "00000000"], 2, "no such store")):
                with self.subTest(arguments):
                    self.assertIn(words, self.run_show(*arguments, "--socket", agent.socket, code=code))
        self.assertIn("not reachable", self.run_show("00000000", code=69))

    def test_what_cannot_be_shown_says_why(self):
        for arguments, code, words in BAD_ROWS:
            with self.subTest(arguments):
                self.assertIn(words, self.run_show(*arguments, code=code))

    def test_one_bad_file_hides_no_good_one(self):
        done = subprocess.run([uatrust.TOOL, "show", "--json", "absent", "pump.der"], cwd=self.folder, timeout=60,
                              capture_output=True, check=False)
        absent, pump = json.loads(done.stdout)["objects"]
        self.assertEqual((done.returncode, absent["reason"], "certificate" in pump), (66, "No such file or directory", True))

    def test_colour_is_for_terminals_without_no_color(self):
        for no_color, term, expected in (("", "xterm", True), ("1", "xterm", False), ("", "dumb", False)):
            outer, inner = pty.openpty()
            done = subprocess.run([uatrust.TOOL, "show", "pump.der"], cwd=self.folder, stdout=inner, timeout=60, check=False,
                                  env={**os.environ, "NO_COLOR": no_color, "TERM": term})
            os.close(inner)
            with self.subTest(no_color=no_color, term=term):
                self.assertEqual((done.returncode, b"\x1b[" in os.read(outer, 65536)), (0, expected))
            os.close(outer)


if __name__ == "__main__":
    uatrust.main()
