"""Every reader of the registry, given every kind of file that is made to hurt."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from sessiondoctor.configs.files import read_files, text_of
from sessiondoctor.configs.reading import LARGEST, read_text
from sessiondoctor.configs.recognition import readers
from tests.configs.build import fingerprint

if TYPE_CHECKING:
    from pathlib import Path

SECONDS = 4.0
"""The bound of one file on a slow machine; 2 MiB are read of it."""

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
LAUGHING_YAML = "a0: &a0 [x,x]\n" + "".join(f"a{n}: &a{n} [{f'*a{n - 1},' * 10}]\n" for n in range(1, 40))
MERGING_YAML = "a0: &a0 {x: y}\n" + "".join(
    f"a{n}: &a{n}\n  <<: [*a{n - 1}, *a{n - 1}]\n  k{n}: v\n" for n in range(1, 60)
)
OUTSIDE = '<!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]><Server port="1">&x;</Server>'
BOMBS = {
    "deep braces": b"a {\n" * 300_000,
    "deep brackets": b"[" * 1_000_000,
    "deep json": b'{"a":' * 300_000,
    "deep xml": b"<a>" * 400_000,
    "deep yaml": "".join(f"{' ' * (n % 400)}a:\n" for n in range(20_000)).encode(),
    "deep parentheses": b"app.use(session({store: f(" * 60_000,
    "yaml laughs": LAUGHING_YAML.encode(),
    "yaml merges": MERGING_YAML.encode(),
    "xml laughs": f'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY l0 "ha">{LAUGHS}]><web-app>&l9;</web-app>'.encode(),
    "xml outside": OUTSIDE.encode(),
    "one long line": b"spring.session.timeout=" + b"9" * 1_900_000,
    "many lines": b"session.cookie_secure = On\n" * 70_000,
    "many quotes": b"\"'" * 900_000,
    "many backslashes": b"\\" * 1_900_000,
    "many comments": b"/* // # <!-- -- ; " * 100_000,
    "broken utf-8": b"session.name = \xff\xfe\x80\xc3\n" * 20_000,
    "utf-16": ("session.save_handler = redis\n" * 1000).encode("utf-16"),
    "zeros": b"\x00" * 1_900_000,
}  # fmt: skip


@pytest.mark.parametrize("bomb", BOMBS)
@pytest.mark.parametrize("format_", sorted(readers()))
def test_every_reader_ends_in_its_bound(format_: str, bomb: str) -> None:
    """Without an error of its own; what could not be read is one line."""
    began = time.process_time()
    facts, note = read_text(text_of(BOMBS[bomb], bomb, bomb, fingerprint, format_))
    assert time.process_time() - began < SECONDS
    assert "bug" not in note
    assert "\n" not in note
    assert len(facts) <= 20_000
    assert "root:" not in repr(facts)


@pytest.mark.parametrize("bomb", BOMBS)
def test_recognition_ends_in_its_bound(bomb: str) -> None:
    """All readers are asked for the beginning of a file."""
    began = time.process_time()
    text_of(BOMBS[bomb], bomb, bomb, fingerprint)
    assert time.process_time() - began < 2


def test_a_huge_file_is_cut(tmp_path: Path) -> None:
    """Of 100 MB two are read, and that is said."""
    file = tmp_path / "haproxy.cfg"
    with file.open("wb") as opened:
        opened.write(b"backend app\n  balance source\n  server a 10.0.0.1:80 check\n")
        for _ in range(100):
            opened.write(b"# 16 characters\n" * 65_536)
    began = time.process_time()
    (found,) = read_files([("edge", file)], fingerprint).files
    assert time.process_time() - began < SECONDS
    assert found.note == f"larger than {LARGEST // 1024} KiB: the rest was not read"
