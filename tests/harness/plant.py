# SPDX-License-Identifier: Apache-2.0
"""The PKI that most system tests stand on: a root, a trusted issuing CA, and what they signed, all good today."""

import pathlib
import time

import uatrust

DAY_S = 86400
URI = "urn:example.com:uatrust:application"
HOST = "host.example.com"

SPEC = """
[cert root]
ca = yes
subject = CN=Root
key = rsa2048-2
[cert plant]
ca = yes
subject = CN=Plant CA
key = rsa2048-3
issuer = root
[cert pump]
subject = CN=Pump
key = rsa2048-4
issuer = plant
[cert valve]
subject = CN=Valve
key = p256-valve
issuer = plant
[cert late]
subject = CN=Late
issuer = plant
not_after_s = {yesterday}
[cert stranger]
subject = CN=Stranger
key = rsa2048-5
[crl root]
issuer = root
{times}
[crl plant]
issuer = plant
{times}
[crl revoking]
issuer = plant
number = 02
{times}
entry = pump 1
"""

# One certificate more, which a second CRL of the plant's lists.
REVOKED = """
[cert revoked]
subject = CN=Revoked
key = rsa2048-6
issuer = plant
[crl plant]
issuer = plant
number = 03
{times}
entry = revoked 1
"""

# A certificate whose CA lies in no list.
ORPHAN = """
[cert nobody]
ca = yes
subject = CN=Nobody
key = p256-nobody
[cert orphan]
subject = CN=Orphan
key = p256-orphan
issuer = nobody
"""


def mint(spec):
    """File name -> bytes; in the spec, {last_week}, {yesterday}, {next_month}, and {times} of a CRL that is current."""
    now = int(time.time())
    days = {"last_week": now - 7 * DAY_S, "yesterday": now - DAY_S, "next_month": now + 30 * DAY_S}
    times = "this_update_s = {yesterday}\nnext_update_s = {next_month}"
    return uatrust.mint(spec.format(times=times.format(**days), **days))


def make(more=""):
    """File name -> bytes, also of what the spec @more says; revoking.crl follows plant.crl and lists pump."""
    return mint(SPEC + more)


def fill(store, files):
    """Lays the CAs and their CRLs into the store's folders."""
    for name, folder in (("plant", "trusted"), ("root", "issuers")):
        uatrust.replace(pathlib.Path(store, folder, "certs", name + ".der"), files[name + ".der"])
        uatrust.replace(pathlib.Path(store, folder, "crl", name + ".crl"), files[name + ".crl"])
