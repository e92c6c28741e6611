#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Bad input at the socket and the bus: a clear error that names field and reason, and an agent that goes on."""

import base64
import json
import unittest

import plant
import uatrust

AGENT = "org.uatrust.agent1."
SERVICE = "org.varlink.service."
BAD_REQUEST = AGENT + "BadRequest"
INVALID_PARAMETER = SERVICE + "InvalidParameter"
TOO_LARGE = AGENT + "TooLarge"

# What is no call: the frame, and the error's name. A connection may be closed after it.
FRAMES = {
    "no JSON": b"hello",
    "nothing": b"",
    "half an object": b'{"method":',
    "an array": b"[]",
    "a number": b"1",
    "two objects": b"{}{}",
    "no method": b"{}",
    "a method that is no string": b'{"method":7}',
    "parameters that are no object": b'{"method":"org.uatrust.agent1.Validate","parameters":[]}',
    "more that is no boolean": b'{"method":"org.uatrust.agent1.Monitor","more":1}',
    "an unknown member": b'{"method":"org.uatrust.agent1.ListStores","less":true}',
    "a name twice": b'{"method":"org.uatrust.agent1.ListStores","method":"org.uatrust.agent1.ListStores"}',
    "no UTF-8": b'{"method":"\xff\xfe"}',
    "NaN": b'{"method":"org.uatrust.agent1.Validate","parameters":{"at":NaN}}',
    "a new line in a string": b'{"method":"org.uatrust.\nagent1.ListStores"}',
    "too deep": b'{"method":"org.uatrust.agent1.ListStores","parameters":' + b"[" * 10000 + b"]" * 10000 + b"}",
}

PUMP = object()  # stands for a good certificate, in base64

