#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every message that asks for somebody has advice in the journal's catalog, all of it can be read, and none stands for
nothing: table (agent/service/catalog.c), file and journalctl agree."""

import re
import shutil
import subprocess
import unittest

import uatrust

AGENT = uatrust.SOURCE / "agent"
CATALOG = uatrust.SOURCE / "packaging/systemd/uatrust.catalog"
FIELDS_OF_THE_JOURNAL = {"MESSAGE"}
ADVICE_MIN = 20  # characters


def table():
    """CATALOG_NAME -> MESSAGE_ID"""
    text = (AGENT / "service/catalog.c").read_text()
    return dict(re.findall(r'\[(CATALOG_\w+)\]\s*=\s*\{\s*"(\w+)"', text))


def entries():
    """MESSAGE_ID -> (header fields, advice)"""
    found = {}
    for part in re.split(r"^-- ", CATALOG.read_text(), flags=re.M)[1:]:
        head, _, advice = part.partition("\n\n")
        message_id, *header = head.splitlines()
        assert message_id not in found, f"{message_id} is there twice"
        found[message_id] = (dict(line.split(": ", 1) for line in header), advice.strip())
    return found


def sources():
    return {path: path.read_text() for path in AGENT.rglob("*.[ch]")}


class Catalog(unittest.TestCase):
    def test_table_and_file_have_the_same_messages(self):
        ids = table()
        self.assertGreater(len(ids), 30)
        self.assertEqual(len(set(ids.values())), len(ids), "no identifier twice")
        self.assertEqual(sorted(ids.values()), sorted(entries()))
        for message_id in ids.values():
            self.assertRegex(message_id, "^[0-9a-f]{32}$")

    def test_each_has_a_subject_and_advice(self):
        for message_id, (header, advice) in entries().items():
            with self.subTest(message_id):
                self.assertEqual(header["Defined-By"], "uatrust")
                self.assertTrue(header["Subject"][0].isupper())
                self.assertGreater(len(advice), ADVICE_MIN)

    def test_each_is_told_somewhere(self):
        text = "\n".join(text for path, text in sources().items() if path.stem != "catalog")
        self.assertEqual([name for name in table() if not re.search(rf"\b{name}\b", text)], [])

    def test_nothing_important_is_told_without_one(self):
        speaking = [path.name for path, text in sources().items()
                    if path.parent.name != "base" and re.search(r"\blog_(line|fields|error|warning|notice)\(", text)]
        self.assertEqual(sorted(speaking), ["audit.c", "catalog.c"])

    def test_fields_that_advice_quotes_are_written(self):
        text = "\n".join(sources().values())
        for message_id, (header, advice) in entries().items():
            for field in re.findall(r"@(\w+)@", header["Subject"] + advice):
                with self.subTest(message_id, field=field):
                    self.assertTrue(field in FIELDS_OF_THE_JOURNAL or f'"{field}"' in text)

    def test_journalctl_reads_it(self):
        root = uatrust.folder_for(self)
        journalctl = [uatrust.need("journalctl"), f"--root={root}"]
        for folder in ("usr/lib/systemd/catalog", "var/lib/systemd/catalog"):
            (root / folder).mkdir(parents=True)
        shutil.copy(CATALOG, root / "usr/lib/systemd/catalog")
        subprocess.run([*journalctl, "--update-catalog"], check=True, capture_output=True)
        listed = subprocess.run([*journalctl, "--list-catalog"], check=True, capture_output=True, text=True).stdout
        found = {}
        for line in listed.splitlines():
            message_id, _, rest = line.partition(" ")
            found[message_id] = rest
        for message_id, (header, _) in entries().items():
            self.assertEqual(found.get(message_id), f"uatrust: {header['Subject']}")


if __name__ == "__main__":
    uatrust.main()
