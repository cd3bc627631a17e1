"""Every signature finds the lines that it names, and no other product's."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest

from sessiondoctor.catalogue.check_files import builtin
from sessiondoctor.catalogue.loader import Catalogue
from sessiondoctor.catalogue.signatures import Signature, read_signatures
from sessiondoctor.errors import CatalogueError
from sessiondoctor.evidence.logs import Log
from sessiondoctor.logs.finder import Finder
from sessiondoctor.redact import Redactor

if TYPE_CHECKING:
    from pathlib import Path

CATALOGUE = Catalogue((builtin(),))
FILE = """
product: Shop
signatures:
  shop-lost:
    title: The shop lost a cart
    match: ["cart of %{word:user} is gone"]
    role: loss
    causes: {redis-oom: always}
    seen: ["cart of anna is gone"]
"""


@cache
def finder() -> Finder:
    """All signatures of the catalogue."""
    return Finder(tuple(CATALOGUE.signatures.values()))


def found(text: str) -> set[str]:
    """The signatures that a log shows."""
    log = finder().read([text.encode()], Log("app", "app.log"), Redactor(), 2026)
    return {hit.signature for hit in log.hits}


def signatures() -> list[Signature]:
    """All of them, for parameters."""
    return list(CATALOGUE.signatures.values())


@pytest.mark.parametrize("signature", signatures(), ids=lambda one: one.id)
def test_a_signature_finds_its_lines(signature: Signature) -> None:
    """Each line of `seen` alone, as often as the signature asks, and none of `unseen`."""
    for line in signature.seen:
        assert signature.id in found(f"{line}\n" * signature.times)
    for line in signature.unseen:
        assert signature.id not in found(f"{line}\n" * signature.times)


@pytest.mark.parametrize("signature", signatures(), ids=lambda one: one.id)
def test_a_signature_is_found_behind_the_prefixes_of_containers(signature: Signature) -> None:
    """docker, containerd, compose, journald, and as JSON."""
    for line in signature.seen:
        escaped = line.replace("\\", "\\\\").replace('"', '\\"').replace("'", "\\u0027").replace("<", "\\u003c")
        for prefixed in (
            f"2024-01-02T03:04:05.678901234Z stderr F {line}",
            f"app-1  | {line}",
            f"Jan  2 03:04:05 host shop[123]: {line}",
            f'{{"log":"{escaped}\\n","stream":"stderr","time":"2024-01-02T03:04:05.678Z"}}',
            f'{{"time":"2024-01-02T03:04:05Z","level":"error","message":"{escaped}"}}',
        ):
            assert signature.id in found(f"{prefixed}\n" * signature.times), prefixed


@pytest.mark.parametrize("signature", signatures(), ids=lambda one: one.id)
def test_a_signature_says_what_it_means(signature: Signature) -> None:
    """A sentence of at most twelve words, without a full stop."""
    assert signature.title[0].isupper() or signature.title.split()[0] in {"memcached", "nginx", "phpMyAdmin"}
    assert not signature.title.endswith(".")
    assert len(signature.title.split()) <= 12
    assert max(signature.causes.values()) >= 0.4


@pytest.mark.parametrize(
    ("line", "changed", "message"),
    [
        ("title: The shop lost a cart", "titel: x", "did you mean 'title'"),
        ("role: loss", "role: lost", "role: expected one of loss, sign, hygiene"),
        ("{redis-oom: always}", "{redis-oom: mostly}", "expected one of always"),
        ("%{word:user}", "%{wort:user}", "expected one of class"),
        ("cart of %{word:user} is gone", "%{word:user}", "letters in a row that are literal"),
        ('seen: ["cart of anna is gone"]', "seen: []", "seen is missing"),
        ("product: Shop", "produkt: Shop", "there is no key 'produkt'"),
        ("signatures:", "signatures: [", "no YAML"),
    ],
)
def test_a_mistake_in_a_file_is_told(tmp_path: Path, line: str, changed: str, message: str) -> None:
    """With the file and the key."""
    path = tmp_path / "shop.yaml"
    path.write_text(FILE.replace(line, changed))
    with pytest.raises(CatalogueError, match=message) as caught:
        read_signatures(path)
    assert str(path) in str(caught.value)


def test_a_pack_brings_its_own_signatures(tmp_path: Path) -> None:
    """A file under `signatures` is its registration; an unknown cause is an error with did-you-mean."""
    (tmp_path / "signatures").mkdir()
    path = tmp_path / "signatures" / "shop.yaml"
    path.write_text(FILE)
    assert "shop-lost" in Catalogue((builtin(), tmp_path)).signatures
    path.write_text(FILE.replace("redis-oom", "redis-omm"))
    with pytest.raises(CatalogueError, match="did you mean 'redis-oom'"):
        _ = Catalogue((builtin(), tmp_path)).signatures


def test_a_signature_cannot_take_the_id_of_a_check(tmp_path: Path) -> None:
    """Findings are told apart by it."""
    (tmp_path / "signatures").mkdir()
    (tmp_path / "signatures" / "shop.yaml").write_text(FILE.replace("shop-lost", "oom-errors"))
    with pytest.raises(CatalogueError, match="is taken by"):
        _ = Catalogue((builtin(), tmp_path)).signatures
