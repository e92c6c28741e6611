#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Who may what: several users on a bus of the kind "system" with the policy file in force, with polkit, with one that
is not as it should be, and without; and callers at the sockets who are not who they say."""

import array
import json
import os
import pathlib
import shutil
import socket
import struct
import subprocess
import sys
import textwrap
import unittest

import plant
import uatrust

ADMIN = ("/org/uatrust/Agent1", "org.uatrust.Agent1.Admin")
MANAGER = ("/org/uatrust/Agent1", "org.uatrust.Agent1.Manager")
POLICY = uatrust.SOURCE / "packaging/dbus/org.uatrust.Agent1.conf"
ACTIONS = uatrust.SOURCE / "packaging/polkit/org.uatrust.agent1.policy"
POLKITD = pathlib.Path("/usr/lib/polkit-1/polkitd")

ROOT, WRITER, CLERK, NOBODY = 0, 1, 2, uatrust.NOBODY  # in /etc/passwd: root, daemon, bin, nobody
AGENTS_NAME, AGENT = "games", 5  # in place of uatrust, who need not be there

CONFIG = """
[Store default]
Path={folder}/store
[Store own]
Path={folder}/own
Writers=daemon
[Store bound]
Path={folder}/store
Readers=daemon unit:uatrust-test.service
"""

# As /usr/share/dbus-1/system.conf has it, and what polkit adds.
BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
    "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path={socket}</listen><auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/><deny own="*"/><deny send_type="method_call"/><allow send_type="signal"/>
    <allow send_requested_reply="true" send_type="method_return"/>
    <allow send_requested_reply="true" send_type="error"/>
    <allow receive_type="method_call"/><allow receive_type="method_return"/><allow receive_type="error"/>
    <allow receive_type="signal"/><allow send_destination="org.freedesktop.DBus"/>
    <allow send_destination="org.freedesktop.PolicyKit1"/>
  </policy>
  <policy user="root"><allow own="org.freedesktop.PolicyKit1"/></policy>
  <policy user="polkitd"><allow own="org.freedesktop.PolicyKit1"/></policy>
  <include>{policy}</include>
</busconfig>"""

RULES = """
polkit.addRule(function (action, subject) {
    if (action.id === "org.uatrust.agent1.block" && subject.user === "bin")
        return polkit.Result.YES;
});
"""


class SystemBus(uatrust.Bus):
    """With our policy; the user of the agent that it names, who need not be there, is another."""

    def __init__(self, folder):
        policy = pathlib.Path(folder, "policy.conf")
        policy.write_text(POLICY.read_text().replace('user="uatrust"', f'user="{AGENTS_NAME}"'))
        self.CONFIG = BUS.replace("{policy}", str(policy)).replace("<type>system</type>", "<type>{type}</type>")
        super().__init__(folder, "system")

    def command(self, method, *arguments, at=ADMIN, interactive=False):
        return ["busctl", f"--address={self.address}", "--json=short", "--timeout=20",
                f"--allow-interactive-authorization={'yes' if interactive else 'no'}",
                "call", "org.uatrust.Agent1", *at, method, *map(str, arguments)]

    def call_as(self, uid, method, *arguments, **more):
        """The error that a user gets, in one word; "" for a reply."""
        done = subprocess.run(self.command(method, *arguments, **more), capture_output=True, text=True, user=uid,
                              group=uid, extra_groups=[])
        self.output = done.stdout
        return "denied" if "denied" in done.stderr else done.stderr.strip()

    def may_as(self, uid, method, store=None, **more):
        options = ("a{sv}", 1, "store", "s", store) if store else ("a{sv}", 0)
        return self.call_as(uid, method, *options, **more) != "denied"


