#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The packages on a host with real systemd (tests/harness/machine.py): installed, booted, used by a visitor and by an
administrator, stopped, hung, upgraded, looked at from a container, and purged."""

import grp
import json
import os
import pathlib
import pwd
import re
import signal
import subprocess
import sys
import threading
import time
import unittest

import machine
import openmetrics
import plant
import uatrust

sys.path.append(str(uatrust.SOURCE / "tests/packaging"))
import debs  # noqa: E402

HOME = pathlib.Path("/srv/test")
STORE = pathlib.Path("/var/lib/uatrust/default")
CLIENT = "/run/uatrust/client/org.uatrust.agent1"
ADMIN = "/run/uatrust/admin/org.uatrust.admin1"
MANAGER = ("/org/uatrust/Agent1", "org.uatrust.Agent1.Manager")
BUS_ADMIN = ("/org/uatrust/Agent1", "org.uatrust.Agent1.Admin")
UNITS = ("uatrustd.service", "uatrustd.socket", "uatrustd-admin.socket")
QUIET = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
NOT_TRUSTED, DENIED = 1, 77
MESSAGES = {"refused": "dc0a6d1a8f2e4d0f9f0f3f5b1f0b7c11", "reload refused": "567e314f650b4c7db518fd4f16dd4810",
            "not confined": "0b2b9511613f40699bfc0f009307f44c", "changed": "5b0f1f4c1f6c4d5e8b6a0a9c7d2e3f12"}


BOX = r"""
mount --make-rprivate /
mkdir -p "$1/box"
mount -t tmpfs none "$1/box"
cd "$1/box"
mkdir -p usr "./$2"
for link in bin lib lib64; do ln -s usr/$link; done
mount --rbind /usr usr
mount --bind "$2" "./$2"
cp ../*.der .
exec chroot . /bin/sh
"""


def run(*command, check=True, **more):
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=120, **more)
    if check and done.returncode:
        raise AssertionError(f"{command} ended with {done.returncode}\n{done.stdout}{done.stderr}")
    return done


def as_user(name):
    """How to start a child as that user, with his groups."""
    user = pwd.getpwnam(name)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": os.getgrouplist(name, user.pw_gid),
            "env": {"PATH": os.environ["PATH"]}}


def install(folder=None, *names):
    """With dpkg: all that was built, or packages of that folder."""
    found = debs.packages(folder or debs.FOLDER)
    run("dpkg", "--install", *(found[name] for name in names or found), env=QUIET)


def raise_version(folder):
    """The packages again, with a version that is newer."""
    for name, path in debs.packages().items():
        tree = folder / name
        run("dpkg-deb", "--raw-extract", path, tree)
        control = tree / "DEBIAN/control"
        version = re.search("^Version: (.*)$", control.read_text(), re.M)[1]
        control.write_text(control.read_text().replace(version, f"{version}+1"))
        run("dpkg-deb", "--build", tree, folder / f"{name}_new.deb")


def show(unit, name):
    return run("systemctl", "show", "--value", f"--property={name}", unit).stdout.strip()


def main_pid():
    return int(show("uatrustd.service", "MainPID"))


def is_active():
    return show("uatrustd.service", "ActiveState") == "active"


def journal(*arguments):
    run("journalctl", "--sync")
    text = run("journalctl", "--quiet", "--output=json", *arguments, check=False).stdout
    return [json.loads(line) for line in text.splitlines()]


class Installed(unittest.TestCase):
    """The first boot."""

    def test_installing_starts_it(self):
        install()
        self.assertTrue(is_active())


class Host(unittest.TestCase):
    """The second boot. In order of their names, as each stands on what was before."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        HOME.mkdir(parents=True)
        cls.files = plant.make()
        for name, data in cls.files.items():
            (HOME / name).write_bytes(data)
        run("useradd", "visitor")
        run("useradd", "--groups", "uatrust-admin", "clerk")

    def uatrust(self, *arguments, user="visitor"):
        return run("uatrust", *arguments, check=False, **as_user(user))

    def judge(self, name, **more):
        return self.uatrust("validate", HOME / name, **more).returncode

    def fill(self):
        plant.fill(STORE, self.files)
        uatrust.eventually(lambda: self.judge("pump.der") == 0, "the plant's pump is trusted")

    def test_01_it_runs_from_boot_as_nobody_special(self):
        self.assertTrue(is_active())
        self.assertEqual(show("uatrustd.service", "NRestarts"), "0")
        for unit in UNITS:
            self.assertEqual(run("systemctl", "is-enabled", unit).stdout.strip(), "enabled")
        status = pathlib.Path(f"/proc/{main_pid()}/status").read_text()
        self.assertIn(f"Uid:\t{pwd.getpwnam('uatrust').pw_uid}\t", status)
        self.assertRegex(status, r"CapEff:\s0+\n")
        self.assertRegex(status, r"NoNewPrivs:\s1\n")
        self.assertRegex(status, r"Seccomp:\s2\n")

    def test_02_sockets_stand_where_they_belong(self):
        for path, mode, group in ((CLIENT, 0o666, None), (ADMIN, 0o660, "uatrust-admin")):
            status = os.stat(path)
            self.assertEqual(status.st_mode & 0o777, mode)
            if group:
                self.assertEqual(status.st_gid, grp.getgrnam(group).gr_gid)
        for path in (CLIENT, ADMIN):
            self.assertEqual(os.path.realpath("/run/varlink/registry/" + os.path.basename(path)), path)

    def test_03_a_visitor_has_certificates_judged(self):
        self.assertEqual(self.judge("pump.der"), NOT_TRUSTED)
        self.fill()
        self.assertEqual(self.judge("stranger.der"), NOT_TRUSTED)

    def test_04_who_connects_starts_it_again(self):
        run("systemctl", "stop", "uatrustd.service")
        self.assertFalse(is_active())
        self.assertEqual(self.judge("pump.der"), 0)
        self.assertTrue(is_active())

    def bus(self, at, method, *arguments, user="visitor"):
        return run("busctl", "--json=short", "call", "org.uatrust.Agent1", *at, method, *arguments, check=False,
                   **as_user(user))

    def test_05_it_is_on_the_bus(self):
        uatrust.eventually(lambda: "org.uatrust.Agent1" in run("busctl", "list").stdout, "the name is there")
        seen = run("busctl", "introspect", "org.uatrust.Agent1", MANAGER[0], **as_user("visitor")).stdout
        self.assertIn("org.uatrust.Agent1.Manager", seen)
        der = self.files["pump.der"]
        done = self.bus(MANAGER, "Validate", "aaysa{sv}", 1, len(der), *der, "client", 0)
        self.assertEqual((done.returncode, json.loads(done.stdout)["data"][0][0]), (0, True), done.stderr)

    def test_06_the_bus_starts_it_too(self):
        run("systemctl", "stop", "uatrustd.service")
        self.assertEqual(self.bus(MANAGER, "ListStores", "a{sv}", 0).returncode, 0)
        self.assertTrue(is_active())

    def add_over_the_bus(self, name, user):
        der = self.files[name]
        return self.bus(BUS_ADMIN, "AddCertificate", "aya{sv}", len(der), *der, 0, user=user)

    def test_07_a_visitor_may_not_change_what_is_trusted(self):
        before = sorted(os.walk(STORE / "trusted"))
        self.assertEqual(self.uatrust("trust", "--yes", HOME / "stranger.der").returncode, DENIED)
        done = self.add_over_the_bus("stranger.der", "visitor")
        self.assertIn("denied", done.stderr)
        self.assertEqual(sorted(os.walk(STORE / "trusted")), before)

    def test_08_an_administrator_may(self):
        done = self.uatrust("trust", "--yes", HOME / "stranger.der", user="clerk")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.judge("stranger.der"), 0)
        sha256 = run("sha256sum", HOME / "stranger.der").stdout.split()[0]
        self.assertEqual(self.uatrust("untrust", "--yes", sha256, user="clerk").returncode, 0)
        self.assertEqual(self.judge("stranger.der"), NOT_TRUSTED)

    def test_09_on_the_bus_polkit_says_who_may(self):
        self.assertIn("denied", self.add_over_the_bus("stranger.der", "clerk").stderr)
        example, = pathlib.Path("/usr/share/doc").rglob("50-uatrust-admin.rules.example")
        rules = pathlib.Path("/etc/polkit-1/rules.d/50-uatrust-admin.rules")
        rules.write_bytes(example.read_bytes())
        uatrust.eventually(lambda: self.add_over_the_bus("stranger.der", "clerk").returncode == 0, "the rule is read")
        self.assertEqual(self.judge("stranger.der"), 0)
        self.assertIn("denied", self.add_over_the_bus("late.der", "visitor").stderr)

    def stores(self):
        return sorted(row["name"] for row in json.loads(self.uatrust("status", "--json").stdout)["state"]["stores"])

    def test_10_a_reload_is_all_or_nothing(self):
        folder = pathlib.Path("/etc/uatrust/uatrustd.conf.d")
        pid = main_pid()
        (folder / "attic.conf").write_text("[Store default]\n[Store attic]\nPath=/var/lib/uatrust/attic\n")
        (folder / "fault.conf").write_text("[Store cellar]\nNonsense=yes\n")
        self.assertNotEqual(run("systemctl", "reload", "uatrustd.service", check=False).returncode, 0)
        told, = journal(f"MESSAGE_ID={MESSAGES['reload refused']}")
        self.assertIn("fault.conf:2", told["UATRUST_REASON"])
        self.assertEqual((self.stores(), main_pid()), (["default"], pid))
        (folder / "fault.conf").unlink()
        run("systemctl", "reload", "uatrustd.service")
        self.assertEqual((self.stores(), main_pid()), (["attic", "default"], pid))
        (folder / "attic.conf").unlink()
        run("systemctl", "reload", "uatrustd.service")
        self.assertEqual(self.stores(), ["default"])

    def test_11_the_watchdog_ends_an_agent_that_hangs(self):
        pid = main_pid()
        os.kill(pid, signal.SIGSTOP)
        uatrust.eventually(lambda: is_active() and main_pid() not in (0, pid), "there is another agent")
        self.assertEqual(self.judge("pump.der"), 0)
        self.assertNotEqual(show("uatrustd.service", "NRestarts"), "0")

    def test_12_the_journal_has_fields_and_advice(self):
        refused = journal(f"MESSAGE_ID={MESSAGES['refused']}", "UATRUST_SUBJECT=CN=Stranger")[-1]
        self.assertEqual((refused["UATRUST_STATUS"], refused["UATRUST_STORE"]), ("BadCertificateUntrusted", "default"))
        self.assertEqual(refused["UATRUST_UID"], str(pwd.getpwnam("visitor").pw_uid))
        self.assertEqual((refused["_SYSTEMD_UNIT"], refused["SYSLOG_IDENTIFIER"]), ("uatrustd.service", "uatrustd"))
        changed = journal(f"MESSAGE_ID={MESSAGES['changed']}")
        self.assertIn(str(pwd.getpwnam("clerk").pw_uid), [entry["UATRUST_UID"] for entry in changed])
        text = run("journalctl", "--catalog", "--no-pager", f"MESSAGE_ID={MESSAGES['refused']}").stdout
        self.assertIn("uatrust validate --explain FILE", text)

    def test_13_systemctl_status_says_what_it_does(self):
        self.assertIn("Serving 1 stores", show("uatrustd.service", "StatusText"))


    def test_13a_figures_are_written_for_prometheus_once_that_is_wanted(self):
        self.assertEqual(run("systemctl", "is-enabled", "uatrust-metrics.timer", check=False).stdout.strip(), "disabled")
        folder = pathlib.Path("/var/lib/prometheus/node-exporter")
        folder.mkdir(parents=True)
        os.chown(folder, pwd.getpwnam("visitor").pw_uid, -1)
        folder.chmod(0o700)
        run("systemctl", "enable", "--now", "uatrust-metrics.timer")
        run("systemctl", "start", "uatrust-metrics.service")
        found = openmetrics.read((folder / "uatrust.prom").read_bytes())
        self.assertEqual(found["uatrust_store_ready"].values(), {(("store", "default"),): 1})
        self.assertEqual(os.listdir(folder), ["uatrust.prom"])

    # Its confinement

    def trespass(self):
        """What comes of each attempt that is made within the agent, in its unit."""
        found = pathlib.Path("/var/lib/uatrust/trespass")
        library = pathlib.Path("/usr/lib/uatrust-trespass.so")
        library.write_bytes((uatrust.BUILD / "tests/libtrespass.so").read_bytes())
        drop_in = pathlib.Path("/etc/systemd/system/uatrustd.service.d/trespass.conf")
        drop_in.parent.mkdir()
        drop_in.write_text(f"[Service]\nEnvironment=LD_PRELOAD={library} TRESPASS_TO={found}\n")
        run("systemctl", "daemon-reload")
        run("systemctl", "restart", "uatrustd.service")
        os.kill(main_pid(), signal.SIGUSR2)
        text = uatrust.eventually(lambda: found.exists() and found.read_text().endswith("end\n") and found.read_text(),
                                  "all was tried")
        found.unlink()
        drop_in.unlink()
        run("systemctl", "daemon-reload")
        self.assertTrue(is_active(), "nothing of it ended the agent")
        run("systemctl", "restart", "uatrustd.service")
        return dict(line.split() for line in text.splitlines()[:-1])

    def test_14_who_breaks_in_gets_nowhere(self):
        self.assertEqual(journal(f"MESSAGE_ID={MESSAGES['not confined']}"), [], "it has shut itself in")
        found = self.trespass()
        wanted = {"read-store": "OK", "read-users": "OK", "read-outside": "EACCES", "list-outside": "EACCES",
                  "read-shadow": "EACCES", "make-in-tmp": "EACCES", "make-in-etc": "EROFS", "make-in-run": "EACCES",
                  "inet": "EAFNOSUPPORT", "inet6": "EAFNOSUPPORT", "netlink": "EAFNOSUPPORT", "packet": "EAFNOSUPPORT",
                  "setuid": "EPERM", "signal-init": "EPERM", "namespace": "EPERM", "mount": "EPERM", "ptrace": "EPERM",
                  "bpf": "EPERM", "clock": "EPERM", "execute": "EACCES",
                  "execute-itself": "EACCES", "execute-loader": "EACCES"}
        # Refused by a filter, or by the kernel for systemd where it can.
        self.assertIn(found.pop("write-and-execute"), ("EPERM", "EACCES"))
        self.assertEqual(found, wanted)

    # What survives a restart

    def subscribe(self):
        """A subscriber that connects again at once whenever its connection ends; what it hears, and what went wrong."""
        heard, wrong = [], []

        def listen_once():
            with uatrust.Varlink(CLIENT) as connection:
                connection.send_call("org.uatrust.agent1.Monitor", more=True)
                while True:
                    heard.append(connection.receive_reply()["event"])

        def listen():
            while not self.is_over and not wrong:
                try:
                    listen_once()
                except (BrokenPipeError, ConnectionResetError):
                    pass  # it ended before it was asked
                except ConnectionError as error:
                    if str(error) != "closed" and not self.is_over:
                        wrong.append(repr(error))

        self.is_over = False
        self.addCleanup(setattr, self, "is_over", True)
        threading.Thread(target=listen, daemon=True).start()
        uatrust.eventually(lambda: heard, "the subscriber is told of the state")
        return heard, wrong

    def change(self, name):
        self.assertEqual(self.uatrust("trust", "--yes", HOME / name, user="clerk").returncode, 0)
        return run("sha256sum", HOME / name).stdout.split()[0]

    def test_15_an_upgrade_loses_no_subscriber(self):
        heard, wrong = self.subscribe()
        pid = main_pid()
        raise_version(HOME)
        install(HOME)
        self.assertTrue(is_active())
        self.assertNotEqual(main_pid(), pid, "the new one runs")
        sha256 = self.change("late.der")
        uatrust.eventually(lambda: any(sha256 in event["added"] for event in heard), "the subscriber hears of it")
        self.assertEqual(wrong, [])
        self.assertEqual(len({event["agentId"] for event in heard}), 2)

    def test_16_nobody_is_refused_while_it_restarts(self):
        ended, codes = time.monotonic() + 4, set()
        restart = subprocess.Popen(["systemctl", "restart", "uatrustd.service"])
        while restart.poll() is None or time.monotonic() < ended:
            codes.add(self.judge("pump.der"))
        self.assertEqual((restart.returncode, codes), (0, {0}))

    def box(self, *options):
        """A container of which we know a shell: nothing in it but /usr, two certificates and the client folder."""
        for name in ("pump.der", "late.der"):
            (HOME / name).chmod(0o644)
        shell = uatrust.start(["unshare", "--mount", *options, "sh", "-ec", BOX, "box", HOME, os.path.dirname(CLIENT)],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(shell.wait)
        self.addCleanup(shell.stdout.close)
        self.addCleanup(shell.stdin.close)

        def ask(command):
            shell.stdin.write(f"{command}; echo $?\n")
            shell.stdin.flush()
            return shell.stdout.readline().strip()
        return ask

    def test_17_a_container_has_the_client_folder_alone(self):
        for options in ((), ("--user", "--map-root-user")):
            with self.subTest(options):
                ask = self.box(*options)
                self.assertEqual(ask("id -u >&2; test $(id -u)"), "0", "it is its root")
                self.assertEqual(ask("uatrust validate /pump.der >&2"), "0")
                run("systemctl", "restart", "uatrustd.service")
                self.assertEqual(ask("uatrust validate /pump.der >&2"), "0", "after the restart, too")
                before = sorted(os.walk(STORE))
                self.assertNotEqual(ask("uatrust trust --yes /stranger.der >&2"), "0")
                self.assertNotEqual(ask("uatrust trust --yes --admin-socket " + CLIENT + " /stranger.der >&2"), "0")
                self.assertEqual(ask("test ! -e " + os.path.dirname(ADMIN)), "0")
                self.assertNotEqual(ask("touch " + os.path.dirname(CLIENT) + "/page >&2") if options else "1", "0")
                self.assertEqual(sorted(os.walk(STORE)), before)

    # The end

    @staticmethod
    def listing():
        return {str(path.relative_to(STORE)) for path in STORE.rglob("*") if path.is_file()}

    def test_18_purge_leaves_the_trust_lists_alone(self):
        trust = {path for path in self.listing() if path.split("/")[0] in ("trusted", "issuers", "blocked")}
        self.assertGreaterEqual(len(trust), 4)
        run("dpkg", "--purge", *debs.packages(), env=QUIET)
        self.assertEqual(self.listing(), trust)
        for gone in ("/etc/uatrust", "/run/uatrust", "/usr/sbin/uatrustd", "/run/varlink/registry/org.uatrust.agent1",
                     "/run/varlink/registry/org.uatrust.admin1"):
            self.assertFalse(os.path.lexists(gone), gone)
        for unit in UNITS:
            self.assertEqual(show(unit, "LoadState"), "not-found")
        self.assertNotEqual(run("pgrep", "-x", "uatrustd", check=False).returncode, 0)

    def test_19_it_takes_its_lists_up_again(self):
        install()
        self.assertEqual(self.judge("pump.der"), 0)

    def test_20_purge_leaves_no_empty_folder(self):
        for path in self.listing():
            (STORE / path).unlink()
        run("dpkg", "--purge", *debs.packages(), env=QUIET)
        self.assertFalse(STORE.parent.exists())


def inside():
    case = {"install": Installed, "use": Host}[machine.phase()]
    is_well = machine.run_tests(case)
    if not is_well:
        print(run("journalctl", "--no-pager", "--unit=uatrustd*", "--unit=dbus.service", check=False).stdout[-8000:])
    return is_well


if __name__ == "__main__":
    machine.main(__file__, debs.packages, inside, "install", "use")
