# SPDX-License-Identifier: Apache-2.0
"""What a run found, as text, as JSON's content, as Markdown for README.md and as a plot."""

import datetime
import os
import pathlib
import platform
import re
import subprocess

import figure
import plot

OPENSSL, PKI, ECHO = "OpenSSL in process", "node-opcua-pki", "bare libuv echo"
BEGIN, END = "<!-- tests/bench/run --readme: begin -->", "<!-- end -->"


# --- where and when ---

def output_of(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def machine():
    """Date, machine and versions of a run."""
    model = re.search(r"^model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text(), re.M)
    memory = re.search(r"^MemTotal:\s*(\d+)", pathlib.Path("/proc/meminfo").read_text(), re.M)
    system = re.search(r'^PRETTY_NAME="?([^"\n]*)', pathlib.Path("/etc/os-release").read_text(), re.M)
    source = pathlib.Path(__file__).resolve().parents[2]
    packages = ("libssl3", "libuv1", "libsystemd0", "libjson-c5")
    versions = dict(line.split("=", 1) for line in output_of(
        "dpkg-query", "-W", "-f", "${Package}=${Version}\n", *packages).splitlines() if "=" in line)
    return {"date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
            "cpu": model[1].strip() if model else platform.machine(), "cores": os.cpu_count(),
            "memory_kib": int(memory[1]) if memory else 0, "kernel": platform.release(),
            "system": system[1] if system else platform.system(), "load": os.getloadavg()[0],
            "versions": versions | {"uatrust": output_of("git", "-C", str(source), "describe", "--always", "--dirty"),
                                    "python": platform.python_version(), "node": output_of("node", "--version")}}


def machine_line(about):
    return (f"{about['date']}, {about['cores']} cores of {about['cpu']}, "
            f"{about['memory_kib'] / 2**20:.1f} GiB, {about['system']}, Linux {about['kernel']}")


# --- text ---

def columns(rows, indent=""):
    """Lines of text in columns."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return [indent + "  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]


def state(result):
    return "met" if result["met"] else "NOT MET"


def rows_text(results):
    """Each row in a line, and under it the reason where its goal is not met."""
    lines = columns([["work", "goal", "measured", "", "uatrust", "beside it"],
                     *([result["work"], result["goal"], result["measured"], state(result), result["ours"], result["peer"]]
                       for result in results)])
    out = [lines[0]]
    for text, result in zip(lines[1:], results):
        out.append(text)
        if not result["met"]:
            out.append(f"    NOT MET: {result['reason']}")
    return out


def growth_tables(growth, pki):
    """Title -> rows of text, the first of which names the columns."""
    stores = pki.get("stores", {})

    def loads(items, prefix):
        yield [prefix, "uatrust", OPENSSL, PKI, "uatrust's memory", "at most", "OpenSSL's", "node's"]
        for item in items:
            node = stores.get(f"{'certs' if prefix == 'certificates' else 'crl'}_{item['n']}")
            yield [f"{item['n']:,}", figure.seconds(item["agent_s"]), figure.seconds(item["openssl_s"]),
                   figure.duration(node["load_ns"]) if node else "-", figure.memory(item["agent_kib"]),
                   figure.memory(item["agent_peak_kib"]), figure.memory(item["openssl_peak_kib"]),
                   figure.memory(node["resident_kib"]) if node else "-"]

    def unseen():
        yield ["entries of the CRL", "uatrust", OPENSSL, PKI]
        for item in growth["unseen"]:
            node = stores.get(f"crl_{item['n']}")
            yield [f"{item['n']:,}", figure.spread(item["agent_ns"], item["agent_p99_ns"]),
                   figure.duration(item["openssl_ns"]), figure.spread(node["ns"], node["p99_ns"]) if node else "-"]

    def subscribers():
        yield ["subscribers", "until the last is told"]
        for item in growth["subscribers"]:
            yield [f"{item['n']:,}", figure.spread(item["p50_ns"], item["p99_ns"])]

    def clients():
        yield ["clients", "uatrust", "requests", ECHO, "requests"]
        for item in growth["clients"]:
            yield [f"{item['n']:,}", figure.spread(item["agent_ns"], item["agent_p99_ns"]), figure.rate(item["agent_rate"]),
                   figure.spread(item["echo_ns"], item["echo_p99_ns"]), figure.rate(item["echo_rate"])]

    return {"Start to first verdict, by certificates": list(loads(growth["certificates"], "certificates")),
            "Start to first verdict, by entries of a CRL": list(loads(growth["entries"], "entries")),
            "A leaf never seen": list(unseen()),
            "One file more in a store of 10,000": list(subscribers()),
            "The same request, one under way a client": list(clients())}


def growth_text(growth, pki):
    out = []
    for title, rows in growth_tables(growth, pki).items():
        out += ["", title, *columns(rows, "    ")]
    if "stores" not in pki:
        out += ["", f"{PKI}: {pki.get('skipped') or 'failed: ' + pki['failed']}"]
    return out


# --- Markdown ---

def markdown_table(rows):
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return [lines[0], "|" + "---|" * len(rows[0]), *lines[1:]]


def pki_rows(run):
    """What a user would pick, beside ours and OpenSSL."""
    stores, growth = run["pki"]["stores"], run["growth"]
    yield ["", "uatrust", OPENSSL, f"{PKI} {run['pki']['version']}"]
    unseen = {item["n"]: item for item in growth["unseen"]}
    for n in (10, 100000):
        yield [f"leaf never seen, CRL of {n:,}, p50", figure.duration(unseen[n]["agent_ns"]),
               figure.duration(unseen[n]["openssl_ns"]), figure.duration(stores[f"crl_{n}"]["ns"])]
    loads = [("certificates", "certs", n) for n in (1000, 10000)] + [("entries", "crl", 100000)]
    for key, prefix, n in loads:
        item = next(item for item in growth[key] if item["n"] == n)
        what = f"start with {n:,} certificates" if key == "certificates" else f"start with a CRL of {n:,}"
        yield [what, figure.seconds(item["agent_s"]), figure.seconds(item["openssl_s"]),
               figure.duration(stores[f"{prefix}_{n}"]["load_ns"])]


def readme(run):
    """What stands between the markers."""
    out = [BEGIN, f"{machine_line(run['machine'])}; p50, and p99 in brackets; ratios are of one run, in turns.", "",
           *markdown_table([["work", "reach", "measured", "", "uatrust", "beside it"],
                            *([result["work"], result["goal"], result["measured"], state(result), result["ours"],
                               result["peer"]] for result in run["rows"])])]
    unmet = [f"- {result['work']}: {result['reason']}" for result in run["rows"] if not result["met"]]
    out += ["", "Not met:", "", *unmet] if unmet else []
    if "stores" in run["pki"]:
        out += ["", *markdown_table(list(pki_rows(run)))]
    return "\n".join([*out, "", "![growth](tests/bench/growth.svg)", END])


def put_readme(text, run):
    """@text with what stands between the markers made anew."""
    begin, end = text.index(BEGIN), text.index(END)
    return text[:begin] + readme(run) + text[end + len(END):]


# --- the plot ---

def points(items, x, y, factor=1.0):
    return [(item[x], item[y] * factor) for item in items]


def svg(run):
    growth, stores = run["growth"], run["pki"].get("stores", {})

    def node(prefix, field, factor=1.0):
        return [(int(name.split("_")[1]), got[field] * factor) for name, got in stores.items() if name.startswith(prefix)]

    def load(key, prefix, title):
        return plot.Panel(title, key if key == "certificates" else "entries of the CRL", figure.duration, {
            "uatrust": points(growth[key], "n", "agent_s", 1e9), OPENSSL: points(growth[key], "n", "openssl_s", 1e9),
            PKI: node(prefix, "load_ns")})

    panels = [
        load("certificates", "certs_", "Start to first verdict"), load("entries", "crl_", "Start to first verdict"),
        plot.Panel("Peak memory", "entries of the CRL", lambda value: figure.memory(value / 1024), {
            "uatrust": points(growth["entries"], "n", "agent_peak_kib", 1024),
            OPENSSL: points(growth["entries"], "n", "openssl_peak_kib", 1024),
            PKI: node("crl_", "resident_kib", 1024)}),
        plot.Panel("A leaf never seen, p50", "entries of the CRL", figure.duration, {
            "uatrust": points(growth["unseen"], "n", "agent_ns"), OPENSSL: points(growth["unseen"], "n", "openssl_ns"),
            PKI: node("crl_", "ns")}),
        plot.Panel("One file more, last one told, p50", "subscribers", figure.duration, {
            "uatrust": points(growth["subscribers"], "n", "p50_ns")}),
        plot.Panel("Same request by all at once, p50", "clients", figure.duration, {
            "uatrust": points(growth["clients"], "n", "agent_ns"), ECHO: points(growth["clients"], "n", "echo_ns")})]
    return plot.draw(panels, machine_line(run["machine"]))
