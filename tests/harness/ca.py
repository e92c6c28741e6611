# SPDX-License-Identifier: Apache-2.0
"""A certification authority by the command openssl: it answers requests and issues CRLs, well or badly."""

import pathlib
import shutil
import subprocess

KEYS = pathlib.Path(__file__).resolve().parent / "keys"

# What `openssl genpkey` and the signatures of each kind of key are called. CAs have the kind of what they sign.
KINDS = {
    "RSA-2048": (("RSA", "rsa_keygen_bits:2048"), "sha256"),
    "RSA-3072": (("RSA", "rsa_keygen_bits:3072"), "sha256"),
    "RSA-4096": (("RSA", "rsa_keygen_bits:4096"), "sha256"),
    "nistP256": (("EC", "ec_paramgen_curve:P-256"), "sha256"),
    "nistP384": (("EC", "ec_paramgen_curve:P-384"), "sha384"),
    "nistP521": (("EC", "ec_paramgen_curve:P-521"), "sha512"),
    "brainpoolP256r1": (("EC", "ec_paramgen_curve:brainpoolP256r1"), "sha256"),
    "brainpoolP384r1": (("EC", "ec_paramgen_curve:brainpoolP384r1"), "sha384"),
    "brainpoolP512r1": (("EC", "ec_paramgen_curve:brainpoolP512r1"), "sha512"),
    "Ed25519": (("ED25519",), "null"),
    "Ed448": (("ED448",), "null"),
}

CONFIG = """
[ca]
default_ca = this
[this]
dir = {folder}
database = $dir/index
serial = $dir/serial
crlnumber = $dir/number
new_certs_dir = $dir
certificate = $dir/ca.pem
private_key = $dir/ca.key
default_md = {digest}
default_crl_days = 7
policy = any
copy_extensions = none
unique_subject = no
crl_extensions = crl
[any]
[crl]
authorityKeyIdentifier = keyid
[req]
distinguished_name = any
prompt = no
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
"""

LEAF = {
    "basicConstraints": "critical,CA:FALSE",
    "keyUsage": "critical,digitalSignature,nonRepudiation,keyEncipherment,dataEncipherment",
    "extendedKeyUsage": "serverAuth,clientAuth",
    "subjectKeyIdentifier": "hash",
    "authorityKeyIdentifier": "keyid",
}


def openssl(*arguments, **more):
    """Runs it and returns what it printed; what it complains of is an error."""
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, timeout=120, **more)
    if done.returncode:
        raise AssertionError(f"openssl {arguments}: {done.stderr.decode()}")
    return done.stdout


def make_key(path, kind):
    algorithm, *options = KINDS[kind][0] if kind in KINDS else kind
    openssl("genpkey", "-algorithm", algorithm, *(word for option in options for word in ("-pkeyopt", option)),
            "-out", path)


class Authority:
    """CA(folder, kind): its certificate at ca.pem, its CRL at ca.crl (DER) of that folder."""

    def __init__(self, folder, kind, subject="/CN=Test CA/O=Test"):
        self.folder, self.kind = pathlib.Path(folder), kind
        self.folder.mkdir(parents=True)
        self.config = self.folder / "conf"
        self.config.write_text(CONFIG.format(folder=self.folder, digest=KINDS[kind][1]))
        (self.folder / "index").touch()
        (self.folder / "serial").write_text("1234567890abcdef01\n")
        (self.folder / "number").write_text("01\n")
        self.make_key()
        self.pem = self.folder / "ca.pem"
        digest = () if KINDS[kind][1] == "null" else ("-" + KINDS[kind][1],)
        openssl("req", "-x509", "-new", "-config", self.config, "-extensions", "root", "-subj", subject, "-key",
                self.folder / "ca.key", "-days", "90", "-set_serial", "0x1234567890abcdef00", *digest, "-out", self.pem)
        self.der = openssl("x509", "-in", self.pem, "-outform", "DER")
        openssl("ca", "-config", self.config, "-gencrl", "-out", self.folder / "crl.pem")
        self.crl = openssl("crl", "-in", self.folder / "crl.pem", "-outform", "DER")

    def make_key(self):
        """An RSA key takes seconds to make, and nobody looks at a CA's own: it is a fixed one."""
        if self.kind.startswith("RSA-"):
            shutil.copy(KEYS / f"rsa{self.kind.removeprefix('RSA-')}-1.pem", self.folder / "ca.key")
        else:
            make_key(self.folder / "ca.key", self.kind)

    def answer(self, request, names, arguments=(), **extensions):
        """PEM of a certificate for a request; names: of subjectAltName; others: extensions in place of the usual."""
        values = {**LEAF, **({} if self.kind.startswith("RSA") else {"keyUsage": "critical,digitalSignature"}),
                  **extensions}
        more = self.folder / "extensions"
        more.write_text("".join(f"{name} = {value}\n" for name, value in values.items() if value)
                        + (f"subjectAltName = {names}\n" if names else ""))
        answer = self.folder / "answer.pem"
        openssl("ca", "-config", self.config, "-batch", "-notext", "-preserveDN", "-in", request, "-out", answer,
                "-extfile", more, *(arguments or ("-days", "60")))
        return answer.read_text()