class OnTheBus(unittest.TestCase):
    def setUp(self):
        uatrust.need("busctl")
        self.folder = uatrust.folder_for(self)
        self.folder.chmod(0o755)
        self.files = plant.make()
        plant.fill(self.folder / "store", self.files)
        plant.fill(self.folder / "own", self.files)
        self.config = self.folder / "uatrustd.conf"
        self.config.write_text(CONFIG.format(folder=self.folder))
        self.bus = SystemBus(self.folder)
        self.addCleanup(self.bus.stop)

    def start_agent(self, **process):
        self.agent = uatrust.Agent(self.folder, "--config", self.config, f"--bus={self.bus.address}", **process)
        self.addCleanup(self.agent.stop)
        uatrust.eventually(lambda: self.bus.call_as(ROOT, "ListStores", "a{sv}", 0, at=MANAGER) == "",
                           "the agent is on the bus")

    def start_authority(self, answer):
        log = self.folder / "authority.log"
        with open(log, "wb") as out:
            process = uatrust.start([uatrust.BUILD / "tests/authority", self.bus.address, answer], stdout=out)
        self.addCleanup(uatrust.stop, process)
        uatrust.eventually(lambda: "ready" in log.read_text(), "the authority is there")
        return lambda: log.read_text().split("\n")[1:-1]

    def start_polkit(self):
        """The host's own polkitd on our bus, with our actions and our rules in place of the host's."""
        if not POLKITD.exists():
            uatrust.skip("no polkitd")
        if subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode:
            uatrust.skip("may not mount")
        rules = self.folder / "rules"
        actions = self.folder / "actions"
        rules.mkdir()
        actions.mkdir()
        (rules / "10-test.rules").write_text(RULES)
        text = ACTIONS.read_text().replace("unix-user:uatrust", f"unix-user:{AGENTS_NAME}")
        (actions / ACTIONS.name).write_text(text)
        script = ('mount --bind "$1" /usr/share/polkit-1/actions && mount --bind "$2" /etc/polkit-1/rules.d && '
                  'exec "$3" --no-debug')
        process = uatrust.start(["unshare", "-m", "sh", "-c", script, "sh", actions, rules, POLKITD],
                                env={**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": self.bus.address},
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(uatrust.stop, process)
        command = ["busctl", f"--address={self.bus.address}", "status", "org.freedesktop.PolicyKit1"]
        uatrust.eventually(lambda: subprocess.run(command, capture_output=True).returncode == 0, "polkitd is there")

    def expect(self, rows):
        for uid, method, store, may in rows:
            with self.subTest(uid=uid, method=method, store=store):
                self.assertEqual(self.bus.may_as(uid, method, store), may)

    def test_the_name_is_the_agents_alone(self):
        command = ["busctl", f"--address={self.bus.address}", "call", "org.freedesktop.DBus", "/org/freedesktop/DBus",
                   "org.freedesktop.DBus", "RequestName", "su", "org.uatrust.Agent1", "0"]
        done = subprocess.run(command, capture_output=True, text=True, user=NOBODY, group=NOBODY, extra_groups=[])
        self.assertIn("denied", done.stderr)
        self.start_agent()

    def test_without_polkit_root_and_writers_change(self):
        self.start_agent()
        self.expect([(ROOT, "Reload", None, True), (ROOT, "Block", "default", True), (ROOT, "Block", "own", True),
                     (WRITER, "Block", "own", True), (WRITER, "Block", "default", False), (WRITER, "Block", None, False),
                     (WRITER, "Reload", None, False), (WRITER, "UpdateTrustList", "bound", False),
                     (NOBODY, "Block", "own", False), (NOBODY, "Block", "default", False),
                     (NOBODY, "Reload", None, False)])

    def test_polkit_decides_for_the_others(self):
        self.start_polkit()
        self.start_agent()
        self.expect([(CLERK, "Block", "default", True), (CLERK, "Block", "own", True), (CLERK, "Unblock", None, True),
                     (CLERK, "Reload", None, False), (CLERK, "UpdateTrustList", "default", False),
                     (NOBODY, "Block", "default", False), (NOBODY, "Reload", None, False),
                     (WRITER, "Block", "own", True), (WRITER, "Block", "default", False),
                     (ROOT, "Reload", None, True)])

    def test_polkit_answers_an_agent_that_is_not_root(self):
        uatrust.as_nobody()  # skips where others may not run the agent
        self.start_polkit()
        subprocess.run(["chown", "-R", f"{AGENT}:{AGENT}", self.folder], check=True)
        self.start_agent(user=AGENT, group=AGENT, extra_groups=[])
        self.expect([(CLERK, "Block", "default", True), (CLERK, "Reload", None, False),
                     (NOBODY, "Block", "default", False), (ROOT, "Reload", None, True)])

    def test_only_a_plain_yes_is_one(self):
        for answer in ("yes", "no", "challenge", "fail", "nonsense"):
            with self.subTest(answer):
                self.setUp()
                self.start_authority(answer)
                self.start_agent()
                self.assertEqual(self.bus.may_as(NOBODY, "Reload"), answer == "yes")
                self.doCleanups()

    def test_people_are_asked_only_if_the_call_allows_it(self):
        heard = self.start_authority("no")
        self.start_agent()
        self.bus.may_as(NOBODY, "Reload")
        self.bus.may_as(NOBODY, "Block", interactive=True)
        self.bus.may_as(NOBODY, "UpdateTrustList")
        self.bus.may_as(ROOT, "UpdateTrustList")
        self.assertEqual(heard(), ["check system-bus-name name org.uatrust.agent1.reload 0",
                                   "check system-bus-name name org.uatrust.agent1.block 1",
                                   "check system-bus-name name org.uatrust.agent1.update-trust-list 0"])

    def test_a_question_ends_with_the_caller_and_holds_nobody_up(self):
        heard = self.start_authority("silence")
        self.start_agent()
        caller = uatrust.start(self.bus.command("Reload", "a{sv}", 0, interactive=True), stderr=subprocess.DEVNULL,
                               user=NOBODY, group=NOBODY, extra_groups=[])
        self.addCleanup(uatrust.stop, caller)
        uatrust.eventually(lambda: len(heard()) == 1, "the authority is asked")
        self.assertEqual(self.bus.call_as(NOBODY, "ListStores", "a{sv}", 0, at=MANAGER), "")
        caller.kill()
        uatrust.eventually(lambda: heard()[1:] == ["cancel"], "the question is taken back")

    def test_so_many_questions_and_no_more(self):
        heard = self.start_authority("silence")
        self.start_agent()
        command = self.bus.command("Reload", "a{sv}", 0, interactive=True)
        for _ in range(16):
            self.addCleanup(uatrust.stop, uatrust.start(command, stderr=subprocess.DEVNULL, user=NOBODY, group=NOBODY,
                                                        extra_groups=[]))
        uatrust.eventually(lambda: len(heard()) == 16, "16 questions are asked")
        self.assertIn("16 questions to polkit a user", self.bus.call_as(NOBODY, "Reload", "a{sv}", 0))
        self.assertTrue(self.bus.may_as(ROOT, "Reload"))

    def is_trusted(self, store):
        return self.agent.validate(self.files["stranger.der"], store=store)["trusted"]

    def test_a_server_changes_its_own_trust_list_and_no_other(self):
        self.start_agent()
        der = self.files["stranger.der"]
        add = ("AddCertificate", "aya{sv}", len(der), *der, 1, "store", "s")
        self.assertFalse(self.is_trusted("own"))
        for uid, store in ((NOBODY, "own"), (WRITER, "default"), (CLERK, "own")):
            self.assertEqual(self.bus.call_as(uid, *add, store), "denied")
        self.assertEqual(self.bus.call_as(WRITER, *add, "own"), "")
        self.assertTrue(self.is_trusted("own"))
        self.assertFalse(self.is_trusted("default"))

    def test_an_update_in_parts_is_its_beginners(self):
        self.start_agent()
        begin = ("BeginUpdate", "asa{sv}", 1, "trustedCertificates", 1, "store", "s")
        self.assertEqual(self.bus.call_as(WRITER, *begin, "default"), "denied")
        self.assertEqual(self.bus.call_as(WRITER, *begin, "own"), "")
        update = json.loads(self.bus.output)["data"][0]
        der = self.files["stranger.der"]
        for uid in (NOBODY, CLERK):
            self.assertEqual(self.bus.call_as(uid, "ApplyUpdate", "sa{sv}", update, 0), "denied")
        self.assertNotEqual(self.bus.call_as(ROOT, "ApplyUpdate", "sa{sv}", update, 0), "")
        add = ("AddToUpdate", "ssaya{sv}", update, "trustedCertificates", len(der), *der, 0)
        self.assertEqual(self.bus.call_as(WRITER, *add), "")
        self.assertEqual(self.bus.call_as(WRITER, "ApplyUpdate", "sa{sv}", update, 0), "")
        self.assertTrue(self.is_trusted("own"))
        self.assertFalse(self.is_trusted("default"))

    def stores_seen_by(self, uid):
        self.assertEqual(self.bus.call_as(uid, "ListStores", "a{sv}", 0, at=MANAGER), "")
        return [store[0] for store in json.loads(self.bus.output)["data"][1]]

    def paths(self):
        command = ["busctl", f"--address={self.bus.address}", "--list", "tree", "org.uatrust.Agent1"]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()

    def test_a_bound_store_is_its_readers_also_after_a_reload(self):
        self.start_agent()
        certificates = ("a{sv}", 1, "store", "s", "bound")
        self.assertEqual(self.stores_seen_by(WRITER), ["default", "own", "bound"])
        self.assertEqual(self.stores_seen_by(NOBODY), ["default", "own"])
        self.assertEqual(self.bus.call_as(WRITER, "ListCertificates", *certificates, at=MANAGER), "")
        self.assertEqual(self.bus.call_as(NOBODY, "ListCertificates", *certificates, at=MANAGER), "denied")
        self.assertIn("/org/uatrust/Agent1/store/own", self.paths())
        self.assertNotIn("/org/uatrust/Agent1/store/bound", self.paths())

        text = self.config.read_text()
        self.config.write_text(text.replace("Readers=daemon unit:uatrust-test.service", "Readers=nobody").replace("Writers=", "Readers="))
        self.assertEqual(self.bus.call_as(ROOT, "Reload", "a{sv}", 0), "")
        self.assertEqual(self.stores_seen_by(WRITER), ["default", "own"])
        self.assertEqual(self.stores_seen_by(NOBODY), ["default", "bound"])
        uatrust.eventually(lambda: "/org/uatrust/Agent1/store/own" not in self.paths(), "its object goes")
        self.assertIn("/org/uatrust/Agent1/store/default", self.paths())

        self.config.write_text(text.replace("Readers=daemon unit:uatrust-test.service", ""))
        self.assertEqual(self.bus.call_as(ROOT, "Reload", "a{sv}", 0), "")
        uatrust.eventually(lambda: "/org/uatrust/Agent1/store/bound" in self.paths(), "its object comes")

    def test_a_reload_names_what_is_wrong_and_where(self):
        self.start_agent()
        self.config.write_text(CONFIG.format(folder=self.folder) + "Writers=no-such-user\n")
        self.assertIn(f'{self.config}:10: Writers=: there is no user "no-such-user"',
                      self.bus.call_as(ROOT, "Reload", "a{sv}", 0))
        self.assertEqual(self.stores_seen_by(WRITER), ["default", "own", "bound"])


class AtTheSockets(unittest.TestCase):
    def setUp(self):
        self.folder = uatrust.folder_for(self)
        self.folder.chmod(0o755)
        files = plant.make()
        plant.fill(self.folder / "store", files)
        plant.fill(self.folder / "own", files)
        config = self.folder / "uatrustd.conf"
        config.write_text(CONFIG.format(folder=self.folder))
        self.admin = str(self.folder / "admin")
        self.agent = uatrust.Agent(self.folder, "--config", config, "--admin-socket", self.admin)
        self.addCleanup(self.agent.stop)

    def connect_as(self, uid, path):
        os.seteuid(uid)
        try:
            return uatrust.Varlink(path)
        finally:
            os.seteuid(0)

    def error_of(self, connection, method, parameters=None):
        try:
            connection.call(method, parameters)
        except uatrust.VarlinkError as error:
            return error.name.rpartition(".")[2]
        return None

    def test_the_client_socket_knows_of_no_change_for_anybody(self):
        for uid in (ROOT, WRITER, NOBODY):
            with self.connect_as(uid, self.agent.socket) as client:
                self.assertEqual(self.error_of(client, "org.uatrust.admin1.Reload"), "InterfaceNotFound")
                self.assertEqual(self.error_of(client, "org.uatrust.admin1.Block", {"store": "own"}), "InterfaceNotFound")
                self.assertEqual(client.call("org.varlink.service.GetInfo")["interfaces"],
                                 ["org.varlink.service", "org.uatrust.agent1"])

    def test_the_admin_socket_is_closed_to_others(self):
        with self.assertRaises(PermissionError):
            self.connect_as(WRITER, self.admin)
        with self.connect_as(ROOT, self.admin) as admin:
            self.assertIsNone(self.error_of(admin, "org.uatrust.admin1.Reload"))
            self.assertEqual(admin.call("org.varlink.service.GetInfo")["interfaces"],
                             ["org.varlink.service", "org.uatrust.agent1", "org.uatrust.admin1"])
            names = [store["name"] for store in admin.call("org.uatrust.agent1.ListStores")["stores"]]
            self.assertEqual(names, ["default", "own", "bound"])

    def test_roots_number_opens_no_bound_store(self):
        """The root of a container with the client folder mounted has number 0, too."""
        for uid, error in ((ROOT, "PermissionDenied"), (NOBODY, "PermissionDenied"), (WRITER, None)):
            with self.connect_as(uid, self.agent.socket) as client:
                self.assertEqual(self.error_of(client, "org.uatrust.agent1.ListCertificates", {"store": "bound"}), error)

    def move_into(self, name):
        """How a child begins its life in a control group of its own; skips where nobody may make one."""
        for root in ("/sys/fs/cgroup/systemd", "/sys/fs/cgroup"):
            folder = pathlib.Path(root, name)
            try:
                folder.mkdir()
            except OSError:
                continue
            self.addCleanup(lambda: uatrust.eventually(lambda: folder.rmdir() is None, "the control group ends"))
            if (folder / "cgroup.procs").exists():
                return lambda: (folder / "cgroup.procs").write_text("0")
        uatrust.skip("may make no control group here")

    def test_a_unit_is_told_by_its_control_group(self):
        script = textwrap.dedent("""
            import sys, uatrust
            with uatrust.Varlink(sys.argv[1]) as client:
                try:
                    client.call("org.uatrust.agent1.ListCertificates", {"store": "bound"})
                    print("may")
                except uatrust.VarlinkError as error:
                    print(error.name)
            """)
        for unit, said in (("uatrust-test.service", "may"), ("uatrust-other.service", "PermissionDenied")):
            done = subprocess.run([sys.executable, "-B", "-c", script, self.agent.socket], capture_output=True,
                                  text=True, preexec_fn=self.move_into(unit))
            self.assertEqual(done.stdout.strip().rpartition(".")[2], said, done.stderr)

    def test_the_root_of_a_user_namespace_changes_and_opens_nothing(self):
        script = textwrap.dedent("""
            import os, sys, uatrust
            assert os.geteuid() == 0
            with uatrust.Varlink(sys.argv[1]) as client:
                for method, store in (("admin1.Reload", None), ("agent1.ListCertificates", "bound")):
                    try:
                        client.call("org.uatrust." + method, {"store": store} if store else {})
                    except uatrust.VarlinkError as error:
                        print(error.name)
            try:
                uatrust.Varlink(sys.argv[2])
            except PermissionError:
                print("closed")
            """)
        folder = self.folder / "scripts"
        folder.mkdir()
        shutil.copy(uatrust.__file__, folder)
        python = shutil.which("python3", path="/usr/bin:/bin") or sys.executable
        command = ["unshare", "-Ur", python, "-B", "-c", script, self.agent.socket, self.admin]
        done = subprocess.run(command, capture_output=True, text=True, user=NOBODY, group=NOBODY, extra_groups=[],
                              env={**os.environ, "PYTHONPATH": str(folder)}, cwd="/")
        if "unshare" in done.stderr:
            uatrust.skip("nobody may make a user namespace")
        self.assertEqual(done.stdout.split(), ["org.varlink.service.InterfaceNotFound",
                                               "org.varlink.service.PermissionDenied", "closed"], done.stderr)

    def test_what_a_caller_says_of_itself_is_not_heard(self):
        lies = [{"parameters": {"store": "bound"}, "uid": WRITER},
                {"parameters": {"store": "bound"}, "caller": {"uid": WRITER, "door": "admin"}},
                {"parameters": {"store": "bound", "uid": WRITER}},
                {"parameters": {"store": "bound"}, "is_authorized": True}]
        with self.connect_as(NOBODY, self.agent.socket) as client:
            for lie in lies:
                with self.subTest(lie):
                    client.send(json.dumps({"method": "org.uatrust.agent1.ListCertificates", **lie}).encode() + b"\0")
                    with self.assertRaises(uatrust.VarlinkError):
                        client.receive_reply()

    def test_the_credentials_of_another_are_not_taken(self):
        """A privileged helper may put any credentials beside a message: the connection stays its maker's."""
        call = json.dumps({"method": "org.uatrust.agent1.ListCertificates", "parameters": {"store": "bound"}}).encode()
        credentials = struct.pack("3i", os.getpid(), WRITER, WRITER)
        with self.connect_as(NOBODY, self.agent.socket) as client, open("/dev/null", "rb") as file:
            client.socket.sendmsg([call + b"\0"], [(socket.SOL_SOCKET, socket.SCM_CREDENTIALS, credentials)])
            with self.assertRaises(uatrust.VarlinkError) as raised:
                client.receive_reply()
            self.assertEqual(raised.exception.name, "org.varlink.service.PermissionDenied")
            client.socket.sendmsg([call + b"\0"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS,
                                                    array.array("i", [file.fileno()] * 64))])
            with self.assertRaises(uatrust.VarlinkError) as raised:
                client.receive_reply()
            self.assertEqual(raised.exception.name, "org.varlink.service.PermissionDenied")
        held = [os.readlink(f"/proc/{self.agent.process.pid}/fd/{fd}")
                for fd in os.listdir(f"/proc/{self.agent.process.pid}/fd")]
        self.assertLess(held.count("/dev/null"), 4)


if __name__ == "__main__":
    uatrust.need_root("be several users")
    uatrust.main()
