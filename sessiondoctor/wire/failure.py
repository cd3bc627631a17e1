"""What went wrong, as one line for the user: names the place, never a URL, a header or a body."""

from __future__ import annotations

import errno
import os
import re
import ssl
from http import HTTPStatus
from typing import TYPE_CHECKING

from sessiondoctor.errors import Unavailable, Unreachable
from sessiondoctor.wire.trust import tls_fault, tls_trouble

if TYPE_CHECKING:
    from sessiondoctor.errors import Trouble

_LOCAL = {errno.EADDRNOTAVAIL, errno.EMFILE, errno.ENFILE, errno.EAFNOSUPPORT}
_SILENT = {errno.ETIMEDOUT, errno.EHOSTUNREACH, errno.ENETUNREACH}
_TLS_HINTS = {
    "unknown authority": "name the authority's certificate file: --cacert FILE, or `ca` in the topology",
    "self-signed": "name this certificate's file: --cacert FILE, or `ca` in the topology",
    "does not speak TLS": "try http:// instead of https://",
    "asks for a client certificate": "--cert FILE and --key FILE, or `site.client_cert` and `site.client_key`",
    "alert handshake failure": "it may ask for a client certificate (--cert FILE) or for another version of TLS",
}
_TRY_HTTPS = "try https:// instead of http://"
# The pages of nginx (496, sent as 400) and, in the second line, of nginx (497), Apache, Go.
_NO_CERTIFICATE = b"No required SSL certificate was sent"
_PLAIN_TO_TLS = (
    b"The plain HTTP request was sent to HTTPS port",
    b"speaking plain HTTP to an SSL-enabled server port",
    b"Client sent an HTTP request to an HTTPS server",
)
_TLS_ALERT = b"\x15\x03"  # record type alert, any version: RFC 8446 section 5.1
# How the messages of h11 begin, and what we say; the rest of them quotes what the server sent.
_HTTP_FAULTS = {
    "illegal status line": "its status line is not HTTP/1",
    "illegal header line": "a header line is not valid HTTP",
    "conflicting Content-Length": "it states two lengths of its body",
    "bad Content-Length": "the length of its body is not a number",
    "illegal chunk header": "its chunked encoding is broken",
    "malformed chunk footer": "its chunked encoding is broken",
    "multiple Transfer-Encoding": "it states two transfer encodings",
    "Only Transfer-Encoding": "its transfer encoding is unknown",
    "Received server _SWITCH_UPGRADE": "it changes the protocol without being asked",
}
# How h2 shows the frames by which a peer of HTTP/2 refuses.
_HTTP2_REFUSALS = ("<ConnectionTerminated", "<StreamReset")
_HTTP_TOO_LONG = "Receive buffer too long"


def not_connected(place: str, error: OSError, seconds: float) -> Unavailable:
    """Tell why there is no connection; `Unavailable` itself where this machine is the reason."""
    if isinstance(error, ssl.SSLError):
        return tls_failed(place, error)
    if _is_ours(error):
        return Unreachable(f"{place}: no connection within {seconds:.3g} s", trouble="timeout")
    if error.errno in _LOCAL:
        return Unavailable(f"cannot connect to {place} from here: {_system_says(error)}")
    if isinstance(error, ConnectionRefusedError):
        return Unreachable(f"{place}: connection refused", trouble="refused")
    trouble: Trouble = "timeout" if error.errno in _SILENT else "closed"
    return Unreachable(f"{place}: no connection: {_system_says(error)}", trouble=trouble)


def broken(place: str, error: OSError, seconds: float, received: int) -> Unreachable:
    """Tell how an exchange ended after `received` bytes of the response."""
    if isinstance(error, ssl.SSLError):
        return tls_failed(place, error)
    if _is_ours(error):
        what = "complete response" if received else "answer"
        return Unreachable(f"{place}: no {what} within {seconds:.3g} s", trouble="timeout")
    trouble: Trouble = "timeout" if error.errno in _SILENT else "closed"
    return Unreachable(f"{place}: connection lost: {_system_says(error)}", trouble=trouble)


