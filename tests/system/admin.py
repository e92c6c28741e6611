#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Changes of what the host trusts, through the admin socket: all or nothing, in one generation, told once.

With UATRUST_LONG=1 the agent is killed 200 times in the middle of one; else 12 times.
"""

import base64
import hashlib
import json
import os
import random
import sys
import time
import unittest

import access
import plant
import uatrust

AGENT = "org.uatrust.agent1."
ADMIN = "org.uatrust.admin1."

MORE = """
[cert other]
ca = yes
subject = CN=Other CA
key = p256-other
[cert guest]
subject = CN=Guest
key = p256-guest
issuer = other
[crl other]
issuer = other
{times}
[crl large]
issuer = plant
number = 04
{times}
entry = pump 1
filler = 100000
"""

PART = 300_000
KILLS = 200 if os.environ.get("UATRUST_LONG") else 12


def b64(der):
    return base64.b64encode(der).decode()


def sha256(der):
    return hashlib.sha256(der).hexdigest()


class Admin(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.files = plant.make(MORE)

    def setUp(self):
        self.folder = uatrust.folder_for(self)
        self.store = self.folder / "store"
        plant.fill(self.store, self.files)
        self.start()

    def start(self):
        self.agent = uatrust.Agent(self.folder, "--store", self.store, "--admin-socket", self.folder / "admin")
        self.admin = uatrust.Varlink(str(self.folder / "admin"))
        self.addCleanup(lambda agent=self.agent: agent.stop())
        self.addCleanup(self.admin.socket.close)

    def change(self, method, **parameters):
        return self.admin.call(ADMIN + method, parameters)["update"]

    def ask(self, method, **parameters):
        with self.agent.connect() as connection:
            return connection.call(AGENT + method, parameters)

    def refused(self, method, **parameters):
        """The error's name without its interface, and its parameters."""
        with self.assertRaises(uatrust.VarlinkError) as caught:
            self.admin.call(ADMIN + method, parameters)
        return caught.exception.name.rsplit(".", 1)[1], caught.exception.parameters

    def status(self, name):
        """On a slow disk an update takes longer than the store may be in doubt."""
        def answer():
            status = self.agent.status(self.files[name + ".der"])
            return status != "StoreInDoubt" and status
        return uatrust.eventually(answer, "the store is in no doubt")

    def generation(self):
        return self.ask("ListStores")["stores"][0]["generation"]

    def monitor(self):
        connection = self.agent.connect()
        self.addCleanup(connection.socket.close)
        connection.send_call(AGENT + "Monitor", more=True)
        self.assertEqual(connection.receive_reply()["event"]["kind"], "state")
        return connection

    def files_now(self):
        return {str(path.relative_to(self.store)): path.read_bytes()
                for path in self.store.rglob("*") if path.is_file() and not path.name.startswith(".")
                and "rejected" not in path.parts}

    def listed(self):
        """The trust list as it can be read, sorted."""
        lists = self.ask("ReadTrustList")
        return {name: sorted(lists[name]) for name in
                ("trustedCertificates", "trustedCrls", "issuerCertificates", "issuerCrls")}

    def test_first_contact(self):
        monitor = self.monitor()
        self.assertEqual(self.status("stranger"), "BadCertificateUntrusted")
        before = self.generation()
        update = self.change("AddCertificate", data=b64(self.files["stranger.der"]), reason="commissioning")
        self.assertTrue(update["changed"])
        self.assertEqual(update["generation"], before + 1)
        self.assertEqual(update["added"], [sha256(self.files["stranger.der"])])
        self.assertEqual((update["removed"], update["fallen"]), ([], []))
        self.assertEqual(self.status("stranger"), "Good")
        event = monitor.receive_reply()["event"]
        self.assertEqual((event["kind"], event["generation"], event["added"]),
                         ("changed", before + 1, update["added"]))

        again = self.change("AddCertificate", data=b64(self.files["stranger.der"]))
        self.assertEqual((again["changed"], again["generation"]), (False, before + 1))
        uatrust.replace(self.store / "trusted/certs/late.der", self.files["late.der"])
        self.assertEqual(monitor.receive_reply()["event"]["generation"], before + 2)

    def test_what_was_rejected_is_trusted_by_its_thumbprint(self):
        self.assertEqual(self.status("stranger"), "BadCertificateUntrusted")
        thumbprint = sha256(self.files["stranger.der"])
        uatrust.eventually(lambda: self.ask("ListCertificates", list="rejected")["certificates"], "it is recorded")
        update = self.change("TrustRejected", thumbprint=thumbprint)
        self.assertEqual(update["added"], [thumbprint])
        self.assertEqual(self.status("stranger"), "Good")
        self.assertEqual(self.ask("ListCertificates", list="rejected")["certificates"], [])
        self.assertEqual(self.refused("TrustRejected", thumbprint="00" * 32),
                         ("NoSuchCertificate", {"thumbprint": "00" * 32}))

    def test_a_list_is_replaced_as_a_whole_or_not_at_all(self):
        before, generation = self.files_now(), self.generation()
        name, parameters = self.refused(
            "UpdateTrustList", trustedCertificates=[b64(self.files["plant.der"]), b64(self.files["guest.der"])])
        self.assertEqual((name, parameters["field"]), ("BadRequest", "trustedCertificates[1]"))
        self.assertIn("BadCertificateChainIncomplete", parameters["reason"])
        self.assertEqual((self.files_now(), self.generation()), (before, generation))

        update = self.change("UpdateTrustList",
                             trustedCertificates=[b64(self.files["other.der"])],
                             trustedCrls=[b64(self.files["other.crl"])])
        self.assertEqual(update["generation"], generation + 1)
        self.assertEqual(sorted(update["removed"]),
                         sorted([sha256(self.files["plant.der"]), sha256(self.files["plant.crl"])]))
        self.assertEqual(self.status("guest"), "Good")
        self.assertEqual(self.status("pump"), "BadCertificateChainIncomplete")
        self.assertEqual(self.listed(), {
            "trustedCertificates": [b64(self.files["other.der"])], "trustedCrls": [b64(self.files["other.crl"])],
            "issuerCertificates": [b64(self.files["root.der"])], "issuerCrls": [b64(self.files["root.crl"])]})

    def test_a_list_that_is_read_can_be_written_back(self):
        uatrust.replace(self.store / "trusted/crl/older.crl", self.files["plant.crl"])
        uatrust.replace(self.store / "trusted/crl/plant.crl", self.files["revoking.crl"])
        uatrust.eventually(lambda: self.status("pump") == "BadCertificateRevoked", "the newer one is read")
        lists = self.ask("ReadTrustList")
        update = self.change("UpdateTrustList", **{name: lists[name] for name in
                             ("trustedCertificates", "trustedCrls", "issuerCertificates", "issuerCrls")})
        self.assertEqual(update["removed"], [sha256(self.files["plant.crl"])])
        self.assertEqual(self.status("pump"), "BadCertificateRevoked")
        again = self.change("UpdateTrustList", trustedCertificates=lists["trustedCertificates"])
        self.assertEqual((again["changed"], again["generation"]), (False, update["generation"]))

    def test_a_large_crl_is_sent_in_parts_and_read_in_parts(self):
        der = self.files["large.crl"]
        self.assertGreater(len(der), 10 * PART)
        update_id = self.admin.call(ADMIN + "BeginUpdate", {"lists": ["trustedCrls"], "reason": "large"})["updateId"]
        for at in range(0, len(der), PART):
            self.admin.call(ADMIN + "AddToUpdate", {"updateId": update_id, "list": "trustedCrls",
                                                    "data": b64(der[at:at + PART])})
        self.assertEqual(self.status("pump"), "Good")
        dry = self.change("ApplyUpdate", updateId=update_id, dryRun=True)
        self.assertEqual((dry["changed"], dry["added"]), (True, [sha256(der)]))
        self.assertEqual(self.status("pump"), "Good")
        update = self.change("ApplyUpdate", updateId=update_id)
        self.assertEqual(update["removed"], [sha256(self.files["plant.crl"])])
        self.assertEqual(self.status("pump"), "BadCertificateRevoked")
        self.assertEqual(self.refused("ApplyUpdate", updateId=update_id)[1]["field"], "updateId")

        lists = self.ask("ReadTrustList", lists=["trustedCrls"])
        self.assertEqual((lists["trustedCrls"], lists["largeTrustedCrls"]), ([], [sha256(der)]))
        read = b""
        while not read or len(read) < part["total"]:
            part = self.ask("ReadCrl", sha256=sha256(der), offset=len(read))
            read += base64.b64decode(part["data"])
        self.assertEqual(read, der)

    def test_a_list_that_another_changed_meanwhile_is_a_conflict(self):
        update_id = self.admin.call(ADMIN + "BeginUpdate", {"lists": ["trustedCertificates"]})["updateId"]
        self.change("AddCertificate", data=b64(self.files["stranger.der"]))
        self.assertEqual(self.refused("ApplyUpdate", updateId=update_id),
                         ("Conflict", {"path": "trustedCertificates"}))
        self.assertEqual(self.status("stranger"), "Good")

    def test_of_two_at_once_one_is_a_conflict(self):
        update_ids = []
        for name in ("stranger", "plant"):
            update_ids.append(self.admin.call(ADMIN + "BeginUpdate", {"lists": ["trustedCertificates"]})["updateId"])
            self.admin.call(ADMIN + "AddToUpdate", {"updateId": update_ids[-1], "list": "trustedCertificates",
                                                    "data": b64(self.files[name + ".der"])})
        self.admin.call(ADMIN + "AddToUpdate", {"updateId": update_ids[1], "list": "trustedCertificates",
                                                "data": b64(self.files["other.der"])})
        with uatrust.Varlink(str(self.folder / "admin")) as second:
            self.admin.send_call(ADMIN + "ApplyUpdate", {"updateId": update_ids[0]})
            second.send_call(ADMIN + "ApplyUpdate", {"updateId": update_ids[1]})
            errors = []
            for connection in (self.admin, second):
                try:
                    connection.receive_reply()
                except uatrust.VarlinkError as error:
                    errors.append(error.name)
        self.assertEqual(errors, [AGENT + "Conflict"])
        self.assertEqual(self.generation(), 2)

    def test_a_dry_run_changes_nothing_and_names_who_would_fall(self):
        watch = self.agent.connect()
        self.addCleanup(watch.socket.close)
        watch.send_call(AGENT + "WatchPeers", more=True)
        watch_id = watch.receive_reply()["watchId"]
        self.ask("RegisterPeers", watchId=watch_id, peers=[
            {"key": name, "certificates": [b64(self.files[name + ".der"])], "purpose": "client",
             "context": {"application": "line 3"}} for name in ("pump", "stranger")])
        before, generation = self.files_now(), self.generation()
        thumbprint = sha256(self.files["plant.der"])
        update = self.change("RemoveCertificate", thumbprint=thumbprint, dryRun=True)
        self.assertEqual(update["generation"], generation)
        self.assertEqual(sorted(update["removed"]), sorted([thumbprint, sha256(self.files["plant.crl"])]))
        self.assertEqual([(peer["key"], peer["cause"], peer["subject"], peer["context"]["application"])
                          for peer in update["fallen"]], [("pump", "untrusted", "CN=Pump", "line 3")])
        self.assertEqual((self.files_now(), self.generation()), (before, generation))
        self.assertEqual(self.status("pump"), "Good")

        done = self.change("RemoveCertificate", thumbprint=thumbprint)
        self.assertEqual([peer["key"] for peer in done["fallen"]], ["pump"])
        self.assertEqual(watch.receive_reply()["news"]["key"], "pump")

    def test_a_ca_takes_its_revocation_lists_along(self):
        self.change("RemoveCertificate", thumbprint=sha256(self.files["plant.der"]))
        self.assertEqual(self.listed()["trustedCrls"], [])
        self.assertFalse((self.store / "trusted/crl/plant.crl").exists())
        self.assertEqual(self.status("pump"), "BadCertificateChainIncomplete")
        self.assertEqual(self.refused("RemoveCertificate", thumbprint=sha256(self.files["plant.der"]))[0],
                         "NoSuchCertificate")

    def test_revocation_lists_come_and_go(self):
        update = self.change("AddCrl", data=b64(self.files["revoking.crl"]))
        self.assertEqual((update["added"], update["removed"]),
                         ([sha256(self.files["revoking.crl"])], [sha256(self.files["plant.crl"])]))
        self.assertEqual(self.status("pump"), "BadCertificateRevoked")
        name, parameters = self.refused("AddCrl", data=b64(self.files["plant.crl"]))
        self.assertEqual((name, parameters["field"]), ("BadRequest", "data"))
        self.change("AddCrl", data=b64(self.files["large.crl"]))
        self.change("RemoveCrl", thumbprint=sha256(self.files["large.crl"]))
        self.assertEqual(self.status("valve"), "BadCertificateRevocationUnknown")

    def test_a_block_stops_one_client_of_a_trusted_ca_and_outlives_a_restore(self):
        lists = self.ask("ReadTrustList")
        lists = {name: lists[name] for name in ("trustedCertificates", "trustedCrls", "issuerCertificates",
                                                "issuerCrls")}
        thumbprint = sha256(self.files["pump.der"])
        update = self.change("Block", thumbprint=thumbprint, reason="stolen")
        self.assertTrue(update["changed"])
        self.assertEqual((self.status("pump"), self.status("valve")), ("BadCertificateUntrusted", "Good"))
        self.assertFalse(self.change("Block", thumbprint=thumbprint, reason="stolen")["changed"])

        self.change("UpdateTrustList", trustedCertificates=[], trustedCrls=[])
        self.change("UpdateTrustList", **lists)
        self.assertEqual((self.status("pump"), self.status("valve")), ("BadCertificateUntrusted", "Good"))
        blocks = self.ask("ListBlocks")["blocks"]
        self.assertEqual([(block["sha256"], block["reason"]) for block in blocks], [(thumbprint, "stolen")])

        self.change("Unblock", thumbprint=thumbprint)
        self.assertEqual((self.status("pump"), self.ask("ListBlocks")["blocks"]), ("Good", []))
        self.assertEqual(self.refused("Unblock", thumbprint=thumbprint)[0], "NoSuchCertificate")

    def test_a_block_by_issuer_and_serial_number(self):
        self.change("AddCertificate", data=b64(self.files["pump.der"]), list="trusted")
        number = self.ask("GetCertificate", thumbprint=sha256(self.files["pump.der"]))["certificate"]["serialNumber"]
        self.change("Block", issuerThumbprint=sha256(self.files["plant.der"]), serialNumber=number)
        self.assertEqual((self.status("pump"), self.status("valve")), ("BadCertificateUntrusted", "Good"))
        self.change("Unblock", issuerThumbprint=sha256(self.files["plant.der"]), serialNumber=number.lstrip("0"))
        self.assertEqual(self.status("pump"), "Good")

    def restart(self, *arguments, **process):
        self.admin.socket.close()
        self.agent.stop()
        self.agent.stop = lambda: None
        self.agent = uatrust.Agent(self.folder, "--admin-socket", self.folder / "admin", *arguments, **process)
        self.addCleanup(lambda agent=self.agent: agent.stop())
        self.admin = uatrust.Varlink(str(self.folder / "admin"))
        self.addCleanup(self.admin.socket.close)

    def test_what_may_not_be_written_is_told_with_the_cure(self):
        nobody = uatrust.as_nobody()
        self.folder.chmod(0o777)
        self.restart("--store", self.store, **nobody)
        before = self.files_now()
        name, parameters = self.refused("AddCertificate", data=b64(self.files["stranger.der"]))
        self.assertEqual(name, "ReadOnly")
        self.assertTrue(parameters["path"].startswith(str(self.store)), parameters)
        self.assertRegex(parameters["reason"], "setfacl|chown|chmod")
        self.assertEqual((self.files_now(), self.status("stranger")), (before, "BadCertificateUntrusted"))

    def test_what_lies_in_a_foreign_source_stays_there(self):
        uatrust.replace(self.folder / "qt/trusted/certs/stranger.der", self.files["stranger.der"])
        config = self.folder / "uatrustd.conf"
        config.write_text(f"[Store default]\nPath={self.store}\n"
                          f"[Source qt]\nStore=default\nPath={self.folder}/qt\nLayout=qt\n")
        self.restart("--config", config)
        self.assertEqual(self.status("stranger"), "Good")
        name, parameters = self.refused("RemoveCertificate", thumbprint=sha256(self.files["stranger.der"]))
        self.assertEqual((name, parameters["path"]), ("ReadOnly", "qt/trusted/certs/stranger.der"))
        self.change("Block", thumbprint=sha256(self.files["stranger.der"]))
        self.assertEqual(self.status("stranger"), "BadCertificateUntrusted")

    def test_the_client_socket_serves_none_of_it(self):
        with self.agent.connect() as connection:
            with self.assertRaises(uatrust.VarlinkError) as caught:
                connection.call(ADMIN + "AddCertificate", {"data": b64(self.files["stranger.der"])})
        self.assertEqual(caught.exception.name, "org.varlink.service.InterfaceNotFound")

    def test_a_change_outlives_the_agent(self):
        self.change("AddCertificate", data=b64(self.files["stranger.der"]))
        self.kill()
        self.start()
        self.assertEqual(self.status("stranger"), "Good")

    def kill(self):
        self.agent.process.kill()
        self.agent.process.wait()
        self.agent.stop = lambda: None

    def test_a_kill_at_any_moment_leaves_the_old_list_or_the_new_one(self):
        seed = random.randrange(1 << 32)
        print(f"seed {seed}")
        chance = random.Random(seed)
        lists = [{"trustedCertificates": [b64(self.files[name + ".der"]) for name in names],
                  "trustedCrls": [b64(self.files[names[0] + ".crl"])]}
                 for names in (("plant", "pump", "valve"), ("other", "guest", "stranger"))]
        begin = time.monotonic()
        self.change("UpdateTrustList", **lists[0])
        usual_s = time.monotonic() - begin
        now = n_new = n_acknowledged = 0
        for _ in range(KILLS):
            self.admin.send_call(ADMIN + "UpdateTrustList", lists[1 - now])
            time.sleep(chance.uniform(0, 1.5 * usual_s))
            self.kill()
            reply = self.admin.receive()
            self.start()
            held = self.listed()
            found = [i for i in range(2) if all(held[name] == sorted(lists[i][name]) for name in lists[i])]
            self.assertEqual(len(found), 1, held)
            if reply:
                self.assertEqual(found, [1 - now], "what was acknowledged is lost")
            n_new += found[0] != now
            n_acknowledged += reply is not None
            now = found[0]
        print(f"{n_new} of {KILLS} updates in force, {n_acknowledged} acknowledged")

    def test_each_change_is_an_audit_event_with_its_reason(self):
        listener = self.agent.connect()
        self.addCleanup(listener.socket.close)
        listener.send_call(AGENT + "MonitorNotices", more=True)
        self.change("AddCertificate", data=b64(self.files["stranger.der"]), reason="dry", dryRun=True)
        update = self.change("AddCertificate", data=b64(self.files["stranger.der"]), reason="commissioning")
        audit = None
        while not audit:
            audit = listener.receive_reply()["audit"]
        self.assertEqual((audit["eventType"], audit["eventTypeId"], audit["sourceName"], audit["generation"]),
                         ("TrustListUpdatedAuditEventType", 12561, "Method/AddCertificate", update["generation"]))
        self.assertIn("commissioning", audit["message"])

    def test_the_configuration_is_reloaded(self):
        self.assertEqual(self.admin.call(ADMIN + "Reload"), {})


