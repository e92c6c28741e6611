#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""NIST PKITS, all 249 subtests through the socket, as purpose https, which asks least beyond RFC 5280. pkits.tsv lists by
number what is refused on purpose, and the subtests that need an initial policy as input, for which OPC UA has no word:
those are judged with {anyPolicy} and no flags. Nothing else may be accepted that PKITS refuses."""

import json
import re

import judging
import uatrust

AT_S = 1302825600  # 2011-04-15T00:00:00Z


def name_of(subtest):
    part = re.search(r"Subpart\d+$", subtest["name"])
    return subtest["number"] + (" " + part.group() if part else "")


def make_case(folder, subtest):
    anchor, *between, leaf = [folder / "certs" / (name + ".crt") for name in subtest["certs"]]
    files = {"trusted/certs/anchor.crt": anchor.read_bytes()}
    files.update({f"issuers/certs/{path.name}": path.read_bytes() for path in between})
    for name in subtest["crls"]:
        files[f"issuers/crl/{name}.crl"] = (folder / "crls" / (name + ".crl")).read_bytes()
    return judging.Case(name_of(subtest), subtest["should_validate"], files, [leaf.read_bytes()],
                        ["Suppress=BadCertificateHostNameInvalid"], purpose="https", hostName="none", at=AT_S)


def read_cases(folder):
    return [make_case(folder, subtest) for subtest in json.loads((folder / "pkits-manifest.json").read_text())]


def main():
    folder = uatrust.corpora() / "pkits"
    cases = read_cases(folder)
    judging.judge(cases)
    judging.compare([(case.name, case.accept, case.verdict["trusted"], case.verdict["statusName"]) for case in cases],
                    "pkits.tsv", may_accept="policy input: ")


if __name__ == "__main__":
    main()
