"""Text from outside made harmless: no renderer shows a control character or a bidirectional mark as it came."""

from __future__ import annotations

import unicodedata

_KEPT = {"\n"}
# Cc control, Cf format (bidi marks, zero width, BOM), Cs lone surrogates, Co private use, Zl and Zp separators.
_UNSAFE = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


def printable(text: str) -> str:
    r"""The text with what a terminal or a reader's eye could be fooled by written as `\x1b` or `\u202e`."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(char if char in _KEPT or _safe(char) else _written(char) for char in text)


def one_line(text: str) -> str:
    """Printable, on one line."""
    return printable(" ".join(text.split("\n")))


def no_command(line: str) -> str:
    """A line of output that begins with `::`, however indented, is a command to GitHub's runner; then it is none."""
    begin = line.lstrip()
    return line.replace("::", r"\::", 1) if begin.startswith("::") else line


def _safe(char: str) -> bool:
    return unicodedata.category(char) not in _UNSAFE


def _written(char: str) -> str:
    code = ord(char)
    if code <= 0xFF:  # two hexadecimal digits
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # four digits