class OnTheBus(unittest.TestCase):
    """A server with GDS push runs as its own user and writes its own list, no other."""

    CONFIG = "[Store default]\nPath={folder}/default\n[Store own]\nPath={folder}/own\nWriters=daemon\n"
    start_agent = access.OnTheBus.start_agent

    def setUp(self):
        uatrust.need_root("be several users on a bus")
        uatrust.need("busctl")
        self.folder = uatrust.folder_for(self)
        self.folder.chmod(0o755)
        self.files = plant.make()
        for name in ("default", "own"):
            plant.fill(self.folder / name, self.files)
        self.config = self.folder / "uatrustd.conf"
        self.config.write_text(self.CONFIG.format(folder=self.folder))
        self.bus = access.SystemBus(self.folder)
        self.addCleanup(self.bus.stop)
        self.start_agent()

    def call(self, uid, method, *arguments):
        """What a user gets: the reply's values, or the error."""
        error = self.bus.call_as(uid, method, *arguments)
        return error or (json.loads(self.bus.output)["data"] if self.bus.output.strip() else [])

    def test_a_writer_replaces_his_own_list_in_parts(self):
        stranger = self.files["stranger.der"]
        self.assertEqual(self.call(access.WRITER, "BeginUpdate", "asa{sv}", 1, "trustedCertificates", 0), "denied")
        update_id = self.call(access.WRITER, "BeginUpdate", "asa{sv}", 1, "trustedCertificates", 1, "store", "s", "own")[0]
        self.assertEqual(self.call(access.CLERK, "CancelUpdate", "sa{sv}", update_id, 0), "denied")
        for part in (stranger[:100], stranger[100:]):
            reply = self.call(access.WRITER, "AddToUpdate", "ssaya{sv}", update_id, "trustedCertificates", len(part),
                              *part, 0)
            self.assertEqual(reply, [{}])
        reply = self.call(access.WRITER, "ApplyUpdate", "sa{sv}", update_id, 0)
        self.assertEqual(reply[0][0], True)
        with self.agent.connect() as connection:
            self.assertEqual(connection.validate(stranger, store="own")["statusName"], "Good")
            self.assertEqual(connection.validate(stranger)["statusName"], "BadCertificateUntrusted")


if __name__ == "__main__":
    uatrust.main([argument for argument in sys.argv if argument != "--long"])
