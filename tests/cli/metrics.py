#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""uatrust metrics: text that is OpenMetrics, says what the agent says, and is written whole or not at all."""

import os
import subprocess
import time
import unittest

import openmetrics
import plant
import uatrust

ODD = '''
[cert odd]
ca = yes
subject = CN=Odd "CA" \\\\n
key = rsa2048-7
'''

# What the reader itself must refuse, or it proves nothing.
FAULTS = (
    b"", b"# EOF", b"# TYPE a gauge\na 1\n", b"# TYPE a gauge\n\na 1\n# EOF\n", b"a 1\n# EOF\n",
    b"# TYPE a gauge\na 1\na 1\n# EOF\n", b"# TYPE a gauge\na{b=\"1\",b=\"2\"} 1\n# EOF\n",
    b"# TYPE a gauge\na{b=\"\"\"} 1\n# EOF\n", b"# TYPE a gauge\na{b=\"\\t\"} 1\n# EOF\n", b"# TYPE a gauge\na one\n# EOF\n",
    b"# TYPE a gauge\n# TYPE a gauge\na 1\n# EOF\n", b"# TYPE a gauge\na 1\n# HELP a late\n# EOF\n",
    b"# TYPE a counter\na 1\n# EOF\n", b"# TYPE a counter\na_total -1\n# EOF\n", b"# TYPE a colour\na 1\n# EOF\n",
    b"# TYPE a gauge\n# UNIT a seconds\na 1\n# EOF\n", b"# HELP a say \"it\"\n# EOF\n", b"# TYPE a gauge\na{b=\"\xff\"} 1\n# EOF\n",
    b"# TYPE a gauge\na 1\n# TYPE b gauge\nb 1\n# TYPE a gauge\na{c=\"d\"} 1\n# EOF\n",
    b"# TYPE a counter\n# TYPE a_total gauge\n# EOF\n",
    b"# TYPE a histogram\na_bucket{le=\"1.0\"} 1\n# EOF\n", b"# TYPE a histogram\na_bucket{le=\"1\"} 1\na_bucket{le=\"+Inf\"} 1\n# EOF\n",
    b"# TYPE a histogram\na_bucket{le=\"1.0\"} 2\na_bucket{le=\"+Inf\"} 1\n# EOF\n",
    b"# TYPE a histogram\na_bucket{le=\"+Inf\"} 1\na_count 1\n# EOF\n",
)


