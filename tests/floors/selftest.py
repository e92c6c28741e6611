#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""floors.py on made-up trees: it must see each kind of breach, and nothing in a tree that has none."""

import pathlib
import sys
import tempfile

import floors

FLOORS = """
function(add_floor name)
endfunction()
add_floor(base
        MODULES log vec
        ON proto)
add_floor(pki
        MODULES cert crl link
        ON base proto
        OWNS openssl LINK OpenSSL::Crypto)
add_floor(loop
        MODULES fd
        ON base proto
        OWNS uv.h)
add_floor(engine
        MODULES chain
        ON pki base proto)
"""

GOOD = {
    "agent/CMakeLists.txt": FLOORS,
    "agent/base/log.c": '#include "base/log.h"\n#include "proto/buf.h"\n#include <stdio.h>\n',
    "agent/base/log.h": "#include <stdarg.h>\n",
    "agent/base/vec.h": "",
    "agent/pki/cert.h": "",
    "agent/pki/cert.c": '#include "pki/cert.h"\n#include "base/vec.h"\n#include <openssl/x509.h>\n',
    "agent/pki/crl.c": '#include "pki/cert.h"\n',
    "agent/pki/crl.h": "",
    "agent/pki/link.c": '#include "pki/cert.h"\n#include "pki/crl.h"\n',
    "agent/loop/fd.c": "#include <uv.h>\n",
    "agent/engine/chain.c": '#include "pki/cert.h"\n#include <sys/types.h>\n',
    "proto/buf.h": "#include <stddef.h>\n",
    "proto/json.c": '#include "proto/buf.h"\n#include <json-c/json.h>\n',
    "client-lib/src/client.c": '#include "proto/buf.h"\n#include <uatrust/uatrust.h>\n',
    "client-lib/tool/main.c": "#include <uatrust/uatrust.h>\n#include <stdio.h>\n",
}

# What is added to or put in place of a file of GOOD, and a phrase that the one breach must hold (None: no breach).
ROWS = [
    ({}, None),
    ({"agent/base/log.c": '#include "pki/cert.h"\n'}, "is not on a floor that agent/base may include"),
    ({"agent/pki/cert.h": '#include "engine/chain.h"\n'}, "is not on a floor that agent/pki may include"),
    ({"agent/engine/chain.c": '#include "loop/fd.h"\n'}, "is not on a floor that agent/engine may include"),
    ({"agent/engine/chain.c": "#include <openssl/x509.h>\n"}, "<openssl/x509.h> belongs to agent/pki"),
    ({"agent/pki/crl.c": "  #  include  <uv.h>\n"}, "<uv.h> belongs to agent/loop"),
    ({"agent/base/log.c": "#include <json-c/json.h>\n"}, "<json-c/json.h> belongs to proto"),
    ({"agent/base/log.c": "#include <curl/curl.h>\n"}, "is of a library that no floor owns"),
    ({"agent/base/log.c": "#include <uatrust/uatrust.h>\n"}, "is for clients"),
    ({"agent/base/log.c": '#include "log.h"\n'}, "does not name its floor"),
    ({"agent/pki/cert.c": '#include "pki/crl.h"\n', "agent/pki/crl.h": '#include "pki/cert.h"\n'},
     "modules in a circle: agent/pki/cert agent/pki/crl"),
    ({"agent/pki/cert.h": '#include "pki/link.h"\n', "agent/pki/crl.c": "", "agent/pki/link.h": '#include "pki/crl.h"\n',
      "agent/pki/crl.h": '#include "pki/cert.h"\n', "agent/pki/link.c": ""},
     "modules in a circle: agent/pki/cert agent/pki/crl agent/pki/link"),
    ({"agent/pki/extra.c": ""}, "no module of agent/pki in add_floor()"),
    ({"agent/attic/old.c": ""}, "is on no floor"),
    ({"proto/buf.h": '#include "base/log.h"\n'}, "is not on a floor that proto may include"),
    ({"client-lib/src/client.c": '#include "base/log.h"\n'}, "is not on a floor that client-lib/src may include"),
    ({"client-lib/tool/main.c": '#include "proto/buf.h"\n'}, "is not on a floor that client-lib/tool may include"),
    ({"client-lib/tool/main.c": "#include <json-c/json.h>\n"}, "<json-c/json.h> belongs to proto"),
]


def breaches_of(change):
    with tempfile.TemporaryDirectory() as folder:
        for name, text in {**GOOD, **change}.items():
            path = pathlib.Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return floors.Check(pathlib.Path(folder)).run()


def main():
    failed = 0
    for change, phrase in ROWS:
        breaches = breaches_of(change)
        as_wanted = breaches == [] if phrase is None else len(breaches) == 1 and phrase in breaches[0]
        if not as_wanted:
            failed += 1
            print(f"for {change}\n  wanted: {phrase}\n  got: {breaches}")
    print(f"{len(ROWS)} trees, {failed} judged wrongly")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
