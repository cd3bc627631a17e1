"""Local files to facts, for a scan whose topology declares them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessiondoctor.configs.includes import with_includes
from sessiondoctor.configs.reading import LARGEST, read_all
from sessiondoctor.configs.recognition import best
from sessiondoctor.configs.source import Text
from sessiondoctor.evidence.configs.files import ConfigFile, Configs
from sessiondoctor.formats.plain_text import decoded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

UNKNOWN = "its content is not recognised"


def read_files(files: Iterable[tuple[str, Path]], fingerprint: Callable[[str], str]) -> Configs:
    """The facts of files, each with its owner; a file of unknown content is among `files` without a format.

    Raises:
        OSError: a file cannot be read.
    """
    texts: list[Text] = []
    unknown: list[ConfigFile] = []
    for owner, path in files:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
        text = text_of(content, str(path), owner, fingerprint)
        if text.format:
            texts.append(text)
        else:
            unknown.append(ConfigFile(str(path), owner, note=UNKNOWN))
    found = read_all(with_includes(texts))
    return Configs.of_facts((*found.files, *unknown), found.facts())


def text_of(content: bytes, name: str, owner: str, fingerprint: Callable[[str], str], format_: str = "") -> Text:
    """A file's content, cut where it is too long, with its format: as given, else recognised, else empty."""
    note = f"larger than {LARGEST // 1024} KiB: the rest was not read" if len(content) > LARGEST else ""
    text = decoded(content[:LARGEST])
    found = None if format_ else best(name, text[: 64 * 1024])
    return Text(text, name, owner, format_ or (found[0] if found else ""), note=note, fingerprint=fingerprint)
