"""What tells one build of an application from another, in a page that it answers with."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from sessiondoctor.probes.browser.html import attribute, tree_of
from sessiondoctor.probes.nodes.matrix import version_headers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.wire.message import Response

FILES: Final = "the scripts and styles of its page"
"""A trait by this name is a digest: builds put one of their own into these names."""
_DIGITS = 12


def traits_of(response: Response) -> dict[str, str]:
    """Headers with a version, and the names of the page's scripts and styles; what varies by itself is for others."""
    if response.status >= 400:
        return {}
    files = sorted({*_files(response)} - {""})
    digest = hashlib.sha256("\n".join(files).encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]
    return version_headers(response) | ({FILES: digest} if files else {})


def _files(response: Response) -> Iterator[str]:
    if "html" not in response.header("content-type"):
        return
    tree = tree_of(response.text)
    for element in tree.css("script[src], link[rel=stylesheet][href]") if tree else ():
        yield attribute(element, "src") or attribute(element, "href") or ""