def not_http(place: str, opening: bytes, *, ended: bool, http2: bool) -> Unreachable | None:
    """Tell what an answer is that begins like none of HTTP; None of one that does.

    Args:
        place: of the peer.
        opening: its first bytes; none if there was no answer.
        ended: the peer has closed the connection.
        http2: that is what was agreed on.
    """
    if ended and not opening:
        return Unreachable(f"{place}: closed the connection without an answer", trouble="closed")
    if opening.startswith(_TLS_ALERT):
        return Unreachable(f"{place}: it answers in TLS", trouble="malformed", hint=_TRY_HTTPS)
    if http2 or b"HTTP/".startswith(opening[:5]):
        return None
    return Unreachable(f"{place}: it does not answer in HTTP/1", trouble="malformed")


def unreadable(place: str, error: Exception, *, ended: bool) -> Unreachable:
    """Tell what is wrong with a response that httpcore cannot read; only the beginning of its text is compared."""
    said = str(error)
    if said.startswith(_HTTP_TOO_LONG):
        return Unreachable(f"{place}: its chunk lines or trailers are too long", trouble="too-large")
    if said.startswith(_HTTP2_REFUSALS):
        return Unreachable(f"{place}: ended the request before its response was complete", trouble="closed")
    if ended:
        return Unreachable(f"{place}: closed the connection in the middle of its response", trouble="closed")
    fault = next((fault for start, fault in _HTTP_FAULTS.items() if said.startswith(start)), "")
    return Unreachable(f"{place}: {fault or 'it does not answer in HTTP'}", trouble="malformed")


def tls_failed(place: str, error: ssl.SSLError) -> Unreachable:
    """Tell what is wrong with TLS, and what to do about it where that is known."""
    fault = tls_fault(error)
    hint = next((hint for sign, hint in _TLS_HINTS.items() if sign in fault), "")
    return Unreachable(f"{place}: {fault}", trouble=tls_trouble(error), hint=hint)


def through_proxy(place: str, problem: Unavailable) -> Unreachable:
    """Tell that not the peer is the reason, but the proxy before it."""
    return Unreachable(f"{place}: its proxy {problem.reason}", trouble="proxy", hint=problem.hint)


def refused_by_proxy(place: str, proxy: str, said: str) -> Unreachable:
    """Tell why a proxy does not lead on; of what it said only a status is quoted, and what httpcore has words for."""
    status = re.match("[0-9]{3}", said)
    hint = "write user and password into its URL: http://user:password@proxy:3128"
    if (status and status[0] in {"401", "407"}) or "username" in said or "AUTHENTICATION" in said:
        return Unreachable(f"{place}: its proxy {proxy} demands a login", trouble="proxy", hint=hint)
    found = re.search("could not connect: ([A-Za-z ]{1,40})", said)
    why = f"answers {status[0]}" if status else (found[1].lower() if found else "does not speak its protocol")
    return Unreachable(f"{place}: its proxy {proxy} does not connect to it: {why}", trouble="proxy")


def misdirected(place: str, status: int, body: bytes, *, secure: bool) -> Unreachable | None:
    """Tell of an answer that is a server's complaint about TLS, and no page."""
    if status != HTTPStatus.BAD_REQUEST:
        return None
    if secure and _NO_CERTIFICATE in body:
        fault = "it asks for a client certificate"
        return Unreachable(f"{place}: {fault}", trouble="client-certificate", hint=_TLS_HINTS[fault[3:]])
    if not secure and any(complaint in body for complaint in _PLAIN_TO_TLS):
        return Unreachable(f"{place}: it wants TLS on this port", trouble="malformed", hint=_TRY_HTTPS)
    return None


def unknown_name(place: str, why: str) -> Unreachable:
    """Tell that a name has no address."""
    return Unreachable(f"{place}: the name was not found: {why}", trouble="dns")


def _is_ours(error: OSError) -> bool:
    """Whether this is our own deadline, not the system's ETIMEDOUT."""
    return isinstance(error, TimeoutError) and not error.errno


def _system_says(error: OSError) -> str:
    """Return the system's own words for an error number; asyncio's texts name addresses and sockets."""
    return os.strerror(error.errno).lower() if error.errno else "the peer closed it"
