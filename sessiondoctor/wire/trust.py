"""Whose certificates are accepted, and what is wrong with one that is not."""

from __future__ import annotations

import ssl
from dataclasses import dataclass

from sessiondoctor.errors import UsageError

# X509_V_ERR_* of OpenSSL, include/openssl/x509_vfy.h.
_CERTIFICATE_FAULTS = {
    9: "is not valid yet",
    10: "has expired",
    18: "is self-signed",
    19: "was issued by an unknown authority",
    20: "was issued by an unknown authority",
    21: "was issued by an unknown authority",
    23: "was revoked",
    62: "is for another host name",
    64: "is for another IP address",
}
# What OpenSSL says of bytes that are no TLS record; which of them depends on its version.
_NO_TLS = {"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG", "RECORD_LAYER_FAILURE"}


@dataclass(frozen=True, slots=True)
class Trust:
    """Which certificates to accept: of the authorities in the PEM file `ca`, else of the system's."""

    ca: str = ""
    verify: bool = True


def tls_context(trust: Trust) -> ssl.SSLContext:
    """Build what TLS connections share. Loading the system's authorities takes 30 ms: do it once.

    The rules are those of browsers and curl: `VERIFY_X509_STRICT`, which Python 3.13 turns on in
    `ssl.create_default_context`, refuses authorities that those accept.

    Raises:
        UsageError: `trust.ca` cannot be read or holds no certificate.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_alpn_protocols(["http/1.1"])
    if not trust.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif trust.ca:
        _load(context, trust.ca)
    else:
        context.load_default_certs()
    return context


class Contexts:
    """One context for each trust, made when it is first needed."""

    def __init__(self) -> None:
        self._made: dict[Trust, ssl.SSLContext] = {}

    def of(self, trust: Trust) -> ssl.SSLContext:
        """The context.

        Raises:
            UsageError: as `tls_context`.
        """
        context = self._made.get(trust)
        if context is None:
            context = self._made[trust] = tls_context(trust)
        return context


def tls_fault(error: ssl.SSLError) -> str:
    """Say in words what went wrong with TLS; only OpenSSL's own constants are quoted."""
    if isinstance(error, ssl.SSLCertVerificationError):
        fault = _CERTIFICATE_FAULTS.get(error.verify_code, f"is refused (OpenSSL code {error.verify_code})")
        return f"its certificate {fault}"
    reason = error.reason or "unknown reason"
    if reason in _NO_TLS:
        return "it does not speak TLS on this port"
    return f"TLS failed: {reason.lower().replace('_', ' ')}"


def _load(context: ssl.SSLContext, path: str) -> None:
    try:
        context.load_verify_locations(cafile=path)
    except ssl.SSLError:
        raise UsageError(f"{path}: no certificates in PEM form") from None
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
