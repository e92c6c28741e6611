# SPDX-License-Identifier: Apache-2.0
"""What grows: with certificates, with a CRL's entries, with subscribers, with clients."""

import rows
from place import agent_of, echo_of, first_unseen, program

CERTS = [10, 1000, 10000]
ENTRIES = [10, 100000, 1000000]
CLIENTS = [1, 10, 100, 1000]


def load(place, name, n):
    """Start and memory of a store: @n certificates, or entries of its CRL."""
    got = place.once(f"load {name}", lambda: rows.load(place, name, place.times(3, 1)))
    openssl = got["openssl_kib"]
    return {"n": n, "agent_s": got["agent_s"], "openssl_s": got["openssl_s"], "agent_kib": got["agent_kib"]["VmRSS"],
            "agent_peak_kib": got["agent_kib"]["VmHWM"], "openssl_kib": openssl["resident_kib"],
            "openssl_peak_kib": openssl["peak_kib"]}


def unseen(place):
    """How long a leaf never seen takes, by entries of the CRL."""
    middle = place.once("unseen crl_100000", lambda: rows.judge_unseen(place, "crl_100000", 1000))
    large = place.once("unseen crl_1000000", lambda: rows.judge_unseen(place, "crl_1000000", 1000))
    small = {"agent_ns": large["small_ns"], "agent_p99_ns": large["small_p99_ns"], "openssl_ns": large["openssl_small_ns"]}
    return [{"n": ENTRIES[0], **small},
            *({"n": n, "agent_ns": got["large_ns"], "agent_p99_ns": got["large_p99_ns"], "openssl_ns": got["openssl_large_ns"]}
              for n, got in zip(ENTRIES[1:], (middle, large)))]


def subscribers(place):
    """From a rename in a store of 10,000 to the last of so many that were told."""
    return [{"n": n, **got} for n, got in place.once("news", lambda: rows.tell_news(place)).items()]


def clients(place):
    """So many clients, each with the same request under way, beside an echo of the same sizes."""
    table = []
    with agent_of(place, {"small": place.data / "crl_10"}) as agent:
        with echo_of(place, rows.count_reply(agent, first_unseen(place))) as echo:
            for n in CLIENTS:
                table.append({"n": n, **program("clients", agent.socket, echo, "small", place.data / "unseen.der", n,
                                                10000, place.times(15, 3))})
    return table


def measure(place):
    return {"certificates": [load(place, f"certs_{n}", n) for n in CERTS],
            "entries": [load(place, f"crl_{n}", n) for n in ENTRIES],
            "unseen": unseen(place), "subscribers": subscribers(place), "clients": clients(place)}
