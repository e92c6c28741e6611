#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Who watches peers is told of those whose verdict has changed, once each, and why; nothing but knowledge asks to end a session."""

import base64
import contextlib
import select
import time
import unittest

import plant
import uatrust

AGENT = "org.uatrust.agent1."
CUTS = {"revoked", "untrusted", "blocked"}
PART = 200
QUIET_S = 1.5
VACANT_S = 1  # so long a source that has lost something may be filled again
TRIES = 5


class Watch:
    """A WatchPeers call and what it has told: key -> the causes in order."""

    def __init__(self, agent):
        self.agent = agent
        self.connection = agent.connect()
        self.connection.send_call(AGENT + "WatchPeers", more=True)
        self.id = self.connection.receive_reply()["watchId"]
        self.news = {}
        self.seqs = {}

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.connection.__exit__(*exception)

    def register(self, peers, **more):
        """peers: key -> DER. Returns key -> cause."""
        keys, causes = sorted(peers), {}
        with self.agent.connect() as connection:
            for first in range(0, len(keys), PART):
                part = [{"key": key, "certificates": [base64.b64encode(peers[key]).decode()], "purpose": "client", **more}
                        for key in keys[first:first + PART]]
                states = connection.call(AGENT + "RegisterPeers", {"watchId": self.id, "peers": part})["states"]
                causes.update({state["key"]: state["cause"] for state in states})
                self.seqs.update({state["key"]: state["seq"] for state in states})
        return causes

    def unregister(self, *keys):
        with self.agent.connect() as connection:
            connection.call(AGENT + "UnregisterPeers", {"watchId": self.id, "keys": keys})

    def read(self):
        """Takes one reply."""
        news = self.connection.receive_reply()["news"]
        key, verdict = news["key"], news["verdict"]
        assert news["seq"] > self.seqs[key], news
        assert verdict["trusted"] == (news["cause"] == "good"), news
        self.seqs[key] = news["seq"]
        self.news.setdefault(key, []).append(news["cause"])

    def has_something(self):
        return b"\0" in self.connection.received or bool(select.select([self.connection.socket], [], [], 0)[0])

    def take(self):
        """What came since it was last asked."""
        while self.has_something():
            self.read()
        news, self.news = self.news, {}
        return news

    def expect(self, **causes):
        """Just this news comes."""
        uatrust.eventually(lambda: self.has_something() and (self.read() or True) and
                           sum(map(len, self.news.values())) >= len(causes), f"news of {causes} comes")
        got = self.take()
        assert got == {key: [cause] for key, cause in causes.items()}, f"{got}, not {causes}"


class Peers(unittest.TestCase):
    def setUp(self):
        self.folder = uatrust.folder_for(self)
        self.store = self.folder / "store"

    def start(self, files):
        plant.fill(self.store, files)
        agent = uatrust.Agent(self.folder, "--store", self.store)
        self.addCleanup(lambda: agent.stop())
        return agent

    def put_crl(self, data):
        uatrust.replace(self.store / "trusted/crl/plant.crl", data)


