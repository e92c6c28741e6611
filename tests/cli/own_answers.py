#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a CA sends back to a request for an own certificate is installed, or refused."""

import subprocess

import uatrust
from ca import Authority, make_key, openssl
from pair import NAMES, SAN, URI, Folder, mode, run, tree


class Answers(Folder):
    @classmethod
    def setUpClass(cls):
        cls.ca = Authority(uatrust.folder_for(cls) / "ca", "RSA-2048")

    def ask(self, *arguments):
        run("request", "--directory", self.pki, *NAMES, "--json", *arguments)

    def install(self, answer, *arguments, **more):
        path = self.folder / "answer"
        path.write_bytes(answer.encode() if isinstance(answer, str) else answer)
        return self.own("install", *arguments, path, **more)

    def good(self):
        return self.ca.answer(self.request, SAN) + self.ca.pem.read_text()

    def test_what_opc_ua_refuses_is_not_installed(self):
        self.create("--key-type", "RSA-2048")
        before = {name: data for name, data in tree(self.pki).items() if "own/" in name}
        self.ask()
        past = ("-startdate", "20200101000000Z", "-enddate", "20210101000000Z")
        future = ("-startdate", "20400101000000Z", "-enddate", "20410101000000Z")
        rows = (
            ("no URI", dict(names="DNS:pump.example.com"), "BadCertificateUriInvalid"),
            ("two URIs", dict(names=SAN + ",URI:urn:second"), "BadCertificateUriInvalid"),
            ("another URI", dict(names="URI:urn:other,DNS:pump.example.com"), "BadCertificateUriInvalid"),
            ("no names", dict(names=None), "BadCertificateUriInvalid"),
            ("no host", dict(names=f"URI:{URI}"), None),
            ("expired", dict(names=SAN, arguments=past), "BadCertificateTimeInvalid"),
            ("not valid yet", dict(names=SAN, arguments=future), "BadCertificateTimeInvalid"),
            ("client only", dict(names=SAN, extendedKeyUsage="clientAuth"), "BadCertificateUseNotAllowed"),
            ("no purpose", dict(names=SAN, extendedKeyUsage=None), "BadCertificateUseNotAllowed"),
            ("Qt tutorial", dict(names=SAN, keyUsage="critical,digitalSignature,keyEncipherment,nonRepudiation"),
             "BadCertificateUseNotAllowed"),
            ("a CA", dict(names=SAN, basicConstraints="critical,CA:TRUE"), "BadCertificateUseNotAllowed"),
            ("SHA-1", dict(names=SAN, arguments=("-days", "9", "-md", "sha1")), "BadCertificatePolicyCheckFailed"),
        )
        for name, answer, status in rows:
            with self.subTest(name):
                told = self.install(self.ca.answer(self.request, **answer) + self.ca.pem.read_text(), "--replace", code=1)
                found = [item["statusName"] for item in told["findings"] if item["severity"] == "error"]
                self.assertIn(status, found)
                self.assertFalse(told["changed"])
                self.assertEqual({name: data for name, data in tree(self.pki).items() if name in before}, before)
        told = self.install(self.ca.answer(self.request, SAN), "--replace", code=1)
        self.assertIn("BadCertificateChainIncomplete", [item["statusName"] for item in told["findings"]])
        self.assertTrue(self.waiting.exists())
        told = self.install(self.ca.answer(self.request, SAN, extendedKeyUsage="clientAuth") + self.ca.pem.read_text(),
                            "--replace", "--purpose", "client")
        self.assertTrue(told["changed"])
        self.assert_pair()

    def test_what_is_for_another_key_is_not_installed(self):
        self.ask()
        other = self.folder / "other.csr"
        make_key(self.folder / "other.key", "RSA-2048")
        openssl("req", "-new", "-key", self.folder / "other.key", "-subj", "/CN=Other", "-out", other)
        self.assertIn("answer: no certificate in it is for the key",
                      self.install(self.ca.answer(other, SAN) + self.ca.pem.read_text(), code=65))
        self.assertIn("answer: holds no certificate", self.install("nothing", code=65))
        self.assertIn("answer: holds no certificate", self.install(self.request.read_text(), code=65))
        self.assertIn("/nowhere: No such file", self.own("install", "/nowhere", code=66))
        self.assertFalse(self.cert.exists())

    def test_an_answer_takes_its_place_once(self):
        self.create("--key-type", "RSA-2048")
        key = self.key.read_bytes()
        self.ask()
        self.assertEqual(self.key.read_bytes(), key)
        self.assertEqual(mode(self.waiting), 0o600)
        answer = self.good()
        self.assertIn("--replace takes its place", self.install(answer, code=73))
        waiting = self.waiting.read_bytes()
        told = self.install(answer, "--replace")
        self.assertEqual((told["changed"], told["isSelfSigned"], told["applicationUri"]), (True, False, URI))
        self.assertEqual(self.key.read_bytes(), waiting)
        self.assert_pair()
        self.assertEqual(sorted(tree(self.pki)), ["own/certs/Pump.der", "own/private/Pump.pem"])
        self.assertFalse(self.install(answer)["changed"])
        self.waiting.write_bytes(waiting)
        self.assertFalse(self.install(answer)["changed"])
        self.assertFalse(self.waiting.exists())

    def test_its_form_may_be_any(self):
        """DER, PEM, PKCS#7, the chain first, in files of their own, or known to the folder."""
        ca = self.ca.pem.read_text()
        for name in ("DER", "PKCS#7", "PKCS#7 in DER", "root first", "--issuer", "folder", "chain in the file"):
            with self.subTest(name):
                self.pki = self.folder / name.replace(" ", "-").replace("#", "")
                self.cert, self.key = self.pki / "own/certs/Pump.der", self.pki / "own/private/Pump.pem"
                self.request = self.pki / "own/private/Pump.csr"
                self.ask()
                answer, arguments = self.ca.answer(self.request, SAN), ()
                if name == "DER":
                    answer = openssl("x509", "-outform", "DER", input=answer.encode()) + self.ca.der
                elif name.startswith("PKCS#7"):
                    (self.folder / "both").write_text(answer + ca)
                    answer = openssl("crl2pkcs7", "-nocrl", "-certfile", self.folder / "both", "-outform",
                                     "DER" if "DER" in name else "PEM")
                elif name == "--issuer":
                    arguments = ("--issuer", self.ca.pem)
                elif name == "folder":
                    uatrust.replace(self.pki / "issuers/certs/ca.der", self.ca.der)
                else:
                    answer = ca + answer
                self.install(answer, *arguments)
                self.assert_pair()

    def test_a_chain_goes_where_it_is_wanted(self):
        folder = self.folder / "middle"
        folder.mkdir()
        make_key(folder / "key", "RSA-2048")
        openssl("req", "-new", "-key", folder / "key", "-subj", "/CN=Middle", "-out", folder / "csr")
        middle = self.ca.answer(folder / "csr", None, basicConstraints="critical,CA:TRUE",
                                keyUsage="critical,keyCertSign,cRLSign", extendedKeyUsage=None)
        issuing = Authority(self.folder / "issuing", "RSA-2048")
        issuing.pem.write_text(middle)
        (folder / "key").rename(issuing.folder / "ca.key")
        self.ask()
        answer = issuing.answer(self.request, SAN) + middle + self.ca.pem.read_text()
        self.install(answer, "--with-chain")
        listing = openssl("crl2pkcs7", "-nocrl", "-certfile", self.folder / "answer")
        self.assertTrue(listing)
        content = self.cert.read_bytes()
        leaf = openssl("x509", "-inform", "DER", "-in", self.cert, "-outform", "DER")
        self.assertEqual(content, leaf + openssl("x509", "-outform", "DER", input=middle.encode()))
        self.assertEqual(self.own("check", "--issuer", self.ca.pem)["findings"], [])

    def test_a_request_waits_for_its_answer(self):
        self.ask()
        before = tree(self.pki)
        self.assertIn("waits for its answer already", self.own("request", "--name", "Pump", code=73))
        self.assertFalse(self.own("request", *NAMES)["changed"])
        for other in (("--host-name", "x.example.com"), ("--application-uri", "urn:x:y"), ("--name", "Valve"),
                      ("--key-type", "nistP256")):
            self.assertIn("waits for its answer already", self.own("request", "--file-name", "Pump", *NAMES, *other,
                                                                   code=73))
        self.assertEqual(tree(self.pki), before)
        self.own("request", *NAMES, "--replace")
        self.assertNotEqual(tree(self.pki), before)
        copy = self.folder / "copy.csr"
        self.own("request", *NAMES, "--replace", "--output", copy)
        self.assertEqual(copy.read_bytes(), self.request.read_bytes())
        shown = subprocess.run([uatrust.TOOL, "own", "request", "--directory", self.pki, *NAMES, "--replace", "--output",
                                "-"], capture_output=True, check=True)
        self.assertEqual(shown.stdout, self.request.read_bytes())
        text = openssl("req", "-in", self.request, "-noout", "-text", "-verify").decode()
        for words in (f"URI:{URI}", "DNS:pump.example.com", "Digital Signature, Non Repudiation, Key Encipherment, "
                      "Data Encipherment", "TLS Web Server Authentication, TLS Web Client Authentication", "CA:FALSE"):
            self.assertIn(words, text)

    def test_renewing_by_a_ca_is_a_request(self):
        self.ask()
        first = self.install(self.good())
        key = self.key.read_bytes()
        self.assertTrue(self.own("renew")["changed"])
        self.assertFalse(self.own("renew")["changed"])
        self.assertEqual(self.key.read_bytes(), key)
        told = self.install(self.good(), "--replace")
        for field in ("subject", "applicationUri", "hosts", "keyType"):
            self.assertEqual(told[field], first[field])
        self.assertNotEqual(self.key.read_bytes(), key)
        self.own("renew", "--keep-key")
        self.assertFalse(self.waiting.exists())
        key = self.key.read_bytes()
        self.assertTrue(self.install(self.good(), "--replace")["changed"])
        self.assertEqual(self.key.read_bytes(), key)
        self.assert_pair()

    def test_a_weak_key_gets_no_request(self):
        self.create("--key-type", "RSA-2048")
        make_key(self.key, ("RSA", "rsa_keygen_bits:1024"))
        self.assertIn("no application may have a key of this kind", self.own("request", "--keep-key", code=65))
        make_key(self.key, ("EC", "ec_paramgen_curve:secp256k1"))
        self.assertIn("no application may have a key of this kind", self.own("request", "--keep-key", code=65))
        self.assertFalse(self.request.exists())


if __name__ == "__main__":
    uatrust.main()
