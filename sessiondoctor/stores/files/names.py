"""Names of session files: whose they are, and what the file of an id is called."""

from __future__ import annotations

import re
from hashlib import md5
from typing import TYPE_CHECKING

from sessiondoctor.formats.session_value import Layout
from sessiondoctor.stores.keys import prefix_of, session_layout

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_SAFE_ID = re.compile(r"[A-Za-z0-9,_:~=+-][A-Za-z0-9,_:.~=+-]{3,255}")
_DEPTHS = (1, 2, 3)  # session.save_path = "N;/path"
# PHP, ext/session/mod_files.c; Django, sessions/backends/file.py; Tomcat, session/FileStore.java; Rails,
# ActiveSupport::Cache::FileStore (a name is URL-encoded); express: session-file-store; cachelib: FileSystemCache;
# Laravel: FileSessionHandler.
_ROWS = (
    ("php", "php", r"(sess_)[A-Za-z0-9,-]{4,256}"),
    ("tomcat", "tomcat", r"()[^/]{8,200}\.session"),
    ("rails-server-side", "rails", r"(.{0,100})2%3A%3A[0-9a-f]{64}"),
    ("express-session", "express", r"()[\w-]{8,128}\.json"),
    ("flask-session", "flask", r"()[0-9a-f]{32}"),
    ("django", "django", r"([A-Za-z][\w-]{0,60}?)[a-z0-9]{32}"),
    ("laravel", "laravel", r"()[A-Za-z0-9]{40}"),
)


def layout_of(name: str, patterns: Iterable[str]) -> Layout | None:
    """Whose session file this is; `declared` if only a declared pattern says so, None for something else."""
    for product, stack, pattern in _ROWS:
        if found := re.fullmatch(pattern, name, re.ASCII):
            return Layout(product, found[1], stack)
    known = session_layout(name.encode("utf-8", "surrogateescape"), patterns)
    return known if known and known.product == "declared" else None


def safe(ids: Iterable[str]) -> list[str]:
    """Those that may stand in the name of a file: they come from cookies."""
    return [text for text in ids if _SAFE_ID.fullmatch(text)]


def declared_paths(ids: Sequence[str], patterns: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Names by the declared patterns, below the folder, and what stands before the id."""
    for pattern in patterns:
        prefix = prefix_of(pattern)
        if "/" not in prefix and "\x00" not in prefix:
            yield from ((prefix + text, prefix) for text in safe(ids))


def known_paths(ids: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Names by the layouts of known products, below the folder, and what stands before the id."""
    for text in safe(ids):
        yield f"sess_{text}", "sess_"
        yield from (("/".join((*text[:depth], f"sess_{text}")), "sess_") for depth in _DEPTHS)
        yield f"sessionid{text}", "sessionid"
        yield f"{text}.session", ""
        yield f"{text}.json", ""
        yield text, ""
        yield md5(f"session:{text}".encode(), usedforsecurity=False).hexdigest(), ""