class Metrics(unittest.TestCase):
    def setUp(self):
        self.folder = uatrust.folder_for(self)
        self.files = plant.make(ODD)
        plant.fill(self.folder / "store", self.files)
        uatrust.replace(self.folder / "store/issuers/certs/odd.der", self.files["odd.der"])
        uatrust.replace(self.folder / "store/trusted/certs/late.der", self.files["late.der"])
        self.agent = uatrust.Agent(self.folder, "--store", self.folder / "store")
        self.addCleanup(self.agent.stop)

    def run_tool(self, *arguments, socket=None):
        return subprocess.run([uatrust.TOOL, "metrics", *map(str, arguments)], capture_output=True, timeout=uatrust.WAIT_S,
                              env={**os.environ, "UATRUST_SOCKET": socket or self.agent.socket})

    def ask(self):
        done = self.run_tool()
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        return openmetrics.read(done.stdout)

    def value(self, families, name, suffix="", **labels):
        return families[name].values(suffix)[tuple(sorted(labels.items()))]

    def test_the_reader_refuses_what_is_none(self):
        for data in FAULTS:
            with self.subTest(data), self.assertRaises(openmetrics.Fault):
                openmetrics.read(data)

    def test_counters_count(self):
        with self.agent.connect() as connection:
            for _ in range(3):
                connection.validate(self.files["pump.der"])
            connection.validate(self.files["stranger.der"])
            with self.assertRaises(uatrust.VarlinkError):
                connection.validate(self.files["pump.der"], store="attic")
            connection.send_call("org.uatrust.agent1.Monitor", more=True)
            connection.receive_reply()
            found = self.ask()
        self.assertEqual(self.value(found, "uatrust_up"), 1)
        self.assertEqual(self.value(found, "uatrust_verdicts", "_total", status="Good"), 3)
        self.assertEqual(self.value(found, "uatrust_verdicts", "_total", status="BadCertificateUntrusted"), 1)
        self.assertEqual(self.value(found, "uatrust_refusals", "_total", error="org.uatrust.agent1.NoSuchStore"), 1)
        self.assertEqual(self.value(found, "uatrust_requests", "_total", method="Validate"), 5)
        self.assertEqual(sum(found["uatrust_answers"].values("_total").values()), 4)
        self.assertEqual(self.value(found, "uatrust_subscribers"), 1)
        self.assertEqual(self.value(found, "uatrust_connections"), 2)
        self.assertEqual(self.value(found, "uatrust_store_generation", store="default"), 1)
        self.assertLess(abs(self.value(found, "uatrust_start_time_seconds") - time.time()), 3600)
        self.assertGreaterEqual(self.value(found, "uatrust_answer_duration_seconds", "_bucket", door="client", le="+Inf"), 3)

    def test_stores_and_what_runs_out_are_told(self):
        now, day = time.time(), plant.DAY_S
        found = uatrust.eventually(lambda: self.settled(), "the store was looked at")
        for name, value in (("ready", 1), ("crls", 2), ("broken_files", 0), ("weakenings", 0), ("out_of_date", 0)):
            self.assertEqual(self.value(found, f"uatrust_store_{name}", store="default"), value, name)
        self.assertEqual(self.value(found, "uatrust_store_certificates", store="default", list="issuers"), 2)
        self.assertEqual(self.value(found, "uatrust_clock_plausible"), 1)
        current = {dict(labels)["ca"]: value for labels, value in found["uatrust_crl_current"].values().items()}
        self.assertEqual(current, {"CN=Root": 1, "CN=Plant CA": 1, self.odd(current): 0})
        dates = {dict(labels)["ca"]: value
                 for labels, value in found["uatrust_crl_next_update_timestamp_seconds"].values().items()}
        self.assertEqual(set(dates), {"CN=Root", "CN=Plant CA"})
        self.assertLess(abs(dates["CN=Root"] - now - 30 * day), day)
        (labels, expiry), = found["uatrust_certificate_expiry_timestamp_seconds"].values().items()
        self.assertEqual((dict(labels)["subject"], dict(labels)["list"]), ("CN=Late", "trusted"))
        self.assertLess(expiry, now)
        self.assertEqual(found["uatrust_crl_next_update_timestamp_seconds"].unit, "seconds")

    def settled(self):
        found = self.ask()
        return found if found["uatrust_store_problems"].samples else None

    def odd(self, names):
        odd, = (name for name in names if "Odd" in name)
        self.assertIn('"', odd)
        return odd

    def test_an_agent_that_is_away_is_told_of(self):
        done = self.run_tool(socket=str(self.folder / "nobody"))
        self.assertEqual(done.returncode, 69)
        self.assertEqual({name: family.values() for name, family in openmetrics.read(done.stdout).items()},
                         {"uatrust_up": {(): 0}})

    def test_a_file_is_written_whole(self):
        path = self.folder / "uatrust.prom"
        for socket, is_up in ((None, 1), (str(self.folder / "nobody"), 0)):
            self.run_tool("--output", path, socket=socket)
            self.assertEqual(self.value(openmetrics.read(path.read_bytes()), "uatrust_up"), is_up)
            self.assertEqual(path.stat().st_mode & 0o777, 0o644)
        self.assertEqual([name for name in os.listdir(self.folder) if "prom" in name], ["uatrust.prom"])

    def test_a_file_that_cannot_be_written_stays(self):
        path = self.folder / "uatrust.prom"
        path.write_text("before\n")
        for target in (self.folder / "no/such/uatrust.prom", "/dev/full/x"):
            self.assertEqual(self.run_tool("--output", target).returncode, 74)
        done = subprocess.run(["sh", "-c", 'ulimit -f 0; trap "" XFSZ; exec "$@"', "sh", uatrust.TOOL, "metrics", "--output",
                               path], capture_output=True, env={**os.environ, "UATRUST_SOCKET": self.agent.socket})
        self.assertEqual(done.returncode, 74)
        self.assertEqual(path.read_text(), "before\n")
        self.assertEqual([name for name in os.listdir(self.folder) if "prom" in name], ["uatrust.prom"])


if __name__ == "__main__":
    uatrust.main()
