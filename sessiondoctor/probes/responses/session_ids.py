"""What of a session cookie the key of the session in a store may hold."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessiondoctor.formats.encoded import unescaped
from sessiondoctor.formats.session_cookie import recognise_session, store_ids

if TYPE_CHECKING:
    from sessiondoctor.formats.set_cookie import SetCookie

# Rails and others append `--` and a digest; ids in base64url may have dashes of their own.
_BETWEEN_PARTS = re.compile(r"--(?=[0-9a-f]{32,128}\Z)|[.:|~!]")
_SHORTEST_PART = 16  # ids have 64 bits or more (OWASP Session Management): 16 hexadecimal digits


def ids_of(cookie: SetCookie) -> tuple[str, ...]:
    """What the key may hold; of a cookie that only its declared name makes a session cookie, the value itself.

    Applications and what stands in front of them append a signature, a node or a seal to an id: its parts are tried as
    well. Empty if the cookie does not tell the key.
    """
    known = recognise_session(cookie.name, cookie.value)
    ids = store_ids(cookie.name, cookie.value) if known else (unescaped(cookie.value),)
    parts = (part for text in ids for part in _BETWEEN_PARTS.split(text) if len(part) >= _SHORTEST_PART)
    return tuple(dict.fromkeys((*ids, *parts)))
