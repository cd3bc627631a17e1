"""Comments of C-like languages (Java, Kotlin, C#, JavaScript) blanked, in time linear in the text."""

from __future__ import annotations

from sessiondoctor.patterns import regex

_MARK = regex(r"\"(?:[^\"\\\n]|\\.){0,4000}\"|//[^\n]*|/\*")


def blanked(code: str) -> str:
    """The code without comments, each line where it was; `//` within a text is none."""
    parts: list[str] = []
    place = 0
    while found := _MARK.search(code, place):
        end = found.end()
        parts.append(code[place : found.start()])
        if found[0] == "/*":
            closed = code.find("*/", end)
            end = len(code) if closed < 0 else closed + 2
        piece = code[found.start() : end]
        parts.append(piece if piece.startswith('"') else "\n".join(" " * len(line) for line in piece.split("\n")))
        place = end
    return "".join((*parts, code[place:]))
