#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""x509test: one MUST of RFC 5280 each. They are no applications and their CA has no CRL, so "accepted" means that the
certificate's structure, signature and path were: any later step may find what it likes. x509test.tsv says which of the
ill-formed ones are tolerated, and since when the field is full of them."""

import judging
import uatrust

AT_S = 1800000000  # 2027-01-15
REFUSED = ("BadCertificateInvalid", "BadCertificateChainIncomplete", "BadCertificatePolicyCheckFailed")


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
    results = []
    for case in cases:
        status = case.verdict["statusName"]
        results.append((case.name, case.accept, status not in REFUSED, "accepted" if status not in REFUSED else status))
    judging.compare(results, "x509test.tsv", may_accept=True)


if __name__ == "__main__":
    main()