class Causes(Peers):
    """A pump and a valve of one plant, and what befalls them."""

    @classmethod
    def setUpClass(cls):
        cls.files = plant.make("""
[crl stale]
issuer = plant
number = 05
this_update_s = {yesterday}
next_update_s = {yesterday}
""")

    def setUp(self):
        super().setUp()
        self.agent = self.start(self.files)
        self.watch = Watch(self.agent)
        self.addCleanup(lambda: self.watch.__exit__(None, None, None))
        states = self.watch.register({"pump": self.files["pump.der"], "valve": self.files["valve.der"]})
        self.assertEqual(states, {"pump": "good", "valve": "good"})

    def plant_file(self):
        return self.store / "trusted/certs/plant.der"

    def heal(self):
        uatrust.replace(self.plant_file(), self.files["plant.der"])
        self.put_crl(self.files["plant.crl"])

    def test_a_revoked_one_is_told_and_told_when_it_is_good_again(self):
        self.put_crl(self.files["revoking.crl"])
        self.watch.expect(pump="revoked")
        self.heal()
        self.watch.expect(pump="good")

    def test_a_crl_out_of_date_is_no_knowledge(self):
        self.put_crl(self.files["stale.crl"])
        self.watch.expect(pump="unknown", valve="unknown")
        self.heal()
        self.watch.expect(pump="good", valve="good")

    def test_a_missing_crl_is_no_knowledge(self):
        (self.store / "trusted/crl/plant.crl").unlink()
        self.watch.expect(pump="unknown", valve="unknown")

    def test_a_file_that_breaks_is_no_knowledge_and_one_that_is_deleted_is(self):
        uatrust.replace(self.plant_file(), self.files["plant.der"][:100])
        self.watch.expect(pump="unknown", valve="unknown")
        self.heal()
        self.watch.expect(pump="good", valve="good")
        self.plant_file().unlink()
        self.watch.expect(pump="untrusted", valve="untrusted")
        self.heal()
        self.watch.expect(pump="good", valve="good")

    def test_a_file_truncated_by_a_copy_in_place_is_no_knowledge(self):
        with open(self.plant_file(), "r+b") as file:
            file.truncate(0)
            file.flush()
            self.watch.expect(pump="unknown", valve="unknown")
            file.write(self.files["plant.der"])
        self.watch.expect(pump="good", valve="good")

    def test_a_blocked_one(self):
        blocked = self.store / "blocked"
        uatrust.replace(blocked / "pump.der", self.files["pump.der"])
        self.watch.expect(pump="blocked")
        (blocked / "pump.der").unlink()
        self.watch.expect(pump="good")

    def test_a_store_that_is_gone_is_no_knowledge(self):
        self.store.rename(self.folder / "elsewhere")
        self.watch.expect(pump="unknown", valve="unknown")
        (self.folder / "elsewhere").rename(self.store)
        self.watch.expect(pump="good", valve="good")

    def test_a_store_that_comes_back_with_a_broken_file_knows_no_more(self):
        elsewhere = self.folder / "elsewhere"
        self.store.rename(elsewhere)
        self.watch.expect(pump="unknown", valve="unknown")
        uatrust.replace(elsewhere / "trusted/certs/plant.der", self.files["plant.der"][:100])
        elsewhere.rename(self.store)
        self.watch.expect(pump="unknown", valve="unknown")
        self.plant_file().unlink()
        self.watch.expect(pump="untrusted", valve="untrusted")

    def test_an_empty_folder_in_its_place_is_no_knowledge(self):
        elsewhere = self.folder / "elsewhere"
        self.store.rename(elsewhere)
        self.store.mkdir()
        uatrust.eventually(lambda: self.status() == "BadCertificateChainIncomplete", "nothing is trusted")
        self.store.rmdir()
        elsewhere.rename(self.store)
        uatrust.eventually(lambda: self.status() == "Good", "it is back")
        uatrust.eventually(lambda: not self.watch.read() and self.watch.news["pump"][-1:] == ["good"], "it is told")
        self.assertLessEqual(set(sum(self.watch.take().values(), [])), {"unknown", "good"})

    def status(self):
        return self.agent.status(self.files["pump.der"])

    def test_what_is_unregistered_is_told_no_more(self):
        self.watch.unregister("pump", "never seen")
        self.put_crl(self.files["revoking.crl"])
        self.plant_file().unlink()
        self.watch.expect(valve="untrusted")

    def test_a_watch_is_forgotten_with_its_call(self):
        with Watch(self.agent) as other:
            other.register({"pump": self.files["pump.der"]})
            number = other.id
        with self.agent.connect() as connection:
            uatrust.eventually(lambda: not self.is_known(connection, number), "the watch is over")

    def is_known(self, connection, number):
        try:
            connection.call(AGENT + "UnregisterPeers", {"watchId": number, "keys": []})
        except uatrust.VarlinkError as error:
            self.assertEqual(error.parameters["field"], "watchId")
            return False
        return True


class Sources(Peers):
    """The plant's CA lies in a source that others fill."""

    @classmethod
    def setUpClass(cls):
        cls.files = plant.make()

    def setUp(self):
        super().setUp()
        self.source = self.folder / "source"
        self.store.mkdir()
        self.config = self.folder / "uatrustd.conf"
        self.config.write_text(f"[Store default]\nPath={self.store}\n[Source shop]\nPath={self.source}\n")

    def begin(self):
        agent = uatrust.Agent(self.folder, "--config", self.config)
        self.addCleanup(lambda: agent.stop())
        watch = Watch(agent)
        self.addCleanup(lambda: watch.__exit__(None, None, None))
        return watch, watch.register({"pump": self.files["pump.der"]})

    def begin_good(self):
        plant.fill(self.source, self.files)
        watch, states = self.begin()
        self.assertEqual(states, {"pump": "good"})
        return watch

    def test_one_that_is_emptied_to_be_filled_again_is_no_news(self):
        watch = self.begin_good()
        for path in self.source.glob("*/*/*"):
            path.unlink()
        time.sleep(0.3)
        plant.fill(self.source, self.files)
        time.sleep(2 * QUIET_S)
        self.assertEqual(watch.take(), {})

    def test_one_that_stays_empty_is(self):
        watch = self.begin_good()
        start = time.monotonic()
        (self.source / "trusted/certs/plant.der").unlink()
        watch.expect(pump="untrusted")
        self.assertGreaterEqual(time.monotonic() - start, VACANT_S)

    def test_who_is_revoked_does_not_wait_for_it(self):
        """What a busy machine delays as long is tried again."""
        watch = self.begin_good()
        for _ in range(TRIES):
            (self.source / "issuers/crl/root.crl").unlink()
            uatrust.replace(self.source / "trusted/crl/plant.crl", self.files["revoking.crl"])
            start = time.monotonic()
            watch.expect(pump="revoked")
            if time.monotonic() - start < VACANT_S:
                return
            plant.fill(self.source, self.files)
            watch.expect(pump="good")
        self.fail(f"it takes {VACANT_S} s, as if it waited")

    def test_one_that_vanishes_is_no_knowledge(self):
        watch = self.begin_good()
        self.source.rename(self.folder / "elsewhere")
        watch.expect(pump="unknown")

    def test_one_that_was_never_seen_is_none_either(self):
        _, states = self.begin()
        self.assertEqual(states, {"pump": "unknown"})


