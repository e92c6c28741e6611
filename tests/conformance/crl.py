#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""boringssl's CRL cases. They ask about revocation alone (their leaf is of 1024 bits and no application), so it is the
findings of steps 10 and 11 that are compared."""

import judging
import uatrust

AT_S = 1489017600
POLICY_NONE = "http://opcfoundation.org/UA/SecurityPolicy#None"
WANTED = {"good": "good", "revoked": "revoked", "bad": "unknown", "invalid": "unknown"}


def make_case(path):
    files, presented = {}, []
    for number, (label, der) in enumerate(judging.pem_objects(path)):
        if label == "CERTIFICATE":
            presented.append(der)
        elif label == "CRL":
            files[f"trusted/crl/{number}.crl"] = der
        else:
            files[f"trusted/certs/{number}.der"] = der
    return judging.Case(path.stem, WANTED[path.stem.split("_")[0]] == "good", files, presented, ["CrlMaxAge=7d"],
                        purpose="user", at=AT_S, securityPolicyUri=POLICY_NONE)


def revocation(verdict):
    """What a verdict says of the leaf's revocation; its own status where it did not come so far."""
    if verdict["findings"] and verdict["findings"][0]["step"] in ("structure", "chain", "signature"):
        return verdict["statusName"]
    of_leaf = {finding["step"] for finding in verdict["findings"] if finding["severity"] == "error" and
               finding["chainIndex"] == 0}
    return "revoked" if "revocation" in of_leaf else "unknown" if "findRevocationList" in of_leaf else "good"


def main():
    cases = [make_case(path) for path in sorted((uatrust.corpora() / "boringssl/crl").glob("*.pem"))]
    judging.judge(cases)
    results = []
    for case in cases:
        wanted, got = WANTED[case.name.split("_")[0]], revocation(case.verdict)
        # "accepted" stands for "not known to be revoked, and its list was found"
        results.append((case.name, case.accept, got == "good" if wanted != got else case.accept, got))
    judging.compare(results, "crl.tsv")


if __name__ == "__main__":
    main()
