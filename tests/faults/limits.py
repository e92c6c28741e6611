#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What runs out on the machine: the disk, descriptors, memory, and time that jumps by ten years. Nothing is Good for it
that should not be, and it heals when there is room again."""

import base64
import contextlib
import os
import resource
import subprocess
import time
import unittest

import deeds
import plant
import uatrust

ADMIN = "org.uatrust.admin1."
TEN_YEARS_S = 3653 * plant.DAY_S
MS_RDONLY, MS_REMOUNT = 1, 32
MORE = """
[crl large]
issuer = plant
number = 04
{times}
entry = pump 1
filler = 1100000
"""


def is_sanitized():
    return b"__asan_init" in uatrust.AGENT.read_bytes()


class Limits(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.files = plant.make()

    def setUp(self):
        self.folder = uatrust.folder_for(self)
        self.store = self.folder / "store"

    def start(self, **more):
        plant.fill(self.store, self.files)
        agent = uatrust.Agent(self.folder, "--store", self.store, "--admin-socket", self.folder / "admin", **more)
        self.addCleanup(lambda: agent.stop())
        return agent

    def status(self, agent, name="pump.der"):
        return agent.status(self.files[name])

    def wait_for(self, agent, expected, name="pump.der"):
        uatrust.eventually(lambda: self.status(agent, name) == expected, f"{name} is {expected}")

    def revoke(self, agent):
        uatrust.replace(self.store / "trusted/crl/plant.crl", self.files["revoking.crl"])
        self.wait_for(agent, "BadCertificateRevoked")

    def trust_stranger(self):
        with uatrust.Varlink(str(self.folder / "admin")) as admin:
            return admin.call(ADMIN + "AddCertificate", {"data": base64.b64encode(self.files["stranger.der"]).decode()})

    def refused(self):
        with self.assertRaises(uatrust.VarlinkError) as caught:
            self.trust_stranger()
        return str(caught.exception)

    def mount_store(self):
        try:
            deeds.own_mounts()
            self.store.mkdir()
            deeds.mount("none", self.store, "tmpfs", data="size=64k")
        except OSError:
            uatrust.skip("no tmpfs can be mounted")
        self.addCleanup(subprocess.run, ["umount", "-l", str(self.store)])

    def test_a_full_disk_refuses_updates_and_nothing_else(self):
        self.mount_store()
        agent = self.start()
        with contextlib.suppress(OSError), open(self.store / "filler", "wb", buffering=0) as filler:
            while True:
                filler.write(bytes(4096))
        self.assertIn("No space left", self.refused())
        self.assertEqual(self.status(agent), "Good")
        self.assertEqual(self.status(agent, "stranger.der"), "BadCertificateUntrusted")

        (self.store / "filler").unlink()
        self.assertTrue(self.trust_stranger()["update"]["changed"])
        self.wait_for(agent, "Good", "stranger.der")
        self.revoke(agent)

    def test_a_read_only_disk_refuses_updates_and_nothing_else(self):
        self.mount_store()
        agent = self.start()
        deeds.mount("none", self.store, flags=MS_REMOUNT | MS_RDONLY)
        self.assertIn("Read-only file system", self.refused())
        self.assertEqual(self.status(agent), "Good")

        deeds.mount("none", self.store, flags=MS_REMOUNT)
        self.assertTrue(self.trust_stranger()["update"]["changed"])
        self.revoke(agent)

    def test_out_of_descriptors_old_callers_are_served_and_changes_are_seen_later(self):
        agent = self.start()
        with contextlib.ExitStack() as stack:
            old = stack.enter_context(agent.connect())
            self.assertEqual(old.validate(self.files["pump.der"])["statusName"], "Good")
            used = len(os.listdir(f"/proc/{agent.process.pid}/fd"))
            former = resource.prlimit(agent.process.pid, resource.RLIMIT_NOFILE)
            resource.prlimit(agent.process.pid, resource.RLIMIT_NOFILE, (used, former[1]))
            for _ in range(20):
                stack.enter_context(agent.connect())
            uatrust.replace(self.store / "trusted/crl/plant.crl", self.files["revoking.crl"])

            # Nobody can read it now: in MaxDoubt that is told in place of Good.
            def told():
                try:
                    return old.validate(self.files["pump.der"])["statusName"] != "Good"
                except uatrust.VarlinkError as error:
                    self.assertIn("StoreInDoubt", error.name)
                    return True
            uatrust.eventually(told, "Good is said no more")
            resource.prlimit(agent.process.pid, resource.RLIMIT_NOFILE, former)
        self.wait_for(agent, "BadCertificateRevoked")

    def test_64_mib_of_memory(self):
        if is_sanitized():
            uatrust.skip("64 MiB of memory: a sanitizer needs more")
        limit = ("prlimit", f"--data={64 << 20}", f"--stack={1 << 20}")  # of each of its threads, which count, too
        large = plant.make(MORE)["large.crl"]
        agent = self.start(command=limit)
        self.assertEqual(self.status(agent), "Good")
        self.assertGreater(len(large), 32 << 20)
        uatrust.replace(self.store / "trusted/crl/plant.crl", large)
        end = time.monotonic() + 5
        while agent.is_alive() and time.monotonic() < end:
            with contextlib.suppress(OSError, ConnectionError):
                if self.status(agent) == "BadCertificateRevoked":
                    break
            time.sleep(0.01)
        else:
            if not agent.is_alive():
                print("the agent ended for want of memory")
                agent = self.start(command=limit)
            else:
                self.assertNotEqual(self.status(agent), "Good")
        print(f"with a CRL of {len(large) >> 20} MiB: {self.status(agent)}")
        uatrust.replace(self.store / "trusted/crl/plant.crl", self.files["plant.crl"])
        self.wait_for(agent, "Good")
        self.revoke(agent)

    def with_time(self, offset):
        self.offset = self.folder / "offset"
        self.offset.write_text(offset)
        return uatrust.wrong_clock(FAKETIME_NO_CACHE=1, FAKETIME_TIMESTAMP_FILE=self.offset)

    def test_the_clock_jumps_ten_years_forward(self):
        agent = self.start(command=self.with_time("+0"))
        self.assertEqual(self.status(agent), "Good")
        uatrust.replace(self.offset, f"+{TEN_YEARS_S}".encode())
        self.assertNotEqual(self.status(agent), "Good")
        uatrust.replace(self.offset, b"+0")
        self.wait_for(agent, "Good")
        self.revoke(agent)

    def test_a_clock_that_is_wrong_by_ten_years_at_start(self):
        for sign in "+-":
            with self.subTest(sign):
                agent = self.start(command=self.with_time(f"{sign}{TEN_YEARS_S}"))
                self.assertNotEqual(self.status(agent), "Good")
                agent.stop()


if __name__ == "__main__":
    uatrust.main()
