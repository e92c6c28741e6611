#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Own certificates: each kind of key, format and way to one passes the agent and openssl, and what is wrong is refused."""

import concurrent.futures
import fcntl
import itertools
import json
import os
import pathlib
import pty
import stat
import subprocess
import threading
import unittest

import uatrust
from ca import KINDS, Authority, make_key, openssl

URI = "urn:example.com:own"
NAMES = ("--application-uri", URI, "--name", "Pump", "--organization", "Plant", "--host-name", "pump.example.com",
         "--ip", "192.0.2.7", "--ip", "2001:db8::7")
SAN = f"URI:{URI},DNS:pump.example.com,IP:192.0.2.7,IP:2001:db8::7"
POLICIES = {"RSA-2048": "Basic256Sha256", "RSA-3072": "Aes256_Sha256_RsaPss", "RSA-4096": "Aes128_Sha256_RsaOaep",
            "nistP256": "ECC_nistP256", "nistP384": "ECC_nistP384", "brainpoolP256r1": "ECC_brainpoolP256r1",
            "brainpoolP384r1": "ECC_brainpoolP384r1", "Ed25519": "ECC_curve25519", "Ed448": "ECC_curve448"}
PASSPHRASE = "a passphrase, of blanks too "
FORMS = list(itertools.product(("self", "ca"), ("pem", "pfx"), (False, True)))
# All forms of the two kinds in common use; of the others each origin, in turn with each format, with and without.
ROWS = [(kind, *form) for i, kind in enumerate(KINDS) for k, form in enumerate(FORMS)
        if kind in ("RSA-2048", "nistP256") or k % 4 == i % 4]


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


class Kinds(Folder):
    """Every kind of key, self-signed and by a CA, in each format."""

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


