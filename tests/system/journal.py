#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the journal gets: a socket of ours stands where it listens, in a mount namespace of the agent's own."""

import os
import pathlib
import socket
import subprocess
import unittest

import plant
import uatrust

PLACE = "/run/systemd/journal"

# Ours lies over the journal's folder, for this agent alone; its standard error is the stream that it is told of.
COVER = ("unshare", "--mount", "sh", "-ec",
         'mount --bind "$JOURNAL_FOLDER" "$JOURNAL_PLACE"; export JOURNAL_STREAM=$(stat -L -c %d:%i /dev/stderr); exec "$@"',
         "sh")


class Journal(unittest.TestCase):
    def setUp(self):
        if os.geteuid() != 0 or subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode:
            uatrust.skip("a mount namespace of its own is not allowed")
        pathlib.Path(PLACE).mkdir(parents=True, exist_ok=True)
        self.folder = uatrust.folder_for(self)
        (self.folder / "journal").mkdir()
        self.journal = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.journal.close)
        self.journal.bind(str(self.folder / "journal/socket"))
        self.journal.settimeout(uatrust.WAIT_S)
        self.files = plant.make()
        plant.fill(self.folder / "store", self.files)
        os.environ.update(JOURNAL_FOLDER=str(self.folder / "journal"), JOURNAL_PLACE=PLACE)
        self.agent = uatrust.Agent(self.folder, "--store", self.folder / "store", command=COVER)
        self.addCleanup(self.agent.stop)

    def receive(self):
        """The next entry's fields; a value that holds a line end comes with its length before it."""
        fields, data = {}, self.journal.recv(1 << 20)
        while data:
            line, _, data = data.partition(b"\n")
            name, is_text, value = line.partition(b"=")
            if not is_text:
                n = int.from_bytes(data[:8], "little")
                value, data = data[8:8 + n], data[9 + n:]
            fields[name.decode()] = value.decode()
        return fields

    def test_an_audit_event_has_fields(self):
        verdict = self.agent.validate(self.files["stranger.der"],
                                      context={"application": "a\nMESSAGE=forged", "peerAddress": None,
                                               "endpointUrl": None})
        entry = self.receive()
        self.assertEqual(entry["UATRUST_EVENT_ID"], verdict["auditEventId"])
        self.assertEqual(entry["UATRUST_STATUS"], "BadCertificateUntrusted")
        self.assertEqual(entry["UATRUST_EVENT_TYPE"], "AuditCertificateUntrustedEventType")
        self.assertEqual(entry["UATRUST_EVENT_TYPE_ID"], "2087")
        self.assertEqual(entry["UATRUST_THUMBPRINT"], verdict["chain"][0]["thumbprint"])
        self.assertEqual(entry["UATRUST_SUBJECT"], "CN=Stranger")
        self.assertEqual(entry["UATRUST_UID"], str(os.getuid()))
        self.assertEqual(entry["UATRUST_PID"], str(os.getpid()))
        self.assertEqual(entry["UATRUST_APPLICATION"], "a\nMESSAGE=forged", "as it is, and nothing but a value")
        self.assertEqual((entry["PRIORITY"], entry["SYSLOG_IDENTIFIER"]), ("5", "uatrustd"))
        self.assertEqual(len(entry["MESSAGE_ID"]), 32)
        self.assertIn("CN=Stranger", entry["MESSAGE"])

    def test_a_message_has_its_identifier_and_what_it_is_about(self):
        uatrust.replace(self.folder / "store/trusted/certs/odd.der", self.files["pump.der"][:200])
        entry = self.receive()
        self.assertEqual(entry["MESSAGE_ID"], "ae01cb78fbb44dfd9856fa9c1d955c72")
        self.assertEqual((entry["PRIORITY"], entry["UATRUST_STORE"]), ("4", "default"))
        self.assertIn("odd.der", entry["UATRUST_FILE"])
        self.assertTrue(entry["UATRUST_REASON"])


if __name__ == "__main__":
    uatrust.main()