class Slow(Peers):
    """Who does not read is told, in the end, how each stands."""

    N_PEERS, N_FLIPS = 1500, 20

    def test_a_slow_reader_is_told_the_last_state(self):
        files = plant.make()
        agent = self.start(files)
        with Watch(agent) as watch:
            keys = [f"session {i}" for i in range(self.N_PEERS)]
            self.assertEqual(set(watch.register({key: files["valve.der"] for key in keys}).values()), {"good"})
            for i in range(self.N_FLIPS + 1):
                before = agent.validate(files["pump.der"])["generation"]
                if i % 2:
                    plant.fill(self.store, files)
                else:
                    (self.store / "trusted/certs/plant.der").unlink()
                uatrust.eventually(lambda: agent.validate(files["pump.der"])["generation"] > before, "it changes")
                time.sleep(0.1)

            told, n = {}, 0
            def read():
                nonlocal n
                for key, causes in watch.take().items():
                    told[key], n = causes[-1], n + len(causes)
                return set(told) == set(keys) and set(told.values()) == {"untrusted"}
            uatrust.eventually(read, "each is untrusted")
            self.assertLess(n, 3 * self.N_PEERS)


class Many(Peers):
    """Ten thousand peers on ten connections: two hundred certificates, each in fifty sessions, and one that expires."""

    N_CERTS, N_WATCHES, N_PEERS, REVOKED = 200, 10, 10000, (7, 131)
    BRIEF_S = 8

    @classmethod
    def setUpClass(cls):
        spec = "".join(f"[cert leaf{i}]\nsubject = CN=Leaf {i}\nkey = p256-leaf\nissuer = plant\n"
                       for i in range(cls.N_CERTS))
        spec += "[crl many]\nissuer = plant\nnumber = 07\n{times}\n"
        spec += "".join(f"entry = leaf{i} 1\n" for i in cls.REVOKED)
        cls.files = plant.make(spec)

    def register(self, watches):
        ders = [self.files[f"leaf{i}.der"] for i in range(self.N_CERTS)]
        for number, watch in enumerate(watches):
            peers = {f"{number}-{i}": ders[i % self.N_CERTS] for i in range(self.N_PEERS // self.N_WATCHES)}
            if number == 3:
                del peers["3-0"]
            self.assertEqual(set(watch.register(peers).values()), {"good"})

    def register_brief(self, watch):
        """One that lasts for some seconds. Returns the last of them."""
        last = int(time.time()) + self.BRIEF_S
        files = plant.make(f"[cert brief]\nsubject = CN=Brief\nkey = p256-brief\nissuer = plant\nnot_after_s = {last}\n")
        self.assertEqual(watch.register({"3-0": files["brief.der"]}), {"3-0": "good"})
        return last

    def gather(self, watches, n):
        """What all were told until n news came, and then for a while."""
        told, end = [], time.monotonic() + uatrust.WAIT_S
        while len(told) < n and time.monotonic() < end:
            told += [(key, cause) for watch in watches for key, causes in watch.take().items() for cause in causes]
            time.sleep(0.01)
        time.sleep(QUIET_S)
        return sorted(told + [(key, cause) for watch in watches
                              for key, causes in watch.take().items() for cause in causes])

    def test_just_those_are_told_once_each(self):
        revoked = [f"{number}-{i}" for number in range(self.N_WATCHES)
                   for i in range(self.N_PEERS // self.N_WATCHES) if i % self.N_CERTS in self.REVOKED]
        self.assertEqual(len(revoked), 100)
        agent = self.start(self.files)
        with contextlib.ExitStack() as stack:
            watches = [stack.enter_context(Watch(agent)) for _ in range(self.N_WATCHES)]
            self.register(watches)
            last = self.register_brief(watches[3])
            self.put_crl(self.files["many.crl"])
            told = self.gather(watches, 101)
            self.assertGreater(time.time(), last + 1)
            self.assertEqual(told, sorted([(key, "revoked") for key in revoked] + [("3-0", "expired")]))

            self.put_crl(self.files["plant.crl"])
            self.assertEqual(self.gather(watches, 100), sorted((key, "good") for key in revoked))


if __name__ == "__main__":
    uatrust.main()
