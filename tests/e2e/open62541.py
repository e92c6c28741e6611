#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sessions of servers and clients on open62541, with client-lib/open62541; open62541.py FOUND, as of stacks.py."""

import sys
import unittest

import sessions
import stacks
import uatrust

FOUND = sys.argv.pop(1) if len(sys.argv) > 1 else ""


class Open62541(sessions.Sessions, unittest.TestCase):
    @staticmethod
    def prepare():
        stack = stacks.open62541(FOUND)
        return stack, stack

    def test_a_client_is_whom_its_certificate_names(self):
        self.expect_refused("BadCertificateUriInvalid", "BadCertificateUriInvalid", applicationUri=self.uri("robot"))
        self.connect("first")
        self.assertTrue(self.read("first"))

    def test_a_uri_that_would_begin_a_line_of_the_log_is_not_asked_about(self):
        before = len(self.servers["press"].events)
        with self.assertRaisesRegex(sessions.OrderFailed, "BadCertificateUriInvalid"):
            self.connect("refused", applicationUri=self.uri("panel") + "\nuatrust: cut: revoked")
        self.assertNotIn("statusName", self.servers["press"].wait("refused", before))


if __name__ == "__main__":
    uatrust.main()
