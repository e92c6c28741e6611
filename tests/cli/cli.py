#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""cli.py UATRUST: the command's arguments, exit codes and words, row by row, against a scripted agent."""

import fcntl
import json
import os
import pty
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import threading

PEM = "-----BEGIN CERTIFICATE-----\nZm9v\n-----END CERTIFICATE-----\n"


def verdict(trusted, *findings, **more):
    name, code = ("Good", 0) if trusted else (findings[0]["statusName"], 0x801D0000)
    return {"verdict": {
        "trusted": trusted, "statusCode": code, "statusName": name, "wireStatusCode": code, "wireStatusName": name,
        "findings": list(findings), "notChecked": ["hostName", "uri"], "chain": [
            {"sha256": "ab" * 32, "thumbprint": "cd" * 20, "subject": "CN=Client\x1b[31m", "list": "presented", "origin": None},
            {"sha256": "ef" * 32, "thumbprint": "01" * 20, "subject": "CN=Plant CA", "list": "trusted", "origin": "/s/ca"}],
        "store": "default", "agentId": "a", "generation": 3, "validUntil": 1800000000, "auditEventId": None, **more}}


def finding(step, status, severity="error"):
    return {"step": step, "severity": severity, "statusName": status, "statusCode": 0x801D0000, "chainIndex": 0,
            "thumbprint": "cd" * 20, "auditEventType": "X", "message": f"because of {step}"}


def error(name, **parameters):
    return {"error": name, "parameters": parameters}


GOOD = {"parameters": verdict(True)}
REVOKED = {"parameters": verdict(False, finding("revocation", "BadCertificateRevoked"))}
INCOMPLETE = {"parameters": verdict(False, finding("chain", "BadCertificateChainIncomplete"))}
SUPPRESSED = {"parameters": verdict(True, finding("validity", "BadCertificateTimeInvalid", "suppressed"))}
INFO = {"parameters": {"vendor": "v", "product": "uatrustd", "version": "9.9", "url": "u", "interfaces": []}}
STORES = {"parameters": {"agentId": "abc", "stores": [
    {"name": "default", "ready": True, "reason": None, "generation": 4, "trusted": 1, "issuers": 2, "crls": 3, "own": 0,
     "rejected": 5, "broken": 6, "sources": ["/var/lib/uatrust/default", "/opt/old/pki"]}]}}
FRESHNESS = {"parameters": {
    "store": "default", "agentId": "abc", "generation": 4, "clockIsPlausible": False, "isOutOfDate": True,
    "lastUpdateTime": 1700000000, "updateFrequency": 60, "authorities": [
        {"sha256": "ab" * 32, "subject": "CN=CA", "list": "trusted", "state": "outOfDate", "revocationCheck": "required",
         "crl": "cd" * 32, "thisUpdate": 0, "nextUpdate": 1700000001, "inGrace": True},
        {"sha256": "ac" * 32, "subject": "CN=Bare", "list": "issuers", "state": "missing", "revocationCheck": "off",
         "crl": None, "thisUpdate": None, "nextUpdate": None, "inGrace": None}],
    "expiries": [{"sha256": "ad" * 32, "thumbprint": "01" * 20, "subject": "CN=Late", "list": "own",
                  "notAfter": 1700000002, "state": "expired"}], "next": None}}
WEAKENINGS = {"parameters": {"weakenings": [
    {"store": "default", "setting": "CrlGrace", "value": "1h", "subject": None},
    {"store": "default", "setting": "RevocationCheck", "value": "off", "subject": "CN=Bare"}]}}
ALL_WELL = [{"parameters": {**FRESHNESS["parameters"], "clockIsPlausible": True, "isOutOfDate": False,
                            "authorities": [], "expiries": []}}, {"parameters": {"weakenings": []}}]
OLDER = 2 * [error("org.varlink.service.MethodNotFound", method="x")]
EVENT = {"continues": True, "parameters": {"event": {
    "kind": "changed", "store": "default", "agentId": "a", "generation": 5, "added": ["aa"], "removed": [], "broken": [],
    "healed": [], "affectedIssuers": ["bb"]}}}
