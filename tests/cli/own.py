#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An own certificate and its key: what is there is kept, or replaced whole, and what is wrong is refused."""

import fcntl
import os
import pathlib
import pty
import subprocess

import uatrust
from ca import make_key, openssl
from pair import NAMES, PASSPHRASE, URI, Folder, mode, run, tree


class Pair(Folder):
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


if __name__ == "__main__":
    uatrust.main()
