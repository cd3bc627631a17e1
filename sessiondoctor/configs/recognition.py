"""Which reader knows a text."""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from pkgutil import walk_packages
from typing import TYPE_CHECKING, Protocol, cast

from sessiondoctor.configs import readers as room
from sessiondoctor.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.configs.source import Text
    from sessiondoctor.evidence.configs.fact import Fact

_CODE = (
    ".go",
    ".py",
    ".js",
    ".ts",
    ".mjs",
    ".cjs",
    ".tsx",
    ".jsx",
    ".java",
    ".kt",
    ".cs",
    ".php",
    ".rb",
    ".rs",
    ".c",
    ".h",
    ".cpp",
    ".sh",
    ".md",
    ".rst",
    ".html",
    ".vb",
    ".scala",
    ".groovy",
)
_OF_TESTS = regex(
    r"(?:^|/)(?:\.env\.(?:test|testing|ci)(?:\.\w+)?|conftest\.py|test_[^/]*\.py"
    r"|[^/]*(?:_test\.py|_spec\.rb|(?-i:Tests?)\.(?:java|kt|cs)|\.(?:test|spec)\.[jt]sx?))$"
    r"|^(?:[^/][^/]*/)*(?:tests?|spec|__tests__)/(?:[^/]+/)*[^/]*\.(?:py|php|rb|[cm]?[jt]sx?)$",
    re.IGNORECASE,
)
_STARTS = regex(r"(?:docker-)?(?:entry|start|run|boot|launch)[\w.-]*\.sh$")
LEAST = 20
"""A lower score than this is no recognition."""


class Reader(Protocol):
    """A module of `sessiondoctor.configs.readers`."""

    TITLE: str

    def score(self, name: str, head: str) -> int:
        """How surely a text is this format, 0 to 100."""

    def read(self, text: Text) -> Iterator[Fact | Text]:
        """The facts of a text, and parts of it in other formats."""


@cache
def readers() -> dict[str, Reader]:
    """All readers by the name of their format."""
    found = walk_packages(room.__path__, f"{room.__name__}.")
    modules = sorted(module.name for module in found if not module.ispkg)
    return {_format(name): cast("Reader", import_module(name)) for name in modules}


def room_of(format_: str) -> str:
    """What a format is of: balancers, clouds, deployment, applications, stores."""
    return str(getattr(readers()[format_], "__name__", "")).partition(".readers.")[2].partition(".")[0]


def _format(module: str) -> str:
    return module.rpartition(".")[2].replace("_", "-")


def best(name: str, head: str) -> tuple[str, int] | None:
    """The format that fits best, and its score; none for code of tests, which sets sessions up for itself."""
    if _OF_TESTS.search(name.replace("\\", "/")):
        return None
    base = name.replace("\\", "/").rpartition("/")[2].lower()
    code = base.endswith(_CODE)
    asked = ((format_, reader) for format_, reader in readers().items() if not code or _reads_code(reader, base))
    scores = [(format_, reader.score(base, head)) for format_, reader in asked]
    found = max(scores, key=lambda pair: pair[1], default=("", 0))
    return found if found[1] >= LEAST and head.strip() else None


def _reads_code(reader: Reader, base: str) -> bool:
    """Source code may quote any format; only readers of applications look for set-up in it.

    A script that starts a container by its name is read for what it starts.
    """
    module = getattr(reader, "__name__", "")
    return ".applications." in module or (module.endswith(".start_up") and bool(_STARTS.match(base)))
