#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What tests/bench/run makes of figures, on made-up ones: table, README.md and plot. Measures nothing."""

import json
import pathlib
import re
import sys
import unittest
import xml.etree.ElementTree

sys.dont_write_bytecode = True

import figure  # noqa: E402
import plot  # noqa: E402
import report  # noqa: E402
import rows  # noqa: E402

MACHINE = {"date": "2001-02-03 04:05 UTC", "cpu": "a & b <cpu>", "cores": 2, "memory_kib": 4 * 2**20,
           "kernel": "6.1", "system": "Debian", "load": 0.5, "versions": {}}


def load(n, agent_s, openssl_s):
    return {"n": n, "agent_s": agent_s, "openssl_s": openssl_s, "agent_kib": 8000, "agent_peak_kib": 9000,
            "openssl_kib": 6000, "openssl_peak_kib": 7000}


def unseen(n, agent_ns, openssl_ns):
    return {"n": n, "agent_ns": agent_ns, "agent_p99_ns": 2 * agent_ns, "openssl_ns": openssl_ns}


def client(n):
    return {"n": n, "agent_ns": 1100 * n, "agent_p99_ns": 2000 * n, "agent_rate": 9e5, "echo_ns": 1000 * n,
            "echo_p99_ns": 1900 * n, "echo_rate": 1e6}


def judged_by_pki(ns):
    return {"load_ns": 7e8, "resident_kib": 90000, "statuses": ["Good"], "ns": ns, "p99_ns": 2 * ns}


def a_run():
    results = rows.take("fast", "", lambda: [rows.result("fast", "what is fast", "<= 1.3 x echo", 1.0, "x", 1.3,
                                                          ours="10 us", peer="libuv echo: 10 us")])
    results += rows.take("slow", "", lambda: [rows.result("slow", "what is slow", "<= 50 ms", 75.0, "ms", 50)])
    return {
        "machine": MACHINE, "quick": True, "took_s": 1.0, "rows": results,
        "growth": {"certificates": [load(10, 0.01, 0.005), load(1000, 0.03, 0.3), load(10000, 0.2, 3.0)],
                   "entries": [load(10, 0.01, 0.005), load(100000, 0.04, 0.3), load(1000000, 0.3, 1.4)],
                   "unseen": [unseen(10, 9e4, 4e5), unseen(100000, 9e4, 4e6), unseen(1000000, 9e4, 9e7)],
                   "subscribers": [{"n": n, "p50_ns": 1e6 + 1e3 * n, "p99_ns": 2e6} for n in (1, 10, 100, 1000)],
                   "clients": [client(n) for n in (1, 10, 100, 1000)]},
        "pki": {"version": "6.22.0", "stores": {name: judged_by_pki(1.5e6) for name in
                                                ("certs_10", "certs_1000", "certs_10000", "crl_10", "crl_100000")}}}


def without_pki():
    return a_run() | {"pki": {"skipped": "no npm"}}


class Figures(unittest.TestCase):
    def test_three_digits_and_a_unit_that_suits(self):
        for got, want in [(figure.number(1234.5), "1,230"), (figure.number(0.01234), "0.0123"),
                          (figure.number(987654), "988,000"), (figure.number(2), "2"), (figure.duration(0.5), "0.5 ns"),
                          (figure.duration(999), "999 ns"), (figure.duration(12345), "12.3 us"),
                          (figure.seconds(0.25), "250 ms"), (figure.seconds(2.5), "2.5 s"),
                          (figure.memory(8000), "8.19 MB"), (figure.rate(619432), "619,000/s")]:
            self.assertEqual(got, want)


class Goals(unittest.TestCase):
    def test_a_goal_is_met_up_to_its_limit(self):
        for value, at_least, met in [(1.3, False, True), (1.31, False, False), (1.3, True, True), (1.29, True, False)]:
            self.assertEqual(rows.result("", "", "", value, "x", 1.3, at_least=at_least)["met"], met)

    def test_a_row_that_cannot_be_measured_is_not_met_and_says_why(self):
        def fail():
            raise RuntimeError("first line\nbench-x: no such file")

        [got] = rows.take("x", "what x is", fail)
        self.assertEqual((got["work"], got["met"], got["reason"]), ("what x is", False, "bench-x: no such file"))

    def test_what_others_did_is_part_of_the_reason(self):
        result = rows.result("", "", "", 75.0, "ms", 50)
        self.assertIn("50% above the goal", rows.reason_of(result, 0.0))
        self.assertIn("1.5 cores", rows.reason_of(result, 1.5))


