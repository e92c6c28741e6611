#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Trees as the SDKs make them are read as they are, beside a store's own folder; what is bad in them costs nothing."""

import hashlib
import os
import pathlib
import shutil
import signal
import socket
import ssl
import time
import unittest

import plant
import uatrust

AGENT = "org.uatrust.agent1."
JUNK = 100_000

# Where each SDK puts trusted certificates, trusted CRLs, issuers and their CRLs; where it keeps its key; its names.
TREES = {
    "qt": ("trusted/certs", "trusted/crl", "issuers/certs", "issuers/crl", "own/private", "{cn}.der"),
    "annex-f": ("trusted/certs", "trusted/crl", "issuer/certs", "issuer/crl", "own/private", "{cn} [{sha1}].der"),
    "open62541": ("ApplCerts/trusted/certs", "ApplCerts/trusted/crl", "ApplCerts/issuer/certs", "ApplCerts/issuer/crl",
                  "ApplCerts/own/private", "{cn}[{sha1}]"),
    "net": ("trusted/certs", "trusted/crl", "issuer/certs", "issuer/crl", "own/private", "{cn} [{sha1}].der"),
    "milo": ("trusted/certs", "trusted/crl", "issuers/certs", "issuers/crl", "own/private", "{sha1}.der"),
    "node-opcua": ("trusted/certs", "trusted/crl", "issuers/certs", "issuers/crl", "own/private", "{cn}[{sha1}].pem"),
    "s2opc": ("trusted/certs", "trusted/crl", "issuers/certs", "issuers/crl", "own/private", "{cn}.der"),
}

# The lists for users and for https of the SDKs that have them.
GROUPS = {
    ("net", "user"): ("trustedUser/certs", "trustedUser/crl", "issuerUser/certs", "issuerUser/crl"),
    ("net", "https"): ("trustedHttps/certs", "trustedHttps/crl", "issuerHttps/certs", "issuerHttps/crl"),
    ("open62541", "user"): ("UserTokenCerts/trusted/certs", "UserTokenCerts/trusted/crl",
                            "UserTokenCerts/issuer/certs", "UserTokenCerts/issuer/crl"),
    ("open62541", "https"): ("HttpCerts/trusted/certs", "HttpCerts/trusted/crl",
                             "HttpCerts/issuer/certs", "HttpCerts/issuer/crl"),
}


def put(tree, directories, files, naming="{cn}.der"):
    """The CAs of the plant and their CRLs, in the four directories of a tree."""
    for name, (certs, crls) in (("plant", directories[0:2]), ("root", directories[2:4])):
        der = files[name + ".der"]
        file = naming.format(cn=name, sha1=hashlib.sha1(der).hexdigest().upper())
        content = ssl.DER_cert_to_PEM_cert(der).encode() if naming.endswith(".pem") else der
        uatrust.replace(tree / certs / file, content)
        uatrust.replace(tree / crls / (name + ".crl"), files[name + ".crl"])


def put_tree(tree, sdk, files):
    *directories, private, naming = TREES[sdk]
    put(tree, directories, files, naming)
    uatrust.replace(tree / private / "key.pem", b"-----BEGIN PRIVATE KEY-----\n")