CERTIFICATES = {"parameters": {"store": "default", "agentId": "a", "generation": 1, "certificates": [
    {"sha256": "ab" * 32, "thumbprint": "cd" * 20, "subject": "CN=Client", "issuer": "CN=CA", "serialNumber": "01",
     "notBefore": 0, "notAfter": 1800000000, "applicationUri": None, "isCa": False, "keyType": "RSA-2048",
     "list": "trusted", "origins": ["x"]}],
    "broken": [{"list": "trusted", "origin": "trusted/certs/x", "reason": "is no certificate"}], "next": None}}
CRLS = {"parameters": {"store": "default", "agentId": "a", "generation": 1, "crls": [
    {"sha256": "ab" * 32, "issuer": "CN=CA", "thisUpdate": 0, "nextUpdate": None, "crlNumber": None, "isDelta": False,
     "entries": 7, "state": "current", "signer": None, "list": "issuers", "origins": []}], "next": None}}

VERBS = ("block", "check", "export", "import", "list", "monitor", "own", "rejected", "reload", "show", "status", "trust", "unblock", "untrust", "validate")

BLOCKS = {"parameters": {"store": "default", "agentId": "a", "generation": 1, "next": None, "blocks": [
    {"sha256": "ab" * 32, "issuer": None, "serialNumber": None, "reason": "stolen", "since": 1800000000, "uid": 1000, "origin": "x"},
    {"sha256": None, "issuer": "CN=CA", "serialNumber": "0102", "reason": None, "since": None, "uid": None, "origin": "y"}]}}

