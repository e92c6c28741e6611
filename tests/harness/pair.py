# SPDX-License-Identifier: Apache-2.0
"""An own certificate and its key in a folder, as uatrust own makes them."""

import json
import os
import stat
import subprocess
import unittest

import uatrust
from ca import openssl

URI = "urn:example.com:own"
NAMES = ("--application-uri", URI, "--name", "Pump", "--organization", "Plant", "--host-name", "pump.example.com",
         "--ip", "192.0.2.7", "--ip", "2001:db8::7")
SAN = f"URI:{URI},DNS:pump.example.com,IP:192.0.2.7,IP:2001:db8::7"
PASSPHRASE = "a passphrase, of blanks too "


def run(*arguments, code=0, **more):
    """Runs uatrust own; returns its JSON where there is any, else what it complained of."""
    umask = more.pop("umask", 0o022)
    done = subprocess.run([uatrust.TOOL, "own", *map(str, arguments)], text=True, capture_output=True, timeout=120,
                          stdin=subprocess.DEVNULL, preexec_fn=lambda: os.umask(umask), start_new_session=True,
                          **more)
    if done.returncode != code:
        raise AssertionError(f"{arguments}: {done.returncode}, not {code}\n{done.stdout}{done.stderr}")
    if not done.stdout.startswith("{"):
        return done.stderr or done.stdout
    told = json.loads(done.stdout)
    if "error" not in told:
        return told
    if told["error"]["exitCode"] != code or told["error"]["text"] not in done.stderr:
        raise AssertionError(f"{arguments}: another error in JSON\n{done.stdout}{done.stderr}")
    return done.stderr


def mode(path):
    return stat.S_IMODE(path.lstat().st_mode)


def tree(folder):
    """All files below, and what they hold."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


class Folder(unittest.TestCase):
    def setUp(self):
        self.folder = uatrust.folder_for(self)
        self.pki = self.folder / "pki"
        self.cert, self.key = self.pki / "own/certs/Pump.der", self.pki / "own/private/Pump.pem"
        self.request, self.waiting = self.pki / "own/private/Pump.csr", self.pki / "own/private/Pump.request.pem"
        self.passphrase = self.folder / "passphrase"
        self.passphrase.write_text(PASSPHRASE + "\nand more\n")

    def create(self, *arguments, **more):
        return run("create", "--directory", self.pki, *NAMES, "--key-type", "nistP256", "--json", *arguments, **more)

    def own(self, verb, *arguments, **more):
        return run(verb, "--directory", self.pki, "--json", *arguments, **more)

    def public_key(self, cert=None):
        return openssl("x509", "-inform", "DER", "-in", cert or self.cert, "-noout", "-pubkey")

    def assert_pair(self):
        self.assertEqual(openssl("pkey", "-in", self.key, "-pubout"), self.public_key())
