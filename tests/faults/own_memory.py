#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Memory that runs out while an own certificate is made: whichever allocation fails, the pair that is there belongs
together, nothing is left beside it, and it is said.

    own_memory.py LIBFAIL
"""

import os
import random
import struct
import subprocess
import sys
import unittest

import uatrust

FORM = struct.Struct("=qq")  # struct fail of tests/faults/fail.h
NEVER = -1
RUNS = 8, 32  # of each verb, at allocations drawn by the seed: while OpenSSL is set up, and after that
SAID = (0, 1, 65, 71)


class Memory(unittest.TestCase):
    def setUp(self):
        folder = uatrust.folder_for(self)
        self.pki, self.fails = folder / "pki", folder / "fail"
        random.seed(uatrust.seed())

    def run_own(self, verb, *arguments, left=NEVER):
        """Returns the exit code, and how many allocations there were."""
        self.fails.write_bytes(FORM.pack(left, 0))
        environment = {**os.environ, "LD_PRELOAD": LIBRARY, "UATRUST_FAIL": str(self.fails),
                       "ASAN_OPTIONS": "verify_asan_link_order=0:detect_leaks=0:exitcode=99"}
        done = subprocess.run([uatrust.BUILD / "libexec/uatrust/uatrust-own", "own", verb, "--directory", self.pki,
                               *arguments], env=environment, capture_output=True, text=True, timeout=60)
        self.assertIn(done.returncode, SAID, f"{verb} {left}: {done.stdout}{done.stderr}")
        if done.returncode:
            self.assertTrue(done.stdout or done.stderr, f"{verb} {left} said nothing")
        return done.returncode, FORM.unpack(self.fails.read_bytes())[1]

    def test_a_pair_is_there_whichever_allocation_fails(self):
        names = ("--name", "Pump", "--host-name", "pump", "--key-type", "Ed25519")
        self.run_own("create", *names)
        first = self.run_own("recover")[1] - 500  # of about that many of our own
        for verb, *arguments in (("create", *names, "--replace"), ("renew", "--replace", "--keep-key"),
                                 ("request", "--replace"), ("check",)):
            code, count = self.run_own(verb, *arguments)
            self.assertEqual(code, 0)
            failed = 0
            for left in random.sample(range(first), RUNS[0]) + random.sample(range(first, count), RUNS[1]):
                failed += self.run_own(verb, *arguments, left=left)[0] != 0
                if self.run_own("check")[0]:  # it could not clean up, either, and says how that is done
                    self.assertEqual(self.run_own("recover")[0], 0, f"{verb} {left}")
                    self.assertEqual(self.run_own("check")[0], 0, f"{verb} {left}")
                self.assertEqual([path.name for path in self.pki.rglob(".uatrust-*")], [], f"{verb} {left}")
            print(f"{verb}: {count} allocations, {failed} of {sum(RUNS)} runs failed")


if __name__ == "__main__":
    LIBRARY = sys.argv.pop(1)
    uatrust.main()