# Arguments; the agent's replies; exit code; what stdout and stderr contain.
ROWS = [
    ([], [], 2, "", "a verb is missing"),
    (["bogus"], [], 2, "", '"bogus" is no verb; see'),
    (["--socket", "x", "list"], [], 2, "", '"--socket" is no verb: options stand behind it; see'),
    *[([verb, "--", "{pem}", ""], [], 2, "", f"uatrust {verb}: an argument is empty; see")
      for verb in ("block", "export", "import", "list", "monitor", "show", "trust", "validate")],
    (["check", ""], [], 2, "", "uatrust check: DIR is empty; see"),
    (["check", "{pem}"], [], 66, "", "pem: Not a directory"),
    (["own", "create", "--directory", "", "--name", "x"], [], 2, "", "uatrust own create: --directory is empty; see"),
    (["metrics", "--output", ""], [], 2, "", "--output: FILE is empty"),
    (["trust", "/absent"], [], 66, "", "uatrust: cannot read file: /absent (No such file or directory)\n"),
    (["--help"], [], 0, "usage: uatrust VERB", ""),
    (["--version"], [], 0, "uatrust ", ""),
    (["help"], [], 0, "usage: uatrust VERB", ""),
    (["help", "bogus"], [], 2, "", '"bogus" is no verb'),
    *[(["help", verb], [], 0, f"usage: uatrust {verb}", "") for verb in VERBS],
    *[([verb, "--help"], [], 0, f"usage: uatrust {verb}", "") for verb in VERBS],
    *[([verb, "--bogus"], [], 2, "", f"uatrust {verb}: unrecognized option") for verb in ("validate", "list", "status")],
    *[([verb, "--timeout", "x", "{pem}"], [], 2, "", "no number of milliseconds") for verb in ("validate", "monitor")],

    (["validate"], [], 2, "", "FILE is missing"),
    (["validate", "--purpose", "Client", "{pem}"], [], 2, "", "none of client, server"),
    (["validate", "--at", "yesterday", "{pem}"], [], 2, "", "is no time"),
    (["validate", "--at", "2026-02-31", "{pem}"], [], 2, "", '"2026-02-31" is no time'),
    (["validate", "/absent"], [], 66, "", "/absent (No such file"),
    (["validate", "{empty}"], [], 66, "", "no certificate in it"),
    (["validate", "{damaged}"], [], 66, "", "damaged PEM"),
    (["validate", "--chain", "/absent", "{pem}"], [], 66, "", "/absent (No such file"),
    (["validate", "{pem}"], [GOOD], 0, "trusted, Good", ""),
    (["validate", "{pem}"], [REVOKED], 1, "not trusted, BadCertificateRevoked", ""),
    (["validate", "{pem}"], [REVOKED], 1, "error: BadCertificateRevoked: because of revocation", ""),
    (["validate", "{pem}"], [SUPPRESSED], 0, "suppressed: BadCertificateTimeInvalid", ""),
    (["validate", "{pem}", "{pem}"], [GOOD, REVOKED], 1, "not trusted", ""),
    (["validate", "{pem}", "/absent", "{pem}"], [GOOD, REVOKED], 66, "not trusted", "/absent"),
    (["validate", "{pem}"], [error("org.uatrust.agent1.NoSuchStore", store="x")], 2, "", "no such store: x"),
    (["validate", "{pem}"], [error("org.uatrust.agent1.StoreNotReady", store="x", reason="y")], 75, "", "x (y)"),
    (["list"], [error("org.uatrust.agent1.Conflict", path="s/x")], 75, "",
     "changed by somebody else: s/x; try again when nobody else writes there\n"),
    (["validate", "{pem}"], [error("org.varlink.service.PermissionDenied")], 77, "", "permission denied"),
    (["validate", "{pem}"], [error("org.example.Other")], 76, "", "org.example.Other"),
    (["validate", "{pem}"], [{"parameters": {}}], 76, "", "verdict (is missing)"),
    (["validate", "{pem}"], [None], 69, "", "not reachable"),
    (["validate", "--timeout", "50", "{pem}"], [], 69, "", "did not answer in time"),
    (["validate", "--socket", "/absent", "{pem}"], [], 69, "", "agent is not reachable: /absent"),
    (["validate", "--explain", "{pem}"], [REVOKED], 1, "  x 11  revocation", ""),
    (["validate", "--explain", "{pem}"], [REVOKED], 1, "withdrawn this certificate", ""),
    (["validate", "--explain", "{pem}"], [REVOKED], 1, "  -  7  host name (no host name given)", ""),
    (["validate", "--explain", "{pem}"], [INCOMPLETE], 1, "  -  3  signatures (not reached)", ""),
    (["validate", "--explain", "{pem}"], [GOOD], 0, "CN=Plant CA\n  trusted: /s/ca, SHA-256 efefefefefefefef\n  `- CN=Client?[31m", ""),

    (["list"], [CERTIFICATES], 0, "trusted  abababab  CN=Client  RSA-2048  2027-01-15  application", ""),
    (["list"], [CERTIFICATES], 0, "broken: trusted/certs/x: is no certificate", ""),
    (["list", "blocks"], [BLOCKS], 0, "abababab  -       -              2027-01-15  1000    stolen\n"
                                      "-         CN=CA   0102           -           -       -\n", ""),
    (["list", "blocks", "--list", "own"], [], 2, "", "--list is for certificates"),
    (["list", "crls"], [CRLS], 0, "issuers  abababab  CN=CA   current  7        -", ""),
    (["list", "keys"], [], 2, "", "none of certificates, crls, blocks"),
    (["list", "certificates", "crls"], [], 2, "", "is too much"),
    (["list", "--list", "x"], [], 2, "", "none of trusted"),
    (["list", "crls", "--list", "own"], [], 2, "", "--list is for certificates"),
    (["status"], [INFO, STORES, *ALL_WELL], 0, "uatrustd 9.9, agent abc", ""),
    (["status"], [INFO, STORES, *OLDER], 0, "default  4           1        2", ""),
    (["status"], [INFO, STORES, *ALL_WELL], 0, "  /opt/old/pki", ""),
    (["status"], [INFO, STORES, FRESHNESS, WEAKENINGS], 0, "the clock of this host stands wrong", ""),
    (["status"], [INFO, STORES, FRESHNESS, WEAKENINGS], 0, "store default: not updated since 2023-11-14T22:13:20Z", ""),
    (["status"], [INFO, STORES, FRESHNESS, WEAKENINGS], 0,
     "default  CN=CA    trusted  outOfDate, in grace  2023-11-14T22:13:21Z  required\n"
     "default  CN=Bare  issuers  missing              -                     off\n", ""),
    (["status"], [INFO, STORES, FRESHNESS, WEAKENINGS], 0, "default  CN=Late      own   expired  2023-11-14T22:13:22Z", ""),
    (["status"], [INFO, STORES, FRESHNESS, WEAKENINGS], 0,
     "default  CrlGrace         1h     all\ndefault  RevocationCheck  off    CN=Bare\n", ""),
    (["status"], [INFO, STORES, error("org.uatrust.agent1.Busy")], 75, "", "busy"),
    (["status", "x"], [], 2, "", "is too much"),
    (["monitor", "--count", "1"], [EVENT], 0, "default  changed, generation 5\n    added   aa\n", ""),
    (["monitor", "--count", "x"], [], 2, "", "no number above 0"),
    (["monitor"], [error("org.uatrust.agent1.NoSuchStore", store="x")], 2, "", "no such store: x"),
    (["monitor"], [None], 69, "", "not reachable"),
]

