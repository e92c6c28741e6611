#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An agent that ends in the midst of updates, and what the next one makes of what it finds."""

import base64
import hashlib
import random
import shutil
import threading
import time
import unittest

import uatrust

ADMIN = "org.uatrust.admin1."
LISTS = 3
SPEC = "".join(f"""
[cert self{i}]
subject = CN=Self {i}
key = p256-self {i}
""" for i in range(LISTS * 3))
KILLS = 10


def b64(der):
    return base64.b64encode(der).decode()


def sha256(data):
    return hashlib.sha256(data).hexdigest()


class Update(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        files = uatrust.mint(SPEC)
        ders = [files[f"self{i}.der"] for i in range(LISTS * 3)]
        cls.lists = [ders[3 * i:3 * i + 3] + [ders[(3 * i + 3) % len(ders)]] for i in range(LISTS)]

    def setUp(self):
        self.folder = uatrust.folder_for(self)
        self.store = self.folder / "store"
        (self.store / "trusted/certs").mkdir(parents=True)

    def start(self):
        return uatrust.Agent(self.folder, "--store", self.store, "--admin-socket", self.folder / "admin")

    def admin(self):
        return uatrust.Varlink(str(self.folder / "admin"))

    def seen(self, agent):
        with agent.connect() as connection:
            reply = connection.call("org.uatrust.agent1.ListCertificates", {"list": "trusted"})
        return {certificate["sha256"] for certificate in reply["certificates"]}

    def is_ready(self, agent):
        try:
            return agent.validate(self.lists[0][0]) is not None
        except uatrust.VarlinkError:
            return False

    def update_for_ever(self, k, acknowledged):
        """Until the agent is gone: the k-th list, and so on."""
        try:
            with self.admin() as connection:
                while True:
                    k += 1
                    connection.call(ADMIN + "UpdateTrustList",
                                    {"trustedCertificates": [b64(der) for der in self.lists[k % LISTS]]})
                    acknowledged[0] = k
        except uatrust.VarlinkError as error:
            print(error)
        except (OSError, ValueError):
            pass

    def test_a_killed_agent_leaves_the_old_list_or_the_new_one(self):
        random.seed(uatrust.seed())
        acknowledged = [0]
        for i in range(KILLS + 1):
            agent = self.start()
            k = acknowledged[0]
            if i > 0:
                seen = self.seen(agent)
                wholes = {n: {sha256(der) for der in self.lists[n % LISTS]} for n in (k, k + 1)}
                self.assertIn(seen, [*wholes.values()] + ([set()] if k == 0 else []), f"after update {k}")
                k = next((n for n, whole in wholes.items() if whole == seen), k)
                acknowledged[0] = k
            thread = threading.Thread(target=self.update_for_ever, args=(k, acknowledged))
            thread.start()
            uatrust.eventually(lambda: acknowledged[0] > k, "an update is done")
            time.sleep(random.random() * 0.3)
            agent.process.kill()
            agent.process.wait()
            thread.join()

    def commit(self, der):
        """What an agent leaves that lost its power when an update was in force and not carried out."""
        name = sha256(der) + ".der"
        (self.store / ".uatrust-stage-0").write_bytes(der)
        text = f"uatrust-journal 1\n{b'trusted/certs'.hex()} {name.encode().hex()} - {sha256(der)}\n"
        text += f"end 1 {sha256(text.encode())}\n"
        (self.store / ".uatrust-journal").write_text(text)

    def test_what_was_in_force_is_so_at_the_first_answer(self):
        der = self.lists[0][0]
        self.commit(der)
        agent = self.start()
        try:
            self.assertEqual(self.seen(agent), {sha256(der)})
            self.assertEqual(agent.validate(der)["generation"], 1)
            self.assertIn("has been completed", agent.log.read_text())
            self.assertEqual([path.name for path in self.store.glob(".uatrust-*")], [".uatrust-lock"])
        finally:
            agent.stop()

    def test_a_journal_that_cannot_be_read_is_not_passed_over(self):
        shutil.copyfile(__file__, self.store / ".uatrust-journal")
        agent = self.start()
        try:
            with self.assertRaises(uatrust.VarlinkError) as caught:
                agent.validate(self.lists[0][0])
            self.assertIn("StoreNotReady", str(caught.exception))
            self.assertIn("rm ", str(caught.exception))
            with self.admin() as connection, self.assertRaises(uatrust.VarlinkError) as caught:
                connection.call(ADMIN + "AddCertificate", {"data": b64(self.lists[0][0])})
            self.assertIn("StoreNotReady", str(caught.exception))

            (self.store / ".uatrust-journal").unlink()
            uatrust.eventually(lambda: self.is_ready(agent), "the store is ready")
            with self.admin() as connection:
                self.assertTrue(connection.call(ADMIN + "AddCertificate", {"data": b64(self.lists[0][0])})
                                ["update"]["changed"])
            self.assertEqual(len(self.seen(agent)), 1)
        finally:
            agent.stop()


if __name__ == "__main__":
    uatrust.main()
