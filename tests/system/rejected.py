#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What was refused is kept for an administrator, and whatever strangers send, that harms nobody.

UATRUST_FLOOD says how many they send: 20,000, and 100,000 with tests/run --long.
"""

import base64
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
import unittest

import plant
import uatrust

AGENT = "org.uatrust.agent1."
FLOOD = int(os.environ.get("UATRUST_FLOOD", 20000))
AT_ONCE = 200

# Strangers whose names would be dangerous as names of files, and one as large as may be.
HOSTILE = """
[cert dots]
subject = CN=../../evil
key = p256-dots
[cert slash]
subject = CN=/etc/uatrust-evil
key = p256-slash
[cert newline]
subject = CN=a\\0Ab
key = p256-newline
[cert large]
subject = CN=Large
key = p256-large
extra = 1.2.3.4=DER:{large}
[cert later]
subject = CN=Later
key = p256-later
"""


def octets(n):
    """DER of an OCTET STRING of n zeros, in hex."""
    return (b"\x04\x82" + n.to_bytes(2, "big") + bytes(n)).hex()


class Rejected(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.files = plant.make(plant.ORPHAN + HOSTILE.format(large=octets(30000)).replace("{", "{{").replace("}", "}}"))

    def setUp(self):
        self.folder = uatrust.folder_for(self)
        self.store = self.folder / "store"
        self.certs = self.store / "rejected/certs"

    def start(self, *arguments, config=None):
        plant.fill(self.store, self.files)
        if config is None:
            agent = uatrust.Agent(self.folder, "--store", self.store, *arguments)
        else:
            path = self.folder / "conf"
            path.write_text(f"[Store default]\nPath={self.store}\n{config}\n")
            agent = uatrust.Agent(self.folder, "--config", path, *arguments)
        self.addCleanup(agent.stop)
        return agent

    def call(self, agent, method, **parameters):
        with agent.connect() as connection:
            return connection.call(AGENT + method, parameters)

    def rejected(self, agent, **parameters):
        return self.call(agent, "ListRejected", **parameters)["rejected"]

    def files_of(self, der):
        name = hashlib.sha256(der).hexdigest()
        return self.certs / (name + ".der"), self.certs / (name + ".json")

    def becomes_listed(self, agent, *names):
        wanted = {hashlib.sha256(self.files[name]).hexdigest() for name in names}
        uatrust.eventually(lambda: wanted == {row["sha256"] for row in self.rejected(agent) if row["statusName"]},
                           f"{names} are listed")

    # What is recorded

    def test_a_stranger_is_recorded_with_all_that_is_known(self):
        agent = self.start()
        der = self.files["stranger.der"]
        before = agent.validate(self.files["pump.der"])
        verdict = agent.validate(der, context={"application": "plant", "peerAddress": "10.0.0.7:4840"})
        self.assertEqual(verdict["statusName"], "BadCertificateUntrusted")
        self.becomes_listed(agent, "stranger.der")

        row, = self.rejected(agent)
        self.assertEqual(row["subject"], "CN=Stranger")
        self.assertEqual(row["issuer"], "CN=Stranger")
        self.assertEqual(row["applicationUri"], plant.URI)
        self.assertEqual(row["thumbprint"], hashlib.sha1(der).hexdigest())
        self.assertEqual(row["statusName"], "BadCertificateUntrusted")
        self.assertEqual(row["reason"], next(finding["message"] for finding in verdict["findings"]
                                             if finding["severity"] == "error"))
        self.assertEqual(row["purpose"], "client")
        self.assertEqual(row["context"]["peerAddress"], "10.0.0.7:4840")
        self.assertEqual(row["uid"], os.getuid())
        self.assertEqual(row["count"], 1)
        self.assertLess(abs(row["lastSeen"] - time.time()), 60)
        self.assertEqual(row["firstSeen"], row["lastSeen"])

        cert, note = self.files_of(der)
        self.assertEqual(cert.read_bytes(), der)
        self.assertEqual(json.loads(note.read_text())["statusName"], "BadCertificateUntrusted")
        after = agent.validate(self.files["pump.der"])
        self.assertEqual(after["generation"], before["generation"])

    def test_issuers_that_came_with_it_are_kept(self):
        agent = self.start()
        verdict = agent.validate(self.files["orphan.der"], self.files["later.der"])
        self.assertEqual(verdict["statusName"], "BadCertificateChainIncomplete")
        self.becomes_listed(agent, "orphan.der")
        row, = self.rejected(agent)
        self.assertIn("Nobody", row["reason"])
        self.assertEqual(row["chain"], [hashlib.sha256(self.files["later.der"]).hexdigest()])
        note = json.loads(self.files_of(self.files["orphan.der"])[1].read_text())
        self.assertEqual([base64.b64decode(text) for text in note["issuers"]], [self.files["later.der"]])

    def test_what_is_not_recorded(self):
        agent = self.start()
        for der, more in ((self.files["pump.der"], {}), (self.files["late.der"], {}), (b"\x30\x00", {}),
                          (self.files["stranger.der"], {"at": int(time.time())})):
            agent.validate(der, **more)
        agent.validate(self.files["later.der"])
        self.becomes_listed(agent, "later.der")

    def test_repeats_are_counted_and_outlive_the_agent(self):
        agent = self.start()
        for _ in range(5):
            agent.validate(self.files["stranger.der"])
        self.becomes_listed(agent, "stranger.der")
        for _ in range(20):
            agent.validate(self.files["stranger.der"])
        agent.validate(self.files["later.der"])
        agent.validate(self.files["stranger.der"])
        wanted = ("CN=Stranger", 26)
        uatrust.eventually(lambda: wanted in {(row["subject"], row["count"]) for row in self.rejected(agent)},
                           "all are counted")
        agent.stop()

        note = json.loads(self.files_of(self.files["stranger.der"])[1].read_text())
        self.assertEqual(note["count"], 26)
        agent = self.start()
        self.becomes_listed(agent, "stranger.der", "later.der")
        agent.validate(self.files["stranger.der"])
        wanted = {"CN=Stranger": 27, "CN=Later": 1}
        uatrust.eventually(lambda: wanted == {row["subject"]: row["count"] for row in self.rejected(agent)},
                           "all are counted")

    def test_pages_last_seen_first(self):
        agent = self.start()
        names = ["stranger.der", "later.der", "dots.der"]
        for name in names:
            agent.validate(self.files[name])
            self.becomes_listed(agent, *names[:names.index(name) + 1])
            time.sleep(1.1)
        agent.validate(self.files["stranger.der"])

        seen, after = [], None
        while True:
            page = self.call(agent, "ListRejected", limit=1, **({"after": after} if after else {}))
            seen += [row["subject"] for row in page["rejected"]]
            after = page["next"]
            if not after:
                break
        self.assertEqual(seen, ["CN=Stranger", "CN=../../evil", "CN=Later"])
        for bad in ({"after": "x"}, {"after": "1-00"}, {"limit": 0}, {"limit": 1001}):
            with self.assertRaises(uatrust.VarlinkError):
                self.call(agent, "ListRejected", **bad)

    def test_what_others_lay_down_is_shown_and_left_alone(self):
        agent = self.start()
        path = self.store / "rejected/by hand.der"
        uatrust.replace(path, self.files["stranger.der"])
        uatrust.eventually(lambda: self.rejected(agent), "it is listed")
        row, = self.rejected(agent)
        self.assertEqual(row["subject"], "CN=Stranger")
        self.assertEqual(row["statusName"], "")
        self.assertIn("by hand.der", row["reason"])
        self.assertEqual(row["count"], 0)
        path.unlink()
        uatrust.eventually(lambda: not self.rejected(agent), "it is listed no more")

    def test_those_of_read_only_sources_are_shown_and_never_written(self):
        source = self.folder / "old"
        uatrust.replace(source / "rejected/certs/old.der", self.files["stranger.der"])
        agent = self.start(config=f"[Source old]\nStore=default\nPath={source}")
        row, = self.rejected(agent)
        self.assertIn("old/rejected/certs/old.der", row["reason"])

        # Once it is presented, what is known of it is kept in the store's own folder.
        agent.validate(self.files["stranger.der"])
        self.becomes_listed(agent, "stranger.der")
        self.assertEqual([path.name for path in (source / "rejected/certs").iterdir()], ["old.der"])
        self.assertTrue(self.files_of(self.files["stranger.der"])[0].exists())

    def test_listeners_are_told_once(self):
        agent = self.start()
        with agent.connect() as listener:
            listener.send_call(AGENT + "MonitorNotices", more=True)
            for _ in range(3):
                agent.validate(self.files["stranger.der"])
            agent.validate(self.files["later.der"])
            told = []
            while len(set(told)) < 2:
                notice = listener.receive_reply()
                if notice["rejected"]:
                    told.append(notice["rejected"]["subject"])
            self.assertEqual(sorted(told), ["CN=Later", "CN=Stranger"])
        self.assertEqual(self.call(agent, "Statistics")["rejectedRecords"], 2)

    def test_recorders_alone_cause_records(self):
        agent = self.start(config="Recorders=4242")
        agent.validate(self.files["stranger.der"])
        time.sleep(1.5)
        self.assertEqual(self.rejected(agent), [])
        self.assertFalse(self.certs.exists())
        agent.stop()
        agent = self.start(config=f"Recorders={os.getuid()}")
        agent.validate(self.files["stranger.der"])
        self.becomes_listed(agent, "stranger.der")

    def test_what_is_trusted_or_removed_takes_its_record_along(self):
        socket = self.folder / "admin"
        agent = self.start("--admin-socket", socket)
        for name in ("stranger.der", "later.der"):
            agent.validate(self.files[name])
        self.becomes_listed(agent, "stranger.der", "later.der")
        with uatrust.Varlink(str(socket)) as administrator:
            for method, name in (("TrustRejected", "stranger.der"), ("RemoveRejected", "later.der")):
                thumbprint = hashlib.sha1(self.files[name]).hexdigest()
                administrator.call("org.uatrust.admin1." + method, {"thumbprint": thumbprint})
        self.assertEqual(self.rejected(agent), [])
        self.assertEqual(list(self.certs.iterdir()), [])
        self.assertEqual(agent.validate(self.files["stranger.der"])["statusName"], "Good")

        # Who was removed may come again.
        def comes_again():
            agent.validate(self.files["later.der"])
            return self.rejected(agent)
        uatrust.eventually(comes_again, "it is recorded again")

    def test_the_configuration_says_which_and_how_many(self):
        agent = self.start(config="RecordRejected=failures\nMaxRejected=20")
        agent.validate(self.files["late.der"])
        self.becomes_listed(agent, "late.der")
        self.assertEqual(self.rejected(agent)[0]["statusName"], "BadCertificateTimeInvalid")
        template = Template(self.files["orphan.der"])
        for i in range(40):
            agent.validate(template.make(i))
        uatrust.eventually(lambda: len(self.rejected(agent)) == 20, "there are 20")
        self.assertEqual(len(list(self.certs.iterdir())), 40)

        (self.folder / "conf").write_text(f"[Store default]\nPath={self.store}\nRecordRejected=no\n")
        os.kill(agent.process.pid, signal.SIGHUP)
        uatrust.eventually(lambda: "was reloaded" in agent.log.read_text(), "it was reloaded")
        agent.validate(self.files["later.der"])
        time.sleep(1.5)
        self.assertFalse(self.files_of(self.files["later.der"])[0].exists())

    # Hostility

    def test_no_name_leads_anywhere(self):
        agent = self.start()
        names = ["dots.der", "slash.der", "newline.der", "large.der"]
        for name in names:
            agent.validate(self.files[name])
        self.becomes_listed(agent, *names)
        self.assertEqual(sorted(path.name for path in self.certs.iterdir()),
                         sorted(path.name for name in names for path in self.files_of(self.files[name])))
        self.assertEqual({path.name for path in self.folder.iterdir()},
                         {"store", "agent", "agent.log", "notify", "page"})
        self.assertEqual({path.name for path in self.store.iterdir()}, {"trusted", "issuers", "rejected"})

    def test_a_link_out_of_the_store_is_not_followed(self):
        elsewhere = self.folder / "elsewhere"
        elsewhere.mkdir()
        self.store.mkdir()
        (self.store / "rejected").symlink_to(elsewhere)
        agent = self.start()
        agent.validate(self.files["stranger.der"])
        uatrust.eventually(lambda: "are not recorded" in agent.log.read_text(), "it is said")
        self.assertEqual(list(elsewhere.iterdir()), [])
        self.assertEqual(agent.validate(self.files["pump.der"])["statusName"], "Good")

    def test_a_full_or_read_only_disk_costs_the_record_alone(self):
        (self.store / "rejected").mkdir(parents=True)
        options = ["-t", "tmpfs", "-o", "size=64k", "none", str(self.store / "rejected")]
        if subprocess.run(["mount", *options], capture_output=True).returncode:
            uatrust.skip("no tmpfs can be mounted")
        self.addCleanup(subprocess.run, ["umount", "-l", str(self.store / "rejected")])
        agent = self.start()
        template = Template(self.files["orphan.der"])
        agent.validate(template.make(0))
        uatrust.eventually(lambda: self.rejected(agent), "the first is recorded")
        for i in range(1, 60):
            agent.validate(template.make(i))
        uatrust.eventually(lambda: "No space left" in agent.log.read_text(), "it is said")
        self.assertEqual(agent.validate(self.files["pump.der"])["statusName"], "Good")
        uatrust.eventually(lambda: {path.stem for path in self.certs.glob("*.json")}
                           == {path.stem for path in self.certs.glob("*.der")}
                           == {row["sha256"] for row in self.rejected(agent)}, "what is kept is whole, and listed")
        self.assertEqual(agent.log.read_text().count("No space left"), 1)

    def test_a_flood_fills_nothing_but_the_limits(self):
        agent = self.start()
        template = Template(self.files["orphan.der"])
        begun = time.monotonic()
        with agent.connect() as connection:
            for i in range(0, FLOOD, AT_ONCE):
                connection.send(b"".join(template.call(j) for j in range(i, i + AT_ONCE)))
                for _ in range(AT_ONCE):
                    self.assertEqual(connection.receive_reply()["verdict"]["statusName"],
                                     "BadCertificateChainIncomplete")
        took = time.monotonic() - begun
        print(f"{FLOOD} strangers in {took:.1f} s", file=sys.stderr)

        # A bucket of 64 that fills with one a second; what is asked while it fills, too.
        n_most = 64 + int(time.monotonic() - begun) + 1
        uatrust.eventually(lambda: len(self.rejected(agent)) >= 64, "the bucket's are recorded")
        n_files = len(list(self.certs.iterdir()))
        self.assertLessEqual(n_files, 2 * n_most)
        self.assertEqual({path.name for path in self.store.iterdir()}, {"trusted", "issuers", "rejected"})
        self.assertEqual({path.name for path in (self.store / "rejected").iterdir()}, {"certs"})
        self.assertIn("refused certificates were not recorded: one user causes too many", agent.log.read_text())
        self.assertLess(agent.log.read_text().count("were not recorded"), 3 + took / 60)
        self.assertEqual(agent.validate(self.files["pump.der"])["statusName"], "Good")


class Template:
    """Certificates of a CA that nobody has, as different as their serial numbers: no signature of theirs is looked
    at, so they need not be signed."""

    def __init__(self, der):
        # Certificate, TBSCertificate, [0] version 3: then the serial number of 16 octets.
        at = der.index(b"\x02\x10") + 2
        self.before, self.after = der[:at + 8], der[at + 16:]

    def make(self, number):
        return self.before + number.to_bytes(8, "big") + self.after

    def call(self, number):
        return json.dumps({"method": AGENT + "Validate", "parameters": {
            "certificates": [base64.b64encode(self.make(number)).decode()], "purpose": "client"}}).encode() + b"\0"


if __name__ == "__main__":
    uatrust.main()
