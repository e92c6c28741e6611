#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What happens to the files of a store happens to verdicts, and whoever listens is told; trouble is never Good."""

import os
import shutil
import subprocess
import time
import unittest

import plant
import uatrust

AGENT = "org.uatrust.agent1."


class Store(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.files = plant.make()

    def setUp(self):
        self.folder = uatrust.folder_for(self)
        self.store = self.folder / "store"

    def start(self, *arguments, fill=True, **process):
        if fill:
            plant.fill(self.store, self.files)
        agent = uatrust.Agent(self.folder, "--store", self.store, *arguments, **process)
        self.addCleanup(lambda: agent.stop())
        return agent

    def status(self, agent, name="pump.der", **more):
        return agent.status(self.files[name], **more)

    def becomes(self, agent, status, name="pump.der"):
        uatrust.eventually(lambda: self.status(agent, name) == status, f"{name} is {status}")

    def assert_no_verdict(self, agent):
        """There is nothing to judge by: the answer is an error that says why."""
        with self.assertRaises(uatrust.VarlinkError) as caught:
            agent.validate(self.files["pump.der"])
        self.assertEqual(caught.exception.name, AGENT + "StoreNotReady")
        self.assertTrue(caught.exception.parameters["reason"])

    def call(self, agent, method, **parameters):
        with agent.connect() as connection:
            return connection.call(AGENT + method, parameters)

    # Verdicts follow files

    def test_the_usual_cases(self):
        agent = self.start()
        for name, status in (("pump", "Good"), ("valve", "Good"), ("late", "BadCertificateTimeInvalid"),
                             ("stranger", "BadCertificateUntrusted")):
            self.assertEqual(self.status(agent, name + ".der"), status)
        self.assertEqual(self.status(agent, purpose="server", hostName=plant.HOST, applicationUri=plant.URI), "Good")
        self.assertEqual(self.status(agent, purpose="server", hostName="other"), "BadCertificateHostNameInvalid")
        self.assertEqual(self.status(agent, applicationUri="urn:other"), "BadCertificateUriInvalid")

    def test_a_replaced_crl_revokes_and_the_monitor_is_told(self):
        agent = self.start()
        with agent.connect() as connection:
            connection.send_call(AGENT + "Monitor", more=True)
            state = connection.receive_reply()["event"]
            self.assertEqual((state["kind"], state["store"]), ("state", "default"))
            before = agent.validate(self.files["pump.der"])
            self.assertEqual((before["trusted"], before["generation"]), (True, state["generation"]))
            uatrust.replace(self.store / "trusted/crl/plant.crl", self.files["revoking.crl"])
            changed = connection.receive_reply()["event"]
            self.assertEqual((changed["kind"], changed["generation"]), ("changed", state["generation"] + 1))
            after = agent.validate(self.files["pump.der"])
            self.assertEqual((after["statusName"], after["generation"]),
                             ("BadCertificateRevoked", changed["generation"]))
            self.assertEqual(after["agentId"], state["agentId"])
            self.assertEqual(self.status(agent, "valve.der"), "Good")

    def test_a_certificate_put_into_trusted_is_trusted_and_taken_out_is_not(self):
        agent = self.start()
        path = self.store / "trusted/certs/stranger"
        uatrust.replace(path, self.files["stranger.der"])
        self.becomes(agent, "Good", "stranger.der")
        path.unlink()
        self.becomes(agent, "BadCertificateUntrusted", "stranger.der")
        (self.store / "trusted/certs/plant.der").unlink()
        self.becomes(agent, "BadCertificateChainIncomplete")

    def test_a_file_written_in_place_and_slowly_counts_when_it_is_whole(self):
        agent = self.start()
        der = self.files["stranger.der"]
        with open(self.store / "trusted/certs/slow.der", "wb", buffering=0) as file:
            for at in range(0, len(der), 100):
                file.write(der[at:at + 100])
                time.sleep(0.01)
        self.becomes(agent, "Good", "stranger.der")

    def test_content_tells_what_a_file_is(self):
        agent = self.start()
        stranger = subprocess.run(["openssl", "x509", "-inform", "DER"], input=self.files["stranger.der"],
                                  capture_output=True, check=True).stdout
        uatrust.replace(self.store / "trusted/certs/README.txt", b"text before\n" + stranger)
        self.becomes(agent, "Good", "stranger.der")

    def test_links_that_are_swapped_as_kubernetes_does_it(self):
        shutil.rmtree(self.store, ignore_errors=True)
        plant.fill(self.store, self.files)
        certs = self.store / "trusted/certs"
        uatrust.replace(certs / "..one/late.der", self.files["late.der"])
        uatrust.replace(certs / "..two/stranger.der", self.files["stranger.der"])
        os.symlink("..one", certs / "..data")
        os.symlink("..data/stranger.der", certs / "stranger.der")
        agent = self.start(fill=False)
        self.assertEqual(self.status(agent, "stranger.der"), "BadCertificateUntrusted")
        os.symlink("..two", certs / "..data.new")
        os.rename(certs / "..data.new", certs / "..data")
        self.becomes(agent, "Good", "stranger.der")

    # Trouble

    def test_a_broken_file_is_listed_with_its_reason_and_costs_nothing_else(self):
        plant.fill(self.store, self.files)
        certs = self.store / "trusted/certs"
        uatrust.replace(certs / "half.der", self.files["stranger.der"][:-10])
        uatrust.replace(certs / "huge.der", b"\x30" * 5_000_000)
        os.mkfifo(certs / "pipe")
        os.symlink("/etc/passwd", certs / "link")
        os.symlink("link-to-itself", certs / "link-to-itself")
        agent = self.start(fill=False)
        self.assertEqual(self.status(agent), "Good")
        broken = {file["origin"]: file["reason"] for file in self.call(agent, "ListCertificates")["broken"]}
        for name in ("half.der", "huge.der", "pipe", "link", "link-to-itself"):
            reasons = [reason for origin, reason in broken.items() if origin.endswith(name)]
            self.assertTrue(reasons and reasons[0], f"{name} in {broken}")
        self.assertEqual(self.status(agent, "stranger.der"), "BadCertificateUntrusted")

    def test_a_damaged_crl_goes_on_revoking_and_satisfies_nobody(self):
        plant.fill(self.store, self.files)
        path = self.store / "trusted/crl/plant.crl"
        uatrust.replace(path, self.files["revoking.crl"])
        agent = self.start(fill=False)
        self.assertEqual(self.status(agent), "BadCertificateRevoked")
        self.assertEqual(self.status(agent, "valve.der"), "Good")
        uatrust.replace(path, self.files["revoking.crl"][:-20])
        self.becomes(agent, "BadCertificateRevocationUnknown", "valve.der")
        self.assertEqual(self.status(agent), "BadCertificateRevoked")
        path.unlink()
        self.becomes(agent, "BadCertificateRevocationUnknown")

    def test_a_store_that_is_missing_is_an_error_until_it_comes(self):
        agent = self.start(fill=False)
        self.assert_no_verdict(agent)
        stores = self.call(agent, "ListStores")["stores"]
        self.assertEqual([(store["name"], store["ready"]) for store in stores], [("default", False)])
        self.assertTrue(stores[0]["reason"])
        elsewhere = self.folder / "elsewhere"
        plant.fill(elsewhere, self.files)
        elsewhere.rename(self.store)
        self.becomes(agent, "Good")

    def test_a_store_that_is_a_file_is_an_error(self):
        self.store.write_bytes(b"no folder")
        self.assert_no_verdict(self.start(fill=False))

    def test_a_store_that_is_unreadable_is_an_error(self):
        nobody = uatrust.as_nobody()
        plant.fill(self.store, self.files)
        self.store.chmod(0)
        self.addCleanup(self.store.chmod, 0o755)
        self.folder.chmod(0o777)
        self.assert_no_verdict(self.start(fill=False, **nobody))

    def test_a_file_that_is_unreadable_is_broken_and_costs_nothing_else(self):
        nobody = uatrust.as_nobody()
        plant.fill(self.store, self.files)
        uatrust.replace(self.store / "trusted/certs/secret.der", self.files["stranger.der"])
        (self.store / "trusted/certs/secret.der").chmod(0)
        self.folder.chmod(0o777)
        agent = self.start(fill=False, **nobody)
        self.assertEqual(self.status(agent), "Good")
        broken = self.call(agent, "ListCertificates")["broken"]
        self.assertEqual([file["origin"].endswith("secret.der") for file in broken], [True])

    def test_a_store_that_goes_away_takes_its_trust_along(self):
        agent = self.start()
        self.assertEqual(self.status(agent), "Good")
        self.store.rename(self.folder / "elsewhere")

        uatrust.eventually(lambda: self.status(agent) != "Good", "nothing is Good any more")
        (self.folder / "elsewhere").rename(self.store)
        self.becomes(agent, "Good")

    # The agent itself

    def test_a_second_agent_at_the_same_socket_fails_and_the_first_goes_on(self):
        agent = self.start()
        second = uatrust.Agent(self.folder, "--store", self.store, ready=False)
        self.assertNotEqual(second.process.wait(uatrust.WAIT_S), 0)
        self.assertIn(agent.socket, second.log.read_text())
        self.assertEqual(self.status(agent), "Good")

    def test_a_socket_left_by_a_dead_agent_is_taken_over(self):
        agent = self.start()
        agent.process.kill()
        agent.process.wait()
        agent.stop = lambda: None
        self.assertEqual(self.status(self.start()), "Good")

    def test_what_is_no_socket_is_not_taken_over(self):
        plant.fill(self.store, self.files)
        (self.folder / "agent").write_text("precious")
        agent = uatrust.Agent(self.folder, "--store", self.store, ready=False)
        self.assertNotEqual(agent.process.wait(uatrust.WAIT_S), 0)
        self.assertEqual((self.folder / "agent").read_text(), "precious")

    def test_a_bus_that_goes_away_costs_nothing_and_is_joined_again(self):
        bus = uatrust.Bus(self.folder)
        agent = self.start(f"--bus={bus.address}")
        bus.call("/org/uatrust/Agent1", "org.freedesktop.DBus.Peer", "Ping")
        bus.stop()
        for _ in range(20):
            self.assertEqual(self.status(agent), "Good")
        bus = uatrust.Bus(self.folder)
        self.addCleanup(bus.stop)

        def answers():
            try:
                bus.call("/org/uatrust/Agent1", "org.freedesktop.DBus.Peer", "Ping")
                return True
            except uatrust.BusError:
                return False
        uatrust.eventually(answers, "the agent is on the bus again")

    def test_a_bus_that_was_never_there_costs_nothing(self):
        agent = self.start(f"--bus=unix:path={self.folder}/nowhere")
        self.assertEqual(self.status(agent), "Good")

    def test_nothing_is_written_but_the_rejected_certificates(self):
        before = None

        def listing():
            return sorted(str(path.relative_to(self.store)) for path in self.store.rglob("*")
                          if "rejected" not in path.parts)
        plant.fill(self.store, self.files)
        before = listing()
        agent = self.start(fill=False)
        for name in ("pump.der", "stranger.der", "late.der"):
            self.status(agent, name)
        self.assertEqual(listing(), before)

    def test_leaves_no_socket_behind(self):
        agent = self.start()
        agent.stop()
        self.assertFalse(os.path.exists(agent.socket))


if __name__ == "__main__":
    uatrust.main()
