#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What uatrust check says of a PKI folder, row by row: something is put into a good one, and this is said of it."""

import json
import os
import subprocess
import unittest

import plant
import uatrust

SPEC = """
[cert weak]
subject = CN=Weak
key = rsa1024-1
issuer = plant
[cert bare]
subject = CN=Bare
issuer = plant
san = DNS:bare.plant
[cert lame]
subject = CN=Lame
issuer = plant
key_usage = critical,digitalSignature
[cert lame_orphan]
subject = CN=Lame orphan
issuer = nobody
key_usage = critical,digitalSignature
[cert lonely]
ca = yes
subject = CN=Lonely
key = p256-lonely
[cert soon]
subject = CN=Soon
key = p256-soon
issuer = plant
not_after_s = {next_month}
[cert odd]
subject = CN=Odd
key = p256-odd
issuer = plant
serial = 00
[crl lonely]
issuer = lonely
{times}
[crl old]
issuer = plant
number = 00
this_update_s = {yesterday}
next_update_s = {yesterday}
"""

REFUSED, WARNING, NOTE = "refused", "warning", "note"
USER = "trustedUser/certs/user.der"

# What is done to the folder: path -> file of the mint, or bytes; None: it goes. Then file, level, status, words.
ROWS = [
    ({"trusted/certs/late.der": "late.der"}, "trusted/certs/late.der", REFUSED, "BadCertificateTimeInvalid", "expired"),
    ({"trusted/certs/weak.der": "weak.der"}, "trusted/certs/weak.der", REFUSED, "BadCertificatePolicyCheckFailed", "1024"),
    ({"trusted/certs/bare.der": "bare.der"}, "trusted/certs/bare.der", REFUSED, "BadCertificateUriInvalid", "no ApplicationUri"),
    ({"own/certs/lame.der": "lame.der"}, "own/certs/lame.der", REFUSED, "BadCertificateUseNotAllowed", "keyEncipherment"),
    ({"trusted/certs/orphan.der": "orphan.der"}, "trusted/certs/orphan.der", REFUSED, "BadCertificateChainIncomplete", "CN=Nobody"),
    ({"own/certs/orphan.der": "orphan.der"}, "own/certs/orphan.der", WARNING, "BadCertificateChainIncomplete", "CN=Nobody"),
    ({"own/certs/orphan.der": "lame_orphan.der"}, "own/certs/orphan.der", REFUSED, None, "keyUsage lacks one of"),
    ({"trusted/certs/lonely.der": "lonely.der"}, "trusted/certs/lonely.der", REFUSED, "BadCertificateRevocationUnknown",
     "list of this CA is missing"),
    ({"trusted/crl/plant.crl": "old.crl"}, "trusted/certs/plant.der", REFUSED, "BadCertificateRevocationUnknown",
     "list of this CA is out of date"),
    ({"trusted/crl/lonely.crl": "lonely.crl"}, "trusted/crl/lonely.crl", REFUSED, None, "no certificate of the lists verifies"),
    ({"trusted/crl/old.crl": "old.crl"}, "trusted/crl/old.crl", WARNING, None, "a newer revocation list of its signer"),
    ({"trusted/crl/revoking.crl": "revoking.crl"}, "trusted/certs/pump.der", REFUSED, "BadCertificateRevoked", ""),
    ({"issuers/certs/pump.der": "valve.der"}, "issuers/certs/pump.der", REFUSED, "BadCertificateIssuerUseNotAllowed", "it is no CA"),
    ({"trusted/crl/cut.crl": "cut.crl"}, "trusted/crl/cut.crl", REFUSED, None, "it is cut off"),
    ({"trusted/certs/README": b"words"}, "trusted/certs/README", WARNING, None, "neither DER nor PEM"),
    ({"trusted/certs/pump.pem": "pump.key"}, "trusted/certs/pump.pem", REFUSED, None, "private key, which was not read"),
    ({"rejected/certs/cut.der": "cut.der"}, "rejected/certs/cut.der", WARNING, None, "cut off"),
    ({"rejected/certs/pump.der": "pump.der"}, "trusted/certs/pump.der", WARNING, None, "among the rejected ones as well"),
    ({f"trusted/certs/CN [{'a' * 40}].der": "valve.der"}, f"trusted/certs/CN [{'a' * 40}].der", WARNING, None,
     "its name has a thumbprint, but"),
]

SETTINGS_ROWS = [
    (["--set", "WarnCertificate=60d"], {"trusted/certs/soon.der": "soon.der"}, "trusted/certs/soon.der", WARNING, None, "expires soon"),
    (["--set", "Suppress=BadCertificateTimeInvalid"], {"trusted/certs/late.der": "late.der"}, "trusted/certs/late.der", WARNING,
     "BadCertificateTimeInvalid", "expired"),
    (["--notes"], {"trusted/certs/odd.der": "odd.der"}, "trusted/certs/odd.der", NOTE, None, "serial number is 0"),
    (["--group", "user"], {USER: "pump.der", "issuerUser/certs/plant.der": "plant.der"}, USER, REFUSED,
     "BadCertificateChainIncomplete", "CN=Root"),
]

