#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sessions between node-opcua and open62541, each with its adapter; mixed.py FOUND, as of stacks.py."""

import sys
import unittest

import sessions
import stacks
import uatrust

FOUND = sys.argv.pop(1) if len(sys.argv) > 1 else ""


class ClientOnNodeOpcua(sessions.Sessions, unittest.TestCase):
    # The server tells why in a message of its own kind, and hangs up, which is what the client makes of it.
    NO_CHANNEL = "BadSecurityChecksFailed|rejected by server"

    @staticmethod
    def prepare():
        return stacks.open62541(FOUND), stacks.node_opcua()

    def test_a_chain_that_only_the_client_has(self):
        server = self.servers["press"]
        self.trust("robot")
        self.put_crl("works", "line", "line")
        chain = self.files["robot.der"] + self.files["line.der"]
        (self.folder / "robot-chain.der").write_bytes(chain)
        (self.folder / "robot-chain.key").write_bytes(self.files["robot.key"])
        self.await_status("robot", "BadCertificateChainIncomplete")
        self.connect("robot", identity=str(self.folder / "robot-chain"), applicationUri=self.uri("robot"))
        self.assertTrue(self.read("robot"))
        since = len(server.events)
        self.put_crl("works", "robot-revoked", "line")
        self.expect_cut("press", since, "revoked")


class ServerOnNodeOpcua(sessions.Sessions, unittest.TestCase):
    # The server tells why in place of the message that the client waits for, which cannot read it.
    NO_CHANNEL = "BadSecurityChecksFailed|BadDecodingError"

    @staticmethod
    def prepare():
        client = stacks.open62541(FOUND)
        return stacks.node_opcua(), client


if __name__ == "__main__":
    uatrust.main()
