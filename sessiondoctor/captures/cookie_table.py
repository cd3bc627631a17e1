"""The table of cookies in a browser's developer tools, copied as text: columns by tabs.

Chrome: Name, Value, Domain, Path, Expires / Max-Age, Size, HttpOnly, Secure, SameSite; Firefox and Safari: the same
words in another order, `true` and `false`, or a tick.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessiondoctor.captures.recorded import NOWHERE, Recorded

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_COLUMNS = {
    "name": "name", "value": "value", "domain": "domain", "path": "path", "expires / max-age": "expires",
    "expires": "expires", "size": "size", "httponly": "http_only", "secure": "secure", "samesite": "same_site",
}  # fmt: skip
_YES = {"true", "✓", "✔", "yes"}
_CHROME = ("name", "value", "domain", "path", "expires", "size", "http_only", "secure", "same_site")
_HOST = re.compile(r"\.?[\w-]{1,63}(\.[\w-]{1,63}){0,20}")
_MOST = 500
_FEWEST = 7


def read_cookie_table(text: str) -> tuple[Recorded, ...]:
    """One exchange for each host, as if it had set its cookies: what a browser holds, it has taken."""
    by_host: dict[str, list[tuple[str, str]]] = {}
    for row in _rows(text):
        by_host.setdefault(row.get("domain", "").lstrip(".") or NOWHERE, []).append(("Set-Cookie", _set_cookie(row)))
    urls = {f"https://{host}/": tuple(headers) for host, headers in by_host.items()}
    return tuple(Recorded(url, status=200, headers=headers, client="browser") for url, headers in urls.items())


def looks_like_cookie_table(text: str) -> bool:
    """Rows of tabs with a host and a path, or the heading."""
    return any(True for _ in _rows(text[:20_000]))


def _rows(text: str) -> Iterator[Mapping[str, str]]:
    columns: tuple[str, ...] = _CHROME
    for line in text.splitlines()[:_MOST]:
        cells = [cell.strip() for cell in line.split("\t")]
        heads = [_COLUMNS.get(cell.lower(), "") for cell in cells]
        if "name" in heads and "value" in heads:
            columns = tuple(heads)
        elif len(cells) >= _FEWEST:
            row = dict(zip(columns, cells, strict=False))
            if (
                row.get("name")
                and re.fullmatch(r"\.?[\w-]+(\.[\w-]+)*", row.get("domain", ""))
                and row.get("path", "/").startswith("/")
            ):
                yield row


def _set_cookie(row: Mapping[str, str]) -> str:
    parts = [f"{row['name']}={row.get('value', '')}"]
    if row.get("domain", "").startswith("."):
        parts.append(f"Domain={row['domain'].lstrip('.')}")
    parts.append(f"Path={row.get('path') or '/'}")
    flags = (("HttpOnly", "http_only"), ("Secure", "secure"))
    parts += [word for word, key in flags if row.get(key, "").lower() in _YES]
    if row.get("same_site", "").lower() in {"lax", "strict", "none"}:
        parts.append(f"SameSite={row['same_site']}")
    return "; ".join(parts)
