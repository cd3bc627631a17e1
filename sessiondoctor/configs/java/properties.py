"""Properties of Spring Boot, as `.properties` or YAML, by document: flat names with their places.

Names are in the canonical form of relaxed binding: lower case, without dashes and underscores within a part.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sessiondoctor.configs import yaml
from sessiondoctor.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST = 20_000
_LONGEST = 4000
_LINE = regex(r"[ \t]*([\w.\[\]-]{1,200})[ \t]*(?:[=:]|[ \t](?=\S))[ \t]*(.{0,4000})")
_PLACEHOLDER = regex(r"\$\{[^}]{0,300}\}|@[\w.-]{1,100}@|TEMPLATED")


@dataclass(frozen=True, slots=True)
class Property:
    """One property. `value` as written."""

    name: str
    value: str
    line: int
    column: int

    @property
    def known(self) -> str:
        """The value; empty where it is filled in from elsewhere."""
        return "" if _PLACEHOLDER.search(self.value) else self.value.strip().strip("\"'")

    @property
    def default(self) -> str:
        """What a placeholder falls back to: `shop` of `${NAME:shop}`."""
        found = re.fullmatch(r"\$\{[\w.-]{1,200}:([^}]{1,300})\}", self.value.strip().strip("\"'"))
        return found[1] if found else ""


@dataclass(slots=True)
class Document:
    """Properties that hold together: all of a file, or one of its documents with its profiles."""

    properties: dict[str, Property] = field(default_factory=dict)

    def get(self, *names: str) -> Property | None:
        """The first of these properties that is there; names in canonical form."""
        return next((self.properties[name] for name in names if name in self.properties), None)

    def known(self, *names: str) -> str:
        """The value of the first that is there; empty if there is none or it is filled in from elsewhere."""
        found = self.get(*names)
        return found.known if found else ""

    @property
    def profiles(self) -> str:
        """The profiles that this document is for; empty for all."""
        return self.known("spring.config.activate.onprofile", "spring.profiles").lower()

    def under(self, prefix: str) -> Iterator[Property]:
        """All properties below a prefix."""
        return (one for name, one in self.properties.items() if name.startswith(prefix))


def canonical(name: str) -> str:
    """`server.servlet.session.cookie.same-site` and `...cookie.sameSite` are one name."""
    return re.sub(r"[-_]", "", name).lower()


def documents(text: str) -> list[Document]:
    """All documents of a file; YAML where its lines look so."""
    return _of_yaml(text) if is_yaml(text) else _of_lines(text)


def is_yaml(text: str) -> bool:
    """Whether keys are nested by indentation, rather than written out with an equals sign."""
    lines = [line for line in text[:20_000].split("\n") if line.strip() and line.lstrip()[0] not in "#!-"]
    assigned = sum(bool(re.match(r"[ \t]*[\w.\[\]-]+[ \t]*=", line)) for line in lines)
    return assigned * 2 < len(lines)


def _of_yaml(text: str) -> list[Document]:
    found = []
    for root in yaml.documents(text):
        document = Document()
        _flatten(root, "", document)
        found.append(document)
    return found


def _flatten(root: yaml.Node, prefix: str, document: Document) -> None:
    waiting = [(prefix, root)]
    for _ in range(MOST):
        if not waiting:
            break
        path, node = waiting.pop()
        if isinstance(node.value, dict):
            waiting += [(f"{path}.{key}" if path else key, child) for key, child in reversed(node.value.items())]
        elif isinstance(node.value, list):
            words = [item.value for item in node.value if isinstance(item.value, str)]
            _add(document, Property(path, ",".join(words), node.line, node.column))
        else:
            _add(document, Property(path, node.value, node.line, node.column))


def _add(document: Document, one: Property) -> None:
    document.properties.setdefault(canonical(one.name), one)


def _of_lines(text: str) -> list[Document]:
    found = [Document()]
    for number, line in _logical_lines(text):
        if re.match(r"[#!]---\s*$", line):
            found.append(Document())
        elif (match := _LINE.match(line)) and len(found[-1].properties) < MOST:
            one = Property(match[1], match[2].strip(), number, match.start(1) + 1)
            found[-1].properties[canonical(match[1])] = one  # the last one wins, as in Java
    return found


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines with those that a backslash continues, and the number of the first."""
    whole, first = "", 1
    for number, line in enumerate(text.replace("\r", "").split("\n"), 1):
        first = first if whole else number
        whole += line.lstrip() if whole else line
        if whole.endswith("\\") and len(whole) < _LONGEST:
            whole = whole.removesuffix("\\")
            continue
        yield first, whole
        whole = ""
    if whole:
        yield first, whole
