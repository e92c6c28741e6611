#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What runs out is told at its very second, and verdicts change at the same one; the clock, set wrong, helps nobody.

UATRUST_SET_CLOCK=1 lets it set the host's clock, on a machine that is there for that.
"""

import os
import signal
import socket
import threading
import time
import unittest

import plant
import uatrust

AGENT = "org.uatrust.agent1."

# What runs out at {end}: the plant's CRL, and a certificate of a CA that needs no other.
BRIEF = """
[cert brief]
subject = CN=Brief
key = p256-brief
issuer = plant
not_after_s = {end}
[crl brief]
issuer = plant
number = 04
this_update_s = {yesterday}
next_update_s = {end}
[crl later]
issuer = plant
number = 05
{times}
"""


def sleep_until(moment):
    time.sleep(max(0, moment - time.time()))


class Listener:
    """MonitorNotices on a thread of its own: (when it came, the warning) of each."""

    def __init__(self, agent, **parameters):
        self.heard = []
        self.connection = agent.connect()
        self.connection.send_call(AGENT + "MonitorNotices", parameters, more=True)
        self.thread = threading.Thread(target=self.listen, daemon=True)
        self.thread.start()

    def listen(self):
        try:
            while True:
                warning = self.connection.receive_reply().get("warning")
                if warning:
                    self.heard.append((time.time(), warning))
        except (OSError, ConnectionError, ValueError):
            pass

    def close(self):
        self.connection.socket.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.connection.socket.close()

    def find(self, kind, is_over=False):
        for came, warning in list(self.heard):
            if warning["kind"] == kind and warning["isOver"] == is_over:
                return came, warning
        return None

    def expect(self, kind, is_over=False):
        return uatrust.eventually(lambda: self.find(kind, is_over), f"{kind} is told, over: {is_over}")


class Freshness(unittest.TestCase):
    def setUp(self):
        self.folder = uatrust.folder_for(self)
        self.store = self.folder / "store"
        self.config = self.folder / "uatrustd.conf"

    def make(self, end=0):
        return plant.make(BRIEF.replace("{end}", str(end)))

    def start(self, settings="", **more):
        self.config.write_text(f"[Store default]\nPath={self.store}\n{settings}\n")
        agent = uatrust.Agent(self.folder, "--config", self.config, **more)
        self.addCleanup(agent.stop)
        return agent

    def listen(self, agent, **parameters):
        listener = Listener(agent, **parameters)
        self.addCleanup(listener.close)
        return listener

    def ask_store(self, agent):
        """What ListStores says of it, once it was looked at."""
        with agent.connect() as connection:
            store, = connection.call(AGENT + "ListStores")["stores"]
        return store if store.get("problems") is not None else None

    def put_crl(self, data):
        uatrust.replace(self.store / "trusted/crl/plant.crl", data)

    def fill_brief(self, seconds):
        """A store whose plant CRL and own certificate have so many seconds left; returns the last one, and the files."""
        end = int(time.time()) + seconds
        files = self.make(end)
        plant.fill(self.store, files)
        self.put_crl(files["brief.crl"])
        uatrust.replace(self.store / "own/certs/brief.der", files["brief.der"])
        return end, files

    def watch_verdict(self, agent, certificate, end, until):
        """Asks all the time; each answer must be right for the second it was given in. Returns the last one."""
        while True:
            before = time.time()
            verdict = agent.validate(certificate)
            after = time.time()
            if verdict["statusName"] == "Good":
                self.assertLess(int(before), end + 1, "Good although the CRL had run out")
                self.assertEqual(verdict["validUntil"], end + 1)
            else:
                self.assertGreater(int(after), end, "refused although the CRL was current")
            if after > until:
                return verdict["statusName"]
            time.sleep(0.005)

    def check_told_at(self, listener, kind, second):
        came, warning = listener.expect(kind)  # which does not wait for a sweep
        self.assertEqual(warning["time"], second)
        self.assertGreaterEqual(int(came), second)
        return warning

    def test_what_runs_out_is_told_and_judged_so_at_its_very_second(self):
        end, files = self.fill_brief(8)
        agent = self.start("WarnCrl=2s\nWarnCertificate=1s")
        listener = self.listen(agent)
        last = self.watch_verdict(agent, files["pump.der"], end, end + 1.8)
        self.assertEqual(last, "BadCertificateRevocationUnknown")

        self.assertEqual(self.check_told_at(listener, "crlSoonOutOfDate", end - 2)["until"], end)
        self.check_told_at(listener, "certificateSoonExpired", end - 1)
        warning = self.check_told_at(listener, "crlOutOfDate", end + 1)
        self.assertEqual((warning["subject"], warning["list"], warning["store"]), ("CN=Plant CA", "trusted", "default"))
        warning = self.check_told_at(listener, "certificateExpired", end + 1)
        self.assertEqual((warning["subject"], warning["list"]), ("CN=Brief", "own"))
        listener.expect("crlSoonOutOfDate", is_over=True)
        listener.expect("certificateSoonExpired", is_over=True)

    def test_who_comes_late_hears_what_stands_and_then_its_end(self):
        end, files = self.fill_brief(-10)
        agent = self.start()
        listener = self.listen(agent)
        listener.expect("crlOutOfDate")
        other = self.listen(agent, stores=["default"])
        other.expect("crlOutOfDate")
        self.put_crl(files["later.crl"])
        for each in (listener, other):
            each.expect("crlOutOfDate", is_over=True)

    def test_grace_is_a_suppressed_finding(self):
        end, files = self.fill_brief(-10)
        agent = self.start("CrlGrace=1h")
        verdict = agent.validate(files["pump.der"])
        self.assertEqual(verdict["statusName"], "Good")
        self.assertEqual(verdict["validUntil"], end + 3601)
        finding, = [finding for finding in verdict["findings"] if finding["severity"] == "suppressed"]
        self.assertEqual(finding["statusName"], "BadCertificateRevocationUnknown")

        with agent.connect() as connection:
            fresh = connection.call(AGENT + "GetFreshness")
            weak = connection.call(AGENT + "ListWeakenings")["weakenings"]
        authority, = [each for each in fresh["authorities"] if each["subject"] == "CN=Plant CA"]
        self.assertEqual((authority["state"], authority["inGrace"], authority["nextUpdate"]), ("outOfDate", True, end))
        self.assertEqual([(each["setting"], each["value"]) for each in weak], [("CrlGrace", "1h")])

    def test_a_grace_that_ends_ends_at_its_very_second(self):
        end, files = self.fill_brief(-1)
        agent = self.start("CrlGrace=8s")
        last = self.watch_verdict(agent, files["pump.der"], end + 8, end + 9.5)
        self.assertEqual(last, "BadCertificateRevocationUnknown")

    def test_a_store_says_when_it_changed_and_what_runs_out(self):
        end, files = self.fill_brief(-10)
        changed = time.time() - 7200
        agent = self.start()

        store = uatrust.eventually(lambda: self.ask_store(agent), "the store was looked at")
        self.assertEqual(store["problems"], 2)
        self.assertGreater(store["soonestExpiry"], time.time())
        self.assertLessEqual(abs(store["lastUpdateTime"] - time.time()), 20)
        agent.stop()

        # The stamps say it after a restart: a moment ago, though their content is older.
        for path in self.store.rglob("*.*"):
            os.utime(path, (changed, changed))
        time.sleep(1.1)
        first = self.start()
        with first.connect() as connection:
            told = connection.call(AGENT + "GetFreshness")["lastUpdateTime"]
        self.assertLess(told, time.time())
        self.put_crl(files["later.crl"])
        uatrust.eventually(lambda: first.validate(files["pump.der"])["trusted"], "the new CRL is read")
        with first.connect() as connection:
            self.assertGreater(connection.call(AGENT + "GetFreshness")["lastUpdateTime"], told)

    def test_a_list_that_nobody_updates_is_told(self):
        plant.fill(self.store, self.make())
        agent = self.start("UpdateFrequency=3s")
        listener = self.listen(agent)
        listener.expect("trustListOutOfDate")
        with agent.connect() as connection:
            self.assertTrue(connection.call(AGENT + "GetFreshness")["isOutOfDate"])

    def test_a_warning_time_that_is_reloaded_holds_at_once_and_is_no_generation(self):
        plant.fill(self.store, self.make())
        agent = self.start()
        listener = self.listen(agent)
        before = uatrust.eventually(lambda: self.ask_store(agent), "the store was looked at")
        self.assertEqual(before["problems"], 0)
        self.config.write_text(f"[Store default]\nPath={self.store}\nWarnCrl=60d\n")
        agent.process.send_signal(signal.SIGHUP)
        listener.expect("crlSoonOutOfDate")
        after = self.ask_store(agent)
        self.assertEqual((after["problems"], after["generation"]), (2, before["generation"]))

    def test_a_clock_set_back_makes_nothing_current_again(self):
        end, files = self.fill_brief(-2)
        state = self.folder / "state"
        state.mkdir()
        now = int(time.time())
        fresh = plant.make(f"[cert witness]\nca = yes\nsubject = CN=Witness\nkey = p256-witness\n"
                           f"[crl witness]\nissuer = witness\nthis_update_s = {now - 1}\nnext_update_s = {now + 900000}\n")
        uatrust.replace(self.store / "issuers/certs/witness.der", fresh["witness.der"])
        uatrust.replace(self.store / "issuers/crl/witness.crl", fresh["witness.crl"])

        def start_earlier():
            """By that clock the plant's CRL is current for 18 s more."""
            return self.start(command=uatrust.wrong_clock(STATE_DIRECTORY=state, FAKETIME=f"{end - 18 - int(time.time())}s"))

        agent = self.start(command=("env", f"STATE_DIRECTORY={state}"))
        kept = state / "newest-crl"
        uatrust.eventually(kept.exists, "what time it is at least was written down")
        self.assertEqual(int(kept.read_text()), now - 1)
        agent.stop()

        # But the witness's has been seen.
        agent = start_earlier()
        listener = self.listen(agent)
        listener.expect("clockNotPlausible")
        self.assertNotEqual(agent.validate(files["pump.der"])["statusName"], "Good")
        with agent.connect() as connection:
            self.assertFalse(connection.call(AGENT + "GetFreshness")["clockIsPlausible"])
        agent.stop()

        # The same without the file: the clock is believed.
        kept.unlink()
        agent = start_earlier()
        self.assertEqual(agent.validate(files["pump.der"])["statusName"], "Good")

    def test_a_step_of_the_clock_is_noticed(self):
        if os.environ.get("UATRUST_SET_CLOCK") != "1":
            uatrust.skip("UATRUST_SET_CLOCK is not 1: no step of the clock was tried")
        end, files = self.fill_brief(600)
        agent = self.start()
        self.assertEqual(agent.validate(files["pump.der"])["statusName"], "Good")
        now, since = time.time(), time.monotonic()
        try:
            time.clock_settime(time.CLOCK_REALTIME, end + 1)
            uatrust.eventually(lambda: agent.validate(files["pump.der"])["statusName"] != "Good", "the step is seen")
        finally:
            time.clock_settime(time.CLOCK_REALTIME, now + time.monotonic() - since)
        uatrust.eventually(lambda: agent.validate(files["pump.der"])["statusName"] == "Good", "the step back is seen")


if __name__ == "__main__":
    uatrust.main()
