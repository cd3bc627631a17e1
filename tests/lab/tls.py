"""A certificate authority of the laboratory and one certificate for 127.0.0.1."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.lab.cache import run
from tests.lab.process import Program

# Complete enough for Python 3.13 and newer, which verify strictly (RFC 5280, 4.2.1).
CONFIG = """\
[req]
distinguished_name = name
[name]
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[leaf]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always
subjectAltName = IP:127.0.0.1, DNS:localhost
"""


@dataclass(frozen=True, slots=True)
class Certificate:
    """PEM files: the authority to trust, and key plus certificate for a server."""

    ca: Path
    server: Path


def certificate(home: Path) -> Certificate:
    """Make both in `home`, an existing folder."""
    (home / "openssl.cnf").write_text(CONFIG)
    _issue(home, "ca", "ca", "lab authority")
    _issue(home, "server", "leaf", "lab server", "-CA", "ca.crt", "-CAkey", "ca.key")
    both = home / "server.pem"
    both.write_text((home / "server.crt").read_text() + (home / "server.key").read_text())
    return Certificate(home / "ca.crt", both)


def _issue(home: Path, stem: str, section: str, common_name: str, *signer: str) -> None:
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{stem}.key")
    subject = ("-subj", f"/CN={common_name}", "-days", "2", "-extensions", section, "-config", "openssl.cnf")
    run(Program("openssl", "openssl").path(), "req", "-x509", *key, *subject, *signer, "-out", f"{stem}.crt", cwd=home)
