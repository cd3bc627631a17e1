"""What of a session cookie the key of the session in a store may hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessiondoctor.formats.encoded import unescaped
from sessiondoctor.formats.session_cookie import recognise_session, store_ids

if TYPE_CHECKING:
    from sessiondoctor.formats.set_cookie import SetCookie


def ids_of(cookie: SetCookie) -> tuple[str, ...]:
    """What the key may hold; of a cookie that only its declared name makes a session cookie, the value itself."""
    if recognise_session(cookie.name, cookie.value):
        return store_ids(cookie.name, cookie.value)
    return (unescaped(cookie.value),)
