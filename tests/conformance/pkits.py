#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""NIST PKITS, all 249 subtests through the socket. Initial policies cannot be given: pkits.tsv lists by number what
comes of that, and what else is refused on purpose. Nothing may be accepted that PKITS refuses."""

import json

import judging
import uatrust

AT_S = 1302825600  # 2011-04-15T00:00:00Z


def make_case(folder, subtest):
    anchor, *between, leaf = [folder / "certs" / (name + ".crt") for name in subtest["certs"]]
    files = {"trusted/certs/anchor.crt": anchor.read_bytes()}
    files.update({f"issuers/certs/{path.name}": path.read_bytes() for path in between})
    for name in subtest["crls"]:
        files[f"issuers/crl/{name}.crl"] = (folder / "crls" / (name + ".crl")).read_bytes()
    return judging.Case(subtest["number"], subtest["should_validate"], files, [leaf.read_bytes()], purpose="user", at=AT_S)


def main():
    folder = uatrust.corpora() / "pkits"
    cases = [make_case(folder, subtest) for subtest in json.loads((folder / "pkits-manifest.json").read_text())]
    judging.judge(cases)
    judging.compare([(case.name, case.accept, case.verdict["trusted"], case.verdict["statusName"]) for case in cases],
                    "pkits.tsv")


if __name__ == "__main__":
    main()