class Pair(Folder):
    """What is there is kept, or replaced whole."""

    def test_once_made_it_is_left_alone(self):
        made = self.create()
        self.assertEqual((made["changed"], made["result"], made["applicationUri"]), (True, "created", URI))
        self.assertEqual(made["hosts"], ["pump.example.com", "192.0.2.7", "2001:db8::7"])
        before = tree(self.pki)
        again = self.create()
        self.assertEqual((again["changed"], again["sha256"]), (False, made["sha256"]))
        for option, value, words in (
                ("--name", "Valve", "another name"), ("--organization", "Other", "another organization"),
                ("--application-uri", "urn:x:y", "another application URI"), ("--key-type", "RSA-2048", "a key of another kind"),
                ("--host-name", "valve.example.com", "other host names"), ("--format", "pfx", "a key in another format")):
            with self.subTest(option):
                self.assertIn(f"Pump.der: is there already, and has {words}",
                              self.create(option, value, code=73))
        self.assertEqual(tree(self.pki), before)

    def test_a_replaced_pair_belongs_together(self):
        before = self.create()
        for _ in range(2):
            self.assert_pair()
            after = self.create("--replace", "--application-uri", "urn:example.com:other", "--key-type", "Ed25519")
            self.assertEqual((after["changed"], after["result"], after["applicationUri"], after["keyType"]),
                             (True, "replaced", "urn:example.com:other", "Ed25519"))
            self.assertNotEqual(after["sha256"], before["sha256"])
            before = after
        self.assert_pair()
        self.assertEqual(sorted(tree(self.pki)), ["own/certs/Pump.der", "own/private/Pump.pem"])

    def test_renewed_it_keeps_its_names_and_gets_a_new_key(self):
        made, key = self.create(), self.public_key_of_created()
        self.assertIn("give --replace", self.own("renew", code=73))
        unneeded = self.own("renew", "--replace", "--when-days-left", "1800")
        self.assertEqual((unneeded["changed"], unneeded["sha256"]), (False, made["sha256"]))
        renewed = self.own("renew", "--replace", "--when-days-left", "1825", "--days", "2000")
        for field in ("subject", "applicationUri", "hosts", "keyType"):
            self.assertEqual(renewed[field], made[field])
        self.assertEqual((renewed["changed"], renewed["daysLeft"]), (True, 2000))
        self.assertNotEqual(self.public_key(), key)
        self.assert_pair()
        key = self.public_key()
        self.own("renew", "--replace", "--keep-key")
        self.assertEqual(self.public_key(), key)
        self.own("renew", "--replace", "--key-type", "RSA-2048")
        self.assert_pair()
        self.assertEqual(self.own("check")["keyType"], "RSA-2048")

    def public_key_of_created(self):
        self.assert_pair()
        return self.public_key()

    def test_an_encrypted_key_gets_an_encrypted_successor(self):
        self.create("--passphrase-file", self.passphrase)
        self.assertIn("no terminal", self.own("renew", "--replace", code=2))
        wrong = self.folder / "wrong"
        wrong.write_text("wrong")
        self.assertIn("Pump.pem: the passphrase is not that of this key",
                      self.own("renew", "--replace", "--passphrase-file", wrong, code=65))
        self.own("renew", "--replace", "--passphrase-file", self.passphrase)
        self.assertIn(b"ENCRYPTED", self.key.read_bytes())
        reader, writer = os.pipe()
        os.write(writer, PASSPHRASE.encode())
        os.close(writer)
        self.assertEqual(self.own("check", "--passphrase-fd", reader, pass_fds=[reader])["findings"], [])
        os.close(reader)
        unread = self.own("check")["findings"]
        self.assertEqual([(item["severity"], "is encrypted" in item["message"]) for item in unread],
                         [("warning", True)])

    def test_a_passphrase_is_typed_unseen_and_twice(self):
        for typed, code in (("secret\nsecret\n", 0), ("secret\nsecreT\n", 2), ("\n", 65), ("sec\x03", 2)):
            pid, terminal = pty.fork()
            if pid == 0:
                os.execv(uatrust.TOOL, [str(uatrust.TOOL), "own", "create", "--directory", str(self.pki), *NAMES,
                                        "--key-type", "nistP256", "--passphrase", "--replace"])
            shown = b""
            for line in typed.splitlines(keepends=True):
                while not shown.rstrip().endswith(b":"):
                    shown += os.read(terminal, 4096)
                shown = b""
                os.write(terminal, line.encode())
            while True:
                try:
                    shown += os.read(terminal, 4096)
                except OSError:
                    break
            os.close(terminal)
            self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), code, shown)
            self.assertNotIn(b"sec\r", shown)
            self.assertNotIn(b"secret", shown)
        openssl("pkey", "-in", self.key, "-passin", "pass:secret", "-noout")

    def test_a_pkcs12_has_the_pair_after_each_change(self):
        pfx = self.key.with_suffix(".pfx")
        opens = f"pass:{PASSPHRASE}"

        def check():
            inside = openssl("pkcs12", "-in", pfx, "-passin", opens, "-nokeys", "-clcerts")
            self.assertEqual(openssl("x509", "-outform", "DER", input=inside), self.cert.read_bytes())
            found = openssl("pkcs12", "-in", pfx, "-passin", opens, "-nodes", "-nocerts")
            self.assertEqual(openssl("pkey", "-pubout", input=found), self.public_key())
            self.assertEqual(self.own("check", "--passphrase-file", self.passphrase)["findings"], [])
            return self.public_key()

        self.create("--format", "pfx", "--passphrase-file", self.passphrase)
        first = check()
        self.own("renew", "--replace", "--passphrase-file", self.passphrase)
        second = check()
        self.own("renew", "--replace", "--keep-key", "--passphrase-file", self.passphrase)
        self.assertEqual(check(), second)
        self.assertNotEqual(first, second)
        self.assertIn("Pump.pfx: --format: the key there has the other one",
                      self.create("--replace", "--format", "pem", code=73))

    def test_no_openssl_cnf_has_a_say(self):
        conf = self.folder / "openssl.cnf"
        conf.write_text("openssl_conf = a\n[a]\nalg_section = b\nproviders = c\n[c]\nnone = d\n[d]\n"
                        "module = /nonexistent\nactivate = 1\n[b]\ndefault_properties = fips=yes\n")
        environment = {**os.environ, "OPENSSL_CONF": str(conf)}
        self.assertNotEqual(subprocess.run(["openssl", "genpkey", "-algorithm", "Ed25519"], env=environment,
                                           capture_output=True).returncode, 0)
        for form in ("pem", "pfx"):
            self.pki = self.folder / form
            common = ("--format", form, "--passphrase-file", self.passphrase)
            self.create(*common, env=environment)
            self.create(*common, "--replace", env=environment)
            self.own("check", "--passphrase-file", self.passphrase, env=environment)
            self.own("request", env=environment)

    def test_one_process_works_at_a_time(self):
        self.create()
        folder = os.open(self.key.parent, os.O_RDONLY)
        fcntl.flock(folder, fcntl.LOCK_EX)
        self.assertIn("private: another process works there", self.own("renew", "--replace", code=75))
        self.own("check")
        os.close(folder)
        self.own("renew", "--replace")

    def test_what_was_interrupted_is_finished_or_undone(self):
        """As a run leaves it between the two renames, and before them."""
        new = self.folder / "new"
        run("create", "--directory", new, *NAMES, "--key-type", "nistP256")
        self.create()
        before = tree(self.pki)
        for is_key_in_place in (False, True):
            new_key = self.key if is_key_in_place else self.key.with_name(".uatrust-new.Pump.pem")
            new_key.write_bytes((new / "own/private/Pump.pem").read_bytes())
            self.cert.with_name(".uatrust-new.Pump.der").write_bytes((new / "own/certs/Pump.der").read_bytes())
            told = self.own("check", code=1)
            self.assertIn("an earlier run was interrupted: uatrust own recover",
                          [item["message"] for item in told["findings"]])
            self.assertTrue(self.own("recover")["changed"])
            self.assertFalse(self.own("recover")["changed"])
            self.assertEqual(tree(self.pki), tree(new) if is_key_in_place else before)
            self.assert_pair()

    def test_a_full_disk_changes_nothing(self):
        uatrust.need_root("make a disk that is full")
        script = """mount -t tmpfs -o size=64k none "$1" || exit 99
            shift
            "$@" || exit 98
            cp -r pki/own/certs pki/own/private was
            dd if=/dev/zero of=pki/fill bs=1k 2>/dev/null
            "$@" --replace
            code=$?
            diff -r pki/own/certs was/certs && diff -r pki/own/private was/private && exit $code"""
        self.pki.mkdir()
        (self.folder / "was").mkdir()
        done = subprocess.run(["unshare", "-m", "sh", "-c", script, "sh", "pki", uatrust.TOOL, "own", "create",
                               "--directory", "pki", *NAMES], cwd=self.folder, text=True, capture_output=True)
        if done.returncode == 99:
            uatrust.skip("no tmpfs can be mounted here")
        self.assertEqual(done.returncode, 74, done.stdout + done.stderr)
        self.assertIn("No space left on device", done.stderr)

    def test_what_was_named_otherwise_is_found_and_keeps_its_form(self):
        self.create()
        pem = self.cert.with_name("server.crt")
        pem.write_bytes(openssl("x509", "-inform", "DER", "-in", self.cert))
        self.cert.unlink()
        self.key.rename(self.key.with_name("private_key.key"))
        told = self.own("check")
        self.assertEqual([item["severity"] for item in told["findings"]], ["warning"])
        self.own("renew", "--replace")
        self.assertEqual(sorted(tree(self.pki)), ["own/certs/server.crt", "own/private/private_key.key"])
        self.assertTrue(pem.read_bytes().startswith(b"-----BEGIN CERTIFICATE"))
        self.create("--file-name", "second")
        self.create("--file-name", "third")
        self.assertIn("give --file-name", self.own("check", code=2))
        self.own("check", "--file-name", "second")

    def test_each_layout_has_its_place(self):
        for layout, place in (("open62541", "ApplCerts/own"), ("qt", "own"), ("net", "own"), ("node-opcua", "own")):
            with self.subTest(layout):
                self.pki = self.folder / layout
                self.create("--layout", layout)
                self.assertEqual(sorted(tree(self.pki)), [place + "/certs/Pump.der", place + "/private/Pump.pem"])
                self.assertEqual(self.own("check")["findings"], [])
        self.assertIn('--layout: "milo" has no place for own certificates', self.create("--layout", "milo", code=2))
        self.assertIn('--layout: "x" is no layout', self.create("--layout", "x", code=2))

    def test_it_takes_the_hosts_own_names(self):
        told = run("create", "--directory", self.pki, "--name", "Pümp / 1", "--key-type", "Ed25519", "--json")
        self.assertEqual(told["applicationUri"].split(":")[-1], "P%C3%BCmp%20%2F%201")
        self.assertTrue(told["applicationUri"].startswith("urn:" + os.uname().nodename))
        self.assertIn(os.uname().nodename.lower(), [host.lower() for host in told["hosts"]])
        for host in told["hosts"]:
            self.assertFalse(host.startswith(("127.", "169.254.", "fe80:", "localhost")) or host == "::1", host)
        self.assertEqual(self.cert.parent / "P__mp___1.der", pathlib.Path(told["certificate"]))

    def test_wrong_arguments_are_named(self):
        for arguments, words in (
                ((), "--directory is missing"), 
                (("--days", "0"), '--days: "0" is no number'), (("--days", "x"), '--days: "x"'),
                (("--key-type", "RSA-1024"), '--key-type: "RSA-1024"'), (("--host-name", "a b"), '--host-name: "a b"'),
                (("--ip", "1.2.3.400"), '--ip: "1.2.3.400"'),
                (("--ip", "pump"), '--ip: "pump"'), (("--host-name", "1.2.3.400"), '--host-name: "1.2.3.400"'), (("--application-uri", "no uri"), "is no URI"),
                (("--name", "x" * 65), "1 to 64"), (("--name", ""), "1 to 64"), (("--format", "der"), '--format: "der"'),
                (("--purpose", "user"), '--purpose: "user"'), (("--bogus",), "unrecognized option"),
                (("stray", "--directory", self.pki), '"stray" is no option'),
                (("--directory", self.pki, "--file-name", "../x", *NAMES), '--file-name: "../x"'),
                (("--directory", self.pki, "--passphrase-file", "x", "--passphrase"), "more than once")):
            with self.subTest(arguments):
                self.assertIn(words, run("create", *arguments, code=2))
        self.assertFalse(self.pki.exists())
        for arguments, code, words in (
                (("--passphrase-file", "/nowhere"), 66, "/nowhere: No such file"),
                (("--passphrase-file", "/dev/null"), 65, "/dev/null: the passphrase is empty")):
            self.assertIn(words, self.create(*arguments, code=code))
        (self.folder / "file").touch()
        self.pki = self.folder / "file"
        self.assertIn("file: Not a directory", self.create(code=66))
        self.pki = self.folder / "none/pki"
        self.assertIn("none/pki: No such file", self.create(code=66))
        self.pki = self.folder / "pki"
        self.assertIn("pki: No such file", run("create", "--directory", self.pki, code=66))
        self.pki.mkdir()
        self.assertIn("own/certs: No such file", self.own("recover", code=66))
        for part in ("certs", "private"):
            (self.pki / "own" / part).mkdir(parents=True)
        self.assertIn("--name is missing", run("create", "--directory", self.pki, code=2))
        self.assertIn("no certificate yet", self.own("renew", code=66))
        self.assertIn("no certificate yet", self.own("check", code=66))
        self.assertEqual(tree(self.pki), {})
        for verb in ("renew", "check", "install", "request", "recover"):
            self.assertIn("usage: uatrust own " + verb, run(verb, "--help"))
        self.assertIn("FILE, the CA's answer, is missing", self.own("install", code=2))

    def test_what_the_qt_tutorial_makes_is_told_and_cured(self):
        """Its openssl configuration leaves dataEncipherment out of a critical keyUsage, and has no extendedKeyUsage."""
        for folder in (self.cert.parent, self.key.parent):
            folder.mkdir(parents=True)
        make_key(self.key, "RSA-2048")
        self.key.chmod(0o600)
        openssl("req", "-x509", "-new", "-key", self.key, "-subj", "/O=QtProject/CN=QtOpcUaViewer", "-outform", "DER",
                "-out", self.cert, "-days", "365", "-addext", f"subjectAltName=URI:{URI},DNS:viewer", "-addext",
                "keyUsage=critical,digitalSignature,nonRepudiation,keyEncipherment,keyCertSign", "-addext",
                "basicConstraints=critical,CA:FALSE")
        found = {(item["severity"], item["purpose"], item["statusName"]) for item in self.own("check", code=1)["findings"]}
        self.assertEqual(found & {("error", None, None), ("error", None, "BadCertificateUseNotAllowed")},
                         {("error", None, None), ("error", None, "BadCertificateUseNotAllowed")})
        self.assertFalse({item for item in found if item[1]}, "what both purposes find is told once")
        told = self.own("renew", "--replace")
        self.assertEqual((told["subject"], told["applicationUri"], told["hosts"]),
                         ("CN=QtOpcUaViewer,O=QtProject", URI, ["viewer"]))
        self.assertEqual(self.own("check")["findings"], [])

    def test_in_a_folder_of_too_many_files_nothing_is_overwritten(self):
        self.create()
        before = self.key.read_bytes()
        for i in range(1000):
            (self.cert.parent / f"{i}.der").touch()
        for arguments in (("--file-name", "Pump"), ()):
            self.assertIn("own/certs: holds more than 1000", self.create(*arguments, code=65))
        self.assertEqual(self.key.read_bytes(), before)
        (self.cert.parent / "0.der").unlink()
        self.assertFalse(self.create("--file-name", "Pump")["changed"])

    def test_check_names_what_is_wrong(self):
        self.create()
        before = self.cert.read_bytes(), self.key.read_bytes()
        self.key.chmod(0o640)
        self.key.parent.chmod(0o770)
        self.check_has("may read Pump.pem (mode 0640)", "may write into")
        self.key.parent.chmod(0o700)
        self.create("--replace")
        self.key.write_bytes(before[1])
        self.key.chmod(0o600)
        self.check_has("Pump.pem is not the key of Pump.der")
        self.key.unlink()
        self.check_has("Pump.der has no key")
        self.key.write_bytes(before[1][:100])
        self.key.chmod(0o600)
        self.assertIn("Pump.pem: holds no private key", self.own("check", code=65))
        self.key.write_bytes(before[1])
        self.cert.write_text("nothing")
        self.assertIn("Pump.der: holds no certificate", self.own("check", code=65))
        self.cert.unlink()
        self.cert.symlink_to("/etc/passwd")
        self.assertIn("Pump.der: is no regular file", self.own("check", code=65))

    def check_has(self, *words):
        found = self.own("check", code=1)
        self.assertFalse(found["good"])
        messages = [item["message"] for item in found["findings"] if item["severity"] == "error"]
        self.assertEqual(len(messages), len(words), messages)
        for word, message in zip(sorted(words, reverse=True), sorted(messages, reverse=True)):
            self.assertTrue(any(word in message for message in messages), (word, messages))

    def test_what_root_replaces_stays_its_owners(self):
        uatrust.need_root("have files of others in its folder")
        self.create()
        os.chown(self.key, uatrust.NOBODY, uatrust.NOBODY)
        os.chown(self.cert, 0, uatrust.NOBODY)
        self.key.chmod(0o640)
        told = run("renew", "--directory", self.pki, "--replace")
        self.assertIn("Pump.pem: had mode 0640, and is its owner's alone now", told)
        found = [(path.stat().st_uid, path.stat().st_gid, mode(path)) for path in (self.key, self.cert)]
        self.assertEqual(found, [(uatrust.NOBODY, uatrust.NOBODY, 0o600), (0, uatrust.NOBODY, 0o644)])

    def test_root_works_as_the_folders_owner(self):
        uatrust.need_root("have another user's folder to work in")
        os.chmod(self.folder, 0o755)
        self.pki.mkdir()
        os.chown(self.pki, uatrust.NOBODY, uatrust.NOBODY)
        passphrase = self.folder / "passphrase"
        passphrase.chmod(0o600)
        self.assertIn("done as that user", run("create", "--directory", self.pki, *NAMES, "--key-type", "nistP256",
                                               "--passphrase-file", passphrase) or "")
        made = self.pki / "made/by/nobody"
        for path in (made.parent.parent, made.parent):
            path.mkdir()
            os.chown(path, uatrust.NOBODY, uatrust.NOBODY)
        run("create", "--directory", made, *NAMES, "--key-type", "nistP256")
        for path in (*self.pki.rglob("*"),):
            self.assertEqual(path.stat().st_uid, uatrust.NOBODY, path)
        away = self.folder / "away"
        away.mkdir()
        for part in ("certs", "private"):
            (self.pki / "own" / part).rename(self.pki / part)
            (self.pki / "own" / part).symlink_to(away)
        self.assertIn("Permission denied", self.create("--file-name", "other", code=77))
        self.assertEqual(list(away.iterdir()), [])


class Answers(Folder):
    """What a CA sends back."""

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
