# SPDX-License-Identifier: Apache-2.0
"""The OPC UA stacks that there are, and what is different in each."""

import dataclasses
import pathlib
import re

import fetch
import uatrust

HERE = pathlib.Path(__file__).resolve().parent


@dataclasses.dataclass
class Stack:
    server: list  # commands, to which arguments are added
    client: list
    environment: dict
    renew_ms: int  # for how long a client asks a channel to last
    cuts_channels: bool = False  # a server ends the channel with the session
    tells_scope: bool = False  # a server tells of a cut whether the channel ends, too
    knows_address: bool = False  # a server can say where its client comes from
    watches_servers: bool = False  # a client leaves a server that is trusted no more
    asks_on_renewal: bool = False  # a client has its server judged again whenever it renews its channel
    checks_sessions: bool = False  # a client sees by itself that a session has ended
    makes_sessions_anew: bool = False  # a client does, when one has ended
    held_s: float = 0  # how long a server goes on with what it was told, when the agent hangs


def node_opcua():
    """Skips where there is no npm."""
    modules = fetch.modules()
    node = uatrust.node(fetch.NODE_MIN)
    return Stack([node, HERE / "server.mjs"], [node, HERE / "client.mjs"], {"UATRUST_MODULES": str(modules)}, 300,
                 cuts_channels=True, tells_scope=True, knows_address=True, watches_servers=True, makes_sessions_anew=True)


def open62541(found):
    """Skips where there is none, or one that the adapter is not for; found: its version, and what it lacks."""
    if not found:
        uatrust.skip("no open62541, says pkg-config")
    if not re.fullmatch(r"1\.[45]\.\S+", found):
        uatrust.skip(f"open62541 is {found}, the adapter is for 1.4 and 1.5 with encryption")
    server, client = (uatrust.BUILD / f"tests/e2e-open62541-{role}" for role in ("server", "client"))
    is_old = found.startswith("1.4")
    return Stack([server], [client], {}, 5000, held_s=2.2, checks_sessions=True, cuts_channels=not is_old,
                 asks_on_renewal=is_old)
