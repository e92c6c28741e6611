#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An agent is killed again and again, in the midst of questions and of a revocation list that comes and goes. The next
one serves at once, and by what is on disk.

    kill.py [--kills N] [--certificates N] [--limit MS]

--limit: fail if a start took longer until the first verdict; by default it is only told, since machines differ.
"""

import argparse
import hashlib
import pathlib
import random
import sys
import tempfile
import threading
import time

import plant
import uatrust

ASKERS = 4
EXPECTED = {"valve.der": {"Good"}, "stranger.der": {"BadCertificateUntrusted"},
            "pump.der": {"Good", "BadCertificateRevoked"}}
MARK = b"No. 00000"
MORE = """
[cert many]
subject = CN=No. 00000
key = p256-many
issuer = plant
"""


class Asker(threading.Thread):
    """Asks all the time; keeps what was answered otherwise than it may be."""

    def __init__(self, path, files):
        super().__init__(daemon=True)
        self.path, self.files = path, files
        self.answers, self.wrong = 0, []
        self.is_over = False

    def run(self):
        while not self.is_over:
            try:
                with uatrust.Varlink(self.path) as connection:
                    self.ask(connection)
            except uatrust.VarlinkError as error:
                if not error.name.endswith(("StoreNotReady", "StoreInDoubt")):
                    self.wrong.append(str(error))
            except (OSError, ConnectionError):
                time.sleep(0.001)

    def ask(self, connection):
        while not self.is_over:
            for name, expected in EXPECTED.items():
                status = connection.validate(self.files[name])["statusName"]
                self.answers += 1
                if status not in expected:
                    self.wrong.append(f"{name} is {status}")


class Kill:
    def __init__(self, folder, options):
        self.folder, self.options = folder, options
        self.files = plant.make(MORE)
        self.store = folder / "store"
        plant.fill(self.store, self.files)
        for number in range(options.certificates):
            der = self.files["many.der"].replace(MARK, b"No. %05d" % number)
            (self.store / "trusted/certs" / f"{hashlib.sha256(der).hexdigest()}.der").write_bytes(der)
        self.crl = self.store / "trusted/crl/plant.crl"
        self.status = "Good"

    def change(self):
        is_good = self.status == "Good"
        uatrust.replace(self.crl, self.files["revoking.crl" if is_good else "plant.crl"])
        self.status = "BadCertificateRevoked" if is_good else "Good"

    def start(self):
        """Returns the agent, its first verdict, and the seconds until it came."""
        begun = time.monotonic()
        agent = uatrust.Agent(self.folder, "--store", self.store, ready=False)
        while agent.is_alive():
            try:
                status = agent.validate(self.files["pump.der"])["statusName"]
                return agent, status, time.monotonic() - begun
            except (OSError, ConnectionError):
                time.sleep(0.001)
        raise AssertionError(f"the agent ended:\n{agent.log.read_text()}")

    def run(self):
        """The seconds of each start; raises what is wrong."""
        seconds = []
        askers = [Asker(str(self.folder / "agent"), self.files) for _ in range(ASKERS)]
        for asker in askers:
            asker.start()
        for number in range(self.options.kills):
            agent, status, took = self.start()
            assert status == self.status, f"start {number}: it is {status}, on disk {self.status}"
            seconds.append(took)
            time.sleep(random.random() * 0.05)
            self.change()
            if number % 2:
                uatrust.eventually(lambda: agent.status(self.files["pump.der"]) == self.status, "the change counts")
            agent.process.kill()
            agent.process.wait()
            agent.log.unlink()
        for asker in askers:
            asker.is_over = True
            asker.join()
            assert not asker.wrong, asker.wrong[:10]
        print(f"{sum(asker.answers for asker in askers)} answers, none wrong")
        return sorted(seconds)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--certificates", type=int, default=1000)
    parser.add_argument("--limit", type=float, metavar="MS")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        seconds = Kill(pathlib.Path(folder), options).run()
    p50, most = seconds[len(seconds) // 2] * 1000, seconds[-1] * 1000
    print(f"{len(seconds)} starts with {options.certificates} certificates: first verdict after {p50:.0f} ms (p50), "
          f"{most:.0f} ms (max)")
    sys.exit(1 if options.limit and most > options.limit else 0)


if __name__ == "__main__":
    main()
