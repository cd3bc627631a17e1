"""What went wrong, as one line for the user: names the place, never a URL, a header or a body."""

from __future__ import annotations

import errno
import os
import ssl
from typing import TYPE_CHECKING

from sessiondoctor.errors import Unavailable, Unreachable
from sessiondoctor.wire.trust import tls_fault

if TYPE_CHECKING:
    from sessiondoctor.errors import Trouble

_LOCAL = {errno.EADDRNOTAVAIL, errno.EMFILE, errno.ENFILE, errno.EAFNOSUPPORT}
_SILENT = {errno.ETIMEDOUT, errno.EHOSTUNREACH, errno.ENETUNREACH}
_TLS_HINTS = {
    "unknown authority": "name the authority's certificate file as `ca`",
    "self-signed": "name this certificate's file as `ca`",
    "does not speak TLS": "try http:// instead of https://",
}


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


def tls_failed(place: str, error: ssl.SSLError) -> Unreachable:
    """Tell what is wrong with TLS, and what to do about it where that is known."""
    fault = tls_fault(error)
    hint = next((hint for sign, hint in _TLS_HINTS.items() if sign in fault), "")
    return Unreachable(f"{place}: {fault}", trouble="tls", hint=hint)


def unknown_name(place: str, why: str) -> Unreachable:
    """Tell that a name has no address."""
    return Unreachable(f"{place}: the name was not found: {why}", trouble="dns")


def _is_ours(error: OSError) -> bool:
    """Whether this is our own deadline, not the system's ETIMEDOUT."""
    return isinstance(error, TimeoutError) and not error.errno


def _system_says(error: OSError) -> str:
    """Return the system's own words for an error number; asyncio's texts name addresses and sockets."""
    return os.strerror(error.errno).lower() if error.errno else "the peer closed it"
