"""Cookie names made from the address a request was sent to.

Some hold host and port (Jupyter: `username-127-0-0-1-8888`), some a hash of the URL (WordPress: COOKIEHASH, the MD5 of
`siteurl`), some the scheme (phpMyAdmin: `phpMyAdmin_https`). The same server, asked at another address, uses another
name.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from sessiondoctor.errors import UsageError
from sessiondoctor.wire.address import Origin, split_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sessiondoctor.formats.jar import Jar
    from sessiondoctor.wire.message import Headers

_SEPARATED = r"[-._]"
_ANY = "*"
_OVER_TLS = "_https"
_HASH = re.compile(r"(?<![0-9a-f])([0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})(?![0-9a-f])", re.IGNORECASE)
_BY_LENGTH = {32: "md5", 40: "sha1", 64: "sha256"}
_MOST_FOLDERS = 8
_FORMS = ("{origin}{path}", "{origin}{path}/", "{host}{path}", "{host}{path}/", "{name}")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server believes that it was asked.

    Attributes:
        path: of the application below the origin, without the slash at its end.
    """

    origin: Origin
    path: str = ""

    @classmethod
    def of(cls, url: str, headers: Headers = ()) -> Address:
        """That of a URL, by the Host and X-Forwarded-Proto that requests to it carry."""
        told = {name.lower(): value for name, value in headers}
        target = split_url(url)
        own = target.origin
        try:
            seen = split_url(f"{told.get('x-forwarded-proto') or own.scheme}://{told.get('host') or own.host_header}")
        except UsageError:
            return cls(own, _folder(target.path))
        return cls(seen.origin, _folder(target.path))

    @property
    def told(self) -> str:
        """The port as a name holds it: none where the Host header has none."""
        return str(self.origin.port) if self.origin.host_header == self.origin.authority else ""


def without_address(name: str, here: Address, paths: Iterable[str] = ()) -> str:
    """The name with what comes from the address taken out; as it is where nothing does.

    Args:
        name: of a cookie.
        here: where it was set.
        paths: below which the application may be, besides that of the address, as cookies' Path.
    """
    bare = _pattern(here.origin.host, here.origin.port).sub(_ANY, name)
    known = _recipes(here, paths)
    return _HASH.sub(lambda found: _ANY if found[0].lower() in known else found[0], bare)


def readdressed(name: str, here: Address, there: Address, paths: Iterable[str] = ()) -> str:
    """The name as the same server would give it at another address; unchanged where it holds none.

    Signs between the parts stay as the server wrote them.
    """
    known = _recipes(here, paths)
    named = _HASH.sub(lambda found: _rehashed(found[0], known, there), name)
    if (here.origin.scheme, there.origin.scheme) == ("https", "http"):
        named = named.removesuffix(_OVER_TLS)
    found = _pattern(here.origin.host, here.origin.port).search(named)
    if not found or here.origin == there.origin:
        return named
    sign = re.search(_SEPARATED, found[0])
    parts = (*re.split(r"[.:]", there.origin.host), there.told)
    inside = (sign[0] if sign else "-").join(filter(None, parts))
    return f"{named[: found.start()]}{inside}{named[found.end() :]}"


def moved(jar: Jar, here: Address, there: Address) -> Jar:
    """The jar itself, unless a cookie's name holds the address of the place where it comes from."""
    paths = {cookie.path for cookie in jar.all()}
    named = [(one, readdressed(one.name, here, there, paths)) for one in jar.all()]
    old = {one.name for one, name in named if name != one.name}
    renamed = (replace(one, name=name) for one, name in named if one.name in old)
    return jar.without(old).with_cookies(renamed) if old else jar


@dataclass(frozen=True, slots=True)
class _HashRecipe:
    """How a hash was made of an address."""

    form: str
    path: str

    def text(self, address: Address) -> str:
        origin = address.origin
        return self.form.format(origin=origin, host=origin.host_header, name=origin.host, path=self.path)


def _rehashed(digest: str, known: dict[str, _HashRecipe], there: Address) -> str:
    recipe = known.get(digest.lower())
    return _digest(recipe.text(there), _BY_LENGTH[len(digest)]) if recipe else digest


def _recipes(here: Address, paths: Iterable[str]) -> dict[str, _HashRecipe]:
    """Every hash that may have been made of the address."""
    folders = tuple(sorted({here.path, *(folder for path in paths for folder in _folders(path))}))
    return _hashes(here, folders)


@lru_cache(maxsize=64)
def _hashes(here: Address, folders: tuple[str, ...]) -> dict[str, _HashRecipe]:
    recipes = [_HashRecipe(form, folder) for form in _FORMS for folder in folders]
    return {_digest(one.text(here), kind): one for one in recipes for kind in _BY_LENGTH.values()}


def _digest(text: str, kind: str) -> str:
    return hashlib.new(kind, text.encode(), usedforsecurity=False).hexdigest()


def _folders(path: str) -> Iterator[str]:
    """`/a/b` is below ``, `/a` and `/a/b`."""
    parts = path.strip("/").split("/")[:_MOST_FOLDERS]
    yield ""
    yield from (f"/{'/'.join(parts[: end + 1])}" for end in range(len(parts)) if parts[end])


def _folder(path: str) -> str:
    return path.partition("?")[0].rstrip("/")


@lru_cache(maxsize=64)
def _pattern(host: str, port: int) -> re.Pattern[str]:
    parts = map(re.escape, re.split(r"[.:]", host))
    return re.compile(rf"{_SEPARATED.join(parts)}{_SEPARATED}{port}(?![0-9])", re.IGNORECASE)
