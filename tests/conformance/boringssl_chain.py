#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""boringssl's chains. What they refuse is refused, unless for an input that OPC UA has no word for; what they accept is
accepted or listed with the reason."""

import calendar
import time

import judging
import uatrust

SUPPRESSED = "BadCertificateRevocationUnknown BadCertificateIssuerRevocationUnknown BadCertificateHostNameInvalid"
DEFAULT_TIME = "211005120000Z"


def read_test(path):
    """The keys of a .test file; whatever stands from expected_errors on is one value."""
    head, _, errors = path.read_text().partition("expected_errors:")
    test = dict(line.split(": ", 1) for line in head.splitlines() if line)
    return {**test, "fails": "ERROR:" in errors}


def read_time(text):
    return calendar.timegm(time.strptime(DEFAULT_TIME if text == "DEFAULT" else text, "%y%m%d%H%M%SZ"))


def make_case(folder, path):
    test = read_test(path)
    chain = [der for label, der in judging.pem_objects(path.parent / test["chain"]) if label == "CERTIFICATE"]
    trust, files = test["last_cert_trust"], {}
    if trust.startswith("TRUSTED"):
        files["trusted/certs/last.der"] = chain[-1]
    presented = chain[:-1] if len(chain) > 1 and trust.startswith("TRUSTED_ANCHOR") else chain
    purpose = "user" if "CLIENT" in test["key_purpose"] else "https"
    more = {"hostName": "test.example"} if purpose == "https" else {}
    return judging.Case(str(path.relative_to(folder).with_suffix("")), not test["fails"], files, presented,
                        [f"Suppress={SUPPRESSED}"], purpose=purpose, at=read_time(test["utc_time"]), **more)


def read_cases(folder):
    return [make_case(folder, path) for path in sorted(folder.glob("*/*.test"))]


def main():
    folder = uatrust.corpora() / "boringssl/chain"
    cases = read_cases(folder)
    judging.judge(cases)
    judging.compare([(case.name, case.accept, case.verdict["trusted"], case.verdict["statusName"]) for case in cases],
                    "boringssl_chain.tsv", may_accept="input: ")


if __name__ == "__main__":
    main()
