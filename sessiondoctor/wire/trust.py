"""Whose certificates are accepted, and what is wrong with one that is not."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sessiondoctor.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sessiondoctor.errors import Trouble

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
_UNKNOWN_AUTHORITY = {18, 19, 20, 21}
# Alerts of RFC 8446 section 6.2 that speak of our certificate, as OpenSSL names them.
_CLIENT_CERTIFICATE = {
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": "it asks for a client certificate",
    "SSLV3_ALERT_BAD_CERTIFICATE": "it asks for a client certificate, and for one that it accepts",
    "TLSV1_ALERT_UNKNOWN_CA": "it does not know the authority of our client certificate",
}
# What OpenSSL says of bytes that are no TLS record; which of them depends on its version.
_NO_TLS = {"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG", "RECORD_LAYER_FAILURE"}


Http = Literal["", "1.1", "2"]
"""The version of HTTP to speak; empty for what TLS agrees on, and 1.1 without TLS."""

_OFFERS: Mapping[Http, list[str]] = {"": ["h2", "http/1.1"], "1.1": ["http/1.1"], "2": ["h2"]}


@dataclass(frozen=True, slots=True)
class Trust:
    """Which certificates to accept, which to show, and what to speak.

    Attributes:
        ca: PEM file of the authorities to accept, in the place of the system's.
        verify: false accepts every certificate.
        cert: PEM file of our own certificate, for servers that ask for one; it may hold the key, too.
        key: PEM file of its key.
        http: the version of HTTP.
    """

    ca: str = ""
    verify: bool = True
    cert: str = ""
    key: str = ""
    http: Http = ""

    def beside(self, site: Trust) -> Trust:
        """This trust of a peer, with what holds for the whole site where it says nothing itself.

        The site's authorities are the site's alone; and that it speaks HTTP/2 does not mean that its nodes do.
        """
        own = self if self.cert else site
        http = self.http or ("1.1" if site.http == "1.1" else "")
        return Trust(self.ca, self.verify and site.verify, own.cert, own.key, http)


def tls_context(trust: Trust) -> ssl.SSLContext:
    """Build what TLS connections share. Loading the system's authorities takes 30 ms: do it once.

    The rules are those of browsers and curl: `VERIFY_X509_STRICT`, which Python 3.13 turns on in
    `ssl.create_default_context`, refuses authorities that those accept.

    Raises:
        UsageError: a file of `trust` cannot be read or holds something else.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if not trust.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif trust.ca:
        _load(context, trust.ca)
    else:
        context.load_default_certs()
    if trust.cert:
        _show(context, trust)
    return context


def offer_http(context: ssl.SSLContext, http: Http) -> None:
    """Offer the versions of HTTP in the handshake, the newest first, as browsers do (ALPN, RFC 7301)."""
    context.set_alpn_protocols(_OFFERS[http])


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


def tls_trouble(error: ssl.SSLError) -> Trouble:
    """The kind of trouble that it is."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return "unknown-authority" if error.verify_code in _UNKNOWN_AUTHORITY else "certificate"
    return "client-certificate" if error.reason in _CLIENT_CERTIFICATE else "tls"


def tls_fault(error: ssl.SSLError) -> str:
    """Say in words what went wrong with TLS; only OpenSSL's own constants are quoted."""
    if isinstance(error, ssl.SSLCertVerificationError):
        fault = _CERTIFICATE_FAULTS.get(error.verify_code, f"is refused (OpenSSL code {error.verify_code})")
        return f"its certificate {fault}"
    reason = error.reason or "unknown reason"
    if reason in _NO_TLS:
        return "it does not speak TLS on this port"
    if reason in _CLIENT_CERTIFICATE:
        return _CLIENT_CERTIFICATE[reason]
    return f"TLS failed: {reason.lower().replace('_', ' ')}"


def _show(context: ssl.SSLContext, trust: Trust) -> None:
    files = trust.cert if trust.key in {"", trust.cert} else f"{trust.cert} and {trust.key}"
    try:
        # Without a password OpenSSL would ask for one on the terminal.
        context.load_cert_chain(trust.cert, trust.key or None, password="")
    except ssl.SSLError as error:
        why = "belong to different pairs" if error.reason == "KEY_VALUES_MISMATCH" else "no certificate with its key"
        raise UsageError(f"{files}: {why}, in PEM form and without a password, for servers that ask for one") from None
    except OSError as error:
        raise UsageError(f"{files}: {error.strerror}") from None


def _load(context: ssl.SSLContext, path: str) -> None:
    try:
        context.load_verify_locations(cafile=path)
    except ssl.SSLError:
        raise UsageError(f"{path}: no certificates in PEM form") from None
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
