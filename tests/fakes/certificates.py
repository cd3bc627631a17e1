"""An authority of our own and certificates with every common fault, made by the `openssl` program."""

from __future__ import annotations

import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

CONFIG = """\
[req]
distinguished_name = name
[name]
[ca]
default_ca = authority
[authority]
database = index.txt
new_certs_dir = .
rand_serial = yes
default_md = sha256
unique_subject = no
policy = any
[any]
commonName = supplied
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[leaf]
basicConstraints = critical, CA:FALSE
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always
subjectAltName = DNS:shop.example, IP:127.0.0.1
[other]
basicConstraints = critical, CA:FALSE
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always
subjectAltName = DNS:other.example
"""
PAST, FUTURE, FAR = "20200101000000Z", "20480101000000Z", "20490101000000Z"


@dataclass(frozen=True, slots=True)
class Authority:
    """A folder with `ca.crt` and keys; issues certificates for shop.example and 127.0.0.1."""

    home: Path

    @property
    def ca(self) -> str:
        """The file to trust."""
        return str(self.home / "ca.crt")

    def good(self) -> ssl.SSLContext:
        """Return a server's context with a certificate that nothing is wrong with."""
        return self._issue("good", "leaf", PAST, FAR)

    def expired(self) -> ssl.SSLContext:
        """Return one whose certificate was valid in the past."""
        return self._issue("expired", "leaf", PAST, "20200102000000Z")

    def not_yet_valid(self) -> ssl.SSLContext:
        """Return one whose certificate will be valid in the future."""
        return self._issue("future", "leaf", FUTURE, FAR)

    def for_another_host(self) -> ssl.SSLContext:
        """Return one whose certificate is for other.example only."""
        return self._issue("other", "other", PAST, FAR)

    def self_signed(self) -> ssl.SSLContext:
        """Return one whose certificate vouches for itself."""
        _openssl(self.home, "req", "-x509", "-key", "leaf.key", *_subject("self", "leaf"), "-out", "self.crt")
        return self._context("self")

    def _issue(self, name: str, section: str, start: str, end: str) -> ssl.SSLContext:
        _openssl(self.home, "req", "-new", "-key", "leaf.key", *_subject(name, section), "-out", f"{name}.csr")
        signer = ("-cert", "ca.crt", "-keyfile", "ca.key", "-config", "openssl.cnf", "-extensions", section)
        period = ("-startdate", start, "-enddate", end)
        _openssl(self.home, "ca", "-batch", "-notext", *signer, *period, "-in", f"{name}.csr", "-out", f"{name}.crt")
        return self._context(name)

    def _context(self, name: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.home / f"{name}.crt", self.home / "leaf.key")
        return context


def authority(home: Path) -> Authority:
    """Make an authority in `home`, an existing empty folder."""
    (home / "openssl.cnf").write_text(CONFIG)
    (home / "index.txt").touch()
    for key in ("ca.key", "leaf.key"):
        _openssl(home, "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key)
    _openssl(home, "req", "-x509", "-key", "ca.key", *_subject("test authority", "root"), "-out", "ca.crt")
    return Authority(home)


def _subject(name: str, section: str) -> tuple[str, ...]:
    extensions = ("-extensions", section) if section == "root" or name == "self" else ()
    return ("-subj", f"/CN={name}", "-config", "openssl.cnf", *extensions)


def _openssl(home: Path, *arguments: str) -> None:
    subprocess.run(("openssl", *arguments), cwd=home, check=True, capture_output=True, timeout=10)