# Modes of own/private/pump.key and of own/private.
MODE_ROWS = [
    (0o600, 0o755, None, ""),
    (0o644, 0o755, REFUSED, "every user of this host may read this private key"),
    (0o644, 0o700, None, ""),
    (0o640, 0o750, WARNING, "the group of this private key may read it"),
    (0o620, 0o755, REFUSED, "others than its owner may change this private key"),
]

BAD_ROWS = [
    ([], 2, "DIR is missing"),
    (["a", "b"], 2, '"b" is too much'),
    (["/absent"], 66, "/absent: No such file or directory"),
    (["/proc"], 66, "/proc: it has none of the folders of the layout auto"),
    (["--layout", "x", "/proc"], 2, '--layout: "x" is none'),
    (["--layout", "milo", "--group", "user", "/proc"], 2, "has no such group"),
    (["--group", "x", "/proc"], 2, '--group: "x" is none of'),
    (["--set", "x", "/proc"], 2, '"x" is no KEY=VALUE'),
    (["--set", "Color=red", "/proc"], 2, '"Color" is no setting'),
    (["--set", "ClockSkew=red", "/proc"], 2, "--set: ClockSkew=red: "),
]


class Check(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.files = plant.make(plant.ORPHAN + SPEC)
        cls.files |= {"cut.der": cls.files["pump.der"][:300], "cut.crl": cls.files["root.crl"][:300]}

    def make(self, deeds=()):
        root = uatrust.folder_for(self) / "pki"
        plant.fill(root, self.files)
        for path, content in {"trusted/certs/pump.der": "pump.der", "own/certs/valve.der": "valve.der", **dict(deeds)}.items():
            uatrust.replace(root / path, self.files[content] if isinstance(content, str) else content)
        return root

    def run_check(self, *arguments, code=None):
        done = subprocess.run([uatrust.TOOL, "check", *map(str, arguments)], text=True, capture_output=True, timeout=60,
                              env={**os.environ, "UATRUST_SOCKET": "/absent"}, check=False)
        self.assertIn(done.returncode, (0, 1) if code is None else (code,), f"{arguments}\n{done.stdout}{done.stderr}")
        return done

    def check(self, root, *options):
        done = self.run_check("--json", *options, root)
        told = json.loads(done.stdout)
        refused = [remark for remark in told["remarks"] if remark["level"] == REFUSED]
        self.assertEqual((done.returncode, told["refused"]), (1 if refused else 0, len(refused)))
        return told["remarks"]

    def assert_said(self, remarks, file, level, status, words):
        for remark in remarks:
            if (remark["file"], remark["level"]) == (file, level) and words in remark["message"] and \
                    (status is None) == (remark["statusName"] is None) and (remark["statusName"] or "").startswith(status or ""):
                return
        self.fail(f"not said: {(file, level, status, words)} in {json.dumps(remarks, indent=1)}")

    def test_nothing_is_said_of_a_good_folder(self):
        root = self.make()
        self.assertEqual(self.check(root), [])
        self.assertEqual(self.run_check(root, code=0).stdout, "4 certificates, 2 revocation lists: 0 would be refused, 0 other remarks\n")

    def test_what_is_wrong_is_said_of_the_file_that_it_is_in(self):
        for deeds, *said in ROWS:
            with self.subTest(said):
                self.assert_said(self.check(self.make(deeds)), *said)

    def test_settings_change_what_is_said(self):
        for options, deeds, *said in SETTINGS_ROWS:
            with self.subTest(options):
                root = self.make(deeds)
                self.assert_said(self.check(root, *options), *said)

    def test_who_may_read_a_private_key_is_seen_without_reading_it(self):
        for mode, folder_mode, level, words in MODE_ROWS:
            root = self.make()
            key = root / "own/private/pump.key"
            key.parent.mkdir()
            key.write_bytes(b"nobody reads this")
            key.chmod(mode)
            key.parent.chmod(folder_mode)
            for folder in (root, root.parent, root / "own"):
                folder.chmod(0o755)
            with self.subTest(oct(mode)):
                remarks = self.check(root)
                if level:
                    self.assert_said(remarks, "own/private/pump.key", level, None, words)
                else:
                    self.assertEqual(remarks, [])

    def test_a_folder_that_anybody_may_write_to_is_refused(self):
        root = self.make()
        root.chmod(0o755)
        (root / "trusted").chmod(0o755)
        (root / "trusted/certs").chmod(0o777)
        self.assert_said(self.check(root), "trusted/certs", REFUSED, None, "every user of this host may change")

    def test_nothing_is_changed(self):
        root = self.make({"trusted/certs/late.der": "late.der"})

        def see():
            return {path: (path.stat().st_mtime_ns, path.stat().st_ctime_ns) for path in [root, *root.rglob("*")]}

        before = see()
        self.check(root)
        self.assertEqual(see(), before)

    def test_people_read_it_file_by_file(self):
        shown = self.run_check(self.make({"trusted/certs/late.der": "late.der"}), code=1).stdout
        self.assertIn("trusted/certs/late.der  CN=Late\n  refused  BadCertificateTimeInvalid: CN=Late expired ", shown)
        self.assertIn("\n5 certificates, 2 revocation lists: 1 would be refused, 0 other remarks\n", shown)

    def test_what_cannot_be_checked_says_why(self):
        for arguments, code, words in BAD_ROWS:
            with self.subTest(arguments):
                self.assertIn(words, self.run_check(*arguments, code=code).stderr)


if __name__ == "__main__":
    uatrust.main()
