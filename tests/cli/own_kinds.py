#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Own certificates of each kind of key and in each format, self-signed and by a CA, pass the agent and openssl."""

import concurrent.futures
import itertools
import subprocess
import threading

import uatrust
from ca import KINDS, Authority, openssl
from pair import NAMES, PASSPHRASE, SAN, URI, Folder, mode, run

POLICIES = {"RSA-2048": "Basic256Sha256", "RSA-3072": "Aes256_Sha256_RsaPss", "RSA-4096": "Aes128_Sha256_RsaOaep",
            "nistP256": "ECC_nistP256", "nistP384": "ECC_nistP384", "brainpoolP256r1": "ECC_brainpoolP256r1",
            "brainpoolP384r1": "ECC_brainpoolP384r1", "Ed25519": "ECC_curve25519", "Ed448": "ECC_curve448"}
FORMS = list(itertools.product(("self", "ca"), ("pem", "pfx"), (False, True)))
# All forms of the two kinds in common use; of the others each origin, in turn with each format, with and without.
ROWS = [(kind, *form) for i, kind in enumerate(KINDS) for k, form in enumerate(FORMS)
        if kind in ("RSA-2048", "nistP256") or k % 4 == i % 4]


class Kinds(Folder):
    def setUp(self):
        super().setUp()
        store = self.folder / "store"
        (store / "trusted/certs").mkdir(parents=True)
        (store / "trusted/crl").mkdir()
        self.trusted = store / "trusted"
        self.agent = uatrust.Agent(self.folder, "--store", store)
        self.addCleanup(self.agent.stop)
        self.authorities = {}

    def authority(self, kind):
        """Of that kind; trusted, with its CRL."""
        ca = Authority(self.folder / ("ca-" + kind), kind, f"/CN=CA of {kind}")
        uatrust.replace(self.trusted / "crl" / (kind + ".crl"), ca.crl)
        uatrust.replace(self.trusted / "certs" / (kind + ".der"), ca.der)
        return ca

    def make(self, kind, origin, form, passphrase):
        """Makes one; returns the folder."""
        pki = self.folder / f"{kind}-{origin}-{form}-{passphrase}"
        common = ["--directory", pki, "--json", *(("--passphrase-file", self.passphrase) if passphrase else ())]
        umask = 0o077 if passphrase else 0
        if origin == "self":
            run("create", *common, *NAMES, "--key-type", kind, "--format", form, umask=umask)
            return pki

        run("request", *common, *NAMES, "--key-type", kind, umask=umask)
        ca = self.authorities[kind]
        request = pki / "own/private/Pump.csr"
        openssl("req", "-in", request, "-noout", "-verify")
        with self.lock[kind]:
            answer = ca.answer(request, SAN)
        (pki / "answer").write_text(answer + ca.pem.read_text())
        run("install", *common, "--format", form, pki / "answer", umask=umask)
        self.assertEqual([path.name for path in (pki / "own/private").iterdir()], [f"Pump.{form}"])
        return pki

    def check_openssl(self, pki, form, passphrase, ca):
        cert, key = pki / "own/certs/Pump.der", pki / f"own/private/Pump.{form}"
        self.assertEqual([mode(path) for path in (cert, key, key.parent, cert.parent)], [0o644, 0o600, 0o700, 0o755])
        pem = pki / "cert.pem"
        pem.write_bytes(openssl("x509", "-inform", "DER", "-in", cert))
        for purpose in ("sslclient", "sslserver"):
            openssl("verify", "-purpose", purpose, "-CAfile", ca or pem, pem)

        opens = f"pass:{PASSPHRASE if passphrase else ''}"
        if form == "pfx":
            found = openssl("pkcs12", "-in", key, "-passin", opens, "-nodes", "-nocerts")
            inside = openssl("pkcs12", "-in", key, "-passin", opens, "-nokeys", "-clcerts")
            self.assertEqual(openssl("x509", "-outform", "DER", input=inside), cert.read_bytes())
        else:
            found = openssl("pkey", "-in", key, "-passin", opens)
            self.assertEqual(b"ENCRYPTED" in key.read_bytes(), passphrase)
        self.assertEqual(openssl("pkey", "-pubout", input=found), self.public_key(cert))

    def check_agent(self, kind, cert, origin, name):
        if origin == "self":
            uatrust.replace(self.trusted / "certs" / (name + ".der"), cert.read_bytes())
        policy = ("--policy", POLICIES[kind]) if kind in POLICIES else ()
        rows = (("client",), ("server", "--host", "pump.example.com"), ("server", "--host", "192.0.2.7"))
        for purpose, *host in rows:
            command = [uatrust.TOOL, "validate", "--socket", self.agent.socket, "--application-uri", URI, "--purpose",
                       purpose, *host, *policy, cert]
            uatrust.eventually(lambda: subprocess.run(command, capture_output=True).returncode == 0, f"{name} is Good: {command}")

    def row(self, kind, origin, form, passphrase):
        pki = self.make(kind, origin, form, passphrase)
        ca = self.authorities[kind].pem if origin == "ca" else None
        self.check_openssl(pki, form, passphrase, ca)
        self.check_agent(kind, pki / "own/certs/Pump.der", origin, pki.name)
        told = run("check", "--directory", pki, "--json", "--passphrase-file", self.passphrase,
                   *(("--issuer", ca) if ca else ()))
        self.assertEqual([item["message"] for item in told["findings"] if "SecurityPolicy" not in item["message"]], [])
        self.assertEqual((told["keyType"].replace("EC ", ""), told["isSelfSigned"]), (kind, origin == "self"))

    def test_every_kind_passes_the_agent_and_openssl(self):
        self.lock = {kind: threading.Lock() for kind in KINDS}
        with concurrent.futures.ThreadPoolExecutor(3) as pool:
            self.authorities = dict(zip(KINDS, pool.map(self.authority, KINDS)))
            for done in [pool.submit(self.row, *row) for row in ROWS]:
                done.result()
        print(f"{len(ROWS)} own certificates of {len(KINDS)} kinds of key")


if __name__ == "__main__":
    uatrust.main()
