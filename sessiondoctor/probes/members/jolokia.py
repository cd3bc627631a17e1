"""Jolokia, `/jolokia/read/PATTERN`: the same MBeans as JSON (Jolokia protocol 8.0, seen with 2.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from sessiondoctor.errors import Unavailable
from sessiondoctor.probes.browser.json_page import at, parse_json
from sessiondoctor.probes.members.mbeans import PATTERNS, Bean, keys_of, view_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sessiondoctor.evidence.members.views import MemberView

_FOUND, _NOTHING = 200, 404


def urls(url: str) -> tuple[str, ...]:
    """One read for each kind of bean."""
    parts = urlsplit(url)
    root = parts.path.rstrip("/")
    return tuple(
        parts._replace(path=f"{root}/read/{quote(pattern, safe=':*,=')}", query="").geturl() for pattern in PATTERNS
    )


def read(texts: Sequence[str], node: str) -> MemberView:
    """What its beans say.

    Raises:
        Unavailable: the first text is no answer of Jolokia.
    """
    answers = [parse_json(text) for text in texts]
    if at(answers[0], "status") not in {_FOUND, _NOTHING} or at(answers[0], "request") is None:
        raise Unavailable(
            "the response is not from a Jolokia that may read MBeans", hint="declare http://host:8778/jolokia"
        )
    return view_of((bean for answer in answers for bean in _beans(at(answer, "value"))), node)


def _beans(value: object) -> Iterator[Bean]:
    for name, attributes in value.items() if isinstance(value, dict) else ():
        if isinstance(attributes, dict):
            yield Bean(keys_of(name), attributes)
