"""Loads a topology file: YAML in, a `Topology` or all of its problems out.

    bytes -> compose (nodes) -> reader (plain data) -> validate (model) -> relations, flows -> Topology

Only this module and those it names import PyYAML and pydantic.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from yaml.nodes import MappingNode

from sessiondoctor.errors import Mistake, TopologyError, UsageError
from sessiondoctor.topology.compose import YamlError, compose, position
from sessiondoctor.topology.document import Document
from sessiondoctor.topology.flows import check_flow
from sessiondoctor.topology.reader import Reader
from sessiondoctor.topology.relations import check_relations
from sessiondoctor.topology.secret import Secret
from sessiondoctor.topology.texts import Surroundings
from sessiondoctor.topology.validate import validate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sessiondoctor.topology.model import Topology

MAX_BYTES = 1024 * 1024


def load(path: Path | str, environ: Mapping[str, str]) -> Topology:
    """The topology of a file; paths in it are joined to the file's folder, `${NAME}` comes from `environ`.

    Raises:
        TopologyError: with every problem of the file.
        UsageError: the file cannot be read.
    """
    document = Document(str(path))
    try:
        return _topology(document, _text(path), Surroundings(Path(path).parent, environ))
    except YamlError as error:
        raise _refused(document.file, error) from None


def load_text(text: str, name: str, environ: Mapping[str, str]) -> Topology:
    """The topology of a file of another machine: its paths are not looked at.

    Raises:
        TopologyError: with every problem of the text.
    """
    document = Document(name)
    try:
        return _topology(document, text, Surroundings(Path(name).parent, environ, elsewhere=True))
    except YamlError as error:
        raise _refused(document.file, error) from None


def _topology(document: Document, text: str, around: Surroundings) -> Topology:
    _read(document, text, around.environ)
    topology = validate(document, around)
    check_relations(document)
    check_flow(document)
    problems = document.problems()
    if problems or topology is None:
        raise TopologyError(problems)
    environment = frozenset(map(Secret, document.environment))
    return dataclasses.replace(topology, file=document.file, lines=_lines(document), environment=environment)


def _read(document: Document, source: str, environ: Mapping[str, str]) -> None:
    root = compose(source)
    if not isinstance(root, MappingNode):
        found = "another value" if root else "nothing"
        raise YamlError(1, 1, f"expected keys and values, at least site: {{url: https://...}}, found {found}")
    Reader(document, source, environ).read(root)


def _text(path: Path | str) -> str:
    try:
        with Path(path).open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or 'not a path'}") from None
    if len(content) > MAX_BYTES:
        raise YamlError(1, 1, f"larger than {MAX_BYTES // 1024} KiB")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line, column = position(content.decode("latin-1"), error.start)
        raise YamlError(line, column, "not UTF-8 text") from None


def _refused(file: str, error: YamlError) -> TopologyError:
    return TopologyError((Mistake(file, error.line, error.column, error.message),))


def _lines(document: Document) -> dict[tuple[str | int, ...], int]:
    return {path: place.key.start_mark.line + 1 for path, place in document.places.items() if path}
