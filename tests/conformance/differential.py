#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whatever the agent calls Good, `openssl verify` accepts too: over the foreign corpora, at the same moment, with the flags
that ask what the agent asked. Where it does not, KNOWN says why it should."""

import base64
import pathlib
import subprocess
import sys
import tempfile

import boringssl_chain
import judging
import pkits
import uatrust

# PKITS asks for revocation and policies; boringssl's chains ask for neither.
ANY_POLICY = "2.5.29.32.0"
PKITS_FLAGS = ["-crl_check_all", "-extended_crl", "-use_deltas", "-policy_check", "-policy", ANY_POLICY]

# What OpenSSL refuses and should not.
KNOWN = {
    "key-rollover/longrolloverchain":
        "cross-signed: the root's new self-signed certificate is presented, and OpenSSL goes no other way than to it",
    "4.14.30":
        "PKITS wants it valid: the CRL's signer is itself covered by the indirect CRL that it signs",
}


def write_pem(path, label, ders):
    """The path of a PEM file of these objects, None if there are none."""
    text = ""
    for der in ders:
        body = base64.b64encode(der).decode()
        lines = "\n".join(body[i:i + 64] for i in range(0, len(body), 64))
        text += f"-----BEGIN {label}-----\n{lines}\n-----END {label}-----\n"
    path.write_text(text)
    return path if ders else None


def below(case, *folders):
    return [data for name, data in case.files.items() if name.startswith(folders)]


def openssl_says(case, flags):
    """The empty text, or what openssl has against the case."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        leaf = write_pem(folder / "leaf", "CERTIFICATE", case.presented[:1])
        files = {
            "-CAfile": write_pem(folder / "trusted", "CERTIFICATE", below(case, "trusted/certs")),
            "-untrusted": write_pem(folder / "between", "CERTIFICATE",
                                    below(case, "issuers/certs") + case.presented[1:]),
            "-CRLfile": write_pem(folder / "crls", "X509 CRL", below(case, "trusted/crl", "issuers/crl")),
        }
        given = [word for option, path in files.items() if path for word in (option, path)]
        run = subprocess.run(["openssl", "verify", "-no-CApath", "-no-CAstore", "-attime",
                              str(case.more["at"]), *flags, *given, leaf], capture_output=True, text=True)
    return "" if run.returncode == 0 else run.stderr.strip()


def main():
    corpora = uatrust.corpora()
    pairs = [(case, PKITS_FLAGS) for case in pkits.read_cases(corpora / "pkits")]
    pairs += [(case, []) for case in boringssl_chain.read_cases(corpora / "boringssl/chain")]
    judging.judge([case for case, _ in pairs])

    good = [(case, flags) for case, flags in pairs if case.verdict["trusted"]]
    refused = {case.name: said for case, flags in good if (said := openssl_says(case, flags))}
    problems = [f"{name}: Good, but openssl says: {refused[name]}" for name in refused.keys() - KNOWN.keys()]
    problems += [f"{name}: listed, but openssl accepts it, too" for name in KNOWN.keys() - refused.keys()]
    print("\n".join(problems))
    print(f"{len(pairs)} cases, {len(good)} of them Good, {len(refused)} of these refused by openssl")
    sys.exit(1 if problems or not good else 0)


if __name__ == "__main__":
    main()
