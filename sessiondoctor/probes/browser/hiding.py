"""Which values of cookies are secrets, and which a report needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessiondoctor.formats.affinity_cookie import recognise_affinity
from sessiondoctor.formats.chunked_cookie import is_head
from sessiondoctor.formats.encoded import unescaped

if TYPE_CHECKING:
    from sessiondoctor.formats.set_cookie import SetCookie
    from sessiondoctor.redact import Redactor


def hide_value(cookie: SetCookie, redactor: Redactor) -> None:
    """Scrub a cookie's value from all outputs, unless it names a node or counts the pieces of a value."""
    if not (redactor.names_a_node(cookie.name) or is_head(cookie.value) or _names_a_server(cookie)):
        redactor.hide(cookie.value)
        redactor.hide(unescaped(cookie.value))


def _names_a_server(cookie: SetCookie) -> bool:
    affinity = recognise_affinity(cookie.name, cookie.value)
    return affinity is not None and not affinity.opaque