class Layouts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.files = plant.make()

    def setUp(self):
        self.make_folder()

    def make_folder(self, where=None):
        self.folder = uatrust.folder_for(self, dir=where)

    def start(self, config, **process):
        """An agent that is patient: no test here is about doubt, and the machine may be busy."""
        config = "[Agent]\nMaxDoubt=60s\n" + config
        (self.folder / "uatrustd.conf").write_text(config.format(folder=self.folder))
        agent = uatrust.Agent(self.folder, "--config", self.folder / "uatrustd.conf", **process)
        self.addCleanup(agent.stop)
        return agent

    def store(self, name, *lines, source=()):
        """The sections of a store whose own folder is empty, and of a source of it."""
        (self.folder / "own" / name).mkdir(parents=True, exist_ok=True)
        text = "\n".join([f"[Store {name}]", f"Path={{folder}}/own/{name}", *lines, ""])
        if source:
            text += "\n".join([f"[Source {name}_source]", f"Store={name}", *source, ""])
        return text

    def status(self, agent, store, name="pump.der"):
        return agent.status(self.files[name], store=store)

    def becomes(self, agent, store, status, name="pump.der"):
        uatrust.eventually(lambda: self.status(agent, store, name) == status, f"{name} in {store} is {status}")

    def list(self, agent, store):
        with agent.connect() as connection:
            return connection.call(AGENT + "ListCertificates", {"store": store})

    def broken(self, agent, store):
        return {file["origin"]: file["reason"] for file in self.list(agent, store)["broken"]}

    # Trees

    def test_the_tree_of_each_sdk_is_read_by_its_name_and_by_auto(self):
        config, stores = "", []
        for sdk in TREES:
            put_tree(self.folder / sdk, sdk, self.files)
            for layout in ("auto", sdk):
                name = f"{sdk}_{layout}".replace("-", "_")
                config += self.store(name, source=[f"Path={{folder}}/{sdk}", f"Layout={layout}"])
                stores.append(name)
        agent = self.start(config)
        for store in stores:
            with self.subTest(store):
                self.assertEqual(self.status(agent, store), "Good")
                self.assertEqual(self.status(agent, store, "stranger.der"), "BadCertificateUntrusted")
                self.assertEqual(self.broken(agent, store), {}, "a key in own/private is nobody's business")

    def test_of_the_lists_of_one_tree_the_one_of_the_group_is_chosen(self):
        config, rows = "", []
        for (sdk, group), directories in GROUPS.items():
            put_tree(self.folder / sdk, sdk, self.files)
            put(self.folder / sdk, directories, self.files)
            uatrust.replace(self.folder / sdk / directories[0] / group, self.files["stranger.der"])
            for layout in ("auto", sdk):
                name = f"{sdk}_{group}_{layout}"
                config += self.store(name, source=[f"Path={{folder}}/{sdk}", f"Layout={layout}", f"Group={group}"])
                rows.append((name, "Good"))
            config += self.store(f"{sdk}_{group}_not", source=[f"Path={{folder}}/{sdk}"])
            rows.append((f"{sdk}_{group}_not", "BadCertificateUntrusted"))
        agent = self.start(config)
        for store, status in rows:
            with self.subTest(store):
                self.assertEqual(self.status(agent, store, "stranger.der"), status)
                self.assertEqual(self.status(agent, store), "Good")

    def test_a_tree_that_comes_later_is_read_whichever_it_is(self):
        config = "".join(self.store(sdk.replace("-", "_"), source=[f"Path={{folder}}/{sdk}"]) for sdk in TREES)
        agent = self.start(config)
        for sdk in TREES:
            store = sdk.replace("-", "_")
            self.assertEqual(self.status(agent, store), "BadCertificateChainIncomplete")
            self.assertEqual(self.broken(agent, store), {f"{store}_source": "there is no such directory"})
            put_tree(self.folder / sdk, sdk, self.files)
            self.becomes(agent, store, "Good")
            self.assertEqual(self.broken(agent, store), {})

    def test_a_store_of_its_own_may_have_another_layout(self):
        put_tree(self.folder / "pki", "open62541", self.files)
        agent = self.start("[Store default]\nPath={folder}/pki\nLayout=open62541\n")
        self.assertEqual(self.status(agent, "default"), "Good")

    def test_what_was_pushed_to_s2opc_counts_in_place_of_what_was_delivered(self):
        tree = self.folder / "pki"
        put_tree(tree, "s2opc", self.files)
        agent = self.start(self.store("default", source=["Path={folder}/pki"]))
        self.assertEqual(self.status(agent, "default"), "Good")
        pushed = self.folder / "pushed"
        uatrust.replace(pushed / "trusted/certs/stranger.der", self.files["stranger.der"])
        pushed.rename(tree / "updatedTrustList")
        self.becomes(agent, "default", "Good", "stranger.der")
        self.becomes(agent, "default", "BadCertificateChainIncomplete")
        shutil.rmtree(tree / "updatedTrustList")
        self.becomes(agent, "default", "Good")
        self.becomes(agent, "default", "BadCertificateUntrusted", "stranger.der")

    def test_directories_named_one_by_one(self):
        uatrust.replace(self.folder / "pki/ca/plant.der", self.files["plant.der"])
        uatrust.replace(self.folder / "mnt/..one/both.pem", self.files["root.der"] + self.files["root.crl"])
        os.symlink("..one", self.folder / "mnt/..data")
        os.symlink("..data/both.pem", self.folder / "mnt/both.pem")
        uatrust.replace(self.folder / "blocks/pump", self.files["pump.der"])
        named = ["Path={folder}/pki", "Trusted=ca", "TrustedCrl=crl", "Issuers={folder}/mnt"]
        agent = self.start(self.store("default", source=named) +
                           self.store("blocked", source=[*named, "Blocked={folder}/blocks"]))
        self.assertEqual(self.status(agent, "default"), "BadCertificateRevocationUnknown")
        self.assertEqual(self.broken(agent, "default"), {"default_source/crl": "there is no such directory"})
        uatrust.replace(self.folder / "pki/crl/plant", self.files["plant.crl"])
        self.becomes(agent, "default", "Good")
        self.assertEqual(self.status(agent, "blocked"), "BadCertificateUntrusted")
        os.symlink("..two", self.folder / "mnt/..data.new")
        (self.folder / "mnt/..two").mkdir()
        os.rename(self.folder / "mnt/..data.new", self.folder / "mnt/..data")
        self.becomes(agent, "default", "BadCertificateChainIncomplete")

    # Stores and sources

    def test_one_object_of_two_sources_is_one_with_two_origins(self):
        for name in ("one", "two"):
            put_tree(self.folder / name, "qt", self.files)
        agent = self.start(self.store("default", source=["Path={folder}/one"]) +
                           "[Source other]\nPath={folder}/two\n")
        plants = [cert for cert in self.list(agent, "default")["certificates"] if cert["subject"] == "CN=Plant CA"]
        self.assertEqual([cert["origins"] for cert in plants],
                         [["default_source/trusted/certs/plant.der", "other/trusted/certs/plant.der"]])
        with agent.connect() as connection:
            stores = connection.call(AGENT + "ListStores")["stores"]
        self.assertEqual(stores[0]["sources"],
                         [f"{self.folder}/own/default", f"{self.folder}/one", f"{self.folder}/two"])

    def test_a_source_that_vanishes_trusts_nothing_and_comes_back(self):
        tree = self.folder / "pki"
        put_tree(tree, "qt", self.files)
        agent = self.start(self.store("default", source=["Path={folder}/pki"]))
        self.assertEqual(self.status(agent, "default"), "Good")
        tree.rename(self.folder / "elsewhere")
        self.becomes(agent, "default", "BadCertificateChainIncomplete")
        self.assertEqual(self.broken(agent, "default"), {"default_source": "there is no such directory"})
        tree.mkdir()
        uatrust.eventually(lambda: "none of the directories" in self.broken(agent, "default").get("default_source", ""),
                           "an empty folder is no source either")
        tree.rmdir()
        (self.folder / "elsewhere").rename(tree)
        self.becomes(agent, "default", "Good")
        self.assertEqual(self.broken(agent, "default"), {})

    def test_a_change_in_one_store_invalidates_nothing_in_another(self):
        for name in ("one", "two"):
            put_tree(self.folder / name, "qt", self.files)
        agent = self.start(self.store("one", source=["Path={folder}/one"]) +
                           self.store("two", source=["Path={folder}/two"]))
        before = agent.validate(self.files["pump.der"], store="two")["generation"]
        uatrust.replace(self.folder / "one/trusted/crl/plant.crl", self.files["revoking.crl"])
        self.becomes(agent, "one", "BadCertificateRevoked")
        after = agent.validate(self.files["pump.der"], store="two")
        self.assertEqual((after["statusName"], after["generation"]), ("Good", before))

    def test_a_reload_adds_a_source_and_takes_it_out_again(self):
        put_tree(self.folder / "pki", "qt", self.files)
        without, config = self.store("default"), self.folder / "uatrustd.conf"
        agent = self.start(without)
        self.assertEqual(self.status(agent, "default"), "BadCertificateChainIncomplete")
        for text, status in ((self.store("default", source=["Path={folder}/pki"]), "Good"),
                             (self.store("default", source=["Path={folder}/pki", "Settle=5s"]), "Good"),
                             (without, "BadCertificateChainIncomplete")):
            config.write_text(text.format(folder=self.folder))
            agent.process.send_signal(signal.SIGHUP)
            self.becomes(agent, "default", status)

    def test_what_may_not_be_read_says_how_to_mend_it(self):
        uatrust.need_root("become somebody else")
        nobody = uatrust.as_nobody()
        tree = self.folder / "pki"
        put_tree(tree, "qt", self.files)
        self.folder.chmod(0o777)
        (tree / "trusted/certs/plant.der").chmod(0o600)
        (tree / "issuers").chmod(0o700)
        agent = self.start(self.store("default", source=["Path={folder}/pki"]), **nobody)
        broken = self.broken(agent, "default")
        self.assertTrue(broken["default_source/trusted/certs/plant.der"].endswith(
            f"; mend it with: setfacl -m u:nobody:r {tree}/trusted/certs/plant.der"), broken)
        self.assertTrue(broken["default_source/issuers/certs"].endswith(
            f"; mend it with: setfacl -m u:nobody:x {tree}/issuers"), broken)
        (tree / "trusted/certs/plant.der").chmod(0o644)
        (tree / "issuers").chmod(0o755)
        self.becomes(agent, "default", "Good")

    # Bad files

    def spoil(self, certs):
        """Every kind of bad file; name -> what its reason has in it."""
        uatrust.replace(certs / "truncated", self.files["stranger.der"][:-10])
        uatrust.replace(certs / "empty", b"")
        uatrust.replace(certs / "key.pem", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
        uatrust.replace(certs / "request.pem", b"-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n"
                                               b"-----END CERTIFICATE REQUEST-----\n")
        uatrust.replace(certs / "huge", b"")
        os.truncate(certs / "huge", 1 << 40)
        os.mkfifo(certs / "fifo")
        os.symlink("loop-b", certs / "loop-a")
        os.symlink("loop-a", certs / "loop-b")
        os.symlink("/etc/passwd", certs / "out")
        os.symlink("nowhere", certs / "dangling")
        uatrust.replace(certs / "README", b"see the wiki\n")
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
            listener.bind(str(certs / "socket"))
        return {"truncated": "cut off", "empty": "empty", "key.pem": "private key", "request.pem": "neither",
                "huge": "larger than 128 MiB", "fifo": "no regular file", "loop-a": "leads to itself",
                "loop-b": "leads to itself", "out": "out of its directory", "dangling": "leads nowhere",
                "README": "neither DER nor PEM", "socket": "no regular file"}

    def test_bad_files_of_every_kind_are_listed_and_cost_nothing_else(self):
        tree = self.folder / "pki"
        put_tree(tree, "qt", self.files)
        expected = self.spoil(tree / "trusted/certs")
        agent = self.start(self.store("default", source=["Path={folder}/pki"]))
        self.assertEqual(self.status(agent, "default"), "Good")
        broken = self.broken(agent, "default")
        self.assertEqual(sorted(broken), sorted("default_source/trusted/certs/" + name for name in expected))
        for name, reason in expected.items():
            self.assertIn(reason, broken["default_source/trusted/certs/" + name])

    def test_a_folder_full_of_junk_costs_no_more_than_its_names(self):
        memory = pathlib.Path("/dev/shm")
        if memory.is_dir() and shutil.disk_usage(memory).free > JUNK * 8192:
            self.make_folder(memory)  # a busy disk takes minutes to make so many files
        certs = self.folder / "pki/trusted/certs"
        put_tree(self.folder / "pki", "qt", self.files)
        for i in range(JUNK):
            (certs / f"junk{i:06}").write_bytes(b"junk %d\n" % i)
        begin = time.monotonic()
        agent = self.start(self.store("default", source=["Path={folder}/pki"]))
        self.becomes(agent, "default", "Good")
        print(f"ready after {time.monotonic() - begin:.1f} s with {JUNK} junk files")
        broken = self.broken(agent, "default")
        self.assertEqual(len(broken), 101)
        self.assertEqual(broken["default_source/trusted/certs"],
                         f"{JUNK - 100} files more in it hold no certificate and no CRL")
        uatrust.replace(certs / "zzz", self.files["stranger.der"])
        self.becomes(agent, "default", "Good", "stranger.der")


if __name__ == "__main__":
    uatrust.main()
