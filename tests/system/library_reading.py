#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the library reads of a real agent: trust lists with large CRLs, single objects, changes, statistics, notices."""

import base64
import hashlib
import json
import subprocess
import unittest

import plant
import uatrust

READER = uatrust.BUILD / "tests/reader"
NO_SUCH_CERTIFICATE = 9
LARGE = """
[crl large]
issuer = plant
number = 04
{times}
filler = 100000
"""


def sha256(der):
    return hashlib.sha256(der).hexdigest()


class Library(unittest.TestCase):
    def setUp(self):
        self.folder = uatrust.folder_for(self)
        self.store = self.folder / "store"
        self.files = plant.make(LARGE)
        plant.fill(self.store, self.files)
        self.start()

    def start(self):
        self.agent = uatrust.Agent(self.folder, "--store", self.store)
        self.addCleanup(self.agent.stop)

    def read(self, *words, code=0):
        done = subprocess.run([READER, self.agent.socket, *words], stdout=subprocess.PIPE, text=True, check=False,
                              timeout=uatrust.WAIT_S)
        self.assertEqual(done.returncode, code)
        return json.loads(done.stdout) if not code else None

    def generation(self):
        with self.agent.connect() as connection:
            reply = connection.call("org.uatrust.agent1.ListStores")
        return reply["agentId"], reply["stores"][0]["generation"]

    def add_large(self):
        """A CRL that comes in parts; the agent knows it afterwards."""
        large = self.files["large.crl"]
        self.assertGreater(len(large), 1 << 20)
        uatrust.replace(self.store / "trusted/crl/plant.crl", large)
        uatrust.eventually(lambda: sha256(large) in self.crls(), "the large CRL is loaded")
        return large

    def crls(self):
        with self.agent.connect() as connection:
            return [crl["sha256"] for crl in connection.call("org.uatrust.agent1.ListCrls")["crls"]]

    def test_a_trust_list_is_whole(self):
        large = self.add_large()
        found = self.read("list")
        lists = {name: [base64.b64decode(der) for der in found[name]] for name in
                 ("trustedCertificates", "trustedCrls", "issuerCertificates", "issuerCrls")}
        self.assertEqual(lists, {"trustedCertificates": [self.files["plant.der"]], "trustedCrls": [large],
                                 "issuerCertificates": [self.files["root.der"]], "issuerCrls": [self.files["root.crl"]]})
        self.assertEqual((found["largeTrustedCrls"], found["largeIssuerCrls"]), ([], []))
        self.assertEqual((found["agentId"], found["generation"]), self.generation())

    def test_single_objects(self):
        large = self.add_large()
        crl = self.read("crl", sha256(large))
        self.assertEqual((base64.b64decode(crl["data"]), crl["total"]), (large, len(large)))
        der = self.files["root.der"]
        found = self.read("certificate", hashlib.sha1(der).hexdigest())
        self.assertEqual((base64.b64decode(found["der"]), found["certificate"]["sha256"]), (der, sha256(der)))
        for what in ("certificate", "crl"):
            self.read(what, "00" * 32, code=NO_SUCH_CERTIFICATE)

    def test_changes(self):
        agent, since = self.generation()
        self.assertEqual(self.read("changes", agent, str(since)), {"events": []})
        stranger = self.files["stranger.der"]
        uatrust.replace(self.store / "trusted/certs/stranger.der", stranger)
        uatrust.eventually(lambda: self.generation()[1] > since, "a generation more")
        self.assertEqual([(event["kind"], event["added"]) for event in self.read("changes", agent, str(since))["events"]],
                         [("changed", [sha256(stranger)])])
        self.assertEqual([event["kind"] for event in self.read("changes", "0" * 32, "1")["events"]], ["resync"])

    def test_statistics(self):
        for _ in range(3):
            self.agent.validate(self.files["pump.der"])
        found = self.read("statistics")
        self.assertEqual(found["verdicts"], [{"name": "Good", "count": 3}])
        self.assertEqual(found["agentId"], self.generation()[0])

    def test_notices(self):
        heard = self.folder / "heard"
        with open(heard, "wb") as out:
            reader = uatrust.start([READER, self.agent.socket, "notices"], stdout=out)
        self.addCleanup(reader.wait)
        self.addCleanup(reader.kill)
        with self.agent.connect() as connection:
            uatrust.eventually(lambda: "MonitorNotices" in
                               [row["name"] for row in connection.call("org.uatrust.agent1.Statistics")["requests"]],
                               "somebody listens")

        def kinds():
            lines = [json.loads(line) for line in heard.read_text().splitlines()]
            return {name for line in lines if isinstance(line, dict) for name in line if line[name] is not None}

        self.agent.validate(self.files["stranger.der"])
        uatrust.eventually(lambda: kinds() >= {"rejected", "audit"}, "a refusal is heard of")
        self.agent.stop()
        (self.store / "trusted/crl/plant.crl").unlink()
        self.start()
        uatrust.eventually(lambda: kinds() >= {"warning"}, "the next agent is listened to, and its standing warning heard")


if __name__ == "__main__":
    uatrust.main()
