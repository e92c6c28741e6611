#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The same question at engine, socket and bus: the same verdict, field by field, but for auditEventId."""

import base64
import json
import subprocess
import unittest

import idl
import plant
import uatrust

POLICY = "http://opcfoundation.org/UA/SecurityPolicy#"

# Which certificates of the plant, and what else is asked.
QUESTIONS = {
    "good": (["pump"], {}),
    "good, elliptic": (["valve"], {"securityPolicyUri": POLICY + "ECC_nistP256"}),
    "with its chain": (["pump", "plant", "root"], {}),
    "with what does not belong there": (["pump", "stranger", "pump"], {}),
    "server": (["pump"], {"purpose": "server", "hostName": plant.HOST, "applicationUri": plant.URI}),
    "server of another name": (["pump"], {"purpose": "server", "hostName": "other", "applicationUri": "urn:other"}),
    "https": (["pump"], {"purpose": "https", "hostName": plant.HOST}),
    "user": (["pump"], {"purpose": "user"}),
    "expired": (["late"], {}),
    "expired, and let pass": (["late"], {"suppress": ["BadCertificateTimeInvalid"]}),
    "untrusted": (["stranger"], {}),
    "revoked": (["revoked"], {}),
    "a CA": (["plant"], {}),
    "policy": (["pump"], {"securityPolicyUri": POLICY + "ECC_nistP384"}),
    "another moment": (["pump"], {"at": 4102444800}),
    "context": (["pump"], {"context": {"application": "tests", "peerAddress": None, "endpointUrl": "opc.tcp://a"}}),
    "no certificate": ([b"hello"], {}),
    "half a certificate": (["half"], {}),
}


class Doors(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.contract = idl.Interface(uatrust.SOURCE / "proto/org.uatrust.agent1.varlink")
        folder = uatrust.folder_for(cls)
        cls.files = plant.make(plant.REVOKED)
        cls.files["half.der"] = cls.files["pump.der"][:500]
        store = folder / "store"
        plant.fill(store, cls.files)
        cls.bus = uatrust.Bus(folder)
        cls.addClassCleanup(cls.bus.stop)
        cls.agent = uatrust.Agent(folder, "--store", store, f"--bus={cls.bus.address}")
        cls.addClassCleanup(cls.agent.stop)
        verdict = cls.agent.validate(cls.files["pump.der"])
        cls.engine = uatrust.start([uatrust.BUILD / "tests/parity-engine", store, verdict["agentId"],
                                    verdict["generation"]], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        cls.addClassCleanup(cls.stop_engine)

    @classmethod
    def stop_engine(cls):
        cls.engine.stdin.close()
        cls.engine.stdout.close()
        assert cls.engine.wait(uatrust.WAIT_S) == 0

    def parameters(self, certificates, more):
        ders = [self.files[item + ".der"] if isinstance(item, str) else item for item in certificates]
        return {"certificates": [base64.b64encode(der).decode() for der in ders], "purpose": "client", **more}

    def ask_engine(self, parameters):
        self.engine.stdin.write(json.dumps(parameters).encode() + b"\n")
        self.engine.stdin.flush()
        return json.loads(self.engine.stdout.readline())["verdict"]

    def ask_socket(self, parameters):
        with self.agent.connect() as connection:
            return connection.call("org.uatrust.agent1.Validate", parameters)["verdict"]

    def ask_bus(self, parameters):
        return self.contract.call(self.bus, "Validate", parameters)["verdict"]

    def test_a_verdict_is_the_same_at_every_door(self):
        for name, (certificates, more) in QUESTIONS.items():
            parameters = self.parameters(certificates, more)
            verdicts = [ask(parameters) for ask in (self.ask_engine, self.ask_socket, self.ask_bus, self.ask_socket)]
            for verdict in verdicts:
                verdict.pop("auditEventId")
            with self.subTest(name):
                for verdict in verdicts[1:]:
                    self.assertEqual(verdict, verdicts[0])

    def test_the_questions_differ(self):
        """A parity of verdicts that are all alike would show nothing."""
        found = {self.ask_socket(self.parameters(*question))["statusName"] for question in QUESTIONS.values()}
        self.assertGreaterEqual(len(found), 8, found)

    def test_lists_are_the_same_at_both_doors(self):
        for method in ("ListStores", "ListCertificates", "ListCrls"):
            with self.subTest(method), self.agent.connect() as connection:
                self.assertEqual(self.contract.call(self.bus, method, {}),
                                 connection.call("org.uatrust.agent1." + method))


if __name__ == "__main__":
    uatrust.main()