# Arguments, replies, exit code, and what of the one JSON object is looked at.
JSON_ROWS = [
    (["validate", "{pem}"], [GOOD], 0, lambda o: o["trusted"] is True and o["results"][0]["verdict"]["generation"] == 3),
    (["validate", "{pem}", "{pem}"], [GOOD, REVOKED], 1, lambda o: o["trusted"] is False and len(o["results"]) == 2),
    (["validate", "{pem}"], [None], 69, lambda o: o["trusted"] is None and "error" in o["results"][0]),
    (["list"], [CERTIFICATES], 0, lambda o: o["certificates"][0]["keyType"] == "RSA-2048" and o["broken"]),
    (["list", "crls"], [CRLS], 0, lambda o: o["crls"][0]["entries"] == 7),
    (["list", "blocks"], [BLOCKS], 0, lambda o: o["blocks"][1]["serialNumber"] == "0102"),
    (["status"], [INFO, STORES, FRESHNESS, WEAKENINGS], 0,
     lambda o: o["agent"]["version"] == "9.9" and o["state"]["stores"][0]["broken"] == 6
     and o["freshness"][0]["authorities"][1]["state"] == "missing" and len(o["weakenings"]["weakenings"]) == 2),
    (["status"], [INFO, STORES, *OLDER], 0, lambda o: o["freshness"] == [] and o["weakenings"] is None),
    (["monitor", "--count", "1"], [EVENT], 0, lambda o: o["added"] == ["aa"]),
    (["monitor"], [error("org.uatrust.agent1.NoSuchStore", store="x")], 2, lambda o: o["error"]["text"] == "no such store: x"),
    *[([verb], [error("org.uatrust.agent1.Busy")], 75, lambda o: o["error"]["exitCode"] == 75 and "busy" in o["error"]["text"])
      for verb in ("list", "rejected", "status")],
    (["list"], [None], 69, lambda o: o["error"]["exitCode"] == 69),
]

# What the command sends, seen by the agent; None: it is left out.
ASKED_ROWS = [
    (["validate", "--purpose", "server", "--policy", "Basic256Sha256", "--application-uri", "urn:x", "--host", "plc",
      "--suppress", "A", "--suppress", "B", "--at", "2026-11-21T08:00:00Z", "--store", "plant", "--chain", "{pem}", "{pem}"],
     {"certificates": ["Zm9v", "Zm9v"], "purpose": "server", "store": "plant", "applicationUri": "urn:x",
      "securityPolicyUri": "http://opcfoundation.org/UA/SecurityPolicy#Basic256Sha256", "hostName": "plc",
      "suppress": ["A", "B"], "at": 1795248000, "context": None}),
    (["validate", "--policy", "urn:other#P", "--at", "17", "{pem}"], {"securityPolicyUri": "urn:other#P", "at": 17}),
    (["validate", "{pem}"], {"store": "from_environment", "suppress": None, "at": None}),
    (["list", "--list", "issuers"], {"list": "issuers", "store": "from_environment"}),
    (["monitor", "a", "b", "--count", "1"], {"stores": ["a", "b"]}),
    (["monitor", "--count", "1"], {"stores": None}),
]