# What cannot be asked: method, parameters, error, and words that its parameters must hold.
CALLS = {
    "an unknown interface": ("org.example.x.Do", {}, SERVICE + "InterfaceNotFound", "org.example.x"),
    "an unknown method": (AGENT + "Judge", {}, SERVICE + "MethodNotFound", "Judge"),
    "a method without an interface": ("Validate", {}, SERVICE + "InterfaceNotFound", ""),
    "certificates missing": (AGENT + "Validate", {"purpose": "client"}, INVALID_PARAMETER, "certificates"),
    "purpose missing": (AGENT + "Validate", {"certificates": [PUMP]}, INVALID_PARAMETER, "purpose"),
    "certificates no array": (AGENT + "Validate", {"certificates": PUMP, "purpose": "client"}, INVALID_PARAMETER,
                              "certificates"),
    "an element that is no string": (AGENT + "Validate", {"certificates": [7], "purpose": "client"}, INVALID_PARAMETER,
                                     "certificates"),
    "purpose no string": (AGENT + "Validate", {"certificates": [PUMP], "purpose": 1}, INVALID_PARAMETER, "purpose"),
    "at no number": (AGENT + "Validate", {"certificates": [PUMP], "purpose": "client", "at": "now"}, INVALID_PARAMETER,
                     "at"),
    "at a fraction": (AGENT + "Validate", {"certificates": [PUMP], "purpose": "client", "at": 1.5}, INVALID_PARAMETER,
                      "at"),
    "an unknown field": (AGENT + "Validate", {"certificates": [PUMP], "purpose": "client", "colour": "red"},
                         INVALID_PARAMETER, "colour"),
    "an unknown field of the context": (AGENT + "Validate", {"certificates": [PUMP], "purpose": "client",
                                                             "context": {"colour": "red"}}, INVALID_PARAMETER, "colour"),
    "base64 that is none": (AGENT + "Validate", {"certificates": ["%%%%"], "purpose": "client"}, BAD_REQUEST,
                            "certificates"),
    "base64 with bits left over": (AGENT + "Validate", {"certificates": ["AB=="], "purpose": "client"}, BAD_REQUEST,
                                   "certificates"),
    "no certificate at all": (AGENT + "Validate", {"certificates": [], "purpose": "client"}, BAD_REQUEST,
                              "certificates"),
    "an unknown purpose": (AGENT + "Validate", {"certificates": [PUMP], "purpose": "robot"}, BAD_REQUEST, "purpose"),
    "an unknown policy": (AGENT + "Validate", {"certificates": [PUMP], "purpose": "client",
                                               "securityPolicyUri": "urn:none"}, BAD_REQUEST, "securityPolicyUri"),
    "an unknown suppression": (AGENT + "Validate", {"certificates": [PUMP], "purpose": "client",
                                                    "suppress": ["Everything"]}, BAD_REQUEST, "suppress"),
    "a suppression that is never allowed": (AGENT + "Validate", {"certificates": [PUMP], "purpose": "client",
                                                                 "suppress": ["BadCertificateUntrusted"]},
                                            BAD_REQUEST, "suppress"),
    "an unknown store": (AGENT + "Validate", {"certificates": [PUMP], "purpose": "client", "store": "attic"},
                         AGENT + "NoSuchStore", "attic"),
    "a store's name that is none": (AGENT + "ListCertificates", {"store": "../etc"}, AGENT + "NoSuchStore", "../etc"),
    "an unknown store to list": (AGENT + "ListCrls", {"store": "attic"}, AGENT + "NoSuchStore", "attic"),
    "an unknown list": (AGENT + "ListCertificates", {"list": "friends"}, BAD_REQUEST, "list"),
    "a limit of 0": (AGENT + "ListCertificates", {"limit": 0}, BAD_REQUEST, "limit"),
    "a negative limit": (AGENT + "ListCrls", {"limit": -1}, BAD_REQUEST, "limit"),
    "a cursor that is none": (AGENT + "ListCertificates", {"after": "zz"}, BAD_REQUEST, "after"),
    "a monitor without more": (AGENT + "Monitor", {}, SERVICE + "ExpectedMore", ""),
    "an unknown interface to describe": (SERVICE + "GetInterfaceDescription", {"interface": "org.example.x"},
                                         INVALID_PARAMETER, "interface"),
    "eleven certificates": (AGENT + "Validate", {"certificates": [PUMP] * 11, "purpose": "client"}, TOO_LARGE, ""),
    "a certificate of more than 64 KiB": (AGENT + "Validate", {"certificates": [base64.b64encode(
        b"\x30\x83\x01\x00\x00" + bytes(65536)).decode()], "purpose": "client"}, TOO_LARGE, ""),
}


