# SPDX-License-Identifier: Apache-2.0
"""Real OPC UA sessions, SignAndEncrypt, of servers and clients that ask a real agent whom to trust: what holds whichever
stack they are on.

Prints how long it took from the rename of a CRL to the end of the session it revokes.
"""

import hashlib
import json
import signal
import time

import plant
import tool
import uatrust
from application import Application, OrderFailed, free_port

START_S = 120  # node reads 60 MB of JavaScript, which takes long on a busy machine


def authority(name, key, issuer=""):
    return f"""
[cert {name}]
ca = yes
subject = CN={name.title()} CA
key = rsa2048-{key}
{issuer and f"issuer = {issuer}"}
[crl {name}]
issuer = {name}
{{times}}
"""


def leaf(name, key, issuer):
    """And a CRL that lists it."""
    return f"""
[cert {name}]
subject = CN={name.title()}
key = rsa2048-{key}
issuer = {issuer}
san = URI:urn:example.com:uatrust:{name},DNS:localhost
[crl {name}-revoked]
issuer = {issuer}
number = 02
{{times}}
entry = {name} 1
"""


# Servers and clients have certificates of two CAs that complete chains and trust nobody; users have those of a third. Of
# the CA between Works and the robot the store has no certificate: the robot brings it along.
SPEC = "".join((
    authority("makers", 1), leaf("press", 3, "makers"), leaf("mill", 4, "makers"),
    authority("works", 2), leaf("panel", 5, "works"), authority("line", 4, "works"), leaf("robot", 5, "line"),
    authority("people", 6), leaf("alice", 7, "people"))) + """
[cert mallory]
subject = CN=Mallory
key = rsa2048-8
[crl works-stale]
issuer = works
number = 03
this_update_s = {last_week}
next_update_s = {yesterday}
"""


