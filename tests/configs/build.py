"""Texts to facts for tests."""

from __future__ import annotations

import hashlib
from textwrap import dedent
from typing import TYPE_CHECKING

from sessiondoctor.configs.files import text_of
from sessiondoctor.configs.reading import read_all

if TYPE_CHECKING:
    from sessiondoctor.evidence.configs.files import Configs


def fingerprint(value: str) -> str:
    """Equal for equal values, and does not show them."""
    return f"key:{hashlib.sha256(value.encode()).hexdigest()[:6]}"


def configs(*texts: str, **owned: str) -> Configs:
    """The facts of texts; `app1="..."` says whose one is, others belong to `file1`, `file2` ..."""
    named = [(f"file{number}", f"file{number}", text) for number, text in enumerate(texts, 1)]
    named += [(name if "." in name else f"{name}/file", name, text) for name, text in owned.items()]
    read = [text_of(dedent(text).lstrip("\n").encode(), name, owner, fingerprint) for name, owner, text in named]
    assert all(text.format for text in read), [text.name for text in read if not text.format]
    return read_all(read)