class Text(unittest.TestCase):
    def test_each_row_is_there_and_each_unmet_one_with_its_reason(self):
        lines = report.rows_text(a_run()["rows"])
        self.assertEqual(len(lines), 4)
        self.assertRegex(lines[1], r"what is fast +<= 1\.3 x echo +1 x +met +10 us +libuv echo: 10 us")
        self.assertRegex(lines[2], r"what is slow .* NOT MET")
        self.assertRegex(lines[3], r"^    NOT MET: 50% above the goal")

    def test_growth_has_a_line_for_each_size(self):
        text = "\n".join(report.growth_text(a_run()["growth"], a_run()["pki"]))
        for size in ("10 ", "1,000 ", "10,000 ", "100,000 ", "1,000,000 "):
            self.assertIn(f"    {size}", text)

    def test_a_peer_that_is_not_there_is_told(self):
        self.assertIn("node-opcua-pki: no npm", report.growth_text(without_pki()["growth"], {"skipped": "no npm"}))

    def test_a_run_read_from_json_says_the_same(self):
        run = a_run()
        again = json.loads(json.dumps(run))
        self.assertEqual(report.readme(again), report.readme(run))


class Readme(unittest.TestCase):
    TEXT = f"# x\n\n{report.BEGIN}\nold\n{report.END}\n\nmore\n"

    def test_only_what_stands_between_the_markers_changes(self):
        text = report.put_readme(self.TEXT, a_run())
        self.assertTrue(text.startswith("# x\n\n") and text.endswith("\n\nmore\n"))
        self.assertNotIn("old", text)
        self.assertEqual(report.put_readme(text, a_run()), text)

    def test_it_has_date_machine_rows_and_peers(self):
        for run, has_pki in ((a_run(), True), (without_pki(), False)):
            text = report.put_readme(self.TEXT, run)
            for part in ("2001-02-03", "2 cores of", "| what is slow | <= 50 ms | 75 ms | NOT MET |", "growth.svg"):
                self.assertIn(part, text)
            self.assertEqual("node-opcua-pki 6.22.0" in text, has_pki)

    def test_every_line_of_a_table_has_as_many_cells(self):
        cells = {}
        for table in re.findall(r"(?:^\|.*\n)+", report.readme(a_run()), re.M):
            lines = table.splitlines()
            cells[lines[0]] = {line.count("|") for line in lines}
        self.assertEqual([len(counts) for counts in cells.values()], [1, 1])

    def test_the_markers_are_in_place(self):
        text = pathlib.Path(__file__).resolve().parents[2].joinpath("README.md").read_text()
        self.assertEqual((text.count(report.BEGIN), text.count(report.END)), (1, 1))


class Plot(unittest.TestCase):
    def paths(self, text):
        root = xml.etree.ElementTree.fromstring(text)
        return root, [element.attrib["d"] for element in root.iter() if element.tag.endswith("path")]

    def test_it_is_xml_with_all_panels_and_names(self):
        root, _ = self.paths(report.svg(a_run()))
        texts = [element.text for element in root.iter() if element.tag.endswith("text")]
        self.assertEqual(sum(element.tag.endswith("}g") for element in root.iter()), 6)
        for name in ("uatrust", report.OPENSSL, report.PKI, report.ECHO, "clients", "100k", "1M"):
            self.assertIn(name, texts)
        self.assertTrue(any("a & b <cpu>" in content for content in texts))

    def test_without_a_peer_it_is_left_out(self):
        self.assertNotIn(report.PKI, report.svg(without_pki()))

    def test_powers_of_ten_are_as_far_apart_as_they_should_be(self):
        panel = plot.Panel("t", "x", figure.duration, {"a": [(1, 1e3), (10, 1e4), (1000, 1e6)]})
        _, paths = self.paths(plot.draw([panel], ""))
        [line] = [path for path in paths if path.count("L") == 2]
        points = [tuple(map(float, point.split())) for point in line[1:].split("L")]
        (x0, y0), (x1, y1), (x2, y2) = points
        self.assertAlmostEqual((x2 - x0) / (x1 - x0), 3, places=1)
        self.assertAlmostEqual((y2 - y0) / (y1 - y0), 3, places=1)
        self.assertLess(y2, y0)
        self.assertEqual((x0, x2), (plot.LEFT, plot.WIDTH - plot.RIGHT))

    def test_one_point_is_enough(self):
        self.paths(plot.draw([plot.Panel("t", "x", figure.duration, {"a": [(1, 1)]})], ""))


if __name__ == "__main__":
    unittest.main()