class Agent(threading.Thread):
    """Answers each message with the next reply; None closes the connection."""

    def __init__(self, path, replies):
        super().__init__(daemon=True)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen()
        self.replies = list(replies)
        self.asked = []

    def run(self):
        while True:
            connection, _ = self.listener.accept()
            with connection:
                self.serve(connection)

    def serve(self, connection):
        data = b""
        while chunk := connection.recv(65536):
            data += chunk
            while b"\0" in data:
                message, data = data.split(b"\0", 1)
                self.asked.append(json.loads(message))
                if not self.replies:
                    continue
                reply = self.replies.pop(0)
                if reply is None:
                    return
                connection.sendall(json.dumps(reply).encode() + b"\0")


class Runner:
    def __init__(self, command, folder):
        self.command = command
        self.folder = folder
        self.n_runs = self.n_failed = 0
        self.files = {"pem": PEM, "empty": "", "damaged": PEM.replace("Zm9v", "Zm9")}
        for name, content in self.files.items():
            with open(os.path.join(folder, name), "w", encoding="ascii") as file:
                file.write(content)

    def run(self, arguments, replies):
        path = os.path.join(self.folder, f"socket{self.n_runs}")
        self.n_runs += 1
        agent = Agent(path, replies)
        agent.start()
        names = {name: os.path.join(self.folder, name) for name in self.files}
        environment = {**os.environ, "UATRUST_SOCKET": path, "UATRUST_STORE": "from_environment", "LC_ALL": "C"}
        done = subprocess.run([self.command, *(a.format(**names) for a in arguments)], env=environment, text=True,
                              capture_output=True, timeout=60, check=False)
        return done, agent

    def check(self, arguments, done, holds):
        if not holds:
            self.n_failed += 1
            print(f"FAILED: uatrust {' '.join(arguments)}: exit {done.returncode}\n{done.stdout}{done.stderr}")


def check_help(runner):
    """Every help fits the narrowest terminal that people have."""
    own = [("own", verb) for verb in ("create", "request", "install", "renew", "check", "recover")]
    for verb in ((), ("metrics",), *((verb,) for verb in VERBS), *own):
        done, _ = runner.run([*verb, "--help"], [])
        runner.check([*verb, "--help"], done, done.stdout and max(map(len, done.stdout.splitlines())) <= 80)


def check_default_socket(runner):
    """Without UATRUST_SOCKET: the host's agent, and where there is none the user's own."""
    if os.path.exists("/run/uatrust/client/org.uatrust.agent1"):
        print("SKIPPED: an agent of the host is there")
        return
    folder = os.path.join(runner.folder, "uatrust", "client")
    os.makedirs(folder)
    Agent(os.path.join(folder, "org.uatrust.agent1"), [GOOD]).start()
    environment = {name: value for name, value in os.environ.items() if name != "UATRUST_SOCKET"}
    arguments = [runner.command, "validate", os.path.join(runner.folder, "pem")]
    for run_dir, code in ((runner.folder, 0), ("/absent", 69)):
        done = subprocess.run(arguments, env={**environment, "XDG_RUNTIME_DIR": run_dir}, text=True, capture_output=True,
                              timeout=60, check=False)
        runner.n_runs += 1
        runner.check(arguments, done, done.returncode == code and (not code or "/run/uatrust/client" in done.stderr))


def check_colour(runner):
    """On a terminal there is colour, unless NO_COLOR says otherwise."""
    for number, (no_colour, expected) in enumerate((("", True), ("1", False))):
        path = os.path.join(runner.folder, f"terminal{number}")
        Agent(path, [REVOKED]).start()
        outer, inner = pty.openpty()
        environment = {**os.environ, "UATRUST_SOCKET": path, "TERM": "xterm", "NO_COLOR": no_colour}
        arguments = [runner.command, "validate", os.path.join(runner.folder, "pem")]
        done = subprocess.run(arguments, env=environment, stdout=inner, timeout=60, check=False)
        os.close(inner)
        done.stdout, done.stderr = os.read(outer, 65536).decode(), ""
        os.close(outer)
        runner.n_runs += 1
        runner.check(arguments, done, ("\x1b[" in done.stdout) == expected)


