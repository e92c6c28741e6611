#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the Debian packages hold: each file in the package and place where it belongs, hardened programs, and maintainer
scripts that leave the sockets open."""

import pathlib
import re
import subprocess
import unittest

import debs
import uatrust

MULTIARCH = "usr/lib/[^/]+"
UNITS = "(usr/)?lib/systemd/system"  # in /usr from Debian 13 on

# Which package has what; a pattern is of the whole path.
PLACES = {
    "uatrust": ["etc/uatrust/uatrustd.conf", f"{UNITS}/uatrustd.service",
                f"{UNITS}/uatrustd.socket", f"{UNITS}/uatrustd-admin.socket", "usr/bin/uatrust",
                "usr/libexec/uatrust/uatrust-own",
                "usr/lib/systemd/catalog/uatrust.catalog", "usr/lib/sysusers.d/uatrust.conf",
                "usr/lib/tmpfiles.d/uatrust.conf", "usr/sbin/uatrustd",
                "usr/share/dbus-1/interfaces/org.uatrust.Agent1.xml",
                "usr/share/dbus-1/system-services/org.uatrust.Agent1.service",
                "usr/share/dbus-1/system.d/org.uatrust.Agent1.conf",
                "usr/share/doc/uatrust/examples/50-uatrust-admin.rules.example",
                "usr/share/man/man1/uatrust.1.gz", "usr/share/man/man5/uatrustd.conf.5.gz",
                "usr/share/man/man8/uatrustd.8.gz", "usr/share/polkit-1/actions/org.uatrust.agent1.policy",
                "usr/share/bash-completion/completions/uatrust", "usr/share/zsh/vendor-completions/_uatrust",
                "usr/share/fish/vendor_completions.d/uatrust.fish",
                "usr/share/uatrust/org.uatrust.agent1.varlink", "usr/share/uatrust/org.uatrust.admin1.varlink"],
    "libuatrust1": [f"{MULTIARCH}/libuatrust.so.1", f"{MULTIARCH}/libuatrust.so.1.0.0"],
    "libuatrust-dev": ["usr/include/uatrust/uatrust.h", "usr/include/uatrust/admin.h", f"{MULTIARCH}/libuatrust.so",
                       f"{MULTIARCH}/pkgconfig/libuatrust.pc", f"{MULTIARCH}/cmake/uatrust/uatrust-config.cmake",
                       "usr/share/uatrust/node/package.json", "usr/share/uatrust/node/src/node-opcua/server.js",
                       "usr/share/uatrust/open62541/uatrust_open62541.c", "usr/share/uatrust/open62541/uatrust_open62541.h"],
}

# Where packages may put anything at all.
ROOTS = {
    "uatrust": ["etc/uatrust/", f"{UNITS}/", "usr/bin/", "usr/sbin/", "usr/libexec/uatrust/",
                "usr/lib/(systemd/catalog|sysusers.d|tmpfiles.d)/", "usr/share/man/man[1578]/",
                "usr/share/(bash-completion|dbus-1|doc/uatrust|fish|polkit-1|zsh)/", "usr/share/uatrust/[^/]+$"],
    "libuatrust1": [f"{MULTIARCH}/libuatrust.so.1", "usr/share/doc/libuatrust1/"],
    "libuatrust-dev": ["usr/include/uatrust/", f"{MULTIARCH}/(cmake/uatrust|pkgconfig)/", f"{MULTIARCH}/libuatrust.so",
                       "usr/share/doc/libuatrust-dev/", "usr/share/man/man3/", "usr/share/uatrust/(node|open62541)/"],
}


def run(*command):
    return subprocess.run([*map(str, command)], check=True, capture_output=True, text=True).stdout


class Content(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.packages = debs.packages()
        cls.root = uatrust.folder_for(cls)
        cls.entries = {}
        for name, file in cls.packages.items():
            run("dpkg-deb", "--raw-extract", file, cls.root / name)
            lines = [line.split(maxsplit=5) for line in run("dpkg-deb", "--contents", file).splitlines()]
            cls.entries[name] = [(mode, owner, path.partition(" -> ")[0].removeprefix("./"))
                                 for mode, owner, *_, path in lines]

    def files(self, package):
        return [path for mode, _, path in self.entries[package] if not mode.startswith("d")]

    def test_each_file_is_in_its_package(self):
        for package, patterns in PLACES.items():
            for pattern in patterns:
                with self.subTest(package=package, file=pattern):
                    self.assertTrue(any(re.fullmatch(pattern, path) for path in self.files(package)))

    def test_nothing_lies_elsewhere(self):
        for package, roots in ROOTS.items():
            stray = [path for path in self.files(package) if not any(re.match(root, path) for root in roots)]
            self.assertEqual(stray, [], package)

    def test_all_is_roots_and_gives_nobody_more_rights(self):
        for package, entries in self.entries.items():
            for mode, owner, path in entries:
                with self.subTest(package=package, path=path):
                    self.assertEqual(owner, "root/root")
                    self.assertIn(mode, ("drwxr-xr-x", "-rw-r--r--", "-rwxr-xr-x", "lrwxrwxrwx"))

    def test_the_configuration_is_the_administrators(self):
        conffiles = (self.root / "uatrust/DEBIAN/conffiles").read_text().split()
        self.assertEqual(conffiles, ["/etc/uatrust/uatrustd.conf"])
        self.assertIn("etc/uatrust/uatrustd.conf.d/", [path for *_, path in self.entries["uatrust"]])

    def test_programs_are_hardened_and_find_their_library(self):
        seen = 0
        for package in PLACES:
            for path in filter(pathlib.Path.is_file, (self.root / package).rglob("*")):
                if path.is_symlink() or path.read_bytes()[:4] != b"\x7fELF":
                    continue
                with self.subTest(path=path):
                    said = run("readelf", "--file-header", "--program-headers", "--dynamic", "--wide", path)
                    self.assertRegex(said, r"Type:\s+DYN")
                    self.assertRegex(said, r"FLAGS.*NOW")
                    self.assertIn("GNU_RELRO", said)
                    self.assertNotRegex(said, r"GNU_STACK.* RWE")
                    self.assertNotRegex(said, r"\((RPATH|RUNPATH)\)")
                seen += 1
        self.assertGreaterEqual(seen, 4)

    def test_the_library_has_its_soname(self):
        library, = (self.root / "libuatrust1").rglob("libuatrust.so.1.*")
        self.assertIn("Library soname: [libuatrust.so.1]", run("readelf", "--dynamic", library))

    def test_an_upgrade_restarts_the_agent_and_never_a_socket(self):
        script = (self.root / "uatrust/DEBIAN/postinst").read_text()
        actions = dict.fromkeys(re.findall(r"deb-systemd-invoke (\S+) (.*) >", script))
        self.assertIn(("$_dh_action", "'uatrustd.service'"), actions)
        self.assertIn(("start", "'uatrustd-admin.socket' 'uatrustd.socket'"), actions)
        self.assertEqual([units for action, units in actions if "socket" in units and action != "start"], [])
        self.assertFalse((self.root / "uatrust/DEBIAN/preinst").exists())

    def test_users_and_folders_are_there_before_the_agent_starts(self):
        script = (self.root / "uatrust/DEBIAN/postinst").read_text()
        steps = [script.index(step) for step in ("systemd-sysusers", "systemd-tmpfiles", "deb-systemd-invoke")]
        self.assertEqual(steps, sorted(steps))

    def test_on_removal_the_sockets_close_first(self):
        script = (self.root / "uatrust/DEBIAN/prerm").read_text()
        self.assertLess(script.index("uatrustd.socket"), script.index("uatrustd.service"))

    def test_all_three_units_run_from_boot(self):
        script = (self.root / "uatrust/DEBIAN/postinst").read_text()
        for unit in ("uatrustd.service", "uatrustd.socket", "uatrustd-admin.socket"):
            self.assertIn(f"deb-systemd-helper enable '{unit}'", script)

    def test_the_timer_of_the_figures_is_the_administrators(self):
        postinst, prerm = ((self.root / "uatrust/DEBIAN" / name).read_text() for name in ("postinst", "prerm"))
        unit = "'uatrust-metrics.timer'"
        self.assertIn(f"deb-systemd-helper debian-installed {unit}", postinst)  # enabled again only if it was
        self.assertNotIn(f"was-enabled {unit}; then\n\t\t# Enables the unit on first", postinst)
        self.assertIn(f"stop {unit}", prerm)

    def test_versions_agree(self):
        text = (uatrust.SOURCE / "CMakeLists.txt").read_text()
        version = re.search(r"project\(uatrust VERSION (\S+)", text).group(1)
        self.assertEqual(run("dpkg-deb", "--field", self.packages["uatrust"], "Version").strip(), version)


class Purge(unittest.TestCase):
    """What the script that ends all leaves, on a folder in place of the host."""

    STORE = "var/lib/uatrust/default"

    def setUp(self):
        self.root = uatrust.folder_for(self)
        for name in ("trusted/certs", "trusted/crl", "issuers/certs", "rejected/certs", "blocked"):
            (self.root / self.STORE / name).mkdir(parents=True)
        self.write("etc/uatrust/uatrustd.conf.d/mine.conf", "run/uatrust/client/page", "var/lib/uatrust/newest-crl",
                   f"{self.STORE}/.uatrust-lock", f"{self.STORE}/rejected/certs/somebody.der")

    def write(self, *names):
        for name in names:
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            (self.root / name).touch()

    def left(self, action="purge"):
        script = uatrust.SOURCE / "packaging/debian/uatrust.postrm"
        subprocess.run(["sh", script, action], check=True, env={"PATH": "/usr/bin:/bin", "DPKG_ROOT": str(self.root)})
        return sorted(str(path.relative_to(self.root)) for path in self.root.rglob("*") if not path.is_dir())

    def test_nothing_is_left_of_an_agent_that_trusted_nobody(self):
        self.assertEqual(self.left(), [])
        self.assertFalse((self.root / "var/lib/uatrust").exists())

    def test_what_the_administrator_decided_is_left(self):
        decided = [f"{self.STORE}/{name}" for name in ("blocked/x.json", "own/certs/me.der", "own/private/me.pem",
                                                       "trusted/certs/ca.der", "trusted/rejected/odd.der")]
        self.write(*decided)
        self.assertEqual(self.left(), decided)
        self.assertFalse((self.root / self.STORE / "rejected").exists())

    def test_no_link_leads_the_purge_out(self):
        self.write("elsewhere/rejected/theirs")
        (self.root / "var/lib/uatrust/other").symlink_to(self.root / "elsewhere")
        (self.root / self.STORE / "rejected/out").symlink_to(self.root / "elsewhere/rejected")
        self.assertIn("elsewhere/rejected/theirs", self.left())

    def test_removal_alone_leaves_all(self):
        self.assertEqual(len(self.left("remove")), 5)


if __name__ == "__main__":
    uatrust.main()
