# SPDX-License-Identifier: Apache-2.0
"""What a user of node-opcua would pick: node-opcua-pki, measured by pki.js on the same stores."""

import json
import pathlib
import shutil
import subprocess
import sys

import uatrust

HERE = pathlib.Path(__file__).resolve().parent
LIMIT_S = 120
STORES = ["certs_10", "certs_1000", "certs_10000", "crl_10", "crl_100000"]


def modules():
    """The folder node_modules as tests/e2e pins it, and the program node; ends the process where there is none."""
    sys.path.append(str(HERE.parent / "e2e"))
    import fetch
    return fetch.modules(), uatrust.node(fetch.NODE_MIN)


def ask(place, node, modules_, name):
    folder = place.folder / "pki"
    shutil.rmtree(folder, ignore_errors=True)
    done = subprocess.run([node, HERE / "pki.js", modules_, place.data / name, folder, place.data / "unseen.der",
                           str(place.times(500, 200))], capture_output=True, text=True, timeout=LIMIT_S)
    if done.returncode:
        raise RuntimeError(f"pki.js: {done.stderr.strip()[:500]}")
    got = json.loads(done.stdout)
    if name.startswith("crl_") and got["statuses"] != ["Good"]:
        raise RuntimeError(f"node-opcua-pki says {got['statuses']} by {name}")
    return got


def prepare():
    """What measure() needs, fetched once; None where it cannot be had, which is said on stdout."""
    try:
        return modules()
    except SystemExit:
        print("without npm there is no node-opcua-pki to measure beside", flush=True)
        return None


def measure(place, prepared):
    """By store; "skipped" and "failed" say why there is nothing."""
    if not prepared:
        return {"skipped": "no npm, or nothing to be fetched"}
    modules_, node = prepared
    version = json.loads((modules_ / "node-opcua-pki/package.json").read_text())["version"]
    try:
        return {"version": version, "stores": {name: ask(place, node, modules_, name) for name in STORES}}
    except (OSError, RuntimeError, subprocess.TimeoutExpired) as error:
        return {"version": version, "failed": str(error).strip().splitlines()[-1][:200]}