def check_names(runner):
    """What turns a line around is not shown; JSON has every name as it is, whatever the locale."""
    file = os.path.join(runner.folder, "\u00fc\u202e\u2066.pem")
    with open(file, "w", encoding="ascii") as stream:
        stream.write(PEM)
    for number, (locale, arguments, look) in enumerate((
            ("C.UTF-8", [file], lambda out: "/\u00fc??.pem: trusted, Good" in out),
            ("C", ["--json", file], lambda out: json.loads(out)["results"][0]["file"] == file))):
        path = os.path.join(runner.folder, f"names{number}")
        Agent(path, [GOOD]).start()
        environment = {**os.environ, "UATRUST_SOCKET": path, "LC_ALL": locale}
        arguments = [runner.command, "validate", *arguments]
        done = subprocess.run(arguments, env=environment, capture_output=True, encoding="utf-8", timeout=60, check=False)
        runner.n_runs += 1
        runner.check(arguments, done, look(done.stdout))


def check_width(runner):
    """A table is as wide as the terminal at most, in columns, not in characters or bytes."""
    rows = [{**CERTIFICATES["parameters"]["certificates"][0], "subject": "CN=" + name} for name in ("x" * 200, "\u6f22" * 99, "\u00e4" * 99)]
    reply = {"parameters": {**CERTIFICATES["parameters"], "certificates": rows, "broken": []}}
    for number, (columns, told) in enumerate(((40, ""), (60, ""), (80, ""), (300, ""), (80, "40"), (0, "40"), (80, "x"))):
        path = os.path.join(runner.folder, f"width{number}")
        Agent(path, [reply]).start()
        outer, inner = pty.openpty()
        fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        environment = {**os.environ, "UATRUST_SOCKET": path, "NO_COLOR": "1", "LC_ALL": "C.UTF-8", "COLUMNS": told}
        arguments = [runner.command, "list"]
        done = subprocess.run(arguments, env=environment, stdout=inner, timeout=60, check=False)
        os.close(inner)
        done.stdout, done.stderr = os.read(outer, 65536).decode(), f"{columns} columns, COLUMNS={told}"
        columns = int(told) if told.isdigit() else columns
        os.close(outer)
        widths = [sum(1 + (c == "\u6f22") for c in line) for line in done.stdout.splitlines()]
        runner.n_runs += 1
        runner.check(arguments, done, len(widths) == 4 and max(widths) <= columns and done.stdout.count("  abababab  ") == 3)


def main():
    with tempfile.TemporaryDirectory() as folder:
        runner = Runner(sys.argv[1], folder)
        for arguments, replies, code, out, err in ROWS:
            done, _ = runner.run(arguments, replies)
            runner.check(arguments, done, done.returncode == code and out in done.stdout and err in done.stderr
                         and (err or not done.stderr) and "\x1b" not in done.stdout)
        for arguments, replies, code, look in JSON_ROWS:
            done, _ = runner.run([*arguments, "--json"], replies)
            runner.check(arguments, done, done.returncode == code and done.stdout.count("\n") == 1
                         and look(json.loads(done.stdout)))
        for arguments, expected in ASKED_ROWS:
            done, agent = runner.run(arguments, [GOOD if arguments[0] == "validate" else
                                                 EVENT if arguments[0] == "monitor" else CERTIFICATES])
            asked = agent.asked[0]["parameters"] if agent.asked else {}
            runner.check(arguments, done, None not in asked.values() and
                         all(asked.get(name) == value for name, value in expected.items()))
        check_help(runner)
        check_default_socket(runner)
        check_colour(runner)
        check_names(runner)
        check_width(runner)
        print(f"{runner.n_runs} rows, {runner.n_failed} failed")
        sys.exit(runner.n_failed != 0)


if __name__ == "__main__":
    main()
