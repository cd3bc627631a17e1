"""Bytes of any file as text."""

from __future__ import annotations

_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def decoded(content: bytes) -> str:
    r"""UTF-8, UTF-16 with a mark, or whatever letters it has, with `\\n` between lines; empty for binary content."""
    if content.startswith(_UTF16):
        return _lines(content.decode("utf-16", "replace"))
    if b"\0" in content:
        return ""
    return _lines(content.decode("utf-8-sig", "replace"))


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
