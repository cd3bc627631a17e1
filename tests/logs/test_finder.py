"""Signatures in logs: counted once each, wherever a piece ends."""

from __future__ import annotations

import random
from typing import Any

import pytest

from sessiondoctor.catalogue.signatures import Signature
from sessiondoctor.evidence.logs import Hit, Log
from sessiondoctor.logs.finder import EXCERPT, Finder
from sessiondoctor.logs.pattern import Pattern
from sessiondoctor.model import Severity
from sessiondoctor.redact import Redactor

NOISE = "2024-01-02 03:04:05 INFO nothing of interest happened here\n"
LONG = NOISE * (EXCERPT + 1)


def signature(match: str = "cart of %{word:user} is gone", **changes: Any) -> Signature:
    """Finds a lost cart."""
    settings: dict[str, Any] = {
        "id": "shop-lost",
        "product": "Shop",
        "stack": "",
        "title": "The shop lost a cart",
        "match": (Pattern.of(match),),
        "role": "loss",
        "severity": Severity.HIGH,
        "alarm": 0.001,
        "causes": {"redis-oom": 0.98},
    }
    return Signature(**(settings | changes))


def read(text: str, *known: Signature, size: int = 1 << 20) -> Log:
    """A log that comes in pieces of this size."""
    data = text.encode()
    chunks = [data[at : at + size] for at in range(0, len(data), size)]
    return Finder(known or (signature(),)).read(chunks, Log("app", "app.log"), Redactor(), 2024)


def hit(text: str, *known: Signature) -> Hit:
    """The only hit."""
    (found,) = read(text, *known).hits
    return found


def test_a_line_is_found_with_its_number_its_date_and_its_fields() -> None:
    """And two lines on either side."""
    found = hit(f"{NOISE}a\nb\n2024-01-02 03:04:06 WARN cart of anna is gone\nc\nd\n{NOISE}")
    assert (found.line, found.count, found.fields) == (4, 1, {"user": ("anna",)})
    assert found.first_at == found.last_at == 1704164646
    assert (found.before, found.after) == (("a", "b"), ("c", "d"))
    assert found.quote.endswith("cart of anna is gone")


@pytest.mark.parametrize("size", [1, 7, 1000, 70_000, 1 << 20])
def test_pieces_change_nothing(size: int) -> None:
    """Wherever they end."""
    draw = random.Random(7)
    lines = [NOISE if draw.random() < 0.8 else f"2024-01-02 03:04:06 cart of u{n} is gone\n" for n in range(800)]
    found = read("".join(lines), size=size)
    (only,) = found.hits
    assert only.count == sum("gone" in line for line in lines)
    assert only.line == next(n for n, line in enumerate(lines, 1) if "gone" in line)
    assert (found.lines, found.size) == (800, len("".join(lines)))


def test_a_thousand_lines_are_one_hit_with_a_course() -> None:
    """Count, first and last, and how many when."""
    lines = [f"2024-01-02 03:{minute:02}:00 cart of anna is gone\n" for minute in range(0, 40, 2)]
    found = hit("".join(lines))
    assert found.count == sum(found.when) == 20
    assert found.last_at
    assert found.first_at
    assert found.last_at - found.first_at == 38 * 60


def test_a_stack_trace_has_the_date_of_its_message() -> None:
    """The line itself has none."""
    found = hit("2024-01-02 03:04:06 ERROR x\njava.lang.Error: y\n\tat a.b\nCaused by: cart of anna is gone\n")
    assert found.first_at == 1704164646


def test_near_asks_for_a_word_in_the_same_event() -> None:
    """Above or below; in an excerpt nobody asks."""
    near = signature(near=("session",))
    trace = "2024-01-02 03:04:06 ERROR Session x\n\tat a.b\nCaused by: cart of anna is gone\n"
    assert read(LONG + trace, near).hits
    assert read(LONG + "2024-01-02 03:04:06 cart of anna is gone\n\tat the Session\n", near).hits
    assert not read(LONG + "2024-01-02 03:04:06 cart of anna is gone\n" + LONG, near).hits
    assert not read("2024-01-02 03:04:05 session\n" + LONG + "2024-01-02 03:04:06 cart of anna is gone\n", near).hits
    assert read("cart of anna is gone\n", near).hits


def test_unlike_forbids_a_text_in_the_same_event() -> None:
    """Even in an excerpt."""
    unlike = signature(unlike=("Spark",))
    assert not read("Spark: cart of anna is gone\n", unlike).hits
    assert read("Flink: cart of anna is gone\n", unlike).hits


def test_until_takes_back_what_came_before() -> None:
    """And not what comes after."""
    until = signature(until=(Pattern.of("all carts are back"),))
    assert not read("cart of anna is gone\nall carts are back\n", until).hits
    assert read("all carts are back\ncart of anna is gone\n", until).hits


def test_times_asks_for_several_lines() -> None:
    """Once may be normal."""
    twice = signature(times=2)
    assert not read("cart of anna is gone\n", twice).hits
    assert read("cart of anna is gone\n" * 2, twice).hits


def test_anchors_inside_each_other_are_all_found() -> None:
    """One line may prove two things."""
    other = signature("is gone for good", id="other")
    assert {one.signature for one in read("cart of anna is gone for good\n", signature(), other).hits} == {
        "shop-lost",
        "other",
    }


def test_a_very_long_line_is_bounded() -> None:
    """Nothing is lost beside it, and what stands in its middle is found."""
    log = read("x" * (9 << 20) + " cart of anna is gone " + "y" * (9 << 20) + "\n" + NOISE, size=1 << 20)
    assert [one.signature for one in log.hits] == ["shop-lost"]
    assert len(log.hits[0].quote) <= 300


def test_binary_content_finds_nothing() -> None:
    """And ends."""
    assert not read("\0\1\2" * 100_000).hits


def test_a_log_that_ends_early_says_so() -> None:
    """What came before counts."""

    def pieces() -> Any:
        yield b"cart of anna is gone\n"
        raise EOFError("the compressed file ends too early")

    log = Finder((signature(),)).read(pieces(), Log("app", "app.log"), Redactor(), 2024)
    assert (len(log.hits), log.cut) == (1, "the compressed file ends too early")
