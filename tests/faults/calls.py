#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""System calls that fail for a moment: while the store is read for the first time, and when one of its files changes.

Meanwhile nothing is Good that should not be; soon after it is over, what is on disk counts.

    calls.py LIBREFUSE
"""

import concurrent.futures
import errno
import pathlib
import sys
import time
import unittest

import plant
import refuse
import uatrust

ROWS = [(call, error)
        for call, errors in {
            "open": (errno.EIO, errno.EACCES, errno.EINTR, errno.ENOMEM, errno.EMFILE),
            "openat": (errno.EIO, errno.EACCES, errno.EINTR, errno.ENOMEM, errno.EMFILE),
            "openat2": (errno.EIO, errno.EACCES, errno.EINTR, errno.EAGAIN, errno.ENOMEM, errno.EMFILE),
            "read": (errno.EIO, errno.EINTR, errno.ENOMEM),
            "fstatat": (errno.EIO, errno.EACCES, errno.ENOMEM),
            "readdir": (errno.EIO, errno.ENOMEM),
            "inotify_init1": (errno.EMFILE, errno.ENOMEM),
            "inotify_add_watch": (errno.EACCES, errno.ENOSPC, errno.ENOMEM),
        }.items() for error in errors]
MANY = 1 << 40
THREADS = 6


class Calls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.files = plant.make()

    def start(self, call, error, n):
        folder = uatrust.folder_for(self)
        plant.fill(folder / "store", self.files)
        told = refuse.Refuse(folder / "refuse")
        told.set(call, error, n)
        environment = ("env", f"LD_PRELOAD={LIBRARY}", f"UATRUST_REFUSE={folder / 'refuse'}",
                       "ASAN_OPTIONS=verify_asan_link_order=0")
        agent = uatrust.Agent(folder, "--store", folder / "store", ready=n == 0, command=environment)
        self.addCleanup(lambda: agent.stop())
        uatrust.eventually(pathlib.Path(agent.socket).exists, "the agent listens")
        return agent, told, folder / "store/trusted/crl/plant.crl"

    def wait_for(self, agent, expected):
        uatrust.eventually(lambda: agent.status(self.files["pump.der"]) == expected, f"it is {expected}")

    def each(self, deed):
        """deed(call, error) in threads."""
        with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
            running = [(row, pool.submit(deed, *row)) for row in ROWS]
        for (call, error), done in running:
            with self.subTest(call, error=errno.errorcode[error]):
                done.result()

    def test_while_the_store_is_read_for_the_first_time(self):
        def deed(call, error):
            agent, told, _ = self.start(call, error, MANY)
            time.sleep(0.3)
            told.end()
            self.wait_for(agent, "Good")
            agent.stop()
        self.each(deed)

    def test_once_when_a_file_changes(self):
        def deed(call, error):
            agent, told, crl = self.start(call, error, 0)
            told.set(call, error, 1)
            uatrust.replace(crl, self.files["revoking.crl"])
            self.wait_for(agent, "BadCertificateRevoked")
            told.end()
            uatrust.replace(crl, self.files["plant.crl"])
            self.wait_for(agent, "Good")
            agent.stop()
        self.each(deed)

    def test_for_a_second_when_a_file_changes(self):
        def deed(call, error):
            agent, told, crl = self.start(call, error, 0)
            told.set(call, error, MANY)
            uatrust.replace(crl, self.files["revoking.crl"])
            time.sleep(1)
            told.end()
            self.wait_for(agent, "BadCertificateRevoked")
            agent.stop()
        self.each(deed)


if __name__ == "__main__":
    LIBRARY = sys.argv.pop(1)
    uatrust.main()
