#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a store holds, read at the socket and on the bus: certificates by thumbprint, trust lists, CRLs, blocks."""

import base64
import hashlib
import unittest

import plant
import uatrust

AGENT = "org.uatrust.agent1."
MANAGER = ("/org/uatrust/Agent1", "org.uatrust.Agent1.Manager")
LISTS = ("trustedCertificates", "trustedCrls", "issuerCertificates", "issuerCrls")


class Reading(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.files = plant.make()

    def setUp(self):
        self.folder = uatrust.folder_for(self)
        plant.fill(self.folder / "store", self.files)
        uatrust.replace(self.folder / "store/blocked/valve.der", self.files["valve.der"])
        uatrust.replace(self.folder / "store/own/certs/own.der", self.files["stranger.der"])
        self.bus = uatrust.Bus(self.folder)
        self.addCleanup(self.bus.stop)
        self.agent = uatrust.Agent(self.folder, "--store", self.folder / "store", f"--bus={self.bus.address}")
        self.addCleanup(self.agent.stop)

    def ask(self, method, **parameters):
        with self.agent.connect() as connection:
            return connection.call(AGENT + method, parameters)

    def ask_bus(self, method, signature, *arguments):
        return self.bus.call(*MANAGER, method, signature + "a{sv}", *arguments, 0)

    def test_a_certificate_by_its_thumbprint(self):
        der = self.files["stranger.der"]
        for thumbprint in (hashlib.sha1(der).hexdigest(), hashlib.sha256(der).hexdigest().upper()):
            said = self.ask("GetCertificate", thumbprint=thumbprint)
            heard = self.ask_bus("GetCertificate", "s", thumbprint)
            self.assertEqual((base64.b64decode(said["der"]), said["certificate"]["list"]), (der, "own"))
            self.assertEqual(heard[:3], [said["store"], said["agentId"], said["generation"]])
            self.assertEqual(bytes(heard[4]), der)
            verdict = self.ask("Validate", certificates=[], purpose="client", thumbprint=thumbprint)["verdict"]
            self.assertEqual(verdict["statusName"], "BadCertificateUntrusted")
        with self.assertRaisesRegex(uatrust.BusError, "no such certificate|" + "0" * 64):
            self.ask_bus("GetCertificate", "s", "0" * 64)

    def test_the_lists_of_a_trust_list(self):
        said = self.ask("ReadTrustList")
        heard = self.ask_bus("ReadTrustList", "")
        self.assertEqual([[base64.b64decode(item) for item in said[name]] for name in LISTS],
                         [[bytes(item) for item in items] for items in heard[3:7]])
        self.assertEqual([base64.b64decode(said[name][0]) for name in LISTS],
                         [self.files[name] for name in ("plant.der", "plant.crl", "root.der", "root.crl")])

    def test_a_crl_in_parts(self):
        der = self.files["plant.crl"]
        sha256 = hashlib.sha256(der).hexdigest()
        said = self.ask("ReadCrl", sha256=sha256, offset=100)
        data, total, _ = self.ask_bus("ReadCrl", "sx", sha256, 100)
        self.assertEqual((base64.b64decode(said["data"]), said["total"]), (der[100:], len(der)))
        self.assertEqual((bytes(data), total), (der[100:], len(der)))

    def test_a_crl_whose_file_is_gone_is_a_conflict_or_not_there_any_more(self):
        der = self.files["plant.crl"]
        (self.folder / "store/trusted/crl/plant.crl").unlink()
        with self.assertRaises(uatrust.VarlinkError) as caught:
            self.ask("ReadCrl", sha256=hashlib.sha256(der).hexdigest(), offset=0)
        self.assertIn(caught.exception.name, (AGENT + "Conflict", AGENT + "NoSuchCertificate"))

    def test_what_is_blocked(self):
        said = self.ask("ListBlocks")
        heard = self.ask_bus("ListBlocks", "")
        self.assertEqual([block["sha256"] for block in said["blocks"]],
                         [hashlib.sha256(self.files["valve.der"]).hexdigest()])
        self.assertEqual(said["blocks"][0]["origin"], "default/blocked/valve.der")
        self.assertEqual((heard[3][0][0], heard[3][0][1]["sha256"]["data"]),
                         (said["blocks"][0]["origin"], said["blocks"][0]["sha256"]))


if __name__ == "__main__":
    uatrust.main()