class BadInput(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.files = plant.make()
        folder = uatrust.folder_for(cls)
        cls.store = folder / "store"
        plant.fill(cls.store, cls.files)
        cls.bus = uatrust.Bus(folder)
        cls.addClassCleanup(cls.bus.stop)
        cls.agent = uatrust.Agent(folder, "--store", cls.store, f"--bus={cls.bus.address}")
        cls.addClassCleanup(cls.agent.stop)

    def tearDown(self):
        """Whatever came in, the agent lives and judges as before."""
        self.assertTrue(self.agent.is_alive(), self.agent.log.read_text())
        self.assertEqual(self.agent.validate(self.files["pump.der"])["statusName"], "Good")
        self.assertEqual(self.agent.validate(self.files["stranger.der"])["statusName"], "BadCertificateUntrusted")

    def test_frames_that_are_no_calls_get_an_error(self):
        for name, frame in FRAMES.items():
            with self.subTest(name), self.agent.connect() as connection:
                connection.send(frame + b"\0")
                reply = json.loads(connection.receive())
                self.assertIn(reply["error"], (BAD_REQUEST, INVALID_PARAMETER))
                self.assertTrue(reply["parameters"].get("reason") or reply["parameters"].get("parameter"))

    def test_a_frame_that_is_too_large_gets_an_error_and_no_more_is_read(self):
        with self.agent.connect() as connection:
            try:
                connection.send(b"{" + b" " * 600_000)
            except (BrokenPipeError, ConnectionResetError):
                pass
            self.assertEqual(json.loads(connection.receive())["error"], TOO_LARGE)
            self.assertIsNone(connection.receive())

    def test_calls_that_cannot_be_answered_name_what_is_wrong(self):
        pump = base64.b64encode(self.files["pump.der"]).decode()
        for name, (method, parameters, error, word) in CALLS.items():
            text = json.dumps(parameters, default=lambda _: pump)
            with self.subTest(name), self.agent.connect() as connection:
                with self.assertRaises(uatrust.VarlinkError) as caught:
                    connection.call(method, json.loads(text))
                self.assertEqual(caught.exception.name, error)
                self.assertIn(word, json.dumps(caught.exception.parameters))
                connection.call(AGENT + "ListStores")  # the connection is as good as before

    def test_der_that_is_none_is_a_verdict(self):
        pump = self.files["pump.der"]
        for der in (b"", b"hello", b"\x30", b"\x30\x80\x00\x00", b"\x30\x84\xff\xff\xff\xff", pump[:-1], pump[:100],
                    self.files["plant.crl"], self.files["pump.key"]):
            with self.subTest(der[:20]):
                verdict = self.agent.validate(der)
                self.assertEqual(verdict["statusName"], "BadCertificateInvalid")
                self.assertEqual(verdict["findings"][0]["step"], "structure")
                self.assertFalse(verdict["trusted"])

    def test_a_oneway_call_gets_no_reply_not_even_an_error(self):
        with self.agent.connect() as connection:
            connection.send_call(AGENT + "Judge", oneway=True)
            connection.send_call(AGENT + "ListStores", oneway=True)
            connection.send_call(AGENT + "ListStores")
            self.assertIn("stores", connection.receive_reply())

    def test_a_client_that_leaves_in_the_middle_costs_nothing(self):
        for size in (1, 30, 5000):
            with self.agent.connect() as connection:
                connection.send(b'{"method":"org.uatrust.agent1.Validate","parameters":{"certificates":["'[:size])
        with self.agent.connect() as connection:
            connection.send_call(AGENT + "Monitor", more=True)

    def test_a_frame_may_come_byte_by_byte_and_many_may_come_at_once(self):
        call = b'{"method":"org.uatrust.agent1.ListStores"}\0'
        with self.agent.connect() as connection:
            for byte in call:
                connection.send(bytes([byte]))
            connection.send(call * 200)
            for _ in range(201):
                self.assertIn("stores", connection.receive_reply())

    def test_the_bus_names_what_is_wrong(self):
        rows = [
            ("Validate", ("aaysa{sv}", 0, "client", 0), "certificates"),
            ("Validate", ("aaysa{sv}", 1, 1, 0x30, "robot", 0), "purpose"),
            ("Validate", ("aaysa{sv}", 1, 1, 0x30, "client", 1, "colour", "s", "red"), "colour"),
            ("Validate", ("aaysa{sv}", 1, 1, 0x30, "client", 1, "store", "s", "attic"), "attic"),
            ("Validate", ("aaysa{sv}", 1, 1, 0x30, "client", 1, "at", "s", "now"), "at"),
            ("ListCertificates", ("a{sv}", 1, "limit", "x", 0), "limit"),
            ("Judge", (), "Judge"),
            ("ListStores", ("s", "too much"), ""),
        ]
        for method, arguments, word in rows:
            with self.subTest(f"{method} {arguments}"), self.assertRaises(uatrust.BusError) as caught:
                self.bus.call("/org/uatrust/Agent1", "org.uatrust.Agent1.Manager", method, *arguments)
            self.assertIn(word, str(caught.exception))
        reply = self.bus.call("/org/uatrust/Agent1", "org.uatrust.Agent1.Manager", "Validate", "aaysa{sv}", 1, 1, 0x30,
                              "client", 0)
        self.assertIn("BadCertificateInvalid", json.dumps(reply))


if __name__ == "__main__":
    uatrust.main()
