#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every row of tests/conformance asked of a running agent, at its socket and on the bus: the engine's own verdict.

Compared is all but what names the agent, the store and its files. Rows that are no request of an agent (see
conformance/write.h) are counted by their reason.
"""

import collections
import hashlib
import json
import os
import subprocess
import unittest

import idl
import uatrust

STORES_AT_ONCE = 60
WITHOUT_ROWS = {"conformance-boringssl-crl", "conformance-budgets", "conformance-impostors"}

# Questions that the engine answers, but a call cannot put: what is empty is refused, at every door.
REFUSED = {"an empty ApplicationUri": "applicationUri", "an empty name for an empty one": "hostName"}


def plain(verdict):
    """Without what depends on the place."""
    verdict = {key: value for key, value in verdict.items() if key not in ("agentId", "generation", "store",
                                                                           "auditEventId")}
    return {**verdict, "chain": [{**link, "origin": None} for link in verdict["chain"]]}


class Row:
    def __init__(self, folder):
        self.id = (folder / "id").read_text()
        self.name = f"{folder.name}: {self.id}"
        self.skipped = (folder / "skipped").read_text() if (folder / "skipped").exists() else None
        if self.skipped:
            return
        self.folder = folder
        self.config = (folder / "config").read_text()
        self.cas = (folder / "cas").read_text().split("\n")
        self.call = json.loads((folder / "call.json").read_text())
        self.verdict = json.loads((folder / "verdict.json").read_text())
        files = sorted(path for path in (folder / "store").rglob("*") if path.is_file())
        parts = [(str(path.relative_to(folder)).encode(), path.read_bytes()) for path in files]
        self.world = hashlib.sha256(repr((parts, self.config, self.cas)).encode()).hexdigest()[:16]


def configuration(rows):
    """Of one agent: rows that ask about the same world share a store."""
    text = ["[Agent]\nMaxDoubt=60s"]
    for row in {row.world: row for row in rows}.values():
        text.append(f"[Store w{row.world}]\nPath={row.folder / 'store'}\n{row.config}")
        text += [f"[CA {i} of {row.world}]\nStore=w{row.world}\nSha256={line.split()[0]}\n"
                 f"RevocationCheck={line.split()[1]}\n" for i, line in enumerate(row.cas) if line]
    return "\n".join(text)


class Conformance(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.contract = idl.Interface(uatrust.SOURCE / "proto/org.uatrust.agent1.varlink")
        cls.folder = uatrust.folder_for(cls)
        (cls.folder / "rows").mkdir()
        for program in sorted((uatrust.BUILD / "tests").glob("conformance-*")):
            if program.name not in WITHOUT_ROWS:
                subprocess.run([program], check=True, capture_output=True,
                               env={**os.environ, "CONFORMANCE_WRITE": str(cls.folder / "rows")})
        cls.rows = [Row(path) for path in sorted((cls.folder / "rows").iterdir())]

    def ask_bus(self, bus, parameters):
        given = {name: value for name, value in parameters.items() if value is not None}
        return self.contract.call(bus, "Validate", given)["verdict"]

    def refuse(self, connection, bus, parameters, field):
        with self.assertRaises(uatrust.VarlinkError) as caught:
            connection.call("org.uatrust.agent1.Validate", parameters)
        self.assertEqual((caught.exception.name, caught.exception.parameters["field"]),
                         ("org.uatrust.agent1.BadRequest", field))
        with self.assertRaises(uatrust.BusError) as caught:
            self.ask_bus(bus, parameters)
        self.assertIn(field, str(caught.exception))

    def ask_rows(self, rows):
        config = self.folder / "uatrustd.conf"
        config.write_text(configuration(rows))
        bus = uatrust.Bus(self.folder)
        agent = uatrust.Agent(self.folder, "--config", config, f"--bus={bus.address}")
        try:
            with agent.connect() as connection:
                for row in rows:
                    parameters = {**row.call, "store": "w" + row.world}
                    if row.id in REFUSED:
                        self.refuse(connection, bus, parameters, REFUSED[row.id])
                        continue
                    with self.subTest(row.name):
                        verdict = connection.call("org.uatrust.agent1.Validate", parameters)["verdict"]
                        self.assertEqual(plain(verdict), plain(row.verdict))
                        self.assertEqual(plain(self.ask_bus(bus, parameters)), plain(row.verdict))
        finally:
            agent.stop()
            bus.stop()

    def test_every_row_has_the_same_verdict_at_every_door(self):
        skipped = collections.Counter(row.skipped for row in self.rows if row.skipped)
        asked = [row for row in self.rows if not row.skipped]
        worlds = sorted({row.world for row in asked})
        for i in range(0, len(worlds), STORES_AT_ONCE):
            some = set(worlds[i:i + STORES_AT_ONCE])
            self.ask_rows([row for row in asked if row.world in some])
        print(f"{len(asked)} of {len(self.rows)} rows asked in {len(worlds)} worlds")
        for reason, n in skipped.items():
            print(f"{n} not asked: {reason}")
        self.assertGreater(len(asked), 600)


if __name__ == "__main__":
    uatrust.main()