class Sessions:
    """Two servers, press and mill, and one who connects to them, panel; users come from a store of their own.

    For a TestCase, which says by prepare() on which stacks (stacks.py).
    """

    NO_CHANNEL = "BadSecurityChecksFailed"  # what a client is told that a server lets no channel open

    AUTHORITIES = {"makers": "store/issuers", "works": "store/issuers", "people": "people/trusted"}

    @classmethod
    def setUpClass(cls):
        cls.server_stack, cls.client_stack = cls.prepare()
        cls.folder = uatrust.folder_for(cls)
        cls.files = plant.mint(SPEC)
        for name, data in cls.files.items():
            (cls.folder / name).write_bytes(data)
        (cls.folder / "uatrustd.conf").write_text(
            f"[Store default]\nPath={cls.folder}/store\n[Store user]\nPath={cls.folder}/people\n")
        for ca, folder in cls.AUTHORITIES.items():
            uatrust.replace(cls.folder / folder / f"certs/{ca}.der", cls.files[f"{ca}.der"])
            cls.put_crl(ca, ca)
        for name in ("press", "mill", "panel"):
            cls.trust(name)
        cls.start_agent()
        cls.addClassCleanup(lambda: cls.agent.stop())
        cls.tool = tool.Tool(cls.folder, cls.agent)

        cls.servers = {}
        for name in ("press", "mill"):
            cls.servers[name] = cls.launch(name, cls.server_stack, cls.server_stack.server, cls.folder / f"{name}.apps",
                                           cls.folder / name, cls.uri(name), str(free_port()))
        cls.client = cls.launch("panel", cls.client_stack, cls.client_stack.client, cls.folder / "panel.apps")
        cls.urls = {name: server.wait("started", limit_s=START_S)["url"] for name, server in cls.servers.items()}
        cls.client.wait("started", limit_s=START_S)

    @classmethod
    def launch(cls, name, stack, command, *arguments):
        application = Application(*command, *arguments, log=cls.folder / f"{name}.log", UATRUST_SOCKET=cls.agent.socket,
                                  UATRUST_LIMIT_MS="2000", **stack.environment)
        cls.addClassCleanup(application.stop)
        return application

    @staticmethod
    def uri(name):
        return f"urn:example.com:uatrust:{name}"

    @classmethod
    def start_agent(cls):
        cls.agent = uatrust.Agent(cls.folder, "--config", cls.folder / "uatrustd.conf", "--admin-socket",
                                  cls.folder / "admin")

    @classmethod
    def trust(cls, name):
        uatrust.replace(cls.folder / f"store/trusted/certs/{name}.der", cls.files[f"{name}.der"])

    @classmethod
    def put_crl(cls, ca, name, file=None):
        """Where that CA is, as the CRL of that file. Returns when, by a clock that all processes have."""
        ns = time.monotonic_ns()
        uatrust.replace(cls.folder / cls.AUTHORITIES[ca] / f"crl/{file or ca}.crl", cls.files[f"{name}.crl"])
        return ns

    def setUp(self):
        for ca in self.AUTHORITIES:
            self.put_crl(ca, ca)
        self.trust("panel")
        self.await_status("press", "Good", purpose="server")
        self.await_status("panel", "Good")
        self.await_status("alice", "Good", purpose="user", store="user")
        self.names = []
        self.addCleanup(self.disconnect_all)

    def await_status(self, name, status, **more):
        """By questions about a moment, which leave no record of who asked."""
        der = self.files[f"{name}.der"]
        uatrust.eventually(lambda: self.agent.status(der, at=int(time.time()), **more) == status, f"{name} is {status}")

    def would_fall(self, name):
        """Whose sessions would end if that certificate were removed: subject, address, and application."""
        thumbprint = hashlib.sha256(self.files[f"{name}.der"]).hexdigest()
        with uatrust.Varlink(f"{self.folder}/admin") as admin:
            fallen = admin.call("org.uatrust.admin1.RemoveCertificate",
                                {"thumbprint": thumbprint, "dryRun": True})["update"]["fallen"]
        return sorted((peer["subject"], peer["context"].get("peerAddress"), peer["context"]["application"]) for peer in fallen)

    # -- what the client does

    def connect(self, name, server="press", user=None, **more):
        more = {"url": self.urls[server], "serverUri": self.uri(server), "identity": str(self.folder / "panel"),
                "applicationUri": self.uri("panel"), **more}
        if user:
            more["user"] = str(self.folder / user)
        self.client.order("connect", name=name, **more)
        self.names.append(name)

    def read(self, name):
        return self.client.order("read", name=name)

    def disconnect_all(self):
        """And then nobody is watched any more."""
        for name in self.names:
            self.client.order("disconnect", name=name)
        with self.agent.connect() as connection:
            uatrust.eventually(lambda: connection.call("org.uatrust.agent1.Statistics")["watchedPeers"] == 0,
                               "nobody is watched")

    def expect_refused(self, wire, status, server="press", **more):
        """The client is told @wire, and the server's log says @status; None: that it could not ask."""
        before = len(self.servers[server].events)
        with self.assertRaisesRegex(OrderFailed, wire):
            self.connect("refused", server, **more)
        self.servers[server].wait("refused", before, statusName=status)

    def expect_cut(self, server, since, cause, scope="channel"):
        """A session, with its channel or without, has ended for that cause. Returns the clock at which it had."""
        scope = {"scope": scope} if self.server_stack.tells_scope else {}
        self.servers[server].wait("cut", since, cause=cause, **scope)
        return self.servers[server].wait("session ended", since)["ns"]

    # -- the tests

    def test_first_contact_and_revocation(self):
        (self.folder / "store/trusted/certs/panel.der").unlink()
        self.await_status("panel", "BadCertificateUntrusted")
        self.expect_refused(self.NO_CHANNEL, "BadCertificateUntrusted")

        def rejected():
            rows = json.loads(self.tool.say("rejected", "--json"))["rejected"]
            told = "peerAddress" if self.server_stack.knows_address else "application"
            return [row for row in rows if row["subject"] == "CN=Panel" and (row["context"] or {}).get(told)]
        row = uatrust.eventually(rejected, "panel is shown")[0]
        self.assertEqual(row["statusName"], "BadCertificateUntrusted")
        self.assertEqual(row["context"]["application"], self.uri("press"))
        self.tool.say("trust", row["sha256"], "--yes")

        self.connect("first")
        self.assertTrue(self.read("first"))
        server, client = len(self.servers["press"].events), len(self.client.events)
        start = self.put_crl("works", "panel-revoked")
        end = self.expect_cut("press", server, "revoked")
        print(f"\nfrom the rename of a CRL to the end of the session {(end - start) / 1e6:.1f} ms")
        if self.server_stack.cuts_channels or self.client_stack.checks_sessions:
            noticed = self.client.wait("client ended", client, name="first")["ns"]
            print(f"until the client saw it {(noticed - start) / 1e6:.1f} ms")
        self.expect_refused(self.NO_CHANNEL, "BadCertificateRevoked")

    def test_two_servers_one_store(self):
        since = {name: len(server.events) for name, server in self.servers.items()}
        for name in self.servers:
            self.connect(name, name)
            self.assertTrue(self.read(name))
        address = "127.0.0.1" if self.server_stack.knows_address else None
        expected = [("CN=Panel", address, self.uri(name)) for name in sorted(self.servers)]
        uatrust.eventually(lambda: self.would_fall("panel") == expected, f"an administrator is told of {expected}")
        start = self.put_crl("works", "panel-revoked")
        for name in self.servers:
            end = self.expect_cut(name, since[name], "revoked")
            print(f"\n{name}: session ended after {(end - start) / 1e6:.1f} ms")

    def test_users(self):
        server = self.servers["press"]
        self.expect_refused("BadIdentityTokenRejected", "BadCertificateUntrusted", user="mallory")
        self.connect("user", user="alice")
        self.connect("nobody")
        since = len(server.events)
        self.put_crl("people", "alice-revoked")
        self.expect_cut("press", since, "revoked", scope="session")
        if self.client_stack.makes_sessions_anew:
            self.client.order("touch", name="user")
            server.wait("refused", since, statusName="BadCertificateRevoked")
        self.assertTrue(self.read("nobody"))
        self.expect_refused("BadIdentityTokenRejected", "BadCertificateRevoked", user="alice")

    def test_a_crl_out_of_date_cuts_nobody(self):
        server = self.servers["press"]
        self.connect("lasting")
        since = len(server.events)
        self.put_crl("works", "works-stale")
        self.await_status("panel", "BadCertificateRevocationUnknown")
        self.expect_refused(self.NO_CHANNEL, "BadCertificateRevocationUnknown")
        self.assertTrue(self.read("lasting"))
        self.put_crl("works", "panel-revoked")
        self.expect_cut("press", since, "revoked")
        self.assertEqual({event["cause"] for event in server.events[since:] if event["event"] == "cut"}, {"revoked"})

    def test_an_agent_that_is_killed_cuts_nobody(self):
        server = self.servers["press"]
        self.connect("lasting", renewMs=self.client_stack.renew_ms, trustsAll=self.client_stack.asks_on_renewal)
        since = len(server.events)
        self.agent.process.kill()
        self.agent.process.wait()
        server.wait("lost", since)
        for _ in range(2):
            self.client.wait("renewed", len(self.client.events), name="lasting")
            self.assertTrue(self.read("lasting"))
        with self.assertRaisesRegex(OrderFailed, "BadSecurityChecksFailed"):
            self.connect("refused")
        self.expect_refused(self.NO_CHANNEL, None, trustsAll=True)
        self.assertTrue(self.read("lasting"))
        away, start = len(server.events), time.monotonic_ns()
        self.start_agent()
        end = server.wait("watching", away)["ns"]
        print(f"\nan agent that was started again watched the sessions after {(end - start) / 1e6:.0f} ms")
        self.assertTrue(self.read("lasting"))
        self.assertFalse(server.has("cut", since))
        self.put_crl("works", "panel-revoked")
        self.expect_cut("press", since, "revoked")

    def test_an_agent_that_hangs_cuts_nobody(self):
        server = self.servers["press"]
        self.connect("lasting")
        since = len(server.events)
        self.agent.process.send_signal(signal.SIGSTOP)
        try:
            self.put_crl("works", "panel-revoked")
            time.sleep(self.server_stack.held_s)
            self.expect_refused(self.NO_CHANNEL, None, trustsAll=True)
            self.assertTrue(self.read("lasting"))
            self.assertFalse(server.has("cut", since))
        finally:
            self.agent.process.send_signal(signal.SIGCONT)
        self.expect_cut("press", since, "revoked")

    def test_a_client_looks_at_its_server(self):
        rows = (("BadCertificateHostNameInvalid", {"url": self.urls["press"].replace("localhost", "127.0.0.1")}),
                ("BadCertificateUriInvalid", {"serverUri": self.uri("mill")}))
        for status, more in rows:
            with self.subTest(status), self.assertRaisesRegex(OrderFailed, status):
                self.connect("refused", **more)
        self.connect("lasting")
        since = len(self.client.events)
        self.put_crl("makers", "press-revoked")
        self.await_status("press", "BadCertificateRevoked", purpose="server")
        if self.client_stack.watches_servers:
            self.client.wait("client cut", since, cause="revoked")
            with self.assertRaises(OrderFailed):
                self.read("lasting")
        with self.assertRaisesRegex(OrderFailed, "BadCertificateRevoked"):
            self.connect("refused")
