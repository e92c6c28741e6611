#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sessions of servers and clients on node-opcua (sessions.py), which fetch.py brings."""

import signal
import unittest

import sessions
import stacks
import uatrust


class NodeOpcua(sessions.Sessions, unittest.TestCase):
    @staticmethod
    def prepare():
        stack = stacks.node_opcua()
        return stack, stack

    def test_a_client_does_not_wait_for_a_server_that_it_leaves(self):
        self.connect("lasting")
        since = len(self.client.events)
        self.servers["press"].process.send_signal(signal.SIGSTOP)
        try:
            start = self.put_crl("makers", "press-revoked")
            end = self.client.wait("client ended", since, name="lasting")["ns"]
        finally:
            self.servers["press"].process.send_signal(signal.SIGCONT)
        self.assertLess((end - start) / 1e9, 10)  # node-opcua by itself takes 15 s
        print(f"\na client left a server that hangs after {(end - start) / 1e6:.0f} ms")


if __name__ == "__main__":
    uatrust.main()
