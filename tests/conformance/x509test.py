#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""x509test: one MUST of RFC 5280 each. They are no applications and their CA has no CRL, so "accepted" means that no
step found an error up to trust, nor one about an issuer's usage; what later steps say of the leaf is left aside.
x509test.tsv says which of the ill-formed ones are tolerated, and where their like was seen."""

import judging
import uatrust

AT_S = 1800000000  # 2027-01-15
EARLY = ("structure", "chain", "signature", "policy", "trust")


def is_accepted(verdict):
    errors = [finding for finding in verdict["findings"] if finding["severity"] == "error"]
    return not any(error["step"] in EARLY or (error["step"] == "usage" and error["chainIndex"] > 0) for error in errors)


def make_cases(folder):
    """A certificate below the CA, or one with a CA between."""
    ca = (folder / "ca/fake-ca.der").read_bytes()
    for path in sorted([*folder.glob("certs/*.der"), *folder.glob("certs2/*.leaf.der")]):
        name = path.name.removesuffix(".der").removesuffix(".leaf")
        between = path.with_name(name + ".ca.der")
        presented = [path.read_bytes()] + ([between.read_bytes()] if between.exists() else [])
        yield judging.Case(name, name.startswith("ok-"), {"trusted/certs/ca.der": ca}, presented, purpose="user", at=AT_S)


def main():
    cases = list(make_cases(uatrust.corpora() / "x509test"))
    judging.judge(cases)
    results = [(case.name, case.accept, is_accepted(case.verdict),
                "accepted" if is_accepted(case.verdict) else case.verdict["statusName"]) for case in cases]
    judging.compare(results, "x509test.tsv", may_accept="tolerated: ")


if __name__ == "__main__":
    main()
