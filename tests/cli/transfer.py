#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""import and export: what comes into a store in one update, and what an SDK's folder holds that was written from one."""

import base64
import hashlib
import json
import ssl
import unittest

import plant
import tool
import uatrust
from ca import openssl

LAYOUTS = ("default", "qt", "annex-f", "open62541", "net", "milo", "node-opcua", "s2opc")
GROUPS = (("net", "user"), ("net", "https"), ("open62541", "user"), ("open62541", "https"))

MORE = """
[crl big]
issuer = plant
number = 09
{times}
filler = 40000
"""


class Transfer(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.files = plant.make(plant.ORPHAN + MORE)

    def setUp(self):
        self.folder = uatrust.folder_for(self)

    def start(self, *stores, **sources):
        """An agent with these stores, each with a folder of its own; name=(path, layout, group): with such a source."""
        text = "[Agent]\nMaxDoubt=60s\n"
        for name in (*stores, *sources):
            (self.folder / "stores" / name).mkdir(parents=True, exist_ok=True)
            text += f"[Store {name}]\nPath={self.folder}/stores/{name}\n"
        for name, (path, layout, group) in sources.items():
            text += f"[Source {name}_source]\nStore={name}\nPath={path}\nLayout={layout}\nGroup={group}\n"
        (self.folder / "uatrustd.conf").write_text(text)
        self.agent = uatrust.Agent(self.folder, "--config", self.folder / "uatrustd.conf", "--admin-socket",
                                   self.folder / "admin")
        self.addCleanup(self.agent.stop)
        self.tool = tool.Tool(self.folder, self.agent)

    def fill(self, name, crl="plant.crl"):
        store = self.folder / "stores" / name
        plant.fill(store, {**self.files, "plant.crl": self.files[crl]})
        uatrust.replace(store / "trusted/certs/stranger.der", self.files["stranger.der"])

    def bring(self, *arguments):
        return json.loads(self.tool.say("import", "--json", "--yes", *arguments))

    def sha256(self, name):
        return hashlib.sha256(self.files[name]).hexdigest()

    def certificates(self):
        return json.loads(self.tool.say("list", "--json"))["certificates"]

    def hash(self, store):
        with self.agent.connect() as connection:
            return {row["name"]: row["stateHash"] for row in connection.call("org.uatrust.agent1.ListStores")["stores"]}[store]

    def generation(self, store):
        with self.agent.connect() as connection:
            return {row["name"]: row["generation"] for row in connection.call("org.uatrust.agent1.ListStores")["stores"]}[store]

    # Out, and in again

    def test_what_is_exported_is_the_same_trust_list_read_as_a_source(self):
        kinds = [(layout, "application") for layout in LAYOUTS] + list(GROUPS)
        for layout, group in kinds:
            (self.folder / f"{layout}-{group}").mkdir()
        self.fill("plant", crl="big.crl")
        self.start("plant", **{f"{layout}_{group}".replace("-", "_"): (self.folder / f"{layout}-{group}", layout, group)
                               for layout, group in kinds})
        wanted = self.hash("plant")
        for layout, group in kinds:
            with self.subTest(layout, group=group):
                told = json.loads(self.tool.say("export", "--json", "--store", "plant", "--layout", layout, "--group", group,
                                                self.folder / f"{layout}-{group}"))
                self.assertEqual(told, {"written": 5, "removed": 0, "blocked": 0, "blocksLost": 0})
                name = f"{layout}_{group}".replace("-", "_")
                uatrust.eventually(lambda: self.hash(name) == wanted, "the source is the same trust list")

    def test_what_is_exported_comes_into_an_empty_store_as_it_was(self):
        self.fill("plant", crl="big.crl")
        stores = [f"s_{layout}".replace("-", "_") for layout in LAYOUTS]
        self.start("plant", *stores)
        wanted = self.hash("plant")
        for layout, store in zip(LAYOUTS, stores):
            with self.subTest(layout):
                self.tool.say("export", "--store", "plant", "--layout", layout, layout)
                before = self.generation(store)
                told = self.bring("--store", store, layout)
                self.assertEqual((told["changed"], len(told["update"]["added"]), told["leftOut"]), (True, 5, []))
                self.assertEqual((self.hash(store), self.generation(store)), (wanted, before + 1))
                again = self.bring("--store", store, layout)
                self.assertFalse(again["changed"], "twice is once")
                self.assertEqual(self.generation(store), before + 1)

    def test_a_folder_that_is_not_empty_is_left_alone_unless_it_may_be_replaced(self):
        self.fill("plant", crl="big.crl")  # more than a pipe holds
        self.start("plant")
        target = self.folder / "out"
        (target / "trusted/certs").mkdir(parents=True)
        (target / "own/private").mkdir(parents=True)
        (target / "trusted/certs/old.der").write_bytes(self.files["pump.der"])
        (target / "own/private/key.pem").write_bytes(b"kept")
        self.assertIn("it is not empty", self.tool.say("export", "--store", "plant", target, code=73))
        done = self.tool.run("export", "--json", "--store", "plant", target)
        self.assertEqual((done.returncode, json.loads(done.stdout)["error"]["exitCode"]), (73, 73))
        self.assertTrue((target / "trusted/certs/old.der").exists())
        told = json.loads(self.tool.say("export", "--json", "--store", "plant", "--replace", target))
        self.assertEqual(told, {"written": 5, "removed": 1, "blocked": 0, "blocksLost": 0})
        self.assertFalse((target / "trusted/certs/old.der").exists())
        self.assertEqual((target / "own/private/key.pem").read_bytes(), b"kept")
        self.assertEqual(json.loads(self.tool.say("export", "--json", "--store", "plant", "--replace", target)),
                         {"written": 5, "removed": 0, "blocked": 0, "blocksLost": 0})
        (self.folder / "s2opc/updatedTrustList").mkdir(parents=True)
        self.assertIn("read in place of", self.tool.say("export", "--store", "plant", "--layout", "s2opc", "--replace", "s2opc",
                                                        code=73))

    def test_what_is_blocked_is_not_exported_as_trusted(self):
        self.fill("default")
        self.start("default")
        self.tool.say("block", hashlib.sha256(self.files["stranger.der"]).hexdigest())
        told = json.loads(self.tool.say("export", "--json", "out"))
        self.assertEqual(told, {"written": 4, "removed": 0, "blocked": 1, "blocksLost": 0})
        written = [path.read_bytes() for path in (self.folder / "out").rglob("*") if path.is_file()]
        self.assertNotIn(self.files["stranger.der"], written)
        self.assertIn(self.files["plant.der"], written)
        def block(issuer, serial):
            with uatrust.Varlink(str(self.folder / "admin")) as admin:
                admin.call("org.uatrust.admin1.Block", {"issuerThumbprint": hashlib.sha256(self.files[issuer]).hexdigest(),
                                                        "serialNumber": serial})

        serial = next(row["serialNumber"] for row in self.certificates() if row["sha256"] == self.sha256("plant.der"))
        block("root.der", "00" + serial)
        told = json.loads(self.tool.say("export", "--json", "out2"))
        self.assertEqual(told, {"written": 3, "removed": 0, "blocked": 2, "blocksLost": 0}, "by its serial number, too")
        block("plant.der", "0102")
        self.tool.say("block", "--yes", self.sha256("pump.der"))
        done = self.tool.run("export", "--json", "out3")
        self.assertEqual(json.loads(done.stdout), {"written": 3, "removed": 0, "blocked": 2, "blocksLost": 2})
        self.assertIn("warning: blocked here, but trusted by who reads the folder if one of its CAs has issued it:\n", done.stderr)
        self.assertIn(f"  {self.sha256('pump.der')}\n", done.stderr)
        self.assertIn("  serial number 0102 of CN=Plant CA\n", done.stderr)

    # In

    def tree(self):
        """A folder as an SDK left it: with an own key, and things that are none of ours."""
        tree = self.folder / "pki"
        plant.fill(tree, self.files)
        for path, content in (("own/certs/pump.der", self.files["pump.der"]), ("own/private/pump.key", self.files["pump.key"]),
                              ("trusted/certs/key.pem", self.files["pump.key"]), ("rejected/certs/valve.der", self.files["valve.der"]),
                              ("trusted/certs/README", b"words")):
            uatrust.replace(tree / path, content)
        return tree

    def test_only_the_trust_list_is_taken_and_the_rest_is_told(self):
        self.start("default")
        told = self.bring(self.tree())
        self.assertEqual(sorted(told["update"]["added"]), sorted(hashlib.sha256(self.files[name]).hexdigest() for name in (
            "plant.der", "root.der", "plant.crl", "root.crl")))
        self.assertEqual({item["file"]: item["reason"] for item in told["leftOut"]}, {
            "trusted/certs/key.pem": "it is a private key, which was not read", "trusted/certs/README": "it is neither DER nor PEM"})
        here = b"".join(path.read_bytes() for path in (self.folder / "stores").rglob("*") if path.is_file())
        self.assertNotIn(b"PRIVATE KEY", here)

    def test_a_bundle_of_a_ca_is_taken_whole(self):
        """PKCS#7, PEM or DER, with its revocation lists."""
        self.start("pem", "der")
        for name in ("plant", "root"):
            (self.folder / f"{name}.pem").write_text(ssl.DER_cert_to_PEM_cert(self.files[f"{name}.der"]))
        (self.folder / "plant.crl").write_bytes(self.files["plant.crl"])
        (self.folder / "crl.pem").write_bytes(openssl("crl", "-inform", "DER", "-in", self.folder / "plant.crl"))
        for form in ("pem", "der"):
            openssl("crl2pkcs7", "-in", self.folder / "crl.pem", "-certfile", self.folder / "plant.pem", "-certfile",
                    self.folder / "root.pem", "-outform", form, "-out", self.folder / "ca.p7b")
            told = self.bring("--store", form, "ca.p7b")
            self.assertEqual(sorted(told["update"]["added"]), sorted(map(self.sha256, ("plant.der", "root.der", "plant.crl"))))
            self.assertEqual(told["leftOut"], [])
        for damaged in ((self.folder / "ca.p7b").read_bytes()[:-9], b"0\x80"):
            (self.folder / "half.p7b").write_bytes(damaged)
            self.assertIn("half.p7b: it holds no certificate and no CRL", self.tool.say("import", "--yes", "half.p7b", code=66))

    def test_what_is_there_stays_unless_it_is_to_be_replaced(self):
        self.fill("default")
        self.start("default")
        (self.folder / "pump.pem").write_text(ssl.DER_cert_to_PEM_cert(self.files["pump.der"]))
        pump = hashlib.sha256(self.files["pump.der"]).hexdigest()
        told = self.bring("pump.pem")
        self.assertEqual((told["update"]["added"], told["update"]["removed"]), ([pump], []))
        told = self.bring("--replace", self.tree())
        self.assertEqual(sorted(told["update"]["removed"]), sorted([pump, hashlib.sha256(self.files["stranger.der"]).hexdigest()]))

    def test_what_is_there_without_its_issuer_is_in_nobodys_way(self):
        self.fill("default")
        uatrust.replace(self.folder / "stores/default/trusted/certs/orphan.der", self.files["orphan.der"])
        self.start("default")
        (self.folder / "pump.der").write_bytes(self.files["pump.der"])
        told = self.bring("pump.der")
        self.assertEqual((len(told["update"]["added"]), told["update"]["removed"]), (1, []))
        self.assertTrue((self.folder / "stores/default/trusted/certs/orphan.der").exists())

    def test_what_lies_in_a_source_is_not_copied(self):
        tree = self.folder / "sdk"
        plant.fill(tree, self.files)
        self.start(plant=(tree, "auto", "application"))
        (self.folder / "pump.der").write_bytes(self.files["pump.der"])
        told = self.bring("--store", "plant", "pump.der")
        self.assertEqual((len(told["update"]["added"]), told["update"]["removed"]), (1, []))
        written = [path for path in (self.folder / "stores/plant").rglob("*.der")]
        self.assertEqual([path.read_bytes() for path in written], [self.files["pump.der"]])
        self.assertEqual(self.bring("--store", "plant", tree)["update"]["added"], [], "it is there; now in both")

    def test_what_a_damaged_list_still_revokes_is_not_lost(self):
        self.fill("default", crl="revoking.crl")
        self.start("default")
        (self.folder / "big.crl").write_bytes(self.files["big.crl"])
        damaged = self.folder / "stores/default/trusted/crl/plant.crl"
        self.assertEqual(self.agent.validate(self.files["pump.der"])["statusName"], "BadCertificateRevoked")
        damaged.write_bytes(self.files["revoking.crl"][:300])
        uatrust.eventually(lambda: "crl/plant.crl" in self.tool.say("list"), "the damage is seen")
        self.assertIn("default/trusted/crl/plant.crl: it is cut off: mend or remove it first", self.tool.say(
            "import", "--yes", "big.crl", code=66))
        self.assertEqual(self.agent.validate(self.files["pump.der"])["statusName"], "BadCertificateRevoked")
        damaged.unlink()
        uatrust.eventually(lambda: "crl/plant.crl" not in self.tool.say("list"), "it is gone")
        self.assertTrue(self.bring("big.crl")["changed"])

    def test_what_is_refused_is_named_by_its_file(self):
        self.start("default")
        tree = self.tree()
        (tree / "trusted/certs/orphan.der").write_bytes(self.files["orphan.der"])
        before = self.hash("default")
        words = self.tool.say("import", "--yes", tree, code=2)
        self.assertIn("trusted/certs/orphan.der: BadCertificateChainIncomplete: its ", words)
        self.assertIn("nothing was changed: --skip leaves it out", words)
        self.assertEqual(self.hash("default"), before)
        told = self.bring("--skip", tree)
        self.assertEqual(len(told["update"]["added"]), 4)
        self.assertIn("trusted/certs/orphan.der", [item["file"] for item in told["leftOut"]])

    def test_a_person_sees_what_would_change_and_is_asked(self):
        self.start("default")
        tree = self.tree()
        shown = self.tool.say("import", "--dry-run", tree)
        for words in ("store default: 4 would come, 0 would go", "  added trusted/certs/plant.der", "  left out trusted/certs/README: "):
            self.assertIn(words, shown)
        before = self.hash("default")
        self.assertIn("--yes is wanted", self.tool.say("import", tree, code=2))
        for answer, code in ((b"n\n", 1), (b"y\n", 0)):
            self.assertEqual(self.hash("default"), before)
            with tool.typed(answer) as terminal:
                done = self.tool.run("import", tree, stdin=terminal)
            self.assertEqual(done.returncode, code, done.stderr)
            self.assertIn("  added trusted/certs/plant.der", done.stderr)
            self.assertIn("import (4 come, 0 go)? [y/N]", done.stderr)
        self.assertNotEqual(self.hash("default"), before)

    def test_sessions_that_a_replacement_would_end_are_shown(self):
        self.fill("default")
        self.start("default")
        with self.agent.connect() as watch, self.agent.connect() as register:
            watch.send_call("org.uatrust.agent1.WatchPeers", more=True)
            peer = {"key": "1", "certificates": [base64.b64encode(self.files["stranger.der"]).decode()], "purpose": "client"}
            register.call("org.uatrust.agent1.RegisterPeers", {"watchId": watch.receive_reply()["watchId"], "peers": [peer]})
            self.assertIn("would end a session: CN=Stranger (untrusted)", self.tool.say("import", "--dry-run", "--replace", self.tree()))

    # Errors

    def test_what_cannot_be_done_says_why(self):
        self.fill("default")
        self.start("default")
        (self.folder / "text").write_text("words")
        (self.folder / "key.pem").write_bytes(self.files["pump.key"])
        (self.folder / "empty").mkdir()
        rows = [
            (("import",), 2, "DIR or FILE is missing"),
            (("import", "absent"), 66, "absent: No such file"),
            (("import", "text"), 66, "text: it holds no certificate and no CRL"),
            (("import", "key.pem"), 66, "key.pem: it is a private key, which was not read"),
            (("import", "empty"), 66, "empty: it has none of the folders of the layout auto"),
            (("import", "--layout", "x", "empty"), 2, '--layout: "x" is none'),
            (("import", "--group", "x", "empty"), 2, '--group: "x" is none of'),
            (("import", "--list", "own", "text"), 2, '--list: "own" is none of'),
            (("import", "--store", "attic", "--yes", self.tree()), 2, "no such store: attic"),
            (("import", "--admin-socket", "/absent", "--yes", self.tree()), 69, "not reachable: /absent"),
            (("export",), 2, "DIR is missing"),
            (("export", "a", "b"), 2, '"b" is too much'),
            (("export", "--layout", "auto", "x"), 2, '--layout: "auto" is none'),
            (("export", "--layout", "milo", "--group", "user", "x"), 2, "has no such group"),
            (("export", "--store", "attic", "x"), 2, "no such store: attic"),
            (("export", "--socket", "/absent", "x"), 69, "not reachable: /absent"),
            (("export", "/proc/x"), 66, "/proc/x"),
            (("export", "text"), 66, "text: Not a directory"),
        ]
        for arguments, code, words in rows:
            with self.subTest(arguments):
                self.assertIn(words, self.tool.say(*arguments, code=code))
        self.assertFalse((self.folder / "x").exists())


if __name__ == "__main__":
    uatrust.main()
